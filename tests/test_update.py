"""The main path: what is recorded, which draws answer, what is never trusted, and what changed since."""

import re
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from forecast.canonical import canonical_json, sha256
from forecast.doctor import examine
from forecast.errors import InputError, LedgerError
from forecast.inference import smc, stored_draws
from forecast.inference.draws import Draws
from forecast.inference.posterior import Progress, Sampler
from forecast.ledger.records import Answer
from forecast.ledger.store import DRAWS_FOLDER, LEDGER_FILE, open_ledger
from forecast.ledger.verify import verify
from forecast.model.answers import filtered
from forecast.model.arrays import Arrays, arrays
from forecast.model.as_of import snapshot
from forecast.model.evidence_set import evidence_set
from forecast.model.priors import draw_prior, natural
from forecast.model.version import Settings, settings
from forecast.scenario.read import read_scenario
from forecast.update import Request, Update, update

from .workspaces import (
    DAY,
    MODELS,
    add_report,
    copy_dprk,
    edit,
    exact,
    forecast_toy,
    never,
    no_sampling,
    noon,
    records,
    write_toy,
)

NEXT_DAY = DAY + timedelta(days=1)
REPORTS = "toy/evidence/reports.yaml"
QUARREL = (
    "id: R5, indicator: dispute, event: quay, when: 2023-10-01, known: 2024-02-02, coded_on: 2024-02-02, "
    "claim: Again., asserted_as: fact, grade: B2"
)

#: Widest Monte Carlo error that two sets of draws may lie apart.
MAX_ERRORS = 4


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    return write_toy(tmp_path)


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Update]:
    """A workspace in which the toy was forecast once; not to be written to."""
    workspace = write_toy(tmp_path_factory.mktemp("once"))
    return workspace, forecast_toy(workspace)


@pytest.fixture
def done(once: tuple[Path, Update], tmp_path: Path) -> tuple[Path, Update]:
    """A copy of it."""
    shutil.copytree(once[0], tmp_path / "done")
    return tmp_path / "done", once[1]


def draws_files(workspace: Path) -> list[Path]:
    return sorted((workspace / DRAWS_FOLDER).glob("*"))


def open_answers(made: Update) -> dict[tuple[str, str], Answer]:
    return {(a.question, a.outcome): a for a in made.forecast.answers if not a.closed}


# --- what is recorded ----------------------------------------------------------------------------------------------


def test_the_record_says_what_was_asked_and_how_it_was_computed(once: tuple[Path, Update]) -> None:
    workspace, made = once
    with open_ledger(workspace / LEDGER_FILE, read_only=True) as ledger:
        content = ledger.entry(made.entry.id).content  # type: ignore[union-attr]
        (fit,) = ledger.fits()
    assert {key: content[key] for key in ("scenario", "title", "model", "family", "as_of", "made_at", "kind")} == {
        "scenario": "toy",
        "title": "A toy alliance",
        "model": "v1",
        "family": "regime",
        "as_of": "2024-02-01",
        "made_at": "2024-02-01T12:00:00+00:00",
        "kind": "live",
    }
    for key in ("model_identity", "evidence_identity", "key"):
        assert len(content[key]) == 64
    assert content["seed"] == fit.seed
    assert content["since"] is None
    assert content["evidence_counts"] == {"reports": 4, "counted": 3, "events": 3, "origins": 1, "new": 0}
    assert content["fit"] == fit.sha256
    assert set(content["versions"]) == {"forecast", "python", "numpy"}
    assert [question["id"] for question in content["questions"]][:2] == ["regime-2025", "unbroken-2025"]
    assert content["questions"][1]["from"] == "2024-02-01"


def test_the_record_says_how_the_particles_were_made_and_how_good_they_are(once: tuple[Path, Update]) -> None:
    method = once[1].forecast.method
    assert {key: method[key] for key in ("name", "khat", "from_fit", "sampler", "particles", "islands", "moves")} == {
        "name": "smc",
        "khat": None,
        "from_fit": None,
        "sampler": "sequential Monte Carlo",
        "particles": 4000,
        "islands": 8,
        "moves": 0,
    }
    assert method["steps"] >= 1
    assert method["sweeps"] >= 8
    assert 0 < method["island_sd"] <= 0.5
    assert 0 < method["log_evidence_mcse"] < 0.1
    assert method["max_error"] == pytest.approx(max(row.mcse or 0.0 for row in once[1].forecast.answers), abs=1e-5)
    assert 0.1 < method["distinct_ancestors"] <= 1
    assert method["ess"] > 400


def test_the_log_evidence_on_record_is_the_mean_likelihood_of_draws_of_the_prior(once: tuple[Path, Update]) -> None:
    """The oracle is plain Monte Carlo: 40,000 independent draws of the prior."""
    scenario = read_scenario(once[0], "toy")
    model = settings(scenario, "v1")
    data = arrays(evidence_set(snapshot(scenario, "v1", DAY), scenario.start, model), model, DAY)
    prior = draw_prior(model, data.fixed, 40_000, np.random.default_rng(5))
    likelihood = np.exp(filtered(natural(np, prior, model, data.fixed), model, data).log_likelihood.sum(axis=1))
    mean = float(likelihood.mean())
    error = float(likelihood.std() / mean / np.sqrt(likelihood.size))
    method = once[1].forecast.method
    found, mcse = method["log_evidence"], method["log_evidence_mcse"]
    assert abs(found - np.log(mean)) < MAX_ERRORS * np.hypot(error, mcse)


def test_the_record_of_nuts_says_how_good_its_chains_are(toy: Path) -> None:
    made = forecast_toy(toy, method="nuts")
    method = made.forecast.method
    assert {key: method[key] for key in ("name", "khat", "from_fit", "chains", "draws", "divergences", "seconds")} == {
        "name": "nuts",
        "khat": None,
        "from_fit": None,
        "chains": 4,
        "draws": 500,
        "divergences": 0,
        "seconds": 1.5,
    }
    assert method["bfmi"] == [1.0] * 4
    assert 0.99 < method["rhat"] < 1.01
    assert method["ess"] > 400
    assert set(made.forecast.versions) == {"forecast", "python", "numpy", "pymc"}


