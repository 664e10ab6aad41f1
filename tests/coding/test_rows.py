"""Files as they come: any order of columns, any delimiter, packed or not; and those that must not be believed."""

import csv
import gzip
import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forecast.coding.rows import MAX_LINE_BYTES, Layout, open_table
from forecast.errors import InputError

LAYOUT = Layout((("day",), ("actor", "who"), ("code",)))
ROWS = [["2024-01-02", "AAA", "010"], ["2024-01-03", 'B "b", b', "10"], ["2024-01-04", "Zoë\nx", ""]]
QUIET = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def read(path: Path, layout: Layout = LAYOUT) -> list[dict[str, str]]:
    with open_table(path, layout) as table:
        names = [name.casefold() for name in table.columns]
        return [dict(zip(names, row.cells, strict=True)) for row in table.rows]


def write(path: Path, columns: list[str], rows: list[list[str]], delimiter: str = ",", end: str = "\n") -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator=end)
    writer.writerow(columns)
    writer.writerows(rows)
    path.write_bytes(text.getvalue().encode())
    return path.read_bytes()


CELLS = st.text(st.characters(blacklist_characters="\0\r", blacklist_categories=["Cs"]), max_size=12)


@QUIET
@given(
    st.permutations(range(3)),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from([b"", b"\xef\xbb\xbf"]),
    st.lists(st.lists(CELLS, min_size=3, max_size=3).filter(any), max_size=5),
    st.sampled_from([str, str.upper, lambda name: f" {name} "]),
)
def test_order_delimiter_line_ends_mark_and_quotes_do_not_change_what_is_read(
    tmp_path, order, delimiter, end, mark, rows, spell
):
    names = ["day", "actor", "code"]
    path = tmp_path / "table"
    data = write(path, [spell(names[at]) for at in order], [[row[at] for at in order] for row in rows], delimiter, end)
    path.write_bytes(mark + data)
    found = [{key.strip(): value for key, value in row.items()} for row in read(path)]
    assert found == [dict(zip(names, row, strict=True)) for row in rows]


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "cp1252"])
def test_the_stated_encoding_is_used(tmp_path: Path, encoding: str):
    path = tmp_path / "table.csv"
    path.write_bytes("day,actor,code\n1,Côte d’Ivoire,2\n".replace("’", "é").encode(encoding))
    assert read(path, Layout(LAYOUT.required, encoding=encoding))[0]["actor"] == "Côte déIvoire"


def test_a_mark_says_utf8_whatever_was_stated(tmp_path: Path):
    path = tmp_path / "table.csv"
    path.write_bytes(b"\xef\xbb\xbfday,actor,code\n1,\xc3\xa9,2\n")
    assert read(path, Layout(LAYOUT.required, encoding="latin-1"))[0]["actor"] == "é"


