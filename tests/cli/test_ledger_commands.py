"""`forecast history`, `ledger` and `doctor`: what was recorded, and whether it is still what was recorded."""

import json
import shutil
import sqlite3
from datetime import date
from pathlib import Path

import pytest

from forecast.ledger.store import DRAWS_FOLDER, LEDGER_FILE

from ..workspaces import DAY, forecast_toy, write_toy
from .conftest import LATER, Command

#: From `../shared/design/cli.md`, 'JSON'.
HISTORY_KEYS = {"forecast", "as_of", "made_at", "kind", "model", "question", "outcome", "p", "low", "high"}

type Done = tuple[Path, str]


def test_history_as_json_has_the_promised_keys(command: Command, done: Done) -> None:
    rows = command("history", "toy", "--json").document["rows"]
    assert all(set(row) >= HISTORY_KEYS for row in rows)
    assert [(row["question"], row["outcome"]) for row in rows] == [
        ("regime-2025", "durable"),
        ("regime-2025", "fragile"),
        ("unbroken-2025", "yes"),
        ("meeting-2024", "yes"),
        ("dispute-2024", "yes"),
    ]


@pytest.mark.parametrize(
    ("ref", "n_rows"),
    [
        ("toy/regime-2025", 2),
        ("toy/regime-2025:fragile", 1),
        ("toy/meeting-2024:no", 1),
        ("ID", 5),
        ("ID/regime-2025:durable", 1),
        ("fc-", 5),
    ],
)
def test_history_is_that_of_what_the_reference_names(command: Command, done: Done, ref: str, n_rows: int) -> None:
    rows = command("history", ref.replace("ID", done[1]), "--json").document["rows"]
    assert len(rows) == n_rows
    assert {row["forecast"] for row in rows} == {done[1]}


def test_history_of_an_unknown_question_names_those_there_are(command: Command, done: Done) -> None:
    ended = command("history", "toy/nothing")
    assert ended.code == 2
    assert "accepted: questions regime-2025, unbroken-2025" in ended.err


def test_a_line_for_every_outcome_shows_how_it_moved_over_the_days(command: Command, done: Done) -> None:
    forecast_toy(done[0], made_on=LATER, as_of=date(2024, 4, 10))
    # two points are in the table already
    assert "first last" not in command("history", "toy/regime-2025").out
    forecast_toy(done[0], made_on=LATER, as_of=date(2024, 3, 6))
    rows = command("history", "toy/regime-2025:durable", "--json").document["rows"]
    out = command("history", "toy/regime-2025:durable").out
    assert "2024-02-01 to 2024-04-10" in out
    marks = out.splitlines()[-2].split()[3]
    blocks = ["▁▂▃▄▅▆▇█"[int(row["p"] * 8)] for row in rows]
    # 69 days in 30 columns: each stands until the next, and the last is made on the last day
    assert marks == blocks[0] * 15 + blocks[1] * 14 + blocks[2]
    assert max(map(len, out.splitlines())) <= 80


def test_what_was_retracted_is_in_no_line(command: Command, done: Done) -> None:
    for day in (date(2024, 3, 6), date(2024, 4, 10)):
        later = forecast_toy(done[0], made_on=LATER, as_of=day).entry
        assert later is not None
    assert "first last" in command("history", "toy/regime-2025").out
    command("ledger", "retract", later.id, "--reason", "a mistake")
    assert "first last" not in command("history", "toy/regime-2025").out


def test_pictures_are_in_no_csv_and_no_json(command: Command, done: Done) -> None:
    for day in (date(2024, 3, 6), date(2024, 4, 10)):
        forecast_toy(done[0], made_on=LATER, as_of=day)
    for option in ("--csv", "--json"):
        assert not set("▁▂▃▄▅▆▇█") & set(command("history", "toy", option).out)


def test_history_of_an_unknown_outcome_names_those_of_its_question(command: Command, done: Done) -> None:
    ended = command("history", "toy/regime-2025:durably")
    assert ended.code == 2
    assert "accepted: outcomes of regime-2025: durable, fragile" in ended.err


@pytest.mark.parametrize("name", ["empty.db", "table.csv", "."])
def test_what_is_no_ledger_does_not_pass_for_an_empty_one(command: Command, done: Done, name: str) -> None:
    Path("empty.db").touch()
    Path("table.csv").write_text("a,b\n1,2\n")
    ended = command("ledger", "verify", "--ledger", name)
    assert (ended.code, ended.out) == (2, "")
    assert "accepted: FILE.jsonl" in ended.err


