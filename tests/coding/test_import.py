"""Rows become events once, whatever their order, number and packing, and a person's decisions stay."""

import csv
import random
import tracemalloc
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forecast.api import Workspace
from forecast.coding.coding import origin_id
from forecast.coding.group_events import MOST_KEYS
from forecast.coding.imported import import_events
from forecast.errors import InputError

from .conftest import TODAY, Gdelt, Pair

#: A visit told by two papers, one of them twice, and on both sides of the mapping.
VISIT = [
    ("20240301", "AAA", "042", "BBB", "https://www.paper.example/1"),
    ("20240301", "BBB", "043", "AAA", "https://paper.example/2"),
    ("20240301", "AAA", "042", "BBB", "http://wire.example/1"),
]


def test_rows_of_one_day_pair_and_class_are_one_event_with_their_reports_as_origins(pair: Pair, gdelt: Gdelt):
    found = pair.run(gdelt(*VISIT), "gdelt2")
    assert (found.n_rows, found.n_kept, found.n_events, found.n_reports, found.n_new) == (3, 3, 1, 2, 2)
    rows = pair.rows("gdelt2")
    assert {row["event"] for row in rows} == {"auto-senior_visit-AAA-BBB-2024-03-01"}
    assert [(row["origin"], row["locator"]) for row in rows] == [
        ("paper.example", "GLOBALEVENTID 1000, 1001"),
        ("wire.example", "GLOBALEVENTID 1002"),
    ]


def test_another_day_or_class_is_another_event(pair: Pair, gdelt: Gdelt):
    rows = [*VISIT, ("20240601", *VISIT[0][1:]), ("20240301", "AAA", "061", "BBB", "http://wire.example/2")]
    assert pair.run(gdelt(*rows), "gdelt2").n_events == 3


def test_direction_tells_events_apart_only_where_the_class_says_so(pair: Pair, gdelt: Gdelt):
    rows = [
        ("20240301", "AAA", "071", "BBB", ""),
        ("20240301", "BBB", "071", "AAA", ""),
        ("20240301", "AAA", "061", "BBB", ""),
        ("20240301", "BBB", "061", "AAA", ""),
    ]
    pair.run(gdelt(*rows), "gdelt2")
    assert sorted(row["event"] for row in pair.rows("gdelt2")) == [
        "auto-aid-AAA-BBB-2024",
        "auto-aid-BBB-AAA-2024",
        "auto-economic_cooperation-AAA-BBB-2024-03-01",
    ]


def test_a_class_by_the_month_counts_once_a_month_from_the_first_day_on(pair: Pair, gdelt: Gdelt):
    days = ["20240305", "20240302", "20240331", "20240401"]
    pair.run(gdelt(*[(day, "AAA", "112", "BBB", f"http://{day}.example/") for day in days]), "gdelt2")
    assert {(row["event"], row["when"]) for row in pair.rows("gdelt2")} == {
        ("auto-friction-AAA-BBB-2024-03", "2024-03-02"),
        ("auto-friction-AAA-BBB-2024-04", "2024-04-01"),
    }


def test_a_run_of_days_counts_once_until_somebody_decides(pair: Pair, gdelt: Gdelt):
    days = ["20240301", "20240302", "20240310", "20240316", "20240318"]
    found = pair.run(gdelt(*[(day, "AAA", "042", "BBB", "") for day in days]), "gdelt2")
    rows = pair.rows("gdelt2")
    # within 14 days of the last that counts
    assert [row["use"] for row in rows] == ["", "false", "false", "", "false"]
    assert len(found.doubtful) == 3
    assert rows[1]["reason"] == (
        "within 14 days of auto-senior_visit-AAA-BBB-2024-03-01; decide whether it is another event"
    )
    counted = {report.event for report in pair.read().reports if report.counts}
    assert len(counted) == 2


