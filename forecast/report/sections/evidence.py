"""The evidence: every report with its event, days, origin and grade, and what was not counted and why."""

from collections.abc import Mapping
from typing import Any

from forecast.report.blocks import Code, Column, Inline, Link, Paragraph, Section, Table, Text
from forecast.report.sources import Sources
from forecast.scenario.schema import Family

__all__ = ["evidence"]


def evidence(s: Sources) -> Section:
    """Tables of reports that counted and of those that did not; or of the recorded events, where the files changed."""
    if s.show is None:
        return Section("evidence", "Evidence", (*_note(s), _recorded(s)))
    counted = [row for row in s.show["evidence"] if row["counted"]]
    others = [row for row in s.show["evidence"] if not row["counted"]]
    tables = []
    if counted:
        uses = s.forecast.family != Family.BASE_RATE.value
        caption = "Reports that counted" if uses else "Reports that count for versions that use evidence"
        rows = tuple(_counted(s, row) for row in counted)
        tables.append(Table("counted", caption, _COUNTED, rows, _ids(counted)))
    if others:
        rows = tuple(_not_counted(s, row) for row in others)
        tables.append(Table("not-counted", "Reports that did not count, and why", _OTHERS, rows, _ids(others)))
    return Section("evidence", "Evidence", (Paragraph((_counts(s),)), *tables))


def _counts(s: Sources) -> str:
    counts = s.forecast.evidence_counts
    counted = f"{_n(counts, 'event')} and conditions counted, from {_n(counts, 'origin')}"
    if s.forecast.family == Family.BASE_RATE.value:
        counted = "This version uses no evidence"
    return (
        f"{counted}; {_n(counts, 'report')} on file. Reports of one event count once. A grade has a letter for the "
        "source (A to F) and a digit for the information (1 to 6)."
    )


def _n(counts: Mapping[str, Any], what: str) -> str:
    n = counts.get(f"{what}s", 0)
    return f"{n} {what}" if n == 1 else f"{n} {what}s"


def _ids(rows: list[Mapping[str, Any]]) -> tuple[str, ...]:
    return tuple(f"report-{row['report']}" for row in rows)


_COUNTED = (
    Column("report", share=1),
    Column("what", share=2.4),
    Column("when; known", share=1.5),
    Column("origin; source", share=1.9),
    Column("grade", share=0.9),
    Column("claim", share=3.8),
)
_OTHERS = (
    Column("report", share=1),
    Column("claim", share=4),
    Column("source", share=1.7),
    Column("why not counted", share=2.6),
)


def _counted(s: Sources, row: Mapping[str, Any]) -> tuple[Text, ...]:
    event: list[Inline] = [row["indicator"] or ""]
    if row["event"] != row["report"]:
        event += [": ", Code(row["event"])]
    if row["denies"]:
        event.append(" (denies it)")
    days = f"{(row['when'] or 'no day').replace('/', ' to ')}; {row['known']}"
    origin: list[Inline] = [f"{row['origin']}; " if row["origin"] != row["source"] else "", _source(s, row["source"])]
    return ((Code(row["report"]),), tuple(event), (days,), tuple(origin), (_grade(row["grade"]),), (row["claim"],))


def _grade(grade: Any) -> str:
    return " to ".join(f"{end:g}" for end in grade) if isinstance(grade, list) else str(grade or "")


def _not_counted(s: Sources, row: Mapping[str, Any]) -> tuple[Text, ...]:
    return ((Code(row["report"]),), (row["claim"],), (_source(s, row["source"]),), (row["why"] or "",))


def _source(s: Sources, name: str) -> Inline:
    source = s.scenario.sources.get(name) if s.scenario is not None else None
    return Link(name, source.url) if source is not None and source.url else name


def _note(s: Sources) -> tuple[Paragraph, ...]:
    why = "cannot be read" if s.scenario is None else "no longer give the evidence of this forecast"
    said = (
        f"The files of the scenario {why}. These are the events as they were recorded; reports that did not "
        "count, claims "
    )
    return (
        Paragraph(
            (said, "and links are not on record. ", Code(f"forecast ledger show {s.id}"), " has all that is."), "note"
        ),
    )


def _recorded(s: Sources) -> Table:
    columns = (
        Column("event", share=2),
        Column("indicator", share=2),
        Column("between", share=2),
        Column("known"),
        Column("origins and grades", share=3),
    )
    rows: list[tuple[Text, ...]] = []
    for event in s.evidence.events:
        voices = "; ".join(
            f"{voice.origin} {_grade(list(voice.p_true) if voice.p_true else voice.grade)}"
            + (" (denies it)" if voice.denies else "")
            for voice in event.origins
        )
        rows.append(
            (
                (Code(event.id),),
                (event.indicator,),
                (f"{event.first} and {event.last}",),
                (str(event.known),),
                (voices,),
            )
        )
    return Table("counted", "Events and conditions that counted", columns, tuple(rows))
