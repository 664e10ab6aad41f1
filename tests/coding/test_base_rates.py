"""Alliances formed 1815 to 1 September 1945 (ATOP 4.01): counts, survival and incidence to the known digits.

Known answers: ../shared/data/alliances_atop_pre1946/known_answers.json (another program's product limit, lifelines)
and the era table of ../shared/facts/alliances/README.md (endings per alliance-year; eras before the end of the slice).
"""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import forecast
from forecast.coding.base_rates import base_rate, snippet
from forecast.coding.spells import Columns, Spell, Spells, parse_condition, read_spells
from forecast.errors import Finding, InputError
from forecast.scenario.nodes import plain
from forecast.scenario.schema import BaseRate
from forecast.scenario.yaml_text import parse_yaml

DATA = Path(__file__).parents[3] / "shared/data/alliances_atop_pre1946"
ATOP = DATA / "atop_4_01_alliances_formed_1815_1945.csv"

if not ATOP.exists():
    pytest.skip("the ATOP sample of ../shared is not here", allow_module_level=True)

#: The hierarchy of types in the README of the data.
TYPES = {
    "all": (),
    "defence": ("defense=1",),
    "offence (no defence)": ("defense=0", "offense=1"),
    "neutrality": ("defense=0", "offense=0", "neutral=1"),
    "nonaggression": ("defense=0", "offense=0", "neutral=0", "nonagg=1"),
    "consultation only": ("defense=0", "offense=0", "neutral=0", "nonagg=0"),
}
KNOWN = json.loads((DATA / "known_answers.json").read_text())
ROWS = [*KNOWN["rows"], *KNOWN["rows_peacetime"]]
CAUSES = {"expired": "expired", "violated": "violated", "renegotiated": "replaced", "lost_indep": "lost independence"}

#: First and last year, type, years at risk, endings, endings per year, violations per year.
ERAS = [
    (1815, 1849, "all", 153, 13, 0.0848, 0.0522),
    (1850, 1913, "all", 299, 44, 0.1472, 0.0703),
    (1914, 1918, "all", 71, 17, 0.2392, 0.0703),
    (1919, 1938, "all", 564, 19, 0.0337, 0.0177),
    (1815, 1849, "defence", None, None, 0.0836, 0.0502),
    (1850, 1913, "defence", None, None, 0.1423, 0.0711),
    (1914, 1918, "defence", None, None, 0.2457, 0.0447),
    (1919, 1938, "defence", None, None, 0.0182, 0.0137),
]


def spells(*conditions: str) -> Spells:
    return read_spells(ATOP, [parse_condition(text) for text in ("bilat=1", *conditions)])


@pytest.mark.parametrize("known", ROWS, ids=[row["sample"] for row in ROWS])
def test_the_known_answers_to_their_last_digit(known: dict[str, Any]):
    kind = known["sample"].split(": ")[1]
    rate = base_rate(spells(*TYPES[kind], *(("wartime=0",) if "wartime" in known["sample"] else ())))
    curve = rate.curve
    assert (rate.n, rate.endings) == (known["N"], known["ended"])
    assert {cause: rate.causes.get(ours, 0) for cause, ours in CAUSES.items()} == {
        cause: known[cause] for cause in CAUSES
    }
    assert round(rate.years_at_risk, 2) == known["alliance_years"]
    assert curve.median is not None
    assert round(curve.median, 1) == known["median"]
    for age in (1, 2, 5, 10):
        assert round(curve.lasting(age), 6) == known[f"S{age}"]
        assert [round(end, 3) for end in curve.interval(age)] == known[f"S{age}_ci95"]
        violated = curve.ended("violated", age) if "violated" in rate.causes else 0.0
        # 0.3125 is printed as 0.312
        assert violated == pytest.approx(known[f"CIFviol{age}"], abs=5.1e-4)


@pytest.mark.parametrize(("first", "last", "kind", "years", "endings", "rate", "violated"), ERAS)
def test_the_known_rates_by_era(first, last, kind, years, endings, rate, violated):
    found = base_rate(spells(*TYPES[kind]), in_force=(date(first, 1, 1), date(last, 12, 31)))
    if years is not None:
        assert (round(found.years_at_risk), found.endings) == (years, endings)
    # the last day counts here; whether it does moves the fourth decimal
    assert found.endings / found.years_at_risk == pytest.approx(rate, abs=1.5e-4)
    assert found.causes["violated"] / found.years_at_risk == pytest.approx(violated, abs=1.5e-4)


