"""An analyst's draft as a document: its tokens as cited numbers, and at the end what was cited and from where."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cache
from pathlib import Path

from forecast.errors import Finding, InputError
from forecast.ledger.records import Entry, made_at_instant
from forecast.ledger.store import Head, Ledger
from forecast.report import cite
from forecast.report.blocks import Cited
from forecast.report.citation import ANSWER_FORMS, Citation, NotThereError, parse_citation, shown
from forecast.report.citations.adjacent_text import touches
from forecast.report.citations.listing import Listing
from forecast.report.citations.markdown import listed, mark, read
from forecast.report.citations.reading import Reading
from forecast.report.draft import ACCEPTED, BIBLIOGRAPHY, Draft, read_draft, titled
from forecast.report.markdown import escaped
from forecast.report.named import DefaultModel, Named, named
from forecast.report.since import Lost

__all__ = ["Rendered", "render"]


@dataclass(frozen=True, slots=True)
class Rendered:
    """The file's content, what was cited in the order of reading, and what the analyst should be told."""

    content: bytes
    cited: tuple[Cited, ...]
    told: tuple[str, ...]


def render(path: Path, out: Path, ledger: Ledger, default_model: DefaultModel, lost: Lost) -> Rendered:
    """Make the document of a draft; nothing is written.

    Parameters
    ----------
    path
        The draft.
    out
        Where it will stand; the ending says how it is made.
    ledger
        Open for reading.
    default_model
        The model version that is meant where a scenario is named.
    lost
        Tells which evidence of a cited forecast no longer counts.

    Raises
    ------
    InputError
        With everything that is wrong in the draft, each with its line and what would be right.
    PrintError
        If pandoc or typst refuses the document.
    """
    draft = read_draft(path)
    entry = cache(ledger.entry)
    cited, findings = [], []
    for content, line in draft.tokens:
        try:
            citation = _citation(content, ledger, default_model, entry)
            cited.append(Cited(shown(citation, entry), citation))
        except InputError as error:
            findings += [_placed(finding, draft, content, line) for finding in error.findings()]
        except NotThereError as error:
            accepted = (
                "`change` where the record names an earlier forecast, `resolved` where the question is closed and "
            )
            accepted += "settled, all other forms where it is open"
            findings.append(_placed(Finding("error", f"{error}.", accepted=accepted), draft, content, line))
    if findings:
        raise InputError(findings)
    entries = _entries(cited, entry)
    listing = Listing(tuple(one.citation for one in cited), *ledger.head())
    text = _markdown(draft.body, cited, entries, listing)
    _check_believed(draft, read(text), cited)
    told = [f"{one.id} is a replay: it knows the codebook of today" for one in entries if one.content["kind"] != "live"]
    for one in entries:
        if gone := lost(one):
            others = f"; and {len(gone) - 1} more" if len(gone) > 1 else ""
            told.append(f"evidence of {one.id} does not stand any more, as `verify` will say: {gone[0]}{others}")
    if not cited:
        told.append("the draft cites no number")
    match out.suffix.lower():
        case ".html":
            from forecast.report.citations.html import read as read_page
            from forecast.report.draft_page import draft_page

            page = draft_page(draft, cited, _references(entries, listing), listing)
            # a page is not made of the Markdown above: there stars beside a number may set it in bold
            _check_believed(draft, read_page(page), cited)
            made = page.encode()
        case ".md":
            made = (draft.head.text + text).encode()
            if draft.pictures and out.absolute().parent != path.absolute().parent:
                told.append(f"the paths of its pictures begin from {path.absolute().parent}")
        case suffix:
            made, more = _printed(draft, cited, entries, listing, suffix)
            told += more
    return Rendered(made, tuple(cited), tuple(told))


def _check_believed(draft: Draft, reading: Reading, cited: Sequence[Cited]) -> None:
    """Refuse what verification would not believe of the document, while it can be mended."""
    if cited and (findings := list(_unbelieved(draft, reading))):
        raise InputError(findings)


def _unbelieved(draft: Draft, reading: Reading) -> Iterator[Finding]:
    path = str(draft.path)
    if reading.listing is None:
        message = "a block at the end, such as a fence of code, has no end: the list of numbers would stand in it."
        yield Finding("error", message, path, accepted="a line that ends it")
    for doubt in reading.doubts:
        yield Finding("error", f"{doubt}.", path, accepted="text without tags")
    for n in sorted(set(range(1, len(draft.tokens) + 1)) - {found.n for found in reading.marks}):
        message = "nothing of the number is left where it stands."
        yield _placed(Finding("error", message, accepted="no backslash before it"), draft, *draft.tokens[n - 1])
    for found in reading.marks:
        content, line = draft.tokens[found.n - 1]
        if touches(found.before, found.after):
            message = f"what touches the number changes it: '{found.before}{found.text}{found.after}'."
            accepted = "a space or a bracket between; percent signs do not fit probabilities"
            yield _placed(Finding("error", message, accepted=accepted), draft, content, line)
        for doubt in found.doubts:
            accepted = "a number in plain text"
            yield _placed(Finding("error", f"the number {doubt}.", accepted=accepted), draft, content, line)


