"""docs/cli.md is what the commands say now, and lists the keys of what they print as JSON."""

import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from forecast.cli.app import main
from forecast.documents.update import update_document
from forecast.ledger.store import LEDGER_FILE, open_ledger
from forecast.update import Update
from tests.ledger.samples import evidence, forecast
from tests.scripts import script
from tests.workspaces import DAY, exact, forecast_toy, write_toy

ROOT = Path(__file__).parents[2]
MADE_AT = "2024-01-09T08:00:00+00:00"
OTHER_RANGE = "{indicators: {dispute: {per_year: {durable: [0.2, 0.6]}}}}\n"

type Run = Callable[..., tuple[int, Any]]


make_cli = script("docs/make_cli")
EXACT: tuple[set[str], set[str]] = (set(), set())


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A copy of the scenarios, with a ledger of two made-up forecasts, of which one is retracted."""
    shutil.copytree(ROOT / "scenarios", tmp_path / "scenarios")
    with open_ledger(tmp_path / LEDGER_FILE, create=True) as ledger:
        for number in (0, 1):
            entry = ledger.append_forecast(forecast(number), evidence())
        ledger.retract(entry.id, "coded twice", MADE_AT)
    return tmp_path


@pytest.fixture
def run(workspace: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command with --json in the workspace; its exit code and its document."""

    def finish(*words: str) -> tuple[int, Any]:
        with pytest.raises(SystemExit) as ended:
            main(["-C", str(workspace), *words, "--json"])
        return int(ended.value.code or 0), json.loads(capsys.readouterr().out)

    return finish


def test_the_committed_page_is_what_the_generator_writes():
    page = (ROOT / "docs/cli.md").read_text(encoding="utf-8")

    assert page == make_cli.page(), "run: uv run python docs/make_cli.py"


def test_the_page_does_not_depend_on_the_terminal(monkeypatch: pytest.MonkeyPatch):
    before = make_cli.page()
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("FORCE_COLOR", "1")

    assert make_cli.page() == before


def test_every_command_has_a_section_and_every_json_option_a_list_of_keys():
    with_json = set()
    for name, command, _ in make_cli.commands():
        assert f"\n## {name}\n" in make_cli.page()
        if any("--json" in parameter.opts for parameter in command.params):
            with_json.add(name.removeprefix("forecast "))

    assert with_json | {"errors"} == set(make_cli.DOCUMENTS)


@pytest.mark.parametrize(
    "words",
    [
        ("show", "dprk-russia"),
        ("history", "dprk-russia"),
        ("resolve", "dprk-russia"),
        ("score", "dprk-russia"),
        ("ledger", "log"),
    ],
)
def test_documents_have_exactly_the_listed_keys(words: tuple[str, ...], run: Run):
    name = " ".join(words).removesuffix(" dprk-russia")

    assert make_cli.undocumented(name, run(*words)[1]) == EXACT


