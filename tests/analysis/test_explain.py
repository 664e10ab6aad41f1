"""Explanations of recorded forecasts: rows add up whatever happened to the files, and single pieces are left out."""

import random
import shutil
from dataclasses import replace
from datetime import date
from itertools import permutations
from math import log

import numpy as np
import pytest

from forecast.analysis.why.asked import look_up
from forecast.analysis.why.documents import explain_document
from forecast.analysis.why.explain import explain
from forecast.analysis.why.leave_out import by_source
from forecast.analysis.why.pool import Served, moved
from forecast.api import Workspace
from forecast.errors import InputError, LedgerError
from forecast.inference.reweight import MIN_ESS, prior_anchor, weigh
from forecast.ledger.store import LEDGER_FILE, open_ledger
from forecast.model.answers import outcomes
from forecast.model.arrays import arrays
from forecast.scenario.read import read_scenario

from ..builders import event, make_evidence, make_settings, says, watched
from ..workspaces import DAY, add_report, edit, exact, forecast_toy, write_toy
from .made import explained, made
from .test_rows import QUESTION

#: What the rows must add up to.
ADD_UP = 1e-9

OPEN = ("regime-2025:durable", "regime-2025", "unbroken-2025", "meeting-2024", "meeting-2024:no", "dispute-2024")


def logit(p):
    return log(p / (1 - p))


def document_of(workspace, later, asked, earlier=None):
    """The document of an explanation without what stands beside its rows, which takes three times as long."""
    question, _, outcome = asked.partition(":")
    with open_ledger(workspace / LEDGER_FILE, read_only=True) as ledger:
        begin, end = (look_up(ledger, workspace, name) if name else None for name in (earlier, later))
        found = explain(ledger, workspace, begin, end, question, outcome or None, None, beside=False)
    return explain_document(found)


@pytest.fixture(scope="module")
def pairs(history):
    """Explanations of random pairs of forecasts and of single forecasts, in random questions."""
    chance = random.Random(20240107)
    every = [*permutations(history.ids, 2)]
    ends = [*chance.sample(every, 24), *((None, later) for later in history.ids)]
    return [document_of(history.workspace, later, chance.choice(OPEN), earlier) for earlier, later in ends]


def test_rows_add_up_between_any_two_forecasts(pairs):
    kinds = set()
    n_explained = 0
    for document in pairs:
        if document["reason"] is not None:
            assert not document["rows"]
            continue
        n_explained += 1
        total = sum(row["log_odds"] for row in document["rows"])
        assert total == pytest.approx(logit(document["to"]["p"]) - logit(document["from"]["p"]), abs=ADD_UP)
        p = document["from"]["p"]
        for row in document["rows"]:
            assert logit(row["p_after"]) - logit(p) == pytest.approx(row["log_odds"], abs=ADD_UP)
            p = row["p_after"]
        assert p == document["to"]["p"]
        kinds |= {row["kind"] for row in document["rows"]}
    assert n_explained > 20
    assert kinds == {
        "sampling", "model", "question", "withdrawn", "changed", "watches", "as_of", "event", "silence",
    }  # fmt: skip


def test_the_ends_are_the_numbers_on_record(history, pairs):
    with open_ledger(history.workspace / LEDGER_FILE, read_only=True) as ledger:
        for document in pairs:
            for end in (document["from"], document["to"]):
                if end["forecast"] is None or end["p"] is None:
                    continue
                answers = ledger.entry(end["forecast"]).forecast.answers
                found = [a.p for a in answers if (a.question, a.outcome) == (document["question"], document["outcome"])]
                assert found == [end["p"]]


def test_noise_is_within_its_error_where_the_draws_of_the_ends_are_gone(history, tmp_path):
    # without stored draws the ends are computed from the prior: 4 Monte Carlo errors must hold in 95% of cases
    shutil.copytree(history.workspace, tmp_path / "toy")
    shutil.rmtree(tmp_path / "toy/.forecast/draws")
    within = []
    for later in history.ids:
        for question in ("regime-2025:durable", "unbroken-2025", "meeting-2024"):
            document = document_of(tmp_path / "toy", later, question)
            last = document["rows"][-1] if document["rows"] else None
            if last is not None and not last["approximate"]:
                assert last["log_odds"] != 0.0
                within.append(abs(last["log_odds"]) <= 4 * last["mcse"])
    assert len(within) > 15
    assert np.mean(within) >= 0.95