def test_the_record_holds_the_evidence_itself_once(once: tuple[Path, Update]) -> None:
    workspace, made = once
    with open_ledger(workspace / LEDGER_FILE, read_only=True) as ledger:
        evidence = ledger.evidence(made.forecast.evidence_identity)
    assert sha256(canonical_json(evidence)) == made.forecast.evidence_identity
    assert [event["id"] for event in evidence["events"]] == ["fish", "seaside", "summit"]
    assert records(workspace) == ["evidence", "model", "forecast"]


def test_every_open_question_has_answers_that_sum_to_one(once: tuple[Path, Update]) -> None:
    sums: dict[str, float] = {}
    for answer in open_answers(once[1]).values():
        assert answer.p is not None
        assert answer.low is not None
        assert answer.high is not None
        assert 0 < answer.low < answer.p < answer.high < 1
        assert answer.mcse is not None
        assert 0 < answer.mcse < 0.01
        sums[answer.question] = sums.get(answer.question, 0) + answer.p
    assert sums == pytest.approx(dict.fromkeys(["regime-2025", "unbroken-2025", "meeting-2024", "dispute-2024"], 1.0))


def test_the_draws_are_kept_under_their_hash(once: tuple[Path, Update]) -> None:
    workspace, made = once
    (path,) = draws_files(workspace)
    assert path.name == f"{made.forecast.fit}.npz"
    assert records(workspace) == ["evidence", "model", "forecast"]  # which looks at the draws, too


def test_the_head_is_that_of_the_log(once: tuple[Path, Update]) -> None:
    workspace, made = once
    assert made.entry is not None
    with open_ledger(workspace / LEDGER_FILE, read_only=True) as ledger:
        assert made.head == made.entry.hash == ledger.head().hash


def test_the_base_rate_version_counts_no_evidence(toy: Path) -> None:
    made = forecast_toy(toy, model="v0")
    counts = made.forecast.evidence_counts
    assert (counts["reports"], counts["counted"], counts["events"]) == (4, 0, 0)
    with open_ledger(toy / LEDGER_FILE, read_only=True) as ledger:
        assert ledger.evidence(made.forecast.evidence_identity)["events"] == []


def test_a_case_in_which_nobody_watches_can_be_forecast(toy: Path) -> None:
    (toy / "scenarios/toy/indicators.yaml").unlink()
    edit(
        toy,
        "toy/scenario.yaml",
        "between: [2024-01-01, 2024-12-31]}",
        "between: [2024-01-01, 2024-12-31],\n     settled_by: truth}",
    )
    assert open_answers(forecast_toy(toy))
    assert records(toy) == ["evidence", "model", "forecast"]


# --- live and replay -----------------------------------------------------------------------------------------------


def test_a_forecast_as_of_the_day_it_is_made_is_live(once: tuple[Path, Update]) -> None:
    assert once[1].forecast.kind == "live"
    assert once[1].forecast.warnings == ()


def test_a_forecast_as_of_an_earlier_day_is_a_replay_and_says_so(toy: Path) -> None:
    made = forecast_toy(toy, made_on=NEXT_DAY, as_of=DAY)
    assert made.forecast.kind == "replay"
    assert any("hindsight in the model remains" in warning for warning in made.forecast.warnings)


def test_silence_after_the_end_of_the_search_is_announced(toy: Path) -> None:
    assert forecast_toy(toy, made_on=date(2024, 6, 30)).forecast.warnings == ()
    (warning,) = forecast_toy(toy, made_on=date(2024, 7, 1)).forecast.warnings
    assert warning.startswith("watches end at 2024-06-30")


def test_evidence_that_counts_before_its_source_appeared_is_announced(toy: Path) -> None:
    edit(toy, "toy/sources.yaml", "2024-01-07", "2024-03-01")
    edit(toy, "toy/evidence/reports.yaml", "defaults: {", "defaults: {known: 2024-01-07, ")
    made = forecast_toy(toy, made_on=date(2024, 6, 30), as_of=DAY)
    assert made.forecast.warnings[0] == (
        "reports from sources published after 2024-02-01 count (R1, R2, R3): that they were known by then is the word "
        "of whoever coded them"
    )
    base = forecast_toy(toy, made_on=date(2024, 6, 30), as_of=DAY, model="v0")
    assert not [warning for warning in base.forecast.warnings if "published after" in warning]


def test_nothing_known_after_the_day_enters_the_real_scenario(tmp_path: Path) -> None:
    scenario = read_scenario(copy_dprk(tmp_path), "dprk-russia")
    made = update(scenario, Request(as_of=date(2024, 1, 7)), clock=noon(date(2026, 11, 23)), sampler=exact)
    assert made.forecast.evidence_counts == {"reports": 40, "counted": 16, "events": 13, "origins": 10, "new": 0}
    assert all(answer.resolved is None and not answer.closed for answer in made.forecast.answers)
    with open_ledger(tmp_path / LEDGER_FILE, read_only=True) as ledger:
        evidence = ledger.evidence(made.forecast.evidence_identity)
    assert max(event["known"] for event in evidence["events"]) <= "2024-01-07"
    assert evidence["watches"] == []


# --- closed questions ----------------------------------------------------------------------------------------------


def test_a_question_that_is_over_has_no_probability(once: tuple[Path, Update]) -> None:
    (answer,) = [a for a in once[1].forecast.answers if a.question == "regime-2023"]
    assert (answer.closed, answer.outcome, answer.resolved) == (True, "unresolved", None)
    assert answer.p is answer.mcse is answer.low is answer.high is None


