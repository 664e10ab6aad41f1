"""The site of the toy: what its pages say, that nothing is pooled, and a second build touches only what changed."""

import re
import shutil
from datetime import date
from pathlib import Path

import pytest

from forecast.api import Workspace
from forecast.api.records import StatusRecords
from forecast.ledger.store import LEDGER_FILE, open_ledger
from forecast.report.html import visible
from forecast.report.site import build as site_build
from forecast.report.site import inputs
from forecast.report.site.frame import Page, framed
from forecast.report.site.panel import panels
from forecast.report.site.spark import spark

from ...ledger.samples import evidence, forecast
from ...workspaces import DAY, add_report, edit, forecast_toy, noon, write_toy

TODAY = date(2024, 3, 20)


@pytest.fixture(scope="module")
def toy_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    workspace = write_toy(tmp_path_factory.mktemp("toy"))
    forecast_toy(workspace, made_on=date(2024, 1, 10))
    forecast_toy(workspace, made_on=DAY)
    return workspace


@pytest.fixture
def toy(toy_once: Path, tmp_path: Path) -> Path:
    shutil.copytree(toy_once, tmp_path / "ws")
    return tmp_path / "ws"


def site(workspace: Path, today: date = TODAY) -> StatusRecords:
    return Workspace.find(workspace).site(workspace / "site", clock=noon(today))


def text(workspace: Path, name: str) -> str:
    return (workspace / "site" / name).read_text("utf-8")


def forecasts(workspace: Path) -> list[str]:
    return sorted(path.stem for path in (workspace / "site").glob("fc-*.html"))


def test_every_live_forecast_has_its_page_and_a_replay_has_none(toy: Path) -> None:
    made = forecast_toy(toy, made_on=TODAY, as_of=date(2023, 12, 1)).entry
    document = site(toy).document
    assert document["ok"]
    assert document["pages"] == 6  # two forecasts, the scenario, track record, search, first page
    assert made.id not in forecasts(toy)
    row = re.search(rf"<tr>\s*<th[^>]*>{made.id}</th>.*?</tr>", text(toy, "scenarios/toy.html"), re.S)
    assert row is not None
    assert "replay" in row[0]
    assert "<a " not in row[0]


def test_replays_are_in_no_answer_and_no_line_of_the_first_page(toy: Path) -> None:
    site(toy)
    before = text(toy, "index.html")
    forecast_toy(toy, made_on=TODAY, as_of=date(2024, 2, 20))
    site(toy)
    assert text(toy, "index.html") == before
    assert "2 live forecasts of durable" in before


def test_an_only_replay_is_no_live_answer(tmp_path: Path) -> None:
    workspace = write_toy(tmp_path)
    forecast_toy(workspace, made_on=TODAY, as_of=DAY)
    site(workspace)
    assert "No live forecast yet." in text(workspace, "index.html")


def test_numbers_are_those_of_the_ledger_with_their_citation(toy: Path) -> None:
    site(toy)
    row = next(row for row in Workspace.find(toy).history("toy/meeting-2024").rows if row["as_of"] == DAY.isoformat())
    mark = f'data-citation="{row["forecast"]}/meeting-2024:yes number">{row["p"]:.2f}<'
    for name in ("index.html", "scenarios/toy.html", f"{row['forecast']}.html"):
        assert mark in text(toy, name)


def test_ages_are_counted_to_today(toy: Path) -> None:
    site(toy, DAY)
    assert "as of 2024-02-01, today" in text(toy, "index.html")
    site(toy, TODAY)
    assert "as of 2024-02-01, 48 days old" in text(toy, "index.html")


def test_a_superseded_forecast_names_the_next_and_stays_at_its_address(toy: Path) -> None:
    site(toy)
    rows = Workspace.find(toy).history("toy/meeting-2024").rows
    first, second = (row["forecast"] for row in rows)
    assert f'Superseded. </strong><a href="{second}.html">{second}</a>' in text(toy, f"{first}.html")
    assert "Superseded" not in text(toy, f"{second}.html")


def test_a_retracted_forecast_stays_with_its_reason_and_answers_for_nothing(toy: Path) -> None:
    site(toy)
    first, second = (row["forecast"] for row in Workspace.find(toy).history("toy/meeting-2024").rows)
    Workspace.find(toy).retract(second, "misread <b>source</b>")
    assert site(toy).document["ok"]
    page = text(toy, f"{second}.html")
    assert "<h1>Retracted: A toy alliance</h1>" in page
    assert "misread &lt;b&gt;source&lt;/b&gt;" in page
    assert f'<a href="{first}.html">{first}</a> as of' in text(toy, "index.html")
    assert "Superseded" not in text(toy, f"{first}.html")