def test_rows_are_those_of_thirty_times_as_many_draws(tmp_path):
    # every node from scratch, without benches: the prior drawn 120,000 times, and the ratio of plain means
    first, as_of = date(2023, 1, 1), date(2023, 12, 20)
    model = make_settings(per_year={"attack": [[1, 3], [0.1, 0.5]], "visit": [[0.5, 2], [2, 5]]}, tau=0.5)
    events = [
        event("raid", "attack", date(2023, 2, 3), origins=[says("one", "B2"), says("two", "C3")]),
        event("trip", "visit", date(2023, 4, 1), date(2023, 6, 30)),
        event("late", "attack", date(2023, 11, 3), origins=[says("two", "A1")]),
    ]
    later = made("fc-b", model, make_evidence(first, events, [watched("attack", first, as_of)]), as_of, [QUESTION])
    nodes = [*((events[:n], {}) for n in range(4)), (events, None)]
    exact_nodes = []
    for known, silence in nodes:
        data = arrays(make_evidence(first, known, later.evidence.watches), model, as_of, silence)
        likelihood, values = [], []
        for seed in range(30):
            weighed = weigh(prior_anchor(model, data, seed), model, data)
            likelihood.append(np.exp(weighed.filtered.log_likelihood.sum(axis=1)))
            values.append(weighed.answer(QUESTION, model, data)[:, 0])
        weights, x = np.concatenate(likelihood) / np.sum(likelihood), np.concatenate(values)
        p = float(weights @ x)
        exact_nodes.append((logit(p), float(np.sqrt((weights**2) @ (x - p) ** 2)) / (p * (1 - p))))

    rows = explained(tmp_path, None, later, outcome="regime0").rows

    assert [row.label for row in rows[:3]] == ["raid", "trip", "late"]
    for row, before, after in zip(rows[:4], exact_nodes[:4], exact_nodes[1:], strict=True):
        assert abs(row.log_odds) > 10 * row.mcse or row.label == "trip"
        assert row.log_odds == pytest.approx(after[0] - before[0], abs=4 * (row.mcse + np.hypot(after[1], before[1])))


def test_leaving_out_is_a_forecast_without(history):
    later = history.ids[3]
    document = Workspace(history.workspace).explain(f"{later}/unbroken-2025").document
    with open_ledger(history.workspace / LEDGER_FILE, read_only=True) as ledger:
        forecast = look_up(ledger, history.workspace, later)
    question = forecast.question("unbroken-2025")
    rows = {row["id"]: row for row in document["leave_one_out"] if row["by"] == "event"}
    assert set(rows) == {row.id for row in forecast.evidence.events}
    for name, row in rows.items():
        left = replace(forecast.evidence, events=tuple(e for e in forecast.evidence.events if e.id != name))
        data = arrays(left, forecast.model, forecast.as_of)
        weighed = weigh(prior_anchor(forecast.model, data, 123), forecast.model, data)
        values = weighed.answer(question, forecast.model, data)[:, 0]
        p = float(weighed.weights @ values)
        error = float(np.sqrt(weighed.weights @ (values - p) ** 2))
        # both from other draws, each with at least this many that count
        assert row["p"] == pytest.approx(p, abs=4 * error * np.sqrt(1 / weighed.ess + 1 / MIN_ESS))


def test_the_noise_of_other_draws_is_no_effect_of_what_is_left_out():
    draws = np.random.default_rng(1).beta(2, 4, size=(4, 250))
    even = np.full(draws.shape, 1 / draws.size)
    whole, other = (Served("fit-x", values, even, 0.1, 900.0) for values in (draws, draws**2))
    # the record says 0.359 where these draws give a third: nothing changed, so nothing moved
    assert moved(0.359, whole, whole) == pytest.approx(0.359, abs=1e-12)
    assert logit(moved(0.359, whole, other)) - logit(0.359) == pytest.approx(logit(other.p) - logit(whole.p))
    # certain answers have no log-odds to move
    assert moved(1.0, whole, other) == other.p


