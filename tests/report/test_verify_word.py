"""A number of a Word document that is hidden, computed anew or touched by what is no text is never ok."""

import io
import re
import zipfile

import pytest

from forecast.report.citations.docx import MAX_ELEMENTS
from forecast.report.citations.docx import read as read_docx
from forecast.report.citations.reading import UnreadableError

from .conftest import Published
from .test_verify_formats import repacked

BODY = "word/document.xml"
MARK = re.compile(r'<w:hyperlink w:anchor="cited-2"[^>]*>.*?</w:hyperlink>', re.DOTALL)
COMPATIBLE = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" xmlns:zz="urn:zz"'
SHAPE = (
    '<w:r><w:pict><v:shape style="visibility:hidden"><v:textbox><w:txbxContent><w:p>M</w:p></w:txbxContent></v:textbox>'
)


def part(content: bytes, name: str) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        return packed.read(name).decode()


def run(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def char(kind: str) -> str:
    return f'<w:r><w:fldChar w:fldCharType="{kind}" w:dirty="true"/></w:r>'


def put(content: bytes, form: str, properties: str = "") -> bytes:
    """The document with its second mark, M, within something, and with properties of its run."""
    body = part(content, BODY)
    found = MARK.findall(body)
    assert len(found) == 1
    mark = found[0].replace("<w:rPr>", f"<w:rPr>{properties}")
    assert "<w:rPr>" in mark
    return repacked(content, {BODY: body.replace(found[0], form.replace("M", mark)).encode()})


@pytest.mark.parametrize(
    "form",
    [
        f'<mc:AlternateContent {COMPATIBLE}><mc:Choice Requires="zz">M</mc:Choice>'
        f"<mc:Fallback>{run('0.14')}</mc:Fallback></mc:AlternateContent>",
        f'<zz:r xmlns:zz="urn:zz">M</zz:r>{run("0.14")}',
        f"{SHAPE}</v:shape></w:pict></w:r>{run('0.14')}",
        f'{char("begin")}<w:r><w:instrText> =0.14 </w:instrText></w:r>{char("separate")}M{char("end")}',
        f'{char("begin")}<w:r><w:instrText> =0.14 </w:instrText></w:r>M{char("end")}',
        '<w:fldSimple w:instr=" TITLE ">M</w:fldSimple>',
        '<w:fldSimple w:instr=" SEQ x "><w:r><w:t></w:t></w:r></w:fldSimple>M',
        f'{char("begin")}<w:r><w:instrText> =1 </w:instrText></w:r>{char("end")}M',
        '<w:r><w:sym w:font="Calibri" w:char="0031"/></w:r>M',
        'M<w:r><w:sym w:font="Symbol" w:char="F025"/></w:r>',
        '<w:bdo w:val="rtl">M</w:bdo>',
        '<w:dir w:val="rtl">M</w:dir>',
        "<w:sdt><w:sdtPr><w:dataBinding/></w:sdtPr><w:sdtContent>M</w:sdtContent></w:sdt>",
        "<w:sdt><w:sdtContent><w:r><w:t></w:t></w:r></w:sdtContent></w:sdt>M",
        "<w:r><w:pict/></w:r>M",
        "<w:r><w:drawing/></w:r>M",
        "<w:r><w:ruby><w:rubyBase/></w:ruby></w:r>M",
        'M<w:r><w:footnoteReference w:id="2"/></w:r>',
        f"{run('1&#8203;&#8203;&#8203;')}M",
        "<w:r><w:t>1</w:t><w:softHyphen/></w:r>M",
        f"<w:ins>{run('1')}</w:ins>M",
        f"{run('1', '<w:vertAlign w:val="superscript"/>')}M",
    ],
)  # fmt: skip
def test_a_number_in_what_programs_may_not_show_is_edited(published: Published, form: str) -> None:
    form = form.replace("<w:pict>", '<w:pict xmlns:v="urn:schemas-microsoft-com:vml">')
    found = published.check(put(published.documents[".docx"], form), ".docx")
    assert [row.n for row in found.citations if row.status != "ok"] == [2]


@pytest.mark.parametrize(
    ("properties", "stands"),
    [
        ('<w:color w:val="FFFFFF"/>', False),
        ('<w:color w:val="FDFDF0"/>', False),
        ('<w:color w:val="000000" w:themeColor="background1"/>', False),
        ('<w:shd w:val="clear" w:fill="000000"/>', False),
        ('<w:shd w:val="solid" w:fill="FFFFFF"/>', False),
        ('<w:highlight w:val="black"/>', False),
        ('<w:sz w:val="2"/>', False),
        ('<w:strike/>', False),
        ('<w:dstrike/>', False),
        ('<w:specVanish/>', False),
        ('<w:rtl/>', False),
        ('<w:w w:val="1"/>', False),
        ('<w:position w:val="-200"/>', False),
        ('<w:spacing w:val="-400"/>', False),
        ('<w:fitText w:val="1"/>', False),
        ('<w14:textFill xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml"/>', False),
        ('<w:vanish zz:val="0" w:val="1" xmlns:zz="urn:zz"/>', False),
        ('<w:color w:val="C00000"/>', True),
        ('<w:color w:val="auto"/>', True),
        ('<w:highlight w:val="yellow"/>', True),
        ('<w:sz w:val="16"/><w:b/><w:i/><w:lang w:val="de"/>', True),
        ('<w:strike w:val="0"/><w:rtl w:val="false"/>', True),
    ],
)  # fmt: skip
def test_a_number_with_properties_that_may_hide_it_is_edited(
    published: Published, properties: str, stands: bool
) -> None:
    assert published.check(put(published.documents[".docx"], "M" + run(" 0.14"), properties), ".docx").ok == stands


STYLE = '<w:style w:type="{}" w:styleId="Hid"><w:name w:val="Hid"/>{}</w:style></w:styles>'


@pytest.mark.parametrize("kind", ["character", "paragraph"])
@pytest.mark.parametrize(
    "properties", ["<w:rPr><w:vanish/></w:rPr>", "<w:rPr><w:sz w:val='2'/></w:rPr>", "<w:pPr><w:framePr/></w:pPr>"]
)
def test_a_number_in_a_style_that_may_hide_it_is_edited(published: Published, kind: str, properties: str) -> None:
    """Also in a style based on such a one."""
    content = published.documents[".docx"]
    body, styles = part(content, BODY), part(content, "word/styles.xml")
    based = STYLE.format(kind, '<w:basedOn w:val="Hidden"/>').replace("</w:styles>", "")
    hidden = STYLE.format(kind, properties).replace("Hid", "Hidden")
    if kind == "character":
        body = re.sub(r'(cited-2"[^>]*><w:r><w:rPr>)<w:rStyle[^>]*>', r'\1<w:rStyle w:val="Hid"/>', body)
    else:
        start = body.rindex("<w:pStyle", 0, body.index('anchor="cited-2"'))
        body = body[:start] + '<w:pStyle w:val="Hid"/>' + body[body.index(">", start) + 1 :]
    changed = repacked(
        content, {BODY: body.encode(), "word/styles.xml": styles.replace("</w:styles>", based + hidden).encode()}
    )
    statuses = {row.n: row.status for row in published.check(changed, ".docx").citations}
    assert statuses[2] == "edited"


def test_the_part_that_programs_show_is_the_one_that_is_read(published: Published) -> None:
    content = published.documents[".docx"]
    other = part(content, BODY).replace("0.41", "0.14")
    relations = part(content, "_rels/.rels").replace("word/document.xml", "word/other.xml")
    changed = repacked(content, {"word/other.xml": other.encode(), "_rels/.rels": relations.encode()})
    assert "edited" in {row.status for row in published.check(changed, ".docx").citations}


def test_a_document_with_two_parts_of_one_name_is_refused(published: Published) -> None:
    with pytest.raises(UnreadableError, match="two parts of one name"):
        read_docx(repacked(published.documents[".docx"], {"Word/Document.xml": b"<d/>"}))


def test_a_document_of_more_elements_than_any_report_is_refused(published: Published) -> None:
    many = b"<d>" + b"<a/>" * MAX_ELEMENTS + b"</d>"
    with pytest.raises(UnreadableError, match="more than 400,000 elements"):
        read_docx(repacked(published.documents[".docx"], {BODY: many}))
