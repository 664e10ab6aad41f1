"""From the ledger and the resolutions of a scenario to rows that can be scored, and why the rest cannot."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from forecast.analysis.scoring.rows import Convention, Row
from forecast.analysis.scoring.score import score_rows
from forecast.errors import Finding, InputError
from forecast.ledger.records import Answer, Entry, Forecast, made_at_instant
from forecast.ledger.warning_codes import SEEN_CASE as SEEN_CASE_CODE
from forecast.ledger.warning_codes import has_code
from forecast.scenario.record import Scenario
from forecast.scenario.schema import Family, Resolution
from forecast.scenario.validation import nearest

__all__ = [
    "HINDSIGHT",
    "KNOWN_THEN",
    "NOT_AN_OUTCOME",
    "REPLACED",
    "SEEN_CASE",
    "Resolved",
    "asks_the_same",
    "refuse_unknown_model",
    "resolved_rows",
    "score_document",
]


#: What every score of a replay says.
HINDSIGHT = "replays used evidence as known then, but codebook, ranges and questions of today: their scores flatter"


#: Family of what an imported log forecast: it is scored, and nothing of ours is compared with it.
FOREIGN = "foreign"

RETRACTED = "the forecast was retracted"
REPLACED = "a later forecast of the same model and day stands in its place"
KNOWN_THEN = "the answer could be known then"
SEEN_CASE = "the model's rates were learned from this case"
NOT_AN_OUTCOME = "what happened was none of the outcomes then"


@dataclass(frozen=True, slots=True)
class Resolved:
    """`rows` to score; `left_out` says how many answers are not, by reason; `warnings` what a reader must know."""

    rows: tuple[Row, ...]
    left_out: Mapping[str, int]
    warnings: tuple[str, ...]


def resolved_rows(scenario: Scenario, entries: Iterable[Entry], as_of: date, model: str | None = None) -> Resolved:
    """Set recorded forecasts of a scenario beside what happened.

    An answer is scored if its question was open then, its last day has passed by `as_of`, its resolution was known by
    `as_of` but not when the forecast was made, and it still asks what it asked then. A question that was settled early
    waits for its last day: those that are settled early are settled one way, and would flatter or shame. A model counts
    once for a question and a day: the forecast made last.

    Parameters
    ----------
    scenario
        With its resolutions.
    entries
        Forecasts from the ledger; those of other scenarios and with other models are passed over.
    as_of
        The day as of which is scored.
    model
        Only this model version, and those of the base-rate family for its skill.
    """
    living: dict[tuple[str, ...], list[tuple[Entry, Forecast]]] = {}
    retracted: list[Forecast] = []
    identities: dict[str, set[str]] = {}
    for entry in _once(entries):
        forecast = entry.forecast
        if entry.foreign is not None:
            forecast = replace(forecast, model=entry.model_label, family=FOREIGN)
        is_reference = forecast.family == Family.BASE_RATE.value
        if forecast.scenario != scenario.id or (model not in (None, forecast.model) and not is_reference):
            continue
        if entry.retracted is not None:
            retracted.append(forecast)
            continue
        identities.setdefault(forecast.model, set()).add(forecast.model_identity)
        living.setdefault((forecast.kind, forecast.model, forecast.as_of), []).append((entry, forecast))
    replaced, latest = [], []
    for same_day in living.values():
        *earlier, last = (forecast for _, forecast in sorted(same_day, key=_made))
        replaced += earlier
        latest.append(last)
    rows: list[Row] = []
    left_out: Counter[str] = Counter()
    for why, forecasts in ((RETRACTED, retracted), (REPLACED, replaced)):
        left_out[why] = sum(len(_open(forecast)) for forecast in forecasts if model in (None, forecast.model))
    for forecast in latest:
        for question, answers in _open(forecast).items():
            why_not = _why_not(scenario, forecast, question, answers, as_of)
            if why_not is None:
                rows.append(_row(scenario, forecast, question, answers))
            elif model in (None, forecast.model):
                left_out[why_not] += 1
    warnings = tuple(
        f"{scenario.id}: '{name}' names {len(found)} different models: it was edited; their forecasts are scored as one"
        for name, found in sorted(identities.items())
        if len(found) > 1
    )
    rows.sort(key=lambda row: (row.kind, row.model, row.question, row.as_of or date.min))
    return Resolved(tuple(rows), {why: n for why, n in left_out.items() if n}, warnings)


def _once(entries: Iterable[Entry]) -> Iterable[Entry]:
    """Each record once, the one of the own log first: an imported log may hold it again."""
    found: dict[str, Entry] = {}
    for entry in sorted(entries, key=lambda entry: entry.foreign is not None):
        found.setdefault(entry.id, entry)
    return found.values()


def _made(pair: tuple[Entry, Forecast]) -> tuple[Any, ...]:
    return (made_at_instant(pair[1].made_at), pair[0].log, pair[0].seq)


def _open(forecast: Forecast) -> dict[str, list[Answer]]:
    """Answers by question, of questions that were open."""
    found: dict[str, list[Answer]] = {}
    for answer in forecast.answers:
        if answer.p is not None:
            found.setdefault(answer.question, []).append(answer)
    return found


def _why_not(scenario: Scenario, forecast: Forecast, question: str, answers: list[Answer], as_of: date) -> str | None:
    """Why the answer is not scored; None if it is."""
    if question not in scenario.questions:
        return "the scenario has no such question any more"
    if scenario.questions[question].ends >= as_of:
        return "the question is not over"
    resolution: Resolution | None = scenario.resolutions.get(question)
    if resolution is None or resolution.known > as_of:
        return "the question is over but not resolved"
    if resolution.outcome == "annulled":
        return "the question was annulled"
    if not asks_the_same(scenario, forecast, question):
        return "the question was changed since"
    if resolution.known <= date.fromisoformat(forecast.as_of):
        return KNOWN_THEN
    if resolution.outcome not in {answer.outcome for answer in answers}:
        return NOT_AN_OUTCOME
    if has_code(forecast, SEEN_CASE_CODE):
        return SEEN_CASE
    return None


def asks_the_same(scenario: Scenario, forecast: Forecast, question: str) -> bool:
    """Whether the recorded definition is today's; wording may differ, and the program fills in `from` by itself."""
    then = next((dict(row) for row in forecast.questions if row["id"] == question), {})
    now = scenario.questions[question].model_dump(mode="json", by_alias=True)
    ignored = {"ask", "from"} if now.get("from", "") is None else {"ask"}
    return {k: v for k, v in then.items() if k not in ignored} == {k: v for k, v in now.items() if k not in ignored}