def test_an_event_that_was_coded_by_hand_is_not_counted_again(pair: Pair, gdelt: Gdelt):
    pair.write("sources.yaml", "paper: {title: A paper}\n")
    pair.write(
        "evidence/hand.yaml",
        "reports:\n  - {id: H1, event: summit, indicator: senior_visit, when: 2024-03-03, known: 2024-03-04,\n"
        "     source: paper, claim: They met, grade: B2}\n",
    )
    pair.run(gdelt(*VISIT), "gdelt2")
    assert {(row["use"], row["reason"]) for row in pair.rows("gdelt2")} == {
        ("false", "may be the event summit, on file already; decide which")
    }


def test_two_data_sets_that_tell_of_the_same_day_make_one_event(pair: Pair, gdelt: Gdelt, tmp_path: Path):
    pair.run(gdelt(*VISIT), "gdelt2")
    icews = tmp_path / "events.tab"
    header = ["Event ID", "Event Date", "Source Country", "CAMEO Code", "Target Country", "Publisher"]
    icews.write_text("\t".join(header) + "\n7\t2024-03-01\tArlish Republic\t043\tBorland\tThe Herald\n")
    pair.run(icews, "icews")
    reports = [report for report in pair.read().reports if report.counts]
    assert {report.event for report in reports} == {"auto-senior_visit-AAA-BBB-2024-03-01"}
    assert {report.origin for report in reports} == {"paper.example", "wire.example", "the-herald"}


def test_importing_twice_changes_no_byte(pair: Pair, gdelt: Gdelt):
    file = gdelt(*VISIT)
    pair.run(file, "gdelt2")
    before = {path: path.read_bytes() for path in pair.folder.rglob("*.*")}
    again = pair.run(file, "gdelt2")
    assert (again.n_new, again.written, again.source_added) == (0, False, False)
    assert {path: path.read_bytes() for path in pair.folder.rglob("*.*")} == before


def test_a_later_slice_adds_what_is_new_and_leaves_edited_rows_alone(pair: Pair, gdelt: Gdelt):
    pair.run(gdelt(VISIT[0]), "gdelt2")
    path = pair.folder / "evidence/gdelt2.csv"
    text = path.read_text().replace(",D4,", ",C2,")
    path.write_text(text)
    found = pair.run(gdelt(*VISIT), "gdelt2")
    assert (found.n_reports, found.n_new) == (2, 1)
    assert path.read_text().startswith(text)
    assert [row["grade"] for row in pair.rows("gdelt2")] == ["C2", "D4"]


def test_a_report_that_was_moved_to_another_file_is_not_written_again(pair: Pair, gdelt: Gdelt):
    file = gdelt(*VISIT)
    pair.run(file, "gdelt2")
    (pair.folder / "evidence/gdelt2.csv").rename(pair.folder / "evidence/reviewed.csv")
    assert pair.run(file, "gdelt2").n_new == 0


def test_an_earlier_telling_in_a_later_slice_widens_the_date(pair: Pair, gdelt: Gdelt):
    pair.run(gdelt(("20240310", "AAA", "112", "BBB", "http://a.example/")), "gdelt2")
    pair.run(gdelt(("20240303", "AAA", "112", "BBB", "http://b.example/")), "gdelt2")
    assert [(row["when"], row["known"]) for row in pair.rows("gdelt2")] == [
        ("2024-03-10", "2024-03-10"),
        ("2024-03-03/2024-03-10", "2024-03-03"),
    ]


def test_columns_that_an_analyst_has_added_or_moved_stay(pair: Pair, gdelt: Gdelt):
    pair.run(gdelt(VISIT[0]), "gdelt2")
    path = pair.folder / "evidence/gdelt2.csv"
    with path.open(newline="") as file:
        header, row = csv.reader(file)
    header, row = [*reversed(header), "speaker"], [*reversed(row), "somebody"]
    with path.open("w", newline="") as file:
        csv.writer(file, lineterminator="\r\n").writerows([header, row])
    pair.run(gdelt(*VISIT), "gdelt2")
    assert path.read_bytes().count(b"\r\n") == path.read_bytes().count(b"\n") == 3
    assert [(row["origin"], row["speaker"]) for row in pair.rows("gdelt2")] == [
        ("paper.example", "somebody"),
        ("wire.example", ""),
    ]


