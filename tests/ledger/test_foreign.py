"""What is promised of logs that come from elsewhere: they are named, checked, and have no say about our own."""

import json
import re
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from forecast.errors import InputError, LedgerError
from forecast.ledger.exchange import export_jsonl
from forecast.ledger.import_log import import_jsonl, restore_jsonl
from forecast.ledger.records import Workings
from forecast.ledger.store import LEDGER_FILE, Ledger, open_ledger
from forecast.ledger.verify import verify
from forecast.ledger.warning_codes import CLOCK, SEEN_CASE, has_code

from ..cases import case_folder
from .forging import chained, name_of, written
from .samples import ANSWER, MODEL, evidence, forecast

NOW = datetime(2024, 2, 1, tzinfo=UTC)
MADE_AT = "2024-01-09T08:00:00+00:00"
LOG = "f" * 16


def contents(**changes: Any) -> list[dict[str, Any]]:
    """Evidence set, model and forecast as content."""
    record = forecast(7, **changes)
    return [
        {"type": "evidence", "identity": record.evidence_identity, "set": evidence()},
        {"type": "model", "identity": record.model_identity, "settings": MODEL},
        record.to_content(),
    ]


@pytest.fixture
def own(ledger: Ledger) -> Ledger:
    """A ledger with one forecast of its own."""
    ledger.append_forecast(forecast(), evidence(), MODEL)
    return ledger


@pytest.fixture
def theirs(tmp_path: Path) -> Path:
    """A log that was made without the program."""
    return written(
        tmp_path / "theirs.jsonl", chained(LOG, contents(as_of="2024-01-20", made_at="2024-01-20T09:00:00+00:00"))
    )


def test_a_forged_record_does_not_extend_the_own_log(own: Ledger, tmp_path: Path) -> None:
    """The chain fits, the log id is ours: the record is refused all the same, and nothing is added."""
    file = tmp_path / "forged.jsonl"
    head = own.head()
    export_jsonl(own, file)
    last = json.loads(file.read_text().splitlines()[-1])
    forged = chained(own.own_log, contents()[2:], last["seq"], last["hash"])
    with file.open("a") as appended:
        appended.write(json.dumps(forged[0]) + "\n")
    with pytest.raises(InputError, match=r"forged\.jsonl:4: .* would extend this workspace's own log"):
        import_jsonl(own, file, NOW)
    assert own.head() == head
    assert len(list(own.entries())) == 3
    # the export without the forged line changes nothing, and is no error
    export_jsonl(own, tmp_path / "ours.jsonl")
    assert import_jsonl(own, tmp_path / "ours.jsonl", NOW).n_added == 0


def test_a_foreign_forecast_is_never_the_last_one_unless_its_log_is_named(own: Ledger, theirs: Path) -> None:
    ours = next(own.forecasts())
    done = import_jsonl(own, theirs, NOW, ["anna"])
    assert done.names == {LOG: "anna"}
    assert verify(own) == []
    assert own.latest("dprk-russia") == ours
    assert [entry.foreign for entry in own.forecasts(foreign=True)] == [None, "anna"]
    asked = own.latest("dprk-russia", foreign="anna")
    assert asked is not None
    assert (asked.log, asked.foreign, asked.model_label) == (LOG, "anna", "v2 @anna")
    assert own.foreign_counts("dprk-russia") == {"anna": 1}
    with pytest.raises(InputError, match=r"no imported log has the name 'boris'\. Accepted: anna"):
        own.latest("dprk-russia", foreign="boris")


def test_a_foreign_retraction_disowns_nothing_of_ours(own: Ledger, tmp_path: Path) -> None:
    ours = next(own.forecasts())
    record = contents()
    retraction = {"type": "retraction", "reason": "forged", "made_at": MADE_AT}
    lines = chained(LOG, [*record, retraction | {"of": name_of(record[2])}])
    import_jsonl(own, written(tmp_path / "theirs.jsonl", lines), NOW, ["anna"])
    disowned = own.latest("dprk-russia", foreign="anna")
    assert disowned is None  # their own forecast is retracted by their own log
    # a log that retracts ours does not verify as a file of its own, but a merged one does
    export_jsonl(own, tmp_path / "both.jsonl")
    ending = next(head for head in own.heads() if head.log == LOG)
    with (tmp_path / "both.jsonl").open("a") as file:
        file.write(json.dumps(chained(LOG, [retraction | {"of": ours.id}], 4, ending.hash)[0]) + "\n")
    import_jsonl(own, tmp_path / "both.jsonl", NOW)
    assert own.entry(ours.id).retracted is None
    assert [entry.id for entry in own.forecasts(retracted=False)] == [ours.id]
    assert own.latest("dprk-russia") == ours
    assert own.find_key(ours.content["key"]) == ours
    # ours still can be retracted by us, whatever the other log says
    assert not own.retract(ours.id, "coded twice", MADE_AT).stored
    assert own.entry(ours.id).retracted is not None


