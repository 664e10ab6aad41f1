"""A scenario whose every text is an attack, as a report and as a site: all of it is text, and nothing happens."""

from pathlib import Path

import pytest

from forecast.api import Workspace

from ..report.hostile import ATTACKS, forecast_hostile, write_hostile
from ..workspaces import DAY, noon
from .conftest import Open, overflow, serious

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.browser]


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    workspace = write_hostile(folder / "ws")
    forecast_hostile(workspace)
    case = Workspace.find(workspace)
    case.report("toy", folder / "report.html", clock=noon(DAY))
    assert case.site(folder / "site", clock=noon(DAY)).document["ok"]
    return folder


@pytest.mark.parametrize("name", ["report.html", "site/index.html", "site/scenarios/toy.html"])
@pytest.mark.parametrize("width", [360, 1200])
def test_attacks_are_text(hostile: Path, open_page: Open, name: str, width: int) -> None:
    page, _ = open_page(hostile / name, viewport={"width": width, "height": 800})
    assert page.locator("main script:not([type='application/json']), main iframe, main object, main img").count() == 0
    addresses = page.locator("a").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    allowed = ("#", "http://", "https://", "../", "scenarios/", "fc-", "index", "track", "search")
    assert [address for address in addresses if not address.startswith(allowed)] == []
    assert page.locator("[onerror], [onclick], [onmouseover]").count() == 0
    text = page.locator("body").inner_text()
    assert "<script>alert(1)</script>" in text
    assert "\u202e" not in text
    assert overflow(page) <= 0


def test_axe_finds_nothing_serious_in_a_whole_report(hostile: Path, open_page: Open) -> None:
    page, _ = open_page(hostile / "report.html", viewport={"width": 1200, "height": 900})
    assert serious(page) == []


def test_texts_of_all_scripts_are_there(hostile: Path, open_page: Open) -> None:
    page, _ = open_page(hostile / "site/scenarios/toy.html")
    text = page.locator("#reports").inner_text()
    assert "한국어" in text
    assert "العربية" in text
    assert "\U0001f680" in text
    assert all(f"attack-{number}" in text for number in range(len(ATTACKS)))


def test_results_of_a_search_are_text(hostile: Path, open_page: Open) -> None:
    page, _ = open_page(hostile / "site/search.html")
    page.locator("#query").fill("<script>alert")
    page.locator("#results li").first.wait_for()
    assert "<script>alert(1)</script>" in page.locator("#results").inner_text()
    assert page.locator("#results script, #results img").count() == 0