def test_a_file_that_lacks_a_column_is_left_alone(pair: Pair, gdelt: Gdelt):
    text = "id,claim,source,known,asserted_as,origin\n"
    path = pair.write("evidence/gdelt2.csv", text)
    with pytest.raises(InputError, match=r"no column event, indicator"):
        pair.run(gdelt(*VISIT), "gdelt2")
    assert path.read_text() == text
    assert not (pair.folder / "sources.yaml").exists()


def test_every_row_is_kept_or_counted_with_its_reason(pair: Pair, gdelt: Gdelt, tmp_path: Path):
    rows = [
        *VISIT,
        ("20240301", "AAA", "042", "", ""),
        ("20240301", "AAA", "042", "AAA", ""),
        ("20240301", "CCC", "042", "AAA", ""),
        ("20240301", "AAA", "010", "BBB", ""),
        ("2024031", "AAA", "042", "BBB", "", "20240301"),
        ("", "AAA", "042", "BBB", ""),
        ("18640301", "AAA", "042", "BBB", ""),
        ("20230301", "AAA", "042", "BBB", "", "20240301"),
        ("20270301", "AAA", "042", "BBB", ""),
    ]
    file = gdelt(*rows)
    file.write_text(file.read_text() + "1\t2\t3\n")
    rejects = tmp_path / "rejects.csv"
    found = pair.run(file, "gdelt2", rejects=rejects)
    assert found.n_kept + sum(found.skipped.values()) == found.n_entries == found.n_rows == len(rows) + 1
    assert found.skipped == {
        "not between the actors": 3,
        "no class for this code": 1,
        "a date that cannot be read": 1,
        "no date": 1,
        "before the scenario's start": 1,
        "told too long after the day that it names": 1,
        "dated after the day on which it was known": 1,
        "another number of cells than columns": 1,
    }
    assert found.unmapped == {"010": 1}
    with rejects.open(newline="") as text:
        header, *lines = csv.reader(text)
    assert header[:4] == ["line", "reason", "GLOBALEVENTID", "SQLDATE"]
    assert [line[:3] for line in lines[:2]] == [["4", "not between the actors", "1003"], ["5", lines[0][1], "1004"]]
    assert lines[-1] == ["13", "another number of cells than columns", "1", "2", "3"]


def test_codes_are_text(pair: Pair, gdelt: Gdelt):
    """40 is not 040, 42 is not 042, 0872 is no kind of 087, and a star stands for what follows."""
    rows = [("20240301", "AAA", code, "BBB", "") for code in ("42", "10", "0420", "1123", "1663", "0872")]
    found = pair.run(gdelt(*rows), "gdelt2")
    assert found.unmapped == {"42": 1, "10": 1, "0420": 1, "0872": 1}
    assert found.events == {"friction": 1, "withdrawal_step": 1}


def test_a_third_party_acts_on_a_partner_and_not_the_other_way(pair: Pair, gdelt: Gdelt):
    rows = [("20240301", "CCC", "163", "AAA", ""), ("20240301", "AAA", "163", "CCC", "")]
    found = pair.run(gdelt(*rows), "gdelt2")
    assert (found.events, found.skipped) == ({"third_party_pressure": 1}, {"not between the actors": 1})


def test_what_one_could_know_is_when_the_row_came_out_or_what_the_user_says(pair: Pair, gdelt: Gdelt):
    file = gdelt(("20240301", "AAA", "042", "BBB", "", "20240305"))
    pair.run(file, "gdelt2", write=False)
    assert pair.rows("gdelt2") == []
    pair.run(file, "gdelt2", known_on=date(2024, 4, 1))
    assert pair.rows("gdelt2")[0]["known"] == "2024-04-01"
    (pair.folder / "evidence/gdelt2.csv").unlink()
    pair.run(file, "gdelt2")
    assert pair.rows("gdelt2")[0]["known"] == "2024-03-05"


