"""`forecast new`, `check`, `show` and `schema`: what analysts wrote."""

from pathlib import Path

import pytest

from ..workspaces import edit
from .conftest import Command

#: From `../shared/design/cli.md`, 'JSON'.
SHOW_KEYS = {"scenario", "as_of", "regimes", "questions", "indicators", "evidence"}
FINDING_KEYS = {"level", "file", "line", "key", "found", "accepted", "message"}


def test_a_new_scenario_can_be_checked_and_shown_at_once(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ended = command("new", "demo")
    assert ended.code == 0
    assert ended.out.splitlines()[:2] == [
        f"made {tmp_path}/scenarios/demo",
        f"made {tmp_path}/scenarios/codebooks/partnership.yaml",
    ]
    assert {path.name for path in (tmp_path / "scenarios").iterdir()} == {"demo", "codebooks"}
    assert command("check", "demo", "--json").document["ok"]
    assert command("show", "demo").code == 0


def test_a_codebook_that_is_there_is_not_said_to_be_made(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert command("new", "demo").code == 0
    assert "codebooks" not in command("new", "second").out


@pytest.mark.parametrize("target", ["toy", "toy/regime-2025"])
@pytest.mark.parametrize(
    ("day", "message"),
    [
        ("2022-12-31", "2022-12-31 is before the start of toy."),
        ("2999-01-01", "2999-01-01 is in the future."),
    ],
)
def test_show_knows_nothing_of_a_day_before_the_start_or_to_come(
    command: Command, toy: Path, target: str, day: str, message: str
) -> None:
    ended = command("show", target, "--as-of", day)
    assert (ended.code, ended.out) == (2, "")
    assert f"--as-of: {message}" in ended.err
    assert "accepted: a day from 2023-01-01 to" in ended.err
    assert command("show", target, "--as-of", "2023-01-01").code == 0


def test_a_name_that_is_taken_is_refused(command: Command, toy: Path) -> None:
    ended = command("new", "toy")
    assert ended.code == 2
    assert "exists already" in ended.err


def test_a_new_scenario_like_another_has_its_questions_and_no_evidence(command: Command, toy: Path) -> None:
    assert command("new", "other", "--like", "toy").code == 0
    document = command("show", "other", "--json").document
    assert document["questions"][0]["id"] == "regime-2025"
    assert document["evidence"] == []


def test_check_without_findings_of_weight_ends_with_zero(command: Command, toy: Path) -> None:
    ended = command("check", "toy")
    assert ended.code == 0
    assert ended.out.rstrip().endswith(("note", "notes"))
    assert "What one certain event is worth (model v1)" in ended.out


def test_check_as_json_has_the_promised_keys(command: Command, toy: Path) -> None:
    document = command("check", "toy", "--json").document
    assert document["ok"] is True
    assert all(set(finding) == FINDING_KEYS for finding in document["findings"])


@pytest.mark.parametrize("as_json", [False, True], ids=["text", "json"])
def test_check_ends_with_one_and_names_every_error(command: Command, toy: Path, as_json: bool) -> None:
    edit(toy, "toy/evidence/reports.yaml", "grade: C3", "grade: Z3")
    edit(toy, "toy/models/v1.yaml", "tau: 0.5", "tau: 2")
    ended = command("check", "toy", *["--json"] * as_json)
    assert ended.code == 1
    if as_json:
        assert ended.document["ok"] is False
        assert [finding["line"] for finding in ended.document["findings"]] == [4, 4]
    else:
        assert "scenarios/toy/evidence/reports.yaml:4" in ended.err
        assert "scenarios/toy/models/v1.yaml:4" in ended.err
        assert ended.out == "2 errors\n"


def test_show_as_json_has_the_promised_keys(command: Command, toy: Path) -> None:
    document = command("show", "toy", "--as-of", "2024-02-01", "--json").document
    assert set(document) >= SHOW_KEYS
    assert {row["report"]: row["counted"] for row in document["evidence"]} == {
        "R1": True,
        "R2": True,
        "R3": True,
        "R4": False,
    }
    (why,) = [row["why"] for row in document["evidence"] if not row["counted"]]
    assert why == "asserted as speculation"


def test_show_shows_only_what_was_known_on_the_day(command: Command, toy: Path) -> None:
    assert command("show", "toy", "--as-of", "2024-01-06", "--json").document["evidence"] == []
    resolved = {
        day: [q["resolved"] for q in command("show", "toy", "--as-of", day, "--json").document["questions"]]
        for day in ("2024-03-14", "2024-03-15")
    }
    assert set(resolved["2024-03-14"]) == {None}
    assert resolved["2024-03-15"][3] == "yes"


def test_show_says_how_many_reports_count(command: Command, toy: Path) -> None:
    out = command("show", "toy", "--as-of", "2024-02-01").out
    assert "counted: 3 of 4 reports" in out
    assert "R4     asserted as speculation" in out


def test_show_of_a_question_tells_it_whole_with_its_evidence(command: Command, toy: Path) -> None:
    out = command("show", "toy/meeting-2024", "--as-of", "2024-02-01").out
    assert "asks: Do they meet in 2024?" in out
    assert "window: 2024-01-01 to 2024-12-31, both included" in out
    assert "settled: by the record" in out
    assert "per year: durable 1 - 3; fragile 0.1 - 0.5" in out
    assert "watched: 2024-01-01 to 2024-02-01" in out
    assert "counted: 1 of 1 reports" in out
    assert "R1: The leaders met." in out
    assert "R2" not in out


def test_show_of_a_question_about_regimes_defines_them(command: Command, toy: Path) -> None:
    out = command("show", "toy/unbroken-2025", "--as-of", "2024-02-01").out
    assert "kind: stays, durable" in out
    assert "window: the day of the first live forecast to 2025-01-01, without a break" in out
    assert "it lasts" in out
    assert "3 of 4 reports count" in " ".join(out.split())


def test_show_of_a_question_as_json_has_the_same_keys_and_less_in_them(command: Command, toy: Path) -> None:
    whole = command("show", "toy", "--as-of", "2024-02-01", "--json").document
    document = command("show", "toy/meeting-2024", "--as-of", "2024-02-01", "--json").document
    assert set(document) == set(whole)
    assert document["questions"] == [whole["questions"][2]]
    assert document["indicators"] == [row for row in whole["indicators"] if row["indicator"] == "meeting"]
    assert [row["report"] for row in document["evidence"]] == ["R1"]


def test_show_takes_a_path_and_a_question_of_it(command: Command, toy: Path) -> None:
    assert "A toy alliance" in command("show", toy / "scenarios/toy").out
    assert "asks: Do they meet in 2024?" in command("show", f"{toy}/scenarios/toy/meeting-2024").out


@pytest.mark.parametrize(
    ("ref", "message"),
    [
        ("toy/meeting-2042", "toy has no question 'meeting-2042'; did you mean 'meeting-2024'?"),
        ("toy/meeting-2024:yes", "'toy/meeting-2024:yes' names an outcome."),
        ("fc-abc/meeting-2024", "'fc-abc/meeting-2024' names a forecast."),
        ("tox/meeting-2024", "no scenario 'tox'"),
    ],
)
def test_show_of_what_is_no_question_is_refused(command: Command, toy: Path, ref: str, message: str) -> None:
    ended = command("show", ref)
    assert (ended.code, ended.out) == (2, "")
    assert message in ended.err


def test_ids_of_events_stay_whole_within_eighty_columns(command: Command, dprk: Path) -> None:
    ended = command("-C", dprk, "show", "dprk-russia", "--as-of", "2025-06-30")
    events = {row["event"] for row in command("-C", dprk, "show", "dprk-russia", "--json").document["evidence"]}
    assert max(map(len, ended.out.splitlines())) <= 80
    shown = {line.split()[0] for line in ended.out.splitlines() if line.startswith("  ")}
    assert "naryshkin-in-pyongyang-2024-03" in shown & events


def test_show_takes_a_model_version(command: Command, toy: Path) -> None:
    assert command("show", "toy", "--model", "v0", "--json").document["family"] == "base-rate"


def test_schemas_are_printed_all_or_one(command: Command) -> None:
    schemas = command("schema").document
    assert {"scenario", "evidence", "model"} <= set(schemas)
    assert command("schema", "scenario").document == schemas["scenario"]
