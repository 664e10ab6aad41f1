"""What to watch: indicators by how much they tell, and how far the answer may move."""

from collections.abc import Mapping, Sequence
from typing import Any

from forecast.report.blocks import Block, Code, Column, Figure, Inline, Paragraph, Section, Table, Text
from forecast.report.pictures import watch as drawn
from forecast.report.sections.bottom_line import sentence, telling
from forecast.report.sources import Sources

__all__ = ["watching"]

#: Indicators that are drawn and listed.
LISTED = 10


def watching(s: Sources) -> Section | None:
    """The watch list for the question looked at."""
    title = "What to watch"
    if "watch" not in s.works:
        if "watch" not in s.missing:
            return None
        return Section(
            "watch", title, (Paragraph(("The watch list could not be computed: ", s.missing["watch"]), "note"),)
        )
    work = s.works["watch"]
    window = work.at("window")
    rows = telling(work.at("rows"))[:LISTED]
    blocks: list[Block] = [
        Paragraph(
            (
                f"What could be seen, or hold, between {window['from']} and {window['to']}, ordered by the information "
                "it is expected to give on ",
                Code(f"{s.question}:{s.outcome}"),
                ".",
            )
        )
    ]
    blocks += [Paragraph((sentence(remark),), "note") for remark in work.at("remarks")]
    if rows:
        blocks.append(
            Figure(
                "watch-figure",
                drawn(work.document, [row for _, row in rows]),
                f"Where the probability of {s.outcome} would go if an indicator were seen (or held), and if not.",
                f"Two points for each of {len(rows)} indicators, if seen and if not; the numbers stand in the "
                "watch list.",
            )
        )
        blocks.append(_table(s, rows))
    blocks += [_settling(s, at, row) for at, row in enumerate(work.at("rows")) if row["settles"]]
    moved = work.at("movement")
    if moved is not None:
        text: list[Inline] = [f"By {moved['to']} the answer is expected to lie between "]
        text += [s.cite.number(work, "movement", "low", form="probability"), " and "]
        text += [s.cite.number(work, "movement", "high", form="probability")]
        text.append(" in eight of ten futures drawn from the model.")
        blocks.append(Paragraph(tuple(text)))
    elif work.at("unmoved"):
        blocks.append(Paragraph(("How far it may move was not drawn: ", work.at("unmoved")), "note"))
    return Section("watch", title, tuple(blocks))


def _settling(s: Sources, place: int, row: Mapping[str, Any]) -> Paragraph:
    """What the indicator of the question itself would do, which tells no more than that it is asked about."""
    work = s.works["watch"]
    text: list[Inline] = ["The question is about ", Code(row["indicator"]), " itself, which is seen with probability "]
    text.append(s.cite.number(work, "rows", place, "p_seen", form="probability"))
    for key, said in (("p_if_seen", "; if seen, the answer is "), ("p_if_not", "; if not, ")):
        if row[key] is not None:
            text += [said, s.cite.number(work, "rows", place, key, form="probability")]
    return Paragraph((*text, "" if row["reliable"] else " (unreliable)", "."))


def _table(s: Sources, listed: Sequence[tuple[int, Mapping[str, Any]]]) -> Table:
    work = s.works["watch"]
    rows: list[tuple[Text, ...]] = [
        (
            (row["indicator"], "" if row["reliable"] else " (unreliable)"),
            (s.cite.number(work, "rows", at, "p_seen", form="probability"),),
            (s.cite.number(work, "rows", at, "p_if_seen", form="probability"),),
            (s.cite.number(work, "rows", at, "p_if_not", form="probability"),),
            (s.cite.number(work, "rows", at, "bits", form=".3f"),),
            ("yes" if row["watched"] else "no",),
        )
        for at, row in listed
    ]
    return Table(
        "watch-list",
        "Indicators by expected information; p seen: how probable it is that it is reported (or holds)",
        (
            Column("indicator", share=3.4),
            Column("p seen", numbers=True),
            Column("p if seen", numbers=True),
            Column("p if not", numbers=True),
            Column("bits", numbers=True),
            Column("watched"),
        ),
        tuple(rows),
    )
