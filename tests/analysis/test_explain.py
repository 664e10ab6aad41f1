"""Explanations of recorded forecasts: rows add up whatever happened to the files, and single pieces are left out."""

import random
import shutil
from dataclasses import replace
from datetime import date
from itertools import pairwise, permutations
from math import log

import numpy as np
import pytest

from forecast.analysis.why.asked import draw_source, look_up
from forecast.analysis.why.change import Change, Estimate, Point, after_change, log_odds
from forecast.analysis.why.documents import explain_document
from forecast.analysis.why.explain import explain
from forecast.analysis.why.leave_out import by_source
from forecast.analysis.why.paired import Pairs
from forecast.api import Workspace
from forecast.errors import DiagnosticError, InputError, LedgerError
from forecast.inference import smc, stored_draws
from forecast.inference.reweight import weigh
from forecast.inference.stored_draws import MAX_MOVES, MIN_ANCESTORS, DrawSource
from forecast.ledger.store import LEDGER_FILE, open_ledger
from forecast.model.answers import outcomes
from forecast.model.arrays import arrays
from forecast.scenario.read import read_scenario

from ..builders import event, make_evidence, make_settings, says, watched
from ..workspaces import DAY, add_report, edit, forecast_toy, write_toy
from .made import explained, made, naive
from .test_rows import QUESTION

#: What the rows must add up to.
ADD_UP = 1e-9

#: Monte Carlo errors that two independent estimates may lie apart.
MAX_ERRORS = 4

OPEN = ("regime-2025:durable", "regime-2025", "unbroken-2025", "meeting-2024", "meeting-2024:no", "dispute-2024")


def logit(p):
    return log(p / (1 - p))


def document_of(workspace, later, asked, earlier=None):
    """The document of an explanation without alternatives to the evidence, which take three times as long."""
    question, _, outcome = asked.partition(":")
    with open_ledger(workspace / LEDGER_FILE, read_only=True) as ledger:
        begin, end = (look_up(ledger, workspace, name) if name else None for name in (earlier, later))
        source = draw_source(ledger, workspace, end)
        found = explain(source, begin, end, question, outcome or None, None, alternatives=False)
    return explain_document(found)


def explained_again(workspace, name, source=None):
    """The explanation of a forecast's first question without alternatives."""
    with open_ledger(workspace / LEDGER_FILE, read_only=True) as ledger:
        later = look_up(ledger, workspace, name)
        source = source or draw_source(ledger, workspace, later)
        return explain(source, None, later, "regime-2025", "durable", None, alternatives=False)


@pytest.fixture(scope="module")
def pairs(history):
    """Explanations of random pairs of forecasts and of single forecasts, in random questions."""
    chance = random.Random(20240107)
    every = [*permutations(history.ids, 2)]
    ends = [*chance.sample(every, 18), *((None, later) for later in history.ids)]
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
    assert n_explained > 16
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
    # without stored draws both ends are sampled again: all differences are within 4 Monte Carlo errors
    shutil.copytree(history.workspace, tmp_path / "toy")
    shutil.rmtree(tmp_path / "toy/.forecast/draws")
    n = 0
    for later in history.ids:
        for question in ("regime-2025:durable", "unbroken-2025", "meeting-2024"):
            document = document_of(tmp_path / "toy", later, question)
            if document["rows"]:
                last = document["rows"][-1]
                assert last["log_odds"] != 0.0
                assert abs(last["log_odds"]) <= MAX_ERRORS * last["mcse"]
                n += 1
    assert n > 15


@pytest.fixture(scope="module")
def forecast_in_memory():
    """A forecast from three events and the silence of a watch, and its nodes as (evidence, silence)."""
    first, as_of = date(2023, 1, 1), date(2023, 12, 20)
    model = make_settings(per_year={"attack": [[1, 3], [0.1, 0.5]], "visit": [[0.5, 2], [2, 5]]}, tau=0.5)
    events = [
        event("raid", "attack", date(2023, 2, 3), origins=[says("one", "B2"), says("two", "C3")]),
        event("trip", "visit", date(2023, 4, 1), date(2023, 6, 30)),
        event("late", "attack", date(2023, 11, 3), origins=[says("two", "A1")]),
    ]
    later = made("fc-b", model, make_evidence(first, events, [watched("attack", first, as_of)]), as_of, [QUESTION])
    nodes = [*((events[:n], {}) for n in range(4)), (events, None)]
    return later, [
        arrays(make_evidence(first, known, later.evidence.watches), model, as_of, silence) for known, silence in nodes
    ]