def test_text_that_a_spreadsheet_would_run_is_made_harmless(pair: Pair, gdelt: Gdelt, tmp_path: Path):
    rejects = tmp_path / "rejects.csv"
    rows = [
        ("20240301", "AAA", "042", "BBB", "=cmd|'/c calc'!A1"),
        ("20240301", "@SUM(1)", "-2.5", "BBB", ""),
        ("20240301", "＝SUM(1)", "+2,5E3", "BBB", ""),
    ]
    pair.run(gdelt(*rows), "gdelt2", rejects=rejects)
    assert pair.rows("gdelt2")[0]["note"] == "'=cmd|'/c calc'!A1"
    with rejects.open(newline="") as text:
        cells = [(row["Actor1CountryCode"], row["EventCode"]) for row in csv.DictReader(text)]
    assert cells == [("'@SUM(1)", "-2.5"), ("'＝SUM(1)", "+2,5E3")]


def test_many_rows_of_one_report_are_named_in_part(pair: Pair, gdelt: Gdelt):
    rows = [("20240301", "AAA", "042", "BBB", "http://a.example/")] * (MOST_KEYS + 5)
    pair.run(gdelt(*rows), "gdelt2")
    (row,) = pair.rows("gdelt2")
    assert row["locator"].startswith("GLOBALEVENTID 1000, 1001, ")
    assert row["locator"].endswith(" and 5 more rows")
    assert f"{MOST_KEYS + 5} rows" in row["claim"]


class BrokenError(Exception):
    pass


@pytest.mark.parametrize("stop", [KeyboardInterrupt, BrokenError])
def test_an_interrupted_import_leaves_everything_as_it_was(pair: Pair, gdelt: Gdelt, tmp_path: Path, stop: Any):
    pair.run(gdelt(VISIT[0]), "gdelt2")
    rejects = tmp_path / "rejects.csv"
    rejects.write_text("of last time")
    before = {path: path.read_bytes() for path in pair.workspace.rglob("*.*")}

    def interrupt(_: int) -> None:
        raise stop

    many = gdelt(*[("20240301", "AAA", "010", "BBB", "")] * 50_000, *VISIT)
    with pytest.raises(stop):
        import_events(pair.read(), many, "gdelt2", today=TODAY, rejects=rejects, progress=interrupt)
    assert {path: path.read_bytes() for path in pair.workspace.rglob("*.*")} == before
    assert rejects.read_text() == "of last time"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["events.csv", "rejects.csv", "ws"]


def test_what_would_break_a_rule_of_the_scenario_is_not_written(pair: Pair, gdelt: Gdelt):
    """The same id of an event under another indicator: somebody coded it so by hand."""
    pair.write("sources.yaml", "paper: {title: A paper}\n")
    pair.write(
        "evidence/hand.yaml",
        "reports:\n  - {id: H1, event: auto-senior_visit-AAA-BBB-2024-03-01, indicator: leader_meeting,\n"
        "     when: 2024-03-01, known: 2024-03-04, source: paper, claim: They met, grade: B2}\n",
    )
    with pytest.raises(InputError, match=r"is 'senior_visit' here and 'leader_meeting' in report H1"):
        pair.run(gdelt(*VISIT), "gdelt2")
    assert pair.rows("gdelt2") == []
    assert (pair.folder / "sources.yaml").read_text() == "paper: {title: A paper}\n"


@pytest.mark.parametrize(
    ("between", "message"),
    [
        (("AAA", "BBC"), r"no actor 'BBC'; did you mean 'BBB'"),
        (("AAA",), r"an import needs two actors, and there is one"),
        (("AAA", "AAA"), r"an import needs two actors"),
    ],
)
def test_the_two_actors_must_be_two_of_the_scenario(pair: Pair, gdelt: Gdelt, between: tuple[str, ...], message: str):
    with pytest.raises(InputError, match=message):
        pair.run(gdelt(*VISIT), "gdelt2", *between)


