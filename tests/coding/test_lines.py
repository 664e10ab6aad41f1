"""Lines in are entries out, for every importer: nothing of a file is lost without being counted."""

import csv
import io
from datetime import date
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forecast.coding.coding import Reason
from forecast.coding.imported import Imported, import_events
from forecast.coding.mapping import Named, importer_names, read_importer
from forecast.coding.rows import LineCounts
from forecast.errors import InputError
from forecast.scenario.record import Scenario

from ..cases import case_folder
from .conftest import TODAY, Gdelt, Pair

IMPORTERS = importer_names()

#: What a cell may hold in any data set: names with quotes, delimiters and other scripts, and nothing.
TEXTS = st.text(st.sampled_from("ab\"'é김,;|. -"), max_size=8)


def run(pair: Pair, path: Path, name: str, encoding: str | None = None) -> Imported:
    return import_events(pair.read(), path, name, between=("PRK", "KOR"), encoding=encoding, write=False, today=TODAY)


def adds_up(found: Imported, n_lines: int) -> None:
    counts = found.counts
    assert counts.lines == n_lines
    assert counts.preamble + counts.header + counts.blank + counts.in_rows == n_lines
    assert found.n_rows == found.n_used + found.n_skipped + found.n_rejected
    assert found.n_entries == found.n_kept + sum(found.skipped.values())
    assert found.n_entries >= found.n_rows


@cache
def scenario_of(pair: Pair) -> Scenario:
    return pair.read()


@cache
def importer(name: str) -> Named:
    return read_importer(name, Path("/nowhere"))


def spread(columns: list[str], name: str, row: dict[str, str]) -> list[str]:
    """The cells of a row by the importer's own names of columns."""
    says = importer(name).says
    cells = dict.fromkeys(columns, "")
    for field, text in row.items():
        group = getattr(says.columns, field)
        column = next((column for column in group if column in cells), None)
        if column is not None:
            cells[column] = text
    return list(cells.values())


def columns_of(name: str) -> list[str]:
    layout = importer(name).layout()
    needed = [group[0] for group in layout.required]
    says = importer(name).says
    more = [group[0] for group in (says.columns.key, says.columns.origin, says.columns.published) if group]
    return list(dict.fromkeys([*needed, *more, "Remark"]))


def date_of(name: str) -> str:
    form = importer(name).says.dates.formats[0]
    return date(2024, 3, 5).strftime(form)


@pytest.mark.parametrize("name", IMPORTERS)
@given(data=st.data())
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_line_of_every_data_set_is_counted_whatever_its_cells_hold(name: str, pair: Pair, data: st.DataObject):
    """Column order, encodings, quotes, missing fields and a last line that was cut off."""
    columns = data.draw(st.permutations(columns_of(name)))
    says = importer(name).says
    by_line = not says.layout.quotes
    row = st.fixed_dictionaries(
        {
            "date": st.sampled_from([date_of(name), date_of(name), "never", ""]),
            "actor": st.sampled_from(["PRK", "North Korea", "KOR", "USA"]),
            "target": st.sampled_from(["KOR", "South Korea", "PRK", ""]),
            "code": TEXTS,
            "key": TEXTS,
            "origin": TEXTS,
        }
    )
    rows = [spread(columns, name, one) for one in data.draw(st.lists(row, min_size=1, max_size=8))]
    for cells in rows:
        cells[columns.index("Remark")] = data.draw(TEXTS)
    stated = says.layout.encoding
    encoding = data.draw(st.sampled_from([stated, *(["utf-8-sig"] if stated == "utf-8" else [])]))
    text = io.StringIO(newline="")
    if by_line:
        for cells in [columns, *rows]:
            text.write("\t".join(cells) + "\n")
    else:
        csv.writer(text, lineterminator="\n").writerows([columns, *rows])
    whole = text.getvalue()
    cut = data.draw(st.integers(0, 6))
    lines = whole.split("\n")[:-1]
    if cut and len(lines) > 2 and '"' not in lines[-1]:
        lines[-1] = lines[-1][: max(1, len(lines[-1]) - cut)]
    body = "\n".join(lines)
    path = pair.workspace / "table"
    scenario = scenario_of(pair)
    path.write_bytes(body.encode(encoding, errors="replace"))
    try:
        found = import_events(scenario, path, name, between=("PRK", "KOR"), write=False, today=TODAY)
    except InputError as error:
        # a refusal is right only where most rows cannot be read, or a quote is open
        text_of = str(error)
        assert "rows cannot be read as" in text_of or "a quotation mark that opens" in text_of, text_of
        return
    adds_up(found, len(lines))
    assert found.n_rows == len(lines) - 1
    assert found.skipped.get(Reason.DATE, 0) == found.n_rejected - sum(
        found.skipped.get(why, 0) for why in (Reason.CELLS, Reason.NO_DATE)
    )


