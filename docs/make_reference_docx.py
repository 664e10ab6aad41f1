"""Make reference.docx and brief.docx in forecast/report/styles: pandoc's reference document with our reports' looks.

The brief has smaller letters, margins and spaces, so that one page is enough.

Run after an update of pandoc: uv run python docs/make_reference_docx.py
"""

import io
import subprocess
from pathlib import Path

import pypandoc
from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

STYLES = Path(__file__).parents[1] / "forecast/report/styles"

#: What is made smaller in a brief: letters, and the spaces between paragraphs.
LETTERS, SPACES = 0.86, 0.45

INK, BLUE, GREY = RGBColor(0x1D, 0x27, 0x33), RGBColor(0x17, 0x45, 0x6E), RGBColor(0x5A, 0x66, 0x73)
HAIR, PALE = "C3CCD6", "F1F5F9"

#: Fonts that word processors of all makers have, or have a twin of.
TEXT, HEAD, FIXED = "Cambria", "Calibri", "Consolas"


def main() -> None:
    """Write the files."""
    _write(STYLES / "reference.docx", brief=False)
    _write(STYLES / "brief.docx", brief=True)


def _write(out, *, brief):
    command = [pypandoc.get_pandoc_path(), "--print-default-data-file=reference.docx"]
    document = Document(io.BytesIO(subprocess.run(command, capture_output=True, check=True).stdout))
    for section in document.sections:
        section.page_width, section.page_height = Cm(21), Cm(29.7)
        section.left_margin = section.right_margin = Cm(1.7 if brief else 2.2)
        section.top_margin, section.bottom_margin = (Cm(1.2), Cm(1.1)) if brief else (Cm(2.3), Cm(2.2))
        if brief:
            section.header_distance = section.footer_distance = Cm(0.6)
        _page_number(section.footer.paragraphs[0])
    # the size of running text is the document's, so that tables can have a smaller one
    default = document.styles.element.find(qn("w:docDefaults")).find(qn("w:rPrDefault")).find(qn("w:rPr"))
    for key in ("w:sz", "w:szCs"):
        default.find(qn(key)).set(qn("w:val"), "18" if brief else "21")
    for name in ("Normal", "Body Text", "First Paragraph", "Compact"):
        _text(document, name, TEXT, None, INK, after=6 if name != "Compact" else 1)
    _text(document, "Hyperlink", TEXT, None, BLUE)
    _text(document, "Title", HEAD, 21, BLUE, after=2, bold=True, left=True)
    _text(document, "Subtitle", TEXT, 11, GREY, after=14, left=True)
    for level, size in ((1, 15), (2, 12), (3, 11)):
        _text(document, f"Heading {level}", HEAD, size, BLUE, before=16 - 2 * level, after=5, bold=True)
        document.styles[f"Heading {level}"].paragraph_format.keep_with_next = True
    for name in ("Table Caption", "Image Caption", "Caption"):
        _text(document, name, TEXT, 9.5, GREY, before=4, after=6)
    document.styles["Table Caption"].paragraph_format.keep_with_next = True
    _text(document, "Captioned Figure", TEXT, 10.5, INK, before=8)
    document.styles["Captioned Figure"].paragraph_format.keep_with_next = True
    _quote(document)
    listed = document.styles.add_style("Cited List", WD_STYLE_TYPE.PARAGRAPH)
    listed.base_style = document.styles["Compact"]
    _text(document, "Cited List", TEXT, 7.5, GREY, after=0)
    _code(document)
    _table(document)
    document.core_properties.author = ""
    document.core_properties.title = ""
    if brief:
        _shrink(document)
        _text(document, "Compact", TEXT, 7.5, INK, before=0, after=0)  # of lists, that of the numbers cited among them
        for side in ("top", "bottom"):  # of cells
            document.styles["Table"].element.find(f".//{qn('w:tblCellMar')}/{qn(f'w:{side}')}").set(qn("w:w"), "8")
    document.save(str(out))