def test_an_emptied_ledger_does_not_verify(command: Command, done: Done) -> None:
    """Without the draws nothing tells it from one that a killed run left; with them no command reads it."""
    path = done[0] / ".forecast/ledger.db"
    path.write_bytes(b"")
    for line in (("ledger", "verify"), ("ledger", "log"), ("history", "toy"), ("update", "toy")):
        ended = command(*line)
        assert (ended.code, "an empty file, no ledger, beside draws" in " ".join(ended.err.split())) == (2, True)
    shutil.rmtree(done[0] / ".forecast/draws")
    ended = command("ledger", "verify")
    assert ended.code == 1
    assert "is an empty file, no ledger" in " ".join(ended.out.split())
    assert "the ledger is BROKEN" in ended.out


def test_live_and_replay_stand_apart(command: Command, done: Done) -> None:
    forecast_toy(done[0], made_on=DAY)
    out = command("history", "toy/regime-2025").out
    assert "live and replay are different things" in out
    assert "2024-02-01" in out


def test_log_lists_forecasts_and_retractions_and_heads(command: Command, done: Done) -> None:
    assert command("ledger", "retract", done[1], "--reason", "coded wrongly").code == 0
    document = command("ledger", "log", "--json").document
    assert [row["type"] for row in document["rows"]] == ["forecast", "retraction"]
    assert document["rows"][0]["retracted"] == "coded wrongly"
    (head,) = document["heads"]
    out = command("ledger", "log").out
    assert f"log {head['log']} ends with {head['hash']}" in out
    assert "RETRACTED" in command("history", "toy").out


def test_show_prints_one_record_whole_by_the_beginning_of_its_id(command: Command, done: Done) -> None:
    document = command("ledger", "show", done[1][:5]).document
    assert document["id"] == done[1]
    assert document["content"]["scenario"] == "toy"
    assert document["retracted"] is None


def test_a_second_retraction_says_that_there_was_one(command: Command, done: Done) -> None:
    first = command("ledger", "retract", done[1], "--reason", "coded wrongly").out
    assert "is retracted by re-" in first
    assert "was retracted before by re-" in command("ledger", "retract", done[1], "--reason", "again").out


def test_a_retraction_needs_a_reason(command: Command, done: Done) -> None:
    assert command("ledger", "retract", done[1]).code == 2
    ended = command("ledger", "retract", done[1], "--reason", " ")
    assert ended.code == 2
    assert "a retraction needs a reason" in ended.err


def test_an_unknown_forecast_is_refused(command: Command, done: Done) -> None:
    for arguments in (("ledger", "show", "fc-zzzz"), ("ledger", "retract", "fc-zzzz", "--reason", "x")):
        ended = command(*arguments)
        assert ended.code == 2
        assert "'fc-zzzz' is in no log" in ended.err


# --- verify ---------------------------------------------------------------------------------------------------------


def test_verify_finds_nothing_wrong_and_names_the_head(command: Command, done: Done) -> None:
    ended = command("ledger", "verify")
    assert ended.code == 0
    assert ended.out.startswith("ok: 3 records verify\nthis shows that the log is consistent, not that it was never")
    document = command("ledger", "verify", "--json").document
    assert (document["ok"], document["problems"]) == (True, [])


def test_verify_checks_a_head_that_was_noted(command: Command, done: Done) -> None:
    (head,) = command("ledger", "verify", "--json").document["heads"]
    assert command("ledger", "verify", "--head", head["hash"][:16]).code == 0
    assert command("ledger", "verify", "--head", "0" * 16).code == 1
    assert command("ledger", "verify", "--head", "nonsense").code == 2


def test_a_record_altered_by_hand_is_named(command: Command, done: Done) -> None:
    workspace, name = done
    connection = sqlite3.connect(workspace / LEDGER_FILE)
    with connection:
        connection.execute("DROP TRIGGER records_no_update")
        connection.execute(
            "UPDATE records SET json = replace(json, 'A toy alliance', 'A toy empire') WHERE id = ?", (name,)
        )
    connection.close()
    ended = command("ledger", "verify")
    assert ended.code == 1
    assert f"({name})" in ended.out
    assert "the ledger is BROKEN" in ended.out
    document = command("ledger", "verify", "--json").document
    assert document["ok"] is False
    assert name in {problem["id"] for problem in document["problems"]}


