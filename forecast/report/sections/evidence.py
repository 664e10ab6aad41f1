"""The evidence: every report with its event, days, origin and grade, and what was not counted and why."""

from collections.abc import Mapping
from typing import Any

from forecast.report.blocks import Code, Column, Inline, Link, Paragraph, Section, Table, Text
from forecast.report.sources import Sources

__all__ = ["evidence"]


def evidence(s: Sources) -> Section:
    """Tables of reports that counted and of those that did not; or of the recorded events, where the files changed."""
    if s.show is None:
        return Section("evidence", "Evidence", (*_note(s), _recorded(s)))
    counted = [row for row in s.show["evidence"] if row["counted"]]
    others = [row for row in s.show["evidence"] if not row["counted"]]
    counts = s.forecast.evidence_counts
    text = (
        f"{counts.get('events', 0)} events and conditions counted, from {counts.get('origins', 0)} origins; "
        f"{counts.get('reports', 0)} reports were on file. Reports of one event count once. A grade has a letter "
        "for the "
        "source (A to F) and a digit for the information (1 to 6)."
    )
    tables = [
        Table("counted", "Reports that counted", _COUNTED, tuple(_counted(s, row) for row in counted), _ids(counted))
    ]
    if others:
        rows = tuple(_not_counted(s, row) for row in others)
        tables.append(Table("not-counted", "Reports that did not count, and why", _OTHERS, rows, _ids(others)))
    return Section("evidence", "Evidence", (Paragraph((text,)), *tables))


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
