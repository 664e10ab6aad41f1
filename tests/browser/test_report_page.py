"""The page of a report in a browser, opened from the disk.

Looked at once by eye, in screenshots of 1200 pixels in light and dark, of 360 pixels, and on A4:

- light: a serif headline over a thick rule; contents stick at the left; the answer stands large, its numbers with a
  dotted underline; a warning has a rust edge on cream. Lines in blue, rust and green with pale bands of the same hue,
  legend below, switches with ticks above.
- dark: near-black with the same lines in sky blue, orange and mint; grid and axes stay faint, all text is legible.
- phone: contents become a few lines of links; charts are redrawn to the width, legends in one column; wide tables
  scroll in their own box below captions that stay.
- paper: no contents and no switches; figures are whole, tables repeat their heads, folded parts are open, addresses of
  links are printed.
"""

from pathlib import Path

import pypdf
import pytest

from forecast.report.html import page as written

from .conftest import Open, overflow, serious
from .made import full

pytestmark = pytest.mark.needs("chromium")

PHONE = {"width": 360, "height": 740}
DESK = {"width": 1200, "height": 900}


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(written(full(), verify="forecast verify report.html"), encoding="utf-8")
    assert path.stat().st_size < 3_000_000
    return path


def test_charts_are_drawn_and_show_values_under_the_pointer(report: Path, open_page: Open) -> None:
    page, _ = open_page(report, viewport=DESK)
    assert page.locator("[data-drawn] svg").count() == 2
    page.locator("#figure-over-time svg .mark-symbol.role-mark path").first.hover(force=True)
    value = page.locator("#chart-value")
    value.wait_for(state="visible")
    shown = value.inner_text()
    assert "as of" in shown
    assert "durable, v2, live" in shown or "yes, v2, live" in shown or "transactional, v2, live" in shown
    page.keyboard.press("Escape")
    assert value.is_hidden()


@pytest.mark.browser
def test_a_switch_takes_a_line_away_and_brings_it_back(report: Path, open_page: Open) -> None:
    page, _ = open_page(report, viewport=DESK)
    lines = page.locator("#figure-over-time .drawing svg .mark-line path[d*='L']")
    before = lines.count()
    button = page.get_by_role("button", name="fragile, v2, live")
    for pressed, n_lines in (("false", before - 1), ("true", before)):
        drawn = page.locator("#figure-over-time .drawing").get_attribute("data-drawn")
        button.focus()
        page.keyboard.press("Enter")
        page.wait_for_function(
            "drawn => document.querySelector('#figure-over-time .drawing').dataset.drawn !== drawn", arg=drawn
        )
        assert button.get_attribute("aria-pressed") == pressed
        assert lines.count() == n_lines


@pytest.mark.browser
def test_dragging_moves_a_chart_in_time_and_a_button_shows_all_of_it_again(report: Path, open_page: Open) -> None:
    page, _ = open_page(report, viewport=DESK)
    chart = page.locator("#figure-over-time .drawing")
    chart.scroll_into_view_if_needed()
    labels = chart.locator("svg .role-axis-label text").first
    before = labels.text_content()
    box = chart.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 300, box["y"] + 150)
    page.mouse.down()
    page.mouse.move(box["x"] + 150, box["y"] + 150, steps=4)
    page.mouse.up()
    page.wait_for_function(
        "before => document.querySelector('#figure-over-time .role-axis-label text').textContent !== before", arg=before
    )
    page.get_by_role("button", name="Whole time").click()
    page.wait_for_function(
        "before => document.querySelector('#figure-over-time .role-axis-label text').textContent === before", arg=before
    )


@pytest.mark.browser
def test_nothing_is_loaded_beside_the_page(report: Path, open_page: Open) -> None:
    _, seen = open_page(report)
    assert seen.requests == [report.as_uri()]


@pytest.mark.browser
def test_the_policy_lets_no_other_script_run_and_nothing_be_fetched(
    report: Path, tmp_path: Path, browser: object
) -> None:
    page_text = report.read_text("utf-8")
    attacked = tmp_path / "attacked.html"
    attacked.write_text(
        page_text.replace(
            "<main",
            "<script>window.ran = 1</script><img src=x onerror='window.ran = 2'>"
            "<img src='http://127.0.0.1:9/pixel.png'><style>h1 { color: rgb(1, 2, 3) }</style><main",
            1,
        ),
        encoding="utf-8",
    )
    page = browser.new_page()  # type: ignore[attr-defined]
    page.goto(attacked.as_uri())
    assert page.evaluate("window.ran") is None
    assert page.evaluate("getComputedStyle(document.querySelector('h1')).color") != "rgb(1, 2, 3)"
    # later, when the tool that asks is no longer on the stack: what it evaluates itself is let through
    evaluated = page.evaluate(
        "new Promise(done => setTimeout(() => { try { done(new Function('return 1')()) } catch (e) { done(e.name) } }))"
    )
    assert evaluated == "EvalError"
    page.close()