def test_draws_that_are_gone_do_not_break_the_ledger(command: Command, done: Done) -> None:
    for path in (done[0] / DRAWS_FOLDER).iterdir():
        path.unlink()
    ended = command("ledger", "verify")
    assert ended.code == 0
    assert ended.out.startswith("note: ")


def test_a_file_that_is_no_ledger_is_refused(command: Command, toy: Path) -> None:
    (toy / LEDGER_FILE).parent.mkdir()
    (toy / LEDGER_FILE).write_bytes(b"something else entirely" * 100)
    ended = command("ledger", "verify")
    assert ended.code == 2
    assert "damaged, or no ledger" in ended.err


# --- export and import ----------------------------------------------------------------------------------------------


def test_an_exported_ledger_is_read_verified_and_imported_elsewhere(
    command: Command, done: Done, tmp_path: Path
) -> None:
    workspace, name = done
    ended = command("ledger", "export", "toy")
    assert ended.code == 0
    file = workspace / "scenarios" / "toy" / "ledger.jsonl"
    assert ended.out == f"3 records in {file}\n"
    other = write_toy(tmp_path / "other")
    for verb in (("history", "toy"), ("ledger", "log"), ("ledger", "verify"), ("ledger", "show", name)):
        assert command("-C", other, *verb, "--ledger", file).code == 0
    assert not (other / ".forecast").exists()
    broken = tmp_path / "broken.jsonl"
    broken.write_text(file.read_text().replace('"p":', '"q":'))
    assert command("-C", other, "ledger", "import", broken, "--name", "anna").code == 2
    assert command("-C", other, "ledger", "restore", broken).code == 2
    assert not (other / ".forecast").exists()
    unnamed = command("-C", other, "ledger", "import", file)
    assert unnamed.code == 2
    assert "has no name" in unnamed.err
    added = command("-C", other, "ledger", "import", file, "--name", "anna").out
    assert "3 records added, 0 were there\nforeign log " in added
    assert added.endswith(": anna\n")
    assert "0 records added, 3 were there" in command("-C", other, "ledger", "import", file).out
    assert command("-C", other, "ledger", "verify").code == 0
    told = command("-C", other, "history", name, "--json").document
    assert {row.pop("log_name") for row in told["rows"]} == {"anna"}
    own = command("history", name, "--json").document
    assert {row.pop("log_name") for row in own["rows"]} == {None}
    assert told == own
    assert "v1 @anna" in command("-C", other, "history", "toy").out
    assert "imported log anna" in command("-C", other, "status").out
    assert "foreign, anna: toy v1" in command("-C", other, "ledger", "log").out
    refused = command("-C", other, "cite", "toy")
    assert refused.code == 2
    assert "Imported logs have some: name toy@anna" in " ".join(refused.err.split())
    cited = command("-C", other, "cite", "toy@anna")
    assert "imported as anna" in " ".join(cited.out.split())


def test_a_lost_ledger_is_restored_from_its_export(command: Command, done: Done, tmp_path: Path) -> None:
    workspace, name = done
    file = workspace / "all.jsonl"
    assert command("ledger", "export", "-o", file).code == 0
    head = command("ledger", "log", "--json").document["heads"][0]["hash"]
    other = write_toy(tmp_path / "other")
    assert command("-C", other, "ledger", "restore", file, "--head", "0" * 16).code == 2
    ended = command("-C", other, "ledger", "restore", file, "--head", head)
    assert ended.code == 0
    assert "3 records restored; this workspace continues log" in ended.out
    assert command("-C", other, "ledger", "verify", "--head", head[:16]).code == 0
    assert command("-C", other, "cite", "toy").out == command("cite", "toy").out
    assert name in command("-C", other, "history", "toy").out
    again = command("-C", other, "ledger", "restore", file)
    assert again.code == 2
    assert "holds 3 records already" in " ".join(again.err.split())


