"""Why the number is what it is: the evidence as a waterfall, and the answer without each origin."""

from collections.abc import Mapping, Sequence
from typing import Any

from forecast.report.blocks import Block, Bullets, Code, Column, Figure, Paragraph, Section, Table, Text
from forecast.report.charts import waterfall
from forecast.report.pictures import left_out, sized
from forecast.report.sections.bottom_line import PASSING, judged, reasons
from forecast.report.sources import Sources

__all__ = ["condensed", "leave_one_origin_out", "why"]

#: Rows of a waterfall drawn one by one, and reasons in words.
DRAWN, SAID = 14, 5


def why(s: Sources) -> Section | None:
    """The waterfall of the evidence, from no evidence to the answer."""
    title = "Why: the waterfall of the evidence"
    if "explain" not in s.works:
        if "explain" not in s.missing:
            return None
        return Section("why", title, (Paragraph(("This could not be computed: ", s.missing["explain"]), "note"),))
    work = s.works["explain"]
    rows = work.at("rows")
    if not rows:
        return Section("why", title, (Paragraph((work.at("reason") or "There is nothing to explain.",)),))
    start = s.cite.number(work, "from", "p", form="probability")
    blocks: list[Block] = [
        Paragraph(
            (
                "Without any evidence the model gives ",
                s.outcome if s.outcome not in ("yes", "no") else "it",
                " a probability of ",
                start,
                "; with all of it, ",
                s.cite.answer(s.id, s.question, s.outcome, "number"),
                ". Weightiest on the way:",
            )
        ),
        Bullets(tuple(reasons(s, "explain", SAID)), ordered=True),
        _figure(s, rows),
        Paragraph(
            (
                "Each row is the change of log-odds when it comes after those above it. In another order the "
                "rows differ; "
                "their sum does not. ",
                Code(f"forecast explain {s.ref}"),
                " says more.",
            ),
            "note",
        ),
    ]
    return Section("why", title, tuple(blocks))


def condensed(document: Mapping[str, Any], drawn: int = DRAWN) -> dict[str, Any]:
    """An explanation with its largest rows in their order, the others together as one row at the end."""
    rows = [{**row, "label": PASSING.get(row["kind"], "") + row["label"]} for row in document["rows"]]
    if len(rows) <= drawn + 1:
        return {**document, "rows": rows}
    by_size = sorted(range(len(rows)), key=lambda at: -abs(rows[at]["log_odds"]))
    kept = set(by_size[:drawn])
    rest = [row for at, row in enumerate(rows) if at not in kept]
    together = {
        "kind": "rest",
        "label": f"{len(rest)} smaller rows",
        "log_odds": sum(row["log_odds"] for row in rest),
        "mcse": None,
        "p_after": document["to"]["p"],
    }
    return {**document, "rows": [*(row for at, row in enumerate(rows) if at in kept), together]}


def _figure(s: Sources, rows: Sequence[Mapping[str, Any]]) -> Figure:
    work = s.works["explain"]
    listed: list[tuple[Text, ...]] = [
        (
            (PASSING.get(row["kind"], "") + row["label"],),
            (s.cite.number(work, "rows", at, "log_odds", form="+.2f"),),
            (s.cite.number(work, "rows", at, "mcse", form=".3f"),),
            (s.cite.number(work, "rows", at, "p_after", form="probability"),),
        )
        for at, row in enumerate(rows)
    ]
    return Figure(
        "waterfall",
        sized(waterfall(condensed(work.document))),
        f"From no evidence to the answer for {s.question}: {s.outcome}. Bars to the right speak for it, to the "
        "left against.",
        f"Waterfall of {len(rows)} rows of evidence in log-odds, from no evidence to the recorded answer; the "
        "numbers stand "
        "in the table of its data.",
        Table(
            "waterfall-data",
            f"Rows of the waterfall of {s.question}: {s.outcome}, in their order",
            (
                Column("what", share=4),
                Column("log-odds", numbers=True),
                Column("+/-", numbers=True),
                Column("p after", numbers=True),
            ),
            tuple(listed),
        ),
    )


def leave_one_origin_out(s: Sources) -> Section | None:
    """The answer without each origin, by how far it moves."""
    found = judged(s)
    if found is None:
        return None
    place, row = found
    work = s.works["words"]
    tests = [(at, test) for at, test in enumerate(row["tests"]) if test["kind"] == "origin"]
    if not tests:
        return None
    tests.sort(key=lambda pair: -abs(pair[1]["p"] - row["p"]))
    drawn = [{"what": _name(test["what"]), "p": test["p"], "survives": test["survives"]} for _, test in tests[:DRAWN]]
    listed: list[tuple[Text, ...]] = [
        (
            (_name(test["what"]),),
            (s.cite.number(work, "answers", place, "tests", at, "p", form="probability"),),
            (test["word"],),
            ("same" if test["survives"] else "changes",),
        )
        for at, test in tests
    ]
    figure = Figure(
        "origins-figure",
        left_out(drawn, row["p"]),
        f"Probability of {s.outcome} without each origin, in all its events; the origins that move it most.",
        f"One point for each of {len(drawn)} origins, with a line to the answer with everything; the numbers "
        "stand in the "
        "table of its data.",
        Table(
            "origins-data",
            f"{s.question}: {s.outcome} without each origin",
            (Column("without", share=2), Column("p", numbers=True), Column("word", share=2), Column("the word")),
            tuple(listed),
        ),
    )
    text = (
        "An origin is where a report ultimately comes from; copies of one agency are one origin. If the answer "
        "depends on one of them, it is as reliable as that origin."
    )
    return Section("origins", "Leave one origin out", (Paragraph((text,)), figure))


def _name(what: str) -> str:
    return what.removeprefix("without origin ")