def _shrink(document):
    """Make letters and spaces of every style smaller."""
    for style in document.styles:
        if getattr(style, "font", None) is not None and style.font.size is not None:
            style.font.size = Pt(max(round(2 * LETTERS * style.font.size.pt) / 2, 6))
        form = getattr(style, "paragraph_format", None)
        for side in ("space_before", "space_after") if form is not None else ():
            space = getattr(form, side)
            if space is not None:
                setattr(form, side, Pt(round(SPACES * space.pt, 1)))


def _text(document, name, font, size, colour, before=None, after=None, bold=None, left=False):
    style = document.styles[name]
    style.font.name, style.font.size, style.font.color.rgb = font, None if size is None else Pt(size), colour
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for key in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{key}"), None)
    fonts.set(qn("w:hAnsi"), font)
    if bold is not None:
        style.font.bold = bold
    style.font.italic = False
    if not hasattr(style, "paragraph_format"):
        return
    if before is not None:
        style.paragraph_format.space_before = Pt(before)
    if after is not None:
        style.paragraph_format.space_after = Pt(after)
    if left:
        style.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.LEFT


def _quote(document):
    _text(document, "Block Text", TEXT, 10.5, INK, before=6, after=8)
    style = document.styles["Block Text"]
    style.paragraph_format.left_indent = style.paragraph_format.right_indent = Cm(0.2)
    properties = style.element.get_or_add_pPr()
    borders = OxmlElement("w:pBdr")
    left = OxmlElement("w:left")
    for key, value in (("val", "single"), ("sz", "24"), ("space", "8"), ("color", "17456E")):
        left.set(qn(f"w:{key}"), value)
    borders.append(left)
    properties.insert_element_before(borders, "w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc", "w:outlineLvl")
    properties.insert_element_before(_shade(PALE), "w:tabs", "w:spacing", "w:ind", "w:jc", "w:outlineLvl")


def _shade(colour):
    shade = OxmlElement("w:shd")
    for key, value in (("val", "clear"), ("color", "auto"), ("fill", colour)):
        shade.set(qn(f"w:{key}"), value)
    return shade


def _code(document):
    style = document.styles["Verbatim Char"]
    style.font.name, style.font.size = FIXED, Pt(9)


def _page_number(paragraph):
    paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    run = OxmlElement("w:r")
    text = OxmlElement("w:t")
    text.text = "1"
    run.append(text)
    field.append(run)
    paragraph._p.append(field)


def _table(document):
    """The style that pandoc gives every table: a rule below the head, hairlines between rows, a small text."""
    style = document.styles["Table"]
    element = style.element
    for old in element.findall(qn("w:tblPr")) + element.findall(qn("w:tblStylePr")):
        element.remove(old)
    style.font.size = Pt(9)
    properties = OxmlElement("w:tblPr")
    borders = OxmlElement("w:tblBorders")
    for side in ("top", "bottom", "insideH"):
        line = OxmlElement(f"w:{side}")
        for key, value in (("val", "single" if side != "top" else "nil"), ("sz", "4"), ("space", "0"), ("color", HAIR)):
            line.set(qn(f"w:{key}"), value)
        borders.append(line)
    properties.append(borders)
    margins = OxmlElement("w:tblCellMar")
    for side, width in (("top", "30"), ("left", "70"), ("bottom", "30"), ("right", "70")):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), width)
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    properties.append(margins)
    element.append(properties)
    head = OxmlElement("w:tblStylePr")
    head.set(qn("w:type"), "firstRow")
    run = OxmlElement("w:rPr")
    run.append(OxmlElement("w:b"))
    colour = OxmlElement("w:color")
    colour.set(qn("w:val"), "17456E")
    run.append(colour)
    head.append(run)
    cell = OxmlElement("w:tcPr")
    below = OxmlElement("w:tcBorders")
    line = OxmlElement("w:bottom")
    for key, value in (("val", "single"), ("sz", "10"), ("space", "0"), ("color", "17456E")):
        line.set(qn(f"w:{key}"), value)
    below.append(line)
    cell.append(below)
    head.append(cell)
    element.append(head)


if __name__ == "__main__":
    main()
