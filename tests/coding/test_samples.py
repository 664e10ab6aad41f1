"""The data sets as they are: golden counts on the samples, and made-up rows in layouts of which there is no sample.

Samples: ../shared/data/events_samples, whose README names the origins. Counts were made over the cells of the files,
not by this program.
"""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .conftest import Pair, columns_of, sample

#: The last row of the samples is from 2017; a machine's "a year ago" is let through where the test is about counting.
FRESH = "like: {}\ndates: {{stale_after_days: 100000}}\n"


def row_of(columns: list[str], **cells: str) -> list[str]:
    named = {key.replace("_", " ").casefold(): value for key, value in cells.items()}
    row = [named.pop(column.replace("_", " ").casefold(), "") for column in columns]
    assert not named, named
    return row


def table(path: Path, columns: list[str], rows: list[list[str]], delimiter: str = ",", before: str = "") -> Path:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\n")
    writer.writerows([columns, *rows])
    path.write_text(before + text.getvalue(), encoding="utf-8")
    return path


def test_gdelt_2(pair: Pair):
    """50 rows. 6 between Saudi Arabia and Egypt: 042, 043, 2 x 014, 2 x 172, all added a year after their day."""
    found = pair.run(sample("gdelt_v2_events_sample.csv"), "gdelt2", "SAU", "EGY")
    assert (found.n_rows, found.n_kept, found.unmapped) == (50, 0, {"014": 2, "172": 2})
    assert found.skipped == {
        "not between the actors": 44,
        "no class for this code": 4,
        "told too long after the day that it names": 2,
    }
    pair.write("importers/gdelt2.yaml", FRESH.format("gdelt2"))
    found = pair.run(sample("gdelt_v2_events_sample.csv"), "gdelt2", "SAU", "EGY")
    assert (found.n_kept, found.n_events, found.n_reports) == (2, 1, 1)
    (row,) = pair.rows("gdelt2")
    assert (row["when"], row["known"], row["origin"], row["locator"]) == (
        "2016-07-01",
        "2017-07-01",
        "thearabweekly.com",
        "GLOBALEVENTID 669666359, 669666369",
    )


def test_gdelt_2_as_it_is_published_tells_the_same_as_the_sample(pair: Pair, tmp_path: Path):
    """Without a header and quotes, tab-separated, without the column CAMEOCodeDescription."""
    pair.write("importers/gdelt2.yaml", FRESH.format("gdelt2"))
    columns = columns_of("gdelt_v2_events")
    with sample("gdelt_v2_events_sample.csv").open(newline="", encoding="utf-8") as file:
        rows = [[row[column] for column in columns] for row in csv.DictReader(file)]
    raw = tmp_path / "20170701234500.export.CSV"
    raw.write_text("".join("\t".join(row) + "\n" for row in rows), encoding="utf-8")
    pair.run(raw, "gdelt2", "SAU", "EGY")
    assert [row["locator"] for row in pair.rows("gdelt2")] == ["GLOBALEVENTID 669666359, 669666369"]
    assert pair.run(sample("gdelt_v2_events_sample.csv"), "gdelt2", "SAU", "EGY").n_new == 0


def test_gdelt_1(pair: Pair):
    """50 rows. Between the Netherlands and Turkey 2 x 172 and 2 x 036, which are no acts that the codebook counts."""
    found = pair.run(sample("gdelt_v1_events_sample.csv"), "gdelt1", "EGY", "SAU")
    assert (found.n_rows, found.skipped) == (50, {"not between the actors": 50})
    text = (pair.folder / "scenario.yaml").read_text()
    pair.write("scenario.yaml", text.replace("actors:\n", "actors:\n  NLD: {name: X}\n  TUR: {name: Y}\n"))
    found = pair.run(sample("gdelt_v1_events_sample.csv"), "gdelt1")
    assert found.skipped == {"not between the actors": 46, "no class for this code": 4}
    assert found.unmapped == {"036": 2, "172": 2}