@pytest.mark.parametrize(
    "words",
    [("explain", "toy"), ("words", "toy"), ("whatif", "toy", "--as-of", "2024-02-01", "--drop", "fish")],
    ids=" ".join,
)
def test_what_explains_has_exactly_the_listed_keys(
    words: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    toy = write_toy(tmp_path / "toy")
    forecast_toy(toy, made_on=date(2026, 1, 1), as_of=DAY)
    with pytest.raises(SystemExit, match="0"):
        main(["-C", str(toy), *words, "--json"])

    extra, missing = make_cli.undocumented(words[0], json.loads(capsys.readouterr().out))

    assert (extra, missing) == EXACT


def test_a_status_with_everything_in_it_has_exactly_the_listed_keys(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    toy = write_toy(tmp_path / "toy")
    forecast_toy(toy, made_on=DAY)
    with open_ledger(toy / LEDGER_FILE) as ledger:
        first = next(ledger.forecasts("toy")).forecast
        moved = tuple(replace(row, p=row.p and 1 - row.p) for row in first.answers)
        later = replace(first, as_of="2024-02-09", key="0" * 64, answers=moved)
        ledger.append_forecast(later, ledger.evidence(first.evidence_identity))
    (toy / "scenarios/broken").mkdir()
    (toy / "scenarios/broken/scenario.yaml").write_text("[")
    with pytest.raises(SystemExit, match="1"):
        main(["-C", str(toy), "status", "--json"])

    document = json.loads(capsys.readouterr().out)

    assert document["rows"][0]["changed"]
    assert document["rows"][0]["due"]
    # what only new evidence has
    document["rows"][0]["unused"] = {key: ["an id"] for key in ("reports", "events", "gone")}
    assert make_cli.undocumented("status", document) == EXACT


def test_the_site_document_has_exactly_the_listed_keys(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    toy = write_toy(tmp_path / "toy")
    (toy / "scenarios/broken").mkdir()
    (toy / "scenarios/broken/scenario.yaml").write_text("[")
    with pytest.raises(SystemExit, match="1"):
        main(["-C", str(toy), "site", "-o", str(tmp_path / "out"), "--json"])

    document = json.loads(capsys.readouterr().out)

    # what only an edited file and a page that is gone have
    document |= {"removed": ["a file"], "foreign": ["a file"]}
    assert make_cli.undocumented("site", document) == EXACT


def test_the_check_document_of_a_case_with_a_warning_has_exactly_the_listed_keys(workspace: Path, run: Run):
    file = workspace / "scenarios/dprk-russia/scenario.yaml"
    file.write_text(file.read_text("utf-8").replace("searched_until: 2025", "searched_until: 2095"), encoding="utf-8")

    code, document = run("check", "dprk-russia")

    assert (code, document["ok"]) == (0, True)
    assert document["findings"]
    assert make_cli.undocumented("check", document) == EXACT


def test_scores_of_everything_that_can_be_scored_have_exactly_the_listed_keys(workspace: Path, run: Run):
    (workspace / "f.csv").write_text(
        "model_id,target,output_type,output_type_id,value\nm,n,sample,1,2\nm,n,quantile,0.5,2\nm,n,quantile,0.1,1\n"
        "m,n,quantile,0.9,3\nm,c,pmf,a,0.5\nm,c,pmf,b,0.5\nm,c,mean,NA,1\nother,c,pmf,a,0.4\nother,c,pmf,b,0.6\n"
    )
    (workspace / "t.csv").write_text("target,output_type,output_type_id,oracle_value\nn,mean,NA,2\nc,pmf,a,1\n")

    code, document = run(
        *("score", "--forecasts", str(workspace / "f.csv"), "--truth", str(workspace / "t.csv")), "--group-by", "target"
    )

    assert code == 0
    assert document["tables"]
    assert len(document["numbers"]) == 2
    assert make_cli.undocumented("score", document) == EXACT


def test_a_replay_has_exactly_the_listed_keys(run: Run, monkeypatch: pytest.MonkeyPatch):
    """One month-end before the last search, so that there are scores; draws come from the prior, weighed."""
    monkeypatch.setitem(sys.modules, "forecast.inference.fit", SimpleNamespace(fit=exact))

    code, document = run("replay", "dprk-russia", "--from", "2024-02-01", "--to", "2024-03-31")

    assert code == 0
    assert document["automatic"]
    assert document["scores"]
    # what only failures and late days have
    document["notes"] = document["problems"] = ["a sentence"]
    assert make_cli.undocumented("replay", document) == EXACT


def test_a_resolution_that_was_written_has_exactly_the_listed_keys(run: Run):
    words = ("regime-2026", "--outcome", "annulled", "--on", "2026-01-07", "--source", "two readers who disagree")

    code, document = run("resolve", "dprk-russia", *words)

    assert code == 0
    assert [row["question"] for row in document["written"]] == ["regime-2026"]
    assert make_cli.undocumented("resolve", document) == EXACT


def test_a_failed_verification_has_exactly_the_listed_keys(run: Run):
    code, document = run("ledger", "verify", "--head", "0" * 64)

    assert code == 1
    assert make_cli.undocumented("ledger verify", document) == EXACT


def test_an_error_has_exactly_the_listed_keys(run: Run):
    code, document = run("history", "nowhere")

    assert code == 2
    assert make_cli.undocumented("errors", document) == EXACT


def test_the_update_document_has_the_listed_keys():
    # the record under test has fewer keys in `method` than a real one; tests/docs/test_tutorial.py looks at a real one
    update = Update(forecast(), None, False, None, {}, ("new",), ("gone",), ("R-hat is too large",), "0" * 64)

    extra, missing = make_cli.undocumented("update", update_document(update))

    assert extra == set()
    assert all(key.startswith("method.") for key in missing)


def test_the_compare_document_has_exactly_the_listed_keys(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    folder = write_toy(tmp_path)
    for version in ("v0", "v1"):
        forecast_toy(folder, made_on=date(2026, 1, 1), as_of=date(2024, 2, 1), model=version)
    models = folder / "scenarios/toy/models"
    (models / "v1.yaml").write_text((models / "v1.yaml").read_text("utf-8") + "overrides: " + OTHER_RANGE)
    for version in ("v0", "v1"):
        forecast_toy(folder, made_on=date(2026, 1, 1), as_of=date(2024, 2, 1), model=version)
    with pytest.raises(SystemExit):
        main(["-C", str(folder), "compare", "toy", "v1", "--as-of", "2024-06-01", "--json"])

    assert make_cli.undocumented("compare", json.loads(capsys.readouterr().out)) == EXACT


def test_documents_of_published_numbers_have_exactly_the_listed_keys(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    """A forecast as of an earlier day is a replay, which is told; the list of the document was cut away."""
    toy = write_toy(tmp_path / "toy")
    forecast_toy(toy, made_on=date(2026, 1, 1), as_of=DAY)
    draft, out = tmp_path / "draft.md", tmp_path / "out.md"
    draft.write_text("It is {fc:toy/meeting-2024}, {fc:toy/regime-2025:durable words}.\n")
    with pytest.raises(SystemExit, match="0"):
        main(["-C", str(toy), "render", str(draft), "-o", str(out), "--json"])
    assert make_cli.undocumented("render", json.loads(capsys.readouterr().out)) == EXACT
    text = out.read_text()
    out.write_text(text.replace('"form":1', '"form":1, "more":2').replace("It is [0.", "It is [9."))
    with pytest.raises(SystemExit, match="1"):
        main(["-C", str(toy), "verify", str(out), "--json"])

    assert make_cli.undocumented("verify", json.loads(capsys.readouterr().out)) == EXACT


def test_keys_that_are_not_listed_and_listed_keys_without_place_are_found():
    document = {"rows": [{"log": "a", "unheard": 1}], "heads": []}

    extra, missing = make_cli.undocumented("ledger log", document)

    assert extra == {"rows[].unheard"}
    assert "rows[].seq" in missing
    assert not any(key.startswith("heads") for key in missing)