def test_causes_that_do_not_count_end_the_time_at_risk_and_are_no_endings():
    rate = base_rate(spells(), ["violated"])
    assert (rate.endings, round(rate.years_at_risk, 2)) == (71, 1809.51)


def test_the_entry_is_one_that_a_scenario_takes_and_says_where_it_comes_from():
    document = forecast.base_rate(ATOP, ["bilat=1"], about="durable", name="pacts", relevance=0.01).document
    findings: list[Finding] = []
    node = parse_yaml(document["yaml"], "scenario.yaml", findings)
    assert findings == []
    assert node is not None
    read = BaseRate.model_validate(plain(node)["base_rates"][0])
    assert (read.id, read.about, read.endings, read.years_at_risk) == ("pacts", "durable", 160, 1809.51)
    assert read.dataset == "ATOP 4.01"
    assert read.filter == (
        "bilat = 1; n = 165, of which 160 ended (71 violated, 37 expired, 27 replaced, 25 lost independence); "
        "coded to 2016-12-31"
    )
    assert document["entry"] == {key: getattr(read, key) for key in document["entry"]}


def test_without_a_relevance_the_class_weighs_as_one_ending():
    entry = forecast.base_rate(ATOP, ["bilat=1", "formed<1850"]).document["entry"]
    assert entry["relevance"] * entry["endings"] == pytest.approx(1.0, rel=0.1)


def test_any_table_will_do_when_its_columns_are_named(tmp_path: Path):
    """Two years and one year at risk, one ending: 2 of 3 rows, for one cannot be read."""
    file = tmp_path / "ties.csv"
    file.write_text("name;from;to;how\na;2000-01-01;2002-01-01;broken\nb;2001-01-01;;\nc;soon;;\n")
    found = read_spells(file, [], Columns("from", "to", "how"), date(2002, 1, 1))
    assert found.spells == (
        Spell(date(2000, 1, 1), date(2002, 1, 1), "broken"),
        Spell(date(2001, 1, 1), None, None),
    )
    assert (found.n_rows, found.skipped) == (3, {"a date that is none": 1})
    rate = base_rate(found)
    assert (rate.endings, rate.causes) == (1, {"broken": 1})
    assert rate.years_at_risk == pytest.approx((731 + 365) / 365.25)


def test_what_ended_after_the_last_coded_day_had_not_ended_on_it(tmp_path: Path):
    file = tmp_path / "ties.csv"
    file.write_text("from,to\n2000-01-01,2010-01-01\n2005-01-01,2006-01-01\n2009-01-01,\n")
    found = read_spells(file, [], Columns("from", "to"), date(2008, 1, 1))
    assert [spell.end for spell in found.spells] == [None, date(2006, 1, 1)]
    assert found.skipped == {"begins after the last coded day": 1}


def test_an_open_end_needs_the_last_coded_day(tmp_path: Path):
    file = tmp_path / "ties.csv"
    file.write_text("from,to\n2000-01-01,\n2001,2002\n")
    with pytest.raises(InputError, match=r"1 rows have no end.*--coded-until"):
        read_spells(file, [], Columns("from", "to"))


@pytest.mark.parametrize(
    ("condition", "n"), [("formed<1850", 18), ("ended>=1939-08-23", 63), ("mem1!=220", 143), ("term==2", 71)]
)
def test_conditions_are_those_of_a_spreadsheet(condition: str, n: int):
    """Counted over the cells of the file as texts, without this program."""
    assert len(spells(condition).spells) == n


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ({"where": ["bilt=1"]}, r"no column 'bilt'; did you mean 'bilat'"),
        ({"where": ["formed<soon"]}, r"'soon' is not a date"),
        ({"where": ["bilat"]}, r"'bilat' is no condition"),
        ({"where": ["bilat=7"]}, r"no row is left of 222: 222 do not meet the filter"),
        ({"endings": ["broken"]}, r"nothing ended as 'broken' Accepted: expired, replaced, violated"),
        ({"begin": "begyr"}, r"--end must be named"),
        ({"in_force": "1815-1850"}, r"'1815-1850' is not a date"),
        ({"coded_until": "2016"}, r"--coded-until"),
    ],
)
def test_what_cannot_be_meant_is_named(call: dict[str, Any], message: str):
    with pytest.raises(InputError, match=message):
        forecast.base_rate(ATOP, **call)


def test_a_long_filter_is_folded_and_reads_back():
    text = "a: b " + "word " * 60 + "#end"
    node = parse_yaml(snippet({"id": "x", "filter": text}), "", [])
    assert node is not None
    assert plain(node) == {"base_rates": [{"id": "x", "filter": text}]}