def test_gdelt_1_of_before_april_2013_has_no_address(pair: Pair, tmp_path: Path):
    columns = columns_of("gdelt_v1_events")
    cells = row_of(
        columns,
        GLOBALEVENTID="1",
        SQLDATE="19900301",
        Actor1CountryCode="AAA",
        Actor2CountryCode="BBB",
        EventCode="057",
        DATEADDED="19900302",
    )
    file = tmp_path / "1990.csv"
    file.write_text("\t".join(cells[:57]) + "\n")
    pair.run(file, "gdelt1")
    (row,) = pair.rows("gdelt1")
    assert (row["indicator"], row["when"], row["known"], row["origin"]) == (
        "formal_commitment",
        "1990-03-01",
        "1990-03-02",
        "gdelt1",
    )


def test_icews(pair: Pair):
    """300 rows of 1 June 2018, 17 of them between the Koreas."""
    found = pair.run(sample("icews_sample_300.tab"), "icews", "PRK", "KOR")
    with sample("icews_sample_300.tab").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    pairs = {("North Korea", "South Korea"), ("South Korea", "North Korea")}
    between = [row for row in rows if (row["Source Country"], row["Target Country"]) in pairs]
    codes = {"042", "043", "044", "057", "061", "062", "070", "071", "072", "073", "074", "053", "054"}
    codes |= {"161", "166", "111", "112", "114", "125", "130", "160"}
    kept = [row for row in between if row["CAMEO Code"] in codes]
    assert (len(rows), len(between)) == (300, 17)
    assert (found.n_rows, found.n_kept) == (300, len(kept))
    assert found.skipped["no class for this code"] == 17 - len(kept)
    keys = {key for row in pair.rows("icews") for key in row["locator"].removeprefix("Event ID ").split(", ")}
    assert keys == {row["Event ID"] for row in kept}


QUIET = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@QUIET
@given(
    st.permutations(range(20)),
    st.sampled_from(["\t", ",", ";"]),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
def test_how_the_table_is_written_does_not_change_what_is_imported(
    pair: Pair, tmp_path: Path, order: list[int], delimiter: str, end: str, marked: bool, quoting: int
):
    with sample("icews_sample_300.tab").open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file, delimiter="\t"))
    with (tmp_path / "events").open("w", newline="", encoding="utf-8-sig" if marked else "utf-8") as file:
        writer = csv.writer(file, delimiter=delimiter, lineterminator=end, quoting=quoting)
        writer.writerows([[row[at] for at in order] for row in rows])
    (pair.folder / "evidence/icews.csv").unlink(missing_ok=True)
    pair.run(tmp_path / "events", "icews", "PRK", "KOR")
    written = pair.rows("icews")
    (pair.folder / "evidence/icews.csv").unlink()
    pair.run(sample("icews_sample_300.tab"), "icews", "PRK", "KOR")
    assert written == pair.rows("icews")


def test_icews_between_north_korea_and_the_united_states(pair: Pair):
    """Two rows of 042 and 043 from one publisher: one event, one report."""
    found = pair.run(sample("icews_sample_300.tab"), "icews", "PRK", "USA")
    assert (found.n_kept, found.n_events, found.n_reports) == (2, 1, 1)
    (row,) = pair.rows("icews")
    assert (row["origin"], row["locator"]) == ("xinhua-news-agency", "Event ID 32891240, 32891246")


def test_sipri_in_its_older_layout(pair: Pair):
    """25 deals of Germany, 5 of them with Algeria, with 2, 6, 1, 3 and 2 years of delivery."""
    found = pair.run(sample("sipri_de_register_first25.csv"), "sipri-older", "DEU", "DZA")
    with sample("sipri_de_register_first25.csv").open(newline="", encoding="latin-1") as file:
        rows = list(csv.DictReader(file))
    years = [len(row["Year(s) of delivery"].split(";")) for row in rows if row["Recipient"] == "Algeria"]
    others = sum(row["Recipient"] != "Algeria" for row in rows)
    assert (sum(years), others) == (14, 20)
    assert (found.n_rows, found.n_kept, found.skipped) == (25, sum(years), {"not between the actors": others})
    assert found.n_entries == sum(years) + others
    # 2016: a frigate and ship engines are one class
    assert found.n_events == 13
    assert found.span is not None
    assert (found.span[0].year, found.span[1].year) == (1970, 2020)
    row = next(row for row in pair.rows("sipri-older") if row["event"] == "auto-arms-ships-DEU-DZA-2016")
    assert (row["when"], row["known"], row["locator"]) == (
        "2016",
        "2017-03-16",
        "Weapon designation MEKO-A200, ship engine",
    )