def test_a_question_that_is_resolved_has_its_outcome_and_no_probability(toy: Path) -> None:
    made = forecast_toy(toy, made_on=date(2024, 3, 15))
    (answer,) = [a for a in made.forecast.answers if a.question == "dispute-2024"]
    assert (answer.closed, answer.outcome, answer.resolved, answer.p) == (True, "yes", "yes", None)


def test_nothing_is_written_where_every_question_is_closed(toy: Path) -> None:
    with pytest.raises(InputError, match="every question of toy is over or resolved"):
        forecast_toy(toy, made_on=date(2025, 2, 1), sampler=never)
    assert not (toy / ".forecast").exists()


@pytest.mark.parametrize("as_of", [date(2022, 12, 31), NEXT_DAY], ids=["before the start", "in the future"])
def test_nothing_is_written_for_a_day_that_cannot_be(toy: Path, as_of: date) -> None:
    with pytest.raises(InputError, match="Accepted: a day from 2023-01-01 to 2024-02-01"):
        forecast_toy(toy, as_of=as_of, sampler=never)
    assert not (toy / ".forecast").exists()


# --- what is stored is not computed again --------------------------------------------------------------------------


def test_the_same_forecast_is_given_back_without_sampling(done: tuple[Path, Update]) -> None:
    workspace, first = done
    again = forecast_toy(workspace, sampler=never, progress=no_sampling)
    assert again.stored
    assert again.entry is not None
    assert first.entry is not None
    assert again.entry.id == first.entry.id
    assert again.forecast == first.forecast
    assert records(workspace) == ["evidence", "model", "forecast"]


@pytest.mark.parametrize(("method", "other"), [("smc", "nuts"), ("nuts", "smc")])
def test_what_a_sampler_made_answers_a_request_for_it_and_not_for_the_other(toy: Path, method: str, other: str) -> None:
    first = forecast_toy(toy, method=method)
    again = forecast_toy(toy, method=method, sampler=never, progress=no_sampling)
    assert (again.stored, again.entry) == (True, replace(first.entry, stored=True))  # type: ignore[type-var]
    second = forecast_toy(toy, method=other)
    assert (second.stored, second.forecast.method["name"]) == (False, other)
    assert first.forecast.fit != second.forecast.fit
    for key, answer in open_answers(second).items():
        before = open_answers(first)[key]
        assert abs(answer.p - before.p) < MAX_ERRORS * np.hypot(answer.mcse, before.mcse)  # type: ignore[operator,arg-type]


def test_the_same_seed_gives_the_same_numbers_and_draws_twice(toy: Path, tmp_path: Path) -> None:
    first = forecast_toy(toy, method="smc")
    other = write_toy(tmp_path / "other")
    second = forecast_toy(other, method="smc")
    assert second.forecast.answers == first.forecast.answers
    files = [draws_files(workspace)[0] for workspace in (toy, other)]
    with np.load(files[0], allow_pickle=False) as one, np.load(files[1], allow_pickle=False) as two:
        assert set(one) == set(two)
        for name in set(one) - {"meta"}:  # which holds the seconds that it took
            np.testing.assert_array_equal(one[name], two[name])


def test_another_question_moves_no_answer_of_the_sampler(toy: Path, tmp_path: Path) -> None:
    first = forecast_toy(toy, method="smc")
    other = write_toy(tmp_path / "other")
    edit(
        other,
        "toy/scenario.yaml",
        "default_model",
        "  - {id: regime-2026, ask: And in 2026?, kind: state, on: 2026-01-01}\ndefault_model",
    )
    second = open_answers(forecast_toy(other, method="smc"))
    assert {key: second[key] for key in open_answers(first)} == open_answers(first)


def test_a_retracted_forecast_is_made_again(done: tuple[Path, Update]) -> None:
    workspace, first = done
    with open_ledger(workspace / LEDGER_FILE) as ledger:
        ledger.retract(first.entry.id, "coded wrongly", "2024-02-01T13:00:00+00:00")  # type: ignore[union-attr]
    made = update(
        read_scenario(workspace, "toy"),
        clock=lambda: noon(DAY)() + timedelta(hours=2),
        sampler=never,
        progress=no_sampling,
    )
    assert not made.stored
    assert records(workspace) == ["evidence", "model", "forecast", "retraction", "forecast"]


def test_force_samples_and_records_again(done: tuple[Path, Update]) -> None:
    workspace, first = done
    again = update(
        read_scenario(workspace, "toy"),
        Request(force=True),
        clock=lambda: noon(DAY)() + timedelta(hours=1),
        sampler=exact,
    )
    assert not again.stored
    assert again.forecast.key == first.forecast.key
    assert again.entry is not None
    assert again.entry.id != first.entry.id  # type: ignore[union-attr]
    assert records(workspace) == ["evidence", "model", "forecast", "forecast"]


def test_another_question_is_answered_from_the_draws_that_are_there(done: tuple[Path, Update]) -> None:
    workspace, first = done
    edit(
        workspace,
        "toy/scenario.yaml",
        "default_model",
        "  - {id: regime-2026, ask: And in 2026?, kind: state, on: 2026-01-01}\ndefault_model",
    )
    made = forecast_toy(workspace, sampler=never, progress=no_sampling)
    assert made.forecast.key != first.forecast.key
    assert made.forecast.method["from_fit"] == made.forecast.fit == first.forecast.fit
    assert ("regime-2026", "durable") in open_answers(made)
    same = open_answers(first)
    assert {key: a.p for key, a in open_answers(made).items() if key in same} == {key: a.p for key, a in same.items()}
    assert len(draws_files(workspace)) == 1


def test_nuts_is_sampled_where_only_draws_are_there(done: tuple[Path, Update]) -> None:
    workspace, _ = done
    edit(workspace, "toy/scenario.yaml", "on: 2025-01-01", "on: 2025-01-02")
    made = forecast_toy(workspace, method="nuts")
    assert made.forecast.method["from_fit"] is None
    assert len(draws_files(workspace)) == 2


