"""The tutorial works: every file and command of docs/tutorial.md, in order, prints what the page says."""

import json
import shutil
from pathlib import Path

import pytest

from forecast.api import Workspace
from forecast.cli.app import main
from tests.scripts import script

pytestmark = pytest.mark.docs

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/tutorial.md").read_text(encoding="utf-8")


walkthrough = script("docs/walkthrough")


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[tuple[str, str, str]]]:
    """The workspace at the end, and every command with what is said and what came out. Makes two real fits."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("FORECAST_HOME", raising=False)
        home = tmp_path_factory.mktemp("home")
        steps = [(command.line, command.output, printed) for _, command, printed in walkthrough.run(PAGE, home)]
    return home / "cases", steps


def test_every_command_of_the_tutorial_prints_what_the_page_says(walked: tuple[Path, list[tuple[str, str, str]]]):
    for line, said, printed in walked[1]:
        found = walkthrough.difference(said, printed)
        assert not found, f"$ {line}\n{found}"


def test_the_tutorial_ends_with_two_recorded_forecasts_the_later_beside_the_earlier(
    walked: tuple[Path, list[tuple[str, str, str]]],
):
    with Workspace(walked[0]).ledger() as ledger:
        first, second = ledger.forecasts("kaland-merove")

    assert second.forecast.since == first.id
    assert (first.forecast.as_of, second.forecast.as_of) == ("2024-11-20", "2024-11-21")


def test_a_real_update_document_has_the_keys_that_cli_md_lists(
    walked: tuple[Path, list[tuple[str, str, str]]], capsys: pytest.CaptureFixture[str]
):
    with pytest.raises(SystemExit, match="0"):
        main(["-C", str(walked[0]), "update", "kaland-merove", "--as-of", "2024-11-21", "--json"])

    make_cli = script("docs/make_cli")
    extra, missing = make_cli.undocumented("update", json.loads(capsys.readouterr().out))
    of_other_methods = {key for key, text in make_cli.DOCUMENTS["update"].items() if text.endswith("(nuts)")}
    assert (extra, missing) == (set(), {*of_other_methods, "method.moved_from"})


def test_a_colleague_can_import_the_exported_ledger(walked: tuple[Path, list[tuple[str, str, str]]], tmp_path: Path):
    exported = shutil.copy(walked[0] / "scenarios/kaland-merove/ledger.jsonl", tmp_path)
    (tmp_path / "scenarios").mkdir()

    assert Workspace(tmp_path).import_ledger(Path(exported), ["kaland"]).n_added == 5
    assert Workspace(tmp_path).verify(file=Path(exported)) == []


@pytest.mark.parametrize(
    ("said", "printed"),
    [
        ("p 0.50 likely\n", "p  0.52 unlikely\n"),
        ("one\n...\nlast 0.1\n", "one\ntwo\nthree\nlast 0.1\n"),
        ("recorded as fc-bbhmqdp4ym\n", "recorded as fc-ktbkbvdfvz\n"),
    ],
)
def test_what_moves_from_run_to_run_is_no_difference(said: str, printed: str):
    assert walkthrough.difference(said, printed) == ""


@pytest.mark.parametrize(
    ("said", "printed"),
    [
        ("p 0.50\n", "p 0.54\n"),
        ("one\n", "one\ntwo\n"),
        ("one\ntwo\n", "one\n"),
        ("7 reports\n", "8 reports\n"),
        ("", "x\n"),
    ],
)
def test_what_a_reader_would_notice_is_a_difference(said: str, printed: str):
    assert walkthrough.difference(said, printed)