def test_sipri_as_the_portal_exports_it(pair: Pair, tmp_path: Path):
    columns = columns_of("sipri_trade_register_new_portal")
    deals = [
        ("Arland", "Borland", "Missiles", "2014"),
        ("Arland", "Borland", "Missiles", "2014"),
        ("Arland", "Borland", "Missiles", "2015"),
        ("Borland", "Arland", "Missiles", "2014"),
        ("Arland", "Borland", "Satellites", "2014"),
        ("Arland", "Borland", "Ships", ""),
        ("Arland", "Corland", "Ships", "2014"),
    ]
    rows = [
        row_of(
            columns, Supplier=a, Recipient=b, Armament_category=kind, Delivery_year=year, SIPRI_AT_Database_ID=str(n)
        )
        for n, (a, b, kind, year) in zip("1234567", deals, strict=True)
    ]
    page = "".join(f"Line {n} of the conditions\n" for n in range(11))
    file = table(tmp_path / "trade-register.csv", columns, rows, before=page)
    file.write_text(file.read_text().replace("\n", ";\n"))
    found = pair.run(file, "sipri")
    assert (found.n_rows, found.n_kept, found.skipped) == (7, 5, {"no date": 1, "not between the actors": 1})
    assert sorted(row["event"] for row in pair.rows("sipri")) == [
        "auto-arms-missiles-AAA-BBB-2014",
        "auto-arms-missiles-AAA-BBB-2015",
        "auto-arms-missiles-BBB-AAA-2014",
        "auto-arms-other-AAA-BBB-2014",
    ]


def test_polecat(pair: Pair, tmp_path: Path):
    columns = columns_of("polecat")
    events = [
        ("CONSULT", "visit", "diplomatic", "AAA", "BBB", "2024-03-01"),
        ("CONSULT", "visit", "", "BBB; AAA", "CCC", "2024-03-01"),
        ("CONSULT", "phone", "", "AAA", "BBB", "2024-03-01"),
        ("COOPERATE", "", "military; economic", "CCC; AAA", "BBB", "2024-03-01"),
        ("AID", "", "humanitarian", "AAA", "BBB", "2024-03-01"),
        ("SANCTION", "discontinue", "economic", "CCC", "AAA", "2024-03-01"),
        ("ACCUSE", "", "", "AAA", "None", "2024-03-01"),
        ("ACCUSE", "", "", "AAA", "BBB", "2023-03-01"),
    ]
    rows = [
        row_of(
            columns,
            Event_ID=f"E{n}",
            Event_Date=day,
            Event_Type=kind,
            Event_Mode=mode,
            Contexts=contexts,
            Actor_Country=actor,
            Recipient_Country=recipient,
            Publication_Date="2024-03-02",
            Source="Herald",
        )
        for n, (kind, mode, contexts, actor, recipient, day) in enumerate(events)
    ]
    found = pair.run(table(tmp_path / "2024-Mar.txt", columns, rows, "\t"), "polecat")
    assert found.events == {"senior_visit": 1, "military_exercise": 1, "aid": 1, "third_party_pressure": 1}
    assert found.skipped == {
        "not between the actors": 2,
        "no class for this code": 1,
        "told too long after the day that it names": 1,
    }
    assert {row["known"] for row in pair.rows("polecat")} == {"2024-03-02"}


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_acled(pair: Pair, tmp_path: Path, delimiter: str):
    columns = columns_of("acled")
    events = [
        ("AAA1", "01 March 2024", "Agreement", "Government of Arland (2010-)", "Government of Borland (2000-)"),
        ("AAA2", "02 March 2024", "Armed clash", "Military Forces of Arland (2010-)", "Military Forces of Borland"),
        ("AAA3", "30 March 2024", "Armed clash", "Military Forces of Borland", "Military Forces of Arland (2010-)"),
        ("AAA4", "02 March 2024", "Peaceful protest", "Protesters (Arland)", "Police Forces of Borland"),
        ("AAA5", "02 March 2024", "Armed clash", "Unidentified", ""),
    ]
    rows = [
        row_of(
            columns, event_id_cnty=key, event_date=day, sub_event_type=kind, actor1=a, actor2=b, source="TASS; Herald"
        )
        for key, day, kind, a, b in events
    ]
    file = table(tmp_path / "acled.csv", columns, rows, delimiter)
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    found = pair.run(file, "acled")
    assert (found.n_kept, found.n_events, found.n_reports) == (3, 2, 4)
    assert found.skipped == {"no class for this code": 1, "not between the actors": 1}
    assert [(row["event"], row["origin"], row["known"]) for row in pair.rows("acled")] == [
        ("auto-formal_commitment-AAA-BBB-2024-03-01", "herald", "2024-03-11"),
        ("auto-formal_commitment-AAA-BBB-2024-03-01", "tass", "2024-03-11"),
        ("auto-friction-AAA-BBB-2024-03", "herald", "2024-03-12"),
        ("auto-friction-AAA-BBB-2024-03", "tass", "2024-03-12"),
    ]