@pytest.mark.parametrize(
    ("file", "name", "n_rows", "n_rejected", "n_used"),
    [
        ("icews2.tab", "icews", 4, 0, 4),
        ("icews-open.tab", "icews", 4, 0, 4),
        ("polecat2.txt", "polecat", 4, 0, 4),
        ("polecat.txt", "polecat", 5, 1, 4),
        ("polecat-tab.txt", "polecat", 2, 1, 1),
    ],
)
def test_the_cases_of_unpaired_quotes_lose_no_row(
    russia: Pair, file: str, name: str, n_rows: int, n_rejected: int, n_used: int
):
    path = case_folder("16-quotes-in-tsv") / file
    found = import_events(russia.read(), path, name, between=("PRK", "RUS"), write=False, today=TODAY)
    assert (found.n_rows, found.n_rejected, found.n_used) == (n_rows, n_rejected, n_used)
    adds_up(found, n_rows + 1)


@pytest.fixture
def russia(pair: Pair) -> Pair:
    text = (pair.folder / "scenario.yaml").read_text()
    pair.write("scenario.yaml", text.replace("actors:\n", "actors:\n  RUS: {name: Russian Federation}\n"))
    return pair


def table(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "table.csv"
    path.write_text(text)
    return path


ICEWS = "Event ID\tEvent Date\tSource Country\tTarget Country\tCAMEO Code\tPublisher\n"


@pytest.mark.parametrize(
    ("rows", "n_used", "n_rejected", "n_unquoted"),
    [
        (
            '1\t2024-02-02\tPRK\tKOR\t042\t"Yonhap\n2\t2024-05-02\tPRK\tKOR\t042\tKCNA"\n',
            2,
            0,
            0,
        ),
        ('"1"\t"2024-02-02"\t"North Korea"\t"South Korea"\t"042"\t"The ""Daily"" News"\n', 1, 0, 6),
        ('1\t2024-02-02\tPRK\tKOR\t042\t"a tab\there"\n', 1, 0, 1),
        (
            "1\t2024-02-02\tNorth\tKorea\tSouth Korea\t042\tx\n2\t2024-02-02\tPRK\tKOR\t042\tx\n",
            1,
            1,
            0,
        ),
    ],
    ids=["unpaired", "all quoted", "a tab in quotes", "a tab without quotes"],
)
def test_in_a_file_that_quotes_nothing_every_line_is_a_row(
    pair: Pair, tmp_path: Path, rows: str, n_used: int, n_rejected: int, n_unquoted: int
):
    found = run(pair, table(tmp_path, ICEWS + rows), "icews")
    assert (found.n_used, found.n_rejected, found.counts.unquoted) == (n_used, n_rejected, n_unquoted)


ACLED = "event_id_cnty,event_date,sub_event_type,actor1,actor2,source,notes\n"


@pytest.mark.parametrize(
    "rows",
    [
        '1,2024-02-02,Agreement,PRK,KOR,"Yonhap,x\n2,2024-02-03,Agreement,PRK,KOR,KCNA",x\n',
        '1,2024-02-02,Agreement,PRK,KOR,"Yonhap,x\n2,2024-02-03,Agreement,PRK,KOR,KCNA,x\n'
        '3,2024-02-03,Agreement,PRK,KOR,KCNA",x\n',
        '1,2024-02-02,Agreement,PRK,KOR,"Yonhap,x\n2,2024-02-03,Agreement,PRK,KOR,KCNA,x\n',
    ],
    ids=["two rows", "three rows", "never closed"],
)
def test_rows_that_a_quote_joins_are_refused_with_their_lines(pair: Pair, tmp_path: Path, rows: str):
    with pytest.raises(InputError, match=r"csv:2: a quotation mark that opens in line 2 closes in line [34] or not"):
        run(pair, table(tmp_path, ACLED + rows), "acled")


def test_a_text_over_several_lines_is_one_row(pair: Pair, tmp_path: Path):
    rows = '1,2024-02-02,Agreement,PRK,KOR,Yonhap,"They met.\nThey signed, and left.\n"\n'
    found = run(pair, table(tmp_path, ACLED + rows), "acled")
    assert (found.n_rows, found.n_used, found.counts.lines, found.counts.in_rows) == (1, 1, 4, 3)


def test_line_breaks_that_look_like_rows_are_read_where_the_mapping_says_so(pair: Pair, tmp_path: Path):
    path = pair.write("importers/mine.yaml", "like: acled\nlayout: {line_breaks: true}\n")
    text = '1,2024-02-02,Agreement,PRK,KOR,Yonhap,"1,2,3,4,5,6,7\n1,2,3,4,5,6,7"\n'
    with pytest.raises(InputError, match="a quotation mark that opens in line 2"):
        run(pair, table(tmp_path, ACLED + text), "acled")
    assert run(pair, table(tmp_path, ACLED + text), str(path)).n_used == 1


def test_a_file_of_another_format_names_the_one_that_fits(pair: Pair, gdelt: Gdelt, tmp_path: Path):
    """GDELT 1 has 57 or 58 columns, GDELT 2 has 61."""
    cells = [""] * 58
    cells[0], cells[1], cells[7], cells[17], cells[26], cells[56] = "1", "20240301", "PRK", "KOR", "042", "20240302"
    path = tmp_path / "19.export.CSV"
    path.write_text("\t".join(cells) + "\n")
    with pytest.raises(InputError, match="does not fit the importer gdelt2; it fits gdelt1"):
        run(pair, path, "gdelt2")
    assert run(pair, path, "gdelt1").n_used == 1
    with pytest.raises(InputError, match="does not fit the importer gdelt1; it fits gdelt2"):
        run(pair, gdelt(("20240301", "PRK", "042", "KOR", "")), "gdelt1")


def test_dates_that_cannot_be_read_name_the_formats_that_would(pair: Pair, tmp_path: Path):
    rows = "".join(f"{n}\t{day}.02.2024\tPRK\tKOR\t042\tx\n" for n, day in enumerate((13, 14, 15)))
    good = "9\t2024-02-02\tPRK\tKOR\t042\tx\n"
    before = sorted(pair.folder.rglob("*"))
    with pytest.raises(InputError) as caught:
        pair.run(table(tmp_path, ICEWS + rows + good), "icews", "PRK", "KOR")
    first, second = caught.value.findings()
    assert "3 of 4 rows cannot be read as icews; nothing was written" in first.message
    assert (second.line, second.found) == (2, "13.02.2024")
    path = pair.write("importers/mine.yaml", "like: icews\ndates: {formats: ['%d.%m.%Y', '%Y-%m-%d']}\n")
    assert "'%d.%m.%Y'" in str(second.accepted) or "%Y-%m-%d" in str(second.accepted)
    assert run(pair, table(tmp_path, ICEWS + rows + good), str(path)).n_used == 4
    assert sorted(file for file in pair.folder.rglob("*") if "importers" not in str(file)) == before


def test_dates_all_of_one_form_name_this_form(pair: Pair, tmp_path: Path):
    rows = "1\t13.02.2024\tPRK\tKOR\t042\tx\n2\t14.02.2024\tCuba\tChad\t042\tx\n"
    with pytest.raises(InputError, match=r"a mapping with `dates: \{formats: \['%d\.%m\.%Y'\]\}` reads these"):
        run(pair, table(tmp_path, ICEWS + rows), "icews")


def test_half_of_the_rows_may_be_unreadable_and_are_counted(pair: Pair, tmp_path: Path):
    rows = "1\tnever\tPRK\tKOR\t042\tx\n2\t2024-02-14\tPRK\tKOR\t042\tx\n"
    found = run(pair, table(tmp_path, ICEWS + rows), "icews")
    assert (found.n_used, found.n_rejected, found.skipped) == (1, 1, {Reason.DATE: 1})


def test_counts_that_do_not_add_up_are_an_error():
    counts = LineCounts(lines=5, header=1, in_rows=3)
    with pytest.raises(InputError, match="5 lines were read, but 0 before the header, 1 of the header"):
        counts.check(Path("table.csv"))
    LineCounts(lines=5, header=1, in_rows=3, blank=1).check(Path("table.csv"))
