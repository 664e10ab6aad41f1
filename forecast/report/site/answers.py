"""Answers of recorded forecasts as cited numbers: the latest ones, and all of them over time."""

from collections.abc import Callable, Iterable, Sequence

from forecast.ledger.records import Answer, Entry
from forecast.report.blocks import Bullets, Cited, Column, Fold, Inline, Link, Strong, Table, Text
from forecast.report.citation import Citation, NotThereError, shown
from forecast.report.plain import asked
from forecast.words import DEFAULT, Scale

__all__ = ["Lookup", "answer_tables", "cite", "closed", "history_table", "listed", "words_form"]

#: Gives the record with an id.
type Lookup = Callable[[str], Entry]

#: Head of the 90% range over draws of the rates; it is not a confidence interval for p.
INTERVAL = "if rates were known"


def cite(entry: Entry, answer: Answer, form: str, lookup: Lookup) -> tuple[Cited, ...]:
    """A cell with one number of an answer, empty where it has none."""
    citation = Citation(entry.id, f"{answer.question}:{answer.outcome}", form)
    try:
        return (Cited(shown(citation, lookup), citation),)
    except NotThereError:
        return ()


def listed(answers: Iterable[Answer]) -> list[Answer]:
    """The answers that are shown: of open questions, of those with two outcomes one."""
    return [row for row in answers if row.p is not None and row.is_shown]


def words_form(scale: Scale) -> str:
    """How a citation asks for the word of a scale."""
    return "words" if scale.id == DEFAULT else f"words-{scale.id}"


def answer_tables(entry: Entry, lookup: Lookup, scale: Scale) -> list[Table]:
    """The answers of one forecast: a table of what is yes or no, and one for every question about regimes."""
    shown_rows = listed(entry.forecast.answers)
    numbers = (
        Column("probability", numbers=True, share=1.1),
        Column(INTERVAL, numbers=True, share=1.3),
        Column(f"in words ({scale.name})", share=1.6),
        Column("change", numbers=True),
    )

    forms = ("number", "interval", words_form(scale), "change")

    def cells(answer: Answer) -> tuple[Text, ...]:
        return tuple(cite(entry, answer, form, lookup) for form in forms)

    tables = []
    binary = [row for row in shown_rows if row.kind != "state"]
    if binary:
        rows = tuple(((asked(row.ask),), *cells(row)) for row in binary)
        ids = tuple(f"answer-{row.question}" for row in binary)
        tables.append(Table("yes-or-no", "Yes or no", (Column("question", share=4), *numbers), rows, ids))
    for question in dict.fromkeys(row.question for row in shown_rows if row.kind == "state"):
        outcomes = [row for row in shown_rows if row.question == question]
        rows = tuple(((row.outcome,), *cells(row)) for row in outcomes)
        head = (Column("outcome", share=4), *numbers)
        tables.append(Table(f"answer-{question}", asked(outcomes[0].ask), head, rows))
    return tables


def closed(entry: Entry) -> Fold | None:
    """Questions that were closed when the forecast was made, and how."""
    found = {row.question: row for row in entry.forecast.answers if row.closed}
    if not found:
        return None
    items = tuple((f"{asked(row.ask)} ", Strong(row.resolved or "Not resolved yet.")) for row in found.values())
    return Fold(f"{len(items)} {'question was' if len(items) == 1 else 'questions were'} closed", (Bullets(items),))


def history_table(entries: Sequence[Entry], lookup: Lookup, pages: Callable[[str], str | None]) -> Table:
    """A row for every forecast, the latest first, and a column for every outcome; replays say that they are.

    Parameters
    ----------
    entries
        In the order of the rows.
    lookup
        Gives the record with an id.
    pages
        Address of the page of a forecast, None if it has none.
    """
    answers = {entry.id: {(row.question, row.outcome): row for row in listed(_answers(entry))} for entry in entries}
    columns = list(dict.fromkeys(key for rows in answers.values() for key in rows))
    rows = []
    for entry in entries:
        address = pages(entry.id)
        name: Inline = Link(entry.id, address) if address else entry.id
        numbers = [
            cite(entry, answers[entry.id][key], "number", lookup) if key in answers[entry.id] else () for key in columns
        ]
        kind = str(entry.content["kind"]) + (", retracted" if entry.retracted else "")
        rows.append(((name,), (str(entry.content["as_of"]),), (kind,), (entry.model_label,), *numbers))
    heads = (
        Column("forecast"),
        Column("as of"),
        Column("kind"),
        Column("model"),
        *(Column(f"{question}: {outcome}", numbers=True) for question, outcome in columns),
    )
    return Table("history", "Every forecast on record", heads, tuple(rows))


def _answers(entry: Entry) -> tuple[Answer, ...]:
    return entry.forecast.answers
