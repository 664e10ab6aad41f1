"""A report: its sections in order, from everything that was gathered; the full one, or one page."""

from collections.abc import Sequence
from dataclasses import replace

from forecast.report.blocks import (
    Block,
    Bullets,
    Cited,
    Document,
    Figure,
    Fold,
    Paragraph,
    Section,
    Table,
    Text,
)
from forecast.report.pictures import answers
from forecast.report.plain import cut
from forecast.report.sections.bottom_line import bottom_line, reasons
from forecast.report.sections.evidence import evidence
from forecast.report.sections.history import forecasts_over_time, regimes_over_time
from forecast.report.sections.method import identity, method, verify
from forecast.report.sections.versions import track_record, versions
from forecast.report.sections.watching import watching
from forecast.report.sections.why import leave_one_origin_out, why
from forecast.report.sources import Sources

__all__ = ["brief", "full"]

#: Reasons on one page, and most rows of its chart.
REASONS, ROWS = 5, 8

ORDER = (
    bottom_line,
    forecasts_over_time,
    regimes_over_time,
    why,
    leave_one_origin_out,
    watching,
    versions,
    track_record,
    evidence,
    method,
    identity,
)


def full(s: Sources) -> Document:
    """All sections that have something to say."""
    sections = [section for make in ORDER if (section := make(s)) is not None]
    first, *rest = sections
    picture = _answers(s, s.open)
    if picture is not None:
        first = Section(first.id, first.title, (*first.blocks, picture), first.sections)
    return _document(s, (first, *rest))


def brief(s: Sources) -> Document:
    """One page: the bottom line, one chart, the weightiest reasons and how to verify it."""
    line = bottom_line(s, short=True)
    # a page has room for some rows; the question looked at is always among them
    n_rows = sum(len(s.answers(question)) for question in s.open)
    figure = _answers(s, s.open if n_rows <= ROWS else [name for name in s.open if name == s.question])
    sections = [line]
    blocks: list[Block] = []
    if figure is not None:
        blocks.append(Figure(figure.id, figure.specification, figure.caption, figure.alt))
    why_so = reasons(s, "explain", REASONS, short=True)
    if why_so:
        blocks.append(Bullets(tuple(why_so), ordered=True))
    if blocks:
        sections.append(Section("why", "Why", tuple(blocks)))
    sections.append(Section("identity", "How to verify", verify(s)))
    return _document(s, tuple(sections))


def _answers(s: Sources, questions: Sequence[str]) -> Figure | None:
    rows = [
        {"label": f"{question}: {row.outcome}", "p": row.p, "low": row.low, "high": row.high}
        for question in questions
        for row in s.answers(question)
    ]
    if not rows:
        return None
    what = "All open answers" if len(questions) == len(s.open) else f"The answers to {s.question}"
    return Figure(
        "answers-figure",
        answers(rows, s.scale.bands),
        f"{what} over the bands of the words, with 90% ranges if rates were known.",
        f"A point and a range for each of {len(rows)} answers; the numbers stand in the table of answers.",
    )


def _document(s: Sources, sections: tuple[Section, ...]) -> Document:
    f = s.forecast
    about = {
        "scenario": f.scenario,
        "forecast": s.id,
        "as of": f.as_of,
        "made at": f.made_at,
        "model": f"{f.model} ({f.family})",
        "log": s.head.log,
        "head": s.head.hash,
    }
    subtitle = f"Forecast {s.id} as of {f.as_of}, model {f.model} ({f.family}), {f.kind}"
    return Document(cut(f.title), subtitle, tuple(_readable(section) for section in sections), about)


def _readable(section: Section) -> Section:
    """The section with no text longer than anybody reads; the record has all of it."""
    return replace(
        section,
        blocks=tuple(_readable_block(block) for block in section.blocks),
        sections=tuple(_readable(inner) for inner in section.sections),
    )


def _readable_block(block: Block) -> Block:
    match block:
        case Paragraph():
            return replace(block, text=_readable_text(block.text))
        case Bullets():
            return replace(block, items=tuple(_readable_text(item) for item in block.items))
        case Table():
            return replace(block, rows=tuple(tuple(_readable_text(cell) for cell in row) for row in block.rows))
        case Fold():
            return replace(block, blocks=tuple(_readable_block(inner) for inner in block.blocks))
        case Figure():
            return block


def _readable_text(text: Text) -> Text:
    return tuple(
        cut(part) if isinstance(part, str) else part if isinstance(part, Cited) else replace(part, text=cut(part.text))
        for part in text
    )
