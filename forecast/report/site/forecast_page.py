"""The page of one live forecast, at its permanent address: what it said, and whether it still stands."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from forecast.ledger.records import Entry
from forecast.report.blocks import Block, Bullets, Code, Column, Document, Link, Paragraph, Section, Strong, Table, Text
from forecast.report.plain import seen
from forecast.report.site.answers import Lookup, answer_tables, closed
from forecast.report.site.frame import forecast_address, scenario_address
from forecast.words import Scale

__all__ = ["forecast_document"]

#: What is told of how a forecast was computed, by key of its method.
_METHOD = {
    "name": "method",
    "sampler": "sampler",
    "chains": "chains",
    "draws": "draws of a chain",
    "rhat": "largest R-hat",
    "ess": "least effective sample size",
    "divergences": "divergences",
    "khat": "k-hat",
}


def forecast_document(
    entry: Entry, evidence: Mapping[str, Any], lookup: Lookup, later: Entry | None, scale: Scale
) -> Document:
    """What the page of a forecast says.

    Parameters
    ----------
    entry
        The forecast.
    evidence
        Its evidence set.
    lookup
        Gives the record with an id.
    later
        The next living live forecast of the same scenario and model, if there is one.
    scale
        Of the words beside probabilities.
    """
    forecast = entry.forecast
    sections = (
        Section(
            "answers", "What it says", (*_standing(entry, later), *answer_tables(entry, lookup, scale), *_closed(entry))
        ),
        Section("evidence", "What it rests on", tuple(_evidence(entry, evidence))),
        Section("method", "How it was made", tuple(_method(entry))),
        Section("checking", "How to check it", _checking(entry)),
    )
    made = forecast.made_at.replace("T", " ").removesuffix("+00:00")
    return Document(
        f"Retracted: {seen(forecast.title)}" if entry.retracted else seen(forecast.title),
        f"Forecast {entry.id} as of {forecast.as_of}, model {forecast.model} ({forecast.family}), made at {made} UTC",
        sections,
        {
            "forecast": entry.id,
            "scenario": forecast.scenario,
            "log and record": f"{entry.log}, {entry.seq}",
            "hash of the record": entry.hash,
            "model identity": forecast.model_identity,
            "evidence identity": forecast.evidence_identity,
        },
    )


def _standing(entry: Entry, later: Entry | None) -> Iterator[Paragraph]:
    if entry.foreign is not None:
        text: Text = (
            Strong("Imported. "),
            f"This forecast is of the foreign log {entry.foreign}; it was made elsewhere.",
        )
        yield Paragraph(text, "warning")
    if entry.retracted is not None:
        day = entry.retracted.made_at[:10]
        text = (
            Strong(f"Retracted on {day}. "),
            seen(entry.retracted.reason),
            " The numbers below no longer stand.",
        )
        yield Paragraph(text, "warning")
    if later is not None:
        link = Link(later.id, forecast_address(later.id))
        text = (Strong("Superseded. "), link, f" as of {later.content['as_of']} came after it with the same model.")
        yield Paragraph(text, "warning")
    name = str(entry.content["scenario"])
    yield Paragraph(
        (
            "If rates were known: 90% range over draws of the probability given the rates; no interval for the "
            "probability, which averages over it already. Changes in parentheses may be noise of the computation.",
        ),
        "note",
    )
    yield Paragraph(
        ("All forecasts of this case: ", Link(seen(str(entry.content["title"])), scenario_address(name)), ".")
    )


def _closed(entry: Entry) -> Sequence[Block]:
    found = closed(entry)
    return (found,) if found else ()


def _evidence(entry: Entry, evidence: Mapping[str, Any]) -> Iterator[Block]:
    counts = entry.forecast.evidence_counts
    told = ", ".join(
        f"{counts[key]} {key}" for key in ("reports", "counted", "events", "origins", "new") if key in counts
    )
    if told:
        yield Paragraph((f"Of the evidence as it was known on {entry.forecast.as_of}: {told}.",))
    rows: list[tuple[Text, ...]] = []
    for event in _mappings(evidence.get("events")):
        origins = [
            f"{origin.get('origin', '')} ({_grade(origin)}{', denies it' if origin.get('denies') else ''})"
            for origin in _mappings(event.get("origins"))
        ]
        when = " to ".join(dict.fromkeys(str(event[key]) for key in ("first", "last") if event.get(key)))
        rows.append(((str(event.get("id", "")),), (str(event.get("indicator", "")),), (when,), ("; ".join(origins),)))
    if rows:
        heads = (Column("event", share=2), Column("indicator", share=2), Column("happened", share=2))
        yield Table("events", "Events it counted", (*heads, Column("origins, with their grades", share=3)), tuple(rows))
    else:
        yield Paragraph(("It counted no event.",))


def _grade(origin: Mapping[str, Any]) -> str:
    truth = origin.get("p_true")
    if isinstance(truth, list):
        return "true with " + " to ".join(str(end) for end in truth)
    return str(origin.get("grade") or "not graded")


def _mappings(value: Any) -> list[Mapping[str, Any]]:
    return [row for row in value if isinstance(row, Mapping)] if isinstance(value, list) else []


def _method(entry: Entry) -> Iterator[Block]:
    forecast = entry.forecast
    told = [(label, forecast.method[key]) for key, label in _METHOD.items() if forecast.method.get(key) is not None]
    told.append(("seed", forecast.seed))
    told += [(f"{name}, version", version) for name, version in sorted(forecast.versions.items())]
    rows = tuple(((name,), (_text(value),)) for name, value in told)
    yield Table("settings", "Computation", (Column("setting"), Column("value", share=2)), rows)
    if forecast.warnings:
        yield Paragraph(("Said when it was made:",))
        yield Bullets(tuple((seen(warning),) for warning in forecast.warnings))


def _text(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _checking(entry: Entry) -> tuple[Block, ...]:
    return (
        Paragraph(
            (
                "This address is the forecast's for ever. Its id is a part of the hash of all that it says: whoever "
                "has the ledger, or an exported copy, finds it there unchanged, or sees that it was changed.",
            )
        ),
        Bullets(
            (
                (Code(f"forecast ledger show {entry.id}"), " prints the record."),
                (Code("forecast ledger verify"), " checks the chain that it stands in."),
                (Code(f"forecast explain {entry.id}/QUESTION"), " says why a number is what it is."),
            )
        ),
    )
