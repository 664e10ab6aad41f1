"""What has happened since is told: each status, made for real, against the ledger and against an exported one."""

import json
import sqlite3
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from forecast.api import Workspace
from forecast.api.publishing import VerifyRecords, render, verify_file
from forecast.errors import InputError
from forecast.ledger.exchange import export_jsonl
from forecast.ledger.store import LEDGER_FILE, Ledger, open_ledger
from forecast.report.verified import same_text, touches

from ..workspaces import DAY, edit, forecast_toy, write_toy
from .conftest import BASIS, fill, made, spoken

#: Two numbers: the latest of the scenario, and one of a forecast by its id.
TWO = "A treaty {{fc:dprk-russia/treaty-2024}}, fixed {{fc:{forecast}/regime-2025:durable}}.\n"


class Desk:
    """A workspace with a ledger and a published document."""

    def __init__(self, path: Path) -> None:
        self.path = path
        (path / "scenarios").mkdir()
        with self.open() as ledger:
            self.forecast, self.workings = fill(ledger)
        self.document = path / "out.md"
        (path / "draft.md").write_text(TWO.format(forecast=self.forecast))
        render(Workspace(path), path / "draft.md", self.document)

    def open(self) -> Ledger:
        return open_ledger(self.path / LEDGER_FILE, create=True)

    def found(self, ledger: Path | None = None) -> VerifyRecords:
        return verify_file(None if ledger else Workspace(self.path), self.document, file=ledger)

    def statuses(self, ledger: Path | None = None) -> list[str]:
        return [row["status"] for row in self.found(ledger)]

    def export(self, scenario: str | None = None) -> Path:
        out = self.path / "elsewhere.jsonl"
        with self.open() as ledger:
            export_jsonl(ledger, out, scenario)
        return out


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_document_just_written_stands_here_and_elsewhere(desk: Desk) -> None:
    assert desk.found().ok
    elsewhere = desk.found(desk.export("dprk-russia"))
    assert elsewhere.ok
    assert elsewhere.document["problems"] == []


def test_a_newer_live_forecast_makes_stale_what_was_cited_as_the_latest_only(desk: Desk) -> None:
    with desk.open() as ledger:
        newer = ledger.append_forecast(made(5, as_of="2024-02-01", made_at="2024-02-01T12:00:00+00:00"), BASIS)
    for ledger_file in (None, desk.export()):
        assert desk.statuses(ledger_file) == ["stale", "ok"]
    assert f"{newer.id} as of 2024-02-01" in desk.found().rows[0]["findings"][0]["message"]
    assert not desk.found().ok


@pytest.mark.parametrize(
    "changes",
    [{"kind": "replay"}, {"model": "v3"}, {"answers": ()}, {"scenario": "other"}],
    ids=["a replay", "another version", "another question", "another scenario"],
)
def test_what_does_not_answer_in_its_place_makes_nothing_stale(desk: Desk, changes: dict[str, object]) -> None:
    with desk.open() as ledger:
        later = made(5, as_of="2024-02-01", made_at="2024-02-01T12:00:00+00:00", **changes)
        ledger.append_forecast(later, BASIS)
    assert desk.statuses() == ["ok", "ok"]


def test_a_retracted_newer_forecast_makes_nothing_stale(desk: Desk) -> None:
    with desk.open() as ledger:
        newer = ledger.append_forecast(made(5, as_of="2024-02-01", made_at="2024-02-01T12:00:00+00:00"), BASIS)
        ledger.retract(newer.id, "a slip", "2024-02-02T12:00:00+00:00")
    assert desk.statuses() == ["ok", "ok"]


def test_a_retracted_forecast_is_told_with_its_reason(desk: Desk) -> None:
    with desk.open() as ledger:
        ledger.retract(desk.forecast, "the codebook was wrong", "2024-02-02T12:00:00+00:00")
    found = desk.found()
    # what was cited as the latest is stale as well: an earlier forecast is the latest now
    assert [row["status"] for row in found] == ["retracted", "retracted"]
    assert [one["status"] for one in found.rows[0]["findings"]] == ["retracted", "stale"]
    assert "on 2024-02-02: the codebook was wrong" in found.rows[1]["findings"][0]["message"]


