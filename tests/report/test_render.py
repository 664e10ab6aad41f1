"""A draft becomes a document; what is wrong in it is told at once, with lines, and nothing is written."""

import re
from html import unescape
from pathlib import Path

import docx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast.api import Workspace
from forecast.api.publishing import render
from forecast.errors import InputError
from forecast.ledger.store import LEDGER_FILE, open_ledger
from forecast.report import printed
from forecast.report.citations.files import SUFFIXES, read_document
from forecast.report.rendered import render as rendered

from .conftest import Published, fill

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000050001a5f6"
    "45400000000049454e44ae426082"
)


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A workspace with forecasts on record."""
    (tmp_path / "scenarios").mkdir()
    with open_ledger(tmp_path / LEDGER_FILE, create=True) as ledger:
        fill(ledger)
    return tmp_path


def errors(desk: Path, text: str, out: str = "out.html") -> list[tuple[int | None, str]]:
    """Lines and messages, with what is accepted."""
    (desk / "draft.md").write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        render(Workspace(desk), desk / "draft.md", desk / out)
    assert not (desk / out).exists()
    return [(one.line, f"{one.message} {one.accepted}") for one in caught.value.findings()]


def put(desk: Path, text: str, out: str = "out.md") -> str:
    (desk / "draft.md").write_text(text, encoding="utf-8")
    render(Workspace(desk), desk / "draft.md", desk / out)
    return (desk / out).read_text(encoding="utf-8")


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_every_format_shows_the_same_numbers_in_the_same_order(published: Published, suffix: str) -> None:
    """By hand: an error of 0.004 supports two decimals, one of 0.0001 three; the change is a tenth of 0.412."""
    marks = read_document(published.workspace / f"out{suffix}").marks
    assert [" ".join(mark.text.replace("−", "-").split()) for mark in marks] == [
        "unlikely",
        "0.41",
        "realistic possibility (0.41)",
        "0.21-0.71",
        "+0.04",
        "0.24",
        "unlikely (0.24)",
        "0.12",
        "very unlikely (0.12)",
        "-0.45",
        "0.46",
        "1.2",
        "38",
        "yes",
        "0.41",
        "0.24",
    ]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_rendering_twice_gives_the_same_bytes(published: Published, suffix: str) -> None:
    with open_ledger(published.ledger, read_only=True) as ledger:
        again = rendered(published.draft, published.workspace / f"out{suffix}", ledger, lambda _: None, lambda _: ())
    assert again.content == published.documents[suffix]


def test_all_wrong_tokens_are_told_at_once_with_lines_and_what_is_near(desk: Path) -> None:
    text = """---
title: x
---
{fc:dprk-rusia/treaty-2024}
{fc:dprk-russia/treaty-2042} and {fc:dprk-russia/regime-2025}

- {fc:dprk-russia/regime-2025:durabel}
  {fc:dprk-russia/treaty-2024 numbr}