def test_a_day_to_come_is_no_day_on_which_one_could_know(pair: Pair, gdelt: Gdelt):
    with pytest.raises(InputError, match=r"--known: '2026-12-01' is a day still to come"):
        pair.run(gdelt(*VISIT), "gdelt2", known_on=date(2026, 12, 1))


def test_an_importer_for_another_codebook_is_refused_with_what_to_do(pair: Pair, gdelt: Gdelt):
    pair.write(
        "importers/x.yaml", "like: gdelt2\nclasses: [{indicator: invasion, means: it came, where: {code: [190]}}]\n"
    )
    with pytest.raises(InputError, match=r"none of the indicators of this importer \(invasion\)"):
        pair.run(gdelt(*VISIT), "x")


def test_a_class_for_a_condition_is_refused(pair: Pair, gdelt: Gdelt):
    pair.write("importers/x.yaml", "like: gdelt2\nclasses: [{indicator: common_threat, means: a threat}]\n")
    with pytest.raises(InputError, match=r"'common_threat' is a condition"):
        pair.run(gdelt(*VISIT), "x")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("https://www.Paper.example:80/a?b", "paper.example"),
        ("Agência Brasil", "agencia-brasil"),
        ("=cmd", "cmd"),
        ("NA", ""),
        ("  ", ""),
        ("http://[bad", ""),
    ],
)
def test_origins_are_ids(text: str, name: str):
    assert origin_id(text) == name


def test_an_origin_in_another_script_has_an_id_of_its_own():
    assert origin_id("ТАСС") == origin_id(" ТАСС ") != origin_id("РИА")


def test_words_name_an_actor_by_the_longest_name(pair: Pair, tmp_path: Path):
    pair.write(
        "importers/w.yaml",
        "about: x\nsource: {title: X}\ngrade: B2\nactors: {match: words}\n"
        "columns: {date: d, actor: a, target: b}\ndates: {formats: ['%Y-%m-%d']}\n"
        "classes: [{indicator: friction, means: they fought}]\n",
    )
    file = tmp_path / "w.csv"
    file.write_text(
        "d,a,b\n2024-03-01,Military Forces of Borland (2000-),Police Forces of the Arlish Republic\n"
        "2024-03-01,Borlanders,Arland\n"
    )
    found = pair.run(file, "w")
    assert (found.n_kept, found.skipped) == (1, {"not between the actors": 1})


def test_short_names_among_words_are_those_in_capitals_only(pair: Pair, tmp_path: Path):
    text = (pair.folder / "scenario.yaml").read_text()
    pair.write("scenario.yaml", text.replace("name: Borland}", "name: Borland, aliases: [IT]}"))
    file = tmp_path / "acled.csv"
    file.write_text(
        "event_id_cnty,event_date,sub_event_type,actor1,actor2,source\n"
        "1,2024-03-01,Agreement,Government of Arland,Government of IT,x\n"
        "2,2024-03-01,Agreement,Government of Arland,the group and those that fund it,x\n"
    )
    assert pair.run(file, "acled").n_kept == 1


def test_the_watch_that_is_printed_fits_into_the_scenario(pair: Pair, gdelt: Gdelt):
    text = (pair.folder / "scenario.yaml").read_text()
    pair.write("scenario.yaml", text.replace("start: 1965", "searched_until: 2024-12-31\nstart: 1965"))
    rows = [*VISIT, ("20240901", "AAA", "071", "BBB", ""), ("20241001", "CCC", "010", "BBB", "")]
    document = Workspace(pair.workspace).open("pair").import_events(gdelt(*rows), "gdelt2").document
    pair.write("indicators.yaml", document["watch"])
    (watch,) = pair.read().codebook.indicators["senior_visit"].watch
    assert (watch.from_, watch.to, watch.detection) == (date(2024, 3, 1), date(2024, 10, 1), (0.4, 0.85))
    again = Workspace(pair.workspace).open("pair").import_events(gdelt(*rows), "gdelt2").document
    assert again["watch"] is None


