"""No character of a PDF or a chart is lost: the program's own fonts show it, or it is refused by name."""

import io
import unicodedata
from pathlib import Path
from typing import Any

import pypdf
import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast.errors import InputError
from forecast.report.draw import draw
from forecast.report.fonts import FOLDER, chart_converter, check_shown, svg_texts, unshown
from forecast.report.png import png
from forecast.report.printed import to_pdf
from forecast.report.theme import themed

#: One sentence for each script that the fonts are made for, with what is hard in it.
SENTENCES = {
    "Korean": "김정은 국무위원장이 푸틴 대통령과 회담했다",
    "Arabic": "التقى الرئيس نظيره في موسكو",
    "Turkish": "İğneli fıçı ŞIK görüşme",
    "Vietnamese": "Thủ tướng gặp Tổng thống",
    "Russian": "Съёмка объявлена",
    "Greek": "Συνάντηση στην Αθήνα",
    "Hebrew": "שלום עולם",
    "Armenian": "Հայաստան և Ռուսաստան",
    "Georgian": "საქართველო",
}

#: Fonts that typst carries inside itself.
IN_TYPST = ("LibertinusSerif", "DejaVuSansMono", "NewCM")

#: Size of the program's fonts in the repository.
MOST_BYTES = 8_000_000


def chart(*labels: str) -> dict[str, Any]:
    """Bars, one for each label; the first is the title as well, in bold."""
    return themed(
        {
            "title": labels[0],
            "data": {"values": [{"label": label, "n": 1} for label in labels]},
            "mark": "bar",
            "encoding": {"y": {"field": "label", "type": "nominal"}, "x": {"field": "n", "type": "quantitative"}},
        }
    )


def fonts_of(pdf: bytes) -> set[str]:
    """Names of all fonts in a PDF, without the tag of the subset."""
    found = set()
    for page in pypdf.PdfReader(io.BytesIO(pdf)).pages:
        for font in page["/Resources"].get("/Font", {}).values():
            found.add(str(font.get_object()["/BaseFont"]).removeprefix("/").partition("+")[2])
    return found


def test_the_fonts_are_small_enough_and_come_with_their_licence():
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < MOST_BYTES
    licence = (FOLDER / "OFL.txt").read_text()
    assert "SIL OPEN FONT LICENSE Version 1.1" in licence
    assert "Reserved Font Name" in licence


@pytest.mark.parametrize("script", SENTENCES)
def test_every_sentence_of_a_supported_script_can_be_shown(script: str):
    assert list(unshown(SENTENCES[script])) == []


def test_every_modern_syllable_of_korean_can_be_shown():
    assert list(unshown("".join(map(chr, range(0xAC00, 0xD7A4))))) == []


@given(st.text(st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3), max_size=20))
def test_text_in_pieces_is_composed_before_it_is_judged(text: str):
    assert list(unshown(unicodedata.normalize("NFD", text))) == []


def test_a_pdf_of_all_scripts_loses_nothing_and_uses_no_font_of_the_machine(tmp_path: Path):
    text = "# Title\n\n" + "\n\n".join(f"{sentence} **{sentence}** `{sentence}`" for sentence in SENTENCES.values())
    pdf, warned = to_pdf(text, tmp_path)
    assert warned == ()  # a lost character breaks PDF/UA
    used = fonts_of(pdf)
    assert {"ForecastSans-Regular", "ForecastSans-Bold"} <= used
    assert [font for font in used if not font.startswith(("ForecastSans", *IN_TYPST))] == []
    shown = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)
    for sentence in SENTENCES.values():
        assert [sign for sign in sentence if sign not in shown] == []


def test_charts_use_no_font_of_the_machine():
    pdf = chart_converter().vegalite_to_pdf(chart(*SENTENCES.values()))
    assert {font.partition("-")[0] for font in fonts_of(pdf)} == {"ForecastSans"}


@pytest.mark.parametrize(("one", "other"), [("한한한", "국국국"), ("ببب", "ججج"), ("აააა", "ბბბბ")])
def test_different_letters_are_different_pictures(one: str, other: str):
    """Letters that are not in a font would all be the same box."""
    assert png(chart(one), scale=1.0) != png(chart(other), scale=1.0)


def test_letters_leave_ink_on_the_page(tmp_path: Path):
    empty, full = (
        pypdfium2.PdfDocument(to_pdf(f"# T\n\n{text}\n", tmp_path)[0])[0].render().to_numpy() for text in ("-", "한국")
    )
    assert (full < 128).sum() > (empty < 128).sum()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("会談 in Moskau", r"Chinese characters \(Han\)"),
        ("プーチン", "Katakana"),
        ("नमस्ते", "Devanagari"),
        ("สวัสดี", "Thai"),
        ("go 🚀", r"ROCKET \(U\+1F680\)"),
        ("\ue000", r"U\+E000"),
    ],
)
def test_what_the_fonts_lack_is_refused_by_name(text: str, name: str):
    with pytest.raises(InputError, match=rf"^a PDF cannot show {name}.*as in '.*Korean \(Hangul\) text; or FILE\.html"):
        check_shown(f"Before {text} after", "a PDF", "FILE.html")


def test_many_scripts_are_named_in_few_words():
    with pytest.raises(InputError, match=r"Thai, Devanagari, Tamil, Bengali, Telugu, \.\.\.:"):
        check_shown("ก न த ব త ක", "a chart", "FILE.svg")


def test_a_pdf_of_another_script_is_refused_before_it_is_set(tmp_path: Path):
    with pytest.raises(InputError, match=r"a PDF cannot show Thai.*FILE\.html, FILE\.docx or FILE\.md"):
        to_pdf("# Title\n\nสวัสดี", tmp_path)


class Made:
    """A chart as Altair gives it."""

    def __init__(self, *labels: str) -> None:
        self.specification = chart(*labels)

    def to_dict(self) -> dict[str, Any]:
        return self.specification


def test_a_picture_of_another_script_is_refused_and_a_drawing_of_it_is_not(tmp_path: Path):
    with pytest.raises(InputError, match=r"a chart cannot show Thai.*\.svg"):
        draw(Made("สวัสดี"), tmp_path / "x.png")
    assert not (tmp_path / "x.png").exists()
    draw(Made("สวัสดี"), tmp_path / "x.svg")
    assert "สวัสดี" in svg_texts((tmp_path / "x.svg").read_text())


def test_marks_of_direction_and_variants_need_no_sign():
    assert list(unshown("a\u202eb\u200dc\ufe0fd\u2028e\tf\u00a0g\u200bh")) == []
