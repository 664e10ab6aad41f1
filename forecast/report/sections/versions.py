"""What other model versions say, and how past forecasts fared."""

from collections.abc import Mapping
from typing import Any

from forecast.ledger.latest import WITHIN_DAYS
from forecast.report.blocks import Block, Code, Column, Figure, Paragraph, Section, Table, Text
from forecast.report.charts import calibration
from forecast.report.citing import Working
from forecast.report.pictures import sized
from forecast.report.sources import Sources

__all__ = ["track_record", "versions"]

#: What the sections of scores are called.
NAMES = {
    "events": "events that happen or not",
    "categories": "categories",
    "stays": "whether a regime lasts (judged by people)",
    "state": "which regime holds (judged by people)",
}


def versions(s: Sources) -> Section:
    """The same questions by other versions, as recorded."""
    title = "Model versions compared"
    others = list(s.others)
    command = Code(f"forecast compare {s.forecast.scenario} {s.forecast.model} OTHER")
    if not others:
        said = f"No forecast of another model version is on record as of this day or up to {WITHIN_DAYS} days before. "
        mend = Code(f"forecast update {s.forecast.scenario} --as-of {s.forecast.as_of} --model VERSION")
        return Section("versions", title, (Paragraph((said, mend, " records one; ", command, " compares."), "note"),))
    columns = (
        Column("question", share=2.4),
        Column("outcome", share=1.8),
        *(
            Column(
                f"{entry.forecast.model} ({entry.forecast.family}, as of {entry.forecast.as_of})",
                numbers=True,
                share=1.6,
            )
            for entry in (s.entry, *others)
        ),
    )
    rows: list[tuple[Text, ...]] = []
    for question in s.open:
        for answer in s.answers(question):
            cells = [s.cite.answer(entry.id, question, answer.outcome, "number") for entry in (s.entry, *others)]
            rows.append(((Code(question),), (answer.outcome,), *((cell,) for cell in cells)))
    table = Table(
        "versions-table",
        f"Answers of other versions, as of the same day or up to {WITHIN_DAYS} days before",
        columns,
        tuple(rows),
    )
    note = Paragraph((command, " says where their settings differ and which foresaw better what was seen."), "note")
    return Section("versions", title, (table, note))


def track_record(s: Sources) -> Section | None:
    """Scores of what is resolved, with calibration; live forecasts and replays apart."""
    title = "Track record"
    scored = s.works["score"].at("tables") if "score" in s.works else ()
    tables = [(at, row) for at, row in enumerate(scored) if row["model"] == s.forecast.model]
    if not tables:
        why = s.missing.get("score") or (
            f"nothing that model {s.forecast.model} forecast was over and resolved by {s.forecast.as_of}, or the files "
            "of the scenario cannot be read."
        )
        return Section("track-record", title, (Paragraph(("There is no score: ", why), "note"),))
    work = s.works["score"]
    rows: list[tuple[Text, ...]] = [
        (
            (f"{row['kind']}: {NAMES.get(row['section'], row['section'])}",),
            (s.cite.number(work, "tables", at, "n", form=".0f"),),
            (s.cite.number(work, "tables", at, "brier", form=".3f"),),
            (s.cite.number(work, "tables", at, "log_score", form=".3f"),),
            (s.cite.number(work, "tables", at, "skill", form="+.2f"),),
        )
        for at, row in tables
    ]
    blocks: list[Block] = [
        Paragraph(
            (
                "Brier and log score: lower is better. Skill is what it gains on the version without evidence, "
                "where both "
                "were recorded. Replays are never pooled with live forecasts, and their scores flatter: "
                "codebook and ranges "
                "are of today.",
            )
        ),
        Table(
            "scores",
            f"Scores of model {s.forecast.model} as of {work.at('as_of')}",
            (
                Column("what", share=3),
                Column("n", numbers=True),
                Column("Brier", numbers=True),
                Column("log score", numbers=True),
                Column("skill", numbers=True),
            ),
            tuple(rows),
        ),
    ]
    drawn = next(((at, row) for at, row in tables if row["calibration"] and row["headline"]), None)
    if drawn is not None:
        blocks.append(_calibration(s, work, *drawn))
    return Section("track-record", title, tuple(blocks))


def _calibration(s: Sources, work: Working, place: int, table: Mapping[str, Any]) -> Figure:
    rows: list[tuple[Text, ...]] = [
        tuple(
            (s.cite.number(work, "tables", place, "calibration", at, key, form=form),)
            for key, form in (("p", "probability"), ("observed", "probability"), ("n", ".0f"))
        )
        for at in range(len(table["calibration"]))
    ]
    return Figure(
        "calibration",
        sized(calibration({"tables": [table]}), 300),
        f"How often what was forecast came about ({table['kind']}, "
        f"{NAMES.get(table['section'], table['section'])}). On the "
        "diagonal forecasts are calibrated; nine of ten calibrated forecasters stay in the band.",
        f"Reliability diagram of forecasts in {len(rows)} group{'s' if len(rows) != 1 else ''}; the numbers stand in "
        "the table of its data.",
        Table(
            "calibration-data",
            "Forecast and observed frequency, by group",
            (Column("forecast", numbers=True), Column("observed", numbers=True), Column("n", numbers=True)),
            tuple(rows),
        ),
    )
