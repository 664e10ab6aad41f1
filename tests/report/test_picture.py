"""Charts inside pages are shapes and text, share a page without sharing ids, and are drawn whatever their texts are."""

from typing import Any
from xml.etree import ElementTree

import pytest
import vl_convert

from forecast.report.charts import waterfall
from forecast.report.picture import inline_svg
from forecast.report.theme import CATEGORIES, DARK, LONGEST, themed

from .test_charts import EXPLAINED


def bars(**encoding: Any) -> dict[str, Any]:
    return {
        "data": {"values": [{"x": "a", "y": 1, "url": "javascript:alert(1)"}]},
        "mark": {"type": "bar", "clip": True},
        "encoding": {"x": {"field": "x", "type": "nominal"}, "y": {"field": "y", "type": "quantitative"}} | encoding,
    }


def test_images_and_addresses_are_left_out() -> None:
    drawn = bars(url={"field": "url", "type": "nominal"}) | {"mark": "image"}
    assert "javascript:alert(1)" in vl_convert.vegalite_to_svg(drawn)
    text = inline_svg(drawn, "f")
    assert "javascript" not in text
    assert "href" not in text
    assert "<image" not in text
    assert 'style="' not in text


def test_ids_of_two_charts_differ_and_references_go_with_them() -> None:
    one, two = (inline_svg(bars(), prefix) for prefix in ("one", "two"))
    ids = [{element.get("id") for element in ElementTree.fromstring(text).iter()} - {None} for text in (one, two)]
    assert ids[0]
    assert not ids[0] & ids[1]
    assert any(f"url(#{id_})" in one for id_ in ids[0])


@pytest.mark.parametrize(
    "label", ["\x00\x08 \ud800 \ufffe", "\u202eturned", "x" * 10_000_000, "<g onload='x'>", "한국어 العربية"]
)
def test_any_label_can_be_drawn(label: str) -> None:
    document = EXPLAINED | {"rows": [EXPLAINED["rows"][0] | {"label": label}]}
    text = inline_svg(waterfall(document).to_dict(), "f")
    assert len(text) < 100_000
    assert "\u202e" not in text
    assert ElementTree.fromstring(text).tag.endswith("svg")


def test_texts_of_a_specification_are_cut_and_numbers_stay() -> None:
    made = themed({"data": {"values": [{"long": "x" * 1000, "p": 0.123456789}]}})
    row = made["data"]["values"][0]
    assert len(row["long"]) == LONGEST
    assert row["p"] == 0.123456789


def test_what_a_chart_asks_for_goes_before_the_common_look() -> None:
    made = themed({"config": {"axis": {"labelColor": "red"}}})
    assert made["config"]["axis"]["labelColor"] == "red"
    assert made["config"]["axis"]["titleFontSize"] == 11


def luminance(colour: str) -> float:
    """Relative luminance of WCAG 2.2."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_the_formula_gives_what_wcag_says_of_black_on_white() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("colour", CATEGORIES)
def test_lines_stand_out_from_paper_and_from_dark_pages(colour: str) -> None:
    """3:1 for graphical objects (WCAG 2.2, 1.4.11)."""
    assert contrast(colour, "#ffffff") >= 3
    assert contrast(DARK[colour], "#14181d") >= 3