def test_a_new_log_needs_a_name_of_its_own(own: Ledger, theirs: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=f"log {LOG} is new here and has no name"):
        import_jsonl(own, theirs, NOW)
    for name in ("latest", "a b", "../x", ""):
        with pytest.raises(InputError, match="cannot be the name of a log"):
            import_jsonl(own, theirs, NOW, [name])
    assert len(list(own.entries())) == 3
    import_jsonl(own, theirs, NOW, ["anna"])
    other = written(tmp_path / "other.jsonl", chained("0" * 16, contents()))
    with pytest.raises(InputError, match="another imported log has the name 'anna'"):
        import_jsonl(own, other, NOW, ["anna"])
    both = tmp_path / "both.jsonl"
    both.write_text(theirs.read_text() + other.read_text())
    with pytest.raises(InputError, match="log 0000000000000000 is new here and has no name"):
        import_jsonl(own, both, NOW, ["ffff=anna"])
    assert import_jsonl(own, both, NOW, ["0000=boris"]).names == {LOG: "anna", "0" * 16: "boris"}
    assert own.foreign_logs() == {"0" * 16: "boris", LOG: "anna"}


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "a scenario outside of the workspace": ({"scenario": "../x"}, r"its scenario is '\.\./x'"),
    "a question that is a path": (
        {"questions": ({"id": "a/b"},), "answers": ()},
        r"a question has the name 'a/b'.*question 'a/b' is asked but not answered",
    ),
    "probabilities that sum to two": (
        {"answers": (ANSWER, ANSWER)},
        "an outcome is there twice in yes, yes",
    ),
    "a sum that is not one": ({"answers": (ANSWER,)}, r"the probabilities of yes sum to 0\.3; accepted: 1"),
    "a day after it was made": ({"as_of": "2024-01-08"}, "as_of is 2024-01-08, after 2024-01-07"),
    "an instant in the future": ({"made_at": "2024-02-01T00:00:01+00:00"}, "in the future; it is 2024-02-01"),
    "no model": ({"model_identity": "0" * 64}, "its log lacks the model 0000"),
    "a question nobody asked": ({"questions": ()}, "question 'treaty-2024' is answered but not asked"),
    "a model that is a path": ({"model": "v2/../x"}, "its model is 'v2/../x'"),
}


@pytest.mark.parametrize(("changes", "message"), WRONG.values(), ids=WRONG)
def test_a_record_that_no_forecast_can_say_is_refused_with_its_line(
    own: Ledger, tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    lines = chained(LOG, [*contents()[:2], forecast(7, **changes).to_content()])
    with pytest.raises(InputError) as caught:
        import_jsonl(own, written(tmp_path / "theirs.jsonl", lines), NOW, ["anna"])
    text = "\n".join(map(str, caught.value.findings()))
    assert [finding.line for finding in caught.value.findings()][:1] == [3]
    assert re.search(message, text.replace("\n", " ")), text
    assert len(list(own.entries())) == 3
    assert own.foreign_logs() == {}


def test_all_wrong_lines_are_named_at_once(own: Ledger, tmp_path: Path) -> None:
    wrong = [forecast(n, scenario="../x", answers=(ANSWER,)).to_content() for n in (1, 2)]
    lines = chained(LOG, [*contents()[:2], *wrong])
    with pytest.raises(InputError) as caught:
        import_jsonl(own, written(tmp_path / "theirs.jsonl", lines), NOW, ["anna"])
    assert [finding.line for finding in caught.value.findings()] == [3, 3, 4, 4]


def test_a_record_made_before_the_one_before_it_is_refused(own: Ledger, tmp_path: Path) -> None:
    """Records without codes may lie a day apart: earlier versions read the clock when a run began."""
    later = forecast(1, made_at="2024-01-20T00:00:00+00:00").to_content()
    for made_at, codes, is_refused in [
        ("2024-01-19T12:00:00+00:00", None, False),
        ("2024-01-18T12:00:00+00:00", None, True),
        ("2024-01-19T12:00:00+00:00", ("",), True),
        ("2024-01-18T12:00:00+00:00", (CLOCK,), False),
    ]:
        second = forecast(2, made_at=made_at, warning_codes=codes).to_content()
        lines = chained(
            f"{made_at[8:10]}{len(codes or ())}{'a' if is_refused else 'b'}", [*contents()[:2], later, second]
        )
        file = written(tmp_path / "theirs.jsonl", lines)
        name = f"log-{lines[0]['log']}"
        if is_refused:
            with pytest.raises(InputError, match=rf"made_at is {made_at[:10]}.*before 2024-01-20"):
                import_jsonl(own, file, NOW, [name])
        else:
            assert import_jsonl(own, file, NOW, [name]).n_added == 4


def test_the_cases_of_forged_logs_are_refused(own: Ledger) -> None:
    folder = case_folder("ledger-imports")
    for name, message in (
        ("impossible-scenario", r"its scenario is '\.\./x'"),
        ("answers-sum-to-three", "sum to 3; accepted: 1|sum to 2; accepted: 1"),
    ):
        with pytest.raises(InputError, match=message):
            import_jsonl(own, folder / f"{name}.jsonl", datetime(2026, 12, 31, tzinfo=UTC), ["x"])
    assert len(list(own.entries())) == 3


# Restoring


@pytest.fixture
def export(own: Ledger, tmp_path: Path) -> Path:
    export_jsonl(own, tmp_path / "export.jsonl")
    return tmp_path / "export.jsonl"


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Ledger]:
    with open_ledger(tmp_path / "new" / LEDGER_FILE, create=True) as opened:
        yield opened


