"""References to forecasts, for texts and for programs that keep bibliographies."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from forecast.digits import interval, probability
from forecast.ledger.records import Answer, Entry
from forecast.ledger.store import Head
from forecast.report.named import Named
from forecast.words import ICD203, words

__all__ = ["STYLES", "bibtex", "csl_json", "text"]

#: Digits of a head in a reference; ledger verify --head takes it so.
HEAD_DIGITS = 16


def text(named: Named, head: Head) -> str:
    """A reference in one paragraph: what was asked and answered, when, with which model, and where it is recorded."""
    forecast, entry = named.entry.forecast, named.entry
    parts = [_line(forecast.title)]
    if named.answer is not None:
        parts.append(f"{_line(named.answer.ask)} {_answered(named.answer)}")
    made = (
        f"As of {forecast.as_of}, made {forecast.made_at}, model {forecast.model} ({forecast.family}), {forecast.kind}"
    )
    return " ".join(_ended(part) for part in [*parts, made, *_identity(entry, head), *_disowned(entry)])


def _ended(part: str) -> str:
    return part if part.endswith((".", "?", "!")) else f"{part}."


def _answered(answer: Answer) -> str:
    if answer.p is None or answer.low is None or answer.high is None:
        return f"Closed: {f'resolved as {answer.resolved}' if answer.resolved else 'over, and not resolved by then'}"
    number = probability(answer.p, answer.mcse or 1.0)
    return (
        f"{answer.outcome}: {number} ({interval(answer.low, answer.high)} if rates were known; "
        f"{words(answer.p)}, {ICD203.name})"
    )


def _identity(entry: Entry, head: Head) -> list[str]:
    version = entry.forecast.versions.get("forecast", "of unknown version")
    where = f", head {head.hash[:HEAD_DIGITS]}" if head.log == entry.log else ""
    log = f"Log {entry.log}" if entry.foreign is None else f"Foreign log {entry.log} (imported as {entry.foreign})"
    return [f"Forecast {entry.id}, made with forecast {version}", f"{log}, record {entry.seq}{where}"]


def _disowned(entry: Entry) -> list[str]:
    if entry.retracted is None:
        return []
    return [f"RETRACTED on {entry.retracted.made_at[:10]}: {_line(entry.retracted.reason)}"]


def _title(named: Named) -> str:
    """Title of the scenario, with the question where one answer is meant; retracted ones say so first."""
    title = _line(named.entry.forecast.title)
    if named.answer is not None:
        title = f"{title}: {_line(named.answer.ask)} {_answered(named.answer)}"
    return f"RETRACTED: {title}" if named.entry.retracted else title


def _key(named: Named) -> str:
    answer = named.answer
    return named.entry.id if answer is None else f"{named.entry.id}/{answer.question}:{answer.outcome}"


def _note(named: Named, head: Head) -> str:
    forecast = named.entry.forecast
    parts = [
        f"As of {forecast.as_of}",
        f"made {forecast.made_at}",
        f"model {forecast.model} ({forecast.family})",
        forecast.kind,
        *_identity(named.entry, head),
        *_disowned(named.entry),
    ]
    return "; ".join(parts)


def bibtex(named: Named, head: Head) -> str:
    """A BibTeX entry; every character that TeX would take for a command is escaped."""
    forecast = named.entry.forecast
    fields = {
        "title": f"{{{_tex(_title(named))}}}",
        "date": forecast.made_at[:10],
        "year": forecast.made_at[:4],
        "howpublished": "Probabilistic forecast",
        "number": _tex(_key(named)),
        "note": _tex(_note(named, head)),
    }
    lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items())
    return f"@misc{{{re.sub(r'[^A-Za-z0-9:.-]', '-', _key(named))},\n{lines}}}\n"


_TEX = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    '"': r"\textquotedbl{}",
    # BibTeX counts braces, escaped ones too
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    **{sign: f"\\{sign}" for sign in "$&#%_"},
}


def _tex(value: str) -> str:
    return "".join(_TEX.get(char, char) for char in value)


def csl_json(named: Named, head: Head) -> str:
    """A CSL-JSON list of one item, for Zotero, pandoc and others."""
    forecast = named.entry.forecast
    year, month, day = (int(part) for part in forecast.made_at[:10].split("-"))
    item: Mapping[str, Any] = {
        "id": _key(named),
        "type": "dataset",
        "title": _title(named),
        "issued": {"date-parts": [[year, month, day]]},
        "genre": "Probabilistic forecast",
        "number": _key(named),
        "version": named.entry.id,
        "source": f"forecast {forecast.versions.get('forecast', '')}".strip(),
        "archive": f"log {named.entry.log}",
        "archive_location": f"record {named.entry.seq}",
        "note": _note(named, head),
    }
    return json.dumps([item], ensure_ascii=False, indent=2) + "\n"


def _line(value: str) -> str:
    """A text in one line without characters that steer what shows it."""
    return " ".join("".join(char if char.isprintable() else " " for char in value).split())


#: How a reference can be written.
STYLES: Mapping[str, Callable[[Named, Head], str]] = {
    "text": lambda named, head: text(named, head) + "\n",
    "bibtex": bibtex,
    "csl-json": csl_json,
}