def test_sources_are_left_out_as_long_as_the_files_give_the_evidence_on_record(tmp_path):
    workspace = write_toy(tmp_path / "toy")
    made_now = forecast_toy(workspace, made_on=date(2026, 1, 1), as_of=DAY)
    shown = Workspace(workspace).explain(f"{made_now.entry.id}/unbroken-2025").document
    # all is from one source: without it there is nothing but silence
    sources = [row for row in shown["leave_one_out"] if row["by"] == "source"]
    assert [row["id"] for row in sources] == ["paper"]
    assert shown["by_source"] is True

    edit(workspace, "toy/evidence/reports.yaml", "grade: C3}", "grade: C4}")
    after = Workspace(workspace).explain(f"{made_now.entry.id}/unbroken-2025").document
    assert after["by_source"] is False
    assert not [row for row in after["leave_one_out"] if row["by"] == "source"]
    # the rest comes from the ledger
    assert after["rows"] == shown["rows"]


def test_without_a_source_is_the_evidence_of_files_without_its_reports(tmp_path):
    workspace = write_toy(tmp_path / "toy")
    path = workspace / "scenarios/toy/sources.yaml"
    path.write_text(path.read_text() + "wire: {title: Another, published: 2024-01-08, reliability: C}\n")
    edit(
        workspace, "toy/evidence/reports.yaml", "id: R2, indicator: dispute", "id: R2, source: wire, indicator: dispute"
    )
    made_now = forecast_toy(workspace, made_on=date(2026, 1, 1), as_of=DAY)
    with open_ledger(workspace / LEDGER_FILE, read_only=True) as ledger:
        forecast = look_up(ledger, workspace, made_now.entry.id)
    left = by_source(read_scenario(workspace, "toy"), forecast)
    assert {name: [event.id for event in evidence.events] for name, evidence in left.items()} == {
        "paper": ["fish"],
        "wire": ["seaside", "summit"],
    }


def test_by_default_the_outcome_is_the_one_that_moved_most(history):
    document = Workspace(history.workspace).explain(f"{history.ids[0]}/regime-2025").document
    # of two regimes both move alike, with opposite signs; of a question with yes and no, yes
    assert document["outcome"] in ("durable", "fragile")
    assert Workspace(history.workspace).explain(f"{history.ids[0]}/meeting-2024").document["outcome"] == "yes"


def test_the_forecast_before_is_found_by_the_word_earlier(history):
    document = Workspace(history.workspace).explain(f"{history.ids[1]}/unbroken-2025", "earlier").document
    assert document["from"]["forecast"] == history.ids[0]


def test_the_benchmark_has_no_rows_but_noise_and_nothing_to_leave_out(history):
    document = Workspace(history.workspace).explain(f"{history.ids[2]}/unbroken-2025").document
    assert [row["kind"] for row in document["rows"]] == ["sampling"]
    assert document["leave_one_out"] == []
    assert document["sensitivity"] == []


def test_a_closed_question_has_no_rows_but_a_reason(history):
    document = Workspace(history.workspace).explain(f"{history.ids[1]}/dispute-2024").document
    assert document["rows"] == []
    assert document["reason"] == (f"dispute-2024 is resolved as yes in {history.ids[1]}: it has no probability there")


def test_what_is_certain_has_no_rows_but_a_reason(tmp_path):
    # one regime for certain: P(regime1) is 0 whatever is seen
    first, as_of = date(2023, 1, 1), date(2023, 6, 30)
    model = make_settings(initial=(1.0, 0.0), absorbing=(True, False))
    later = made("fc-b", model, make_evidence(first, [event("e", "attack", first)]), as_of, [QUESTION])
    found = explained(tmp_path, None, later, outcome="regime1")
    assert found.rows == ()
    assert found.reason == "the probability is 0 or 1 on the way: log-odds are infinite"


def test_what_is_certain_but_for_rounding_has_no_rows_either(tmp_path):
    """A certain meeting in the window: 'no' has what the sums leave over, 1e-17, and no log-odds worth telling."""
    toy = write_toy(tmp_path)
    add_report(
        toy,
        "id: R9, indicator: meeting, event: jan, when: 2024-01-05, claim: They met., asserted_as: fact, p_true: [1, 1]",
    )
    forecast_toy(toy)
    document = document_of(toy, "toy", "meeting-2024:no")
    assert 0 < document["to"]["p"] < 1e-15
    assert document["rows"] == []
    assert document["reason"] == "the probability is 0 or 1 on the way: log-odds are infinite"


