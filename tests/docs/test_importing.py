"""docs/importing.md: the example is an importer that works, and every key that it names exists."""

import re
from pathlib import Path

from forecast.coding import rows
from forecast.coding.group_events import MAX_REPORTS
from forecast.coding.mapping import importer_names, read_importer
from tests.coding.conftest import Pair, pair

__all__ = ["pair"]

PAGE = (Path(__file__).parents[2] / "docs/importing.md").read_text(encoding="utf-8")
(EXAMPLE,) = re.findall(r"^```yaml\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)


def test_the_example_reads_a_table(pair: Pair, tmp_path: Path):
    pair.write("importers/embassy.yaml", EXAMPLE)
    table = tmp_path / "visits.csv"
    table.write_text(
        "No.;Who;Where;Rank;Remark;Day;Last day;Listed on;Heard from;Link\n"
        "1;Arland;Borland;Minister;;03.02.2024;05.02.2024;10.02.2024;Embassy;\n"
        "2;Arland;Borland;deputy minister;;08.02.2024;;10.02.2024;Embassy;\n"
        "3;Borland;Arland;envoy;was Summoned again;2024;;05.01.2025;Ministry;\n"
        "4;Borland;Arland;envoy;had tea;04.02.2024;;10.02.2024;Ministry;\n"
        "5;Borland;Arland;minister;;04.02.2024;;10.05.2024;Ministry;\n",
        encoding="utf-8",
    )
    found = pair.run(table, "embassy")
    assert found.skipped == {"no class for this code": 1, "told too long after the day that it names": 1}
    assert [(row["locator"], row["when"], row["use"]) for row in pair.rows("embassy")] == [
        ("No. 3", "2024", ""),
        ("No. 1", "2024-02-03/2024-02-05", ""),
        ("No. 2", "2024-02-08", "false"),
    ]


def test_every_key_of_the_table_is_one_that_importers_know(pair: Pair):
    extra = (
        "like: embassy\nknown: {after: year, days: 75}\nnear_days: 3\nsplit_origin: ';'\n"
        "watch: {detection: [0.4, 0.85], lag_days: [1, 7]}\neach: {column: Day, split: ';'}\n"
        "layout: {header: [a, b], optional: 1, encoding: latin-1, quotes: false, line_breaks: true, strip_end: ';'}\n"
        "classes: [{name: x, indicator: aid, means: y, grade: A1, asserted_as: fact, where: {code: [x]},\n"
        "  watch: {detection: [0.4, 0.85], lag_days: [1, 7]}}]\ncolumns: {code: Rank}\n"
    )
    table = PAGE.partition("Other keys")[2]
    keys = re.findall(r"^\| `(?:layout\.|classes\[\]\.|columns\.)?(\w+)", table, flags=re.MULTILINE)
    assert len(keys) == 14
    assert [key for key in keys if f"{key}:" not in extra] == []
    pair.write("importers/embassy.yaml", EXAMPLE)
    pair.write("importers/more.yaml", extra)
    assert read_importer("more", pair.folder).says.near_days == 3


def test_the_limits_are_those_of_the_program():
    assert f"more than {MAX_REPORTS:,} reports" in PAGE
    assert f"Lines over {rows.MAX_LINE_BYTES // 2**20} MiB, text over {rows.MAX_BYTES // 2**30} GiB" in PAGE
    assert f"{rows.MAX_RATIO} times" in PAGE


def test_the_importers_in_the_table_are_there():
    table = PAGE.partition("| importer |")[2].partition("\n\n")[0]
    named = {name for line in table.splitlines() for name in re.findall(r"`([\w-]+)`", line.split(" | ")[0])}
    assert len(named) == 8
    assert named <= set(importer_names())
