"""Importers are files: those that come with the program, and anybody's own."""

from pathlib import Path

import pytest

from forecast.coding.mapping import PACKAGED, importer_names, read_importer
from forecast.errors import InputError
from forecast.scenario.read import read_scenario

from .conftest import ROOT, Pair, columns_of

#: Whatever files are there: a new importer is tested without a change here.
NAMES = importer_names()

#: By importer, the layout in headers.json that its columns are those of.
LAYOUTS = {
    "acled": "acled",
    "gdelt1": "gdelt_v1_events",
    "gdelt2": "gdelt_v2_events",
    "icews": "icews",
    "polecat": "polecat",
    "sipri": "sipri_trade_register_new_portal",
    "sipri-older": "sipri_trade_register_older",
    "ucdp-ged": "ucdp_ged",
}

OWN = """\
about: A list of our own
source: {title: Our list, reliability: B}
grade: B2
columns: {date: day, actor: a, target: b, code: what}
dates: {formats: ["%d.%m.%Y"]}
classes:
  - {indicator: aid, means: help was given, where: {what: [help]}, directed: true}
"""


def test_the_importers_that_come_with_the_program_are_listed_and_the_codes_that_they_share_are_not():
    assert set(LAYOUTS) <= set(NAMES)
    assert (PACKAGED / "cameo.yaml").exists()
    assert "cameo" not in NAMES


@pytest.mark.parametrize("name", sorted(LAYOUTS))
def test_every_importer_reads_and_speaks_of_columns_that_its_data_set_has(name: str, tmp_path: Path):
    importer = read_importer(name, tmp_path)
    there = set(columns_of(LAYOUTS[name]))
    for group in importer.layout().required:
        assert there & set(group), group
    for field in ("key", "published", "origin", "note"):
        group = getattr(importer.says.columns, field)
        assert not group or there & set(group), field
    assert list(importer.says.layout.header) in ([], columns_of(LAYOUTS[name]))


@pytest.mark.parametrize("name", NAMES)
def test_every_class_means_an_event_indicator_of_the_shared_codebook(name: str, tmp_path: Path):
    indicators = read_scenario(ROOT, "dprk-russia").codebook.indicators
    for entry in read_importer(name, tmp_path).says.classes:
        assert indicators[entry.indicator].kind == "event"


def test_codes_of_cameo_are_those_that_the_codebook_has_for_the_indicator(tmp_path: Path):
    indicators = read_scenario(ROOT, "dprk-russia").codebook.indicators
    for entry in read_importer("gdelt2", tmp_path).says.classes:
        for code in entry.where["code"]:
            beginnings = {known.removesuffix("*") for known in indicators[entry.indicator].cameo}
            assert any(code.rstrip("*")[:3] == known[:3] for known in beginnings), (entry.indicator, code)


def test_no_importer_reads_a_goldstein_value():
    """The tables of GDELT and ICEWS disagree (016 is +3.4 and -5.0), so their values mean nothing across data sets."""
    for path in PACKAGED.glob("*.yaml"):
        importer = path.read_text("utf-8")
        fields = importer.partition("columns:")[2]
        assert "Goldstein" not in fields
        assert "Intensity" not in fields


def test_an_importer_of_the_scenario_needs_no_other_change(pair: Pair, tmp_path: Path):
    pair.write("importers/ours.yaml", OWN)
    assert importer_names(pair.folder) == sorted([*NAMES, "ours"])
    file = tmp_path / "list.csv"
    file.write_text("b,what,day,a\nBorland,help,03.02.2024,Arland\nBorland,hinder,04.02.2024,Arland\n")
    found = pair.run(file, "ours")
    assert (found.n_kept, found.skipped) == (1, {"no class for this code": 1})
    assert [(row["indicator"], row["when"], row["known"]) for row in pair.rows("ours")] == [
        ("aid", "2024-02-03", "2024-02-03")
    ]


def test_a_mapping_file_can_be_named_by_its_path(pair: Pair, tmp_path: Path):
    (tmp_path / "theirs.yaml").write_text(OWN)
    file = tmp_path / "list.csv"
    file.write_text("day,a,b,what\n03.02.2024,Arland,Borland,help\n")
    assert pair.run(file, str(tmp_path / "theirs.yaml")).n_reports == 1
    assert pair.rows("theirs")[0]["source"] == "theirs"


def test_a_scenarios_importer_may_change_the_one_of_its_name(pair: Pair):
    pair.write("importers/gdelt2.yaml", "like: gdelt2\ngrade: E5\n")
    ours, packaged = read_importer("gdelt2", pair.folder).says, read_importer("gdelt2", pair.workspace).says
    assert ours.grade == "E5"
    assert ours == packaged.model_copy(update={"grade": "E5"})


def test_a_like_that_leads_to_nothing_is_named(pair: Pair):
    pair.write("importers/a.yaml", "# like whom?\nlike: nobody\n")
    with pytest.raises(InputError, match=r"a.yaml:2 like: there is no importer 'nobody'"):
        read_importer("a", pair.folder)
    assert importer_names(pair.folder) == NAMES


def test_a_circle_of_likes_ends(pair: Pair):
    pair.write("importers/a.yaml", "like: b\n")
    pair.write("importers/b.yaml", "like: a\n")
    with pytest.raises(InputError, match=r"`like` leads nowhere"):
        read_importer("a", pair.folder)


def test_an_unknown_importer_is_answered_with_the_nearest_and_all(pair: Pair):
    with pytest.raises(InputError, match=r"no importer 'gdelt'; did you mean 'gdelt[12]'\? Accepted: acled, gdelt1, "):
        read_importer("gdelt", pair.folder)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("grade: B2", "grade: Z9", r"ours.yaml:3 grade: 'Z9' is not a grade"),
        ("grade: B2\n", "", r"'grade' is missing"),
        ("columns: {date: day,", "columns: {day: day,", r"unknown key 'day'"),
        ("where:", "were:", r"unknown key 'were'; did you mean 'where'"),
        ("indicator: aid", "one_per: week, indicator: aid", r"'week' is not known here"),
        (
            "classes:\n",
            "classes:\n  - {indicator: friction, name: aid, means: x}\n",
            r"two indicators have the name 'aid'",
        ),
        ("grade: B2", "grade: B2\nasserted_as: inference", r"inference does not count as evidence"),
        ("grade: B2", "grade: B2\neach: {column: what, split: ;}", r"'what' is not the column of the date"),
    ],
)
def test_what_is_wrong_with_an_importer_is_named_with_its_place(pair: Pair, old: str, new: str, message: str):
    pair.write("importers/ours.yaml", OWN.replace(old, new))
    with pytest.raises(InputError, match=message):
        read_importer("ours", pair.folder)