def test_a_seed_that_is_asked_for_makes_the_draws(done: tuple[Path, Update]) -> None:
    workspace, first = done
    made = forecast_toy(workspace, seed=7)
    assert made.forecast.method["from_fit"] is None
    for key, answer in open_answers(made).items():
        before = open_answers(first)[key]
        assert answer.p != before.p
        assert abs(answer.p - before.p) < MAX_ERRORS * np.hypot(answer.mcse, before.mcse)  # type: ignore[operator,arg-type]


# --- reweighted --------------------------------------------------------------------------------------------------

#: Edits of the toy that leave its model alone, and the day to forecast.
EDITS: dict[str, tuple[Callable[[Path], None], date]] = {
    "nothing but a day": (lambda _: None, NEXT_DAY),
    "a month": (lambda _: None, DAY + timedelta(days=31)),
    "three months, a watch that closes": (
        lambda toy: edit(toy, "toy/indicators.yaml", "from: 2024-01-01", "from: 2024-01-01, to: 2024-03-31"),
        DAY + timedelta(days=91),
    ),
    "an earlier day": (lambda _: None, DAY - timedelta(days=20)),
    "another grade": (lambda toy: edit(toy, REPORTS, "grade: C3", "grade: B2"), DAY),
    "a report more": (lambda toy: add_report(toy, QUARREL), NEXT_DAY),
    "a report less": (lambda toy: edit(toy, REPORTS, "grade: B1}", "grade: B1, use: false, reason: no}"), DAY),
    "another date": (lambda toy: edit(toy, REPORTS, "when: 2023-09,", "when: 2023-10-03,"), DAY),
    "a watch more": (
        lambda toy: edit(
            toy,
            "toy/indicators.yaml",
            "lag_days: [1, 14]}]\n",
            "lag_days: [1, 14]}]\n  dispute: {watch: [{from: 2023-06-01, detection: [0.3, 0.6]}]}\n",
        ),
        DAY,
    ),
    "another detection": (lambda toy: edit(toy, "toy/indicators.yaml", "[0.7, 0.95]", "[0.2, 0.4]"), DAY),
}


@pytest.mark.parametrize("name", EDITS)
def test_reweighted_answers_are_those_of_new_draws(done: tuple[Path, Update], name: str) -> None:
    workspace, first = done
    change, day = EDITS[name]
    change(workspace)
    reweighted = forecast_toy(workspace, made_on=day, sampler=never, progress=no_sampling, draft=True)
    assert reweighted.forecast.method["name"] == "reweight"
    assert reweighted.forecast.method["from_fit"] == first.forecast.fit
    direct_from_prior = forecast_toy(workspace, made_on=day, method="nuts", draft=True)
    assert direct_from_prior.forecast.method["name"] == "nuts"
    for key, answer in open_answers(reweighted).items():
        direct = open_answers(direct_from_prior)[key]
        # some fifty comparisons of which two thirds are independent: four errors
        assert abs(answer.p - direct.p) < MAX_ERRORS * np.hypot(answer.mcse, direct.mcse), key  # type: ignore[operator,arg-type]


def test_a_reweighted_forecast_is_recorded_with_its_method_and_its_draws(done: tuple[Path, Update]) -> None:
    workspace, first = done
    add_report(workspace, QUARREL)
    made = forecast_toy(workspace, made_on=NEXT_DAY, sampler=never, progress=no_sampling)
    method = made.forecast.method
    assert {key: method[key] for key in ("name", "from_fit", "particles", "islands")} == {
        "name": "reweight",
        "from_fit": first.forecast.fit,
        "particles": 4000,
        "islands": 8,
    }
    assert method["khat"] <= 0.7
    assert 400 <= method["ess"] < 4000
    assert method["max_error"] <= 0.01
    assert made.forecast.fit == first.forecast.fit
    assert len(draws_files(workspace)) == 1
    assert records(workspace)[-2:] == ["evidence", "forecast"]
    with open_ledger(workspace / LEDGER_FILE, read_only=True) as ledger:
        assert len(ledger.fits()) == 1


@pytest.mark.parametrize("method", ["nuts", "smc"])
def test_a_reweighted_forecast_never_answers_where_a_sampler_is_asked_for(
    done: tuple[Path, Update], method: str
) -> None:
    workspace, _ = done
    reweighted = forecast_toy(workspace, made_on=NEXT_DAY, sampler=never)
    assert reweighted.forecast.method["name"] == "reweight"
    sampled = forecast_toy(workspace, made_on=NEXT_DAY, method=method)
    assert (sampled.stored, sampled.forecast.method["name"]) == (False, method)
    assert sampled.entry != reweighted.entry


def nine_quarrels(workspace: Path) -> None:
    """Nine certain quarrels in a watched month, which earlier draws were made without."""
    for number in range(9):
        line = (
            f"id: Q{number}, indicator: dispute, when: 2024-01-{10 + number}, known: 2024-02-02, coded_on: 2024-02-02, "
        )
        add_report(workspace, line + "claim: Again., asserted_as: fact, p_true: [1, 1]")
    watched = "lag_days: [1, 14]}]\n  dispute: {watch: [{from: 2024-01-01, detection: [0.7, 0.95]}]}\n"
    edit(workspace, "toy/indicators.yaml", "lag_days: [1, 14]}]\n", watched)


def monthly_quarrels(workspace: Path) -> None:
    """Six certain quarrels in a year of silence: little is left of the old draws' weights, and moving them is easy."""
    for number in range(6):
        line = f"id: Q{number}, indicator: dispute, when: 2023-{3 + number:02}-10, known: 2024-02-02, "
        add_report(workspace, line + "coded_on: 2024-02-02, claim: Again., asserted_as: fact, p_true: [0.9, 0.99]")
    watched = "lag_days: [1, 14]}]\n  dispute: {watch: [{from: 2023-01-01, detection: [0.7, 0.95]}]}\n"
    edit(workspace, "toy/indicators.yaml", "lag_days: [1, 14]}]\n", watched)