def test_a_restored_log_is_continued(own: Ledger, export: Path, empty: Ledger, tmp_path: Path) -> None:
    done = restore_jsonl(empty, export, NOW)
    assert (done.log, done.n_records, done.head) == (own.own_log, 3, own.head().hash)
    assert empty.head() == own.head()
    assert verify(empty, head=own.head().hash) == []
    entry = empty.append_forecast(forecast(1), evidence(), MODEL)
    assert (entry.log, entry.seq, entry.prev) == (own.own_log, 4, own.head().hash)
    export_jsonl(empty, tmp_path / "again.jsonl")
    assert (tmp_path / "again.jsonl").read_text().startswith(export.read_text())


def test_a_log_is_restored_only_where_nothing_is_recorded(own: Ledger, export: Path, empty: Ledger) -> None:
    with pytest.raises(InputError, match="holds 3 records already; nothing was written"):
        restore_jsonl(own, export, NOW)
    empty.append_forecast(forecast(5), evidence(), MODEL)
    with pytest.raises(InputError, match="holds 3 records already"):
        restore_jsonl(empty, export, NOW)


def test_what_was_imported_as_foreign_can_be_restored_as_own(own: Ledger, export: Path, empty: Ledger) -> None:
    """Who brought a lost log back as an import, which earlier versions advised, continues it so."""
    import_jsonl(empty, export, NOW, ["mine"])
    assert list(empty.forecasts()) == []
    restore_jsonl(empty, export, NOW)
    assert empty.foreign_logs() == {}
    assert list(empty.forecasts()) == list(own.forecasts())


def test_a_part_another_head_and_an_ambiguous_file_are_not_restored(
    own: Ledger, export: Path, empty: Ledger, theirs: Path, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=r"head 0{16} is not in log .*: the file is older, was cut"):
        restore_jsonl(empty, export, NOW, head="0" * 16)
    both = tmp_path / "both.jsonl"
    both.write_text(export.read_text() + theirs.read_text())
    with pytest.raises(InputError, match=f"it holds 2 logs.* Accepted: --log with one of .*{LOG}"):
        restore_jsonl(empty, both, NOW)
    own.append_forecast(forecast(1, scenario="other"), evidence(), MODEL)
    own.append_forecast(forecast(2), evidence(), MODEL)
    export_jsonl(own, tmp_path / "part.jsonl", "dprk-russia")
    with pytest.raises(InputError, match="is without content: this is an export of some scenarios only"):
        restore_jsonl(empty, tmp_path / "part.jsonl", NOW)
    assert list(empty.entries()) == []
    done = restore_jsonl(empty, both, NOW, log=own.own_log[:6], head=own.entry(next(own.forecasts()).id).hash[:16])
    assert done.others == (LOG,)
    assert {entry.log for entry in empty.entries()} == {own.own_log}


# Ledgers of earlier versions


def as_format_1(path: Path) -> None:
    """The file as a version before names wrote it."""
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TABLE foreign_logs")
        connection.execute("PRAGMA user_version = 1")
    connection.close()


