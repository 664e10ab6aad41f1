"""Reports of the toy: what they say, that every number in them is cited, and files of every format."""

import io
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import docx
import pypdf
import pytest

from forecast.api import Workspace
from forecast.errors import InputError, WorkspaceError
from forecast.ledger.files import replace_atomically
from forecast.ledger.store import LEDGER_FILE, open_ledger
from forecast.references import parse_ref
from forecast.report import build as path_of_a_report
from forecast.report import sources as gathering
from forecast.report import write as write_module
from forecast.report.blocks import Block, Bullets, Cited, Document, Figure, Fold, Paragraph, Section, Table, citations
from forecast.report.citations import docx as word_marks
from forecast.report.citations import markdown as text_marks
from forecast.report.citations import pdf as pdf_marks
from forecast.report.compose import brief, full
from forecast.report.plain import BREAK
from forecast.report.sections.bottom_line import warnings
from forecast.report.sections.evidence import evidence
from forecast.report.verbs import LookedAt, score

from ..workspaces import DAY, add_report, edit, forecast_toy, write_toy
from .hostile import ATTACKS, forecast_hostile, make_printable, write_hostile

MADE_ON = date(2026, 1, 1)


# commands are tested with nothing computed beforehand; here forty tests look at reports of the same two workspaces
pytestmark = pytest.mark.usefixtures("computed_once", "drawn_once")


@dataclass(frozen=True)
class Toy:
    """The workspace, and two forecasts of one version with one of another between."""

    workspace: Path
    first: str
    last: str


@pytest.fixture(scope="session")
def toy_once(computed_once: Callable[..., object], tmp_path_factory: pytest.TempPathFactory) -> Toy:
    workspace = write_toy(tmp_path_factory.mktemp("report"))
    ids = [forecast_toy(workspace, made_on=MADE_ON, as_of=DAY).entry]
    add_report(
        workspace,
        "id: R6, indicator: meeting, event: dinner, when: 2024-03-06, known: 2024-03-08, coded_on: 2024-07-01, "
        "claim: They dine., asserted_as: fact, grade: B2, origin: wire",
    )
    ids.append(forecast_toy(workspace, made_on=MADE_ON, as_of=date(2024, 4, 10), model="v0").entry)
    ids.append(forecast_toy(workspace, made_on=MADE_ON, as_of=date(2024, 4, 10), method="nuts").entry)
    return Toy(workspace, ids[0].id, ids[2].id)


@pytest.fixture
def toy(toy_once: Toy, tmp_path: Path) -> Toy:
    shutil.copytree(toy_once.workspace, tmp_path / "ws")
    return Toy(tmp_path / "ws", toy_once.first, toy_once.last)


def gathered(workspace: Path, ref: str, *, short: bool = False) -> gathering.Sources:
    with open_ledger(workspace / LEDGER_FILE, read_only=True) as ledger:
        wanted = parse_ref(ref)
        entry, question, outcome = gathering.chosen(ledger, workspace, wanted)
        made, missing = gathering.computed(ledger, workspace, entry, question, outcome, short, lambda *_: None)
    works, why = gathering.recorded_workings(workspace, entry, question, outcome, made)
    with open_ledger(workspace / LEDGER_FILE, read_only=True) as ledger:
        found = gathering.sources(
            ledger, workspace, entry, (question, outcome), not wanted.is_forecast, (works, missing, why), MADE_ON
        )
        # composed while the ledger is open
        found_documents[found.id, short] = brief(found) if short else full(found)
        return found


found_documents: dict[tuple[str, bool], Document] = {}


def document(workspace: Path, ref: str, *, short: bool = False) -> Document:
    return found_documents[gathered(workspace, ref, short=short).id, short]


@pytest.fixture(scope="session")
def whole(toy_once: Toy, tmp_path_factory: pytest.TempPathFactory) -> Document:
    """The full report of the last forecast."""
    workspace = tmp_path_factory.mktemp("whole") / "ws"
    shutil.copytree(toy_once.workspace, workspace)
    return document(workspace, toy_once.last)


