"""The page of the track record: what was forecast against what happened, across scenarios; replays apart."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from forecast.digits import counted
from forecast.report.blocks import Block, Bullets, Column, Document, Figure, Paragraph, Section, Table, Text

__all__ = ["track_record"]

_KINDS = {"live": "Live forecasts", "replay": "Replays"}
_SECTIONS = {
    "events": "yes or no",
    "categories": "more than two outcomes",
    "stays": "stays, judged by people",
    "state": "regimes, judged by people",
}


def track_record(document: Mapping[str, Any]) -> Document:
    """What the page says of a document of `score`."""
    sections = tuple(
        Section(f"scores-{kind}", title, tuple(_kind(kind, tables)))
        for kind, title in _KINDS.items()
        if (tables := [table for table in document["tables"] if table["kind"] == kind])
    )
    if not sections:
        text = "No forecast can be scored yet: no question has been resolved that was open when it was forecast."
        sections = (Section("scores", "Scores", (Paragraph((text,)),)),)
    notes = tuple(_notes(document))
    n = len(document["scenarios"])
    if notes:
        sections = (*sections, Section("not-scored", "Not scored, and what to bear in mind", notes))
    return Document(
        "Track record",
        f"Every resolved question of {counted(n, 'scenario')}. Live forecasts and replays stand apart.",
        sections,
    )


def _kind(kind: str, tables: Sequence[Mapping[str, Any]]) -> Iterator[Block]:
    yield Paragraph(
        (
            "Brier score: 0 is right, 1 is wrong. Log score: mean of minus the natural logarithm of the probability of "
            "what happened; smaller is better. Skill: one minus the ratio to the base rate's Brier score. In "
            "parentheses: 90% intervals of the long-run mean, where there are questions enough.",
        )
    )
    yield Table(
        f"table-{kind}",
        f"Scores of {_KINDS[kind].lower()}",
        (
            Column("questions", share=2),
            Column("model"),
            Column("forecasts", numbers=True),
            Column("of questions", numbers=True),
            Column("Brier", numbers=True, share=2),
            Column("log", numbers=True, share=2),
            Column("skill", numbers=True, share=2),
        ),
        tuple(_row(table) for table in tables),
    )
    from forecast.report.charts import calibration

    drawn = [table for table in tables if table["calibration"] and table["headline"]]
    if drawn:
        yield Figure(
            f"calibration-{kind}",
            calibration({"tables": drawn}).to_dict(),
            "How often what was forecast came about. Points on the diagonal are calibrated; nine of ten calibrated "
            "forecasters would stay within the band.",
            f"Reliability diagram of {_KINDS[kind].lower()}: forecast probability against observed frequency.",
            _blocks(kind, drawn),
        )


def _row(table: Mapping[str, Any]) -> tuple[Text, ...]:
    return (
        (_SECTIONS.get(table["section"], table["section"]),),
        (str(table["model"]),),
        (str(table["n"]),),
        (str(table["n_questions"]),),
        (_interval(table, "brier"),),
        (_interval(table, "log_score"),),
        (_interval(table, "skill", sign="+"),),
    )


def _interval(table: Mapping[str, Any], name: str, sign: str = "") -> str:
    value, low, high = (table.get(f"{name}{end}") for end in ("", "_low", "_high"))
    if value is None:
        return "infinite" if name == "log_score" and table["n_impossible"] else ""
    text = format(value, f"{sign}.3f")
    return text if low is None or high is None else f"{text} ({low:{sign}.2f} to {high:{sign}.2f})"


def _blocks(kind: str, tables: Sequence[Mapping[str, Any]]) -> Table:
    heads = ("forecast", "observed", "lower end of the band", "upper end of the band", "forecasts")
    return Table(
        f"calibration-{kind}-data",
        "Calibration",
        (Column("questions"), Column("model"), *(Column(head, numbers=True) for head in heads)),
        tuple(
            (
                (_SECTIONS.get(table["section"], table["section"]),),
                (str(table["model"]),),
                *((f"{row[key]:.2f}",) for key in ("p", "observed", "low", "high")),
                (str(row["n"]),),
            )
            for table in tables
            for row in table["calibration"]
        ),
    )


def _notes(document: Mapping[str, Any]) -> Iterator[Block]:
    for warning in document["warnings"]:
        yield Paragraph((warning,), "note")
    if document["left_out"]:
        yield Bullets(tuple((f"{row['n']} answers: {row['why']}",) for row in document["left_out"]))