def test_draws_that_cannot_be_reweighted_are_moved(done: tuple[Path, Update], monkeypatch: pytest.MonkeyPatch) -> None:
    workspace, first = done
    monthly_quarrels(workspace)
    # evidence that spoils the weights by the usual limit is farther away than a bridge is worth, in so small a case
    monkeypatch.setattr("forecast.inference.reweight.MIN_ESS", 1500.0)
    only = forecast_toy(workspace, made_on=NEXT_DAY, method="reweight", sampler=never, progress=no_sampling)
    assert only.problems
    moved = forecast_toy(workspace, made_on=NEXT_DAY, sampler=never)
    method = moved.forecast.method
    assert (method["name"], method["from_fit"], method["khat"]) == ("smc", None, None)
    assert (method["moves"], method["moved_from"]) == (1, first.forecast.fit)
    assert moved.forecast.fit != first.forecast.fit
    assert len(draws_files(workspace)) == 2
    fresh = forecast_toy(workspace, made_on=NEXT_DAY, method="smc", draft=True)
    assert (fresh.forecast.method["moves"], fresh.forecast.method.get("moved_from")) == (0, None)
    by_nuts = forecast_toy(workspace, made_on=NEXT_DAY, method="nuts", draft=True)
    for key, answer in open_answers(moved).items():
        for other in (open_answers(fresh)[key], open_answers(by_nuts)[key]):
            assert abs(answer.p - other.p) < MAX_ERRORS * np.hypot(answer.mcse, other.mcse), key  # type: ignore[operator,arg-type]


def test_where_moving_takes_too_many_steps_the_sampler_starts_from_the_prior(done: tuple[Path, Update]) -> None:
    workspace, first = done
    nine_quarrels(workspace)
    made = forecast_toy(workspace, made_on=NEXT_DAY, sampler=never)
    assert made.forecast.method["name"] == "smc"
    assert made.forecast.method["moves"] == 0
    assert made.forecast.fit != first.forecast.fit
    again = forecast_toy(workspace, made_on=NEXT_DAY, method="smc", force=True, draft=True)
    assert again.forecast.answers == made.forecast.answers


def test_only_reweighting_says_what_is_wrong_and_records_nothing(done: tuple[Path, Update]) -> None:
    workspace, _ = done
    nine_quarrels(workspace)
    before = records(workspace)
    made = forecast_toy(workspace, made_on=NEXT_DAY, method="reweight", sampler=never)
    assert made.entry is None
    assert any("k-hat" in problem or "effective sample size" in problem for problem in made.problems)
    assert records(workspace) == before


def test_reweighting_alone_needs_stored_draws(toy: Path) -> None:
    with pytest.raises(InputError, match="there are no stored draws of model v1 of toy to reweight"):
        forecast_toy(toy, method="reweight", sampler=never)
    assert records(toy) == []


def test_of_several_files_of_draws_the_one_with_the_largest_effective_size_is_used(done: tuple[Path, Update]) -> None:
    workspace, first = done
    late = DAY + timedelta(days=120)
    later = forecast_toy(workspace, made_on=late, method="smc")
    near_first = forecast_toy(workspace, made_on=late, as_of=DAY + timedelta(days=10), progress=no_sampling)
    near_later = forecast_toy(workspace, made_on=late, as_of=late - timedelta(days=10), progress=no_sampling)
    assert near_first.forecast.fit == first.forecast.fit
    assert near_later.forecast.fit == later.forecast.fit


@pytest.mark.parametrize("change", ["range", "tau", "grades"])
def test_draws_of_another_model_are_not_taken(done: tuple[Path, Update], change: str) -> None:
    workspace, _ = done
    if change == "range":
        edit(
            workspace,
            "codebooks/alliance.yaml",
            "durable: [1, 3], fragile: [0.1, 0.5]",
            "durable: [1, 4], fragile: [0.1, 0.5]",
        )
    elif change == "tau":
        edit(workspace, "toy/models/v1.yaml", "tau: 0.5", "tau: 0.6")
    else:
        edit(
            workspace,
            "codebooks/alliance.yaml",
            "prior: 0.5, stays: {years: [2, 10]}",
            "prior: 0.5, stays: {years: [2, 11]}",
        )
    assert forecast_toy(workspace).forecast.method["from_fit"] is None


def test_draws_of_a_base_rate_model_answer_after_a_condition_was_added_which_it_does_not_use(toy: Path) -> None:
    """By hand: the benchmark hears no evidence, so that its answers from the same draws are the same numbers."""
    for name in ("neighbour", "patron"):
        one_more = f"  {name}:\n    kind: condition\n    means: One more\n"
        one_more += "    holds: {durable: [0.4, 0.6], fragile: [0.1, 0.2]}\n"
        if name == "patron":
            first = forecast_toy(toy, model="v0")
        edit(toy, "toy/indicators.yaml", "indicators:\n", "indicators:\n" + one_more)
    edit(toy, "toy/scenario.yaml", "until 2025?", "until the year 2025?")
    again = forecast_toy(toy, model="v0", sampler=never)
    assert again.forecast.model_identity == first.forecast.model_identity
    assert [row.p for row in again.forecast.answers] == [row.p for row in first.forecast.answers]


# --- drafts --------------------------------------------------------------------------------------------------------


def test_a_draft_records_nothing_and_keeps_its_draws(toy: Path) -> None:
    draft = forecast_toy(toy, draft=True)
    assert draft.entry is None
    assert not draft.stored
    assert records(toy) == []
    assert [path.stem for path in draws_files(toy)] == [draft.forecast.fit]


def test_a_later_forecast_takes_the_draws_of_a_draft(toy: Path) -> None:
    draft = forecast_toy(toy, draft=True)
    made = forecast_toy(toy, sampler=never)
    assert made.forecast.method["from_fit"] == made.forecast.fit == draft.forecast.fit
    assert made.forecast.answers == draft.forecast.answers
    assert made.forecast.versions == draft.forecast.versions
    assert records(toy) == ["evidence", "model", "forecast"]