def test_an_export_that_was_altered_is_not_imported(command: Command, done: Done, tmp_path: Path) -> None:
    file = tmp_path / "theirs.jsonl"
    command("ledger", "export", "toy", "-o", file)
    file.write_text(file.read_text().replace("A toy alliance", "A toy empire"))
    ended = command("-C", write_toy(tmp_path / "other"), "ledger", "import", file)
    assert (ended.code, ended.out) == (2, "")
    assert f"{done[1]}): neither id nor hash is that of the content" in ended.err


@pytest.mark.parametrize("as_json", [False, True], ids=["text", "json"])
def test_an_export_that_was_altered_does_not_verify(
    command: Command, done: Done, tmp_path: Path, as_json: bool
) -> None:
    file = tmp_path / "theirs.jsonl"
    command("ledger", "export", "toy", "-o", file)
    file.write_text(file.read_text().replace("A toy alliance", "A toy empire"))
    ended = command("ledger", "verify", "--ledger", file, *["--json"] * as_json)
    assert ended.code == 1
    if as_json:
        (problem,) = [row for row in ended.document["problems"] if row["id"] == done[1]]
        assert problem["message"].startswith("neither id nor hash is that of the content")
        assert ended.document["ok"] is False
    else:
        assert f"{done[1]}): neither id nor hash is that of the content" in ended.out
        assert ended.out.endswith("the ledger is BROKEN\n")


def test_lines_of_an_export_that_are_no_records_do_not_verify(command: Command, done: Done, tmp_path: Path) -> None:
    file = tmp_path / "theirs.jsonl"
    command("ledger", "export", "toy", "-o", file)
    file.write_text(file.read_text() + "<<<<<<< ours\n")
    ended = command("ledger", "verify", "--ledger", file)
    assert ended.code == 1
    assert f"{file}:{len(file.read_text().splitlines())}: a conflict that git left" in ended.out


@pytest.mark.parametrize("text", [None, "no export\nat all\n"], ids=["missing", "something else"])
def test_what_is_no_export_cannot_be_verified(command: Command, done: Done, tmp_path: Path, text: str | None) -> None:
    file = tmp_path / "theirs.jsonl"
    if text is not None:
        file.write_text(text)
    ended = command("ledger", "verify", "--ledger", file)
    assert (ended.code, ended.out) == (2, "")
    assert str(file) in ended.err


def test_an_export_of_a_scenario_without_a_forecast_is_refused_and_makes_no_ledger(command: Command, toy: Path) -> None:
    ended = command("ledger", "export", "toy")
    assert ended.code == 2
    assert "holds no forecast of 'toy'" in ended.err
    assert not (toy / LEDGER_FILE).exists()


# --- doctor ---------------------------------------------------------------------------------------------------------


def test_doctor_lists_versions_and_what_nobody_needs(command: Command, done: Done) -> None:
    stray = done[0] / DRAWS_FOLDER / f"{'0' * 64}.npz"
    stray.write_bytes(b"draws of another ledger")
    ended = command("doctor")
    assert ended.code == 0
    assert "python 3." in ended.out
    assert "0 leftovers of killed runs found (--prune deletes them)" in ended.out
    assert "1 draws files of no use" in ended.out
    assert stray.exists()


def test_doctor_prunes_what_nobody_needs_and_nothing_else(command: Command, done: Done) -> None:
    workspace, name = done
    draft = forecast_toy(workspace, made_on=LATER, as_of=DAY, seed=3, draft=True)
    (workspace / DRAWS_FOLDER / f"{'0' * 64}.npz").write_bytes(b"draws of another ledger")
    fit = command("ledger", "show", name).document["content"]["fit"]
    assert "1 draws files of no use" in command("doctor", "--prune").out
    assert {path.stem for path in (workspace / DRAWS_FOLDER).iterdir()} == {fit, draft.forecast.fit}
    assert json.loads(command("ledger", "verify", "--json").out)["ok"]


def test_doctor_looks_and_writes_nothing(command: Command, toy: Path) -> None:
    assert command("doctor").code == 0
    assert command("doctor", "--prune").code == 0
    assert not (toy / ".forecast").exists()


def test_history_is_drawn_too_where_that_is_asked_for(command: Command, done: Done) -> None:
    ended = command("history", "toy/regime-2025", "--plot", "h.svg")
    assert ended.code == 0
    assert ended.out.startswith("regime-2025")
    assert ended.err == "drawn in h.svg\n"
    assert "regime-2025" in Path("h.svg").read_text()
    assert command("history", "toy", "--plot", "h.doc").code == 2