def test_rows_from_draws_that_do_not_serve_say_so_and_refitting_mends_them(tmp_path):
    # two years of an event every month in a watch: from the prior, weights fall on a handful of draws
    first, as_of = date(2022, 1, 1), date(2023, 12, 31)
    days = [date(2022 + month // 12, month % 12 + 1, 15) for month in range(24)]
    events = [
        event(f"e{number}", "attack", day, origins=[says(p_true=(0.99, 0.99))]) for number, day in enumerate(days)
    ]
    model = make_settings(per_year={"attack": [[1, 30], [0.1, 5]]}, stays=[[0.2, 4.0]] * 2)
    later = made("fc-b", model, make_evidence(first, events, [watched("attack", first, as_of)]), as_of, [QUESTION])
    found = explained(tmp_path, None, later, outcome="regime0")
    assert found.approximate
    assert any(row.approximate for row in found.rows)
    assert all(row.approximate == (row.khat is not None and row.khat > 0.7) or row.approximate for row in found.rows)


def test_a_refit_is_asked_for_where_no_draws_serve(history, tmp_path):
    asked = []

    def sampler(model, data, seed, progress):
        asked.append(seed)
        return exact(model, data, seed, progress)

    shutil.copytree(history.workspace, tmp_path / "toy")
    workspace = Workspace(tmp_path / "toy")
    document = workspace.explain(f"{history.ids[5]}/unbroken-2025", refit=True, sampler=sampler).document
    assert bool(asked) == workspace.explain(f"{history.ids[5]}/unbroken-2025").document["approximate"]
    assert len(set(asked)) == len(asked)
    assert document["rows"]


@pytest.mark.parametrize(
    ("ref", "since", "message"),
    [
        ("fc-nothing", None, "'fc-nothing' is in no log"),
        ("nowhere", None, "no forecast of 'nowhere' is recorded"),
        ("toy/regime-2026", None, r"asks no question 'regime-2026'; did you mean 'regime-2025'"),
        ("toy/regime-2025:durabel", None, "has no outcome 'durabel'; did you mean 'durable'"),
        ("toy/regime-2025", "fc-nothing", "'fc-nothing' is in no log"),
        ("toy/regime-2025", "nowhere", "no forecast of 'nowhere' is recorded"),
        ("toy//regime", None, "names nothing"),
    ],
)
def test_what_cannot_be_explained_is_an_error(history, ref, since, message):
    with pytest.raises(InputError, match=message):
        Workspace(history.workspace).explain(ref, since)


def test_a_forecast_is_not_compared_with_itself_or_with_none_before_it(history):
    with pytest.raises(InputError, match="cannot be compared with itself"):
        Workspace(history.workspace).explain(history.ids[0], history.ids[0])
    with pytest.raises(InputError, match="no forecast of its model as of an earlier day was on record"):
        Workspace(history.workspace).explain(history.ids[0], "earlier")


def test_forecasts_of_two_scenarios_are_not_compared(tmp_path):
    first = date(2023, 1, 1)
    model, evidence = make_settings(), make_evidence(first)
    one = made("fc-a", model, evidence, date(2023, 6, 30), [QUESTION])
    other = replace(one, id="fc-b", forecast=replace(one.forecast, scenario="other"))
    with pytest.raises(InputError, match="fc-a is a forecast of toy, fc-b of other"):
        explained(tmp_path, one, other)


def test_a_forecast_without_its_model_on_record_is_explained_from_the_files_or_not_at_all(history, tmp_path):
    with open_ledger(history.workspace / LEDGER_FILE, read_only=True) as ledger:
        entry = ledger.entry(history.ids[0])

        class Old:
            """A ledger from before models were recorded."""

            def __getattr__(self, name):
                return getattr(ledger, name)

            def entry(self, _):
                return entry

            def model(self, _):
                return None

        with pytest.raises(
            LedgerError, match="its log holds no settings of model v1, and those in the files are others"
        ):
            look_up(Old(), history.workspace, entry.id)
        toy = write_toy(tmp_path / "toy")
        assert outcomes(QUESTION, look_up(Old(), toy, entry.id).model) == ("durable", "fragile")