- {fc:fc-aaaaaaaaaa/treaty-2024} {fc:dprk-russia} {fc:} {fc:dprk-russia/visit-2023}
- {fc:wk-aaaaaaaaaa#/rows} {fc:dprk-russia/treaty-2024
"""
    found = errors(desk, text)
    accepted = "{fc:SCENARIO/QUESTION[:OUTCOME] [FORM [SCALE]]} or {fc:FORECAST/...}"
    assert found == [(10, f"a token has no end. {accepted}")]
    found = errors(desk, f"{text.rstrip()}}}\n")
    told = [
        (4, r"no forecast of 'dprk-rusia' is recorded; did you mean 'dprk-russia'\?"),
        (5, r"no question 'treaty-2042'; did you mean 'treaty-2024'\?.*dprk-russia/regime-2025:durable\|transactional"),
        (5, r"more than two outcomes.*dprk-russia/regime-2025:durable, dprk-russia/regime-2025:transactional"),
        (7, r"no outcome 'durabel'; did you mean 'durable'\?"),
        (8, r"'numbr' is no form; did you mean 'number'\?.*words phia"),
        (9, r"'fc-aaaaaaaaaa' is in no log"),
        (9, r"'dprk-russia' names no question"),
        (9, r"the token names nothing"),
        (9, r"has no number of visit-2023:yes.*resolved"),
        (10, r"'wk-aaaaaaaaaa#/rows' names no number"),
    ]
    assert [line for line, _ in found] == [line for line, _ in told]
    for (_, message), (_, pattern) in zip(found, told, strict=True):
        assert re.search(pattern, message), message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[{fc:dprk-russia/treaty-2024}](https://example.org)", "cannot stand in a link"),
        ("[x](https://example.org/{fc:dprk-russia/treaty-2024})", "cannot stand in an address"),
        ("![p {fc:dprk-russia/treaty-2024}](p.png)", "description of an image"),
        ("{fc:dprk-russia/treaty-2024}%", "what touches the number"),
        ("**{fc:dprk-russia/treaty-2024}**9", "what touches the number"),
        ("{fc:dprk-russia/treaty-2024}{fc:dprk-russia/treaty-2024}", "what touches the number"),
        ("un{fc:dprk-russia/treaty-2024 words}", "what touches the number"),
        ("{fc:dprk-russia/treaty-2024}&#37;", "what touches the number"),
        ("&lt;{fc:dprk-russia/treaty-2024}", "what touches the number"),
        ("{fc:dprk-russia/treaty-2024}[9](https://example.org)", "what touches the number"),
        ("{fc:dprk-russia/treaty-2024}![x](p.png)", "what touches the number"),
        ("~~{fc:dprk-russia/treaty-2024}~~", "the number is struck through"),
        ("\u202e {fc:dprk-russia/treaty-2024}", "change the order of what follows"),
        ("{fc:dprk-russia/treaty-2024}\n\n```\nno end", "has no end"),
        ("a \\{fc:dprk-russia/treaty-2024}", "nothing of the number is left"),
        ("{fc:dprk-russia/treaty-2024} \\\\<b>", "has HTML that may hide numbers"),
        ("[0.5](#cited-1)", "made by render"),
        ("[x](javascript:alert(1))", "does something else"),
        ("![x](https://example.org/p.png)", "nothing is fetched"),
        ("![x](../p.png)", "outside of the draft's folder"),
        ("![x](/etc/passwd.png)", "outside of the draft's folder"),
        ("![x](gone.png)", "is not there"),
        ("![x](p.exe)", "is no picture"),
        ("<!-- forecast-citations {} -->", "has a list of citations already"),
        ("a\ue000b", "U\\+E000"),
        ("---\ntitle: [a\n---\n", "no YAML"),
        ("---\nIt is {fc:dprk-russia/treaty-2024}.\n---\n", "is no front matter.*title: TEXT"),
        ("---\ntitle: {fc:dprk-russia/treaty-2024}\n---\n", "no text|front matter"),
    ],
)
def test_what_a_document_cannot_carry_is_refused(desk: Path, text: str, message: str) -> None:
    (desk / "p.png").write_bytes(PNG)
    found = errors(desk, text)
    assert re.search(message, found[0][1]), found


def test_a_retracted_forecast_cannot_be_cited(desk: Path) -> None:
    with open_ledger(desk / LEDGER_FILE) as ledger:
        latest = ledger.latest("dprk-russia")
        assert latest is not None
        ledger.retract(latest.id, "a slip", "2024-02-02T12:00:00+00:00")
        workings = next(entry for entry in ledger.entries() if entry.type == "workings")
    for token in (f"{latest.id}/treaty-2024", f"{workings.id}#/n .0f"):
        assert "was retracted: a slip" in errors(desk, f"{{fc:{token}}}")[0][1]


def test_the_beginning_of_an_id_of_workings_is_cited_as_the_whole(desk: Path) -> None:
    """Verification takes no beginning of an id for it."""
    with open_ledger(desk / LEDGER_FILE, read_only=True) as ledger:
        workings = next(entry.id for entry in ledger.entries() if entry.type == "workings")
    assert f'[38](#cited-1 "{workings}#/n .0f")' in put(desk, f"{{fc:{workings[:6]}#/n .0f}}")


def test_tokens_and_tags_in_code_are_left_alone(desk: Path) -> None:
    text = put(desk, "`{fc:a/b}` ``<b>{fc:c``\n\n    {fc:d/e} <i>\n\n```\n{fc:f\n<u>\n```\n")
    assert text == "`{fc:a/b}` ``<b>{fc:c``\n\n    {fc:d/e} <i>\n\n```\n{fc:f\n<u>\n```\n"


def test_tags_in_the_text_become_text(desk: Path) -> None:
    draft = "a <script>alert(1)</script> <b>c</b> <https://example.org> [l](<x.md>) 1 < 2\n\n<div onclick=x>\n"
    text = put(desk, draft)
    assert text == (
        "a \\<script>alert(1)\\</script> \\<b>c\\</b> <https://example.org> [l](<x.md>) 1 < 2\n\n\\<div onclick=x>\n"
    )
    page = put(desk, draft, "out.html")
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<div onclick" not in page


def test_a_tag_in_the_first_heading_is_text_of_the_title(desk: Path) -> None:
    page = put(desk, "# Is `a<b>` <i>x?\n\ntext\n", "out.html")
    assert "<title>Is a&lt;b&gt; &lt;i&gt;x?</title>" in page
    render(Workspace(desk), desk / "draft.md", desk / "out.docx")
    assert docx.Document(str(desk / "out.docx")).core_properties.title == "Is a<b> <i>x?"


def test_lines_may_end_as_on_old_machines(desk: Path) -> None:
    draft = "# One\r\r# Two\r\r{fc:dprk-russia/treaty-2042}\r"
    assert errors(desk, draft)[0][0] == 5
    page = put(desk, draft.replace("2042", "2024"), "out.html")
    assert "<h1>One</h1>" in page
    assert "<h2>Two</h2>" in page


def test_a_page_is_one_file_without_scripts_and_network(published: Published) -> None:
    page = published.documents[".html"].decode()
    assert re.findall(r"<script[^>]*>", page) == ['<script type="application/json" id="forecast-citations">']
    assert "default-src 'none'" in unescape(page)
    assert " style=" not in page
    assert '<td class="number">' in page
    assert re.findall(r'(?:src|href)="(?!#)[^"]*"', page) == []
    for part in ("<h1>Will it last?</h1>", "Ann Analyst, Bo Ng", "2024-01-08", "Forecasts cited", "Numbers cited"):
        assert part in page


def test_front_matter_is_kept_and_headings_stand_below_the_title(published: Published) -> None:
    assert published.documents[".md"].decode().startswith("---\ntitle: Will it last?\n")
    document = docx.Document(str(published.workspace / "out.docx"))
    assert document.core_properties.title == "Will it last?"
    heads = [p.text for p in document.paragraphs if p.style is not None and p.style.name.startswith("Heading 1")]
    assert heads == ["Why", "Forecasts cited", "Numbers cited"]


def test_pictures_stand_in_pages_and_on_paper(desk: Path) -> None:
    (desk / "img").mkdir()
    (desk / "img/p.png").write_bytes(PNG)
    page = put(desk, "![one dot](img/p.png)\n", "out.html")
    assert 'src="data:image/png;base64,' in page
    for suffix in (".docx", ".pdf"):
        render(Workspace(desk), desk / "draft.md", desk / f"out{suffix}")
    assert len(docx.Document(str(desk / "out.docx")).inline_shapes) == 1


def test_a_document_that_takes_too_long_is_refused(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(printed, "PATIENCE", 0.001)
    (desk / "draft.md").write_text("x\n")
    with pytest.raises(printed.PrintError, match=r"not done with the document in 0\.001 seconds"):
        render(Workspace(desk), desk / "draft.md", desk / "out.docx")
    assert not (desk / "out.docx").exists()


#: What means something in Markdown, beside tokens.
PARTS = (
    *(
        "# ",
        "---\n",
        "===\n",
        "\n",
        "\n\n",
        "text ",
        "- ",
        "1. ",
        "> ",
        "    ",
        "`",
        "```\n",
        "<b>",
        "</b>",
        "<",
        "\\",
        "*",
    ),
    *(
        "**",
        "_",
        "~~",
        "{fc:dprk-russia/treaty-2024}",
        "{fc:dprk-russia/regime-2025:durable both}",
        "[x](y)",
        "[",
        "](",
    ),
    *(
        "| a | b |\n|--|--|\n| ",
        "&lt;",
        "&#37;",
        "\t",
        "\u2028",
        "\x0c",
        "\u202e",
        "x",
        "0",
        "%",
        " ",
        "[r]: /u\n",
        "[r]",
    ),
    *("...\n", "<!-- c -->", "{", "}", "$", "^", ")"),
)


@given(st.lists(st.sampled_from(PARTS), max_size=25).map("".join), st.sampled_from([".html", ".md"]))
def test_what_is_rendered_verifies_and_all_else_is_an_error_of_the_draft(
    published: Published, text: str, suffix: str
) -> None:
    draft = published.workspace / "any.md"
    draft.write_text(text, encoding="utf-8")
    with open_ledger(published.ledger, read_only=True) as ledger:
        try:
            made = rendered(draft, draft.with_suffix(f".out{suffix}"), ledger, lambda _: None, lambda _: ())
        except InputError:
            return
    if made.cited:
        assert published.check(made.content, suffix).ok


def test_the_draft_is_not_written_over(desk: Path) -> None:
    (desk / "draft.md").write_text("x")
    with pytest.raises(InputError, match="is the draft itself"):
        render(Workspace(desk), desk / "draft.md", desk / "draft.md")


def test_a_scenario_is_cited_by_its_own_model_version(desk: Path) -> None:
    """The benchmark that was recorded last is not what readers mean."""
    from ..ledger import samples
    from .conftest import BASIS, answer, made

    with open_ledger(desk / LEDGER_FILE) as ledger:
        other = made(
            9,
            model="v0",
            as_of="2024-02-01",
            made_at="2024-02-01T12:00:00+00:00",
            answers=(answer("treaty-2024", "yes", 0.5),),
        )
        ledger.append_forecast(other, BASIS)
        (desk / "draft.md").write_text("{fc:dprk-russia/treaty-2024}\n")
        own = rendered(desk / "draft.md", desk / "out.md", ledger, lambda _: "v2", lambda _: ())
        any_ = rendered(desk / "draft.md", desk / "out.md", ledger, lambda _: None, lambda _: ())
    assert samples.ANSWER.question == "treaty-2024"
    assert [one.text for one in (*own.cited, *any_.cited)] == ["0.24", "0.50"]