def test_ucdp_ged(pair: Pair, tmp_path: Path):
    columns = columns_of("ucdp_ged")
    days = [("2019-03-28 00:00:00.000", "2019-04-02 00:00:00.000"), ("2019-05-01 00:00:00.000",) * 2]
    rows = [
        row_of(
            columns,
            id=str(n),
            type_of_violence=kind,
            side_a="Government of Arland",
            side_b="Government of Borland (old name)",
            date_start=first,
            date_end=last,
            source_office="Reuters News;AFP",
        )
        for n, ((first, last), kind) in enumerate([(days[0], "1"), (days[1], "1"), (days[1], "3")])
    ]
    found = pair.run(table(tmp_path / "ged.csv", columns, rows), "ucdp-ged")
    assert (found.n_kept, found.skipped) == (2, {"no class for this code": 1})
    assert [(row["when"], row["known"], row["origin"]) for row in pair.rows("ucdp-ged")] == [
        ("2019-03-28/2019-04-02", "2020-06-13", "afp"),
        ("2019-03-28/2019-04-02", "2020-06-13", "reuters-news"),
        ("2019-05-01", "2020-06-13", "afp"),
        ("2019-05-01", "2020-06-13", "reuters-news"),
    ]


def test_the_two_goldstein_tables_disagree_and_neither_moves_anything(pair: Pair, tmp_path: Path):
    """016 is +3.4 in one table and -5.0 in the other; rows with either value tell the same."""
    variants = {}
    for name, delimiter, code, value in (
        ("cameo_goldstein_gdelt_variant.tsv", "\t", "cameoCode", "GoldsteinScale"),
        ("cameo_goldstein_icews_variant.csv", ",", "code", "goldstein"),
    ):
        with sample(name).open(newline="", encoding="utf-8") as file:
            variants[name] = {row[code]: float(row[value]) for row in csv.DictReader(file, delimiter=delimiter)}
    first, second = variants.values()
    assert (first["016"], second["016"]) == (3.4, -5.0)
    columns = columns_of("gdelt_v2_events")
    written = []
    for value in ("3.4", "-5.0"):
        row = row_of(
            columns,
            GLOBALEVENTID="1",
            SQLDATE="20240301",
            Actor1CountryCode="AAA",
            Actor2CountryCode="BBB",
            EventCode="112",
            GoldsteinScale=value,
            DATEADDED="20240301",
        )
        pair.run(table(tmp_path / "rows.csv", columns, [row]), "gdelt2")
        written.append((pair.folder / "evidence/gdelt2.csv").read_text())
        (pair.folder / "evidence/gdelt2.csv").unlink()
    assert written[0] == written[1]