def section(made: Document, id_: str) -> Section:
    return next(one for one in made.sections if one.id == id_)


def texts(block: Block) -> list[tuple]:
    match block:
        case Paragraph():
            return [block.text]
        case Bullets():
            return list(block.items)
        case Table():
            return [cell for row in block.rows for cell in row]
        case Figure():
            return texts(block.data) if block.data else []
        case Fold():
            return [text for inner in block.blocks for text in texts(inner)]


def said(blocks) -> list[str]:
    """Paragraphs and items as lines."""
    return [
        "".join(part if isinstance(part, str) else part.text for part in text)
        for block in blocks
        if isinstance(block, Paragraph | Bullets)
        for text in texts(block)
    ]


def test_the_sections_of_a_full_report_stand_in_order(whole: Document):
    assert [one.id for one in whole.sections] == [
        "bottom-line",
        "over-time",
        "regimes",
        "why",
        "origins",
        "watch",
        "versions",
        "track-record",
        "evidence",
        "method",
        "identity",
    ]


def test_the_bottom_line_says_what_is_asked_and_the_answer_in_words_and_numbers(whole: Document):
    lines = said(section(whole, "bottom-line").blocks)
    assert "Asked: Which regime holds on 1 January 2025? (regime-2025)" in lines
    answer = next(line for line in lines if line.startswith("On the evidence known by 2024-04-10: "))
    assert re.fullmatch(
        r"On the evidence known by 2024-04-10: durable, [a-z ]+ \(0\.\d+\); fragile, [a-z ]+ \(0\.\d+\)\.", answer
    )


def test_reasons_say_what_was_claimed(whole: Document):
    lines = said(section(whole, "why").blocks)
    assert any(line.startswith("summit (The leaders met.) speaks for durable (+0.") for line in lines), lines


def test_likelihood_and_confidence_are_never_in_one_sentence(whole: Document):
    for block in section(whole, "bottom-line").blocks:
        for text in texts(block):
            line = "".join(part if isinstance(part, str) else part.text for part in text)
            assert not ("onfidence" in line and any(isinstance(part, Cited) for part in text))


#: What may carry digits without a citation: days, ids with digits in them, indices of events, counts of the record.
PLAIN = re.compile(
    r"\d{4}-\d{2}(-\d{2})?|[A-Za-z][\w.]*[-_.]?\d[\w.-]*|\b[A-F][1-6]\b|\bthe \d+%|\b90%|1 January 2025|\btau\b"
)
RESULTS = ("over-time", "regimes", "why", "origins", "watch", "versions", "track-record")


@pytest.mark.parametrize("id_", RESULTS)
def test_no_number_stands_in_a_section_of_results_without_its_citation(whole: Document, id_: str):
    for block in section(whole, id_).blocks:
        for text in texts(block):
            for part in text:
                if isinstance(part, str):
                    assert not re.search(r"\d", PLAIN.sub("", part)), part


def test_every_citation_is_shown_as_the_ledger_shows_it(toy: Toy):
    out = toy.workspace / "r.md"
    report = Workspace(toy.workspace).report(toy.last, out)
    from forecast.report.citation import parse_citation, shown

    reading = text_marks.read(out.read_text())
    assert len(reading.marks) == report.document["citations"] > 50
    with open_ledger(toy.workspace / LEDGER_FILE, read_only=True) as ledger:
        for mark in reading.marks:
            assert mark.text == shown(parse_citation(mark.citation), ledger.entry)


def test_a_scenario_is_cited_as_the_latest_and_an_id_as_itself(toy: Toy):
    assert {one.latest for one in citations(document(toy.workspace, "toy")) if one.record == toy.last} == {True}
    assert not any(one.latest for one in citations(document(toy.workspace, toy.first)))


