"""What is asked, the answer in words and numbers, how well founded it is, what changed and what would change it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from forecast.ledger.records import Forecast
from forecast.report.blocks import (
    Block,
    Bullets,
    Cited,
    Code,
    Column,
    Inline,
    Link,
    Paragraph,
    Section,
    Strong,
    Table,
    Text,
)
from forecast.report.plain import seen
from forecast.report.sources import Sources

__all__ = ["answers_table", "bottom_line", "judged", "moved_most", "reasons", "sentence", "telling", "warnings"]

#: Rows of `explain` named in a sentence, and indicators.
FEW = 3

#: Characters of a claim beside the id of its event.
LONGEST = 160

#: A smaller change of log-odds is printed as none: it speaks for nothing.
LEAST = 0.005

#: What stands for both ends of the noise test.
NOISE = "noise of the computation"

#: What is said of each kind of other reading, all of them together.
READINGS = {
    "origin": "each origin left out",
    "grades": "grades one step up or down",
    "tau": "tau",
    "told": "what is told",
    "noise": f"the {NOISE}",
}

#: How the record names what is no single event.
PASSING = {"as_of": "time that passed: ", "withdrawn": "no longer counted: "}


def bottom_line(s: Sources, *, short: bool = False) -> Section:
    """The first section; whoever reads no other has the answer. In short it leaves out other questions."""
    blocks: list[Block] = [*warnings(s), *_asked(s)]
    blocks += [*_words(s), *_confidence(s), *_changed(s, short=short), *_would_change(s, short=short)]
    if s.open and not short:
        blocks.append(answers_table(s))
    if s.closed and not short:
        blocks.append(_closed(s))
    return Section("bottom-line", "Bottom line", tuple(blocks))


def warnings(s: Sources) -> Iterator[Paragraph]:
    """What a reader must know before anything else."""
    if s.entry.foreign is not None:
        text = ", which was imported: it was made elsewhere, and nothing here shows by whom."
        yield Paragraph(
            (f"This forecast is of the foreign log {s.entry.foreign} (", Code(s.entry.log), f"){text}"), "warning"
        )
    if s.entry.retracted is not None:
        yield Paragraph(("This forecast was retracted. The reason given: ", s.entry.retracted.reason), "warning")
    if s.later is not None:
        told = f" as of {s.later.content['as_of']} came after this forecast; what it says stands in no section here."
        yield Paragraph((Code(s.later.id), told), "warning")
    if s.lost:
        told = f"Evidence that this forecast rests on does not stand any more: {'; '.join(s.lost[:FEW])}"
        more = f"; and {len(s.lost) - FEW} more" if len(s.lost) > FEW else ""
        yield Paragraph((f"{told}{more}. No number below takes this into account.",), "warning")
    if s.forecast.kind == "replay":
        yield Paragraph(
            (
                "This is a replay, made on ",
                s.forecast.made_at[:10],
                ": it uses evidence as known by ",
                s.forecast.as_of,
                ", but codebook, ranges and questions were written by people who may have known what came later.",
            ),
            "warning",
        )
    for warning in s.forecast.warnings:
        if not warning.startswith("replay:"):
            yield Paragraph((sentence(warning),), "warning")
    if s.unrecorded:
        yield Paragraph(
            (
                "The workings behind this report could not be recorded, so their numbers carry no citation and "
                "cannot be "
                "verified; the answers can. ",
                s.unrecorded,
            ),
            "warning",
        )


def _asked(s: Sources) -> Iterator[Block]:
    yield Paragraph((Strong("Asked: "), *coded(s.ask(s.question)), " (", Code(s.question), ")"))
    rows = s.answers(s.question)
    if not rows:
        how = next((row.resolved for row in s.closed if row.question == s.question), None)
        yield Paragraph(("This question is closed: ", Strong(how or "over, and not resolved yet"), "."), "answer")
        return
    rows = sorted(rows, key=lambda row: (row.outcome != s.outcome, -(row.p or 0.0)))
    text: list[Inline] = ["On the evidence known by ", s.forecast.as_of, ": "]
    for at, row in enumerate(rows):
        text += ["; " if at else "", Strong(row.outcome), ", "]
        text += [s.cite.answer(s.id, row.question, row.outcome, s.words_form), " ("]
        text += [s.cite.answer(s.id, row.question, row.outcome, "number"), ")"]
    yield Paragraph((*text, "."), "answer")


def coded(text: str) -> Iterator[Inline]:
    """A text of an analyst's in which names between backticks are set as code."""
    for at, part in enumerate(re.split(r"`([^`]+)`", text)):
        if part:
            yield Code(part) if at % 2 else part