def test_packed_files_read_like_the_file_itself(tmp_path: Path):
    path = tmp_path / "table.csv"
    data = write(path, ["day", "who", "code"], ROWS)
    (tmp_path / "table.gz").write_bytes(gzip.compress(data))
    with zipfile.ZipFile(tmp_path / "table.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("table.csv", data)
        archive.writestr("__MACOSX/._table.csv", b"\0\0")
    assert read(path) == read(tmp_path / "table.gz") == read(tmp_path / "table.zip")
    assert read(path)[0] == {"day": "2024-01-02", "who": "AAA", "code": "010"}


def test_a_file_without_a_header_has_the_columns_of_its_layout(tmp_path: Path):
    path = tmp_path / "table.tab"
    layout = Layout(LAYOUT.required, header=("day", "actor", "code", "url"), n_optional=1, quoted=False)
    path.write_text('1\t"A\t010\tx"y\n')
    assert read(path, layout) == [{"day": "1", "actor": '"A', "code": "010", "url": 'x"y'}]
    path.write_text("1\tA\t010\n")
    assert read(path, layout) == [{"day": "1", "actor": "A", "code": "010"}]


def test_pages_before_the_header_are_passed_over_and_lines_are_counted_from_the_first(tmp_path: Path):
    path = tmp_path / "table.csv"
    path.write_text("About this, and that\n\nConditions: none\nday,actor,code;\n1,A,2;\n\n3,B,4;;\n")
    with open_table(path, Layout(LAYOUT.required, strip_end=";")) as table:
        assert table.n_preamble == 3
        assert [(row.line, row.cells) for row in table.rows] == [(5, ["1", "A", "2"]), (7, ["3", "B", "4"])]


def refused(path: Path, layout: Layout = LAYOUT) -> str:
    with pytest.raises(InputError, match=r".") as caught:
        read(path, layout)
    return str(caught.value)


def test_a_missing_column_is_named_with_the_nearest(tmp_path: Path):
    path = tmp_path / "table.csv"
    path.write_text("day,actors,code\n")
    assert "there is no column 'actor'; did you mean 'actors'? Accepted: 'actor' or 'who'" in refused(path)


def test_a_column_that_stands_twice_is_refused(tmp_path: Path):
    path = tmp_path / "table.csv"
    path.write_text("day,actor,Day,code\n")
    assert f"{path}:1: the column 'day' stands here twice" in refused(path)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "the file is empty"),
        (b"day,actor,code\n1,caf\xe9,2\n", ":2: the text is not utf-8 (byte 0xe9)"),
        ("day,actor,code\n".encode("utf-16"), "the text is UTF-16"),
        (b"day,actor,code\n1,\0,2\n", ":2: the text contains a NUL character"),
        (b'day,actor,code\n1,"open,2\n', ":2: a quotation mark that opens in line 2 closes in line 2 or not at all"),
        (b"day,actor,code\n" + b"x" * (MAX_LINE_BYTES + 1), ":2: this line is longer than 1 MiB"),
        (gzip.compress(b"day,actor,code\n" * 1000)[:-20], "the packed file is damaged"),
        (b"PK\x03\x04 and no more", "the packed file is damaged"),
        (b"\x1f\x8b and no more", "the packed file is damaged"),
    ],
    ids=["empty", "latin", "utf16", "nul", "quote", "long", "cut", "no zip", "no gzip"],
)
def test_what_is_no_table_is_refused_with_the_line(tmp_path: Path, data: bytes, message: str):
    path = tmp_path / "table.csv"
    path.write_bytes(data)
    assert message in refused(path)


def test_an_encoding_that_does_not_exist_and_a_missing_file_are_named(tmp_path: Path):
    assert "there is no such file" in refused(tmp_path / "nothing.csv")
    path = tmp_path / "table.csv"
    path.write_text("day,actor,code\n")
    assert "there is no encoding 'utf-9'" in refused(path, Layout(LAYOUT.required, encoding="utf-9"))


def test_an_archive_of_several_files_is_refused_by_their_names(tmp_path: Path):
    path = tmp_path / "two.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.csv", "day")
        archive.writestr("b.csv", "day")
    assert "the archive holds 2 files: a.csv, b.csv" in refused(path)


def test_a_bomb_is_given_up_before_it_fills_anything(tmp_path: Path):
    path = tmp_path / "bomb.gz"
    line = b"1," + b"A" * 60_000 + b",2\n"
    with gzip.open(path, "wb") as file:
        file.write(b"day,actor,code\n")
        for _ in range(1500):
            file.write(line)
    assert path.stat().st_size < 200_000
    assert "unpacks to more than 200 times its size" in refused(path)


@QUIET
@given(st.binary(max_size=300))
def test_no_bytes_break_the_reader(tmp_path, data):
    path = tmp_path / "table"
    path.write_bytes(b"day,actor,code\n" + data)
    n_rows, refusals = 0, []
    try:
        with open_table(path, LAYOUT) as table:
            n_rows = sum(1 for _ in table.rows)
    except InputError as error:
        refusals = list(error.findings())
    # what is refused names the file; and a row has a line at least: nothing is made of nothing
    assert all(finding.file == str(path) for finding in refusals)
    assert n_rows <= 1 + data.count(b"\n") + data.count(b"\r")
