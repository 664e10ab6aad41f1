"""Which recorded answers a hub takes, as probability mass functions with the target and the round they belong to."""

import hashlib
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from forecast.analysis.scoring.resolved import KNOWN_THEN, NOT_AN_OUTCOME, REPLACED, asks_the_same
from forecast.analysis.scoring.sums import SUM_ERROR
from forecast.canonical import canonical_json
from forecast.errors import LedgerError
from forecast.exchange.selection import Chosen
from forecast.exchange.tables import last_day
from forecast.ledger.records import Answer, Entry, Forecast
from forecast.scenario.fields import ID_PATTERN
from forecast.scenario.record import Scenario

__all__ = ["CLOSED", "NO_LAST_DAY", "Scenarios", "Task", "hub_tasks"]

CLOSED = "the question was closed"
NO_LAST_DAY = "the record does not say on which day the question ends"

#: Hexadecimal digits that tell the target of an earlier definition from today's.
MARK = 6

type Scenarios = Mapping[str, Scenario]


@dataclass(frozen=True, slots=True)
class Task:
    """One question of one forecast: `p` by outcome sums to one, `target` is SCENARIO/QUESTION.

    Where the question's definition has changed, the target of the earlier one ends with `~` and a mark of its own: it
    was another question.
    """

    id: str
    forecast: Forecast
    question: str
    target: str
    ends: str
    kind: str
    ask: str
    p: Mapping[str, float]


def hub_tasks(selected: Chosen, scenarios: Scenarios) -> tuple[list[Task], Counter[str]]:
    """Turn answers into tasks, by as-of date; and how many answers stay out, by reason.

    Of several forecasts by one model on one day the one made last counts, as it does when scored. What is never scored
    stays out: answers to what could be known then, and to what came out as something that was no outcome then.

    Raises
    ------
    LedgerError
        If a name on record is no id, or the outcomes of a question are not all there.
    """
    left_out: Counter[str] = Counter(selected.left_out)
    latest: dict[tuple[str, ...], tuple[Entry, tuple[Answer, ...]]] = {}
    for entry, answers in selected.forecasts:
        key = (entry.forecast.scenario, entry.forecast.kind, entry.forecast.model, entry.forecast.as_of)
        if key in latest:
            left_out[REPLACED] += len(latest[key][1])
        latest[key] = (entry, answers)
    newest = {
        (entry.forecast.scenario, str(asked.get("id"))): _definition(entry.forecast, str(asked.get("id")))
        for entry, _ in latest.values()
        for asked in entry.forecast.questions
    }
    tasks = []
    for entry, answers in latest.values():
        for question, members in _by_question(answers).items():
            reason = _why_not(entry.forecast, question, members, scenarios)
            if reason is None:
                tasks.append(_task(entry, question, members, scenarios, newest))
            else:
                left_out[reason] += len(members)
    return sorted(tasks, key=lambda task: (task.forecast.as_of, task.target)), left_out


def _by_question(answers: Iterable[Answer]) -> dict[str, list[Answer]]:
    found: dict[str, list[Answer]] = defaultdict(list)
    for answer in answers:
        found[answer.question].append(answer)
    return found


def _is_current(forecast: Forecast, question: str, scenarios: Scenarios) -> bool:
    """Whether the files are at hand and still ask what was asked."""
    scenario = scenarios.get(forecast.scenario)
    return scenario is not None and question in scenario.questions and asks_the_same(scenario, forecast, question)


def _why_not(forecast: Forecast, question: str, answers: Sequence[Answer], scenarios: Scenarios) -> str | None:
    if any(answer.p is None for answer in answers):
        return CLOSED
    if last_day(forecast.questions, question) is None:
        return NO_LAST_DAY
    if not _is_current(forecast, question, scenarios):
        return None
    resolution = scenarios[forecast.scenario].resolutions.get(question)
    if resolution is None or resolution.outcome == "annulled":
        return None
    if resolution.known <= date.fromisoformat(forecast.as_of):
        return KNOWN_THEN
    return None if resolution.outcome in {answer.outcome for answer in answers} else NOT_AN_OUTCOME


def _task(
    entry: Entry,
    question: str,
    answers: Sequence[Answer],
    scenarios: Scenarios,
    newest: Mapping[tuple[str, str], str],
) -> Task:
    forecast = entry.forecast
    for name in (forecast.scenario, question, *(answer.outcome for answer in answers)):
        if not re.fullmatch(ID_PATTERN, name):
            raise LedgerError(f"{entry.id}: a hub has no room for the name {name!r}. Accepted: names that are ids.")
    target, definition = f"{forecast.scenario}/{question}", _definition(forecast, question)
    asked_now = scenarios[forecast.scenario].questions if forecast.scenario in scenarios else {}
    is_newest = newest[forecast.scenario, question] == definition
    if not (_is_current(forecast, question, scenarios) if question in asked_now else is_newest):
        target += f"~{hashlib.sha256(definition.encode()).hexdigest()[:MARK]}"
    ends = last_day(forecast.questions, question)
    assert ends is not None  # _why_not
    return Task(entry.id, forecast, question, target, ends, answers[0].kind, answers[0].ask, _mass(entry, answers))


def _definition(forecast: Forecast, question: str) -> str:
    """What a question asks, but for its wording, and for a `from` that the program filled in: the as-of date."""
    asked = next((row for row in forecast.questions if row.get("id") == question), {})
    filled_in = ("from", forecast.as_of)
    return canonical_json({key: value for key, value in asked.items() if key != "ask" and (key, value) != filled_in})


def _mass(entry: Entry, answers: Sequence[Answer]) -> dict[str, float]:
    """Probabilities that sum to one exactly: means of draws miss it by rounding, which the largest of them takes."""
    p = {answer.outcome: answer.p for answer in answers if answer.p is not None}
    if set(p) == {"yes"}:
        p["no"] = 1.0 - p["yes"]
    total = math.fsum(p.values())
    if abs(total - 1.0) > SUM_ERROR:
        names = f"{answers[0].question}: {', '.join(p)}"
        raise LedgerError(f"{entry.id}: {names} sum to {total:.7g}. Accepted: all outcomes of a question.")
    p = {name: value / total for name, value in p.items()}
    largest = max(p, key=lambda name: p[name])
    p[largest] = 1.0 - math.fsum(value for name, value in p.items() if name != largest)
    return p