def test_rows_are_those_of_thirty_times_as_many_draws(forecast_in_memory):
    later, nodes = forecast_in_memory
    reference = [naive(later.model, data, QUESTION)[0] for data in nodes]

    rows = explained(None, later, outcome="regime0", alternatives=False).rows

    assert [row.label for row in rows[:3]] == ["raid", "trip", "late"]
    for row, before, after in zip(rows[:4], reference[:4], reference[1:], strict=True):
        assert abs(row.log_odds) > 10 * row.mcse or row.label == "trip"
        expected = logit(after[0]) - logit(before[0])
        assert row.log_odds == pytest.approx(expected, abs=MAX_ERRORS * (row.mcse + np.hypot(after[1], before[1])))


def test_a_row_is_the_difference_of_independent_runs_and_has_a_smaller_error(forecast_in_memory):
    later, nodes = forecast_in_memory
    apart = []
    for number, data in enumerate(nodes):
        draws = smc.sample(later.model, data, 1000 + number)
        weighted = weigh(draws, later.model, data)
        estimate = Estimate(weighted, weighted.answer(QUESTION)[:, 0])
        apart.append((log_odds(estimate.p), estimate.error))
    rows = explained(None, later, outcome="regime0", alternatives=False).rows
    for row, before, after in zip(rows[:4], apart[:4], apart[1:], strict=True):
        error = np.hypot(before[1], after[1])
        assert row.log_odds == pytest.approx(after[0] - before[0], abs=MAX_ERRORS * np.hypot(error, row.mcse))
        assert row.mcse < error


def test_more_particles_make_less_noise(forecast_in_memory):
    """Four times as many halve the error of every row, by the root law, and reduce that of the noise."""
    later, nodes = forecast_in_memory

    def errors(particles):
        source = DrawSource()
        for number, data in enumerate((nodes[0], nodes[-1])):
            draws = smc.sample(later.model, data, number, effort=smc.Effort(particles))
            source.remember(replace(draws, id=f"{particles} {number}"))
        found = explain(source, None, later, "q", "regime0", None, alternatives=False)
        own = later.answers("q")["regime0"]
        noise = found.rows[-1].mcse ** 2 - (own.mcse / (own.p * (1 - own.p))) ** 2
        return np.array([row.mcse for row in found.rows[:-1]]), np.sqrt(noise)

    few, many = errors(2000), errors(8000)
    moved = few[0] > 0  # an event that speaks for nothing moves nothing
    assert moved.sum() >= 3
    assert np.mean(many[0][moved] / few[0][moved]) == pytest.approx(0.5, abs=0.15)
    assert many[1] < 0.85 * few[1]


def test_the_same_explanation_twice_has_the_same_numbers(history):
    once, twice = (explain_document(explained_again(history.workspace, history.ids[4])) for _ in range(2))
    assert once == twice


def test_explanations_that_share_their_draws_agree(history):
    """As in a report, which explains a forecast from no evidence and since an earlier one with one source of draws."""
    with open_ledger(history.workspace / LEDGER_FILE, read_only=True) as ledger:
        source = draw_source(ledger, history.workspace, look_up(ledger, history.workspace, history.ids[3]))
        found = [explained_again(history.workspace, name, source) for name in (history.ids[3], history.ids[1]) * 2]
    for once, twice in zip(found[:2], found[2:], strict=True):
        for row, other in zip(once.rows, twice.rows, strict=True):
            assert row.label == other.label
            assert row.log_odds == pytest.approx(other.log_odds, abs=MAX_ERRORS * np.hypot(row.mcse, other.mcse) + 1e-9)


def test_between_versions_of_other_priors_the_row_of_the_model_is_the_difference_of_both(history):
    """v1 and v2 have other rates of meetings, so no draws serve both: each side is computed from its own."""
    with open_ledger(history.workspace / LEDGER_FILE, read_only=True) as ledger:
        one, other = (look_up(ledger, history.workspace, name) for name in history.ids[3:5])
        found = explain(
            draw_source(ledger, history.workspace, other),
            one,
            other,
            "regime-2025",
            "durable",
            None,
            alternatives=False,
        )
    (row,) = [row for row in found.rows if row.kind == "model"]
    assert [row.kind for row in found.rows] == ["sampling", "model", "sampling"]
    sides = []
    for forecast in (one, other):
        data = arrays(forecast.evidence, forecast.model, forecast.as_of)
        sides.append(naive(forecast.model, data, forecast.question("regime-2025"))[0])
    expected = logit(sides[1][0]) - logit(sides[0][0])
    assert abs(expected) > 0.05
    assert row.log_odds == pytest.approx(
        expected, abs=MAX_ERRORS * np.hypot(row.mcse, np.hypot(*(s[1] for s in sides)))
    )


