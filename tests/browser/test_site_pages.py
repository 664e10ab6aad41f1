"""The site in a browser, opened from the disk.

Looked at once by eye: the first page is a list of cases under serif heads, each with a quiet table whose last column is
a small blue line; the page of a case has small pictures side by side, in pairs on a desk and one below the other on a
phone; a retracted forecast begins with a rust-edged banner; on dark pages lines are sky blue, orange and mint.
"""

import re
from datetime import date
from pathlib import Path

import pytest

from forecast.api import Workspace

from ..workspaces import DAY, forecast_toy, noon, write_toy
from .conftest import Open, overflow, serious

pytestmark = pytest.mark.needs("chromium")

TODAY = date(2024, 3, 20)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The toy with three live forecasts, the second of them retracted, and a replay."""
    workspace = write_toy(tmp_path_factory.mktemp("ws"))
    for day in (date(2024, 1, 10), DAY, date(2024, 3, 1)):
        made = forecast_toy(workspace, made_on=day)
        if day == DAY:
            Workspace.find(workspace).retract(made.entry.id, "a source was misread")
    forecast_toy(workspace, made_on=TODAY, as_of=date(2023, 12, 1))
    out = tmp_path_factory.mktemp("site") / "out"
    assert Workspace.find(workspace).site(out, clock=noon(TODAY)).document["ok"]
    return out


PAGES = ("index.html", "scenarios/toy.html", "track-record.html", "search.html")


@pytest.mark.browser
def test_axe_finds_nothing_serious(site: Path, open_page: Open) -> None:
    forecast = next(path.name for path in site.glob("fc-*.html") if "Retracted" in path.read_text("utf-8"))
    for name in (*PAGES, forecast):
        page, _ = open_page(site / name, color_scheme="light")
        assert serious(page) == [], name
        page.emulate_media(color_scheme="dark")
        assert serious(page, "color-contrast") == [], name


@pytest.mark.parametrize("name", PAGES)
def test_pages_fit_a_phone_and_load_only_their_own_files(site: Path, open_page: Open, name: str) -> None:
    page, seen = open_page(site / name, viewport={"width": 360, "height": 740})
    assert overflow(page) <= 0
    assert all(url.startswith(site.as_uri()) for url in seen.requests)
    family = page.evaluate("getComputedStyle(document.querySelector('h1')).fontFamily")
    assert "Georgia" in family  # the style sheet was let in by the policy


@pytest.mark.browser
def test_readers_come_from_the_first_page_to_a_forecast_and_back(site: Path, open_page: Open) -> None:
    page, _ = open_page(site / "index.html")
    page.get_by_role("link", name="A toy alliance").click()
    assert page.locator("#history tbody tr").count() == 4
    assert page.locator("#history tbody tr", has_text="replay").locator("a[href*='fc-']").count() == 0
    page.locator("#history a[href*='fc-']").first.click()
    assert page.url.endswith(".html")
    assert "made at 2024-03-01" in page.locator(".subtitle").inner_text()
    page.get_by_role("link", name="All scenarios").click()
    assert page.url.endswith("index.html")


@pytest.mark.browser
def test_numbers_lead_to_the_page_of_their_forecast(site: Path, open_page: Open) -> None:
    page, _ = open_page(site / "index.html")
    number = page.locator("a.cited").first
    citation = number.get_attribute("data-citation") or ""
    number.click()
    assert re.search(r"/(fc-[a-z2-7]+)\.html$", page.url)[1] == citation.partition("/")[0]  # type: ignore[index]


@pytest.mark.browser
def test_without_scripts_the_pages_of_the_site_say_all_they_say(site: Path, open_page: Open) -> None:
    page, _ = open_page(site / "scenarios/toy.html", java_script_enabled=False)
    assert page.locator("svg.panel").count() > 0
    page, _ = open_page(site / "search.html", java_script_enabled=False)
    assert page.get_by_text("Search needs scripts").is_visible()


@pytest.mark.browser
def test_search_finds_questions_evidence_and_ids_from_the_keyboard(site: Path, open_page: Open) -> None:
    page, _ = open_page(site / "search.html")
    assert page.evaluate("document.activeElement.id") == "query"
    forecast = next(site.glob("fc-*.html")).stem
    for asked, kind, address in (
        ("quarrel 2024", "question", "scenarios/toy.html"),
        ("leaders MET", "evidence", "scenarios/toy.html#report-R1"),
        (forecast[:8], "forecast", f"{forecast}.html"),
    ):
        page.locator("#query").fill(asked)
        page.wait_for_function("asked => decodeURIComponent(location.hash) === `#q=${asked}`", arg=asked)
        assert re.fullmatch(r"[1-9]\d* found", page.locator("#told").inner_text())
        hit = page.locator("#results li", has_text=kind).first.locator("a")
        assert hit.get_attribute("href") == address
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/{forecast}.html")
    page.go_back()
    page.wait_for_function("() => document.querySelectorAll('#results li').length > 0")
    page.locator("#query").fill("nothing-like-this")
    page.wait_for_function("() => document.querySelector('#told').textContent === '0 found'")