def test_an_open_case_sees_what_it_has_imported(pair: Pair, gdelt: Gdelt):
    case = Workspace(pair.workspace).open("pair")
    assert case.import_events(gdelt(*VISIT), "gdelt2").document["new"] == 2
    later = ("20240304", *VISIT[0][1:])
    document = case.import_events(gdelt(*VISIT, later), "gdelt2").document
    assert (document["new"], len(document["doubtful"])) == (1, 1)


def test_what_somebody_has_added_since_the_scenario_was_read_is_not_added_again(pair: Pair, gdelt: Gdelt):
    scenario, file = pair.read(), gdelt(*VISIT)
    pair.run(file, "gdelt2")
    assert import_events(scenario, file, "gdelt2", today=TODAY).n_new == 0


def test_the_file_itself_cannot_be_the_file_of_rejects(pair: Pair, gdelt: Gdelt):
    file = gdelt(*VISIT)
    with pytest.raises(InputError, match=r"--rejects: the rows that are not used cannot take the place"):
        pair.run(file, "gdelt2", rejects=file)


def test_a_mapping_file_whose_name_cannot_be_a_source_is_refused(pair: Pair, gdelt: Gdelt, tmp_path: Path):
    path = tmp_path / "my list.yaml"
    path.write_text("like: gdelt2\n")
    with pytest.raises(InputError, match=r"'my list' cannot be the id of a source"):
        pair.run(gdelt(*VISIT), str(path))


def peak_bytes(work: Callable[[], object]) -> int:
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_does_not_grow_with_the_rows(pair: Pair, gdelt: Gdelt):
    """Ten times the rows, some of them of one event, within a tenth of a megabyte."""
    scenario = pair.read()
    rows = [*VISIT, ("20240301", "CCC", "042", "SAU", "")] * 500
    few, many = gdelt(*rows, name="few.csv"), gdelt(*rows * 10, name="many.csv")

    def peak(file: Path) -> int:
        return peak_bytes(lambda: import_events(scenario, file, "gdelt2", today=TODAY, write=False))

    peak(few)  # what is loaded once
    assert peak(many) - peak(few) < 100_000


ROW = st.tuples(
    st.sampled_from(["20240301", "20240302", "20240315", "20240401", "20230101", "x"]),
    st.sampled_from(["AAA", "BBB", "CCC", ""]),
    st.sampled_from(["042", "043", "112", "163", "071", "010"]),
    st.sampled_from(["AAA", "BBB", "CCC"]),
    st.sampled_from(["", "http://a.example/1", "http://b.example/2", "https://www.a.example/3"]),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(ROW, max_size=14), st.integers(0, 2**32))
def test_the_order_of_rows_does_not_change_what_is_written(pair: Pair, gdelt: Gdelt, rows: list[Any], seed: int):
    written = []
    for shuffle in (False, True):
        file = gdelt(*rows)
        if shuffle:
            lines = file.read_text().splitlines(keepends=True)
            random.Random(seed).shuffle(lines)
            file.write_text("".join(lines))
        if not rows:
            return
        (pair.folder / "evidence/gdelt2.csv").unlink(missing_ok=True)
        (pair.folder / "sources.yaml").unlink(missing_ok=True)
        found = pair.run(file, "gdelt2")
        assert found.n_kept + sum(found.skipped.values()) == found.n_entries == len(rows)
        keys = {key for row in pair.rows("gdelt2") for key in row["locator"].split(" ", 1)[-1].split(", ")}
        assert len(keys) == found.n_kept
        written.append(pair.rows("gdelt2"))
    assert written[0] == written[1]