# --- draws that are not what was recorded --------------------------------------------------------------------------


def altered(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("spoil", "remark"),
    [
        (Path.unlink, r"cannot be read \(No such file or directory\): sampled again"),
        (altered, r"were altered: SHA-256 is [0-9a-f]{64}, recorded [0-9a-f]{64}: sampled again"),
        (lambda path: path.write_bytes(path.read_bytes()[:1000]), "were altered"),
    ],
    ids=["missing", "one bit altered", "cut"],
)
def test_draws_that_are_not_what_was_recorded_are_sampled_again_with_a_warning(
    toy: Path, spoil: Callable[[Path], None], remark: str
) -> None:
    spoil(toy / DRAWS_FOLDER / f"{forecast_toy(toy, draft=True).forecast.fit}.npz")
    made = forecast_toy(toy)
    assert made.forecast.method["from_fit"] is None
    (warning,) = made.forecast.warnings
    assert re.search(remark, warning)
    assert records(toy) == ["evidence", "model", "forecast"]
    assert (toy / DRAWS_FOLDER / f"{made.forecast.fit}.npz").exists()


# --- the table of fits, edited by hand -------------------------------------------------------------------------------


def edit_fits(workspace: Path, assignment: str) -> None:
    with closing(sqlite3.connect(workspace / LEDGER_FILE)) as connection, connection:
        connection.execute(f"UPDATE fits SET {assignment}")


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        ("as_of = 'yesterday'", "as_of is 'yesterday', no ISO date"),
        ("as_of = '2024-02-31'", "as_of is '2024-02-31', no ISO date"),
        ("made_at = '2024-01-01'", "made_at is '2024-01-01', no instant in UTC"),
        ("seed = 'abc'", "seed is 'abc', no whole number"),
        ("seed = '-1'", "seed is '-1', no whole number"),
        ("seed = '\u0661'", "seed is '\u0661', no whole number"),
        ("file = '../../toy.npz'", "file is '../../toy.npz', no name of a file"),
        ("file = '/dev/zero'", "file is '/dev/zero', no name of a file"),
        ("file = char(0) || 'a'", r"file is '\\x00a', no name of a file"),
        ("n_draws = 0", "n_draws is 0, not above 0"),
        ("ess = 9e999", "ess is inf, no size of a sample"),
    ],
)
def test_an_edited_row_of_fits_is_an_error_that_names_it_and_the_cure(
    done: tuple[Path, Update], assignment: str, message: str
) -> None:
    workspace, first = done
    digest = first.forecast.fit
    edit_fits(workspace, assignment)
    with pytest.raises(LedgerError, match=f"row of draws '{str(digest)[:10]}' in the table fits was edited") as raised:
        forecast_toy(workspace, made_on=NEXT_DAY)
    assert re.search(message, str(raised.value))
    assert "`forecast ledger verify`" in str(raised.value)
    with open_ledger(workspace / LEDGER_FILE, read_only=True) as ledger:
        assert len(list(ledger.forecasts())) == 1
        (problem,) = verify(ledger, None, workspace / DRAWS_FOLDER)
        assert (problem.level, bool(re.search(message, problem.message))) == ("error", True)
    examine(workspace, prune=True)
    assert forecast_toy(workspace, made_on=NEXT_DAY, sampler=never).forecast.method["name"] == "reweight"


@pytest.mark.parametrize(
    "assignment",
    ["model_identity = 'm'", "evidence_identity = 'e'", "scenario = 'other'", "as_of = '2024-01-15'"],
)
def test_a_row_of_fits_that_its_record_contradicts_shows_and_is_made_again(
    done: tuple[Path, Update], assignment: str
) -> None:
    workspace, _ = done
    edit_fits(workspace, assignment)
    with open_ledger(workspace / LEDGER_FILE, read_only=True) as ledger:
        (problem,) = verify(ledger, None, workspace / DRAWS_FOLDER)
    assert (problem.level, f"was edited: {assignment.replace(' =', ' is')}, in record fc-" in problem.message) == (
        "error",
        True,
    )
    examine(workspace, prune=True)
    assert records(workspace) == ["evidence", "model", "forecast"]


# --- samplers that fail their diagnostics ---------------------------------------------------------------------------


def spoiled(change: Callable[[Draws], Draws], sampler: Sampler = exact) -> Sampler:
    return lambda *arguments: change(sampler(*arguments))


def of_any_posterior(model: Settings, data: Arrays, seed: int, progress: Progress) -> Draws:
    """Independent draws from the prior, which pass the diagnostics of chains: only whether they are taken matters."""
    progress("sampling", None, "")
    n_chains, n_draws = 4, 500
    prior = draw_prior(model, data.fixed, n_chains * n_draws, np.random.default_rng(seed % 2**63))
    meta = exact(model, data, seed, progress).meta
    return Draws({name: v.reshape((n_chains, n_draws, *v.shape[1:])) for name, v in prior.items()}, meta)


def _with_one_chain_elsewhere(draws: Draws) -> Draws:
    common = draws.arrays["indicator_common"].copy()
    common[0] += 3
    return replace(draws, arrays={**draws.arrays, "indicator_common": common})


def _with_few_that_differ(draws: Draws) -> Draws:
    return replace(draws, arrays={name: np.repeat(v[:, ::20], 20, axis=1) for name, v in draws.arrays.items()})


def _with_meta(**changed: Any) -> Callable[[Draws], Draws]:
    return lambda draws: replace(draws, meta={**draws.meta, **changed})


FAILING = {
    "chains that disagree": (_with_one_chain_elsewhere, r"R-hat of .* the chains disagree"),
    "few effective draws": (_with_few_that_differ, r"effective sample size of .* \(must be above 400\)"),
    "divergences": (_with_meta(divergences=3), r"3 divergent transitions"),
    "energy": (_with_meta(bfmi=[1.0, 0.29, 1.0, 1.0]), r"fraction of missing information is 0\.29"),
}


