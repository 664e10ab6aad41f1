"""A number cited from the ledger: which record, which value of it, and how it is written.

A citation is a line of text that a document carries beside the digits it shows. Whoever has the ledger finds the value
by it and writes it again; digits that come out otherwise were changed. The value is either an answer of a forecast, or
any number of the workings that were recorded for one (what `explain`, `watch`, `compare`, `score` gave).

    fc-7k2mqx4adn/regime-2025:durable number          the probability of an outcome
    fc-7k2mqx4adn/regime-2025:durable words latest    its word; cited as the latest, so that it can go stale
    wk-3f9cq2aa7b#/rows/3/log_odds +.2f               a number of workings, by JSON pointer (RFC 6901)
"""

import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import hypot
from typing import Any

from forecast.digits import interval, probability, signed
from forecast.ledger.records import Answer, Entry
from forecast.words import DEFAULT, SCALES, words

__all__ = ["ANSWER_FORMS", "NUMBER_FORMS", "Citation", "NotThereError", "parse_citation", "shown"]

#: How an answer of a forecast can be written; words of another scale than ICD 203 name it, as in `words-phia`.
ANSWER_FORMS = (
    *("number", "words", "both", "interval", "change", "resolved"),
    *(f"{form}-{scale}" for scale in SCALES if scale != DEFAULT for form in ("words", "both")),
)

#: How a number of workings can be written; `probability` has the decimals that the `mcse` beside a `p` supports.
NUMBER_FORMS = ("probability", ".0f", ".1f", ".2f", ".3f", "+.1f", "+.2f", "+.3f")

_ID = r"[A-Za-z0-9][\w.-]*"
_FORMS = "|".join(re.escape(form) for form in (*ANSWER_FORMS, *NUMBER_FORMS))
_CITATION = re.compile(
    rf"(?P<record>(?:fc|wk)-[a-z2-7]+)(?P<at>/{_ID}:{_ID}|#(?:/[^/\s]+)+) (?P<form>{_FORMS})(?P<latest> latest)?"
)

#: Places of a list as RFC 6901 has them: no signs, no spaces, no digits but these.
_PLACE = re.compile(r"0|[1-9][0-9]*")

#: Whole numbers of JSON have no end, and beyond this cannot be written as decimals.
_LARGEST = sys.float_info.max


class NotThereError(LookupError):
    """The record is there and holds no such value."""


@dataclass(frozen=True, slots=True)
class Citation:
    """One cited value.

    Parameters
    ----------
    record
        Id of a forecast (`fc-...`) or of workings (`wk-...`).
    at
        `QUESTION:OUTCOME` of a forecast, or a JSON pointer into the document of workings.
    form
        One of `ANSWER_FORMS` or `NUMBER_FORMS`.
    latest
        Whether it was cited as the latest answer; such a citation is stale once there is a newer one.
    """

    record: str
    at: str
    form: str
    latest: bool = False

    def __str__(self) -> str:
        separator = "#" if self.at.startswith("/") else "/"
        return f"{self.record}{separator}{self.at} {self.form}{' latest' if self.latest else ''}"


def parse_citation(text: str) -> Citation:
    """Read what `str` of a citation wrote.

    Raises
    ------
    ValueError
        If the text has another form.
    """
    match = _CITATION.fullmatch(text)
    if match is None:
        raise ValueError(f"'{text}' is no citation")
    return Citation(match["record"], match["at"][1:], match["form"], bool(match["latest"]))


def shown(citation: Citation, entry: Callable[[str], Entry]) -> str:
    """The text of a cited value, as every document shows it.

    Parameters
    ----------
    citation
        What is cited.
    entry
        Gives the record with an id; whatever it raises where there is none is passed on.

    Raises
    ------
    NotThereError
        If the record has no such answer or number, or nothing to show in this form (a closed question has no number).
    """
    record = entry(citation.record)
    if citation.at.startswith("/"):
        return _number(record.content, citation)
    forecast = record.forecast
    answer = next((row for row in forecast.answers if f"{row.question}:{row.outcome}" == citation.at), None)
    if answer is None:
        raise NotThereError(f"{citation.record} has no answer {citation.at}")
    earlier = None
    if citation.form == "change" and forecast.since is not None:
        before = entry(forecast.since).forecast.answers
        earlier = next((row for row in before if f"{row.question}:{row.outcome}" == citation.at), None)
    text = _answer(answer, earlier, citation.form)
    if not text:
        is_closed = ", which is closed" if answer.closed else ""
        raise NotThereError(f"{citation.record} has no {citation.form} of {citation.at}{is_closed}")
    return text


def _answer(answer: Answer, earlier: Answer | None, form: str) -> str:
    if form == "resolved":
        return answer.resolved or ""
    if answer.p is None or answer.mcse is None or answer.low is None or answer.high is None:
        return ""
    form, _, scale = form.partition("-")
    term = words(answer.p, SCALES[scale or DEFAULT])
    match form:
        case "number":
            return probability(answer.p, answer.mcse)
        case "words":
            return term
        case "both":
            return f"{term} ({probability(answer.p, answer.mcse)})"
        case "interval":
            return interval(answer.low, answer.high)
        case "change" if earlier is not None and earlier.p is not None and earlier.mcse is not None:
            return signed(answer.p - earlier.p, hypot(answer.mcse, earlier.mcse))
    return ""


def _number(content: Mapping[str, Any], citation: Citation) -> str:
    value: Any = content.get("document")
    beside: Any = None
    for part in citation.at[1:].split("/"):
        key = part.replace("~1", "/").replace("~0", "~")
        beside = value
        try:
            value = value[int(key) if isinstance(value, list) and _PLACE.fullmatch(key) else key]
        except (KeyError, IndexError, ValueError, TypeError):
            raise NotThereError(f"{citation.record} has nothing at {citation.at}") from None
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= _LARGEST:
        raise NotThereError(f"{citation.record} has no number at {citation.at}")
    if citation.form == "probability":
        if not 0.0 <= value <= 1.0:
            raise NotThereError(f"{citation.record} has no probability at {citation.at}")
        # beside other probabilities `mcse` is the error of something else, such as a change of log-odds
        error = beside.get("mcse") if isinstance(beside, dict) and key == "p" else None
        return probability(value, error if isinstance(error, int | float) else 1.0)
    text = format(value, citation.form)
    return text if float(text) else text.lstrip("+-")  # no sign of what rounds to nothing