def test_by_the_ledger_alone_evidence_is_withdrawn_that_the_newest_forecast_no_longer_uses(desk: Desk) -> None:
    fewer = spoken(("arms-2023-10", "nis"))
    with desk.open() as ledger:
        ledger.append_forecast(made(5, fewer, as_of="2024-02-01", made_at="2024-02-01T12:00:00+00:00"), fewer)
    found = desk.found(desk.export())
    assert [row["status"] for row in found] == ["withdrawn", "withdrawn"]
    assert "event kim-in-russia-2023-09 of origin bernal-2023" in found.rows[1]["findings"][0]["message"]


def test_by_the_files_evidence_is_withdrawn_from_the_day_on_with_its_reason(tmp_path: Path) -> None:
    workspace = write_toy(tmp_path)
    entry = forecast_toy(workspace, as_of=DAY, made_on=DAY).entry
    assert entry is not None
    (tmp_path / "draft.md").write_text("It lasts: {fc:toy/unbroken-2025}.\n")
    assert render(Workspace(workspace), tmp_path / "draft.md", tmp_path / "out.html").told == ()

    def found(day: date) -> VerifyRecords:
        return verify_file(Workspace(workspace), tmp_path / "out.html", clock=lambda: day)

    assert found(DAY).ok
    edit(
        workspace,
        "toy/evidence/reports.yaml",
        "asserted_as: fact, grade: B1}",
        "asserted_as: fact, grade: B1, withdrawn: {on: 2024-05-01, reason: a hoax}}",
    )
    assert found(date(2024, 4, 30)).ok
    row = found(date(2024, 5, 1)).rows[0]
    assert row["status"] == "withdrawn"
    assert row["findings"] == [
        {"status": "withdrawn", "message": "report R1 of event summit withdrawn on 2024-05-01: a hoax"}
    ]
    again = render(Workspace(workspace), tmp_path / "draft.md", tmp_path / "out.md", clock=lambda: date(2024, 5, 1))
    assert again.told[-1] == (
        f"evidence of {entry.id} does not stand any more, as `verify` will say: "
        "report R1 of event summit withdrawn on 2024-05-01: a hoax"
    )


def test_a_record_of_another_ledger_is_unknown(desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = tmp_path_factory.mktemp("other") / "ledger.db"
    with open_ledger(other, create=True) as ledger:
        ledger.append_forecast(made(9), BASIS)
    found = desk.found(other)
    assert [row["status"] for row in found] == ["unknown", "unknown"]
    assert [row["ledger"] for row in found] == [None, None]


def test_a_record_that_was_altered_is_tampered_with_and_so_is_all_of_its_log(desk: Desk) -> None:
    export = desk.export()
    export.write_text(export.read_text().replace("0.412", "0.142"))
    found = desk.found(export)
    assert [row["status"] for row in found] == ["tampered", "tampered"]
    assert all(problem["status"] == "tampered" for problem in found.document["problems"])


def test_a_ledger_whose_tail_was_cut_is_seen_by_the_head(desk: Desk) -> None:
    """The chain of what is left is right; only the head that the document names is no longer in it."""
    with sqlite3.connect(desk.path / LEDGER_FILE) as connection:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        triggers = [connection.execute("SELECT sql FROM sqlite_master WHERE name = ?", n).fetchone()[0] for n in names]
        for (name,) in names:
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute("DELETE FROM records WHERE seq = (SELECT max(seq) FROM records)")
        for sql in triggers:
            connection.execute(sql)
    connection.close()
    found = desk.found()
    assert [row["status"] for row in found] == ["ok", "ok"]
    assert not found.ok
    assert "cut or rewritten" in found.document["problems"][0]["message"]


def test_an_export_that_is_older_than_the_document_is_a_note_only(desk: Desk) -> None:
    export = desk.export()
    with desk.open() as ledger:
        ledger.append_forecast(made(9, scenario="other"), BASIS)
    render(Workspace(desk.path), desk.path / "draft.md", desk.document)
    found = desk.found(export)
    assert found.ok
    assert [problem["status"] for problem in found.document["problems"]] == ["note"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda text: text.replace('"form":1,"head":"', '"form":1,"head":"0'), "its digest is wrong"),
        (lambda text: text[: text.index("<!--")], "is gone"),
        (lambda text: text.replace('{"citations"', '{"citation"'), "lacks a part"),
        (lambda text: text.replace('"form":1', '"form":2'), "another form"),
    ],
)
def test_a_changed_list_is_tampered_with(desk: Desk, change: Callable[[str], str], message: str) -> None:
    desk.document.write_text(change(desk.document.read_text()))
    found = desk.found()
    assert not found.ok
    assert message in found.document["problems"][0]["message"]
    assert [row["status"] for row in found] == ["ok", "ok"]


