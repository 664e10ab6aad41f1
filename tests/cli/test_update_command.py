"""`forecast update`: what it prints, and with which code it ends."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from forecast.inference import smc
from forecast.ledger.store import LEDGER_FILE, open_ledger
from forecast.words import SCALES, words

from ..workspaces import add_report, edit, exact, never, records
from .conftest import Command

#: From `../shared/design/cli.md`, 'JSON'; keys may be added, none may go.
KEYS = {
    "forecast", "scenario", "as_of", "made_at", "model", "model_identity", "evidence_identity", "kind", "seed",
    "stored", "since", "head", "warnings", "warning_codes", "method", "evidence", "answers",
}  # fmt: skip
METHOD_KEYS = {"name", "khat", "ess", "seconds", "from_fit"}
#: What the record says besides, by the sampler that made the draws.
SAMPLER_KEYS = {
    "smc": {
        "particles",
        "islands",
        "steps",
        "sweeps",
        "moves",
        "log_evidence",
        "log_evidence_mcse",
        "island_sd",
        "max_error",
    },
    "nuts": {"chains", "draws", "rhat", "divergences", "bfmi"},
}
EVIDENCE_KEYS = {"reports", "counted", "events", "origins", "new"}
ANSWER_KEYS = {
    "question", "ask", "kind", "outcome", "p", "mcse", "low", "high", "words", "change", "closed",
    "resolved", "change_mcse",
}  # fmt: skip

AS_OF = ("--as-of", "2024-02-01")

type Put = Callable[[Any], None]


@pytest.mark.parametrize("method", ["auto", "smc", "nuts"])
def test_json_is_one_document_with_the_promised_keys(command: Command, toy: Path, sampler: Put, method: str) -> None:
    sampler(exact if method == "nuts" else never)
    ended = command("update", "toy", *AS_OF, "--method", method, "--json")
    document = ended.document
    assert ended.code == 0
    assert set(document) >= KEYS
    name = "nuts" if method == "nuts" else "smc"
    assert document["method"]["name"] == name
    assert set(document["method"]) >= METHOD_KEYS | SAMPLER_KEYS[name]
    assert set(document["evidence"]) >= EVIDENCE_KEYS
    assert all(set(answer) >= ANSWER_KEYS for answer in document["answers"])
    assert ended.err == ""


def test_the_text_says_how_the_numbers_were_computed(command: Command, done: tuple[Path, str], sampler: Put) -> None:
    sampler(exact)
    stored = "sampled by sequential Monte Carlo (stored before): 4,000 particles in 8 islands, least effective size"
    said = {
        ("--as-of", "2024-02-01"): stored,
        ("--as-of", "2024-02-02"): "reweighted (draws ",
        ("--as-of", "2024-02-02", "--method", "smc"): "sampled by sequential Monte Carlo (",
        ("--as-of", "2024-02-02", "--method", "nuts"): "sampled with NUTS (2 s): 4 x 500 draws, R-hat ",
    }
    for arguments, text in said.items():
        out = command("update", "toy", *arguments).out
        assert text in " ".join(out.split())
        assert max(map(len, out.splitlines())) <= 80


def test_only_four_methods_are_accepted(command: Command, toy: Path) -> None:
    ended = command("update", "toy", "--method", "guess")
    assert ended.code == 2
    assert "'auto', 'reweight', 'smc', 'nuts'" in ended.err
    ended = command("update", "toy", *AS_OF, "--method", "reweight")
    assert ended.code == 2
    assert "there are no stored draws of model v1 of toy to reweight" in ended.err


def test_words_are_those_of_the_scale_asked_for_else_of_the_scenario(
    command: Command, done: tuple[Path, str], sampler: Put
) -> None:
    sampler(never)
    plain = command("update", "toy", *AS_OF, "--json").document
    phia = command("update", "toy", *AS_OF, "--words", "phia", "--json").document
    assert (plain["scale"], phia["scale"]) == ("icd203", "phia")
    for scale, document in (("icd203", plain), ("phia", phia)):
        said = {row["words"] for row in document["answers"] if row["p"] is not None}
        assert said == {words(row["p"], SCALES[scale]) for row in document["answers"] if row["p"] is not None}
    # the record is the same: words are no part of it
    assert plain["forecast"] == phia["forecast"] == done[1]

    edit(done[0], "toy/scenario.yaml", "default_model: v1", "default_model: v1\nwords: phia")
    out = command("update", "toy", *AS_OF).out
    assert "words (PHIA)" in out
    assert max(map(len, out.splitlines())) <= 80
    assert "words (ICD 203)" in command("update", "toy", *AS_OF, "--words", "icd203").out


def test_a_scale_that_does_not_exist_is_refused_before_anything_is_computed(
    command: Command, toy: Path, sampler: Put
) -> None:
    sampler(never)
    ended = command("update", "toy", *AS_OF, "--words", "klingon")
    assert ended.code == 2
    assert "there is no scale of words 'klingon'" in ended.err
    assert "accepted: icd203, phia" in ended.err
    assert not (toy / ".forecast").exists()


def test_json_says_what_was_recorded(command: Command, toy: Path, sampler: Put) -> None:
    sampler(exact)
    document = command("update", "toy", *AS_OF, "--json").document
    with open_ledger(toy / LEDGER_FILE, read_only=True) as ledger:
        entry = ledger.entry(document["forecast"])
        assert document["head"] == ledger.head().hash
    assert [answer["p"] for answer in document["answers"]] == [answer.p for answer in entry.forecast.answers]
    assert document["stored"] is False
    assert {answer["words"] for answer in document["answers"] if answer["closed"]} == {None}


def test_what_is_stored_is_printed_again_without_sampling(
    command: Command, done: tuple[Path, str], sampler: Put
) -> None:
    sampler(never)
    document = command("update", "toy", *AS_OF, "--json").document
    assert (document["forecast"], document["stored"]) == (done[1], True)


def test_text_shows_answers_words_and_the_record(command: Command, done: tuple[Path, str]) -> None:
    ended = command("update", "toy", *AS_OF)
    assert ended.code == 0
    assert "A toy alliance · as of 2024-02-01 · model v1 (regime)" in ended.out
    assert "3 events and conditions counted, from 1 origin (4 reports on file)" in ended.out
    assert re.search(r"regime-2025 +durable +0\.7\d+ +0\.\d\d-0\.\d\d likely", ended.out)
    assert "closed: regime-2023 not resolved yet" in ended.out
    assert f"stored before as {done[1]}" in ended.out


def test_stages_go_to_stderr_and_the_result_to_stdout(command: Command, toy: Path, sampler: Put) -> None:
    sampler(exact)
    stages = {"smc": ("sampling", "writing"), "nuts": ("loading PyMC", "sampling", "checking the draws", "writing")}
    for method, names in stages.items():
        ended = command("update", "toy", *AS_OF, "--method", method)
        for stage in names:
            assert f" s] {stage}" in ended.err
            assert stage not in ended.out


def test_quiet_says_no_stage(command: Command, toy: Path, sampler: Put) -> None:
    sampler(exact)
    assert command("update", "toy", *AS_OF, "--quiet").err == ""


def test_the_change_since_the_last_forecast_is_printed(command: Command, done: tuple[Path, str], sampler: Put) -> None:
    sampler(exact)
    add_report(
        done[0],
        "id: R5, indicator: dispute, event: quay, when: 2024-01-20, known: 2024-02-01, claim: Again., "
        "asserted_as: fact, grade: B2",
    )
    ended = command("update", "toy", "--as-of", "2024-02-02")
    assert f"; 1 new since {done[1]}" in " ".join(ended.out.split())
    assert "new: quay" in ended.out
    document = command("update", "toy", "--as-of", "2024-02-02", "--json").document
    assert (document["since"], document["new_events"]) == (done[1], ["quay"])
    assert all(answer["change"] is not None for answer in document["answers"] if not answer["closed"])


def test_a_draft_says_that_it_is_not_recorded(command: Command, toy: Path, sampler: Put) -> None:
    sampler(exact)
    ended = command("update", "toy", *AS_OF, "--draft")
    assert ended.code == 0
    assert "not recorded; the draws are kept" in ended.out
    assert records(toy) == []


def test_a_fit_that_fails_ends_with_one_and_is_not_recorded(command: Command, toy: Path, sampler: Put) -> None:
    def failing(*arguments: Any) -> Any:
        draws = exact(*arguments)
        return replace(draws, meta={**draws.meta, "divergences": 2})

    sampler(failing)
    ended = command("update", "toy", *AS_OF, "--method", "nuts")
    assert ended.code == 1
    assert "NOT RECORDED: the draws failed their diagnostics" in ended.out
    assert "! 2 divergent transitions" in ended.out
    ended = command("update", "toy", *AS_OF, "--method", "nuts", "--json")
    assert ended.code == 1
    assert ended.document["forecast"] is None
    assert ended.document["warnings"][0].startswith("2 divergent transitions")
    assert records(toy) == []


def test_another_seed_and_force_are_passed_on(command: Command, done: tuple[Path, str], sampler: Put) -> None:
    sampler(exact)
    assert command("update", "toy", *AS_OF, "--seed", 7, "--json").document["seed"] == 7
    assert command("update", "toy", *AS_OF, "--force", "--json").document["stored"] is False


def test_a_bug_in_the_sampler_ends_with_three(command: Command, toy: Path, sampler: Put) -> None:
    sampler(never)
    ended = command("update", "toy", *AS_OF, "--method", "nuts")
    assert ended.code == 3
    assert ended.err.endswith(
        "this is a bug of forecast: AssertionError: sampled by NUTS, though nothing was to be sampled by it\n"
        "run the command again with --debug for the traceback, and report it\n"
    )
    assert records(toy) == []


@pytest.mark.parametrize("method", ["auto", "nuts"])
def test_an_interrupt_ends_with_130(
    command: Command, toy: Path, sampler: Put, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    def interrupted(*_: Any, **__: Any) -> Any:
        raise KeyboardInterrupt

    sampler(interrupted)
    monkeypatch.setattr(smc, "sweep", interrupted)
    ended = command("update", "toy", *AS_OF, "--quiet", "--method", method)
    assert (ended.code, ended.out, ended.err) == (130, "", "interrupted: nothing half done was recorded\n")
    assert records(toy) == []
    assert list((toy / ".forecast").glob("draws/*")) == []
