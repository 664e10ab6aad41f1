"""What exporting, merging and importing logs promise."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from forecast.canonical import canonical_json
from forecast.errors import InputError, LedgerError, WorkspaceError
from forecast.ledger.exchange import export_jsonl
from forecast.ledger.import_log import Imported, import_jsonl
from forecast.ledger.reading import open_for_reading, read_jsonl
from forecast.ledger.records import Workings
from forecast.ledger.store import Head, Ledger, open_ledger
from forecast.ledger.verify import verify

from .samples import MODEL, evidence, forecast

MADE_AT = "2024-01-09T08:00:00+00:00"
NOW = datetime(2024, 2, 1, tzinfo=UTC)


@contextmanager
def colleague(tmp_path: Path, numbers: range = range(100, 102), scenario: str = "dprk-russia") -> Iterator[Ledger]:
    with open_ledger(tmp_path / f"colleague-{numbers.start}.db", create=True) as ledger:
        for number in numbers:
            ledger.append_forecast(forecast(number, scenario=scenario), evidence(), MODEL)
        yield ledger


def imported(ledger: Ledger, path: Path) -> Imported:
    return import_jsonl(ledger, path, NOW, ["theirs"])


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().split("\n") if line]


def entries_of(ledger: Ledger) -> list[Any]:
    return sorted(ledger.entries(), key=lambda entry: (entry.log, entry.seq))


@pytest.fixture
def shared(ledger: Ledger, tmp_path: Path) -> Path:
    """The export of a ledger with two forecasts, of which one is retracted."""
    first = ledger.append_forecast(forecast(), evidence(), MODEL)
    ledger.append_forecast(forecast(1, set_number=1), evidence(1), MODEL)
    ledger.retract(first.id, "S13 was coded twice", MADE_AT)
    path = tmp_path / "ledger.jsonl"
    assert export_jsonl(ledger, path) == 6
    return path


def test_an_export_reads_like_the_ledger(ledger: Ledger, shared: Path) -> None:
    with open_for_reading(shared) as read:
        assert entries_of(read) == entries_of(ledger)
        assert read.latest("dprk-russia") == ledger.latest("dprk-russia")
        assert read.evidence(forecast().evidence_identity) == evidence()
        assert read.heads() == [ledger.head()]
        assert verify(read, head=ledger.head().hash) == []
        with pytest.raises(WorkspaceError, match="readonly"):
            read.append_forecast(forecast(5), evidence(), MODEL)


def test_the_file_of_a_workspace_is_opened_for_reading_too(ledger: Ledger, path: Path) -> None:
    entry = ledger.append_forecast(forecast(), evidence(), MODEL)
    with open_for_reading(path) as read:
        assert list(read.forecasts()) == [entry]


def test_an_imported_log_is_unchanged_and_exports_the_same_bytes(shared: Path, tmp_path: Path) -> None:
    with open_ledger(tmp_path / "other.db", create=True) as other:
        own = other.head()
        assert imported(other, shared).n_added == 6
        assert verify(other) == []
        assert other.head() == own
        export_jsonl(other, tmp_path / "again.jsonl")
    assert (tmp_path / "again.jsonl").read_bytes() == shared.read_bytes()


def test_importing_again_changes_nothing(ledger: Ledger, shared: Path, path: Path) -> None:
    log = ledger.own_log
    ledger.close()
    before = path.read_bytes()
    with open_ledger(path, create=True) as again:
        assert import_jsonl(again, shared, NOW) == Imported(0, 6, (log,))
    assert path.read_bytes() == before


def test_an_imported_log_goes_on_where_it_ended(tmp_path: Path, ledger: Ledger) -> None:
    file = tmp_path / "theirs.jsonl"
    with colleague(tmp_path) as theirs:
        export_jsonl(theirs, file)
        assert imported(ledger, file).n_added == 4
        theirs.append_forecast(forecast(102), evidence(), MODEL)
        export_jsonl(theirs, file)
        assert import_jsonl(ledger, file, NOW) == Imported(1, 4, (theirs.own_log,), {theirs.own_log: "theirs"})
    assert len(list(ledger.forecasts(foreign=True))) == 3
    assert list(ledger.forecasts()) == []


def test_a_forecast_of_a_colleague_can_be_disowned_here_and_not_in_the_colleagues_log(
    ledger: Ledger, tmp_path: Path
) -> None:
    file = tmp_path / "both.jsonl"
    with colleague(tmp_path) as theirs:
        export_jsonl(theirs, file)
        imported(ledger, file)
        first = next(theirs.forecasts())
        ledger.retract(first.id, "its source was withdrawn", MADE_AT)
        export_jsonl(ledger, file, "dprk-russia")
        disowned = next(ledger.forecasts(foreign=True)).retracted
        assert disowned is not None
        assert disowned.reason == "its source was withdrawn"
        import_jsonl(theirs, file, NOW, ["ours"])
        assert [entry.foreign for entry in theirs.entries() if entry.type == "retraction"] == ["ours"]
        assert next(theirs.forecasts()).retracted is None
        assert next(theirs.forecasts(retracted=False)).id == first.id


def test_one_scenario_goes_without_the_words_of_the_others_and_still_verifies(ledger: Ledger, tmp_path: Path) -> None:
    secret = ledger.append_forecast(forecast(0, scenario="secret"), evidence(0), MODEL)
    shown = ledger.append_forecast(forecast(1, scenario="shown", set_number=1), evidence(1), MODEL)
    ledger.retract(secret.id, "a secret reason", MADE_AT)
    for entry, name in ((secret, "secret"), (shown, "shown")):
        ledger.append_workings(Workings(entry.id, name, "explain", {}, "0.1.0", {"of": name}))
    ledger.retract(shown.id, "a shown reason", MADE_AT)
    ledger.append_forecast(forecast(2, scenario="secret", made_at=MADE_AT), evidence(0), MODEL)
    file = tmp_path / "shown.jsonl"
    assert export_jsonl(ledger, file, "shown") == 9
    assert "secret" not in file.read_text()
    with read_jsonl(file) as read:
        types = ["model", "evidence", "forecast", "workings", "retraction"]
        assert [entry.type for entry in read.entries()] == types
        assert read.model(forecast().model_identity) == MODEL
        assert verify(read) == []
        with pytest.raises(InputError, match="is of another scenario, whose records of log"):
            read.entry(secret.id)


def test_scenarios_of_one_log_can_be_imported_one_after_the_other(ledger: Ledger, tmp_path: Path) -> None:
    for number in range(6):
        ledger.append_forecast(
            forecast(number, scenario="ab"[number % 2], set_number=number % 3), evidence(number % 3), MODEL
        )
    files = {scenario: tmp_path / f"{scenario}.jsonl" for scenario in "ab"}
    for scenario, file in files.items():
        export_jsonl(ledger, file, scenario)
    with open_ledger(tmp_path / "other.db", create=True) as other:
        imported(other, files["b"])
        assert other.scenarios() == {}
        assert other.scenarios(foreign=True) == {"b": 3}
        imported(other, files["a"])
        assert entries_of(other) == entries_of(ledger)
        assert verify(other) == []
        export_jsonl(other, tmp_path / "all.jsonl")
    assert not any("digest" in line for line in lines_of(tmp_path / "all.jsonl"))


def test_new_records_of_other_scenarios_leave_an_export_as_it_is(ledger: Ledger, tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    ledger.append_forecast(forecast(0, scenario="a"), evidence(), MODEL)
    export_jsonl(ledger, file, "a")
    before = file.read_bytes()
    ledger.append_forecast(forecast(1, scenario="b"), evidence(), MODEL)
    export_jsonl(ledger, file, "a")
    assert file.read_bytes() == before


def test_an_export_keeps_what_others_put_into_the_file(ledger: Ledger, tmp_path: Path) -> None:
    file = tmp_path / "ledger.jsonl"
    with colleague(tmp_path) as theirs:
        export_jsonl(theirs, file)
        ledger.append_forecast(forecast(), evidence(), MODEL)
        assert export_jsonl(ledger, file, "dprk-russia") == 7
        with read_jsonl(file) as read:
            assert set(read.heads()) == {ledger.head(), theirs.head()}


def test_two_branches_merge_in_git_without_a_conflict(ledger: Ledger, tmp_path: Path) -> None:
    repository = tmp_path / "repository"
    repository.mkdir()
    file = repository / "ledger.jsonl"

    def git(*arguments: str) -> None:
        name = ("-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "commit.gpgsign=false")
        subprocess.run(["git", *name, *arguments], cwd=repository, check=True, capture_output=True)

    git("init", "-b", "main")
    (repository / ".gitattributes").write_text("ledger.jsonl merge=union\n")
    git("add", ".")
    git("commit", "-m", "start")
    with colleague(tmp_path) as theirs:
        for turn in range(2):  # first both make the file, then both add to it
            git("checkout", "-b", f"theirs-{turn}")
            theirs.append_forecast(forecast(200 + turn), evidence(), MODEL)
            export_jsonl(theirs, file)
            git("add", ".")
            git("commit", "-m", "theirs")
            git("checkout", "main")
            ledger.append_forecast(forecast(turn), evidence(), MODEL)
            export_jsonl(ledger, file)
            git("add", ".")
            git("commit", "-m", "ours")
            git("merge", f"theirs-{turn}")
            with read_jsonl(file) as read:
                assert set(read.heads()) == {ledger.head(), theirs.head()}


@given(st.randoms(use_true_random=False))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=20)
def test_lines_may_come_in_any_order_and_more_than_once(shared: Path, random: Any) -> None:
    lines = shared.read_bytes().splitlines(keepends=True)
    mixed = lines + random.choices(lines, k=3)
    random.shuffle(mixed)
    file = shared.with_name("mixed.jsonl")
    file.write_bytes(b"\r\n".join(line.rstrip(b"\n") for line in mixed))
    with read_jsonl(file) as read, read_jsonl(shared) as whole:
        assert entries_of(read) == entries_of(whole)


@given(st.integers(0, 10**6), st.integers(1, 255))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=100)
def test_a_changed_byte_of_a_file_never_changes_what_is_read(shared: Path, at: int, mask: int) -> None:
    data = bytearray(shared.read_bytes())
    data[at % len(data)] ^= mask
    file = shared.with_name("changed.jsonl")
    file.write_bytes(data)
    try:
        changed = read_jsonl(file)
    except InputError:
        return
    with changed, read_jsonl(shared) as whole:
        assert entries_of(changed) == entries_of(whole)


def test_an_altered_line_is_named_and_nothing_is_imported(shared: Path, tmp_path: Path) -> None:
    texts = shared.read_text().split("\n")
    texts[2] = texts[2].replace('"p":0.3', '"p":0.9')
    texts[4] = texts[4].replace('"p":0.3', '"p":0.9')
    shared.write_text("\n".join(texts))
    with open_ledger(tmp_path / "other.db", create=True) as other:
        with pytest.raises(InputError, match="neither id nor hash is that of the content") as caught:
            imported(other, shared)
        assert [finding.line for finding in caught.value.findings()] == [3, 5]
        assert list(other.entries()) == []


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("<<<<<<< HEAD", "a conflict that git left"),
        ("{", "line 7: .*Accepted: one line per record"),
        ("[]", "not the keys of a record"),
        ('{"log": "a"}', "not the keys of a record: log"),
        ('{"log": "a", "log": "a"}', "a key stands twice"),
        ('{"log":"a","seq":1,"id":"x","prev":"","hash":"","content":{}}', "id is 'x'"),
        (
            canonical_json(
                {"log": "a", "seq": True, "id": "fc-aaaaaaaaaa", "prev": "a" * 64, "hash": "a" * 64, "content": {}}
            ),
            "seq is True",
        ),
    ],
)
def test_a_line_that_is_no_record_is_named(shared: Path, line: str, message: str) -> None:
    with shared.open("a") as file:
        file.write(line)
    with pytest.raises(InputError, match=message.replace("line 7", r"ledger\.jsonl:7")) as caught:
        read_jsonl(shared)
    assert [finding.line for finding in caught.value.findings()] == [7]


def test_a_missing_line_shows(shared: Path) -> None:
    texts = shared.read_text().split("\n")
    shared.write_text("\n".join(texts[:1] + texts[2:]))
    with pytest.raises(InputError, match="record 2 is missing before it"):
        read_jsonl(shared)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.jsonl: cannot be read \(No such file"):
        read_jsonl(tmp_path / "none.jsonl")


def test_a_fork_is_refused_naming_the_line(ledger: Ledger, path: Path, tmp_path: Path) -> None:
    ledger.append_forecast(forecast(), evidence(), MODEL)
    copy = tmp_path / "copy.db"
    shutil.copy(path, copy)
    file = tmp_path / "copy.jsonl"
    with open_ledger(copy) as forked:
        forked.append_forecast(forecast(1), evidence(), MODEL)
        export_jsonl(forked, file)
    ledger.append_forecast(forecast(2), evidence(), MODEL)
    before = file.read_bytes()

    def import_own(ledger: Ledger, path: Path) -> None:
        import_jsonl(ledger, path, NOW)

    for act in (import_own, export_jsonl):
        with pytest.raises(InputError, match=r"is another one in .* one workspace is a copy of the other") as caught:
            act(ledger, file)
        assert [finding.line for finding in caught.value.findings()] == [4]
    assert len(list(ledger.entries())) == 4
    assert file.read_bytes() == before


def test_an_older_copy_of_the_own_ledger_is_not_extended_from_a_file(
    ledger: Ledger, path: Path, tmp_path: Path
) -> None:
    ledger.append_forecast(forecast(0, scenario="a"), evidence(), MODEL)
    shutil.copy(path, tmp_path / "older.db")
    ledger.append_forecast(forecast(1, scenario="b"), evidence(), MODEL)
    export_jsonl(ledger, tmp_path / "all.jsonl")
    with open_ledger(tmp_path / "older.db") as older:
        with pytest.raises(InputError, match="would extend this workspace's own log") as caught:
            import_jsonl(older, tmp_path / "all.jsonl", NOW)
        assert [finding.line for finding in caught.value.findings()] == [4]
        assert len(list(older.entries())) == 3


def test_a_ledger_that_does_not_verify_is_not_exported(ledger: Ledger, tmp_path: Path) -> None:
    ledger.append_forecast(forecast(), evidence(), MODEL)
    ledger.connection.executescript("DROP TRIGGER records_no_update; UPDATE records SET hash = 'x' WHERE seq = 2")
    with pytest.raises(LedgerError, match="does not verify, so nothing was exported"):
        export_jsonl(ledger, tmp_path / "ledger.jsonl")
    assert not (tmp_path / "ledger.jsonl").exists()


def test_an_unknown_scenario_is_not_exported(ledger: Ledger, tmp_path: Path) -> None:
    ledger.append_forecast(forecast(), evidence(), MODEL)
    with pytest.raises(InputError, match=r"no forecast of 'dprk'\. Accepted: a scenario with a forecast: dprk-russia"):
        export_jsonl(ledger, tmp_path / "ledger.jsonl", "dprk")


def test_an_empty_ledger_and_an_empty_file_hold_nothing(ledger: Ledger, tmp_path: Path) -> None:
    file = tmp_path / "empty.jsonl"
    assert export_jsonl(ledger, file) == 0
    assert import_jsonl(ledger, file, NOW) == Imported(0, 0, ())
    with read_jsonl(file) as read:
        assert read.head() == Head("", "")


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 2)), min_size=1, max_size=8), st.sampled_from("abc"))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=15)
def test_any_scenario_of_any_ledger_exports_and_verifies(
    tmp_path_factory: pytest.TempPathFactory, records: list[tuple[str, int]], scenario: str
) -> None:
    assume(any(scenario == name for name, _ in records))
    folder = tmp_path_factory.mktemp("any")
    with open_ledger(folder / "ledger.db", create=True) as ledger:
        for number, (name, set_number) in enumerate(records):
            entry = forecast(number, scenario=name, set_number=set_number)
            ledger.append_forecast(entry, evidence(set_number), MODEL)
        export_jsonl(ledger, folder / "x.jsonl", scenario)
        with read_jsonl(folder / "x.jsonl") as read:
            assert verify(read) == []
            assert list(read.forecasts()) == list(ledger.forecasts(scenario))