@pytest.mark.browser
def test_axe_finds_nothing_serious(report: Path, open_page: Open) -> None:
    page, _ = open_page(report, viewport=DESK, color_scheme="light")
    page.evaluate("for (const fold of document.querySelectorAll('details')) fold.open = true")
    # forty rows alike: axe looks at every cell of each
    page.evaluate(
        "for (const row of document.querySelectorAll('#evidence-table tbody tr:nth-child(n+6)')) row.remove()"
    )
    assert page.locator("#evidence-table tbody tr").count() == 5
    assert serious(page) == []
    page.emulate_media(color_scheme="dark")
    assert serious(page, "color-contrast") == []


@pytest.mark.browser
def test_charts_turn_their_colours_in_the_dark(report: Path, open_page: Open) -> None:
    """The same drawing: #0072B2 for paper, #5eb3ea on a dark page."""
    for scripts in (True, False):
        page, _ = open_page(report, viewport=DESK, color_scheme="light", java_script_enabled=scripts)
        line = page.locator("#figure-over-time svg [stroke='#0072B2' i]").first
        for scheme, colour in (("light", "rgb(0, 114, 178)"), ("dark", "rgb(94, 179, 234)")):
            page.emulate_media(color_scheme=scheme)
            assert line.evaluate("line => getComputedStyle(line).stroke") == colour


@pytest.mark.browser
def test_on_a_phone_the_page_does_not_scroll_sideways(report: Path, open_page: Open) -> None:
    page, _ = open_page(report, viewport=PHONE)
    assert overflow(page) <= 0
    width = page.locator("#figure-over-time .drawing svg").bounding_box()
    assert width is not None
    assert width["width"] <= 360


@pytest.mark.browser
def test_without_scripts_everything_is_there_but_what_moves(report: Path, open_page: Open) -> None:
    page, _ = open_page(report, viewport=PHONE, java_script_enabled=False)
    assert page.locator("figure.chart svg").count() == 2
    assert page.locator(".switches").count() == 0
    assert page.get_by_role("img", name="Waterfall").is_visible()
    assert overflow(page) <= 0
    page.locator("summary", has_text="Under another convention").click()
    assert page.get_by_text("Nothing changes by more than").is_visible()


@pytest.mark.browser
def test_a_reader_at_the_keyboard_comes_by_everything_in_order(report: Path, open_page: Open) -> None:
    page, _ = open_page(report, viewport=DESK)
    reached = []
    for _step in range(14):
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate("(document.activeElement.textContent || document.activeElement.tagName).trim().slice(0, 40)")
        )
    assert reached[0] == "Skip to the content"
    assert reached[1:6] == ["Bottom line", "Forecast over time", "Why", "Evidence", "Numbers cited"]
    assert reached[6:9] == ["unlikely", "0.41", "+0.08"]
    assert reached[9].startswith("durable, v2")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none"


@pytest.mark.browser
def test_the_skip_link_leads_past_the_contents(report: Path, open_page: Open) -> None:
    page, _ = open_page(report, viewport=DESK)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"


@pytest.mark.browser
def test_a_number_leads_to_its_citation_and_back(report: Path, open_page: Open) -> None:
    page, _ = open_page(report, viewport=DESK)
    number = page.locator("a.cited", has_text="0.41").first
    assert number.get_attribute("data-citation") == "fc-7k2mqx4adn/regime-2025:durable number"
    number.click()
    line = page.locator("li", has=page.locator(":target"))
    assert "fc-7k2mqx4adn/regime-2025:durable number" in line.inner_text()
    page.locator(":target").click()
    assert page.locator(":target").inner_text() == "0.41"


@pytest.mark.browser
def test_paper_has_whole_charts_all_tables_and_what_was_folded(report: Path, open_page: Open, tmp_path: Path) -> None:
    page, _ = open_page(report, viewport=DESK)
    page.emulate_media(media="print")
    width = page.evaluate("document.documentElement.clientWidth")
    for box in page.locator("figure.chart svg").all():
        place = box.bounding_box()
        assert place is not None
        assert place["x"] >= 0
        assert place["x"] + place["width"] <= width
    page.pdf(path=tmp_path / "report.pdf", format="A4")
    pages = pypdf.PdfReader(tmp_path / "report.pdf").pages
    texts = [one.extract_text() for one in pages]
    whole = "\n".join(texts)
    assert "Nothing changes by more than 0.02" in whole  # folded on the screen
    assert "Forecasts over time" in whole  # the data of a chart
    assert whole.count("what it says") > 1  # heads of tables stand on every page
    assert "https://example.org/article" in whole
    charts = [text for text in texts if "change of log-odds" in text]
    assert len(charts) == 1
    assert all(label in charts[0] for label in ("kim-in-russia-2023-09", "together"))