def _outcome(name: str) -> str:
    return {"yes": "a yes", "no": "a no"}.get(name, name)


def judged(s: Sources) -> tuple[int, Mapping[str, Any]] | None:
    """The place and content of what is known of the word for the answer looked at."""
    if "words" not in s.works:
        return None
    rows = s.works["words"].at("answers")
    places = (at for at, row in enumerate(rows) if (row["question"], row["outcome"]) == (s.question, s.outcome))
    at = next(places, None)
    return None if at is None else (at, rows[at])


def _words(s: Sources) -> Iterator[Block]:
    at = judged(s)
    if at is None:
        return
    _, row = at
    changed = [test for test in row["tests"] if not test["survives"]]
    if changed:
        # those that move it most come first; the noise of the computation has two
        changed.sort(key=lambda test: -abs(test["p"] - row["p"]))
        found = dict.fromkeys(NOISE if test["kind"] == "noise" else test["what"] for test in changed)
        names = ", ".join(list(found)[:FEW])
        more = " and others" if len(found) > FEW else ""
        yield Paragraph(
            (
                "The word changes under some alternatives. It ranges over ",
                Strong(row["text"]),
                f". What changes it: {names}{more}.",
            )
        )
    else:
        kinds = {test["kind"] for test in row["tests"]}
        if kinds == {"noise"}:
            yield Paragraph((f"The word stays the same under the {NOISE}; this version has no evidence to vary.",))
            return
        *most, last = [said for kind, said in READINGS.items() if kind in kinds]
        looked_at = f"{', '.join(most)}, and {last}" if len(most) > 1 else " and ".join([*most, last])
        yield Paragraph((f"The word stays the same under all alternatives: {looked_at}.",))


def _confidence(s: Sources) -> Iterator[Block]:
    found = judged(s)
    if found is None:
        if "words" in s.missing:
            yield Paragraph(("How stable the word is could not be computed: ", s.missing["words"]), "note")
        return
    rating = found[1]["confidence"]
    deciding = [rule["reason"] for rule in rating["rules"] if rule["level"] == rating["rating"]]
    about = f" for {_outcome(s.outcome)}" if s.outcome else ""
    others = [
        f"for {row['outcome']} it is {row['confidence']['rating']}"
        for row in s.works["words"].at("answers")
        if row["question"] == s.question and row["confidence"]["rating"] != rating["rating"]
    ]
    head = Strong(f"Confidence in the evidence base{about}: {rating['rating']}. ")
    yield Paragraph((head, " ".join(filter(None, (sentence("; ".join(deciding)), sentence(", ".join(others)))))))


def sentence(text: str) -> str:
    """A remark as a sentence: with a capital and a full stop."""
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def moved_most(s: Sources, verb: str, n: int) -> list[tuple[int, Mapping[str, Any]]]:
    """The rows of an explanation that move the log-odds most, noise aside, largest first, with their places."""
    rows = list(enumerate(s.works[verb].at("rows"))) if verb in s.works else []
    real = [
        pair
        for pair in rows
        if pair[1]["kind"] != "sampling" and abs(pair[1]["log_odds"]) >= max(2 * pair[1]["mcse"], LEAST)
    ]
    return sorted(real, key=lambda pair: -abs(pair[1]["log_odds"]))[:n]


def _claims(s: Sources) -> dict[str, str]:
    """By event what the first report that counts says of it; none where the files no longer give the evidence."""
    if s.scenario is None or s.show is None:
        return {}
    as_of = date.fromisoformat(s.forecast.as_of)
    told = [row for row in s.scenario.reports if row.event and row.counts and not row.denies and row.known <= as_of]
    return {row.event: row.claim for row in sorted(told, key=lambda row: row.known, reverse=True) if row.event}


def reasons(s: Sources, verb: str, n: int, *, short: bool = False) -> list[Text]:
    """What moved the answer most, in words, with the change of log-odds; in short without what was claimed."""
    claims = {} if short else _claims(s)
    return [
        (
            PASSING.get(row["kind"], ""),
            Code(row["label"]),
            f" ({seen(claims[row['label']], LONGEST)})" if row["label"] in claims else "",
            " speaks for " if row["log_odds"] > 0 else " speaks against ",
            s.outcome if s.outcome not in ("yes", "no") else "it",
            " (",
            s.cite.number(s.works[verb], "rows", at, "log_odds", form="+.2f"),
            " in log-odds)",
        )
        for at, row in moved_most(s, verb, n)
    ]