@pytest.mark.parametrize("draft", [False, True], ids=["", "draft"])
@pytest.mark.parametrize(("change", "problem"), FAILING.values(), ids=FAILING)
def test_chains_that_fail_are_shown_with_their_problem_and_leave_nothing(
    toy: Path, change: Callable[[Draws], Draws], problem: str, draft: bool
) -> None:
    made = forecast_toy(toy, method="nuts", sampler=spoiled(change), draft=draft)
    assert any(re.search(problem, text) for text in made.problems)
    assert made.entry is None
    assert made.forecast.fit is None
    assert open_answers(made)
    assert records(toy) == []
    assert draws_files(toy) == []


def test_after_chains_that_failed_the_next_ones_are_sampled_and_recorded(toy: Path) -> None:
    forecast_toy(toy, method="nuts", sampler=spoiled(_with_meta(divergences=1)))
    assert forecast_toy(toy, method="nuts").forecast.method["from_fit"] is None
    assert records(toy) == ["evidence", "model", "forecast"]


def bursts(workspace: Path) -> None:
    """Sixty certain events in four bursts, in regimes that tell nothing apart: islands find different things."""
    for name in ("durable: [1, 3], fragile: [0.1, 0.5]", "durable: [0.1, 0.5], fragile: [1, 3]"):
        edit(workspace, "codebooks/alliance.yaml", name, "durable: [0.01, 300], fragile: [0.01, 300]")
    watched = "from: 2023-01-01, detection: [0.7, 0.95]"
    edit(
        workspace,
        "toy/indicators.yaml",
        "  meeting:\n    watch: [{from: 2024-01-01, detection: [0.7, 0.95]",
        f"  dispute: {{watch: [{{{watched}}}]}}\n  meeting:\n    watch: [{{{watched}",
    )
    for number in range(60):
        line = f"id: Q{number}, indicator: {('meeting', 'dispute')[number % 2]}, "
        line += f"when: 2023-{(1, 4, 7, 10)[number % 4]:02}-{3 + number // 4:02}, "
        add_report(workspace, line + "claim: Again., asserted_as: fact, p_true: [1, 1]")


@pytest.fixture
def short_of_breath(monkeypatch: pytest.MonkeyPatch) -> None:
    """No more particles or sweeps than at first. With all that are allowed the bursts fail too, but it takes longer."""
    monkeypatch.setattr(smc, "MOST_PARTICLES", smc.PARTICLES)
    monkeypatch.setattr(stored_draws, "MAX_SWEEPS", smc.LAST_SWEEPS)


@pytest.mark.usefixtures("short_of_breath")
def test_nuts_samples_where_sequential_monte_carlo_fails_its_diagnostics(toy: Path) -> None:
    bursts(toy)
    asked: list[int] = []

    def sampler(model: Settings, data: Arrays, seed: int, progress: Progress) -> Draws:
        asked.append(seed)
        return of_any_posterior(model, data, seed, progress)

    alone = forecast_toy(toy, method="smc", sampler=never)
    assert alone.entry is None
    assert any("Monte Carlo error" in text or "differs between islands" in text for text in alone.problems)
    made = forecast_toy(toy, sampler=sampler)
    assert made.problems == ()
    assert made.forecast.method["name"] == "nuts"
    assert asked == [made.forecast.seed]
    assert records(toy) == ["evidence", "model", "forecast"]


@pytest.mark.usefixtures("short_of_breath")
def test_where_nuts_fails_too_nothing_is_recorded_and_the_reasons_are_given(toy: Path) -> None:
    bursts(toy)
    failing = spoiled(_with_meta(divergences=3), of_any_posterior)
    made = forecast_toy(toy, sampler=failing)
    assert made.entry is None
    assert any(re.search("divergent transitions|Monte Carlo error|differs between islands", t) for t in made.problems)
    assert open_answers(made)
    assert records(toy) == []
    assert draws_files(toy) == []


def test_nuts_is_not_loaded_where_the_sampler_meets_its_limits(toy: Path) -> None:
    assert forecast_toy(toy, sampler=never).forecast.method["name"] == "smc"


def test_an_interrupt_leaves_nothing(toy: Path) -> None:
    def interrupted(stage: str, *_: Any) -> None:
        if stage == "sampling":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        forecast_toy(toy, progress=interrupted)
    assert records(toy) == []
    assert draws_files(toy) == []
    assert forecast_toy(toy).forecast.method["name"] == "smc"


# --- what changed --------------------------------------------------------------------------------------------------


def test_a_first_forecast_has_nothing_to_be_compared_with(once: tuple[Path, Update]) -> None:
    made = once[1]
    assert made.earlier is None
    assert {made.change(answer) for answer in made.forecast.answers} == {None}


def test_the_change_is_that_to_the_latest_forecast_of_an_earlier_day(done: tuple[Path, Update]) -> None:
    workspace, first = done
    add_report(workspace, QUARREL)
    made = forecast_toy(workspace, made_on=NEXT_DAY)
    assert made.forecast.since == first.entry.id  # type: ignore[union-attr]
    before = open_answers(first)
    for key, answer in open_answers(made).items():
        assert made.change(answer) == answer.p - before[key].p  # type: ignore[operator]
    assert made.change(open_answers(made)["regime-2025", "durable"]) < -0.02  # type: ignore[operator]


def test_the_error_of_a_change_is_made_of_both_errors(done: tuple[Path, Update]) -> None:
    workspace, first = done
    add_report(workspace, QUARREL)
    made = forecast_toy(workspace, made_on=NEXT_DAY)
    key = ("regime-2025", "durable")
    new, old = open_answers(made)[key], open_answers(first)[key]
    assert new.mcse is not None
    assert old.mcse is not None
    assert made.change_mcse(new) == pytest.approx((new.mcse**2 + old.mcse**2) ** 0.5)
    assert first.change_mcse(old) is None