def test_a_ledger_of_format_1_is_read_verifies_and_is_upgraded_on_the_first_write(
    own: Ledger, path: Path, theirs: Path
) -> None:
    import_jsonl(own, theirs, NOW, ["anna"])
    before = [(entry.log, entry.seq, entry.hash) for entry in own.entries()]
    own.close()
    as_format_1(path)
    old = path.read_bytes()
    with open_ledger(path, read_only=True) as read:
        assert verify(read) == []
        assert read.foreign_logs() == {LOG: "imported-ffffffff"}
        assert [entry.foreign for entry in read.forecasts(foreign=True)] == [None, "imported-ffffffff"]
        assert read.latest("dprk-russia") == next(read.forecasts())
    assert path.read_bytes() == old
    with open_ledger(path) as written_to:
        assert written_to.connection.execute("PRAGMA user_version").fetchone()[0] == 2
        assert verify(written_to) == []
        assert [(entry.log, entry.seq, entry.hash) for entry in written_to.entries()] == before
        assert written_to.foreign_logs() == {LOG: "imported-ffffffff"}
        assert import_jsonl(written_to, theirs, NOW, ["anna"]).n_added == 0
        assert written_to.foreign_logs() == {LOG: "anna"}


# Time


def test_made_at_is_read_inside_the_transaction(ledger: Ledger) -> None:
    """A run that waited for another one is recorded after it, whenever it began."""
    ticks = iter([datetime(2024, 1, 7, 12, tzinfo=UTC), datetime(2024, 1, 7, 13, tzinfo=UTC)])

    def clock() -> datetime:
        assert ledger.connection.in_transaction
        return next(ticks)

    made = [
        ledger.append_forecast(forecast(n, made_at="2024-01-01T00:00:00+00:00"), evidence(), MODEL, clock=clock)
        for n in (1, 2)
    ]
    assert [entry.content["made_at"] for entry in made] == ["2024-01-07T12:00:00+00:00", "2024-01-07T13:00:00+00:00"]


def test_a_record_before_the_last_one_is_refused_with_both_times_and_the_way_out(own: Ledger) -> None:
    early = datetime(2024, 1, 6, tzinfo=UTC)
    message = (
        r"clock says 2024-01-06T00:00:00\+00:00, which is before the last record of the log, made at "
        r"2024-01-07T12:00:00\+00:00\. Nothing was recorded\. .* add --allow-clock"
    )
    first = next(own.forecasts())
    with pytest.raises(LedgerError, match=message):
        own.append_forecast(forecast(1), evidence(), MODEL, clock=lambda: early)
    with pytest.raises(LedgerError, match=message):
        own.check_clock(lambda: early)
    with pytest.raises(LedgerError, match=message):
        own.retract(first.id, "wrong", lambda: early)
    assert len(list(own.entries())) == 3
    entry = own.append_forecast(forecast(1), evidence(), MODEL, clock=lambda: early, allow_clock=True)
    assert entry.forecast.warning_codes == ("", CLOCK)
    assert "before the last record of the log" in entry.forecast.warnings[-1]
    assert has_code(entry.forecast, CLOCK)
    assert not has_code(first.forecast, CLOCK)
    assert verify(own) == []
    # the last record counts, not the latest instant: a clock that was once ahead does not block a ledger for good
    assert not own.append_forecast(forecast(2), evidence(), MODEL, clock=lambda: early).forecast.extra
    assert own.retract(first.id, "wrong", lambda: early, allow_clock=False).content.get("warning_codes") is None


def test_records_from_before_codes_are_known_by_their_text() -> None:
    old = forecast(warnings=("this forecast has seen its own case: the rates of v2",))
    assert has_code(old, SEEN_CASE)
    assert not has_code(forecast(warnings=old.warnings, warning_codes=("",)), SEEN_CASE)
    assert has_code(forecast(warnings=("reworded",), warning_codes=(SEEN_CASE,)), SEEN_CASE)


def test_old_records_without_codes_are_written_back_as_they_were() -> None:
    content = forecast().to_content()
    assert "warning_codes" not in content
    assert type(forecast()).from_content(content).to_content() == content
    wrong = content | {"warning_codes": []}
    with pytest.raises(LedgerError, match=r"warning_codes=\[\]\. Accepted: a text for each of its warnings"):
        type(forecast()).from_content(wrong)


def test_workings_can_be_appended_to_a_foreign_forecast(own: Ledger, theirs: Path) -> None:
    import_jsonl(own, theirs, NOW, ["anna"])
    of = next(entry for entry in own.forecasts(foreign=True) if entry.foreign)
    entry = own.append_workings(Workings(of.id, "dprk-russia", "explain", {}, "0.1.0", {}))
    assert entry.log == own.own_log
