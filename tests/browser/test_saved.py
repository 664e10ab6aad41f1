"""A page that a browser saved again, with its charts drawn and its folds open, still verifies."""

from pathlib import Path

import pytest

from forecast.report.blocks import Cited, Column, Document, Figure, Fold, Paragraph, Section, Table
from forecast.report.citation import Citation
from forecast.report.citations.html import data, read
from forecast.report.citations.listing import Listing, read_listing
from forecast.report.html import page

from .conftest import Open

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.browser]

NUMBER = Cited("0.4", Citation("fc-aaaaaaaaaa", "q:yes", "number"))

CHART = {
    "mark": {"type": "line", "clip": True},
    "data": {"values": [{"x": "2024-01-01", "y": 1, "c": "a"}, {"x": "2024-02-01", "y": 2, "c": "b"}]},
    "encoding": {
        "x": {"field": "x", "type": "temporal"},
        "y": {"field": "y", "type": "quantitative"},
        "color": {"field": "c", "type": "nominal"},
    },
}


def test_a_page_saved_after_its_charts_were_drawn_is_read_as_before(open_page: Open, tmp_path: Path) -> None:
    table = Table("d", "Data", (Column("a"),), (((NUMBER,),),))
    blocks = (Paragraph((NUMBER,)), Figure("f", CHART, "Caption", "alt", table), Fold("fold", (Paragraph((NUMBER,)),)))
    listing = Listing((NUMBER.citation,) * 3, "log", "head")
    made = page(Document("Title", "", (Section("one", "One", blocks),)), data=data(listing))
    (tmp_path / "page.html").write_text(made, encoding="utf-8")
    opened, _ = open_page(tmp_path / "page.html")
    opened.evaluate("document.querySelectorAll('details').forEach((fold) => { fold.open = true; })")
    opened.locator(".switches button").first.click()
    opened.locator(".drawing svg").first.hover()
    saved = "<!DOCTYPE html>" + opened.evaluate("document.documentElement.outerHTML")
    assert "data-drawn" in saved
    assert "data-drawn" not in made
    found = read(saved)
    assert found.doubts == ()
    assert [(mark.text, mark.doubts) for mark in found.marks] == [("0.4", ())] * 3
    assert found.printed == read(made).printed
    assert read_listing(found.listing or "") == (listing, True)