def test_the_change_is_given_back_with_a_stored_forecast(done: tuple[Path, Update]) -> None:
    workspace, _ = done
    add_report(workspace, QUARREL)
    made = forecast_toy(workspace, made_on=NEXT_DAY)
    again = forecast_toy(workspace, made_on=NEXT_DAY, sampler=never)
    assert again.stored
    assert (again.earlier, again.new_events) == (made.earlier, ("quay",))
    changes = [[u.change(answer) for answer in u.forecast.answers] for u in (made, again)]
    assert changes[0] == changes[1]


def test_a_forecast_is_compared_with_one_of_its_version_and_its_kind(done: tuple[Path, Update]) -> None:
    workspace, live = done
    assert forecast_toy(workspace, model="v0").earlier is None
    replay = forecast_toy(workspace, made_on=NEXT_DAY, as_of=DAY - timedelta(days=1))
    assert replay.earlier is None
    later = forecast_toy(workspace, made_on=NEXT_DAY)
    assert later.forecast.since == live.entry.id  # type: ignore[union-attr]


def test_without_an_earlier_replay_a_replay_is_compared_with_a_live_forecast(done: tuple[Path, Update]) -> None:
    workspace, live = done
    replay = forecast_toy(workspace, made_on=NEXT_DAY + timedelta(days=1), as_of=NEXT_DAY)
    assert replay.forecast.since == live.entry.id  # type: ignore[union-attr]


def test_a_live_forecast_is_not_compared_with_a_replay_which_nobody_had_said(toy: Path) -> None:
    forecast_toy(toy, as_of=DAY - timedelta(days=1))
    assert forecast_toy(toy).earlier is None


def test_another_forecast_for_the_same_day_is_no_earlier_one(done: tuple[Path, Update]) -> None:
    """Neither another seed nor a report coded an hour later makes a change out of the reckoning an hour before."""
    workspace, _ = done
    again = forecast_toy(workspace, seed=7, force=True)
    assert again.entry is not None
    assert not again.stored
    assert (again.forecast.since, again.earlier) == (None, None)
    add_report(workspace, QUARREL)
    next_day = [forecast_toy(workspace, made_on=NEXT_DAY, seed=seed) for seed in (None, 8)]
    assert [made.forecast.since for made in next_day] == [again.entry.id, again.entry.id]
    assert [made.new_events for made in next_day] == [("quay",), ("quay",)]


def test_a_question_that_was_closed_or_new_has_no_change(done: tuple[Path, Update]) -> None:
    workspace, _ = done
    edit(
        workspace,
        "toy/scenario.yaml",
        "default_model",
        "  - {id: regime-2026, ask: And in 2026?, kind: state, on: 2026-01-01}\ndefault_model",
    )
    made = forecast_toy(workspace, made_on=date(2024, 3, 15))
    changes = {(a.question, a.outcome): made.change(a) for a in made.forecast.answers}
    assert changes["regime-2026", "durable"] is None
    assert changes["dispute-2024", "yes"] is None
    assert changes["regime-2025", "durable"] is not None


@pytest.mark.parametrize(
    ("old", "new", "new_events", "gone_events"),
    [
        ("grade: C3", "grade: C3, revised: [{on: 2024-02-02, grade: C1, reason: confirmed}]", ("fish",), ()),
        ("grade: C3", "grade: C3, withdrawn: {on: 2024-02-02, reason: untrue}", (), ("fish",)),
        ("coded_by: xy", "coded_by: zz", (), ()),
    ],
    ids=["regraded", "withdrawn", "only the coder"],
)
def test_events_that_came_or_changed_or_went_are_named(
    done: tuple[Path, Update], old: str, new: str, new_events: tuple[str, ...], gone_events: tuple[str, ...]
) -> None:
    workspace, _ = done
    edit(workspace, REPORTS, old, new)
    made = forecast_toy(workspace, made_on=NEXT_DAY)
    assert (made.new_events, made.gone_events) == (new_events, gone_events)
    assert made.forecast.evidence_counts["new"] == len(new_events)


def test_a_version_that_was_edited_under_its_name_is_announced(done: tuple[Path, Update]) -> None:
    workspace, first = done
    edit(workspace, "toy/models/v1.yaml", "tau: 0.5", "tau: 0.6")
    (warning,) = forecast_toy(workspace).forecast.warnings
    assert warning.startswith(f"v1 was edited since {first.entry.id}: the model moved too")  # type: ignore[union-attr]


def test_an_edited_version_is_announced_as_of_an_earlier_day_too(done: tuple[Path, Update]) -> None:
    workspace, _ = done
    edit(workspace, "toy/models/v1.yaml", "tau: 0.5", "tau: 0.6")
    made = forecast_toy(workspace, as_of=date(2023, 12, 1))
    assert any(warning.startswith("v1 was edited since") for warning in made.forecast.warnings)


def test_a_version_under_a_new_name_is_announced_by_nobody(done: tuple[Path, Update]) -> None:
    workspace, _ = done
    text = MODELS["v1"].replace("version: v1", "version: v2").replace("tau: 0.5", "tau: 0.6")
    (workspace / "scenarios/toy/models/v2.yaml").write_text(text)
    assert forecast_toy(workspace, model="v2").forecast.warnings == ()


# --- two at once ---------------------------------------------------------------------------------------------------


def test_who_loses_a_race_gives_back_the_winners_record(toy: Path) -> None:
    """The other process records the same forecast while this one samples."""
    winners: list[Update] = []

    def slower(stage: str, *_: Any) -> None:
        if stage == "sampling" and not winners:
            winners.append(forecast_toy(toy))

    made = forecast_toy(toy, progress=slower)
    assert made.stored
    assert made.entry is not None
    assert made.entry.id == winners[0].entry.id  # type: ignore[union-attr]
    assert made.earlier is None
    assert {made.change(answer) for answer in made.forecast.answers} == {None}
    assert records(toy) == ["evidence", "model", "forecast"]