def _row(scenario: Scenario, forecast: Forecast, question: str, answers: list[Answer]) -> Row:
    p = [answer.p for answer in answers if answer.p is not None]
    total = sum(p)
    return Row(
        scenario=scenario.id,
        question=question,
        question_kind=answers[0].kind,
        kind=forecast.kind,
        model=forecast.model,
        as_of=date.fromisoformat(forecast.as_of),
        ends=scenario.questions[question].ends,
        outcomes=tuple(answer.outcome for answer in answers),
        p=tuple(value / total for value in p),  # sums of means of draws miss one by rounding only
        observed=scenario.resolutions[question].outcome,
        ordered=answers[0].kind == "state",
        is_reference=forecast.family == Family.BASE_RATE.value,
    )


def refuse_unknown_model(scenarios: Iterable[Scenario], entries: Iterable[Entry], model: str | None) -> None:
    """Refuse the name of a model version that neither files nor records have.

    Raises
    ------
    InputError
        With the nearest name and all of them.
    """
    models = {version for scenario in scenarios for version in scenario.models}
    models |= {entry.model_label for entry in entries}
    if model is not None and model not in models:
        message = f"there is no model version '{model}'{nearest(model, models)}"
        accepted = ", ".join(sorted(models))
        raise InputError(Finding("error", message, key="--model", found=model, accepted=accepted))


def score_document(
    scenarios: Sequence[Scenario],
    entries: Iterable[Entry],
    as_of: date,
    convention: Convention = "0-1",
    model: str | None = None,
) -> dict[str, Any]:
    """Score what is recorded of some scenarios; infinite log scores are `math.inf`.

    Parameters
    ----------
    scenarios
        With their resolutions.
    entries
        Forecasts from the ledger.
    as_of
        The day as of which is scored.
    convention
        Scale of Brier scores.
    model
        Only this model version.
    """
    listed = list(entries)
    found = [resolved_rows(scenario, listed, as_of, model) for scenario in scenarios]
    left_out: Counter[str] = Counter()
    for part in found:
        left_out.update(part.left_out)
    rows = [row for part in found for row in part.rows]
    warnings = [warning for part in found for warning in part.warnings]
    if any(row.kind == "replay" for row in rows):
        warnings.append(HINDSIGHT)
    return {
        "as_of": as_of.isoformat(),
        "scenarios": [scenario.id for scenario in scenarios],
        "brier_scale": convention,
        "forecasts": None,
        "truth": None,
        "tables": score_rows(rows, convention, model),
        "numbers": [],
        "pairwise": [],
        "left_out": [{"why": why, "n": n} for why, n in sorted(left_out.items())],
        "warnings": warnings,
    }