def test_a_second_build_touches_nothing(toy: Path) -> None:
    site(toy)
    times = {path: path.stat().st_mtime_ns for path in (toy / "site").rglob("*") if path.is_file()}
    document = site(toy).document
    assert (document["written"], document["removed"]) == ([], [])
    assert document["unchanged"] == len(times) - 2  # the lists of what there is, and from what, are no pages
    assert {path: path.stat().st_mtime_ns for path in times} == times


def test_what_is_made_from_the_same_is_not_made_again(toy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site(toy)
    made: list[str] = []

    def counting(document: object, page: Page, *rest: object, **options: object) -> bytes:
        made.append(page.here)
        return framed(document, page, *rest, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(site_build, "framed", counting)
    assert site(toy).document["pages"] == 6
    assert made == []
    edit(toy, "toy/scenario.yaml", "A toy alliance", "Another title")
    site(toy)
    assert made == ["scenarios/toy.html"]
    monkeypatch.setattr(inputs, "_program", lambda: "another program")
    assert len(site(toy).document["written"]) == 0
    assert sorted(made[1:]) == sorted(
        [*(f"{id_}.html" for id_ in forecasts(toy)), "scenarios/toy.html", "track-record.html"]
    )


def test_a_new_forecast_touches_its_neighbours_and_no_other_page(toy: Path) -> None:
    site(toy)
    rows = Workspace.find(toy).history("toy/meeting-2024").rows
    new = forecast_toy(toy, made_on=TODAY).entry.id
    document = site(toy).document
    index = [name for name in document["written"] if name.startswith("assets/search-index")]
    assert len(index) == 1
    assert set(document["written"]) == {
        f"{new}.html", f"{rows[1]['forecast']}.html", "scenarios/toy.html", "index.html", "search.html",
        "track-record.html", *index,
    }  # fmt: skip
    assert len(document["removed"]) == 1  # the earlier index of the search


def test_new_evidence_touches_no_page_of_a_forecast(toy: Path) -> None:
    site(toy)
    add_report(
        toy,
        "id: R9, indicator: meeting, when: 2024-02-05, known: 2024-02-08, coded_on: 2024-02-09, claim: Again., "
        "asserted_as: fact, grade: B2",
    )
    document = site(toy).document
    assert document["ok"]
    written = document["written"]
    assert "scenarios/toy.html" in written
    assert [name for name in written if name.startswith("fc-")] == []
    assert "1 piece of evidence on file not yet used" in text(toy, "index.html")


def test_evidence_that_is_not_known_yet_is_not_found(toy: Path) -> None:
    add_report(
        toy,
        "id: R9, indicator: meeting, when: 2024-03-05, known: 2024-03-21, coded_on: 2024-03-21, claim: Again., "
        "asserted_as: fact, grade: B2",
    )
    found = {}
    for today in (TODAY, date(2024, 3, 21)):
        site(toy, today)
        (index,) = (toy / "site/assets").glob("search-index-*.js")
        found[today] = ["report-R9" in content for content in (index.read_text(), text(toy, "scenarios/toy.html"))]
    assert list(found.values()) == [[False, False], [True, True]]


def test_a_broken_scenario_is_said_and_the_others_are_there(toy: Path) -> None:
    shutil.copytree(toy / "scenarios/toy", toy / "scenarios/other")
    edit(toy, "other/scenario.yaml", "id: toy", "id: other")
    edit(toy, "other/scenario.yaml", "kind: stays", "kind: stay")
    found = site(toy)
    assert not found.document["ok"]
    assert {error["scenario"] for error in found.document["errors"]} == {"other"}
    assert "scenarios/other/scenario.yaml" in str(found.findings[0])
    assert "A toy alliance" in text(toy, "index.html")
    assert "Its files cannot be read" in text(toy, "scenarios/other.html")


def test_forecasts_of_a_broken_or_vanished_scenario_keep_their_pages(toy: Path) -> None:
    site(toy)
    there = forecasts(toy)
    edit(toy, "toy/scenario.yaml", "kind: stays", "kind: stay")
    assert not site(toy).document["ok"]
    assert forecasts(toy) == there
    shutil.rmtree(toy / "scenarios/toy")
    assert site(toy).document["removed"] == []
    assert forecasts(toy) == there
    assert "no longer in the workspace" in text(toy, "scenarios/toy.html")


def test_a_scenario_of_an_imported_log_cannot_lead_out_of_the_folder(toy: Path) -> None:
    with open_ledger(toy / LEDGER_FILE) as ledger:
        ledger.append_forecast(forecast(scenario="../../escaped"), evidence(), allow_clock=True)
    before = sorted(path for path in toy.parent.rglob("*.html"))
    found = site(toy)
    assert [(error["scenario"], error["found"]) for error in found.document["errors"]] == [("../../escaped",) * 2]
    made = set(toy.parent.rglob("*.html")) - set(before)
    assert all(path.is_relative_to(toy / "site") for path in made)
    assert "A toy alliance" in text(toy, "index.html")


def test_all_links_within_the_site_lead_somewhere(toy: Path) -> None:
    forecast_toy(toy, made_on=TODAY, as_of=date(2023, 12, 1))
    site(toy)
    for path in (toy / "site").rglob("*.html"):
        content = path.read_text("utf-8")
        ids = set(re.findall(r' id="([^"]+)"', content))
        for address in re.findall(r'(?:href|src)="([^"]+)"', content):
            if address.startswith("http"):
                continue
            file, _, place = address.partition("#")
            assert not file.startswith("/")
            assert (path.parent / file).exists() if file else place in ids, (path.name, address)


def test_the_track_record_scores_what_is_resolved(toy: Path) -> None:
    """dispute-2024 came about; its forecasts are scored once its year is over."""
    site(toy)
    assert "No forecast can be scored yet" in text(toy, "track-record.html")
    site(toy, date(2025, 1, 15))
    page = text(toy, "track-record.html")
    assert "Live forecasts" in page
    assert "Scores of live forecasts" in page


def test_an_empty_workspace_has_a_first_page_that_says_so(tmp_path: Path) -> None:
    (tmp_path / "scenarios").mkdir()
    assert site(tmp_path).document["pages"] == 3
    assert "There is no scenario yet." in text(tmp_path, "index.html")


def test_a_line_runs_from_nought_at_the_bottom_to_one_at_the_top() -> None:
    made = spark([(0, 0.0), (10, 1.0)], 'a "label"')
    assert 'points="3.0,21.0 93.0,3.0"' in made
    assert 'aria-label="a &#34;label&#34;"' in made
    assert spark([], "nothing") == ""


def test_a_picture_has_a_line_a_band_and_points_for_every_outcome() -> None:
    rows = [
        {"question": "q", "outcome": outcome, "as_of": day, "p": p, "low": p - 0.1, "high": p + 0.1}
        for day, p in (("2024-01-01", 0.2), ("2024-01-11", 0.4))
        for outcome in ("<yes>", "no")
    ]
    made = panels(rows, {"q": "Is it <so>?"}, "Live")
    assert made.count("<polyline") == made.count("<polygon") == 2
    assert made.count("<circle") == 4
    assert "&lt;yes&gt;, 2024-01-11: 0.40" in made
    assert "Is it &lt;so&gt;?" in made
    assert "<yes>" not in made


def test_nothing_is_drawn_of_one_forecast() -> None:
    row = {"question": "q", "outcome": "yes", "as_of": "2024-01-01", "p": 0.2, "low": 0.1, "high": 0.3}
    assert "<svg" not in panels([row], {}, "Live")


def test_visible_is_what_pages_write() -> None:
    assert visible("a\u202eb") == "a\\u202eb"


def test_an_imported_forecast_is_named_and_never_the_latest(toy: Path, tmp_path: Path) -> None:
    """A colleague's live forecast as of a later day: it has a page that says whose it is."""
    other = write_toy(tmp_path / "other")
    theirs = forecast_toy(other, made_on=date(2024, 3, 1)).entry
    assert theirs is not None
    Workspace(other).export_ledger(tmp_path / "theirs.jsonl")
    before = site(toy).document
    Workspace(toy).import_ledger(tmp_path / "theirs.jsonl", ["anna"])
    after = site(toy).document
    assert after["pages"] == before["pages"] + 1
    page = text(toy, f"{theirs.id}.html")
    assert "Imported." in page
    assert "foreign log anna" in page
    scenario = text(toy, "scenarios/toy.html")
    assert "@anna" in scenario
    assert "Latest live forecast as of 2024-02-01" in scenario
    (row,) = Workspace(toy).status(clock=noon(TODAY)).document["rows"]
    assert (row["as_of"], row["foreign"]) == ("2024-02-01", [{"log_name": "anna", "forecasts": 1}])
    Workspace(toy).report("toy@anna", tmp_path / "theirs.md", brief=True, clock=noon(TODAY))
    assert "foreign log anna" in (tmp_path / "theirs.md").read_text()
    Workspace(toy).report("toy", tmp_path / "ours.md", brief=True, clock=noon(TODAY))
    assert "foreign log" not in (tmp_path / "ours.md").read_text()