def test_of_several_findings_the_worst_is_the_status_and_all_are_told(desk: Desk) -> None:
    with desk.open() as ledger:
        ledger.retract(desk.forecast, "a slip", "2024-02-02T12:00:00+00:00")
    desk.document.write_text(desk.document.read_text().replace("[0.24]", "[0.42]"))
    row = desk.found().rows[0]
    assert row["status"] == "edited"
    assert [one["status"] for one in row["findings"]] == ["edited", "retracted", "stale"]
    assert (row["shown"], row["ledger"]) == ("0.42", "0.24")


def test_a_document_without_citations_is_not_right_silently(desk: Desk) -> None:
    desk.document.write_text("p = 0.41\n")
    found = desk.found()
    assert (found.ok, found.rows) == (False, [])
    assert "nothing to verify" in found.document["problems"][0]["message"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.txt", b"", "is no document"),
        ("a.docx", b"PK\x03\x04", "cannot be read"),
        ("a.pdf", b"%PDF-1.7", "cannot be read"),
        ("a.md", b"\xff\xfe", "no text in UTF-8"),
    ],
)
def test_what_cannot_be_read_is_bad_input(desk: Desk, name: str, content: bytes, message: str) -> None:
    desk.document = desk.path / name
    desk.document.write_bytes(content)
    with pytest.raises(InputError, match=message):
        desk.found()


def test_the_document_for_programs_has_the_keys_that_are_fixed(desk: Desk) -> None:
    document = json.loads(json.dumps(desk.found().document))
    assert document["ok"] is True
    assert document["citations"][0] == {
        "n": 1,
        "token": f"{desk.forecast}/treaty-2024:yes number latest",
        "status": "ok",
        "shown": "0.24",
        "ledger": "0.24",
        "findings": [],
    }


@pytest.mark.parametrize(
    ("seen", "given"),
    [("0.41", "0.41"), ("−0.45", "-0.45"), ("un\u00adlikely", "unlikely"), ("very\u00a0likely ", "very likely")],
)
def test_signs_that_programs_exchange_make_no_difference(seen: str, given: str) -> None:
    assert same_text(seen, given)


@pytest.mark.parametrize("seen", ["0.14", "0,41", "0.41\u202e", "0.410", "０.41", ".41", "0.4l", ""])
def test_what_reads_otherwise_is_another_text(seen: str) -> None:
    assert not same_text(seen, "0.41")


@pytest.mark.parametrize(
    ("before", "after"),
    [("1", ""), ("", "9"), ("", "%"), ("", " %"), ("", ".5"), ("", "x"), ("un", ""), (" -", ""), ("1,", ""), (">", "")],
)
def test_what_stands_directly_beside_a_number_can_change_it(before: str, after: str) -> None:
    assert touches(before, after)


@pytest.mark.parametrize(
    ("before", "after"), [(" (", ")"), ("p = ", ", "), ("", "이다"), ("\n", "."), ("a-", "-b"), ("*", "*"), ("", ". 5")]
)
def test_what_stands_beside_a_number_in_a_sentence_does_not(before: str, after: str) -> None:
    assert not touches(before, after)