def test_the_same_report_twice_records_its_workings_once(
    toy: Toy, computed_once: Callable[..., object], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(path_of_a_report, "computed", computed_once)  # both times from the beginning
    made = [Workspace(toy.workspace).report(toy.last, toy.workspace / "r.md", brief=True) for _ in range(2)]
    assert made[0].document["workings"] == made[1].document["workings"]
    assert made[0].document["workings"]
    assert made[0].document["head"] == made[1].document["head"]
    assert made[0].document["missing"] == []


def test_workings_that_cannot_be_recorded_leave_numbers_without_marks(toy: Toy, monkeypatch: pytest.MonkeyPatch):
    def refused(*_, **__):
        raise WorkspaceError("the disk is full")

    monkeypatch.setattr(gathering, "open_ledger", refused)
    out = toy.workspace / "r.md"
    made = Workspace(toy.workspace).report(toy.last, out)
    assert made.document["unrecorded"] == "the disk is full"
    assert {mark.citation[:3] for mark in text_marks.read(out.read_text()).marks} == {"fc-"}
    assert "carry no citation" in out.read_text()
    assert re.search(r"\(\+0\.\d\d in log\\?-odds\)", out.read_text())


def test_without_the_files_the_evidence_comes_from_the_record(toy: Toy):
    (toy.workspace / "scenarios/toy/evidence/reports.yaml").write_text("reports: [\n")
    blocks = section(document(toy.workspace, toy.last), "evidence").blocks
    assert "The files of the scenario cannot be read" in said(blocks)[0]
    table = next(block for block in blocks if isinstance(block, Table))
    assert [row[0][0].text for row in table.rows] == ["dinner", "fish", "seaside", "summit"]


def test_a_forecast_without_evidence_is_reported_without_what_evidence_would_say(toy: Toy):
    with open_ledger(toy.workspace / LEDGER_FILE, read_only=True) as ledger:
        entry = ledger.latest("toy", model="v0")
    ids = [one.id for one in document(toy.workspace, entry.id).sections]
    assert "why" not in ids
    assert "bottom-line" in ids


def test_a_retracted_forecast_says_so_first(toy: Toy):
    Workspace(toy.workspace).retract(toy.first, "a slip")
    first = section(document(toy.workspace, toy.first), "bottom-line").blocks[0]
    assert first == Paragraph(("This forecast was retracted. The reason given: ", "a slip"), "warning")


def bare(workspace: Path, ref: str) -> gathering.Sources:
    """What a report of a forecast is made of without the documents of other verbs."""
    with open_ledger(workspace / LEDGER_FILE, read_only=True) as ledger:
        entry, question, outcome = gathering.chosen(ledger, workspace, parse_ref(ref))
        return gathering.sources(ledger, workspace, entry, (question, outcome), False, ({}, {}, ""), MADE_ON)


def test_of_two_outcomes_a_report_looks_at_yes(toy: Toy):
    """Reasons for a no beside the number of a yes would read as reasons for the yes."""
    for asked in ("meeting-2024", "meeting-2024:yes", "meeting-2024:no"):
        found = bare(toy.workspace, f"{toy.last}/{asked}")
        assert (found.question, found.outcome) == ("meeting-2024", "yes")
    assert bare(toy.workspace, f"{toy.last}/regime-2025:fragile").outcome == "fragile"


def test_evidence_that_was_withdrawn_since_is_told_first(toy: Toy):
    assert not any(line.startswith("Evidence") for line in said(warnings(bare(toy.workspace, toy.first))))
    edit(toy.workspace, "toy/evidence/reports.yaml", "id: R1,", "id: R1, withdrawn: {on: 2024-05-01, reason: a hoax},")
    told = said(warnings(bare(toy.workspace, toy.first)))
    assert (
        "Evidence that this forecast rests on does not stand any more: report R1 of event summit withdrawn on "
        "2024-05-01: a hoax. No number below takes this into account."
    ) in told


def test_a_version_without_evidence_says_so_above_the_reports(toy: Toy):
    with open_ledger(toy.workspace / LEDGER_FILE, read_only=True) as ledger:
        entry = ledger.latest("toy", model="v0")
    made = evidence(bare(toy.workspace, entry.id))
    assert said(made.blocks)[0].startswith("This version uses no evidence; 5 reports on file.")
    assert [block.caption for block in made.blocks if isinstance(block, Table)] == [
        "Reports that count for versions that use evidence",
        "Reports that did not count, and why",
    ]


def test_without_evidence_there_is_no_empty_table(tmp_path: Path):
    workspace = write_toy(tmp_path)
    (workspace / "scenarios/toy/evidence/reports.yaml").write_text(
        "reports:\n  - {id: R4, source: paper, claim: It will last., asserted_as: speculation}\n"
    )
    forecast_toy(workspace, made_on=MADE_ON, as_of=DAY)
    made = evidence(bare(workspace, "toy"))
    assert said(made.blocks)[0].startswith("0 events and conditions counted, from 0 origins; 1 report on file.")
    assert [block.caption for block in made.blocks if isinstance(block, Table)] == [
        "Reports that did not count, and why"
    ]


def test_scores_are_those_of_the_day_of_the_forecast(toy: Toy, tmp_path: Path):
    """A quarrel in 2024 was settled in March; the question is over at the end of the year, or of March."""
    over = write_toy(tmp_path / "over")
    edit(over, "toy/scenario.yaml", "[2024-01-01, 2024-12-31], settled_by: truth", "[2024-01-01, 2024-03-31]")
    for day in (DAY, date(2024, 3, 20), date(2024, 4, 10)):
        forecast_toy(over, made_on=MADE_ON, as_of=day)
    found = {}
    for workspace, day in ((toy.workspace, "2024-04-10"), (over, "2024-03-20"), (over, "2024-04-10")):
        with open_ledger(workspace / LEDGER_FILE, read_only=True) as ledger:
            entry = next(one for one in ledger.forecasts("toy", model="v1") if one.forecast.as_of == day)
            document = score(LookedAt(ledger, workspace, entry, "regime-2025", "durable", lambda *_: None))
        found[workspace, day] = document and (document["as_of"], [row["n"] for row in document["tables"]])
    assert list(found.values()) == [None, None, ("2024-04-10", [1])]


@pytest.mark.parametrize(
    ("ref", "out", "message"),
    [
        ("nothing", "r.md", "`forecast update nothing` makes one"),
        ("toy/quarrel", "r.md", "asks no question 'quarrel'.*Accepted: regime-2025"),
        ("toy/regime-2025:broken", "r.md", "no open outcome 'broken'.*Accepted: durable, fragile"),
        ("toy", "r.txt", "names no format.*Accepted: FILE.html, FILE.pdf, FILE.docx, FILE.md"),
        ("toy", "nowhere/r.md", "there is no folder"),
        ("toy", "scenarios", "names no format"),
        ("toy", "folder.md", "is a folder"),
    ],
)
def test_what_cannot_be_reported_is_said_before_anything_is_computed(toy: Toy, ref: str, out: str, message: str):
    (toy.workspace / "folder.md").mkdir()
    with pytest.raises(InputError, match=f"(?s){message}"):
        Workspace(toy.workspace).report(ref, toy.workspace / out)
    assert not (toy.workspace / "r.md").exists()


def test_a_file_that_cannot_be_written_keeps_the_old_one(toy: Toy, monkeypatch: pytest.MonkeyPatch):
    out = toy.workspace / "r.html"
    out.write_text("old")

    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(path_of_a_report, "write", interrupted)
    with pytest.raises(KeyboardInterrupt):
        Workspace(toy.workspace).report(toy.last, out, brief=True)
    assert out.read_text() == "old"
    monkeypatch.undo()
    Workspace(toy.workspace).report(toy.last, out, brief=True)
    assert out.read_text().startswith("<!")
    assert not list(toy.workspace.glob(".tmp-*"))


def test_pictures_of_markdown_stand_beside_it(toy: Toy):
    out = toy.workspace / "my report.md"
    told = Workspace(toy.workspace).report(toy.last, out).told
    assert told == (f"its pictures stand in {toy.workspace / 'my report.figures'}",)
    names = re.findall(r"\]\(<my report\.figures/([^>]*)>\)", out.read_text())
    assert len(names) >= 5
    assert all((toy.workspace / "my report.figures" / name).read_text().startswith("<svg") for name in names)


def test_pictures_of_an_old_text_stay_until_the_new_one_is_there(toy: Toy, monkeypatch: pytest.MonkeyPatch):
    out, figures = toy.workspace / "r.md", toy.workspace / "r.figures"
    Workspace(toy.workspace).report(toy.first, out)
    before = {path.name: path.read_bytes() for path in [out, *figures.iterdir()]}
    (figures / "mine-0123abcd.svg").write_text("not of the program")

    def full(path: Path, write: Callable[..., object]) -> None:
        if path == out:
            raise WorkspaceError("the disk is full")
        replace_atomically(path, write)

    monkeypatch.setattr(write_module, "replace_atomically", full)
    with pytest.raises(WorkspaceError, match="full"):
        Workspace(toy.workspace).report(toy.last, out)
    for path in (out, *(figures / name for name in before if name != "r.md")):
        assert path.read_bytes() == before[path.name]
    monkeypatch.undo()
    Workspace(toy.workspace).report(toy.last, out)
    shown = set(re.findall(r"\]\(<r\.figures/([^>]*)>\)", out.read_text()))
    assert {path.name for path in figures.iterdir()} == {*shown, "mine-0123abcd.svg"}


# Word files and PDF


@pytest.fixture(scope="session")
def hostile(computed_once: Callable[..., object], tmp_path_factory: pytest.TempPathFactory) -> Path:
    workspace = write_hostile(tmp_path_factory.mktemp("hostile") / "ws")
    forecast_hostile(workspace)
    for suffix in ("md", "docx", "html"):
        Workspace(workspace).report("toy", workspace / f"r.{suffix}")
    with pytest.raises(InputError, match=r"a PDF cannot show Chinese characters \(Han\), ROCKET \(U\+1F680\)"):
        Workspace(workspace).report("toy", workspace / "r.pdf")
    assert not (workspace / "r.pdf").exists()
    make_printable(workspace)
    Workspace(workspace).report("toy", workspace / "r.pdf")
    return workspace


def test_a_word_file_has_headings_captions_and_tables_whose_heads_repeat(hostile: Path):
    made = docx.Document(str(hostile / "r.docx"))
    heads = [one.text for one in made.paragraphs if one.style.name == "Heading 1"]
    assert heads[:2] == ["Bottom line", "Regimes over time"]  # one forecast has no line over time
    assert heads[-1] == "Numbers cited"
    captions = [one.text for one in made.paragraphs if one.style.name == "Table Caption"]
    assert captions[0].startswith("Table 1. All open questions.")
    assert len(made.tables) == len(captions)
    for table in made.tables:
        assert table.rows[0]._tr.trPr.xpath("w:tblHeader")
        assert len(table._tbl.tblGrid.gridCol_lst) == len(table.columns)
    assert made.core_properties.title.endswith("attack-0 title")
    pictures = made.element.xpath("//wp:docPr")
    assert len(pictures) == len(made.inline_shapes) >= 5
    assert all(picture.get("descr") for picture in pictures)


def visible(path: Path) -> str:
    match path.suffix:
        case ".docx":
            made = docx.Document(str(path))
            cells = [cell.text for table in made.tables for row in table.rows for cell in row.cells]
            return " ".join([*(one.text for one in made.paragraphs), *cells])
        case ".pdf":
            return " ".join(page.extract_text() for page in pypdf.PdfReader(path).pages)
    return path.read_text()


@pytest.mark.parametrize("suffix", ["docx", "pdf", "md", "html"])
def test_no_attack_is_lost_and_none_works(hostile: Path, suffix: str):
    text = visible(hostile / f"r.{suffix}").replace(BREAK, "")
    for number in range(len(ATTACKS)):
        assert re.search(rf"attack\W{{0,3}}{number}(?!\d)", text), number
    assert "more" in text
    assert "end-of-long" not in text
    assert "\u202e" not in text
    assert "\uc5b4" in text  # Korean


def test_a_word_file_fetches_nothing_and_has_no_fields_but_page_numbers(hostile: Path):
    import zipfile

    with zipfile.ZipFile(hostile / "r.docx") as packed:
        body = packed.read("word/document.xml").decode()
        links = packed.read("word/_rels/document.xml.rels").decode()
    assert "instrText" not in body
    assert "fldSimple" not in body
    external = re.findall(
        r'Target="([^"]*)"[^>]*TargetMode="External"|TargetMode="External"[^>]*Target="([^"]*)"', links
    )
    assert all(url.startswith(("http://", "https://")) for pair in external for url in pair if url)
    assert "javascript" not in links


def test_a_pdf_is_tagged_titled_and_every_page_says_which_forecast_it_is(hostile: Path):
    reader = pypdf.PdfReader(hostile / "r.pdf")
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en"
    assert reader.metadata.title.endswith("attack-0 title")
    assert all("fc-" in page.extract_text() for page in reader.pages)
    actions = [
        note.get_object()["/A"]["/URI"]
        for page in reader.pages
        for note in page.get("/Annots", [])
        if "/A" in note.get_object() and "/URI" in note.get_object()["/A"]
    ]
    assert all(uri.startswith("http") for uri in actions)


def test_the_pictures_of_a_pdf_are_not_blank(hostile: Path):
    import pypdfium2

    pages = pypdfium2.PdfDocument(hostile / "r.pdf")
    pictures = [
        each
        for at in range(len(pages))
        for each in pages[at].get_objects()
        if each.type == 3  # images
    ]
    assert len(pictures) >= 5
    for picture in pictures:
        assert len(set(bytes(picture.get_bitmap().buffer))) > 20


def test_marks_can_be_read_back_from_every_printed_format(hostile: Path):
    texts_of = {
        "docx": word_marks.read((hostile / "r.docx").read_bytes()),
        "pdf": pdf_marks.read((hostile / "r.pdf").read_bytes()),
        "md": text_marks.read((hostile / "r.md").read_text()),
    }
    found = {name: [(mark.n, mark.text) for mark in reading.marks] for name, reading in texts_of.items()}
    assert found["docx"] == found["md"]
    # typst sets a sign for minus
    assert [(n, text.replace("\u2212", "-")) for n, text in found["pdf"]] == found["md"]


@pytest.mark.needs("soffice")
def test_a_brief_is_one_page_in_word_too(toy: Toy, tmp_path: Path):
    Workspace(toy.workspace).report(toy.last, tmp_path / "b.docx", brief=True)
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", tmp_path, tmp_path / "b.docx"]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    assert len(pypdf.PdfReader(tmp_path / "b.pdf").pages) == 1


def test_a_brief_is_one_page(toy: Toy):
    out = toy.workspace / "b.pdf"
    Workspace(toy.workspace).report(toy.last, out, brief=True)
    reader = pypdf.PdfReader(io.BytesIO(out.read_bytes()))
    assert len(reader.pages) == 1
    text = reader.pages[0].extract_text()
    assert "How to verify" in text
    assert "Numbers cited" in text