def monthly(n, p_true=0.99):
    """A model that thinks attacks rare, and evidence of one a month in a watch, in n months."""
    first, as_of = date(2022, 1, 1), date(2023, 12, 31)
    days = [date(2022 + month // 12, month % 12 + 1, 15) for month in range(n)]
    events = [
        event(f"e{number:02}", "attack", day, origins=[says(p_true=(p_true, p_true))])
        for number, day in enumerate(days)
    ]
    model = make_settings(per_year={"attack": [[1, 30], [0.1, 5]]}, stays=[[0.2, 4.0]] * 2)
    return model, as_of, make_evidence(first, events, [watched("attack", first, as_of)])


def test_a_row_in_pieces_is_right(monkeypatch):
    """Two attacks at once are too much to reweight, and not too much to move; the reference is plain Monte Carlo."""
    first, as_of = date(2023, 1, 1), date(2023, 12, 20)
    model = make_settings(per_year={"attack": [[1, 6], [0.1, 0.6]]}, tau=0.5)
    events = [event(f"e{n}", "attack", date(2023, 2 + 2 * n, 3), origins=[says(p_true=(0.95, 0.95))]) for n in range(2)]
    evidence = make_evidence(first, events, [watched("attack", first, as_of)])
    begin, end = (
        Point(model, arrays(some, model, as_of, {}), ((QUESTION, "regime0"), (QUESTION, "regime1")))
        for some in (replace(evidence, events=()), evidence)
    )
    pieces = []
    in_pieces = Pairs._in_pieces
    monkeypatch.setattr(Pairs, "_in_pieces", lambda *asked: pieces.append(1) or in_pieces(*asked))
    pairs = Pairs(DrawSource(), seed=3)
    here = pairs.start(begin)
    there, changes = pairs.step(here, begin, end)
    assert pieces == [1]
    reference = [naive(model, point.data, QUESTION) for point in (begin, end)]
    for position, (estimate, change) in enumerate(zip(there, changes, strict=True)):
        (before, error_before), (after, error_after) = (side[position] for side in reference)
        error = np.hypot(error_before, error_after)
        expected = logit(after) - logit(before)
        assert abs(expected) > 0.5
        assert change.log_odds == pytest.approx(expected, abs=MAX_ERRORS * np.hypot(change.error, error))
        assert log_odds(estimate.p) == pytest.approx(
            logit(after), abs=MAX_ERRORS * np.hypot(estimate.error, error_after)
        )
        # what is not in the row is in the noise
        total = log_odds(here[position].p) + change.log_odds + change.noise
        assert total == pytest.approx(log_odds(estimate.p), abs=1e-9)
        assert 0 < abs(change.noise) < MAX_ERRORS * change.noise_error
    # of two outcomes the log-odds are opposite
    assert changes[0].log_odds == pytest.approx(-changes[1].log_odds, abs=1e-9)


def test_a_jump_that_no_bridge_is_short_enough_for_is_the_difference_of_two_samples():
    model, as_of, evidence = monthly(24)
    begin, end = (
        Point(model, arrays(some, model, as_of, silence), ((QUESTION, "regime0"),))
        for some, silence in ((replace(evidence, events=()), {}), (evidence, None))
    )
    pairs = Pairs(DrawSource(), seed=3)
    here = pairs.start(begin)
    there, (change,) = pairs.step(here, begin, end)
    assert there[0].weighted.proposal.draws.meta["moves"] == 0
    assert change.error == pytest.approx(np.hypot(here[0].error, there[0].error))
    assert change.log_odds == pytest.approx(log_odds(there[0].p) - log_odds(here[0].p))
    assert change.noise == 0.0


def test_a_long_path_begins_with_the_prior_again_and_stays_right(monkeypatch):
    """After twelve moves, or with few ancestors left; the reference is the sampler with four times the particles."""
    model, as_of, evidence = monthly(16)
    later = made("fc-b", model, evidence, as_of, [QUESTION])
    moves = []
    move = smc.move

    def counted(*asked, **options):
        moved = move(*asked, **options)
        moves.append((moved.draws.meta["moves"], moved.draws.meta["distinct_ancestors"]))
        return moved

    monkeypatch.setattr(smc, "move", counted)
    found = explained(None, later, outcome="regime0", alternatives=False)
    assert any(after[0] == 1 for after in moves[1:])  # begun again
    assert all(n <= MAX_MOVES for n, _ in moves)
    for (n, distinct), (following, _) in pairwise(moves):
        assert following == 1 or (following == n + 1 and distinct >= MIN_ANCESTORS)
    assert len(found.rows) == 18
    data = arrays(evidence, model, as_of, {})
    draws = weigh(smc.sample(model, data, 77, effort=smc.Effort(16000)), model, data)
    reference = Estimate(draws, draws.answer(QUESTION)[:, 0])
    error = np.sqrt(np.sum(np.square([row.mcse for row in found.rows[:16]])))
    assert log_odds(found.rows[15].p_after) == pytest.approx(
        log_odds(reference.p), abs=MAX_ERRORS * np.hypot(error, reference.error)
    )


def test_leaving_out_is_a_forecast_without(history):
    later = history.ids[3]
    document = Workspace(history.workspace).explain(f"{later}/unbroken-2025").document
    with open_ledger(history.workspace / LEDGER_FILE, read_only=True) as ledger:
        forecast = look_up(ledger, history.workspace, later)
    question, own = forecast.question("unbroken-2025"), forecast.answers("unbroken-2025")["yes"]
    rows = {row["id"]: row for row in document["leave_one_out"] if row["by"] == "event"}
    assert set(rows) == {row.id for row in forecast.evidence.events}
    moved = 0
    for name, row in rows.items():
        left = replace(forecast.evidence, events=tuple(e for e in forecast.evidence.events if e.id != name))
        p, error = naive(forecast.model, arrays(left, forecast.model, forecast.as_of), question)[0]
        assert row["p"] == pytest.approx(
            p, abs=MAX_ERRORS * np.hypot(row["change_mcse"], own.mcse + error * p * (1 - p))
        )
        moved += abs(row["p"] - own.p) > MAX_ERRORS * row["change_mcse"]
    assert moved >= 2


def test_what_one_event_alone_carries_is_the_same_by_event_origin_and_source(tmp_path):
    workspace = write_toy(tmp_path / "toy")
    add_report(
        workspace,
        "id: R5, indicator: dispute, event: quota, when: 2023-10-02, claim: x, asserted_as: fact, grade: A2, "
        "origin: wire",
    )
    name = forecast_toy(workspace).entry.id
    rows = Workspace(workspace).explain(f"{name}/unbroken-2025").document["leave_one_out"]
    (by_event,), (by_origin,) = ([row for row in rows if row["id"] == asked] for asked in ("quota", "wire"))
    assert (by_event["p"], by_event["change_mcse"]) == (by_origin["p"], by_origin["change_mcse"])


def test_a_recorded_number_moves_by_the_change_of_log_odds():
    def change(before, after):
        return Change(logit(after) - logit(before), 0.01, 0.0, 0.0, after)

    # the record says 0.359 where these draws give a third: nothing changed, so nothing moved
    assert after_change(0.359, change(1 / 3, 1 / 3)) == pytest.approx(0.359, abs=1e-12)
    moved = after_change(0.359, change(1 / 3, 1 / 5))
    assert logit(moved) - logit(0.359) == pytest.approx(logit(1 / 5) - logit(1 / 3))
    # certain answers have no log-odds to move
    assert after_change(1.0, change(1 / 3, 1 / 5)) == 1 / 5
    assert after_change(0.359, Change(np.inf, 0.0, 0.0, 0.0, 1.0)) == 1.0


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
    found = explained(None, later, outcome="regime1")
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


def test_where_no_draws_are_good_enough_the_explanation_is_refused_with_the_reason(monkeypatch):
    model, as_of, evidence = monthly(24)
    later = made("fc-b", model, evidence, as_of, [QUESTION])
    monkeypatch.setattr(smc, "MOST_PARTICLES", 80)
    monkeypatch.setattr(stored_draws, "MAX_SWEEPS", 1)
    monkeypatch.setattr(smc.Effort.__init__, "__defaults__", (80, 1))
    with pytest.raises(DiagnosticError, match=r"model v1: .*effective sample size of the weights is \d+ \(must not be"):
        explained(None, later, outcome="regime0")


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
        explained(one, other)


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