def _placed(finding: Finding, draft: Draft, content: str, line: int) -> Finding:
    return Finding(
        "error", finding.message, str(draft.path), line, found=f"{{fc:{content}}}", accepted=finding.accepted
    )


def _citation(content: str, ledger: Ledger, default_model: DefaultModel, entry: Callable[[str], Entry]) -> Citation:
    """What a token cites."""
    ref, *rest = content.split() or [""]
    if ref.startswith("wk-"):
        return _of_workings(" ".join([ref, *rest]), entry)
    form = "-".join(rest) or "number"
    if form not in ANSWER_FORMS:
        near = get_close_matches(form, ANSWER_FORMS, n=1)
        meant = f"; did you mean '{near[0].replace('-', ' ')}'?" if near else "."
        accepted = ", ".join(form.replace("-", " ") for form in ANSWER_FORMS)
        raise InputError(Finding("error", f"'{' '.join(rest)}' is no form{meant}", accepted=accepted))
    if not ref:
        raise InputError(Finding("error", "the token names nothing.", accepted=ACCEPTED))
    found = named(ledger, ref, default_model)
    _check_stands(found.entry)
    assert found.answer is not None  # without `whole` there is one
    return Citation(found.entry.id, f"{found.answer.question}:{found.answer.outcome}", form, found.latest)


def _of_workings(content: str, entry: Callable[[str], Entry]) -> Citation:
    try:
        citation = parse_citation(content)
    except ValueError:
        accepted = "{fc:WORKINGS#/POINTER FORM}, as in {fc:wk-3f9cq2aa7b#/rows/3/log_odds +.2f}"
        raise InputError(Finding("error", f"'{content}' names no number.", accepted=accepted)) from None
    record = entry(citation.record)
    _check_stands(_forecast_of(record, entry))
    # the beginning of an id is enough for a person, and for no verification
    return replace(citation, record=record.id)


def _forecast_of(record: Entry, entry: Callable[[str], Entry]) -> Entry:
    return entry(str(record.content["of"])) if record.type == "workings" else record


def _check_stands(forecast: Entry) -> None:
    if forecast.retracted is not None:
        message = f"{forecast.id} was retracted: {forecast.retracted.reason}"
        raise InputError(Finding("error", message, accepted="a forecast that stands"))


def _entries(cited: Sequence[Cited], entry: Callable[[str], Entry]) -> list[Entry]:
    """The forecasts behind the citations, each once, in the order of reading."""
    found: dict[str, Entry] = {}
    for one in cited:
        forecast = _forecast_of(entry(one.citation.record), entry)
        found.setdefault(forecast.id, forecast)
    return list(found.values())


def _references(entries: Sequence[Entry], listing: Listing) -> list[str]:
    return [cite.text(Named(entry, None, latest=False), Head(listing.log, listing.head)) for entry in entries]


def _markdown(body: str, cited: Sequence[Cited], entries: Sequence[Entry], listing: Listing) -> str:
    """The body with marks, the bibliography and the list of numbers."""
    text = Draft.filled(body, lambda n: mark(cited[n - 1], n)).rstrip() + "\n"
    if cited:
        bullets = "\n".join(f"- {escaped(line)}" for line in _references(entries, listing))
        text += f"\n## {BIBLIOGRAPHY}\n\n{bullets}\n\n{listed(listing)}"
    return text


# Word files and PDF


def _printed(
    draft: Draft, cited: Sequence[Cited], entries: Sequence[Entry], listing: Listing, suffix: str
) -> tuple[bytes, list[str]]:
    from forecast.report.citations import docx, pdf
    from forecast.report.printed import Sheet, to_docx, to_pdf

    title, body = titled(draft)
    about = " · ".join([*draft.head.authors, *([draft.head.date] if draft.head.date else [])])
    head = f"# {escaped(title)}\n\n" + (f"*{escaped(about)}*\n\n" if about else "")
    text = head + _markdown(body, cited, entries, listing)
    stamps = sorted((entry.forecast.made_at for entry in entries), key=made_at_instant)
    sheet = Sheet(made_at=stamps[-1] if stamps else None)
    with tempfile.TemporaryDirectory() as name:
        for picture in draft.pictures:
            place = Path(name) / picture
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes((draft.path.absolute().parent / picture).read_bytes())
        if suffix == ".docx":
            made = to_docx(text, Path(name), sheet)
            return (docx.embedded(made, listing) if cited else made), []
        prepare = (lambda source: pdf.prepared(source, listing)) if cited else (lambda source: source)
        content, told = to_pdf(text, Path(name), sheet, prepare=prepare)
        return content, list(told)