def _changed(s: Sources, *, short: bool) -> Iterator[Block]:
    if s.before is None:
        yield Paragraph((Strong("What changed: "), *_first(s.forecast)))
        return
    earlier = s.before.forecast
    new = sorted({event.id for event in s.evidence.events} - _ids(s))
    text: list[Inline] = [Strong("What changed: "), "since ", Code(s.before.id), f" (as of {earlier.as_of}) "]
    change = s.cite.answer(s.id, s.question, s.outcome, "change") if s.outcome else ""
    if change:
        text += ["the probability of ", _outcome(s.outcome), " moved by ", change, "; "]
    said = f"{len(new)} events or conditions are" if len(new) > 1 else f"{'one' if new else 'no'} event or condition is"
    text.append(f"{said} new.")
    yield Paragraph(tuple(text))
    why = [] if short else reasons(s, "since", FEW)
    if why:
        yield Bullets(tuple(why))
    elif "since" in s.missing:
        yield Paragraph(("Why it moved could not be computed: ", s.missing["since"]), "note")


def _first(forecast: Forecast) -> Text:
    """Why a forecast stands beside no other."""
    if forecast.since is not None:
        return ("it was compared with ", Code(forecast.since), ", which no log of this ledger holds.")
    if forecast.kind == "live":
        return ("nothing to compare with, this is the first day with a live forecast of this version.",)
    return ("nothing to compare with, no forecast of this version as of an earlier day was on record.",)


def _ids(s: Sources) -> set[str]:
    return {event.id for event in s.evidence_before.events} if s.evidence_before else set()


def _would_change(s: Sources, *, short: bool) -> Iterator[Block]:
    if "watch" not in s.works:
        return
    work = s.works["watch"]
    window = work.at("window")
    items: list[Text] = [
        (
            Code(row["indicator"]),
            ": if seen, " if row["kind"] == "event" else ": if it holds, ",
            s.cite.number(work, "rows", at, "p_if_seen", form="probability"),
            ", if not, " if short else "; if not, ",
            s.cite.number(work, "rows", at, "p_if_not", form="probability"),
            "" if row["reliable"] else " (unreliable)",
        )
        for at, row in telling(work.at("rows"))[: FEW - 1 if short else FEW]
    ]
    if not items:
        return
    head = Strong("What would change it: ")
    when = f"the indicators and conditions that tell most between {window['from']} and {window['to']}"
    if short:  # on one line, and where no watch list follows
        line = [part for item in items for part in (*item, "; ")][:-1]
        yield Paragraph((head, f"{when} are ", *line, "."))
        return
    yield Paragraph((head, when, " (", Link("watch list", "#watch"), ")."))
    yield Bullets(tuple(items))


def telling(rows: Sequence[Mapping[str, Any]]) -> list[tuple[int, Mapping[str, Any]]]:
    """Rows of `watch` that can be seen and be missed, with their places; not what settles the question by itself."""
    return [
        (at, row)
        for at, row in enumerate(rows)
        if not row["settles"] and None not in (row["p_if_seen"], row["p_if_not"])
    ]


def answers_table(s: Sources) -> Table:
    """All open answers: number, range, word and change."""
    columns = (
        Column("question", share=3.2),
        Column("outcome", share=2.2),
        Column("p", numbers=True, share=1),
        Column("if rates were known", numbers=True, share=2),
        Column(f"words ({s.scale.name})", share=2.8),
        Column("change", numbers=True, share=1.2),
    )
    rows: list[tuple[Text, ...]] = []
    for question in s.open:
        for row in s.answers(question):
            cells = (
                s.cite.answer(s.id, question, row.outcome, form)
                for form in ("number", "interval", s.words_form, "change")
            )
            rows.append(
                ((Code(question),), (row.outcome,), *((cell,) if isinstance(cell, Cited) else ("",) for cell in cells))
            )
    return Table(
        "answers",
        "All open questions. The range is that of p over draws of the rates. It is not a confidence interval for p, "
        "which averages over it. Changes in parentheses may be noise of the computation.",
        columns,
        tuple(rows),
    )


def _closed(s: Sources) -> Paragraph:
    text: list[Inline] = [Strong("Closed: ")]
    for at, row in enumerate(s.closed):
        text += ["; " if at else "", Code(row.question), " "]
        resolved = s.cite.answer(s.id, row.question, row.outcome, "resolved")
        text.append(resolved or "not resolved yet")
    return Paragraph((*text, "."))
