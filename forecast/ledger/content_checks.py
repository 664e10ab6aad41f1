"""What a record of another log must say before it is taken in: names, probabilities, dates, identities.

`verify` finds out whether a log is what was written. This finds out whether what was written can be a forecast of this
program. A log can be forged so that it verifies: the algorithm is public.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import groupby
from math import isfinite
from pathlib import Path

from forecast.errors import Finding, LedgerError
from forecast.ledger.lines import Line
from forecast.ledger.records import Answer, Content, Forecast, made_at_instant
from forecast.ledger.timing import order_problem
from forecast.scenario.fields import ID_PATTERN

__all__ = ["content_findings"]

#: Probabilities are means over draws; their sum misses one by rounding only.
SUM_ERROR = 1e-6

ACCEPTED_NAME = "letters, digits, -, _ and ., beginning with a letter or a digit"


def content_findings(lines: Iterable[Line], path: Path, now: datetime) -> list[Finding]:
    """Everything that keeps records from being taken in, each with its line.

    Parameters
    ----------
    lines
        Of a file that verifies, sorted by log and place.
    path
        The file.
    now
        The present instant: nothing was made after it.
    """
    findings = []
    for _, chain in groupby(lines, key=lambda line: line.log):
        told = [line for line in chain if line.content is not None]
        findings += [
            Finding("error", f"log {line.log} record {line.seq} ({line.id}): {message}.", str(path), line.number)
            for line, message in _chain_problems(told, now)
        ]
    return findings


def _chain_problems(told: Sequence[Line], now: datetime) -> Iterator[tuple[Line, str]]:
    models = {line.content["identity"] for line in told if line.content and line.content["type"] == "model"}
    timed: Content | None = None
    for line in told:
        content = line.content or {}
        if content["type"] in ("forecast", "workings") and not _is_name(content["scenario"]):
            yield line, f"its scenario is '{content['scenario']}'; accepted: {ACCEPTED_NAME}"
        if "made_at" in content:
            yield from ((line, problem) for problem in _time_problems(timed, content, now))
            timed = content
        if content["type"] == "forecast":
            try:
                forecast = Forecast.from_content(content)
            except LedgerError as error:
                yield line, str(error).removesuffix(".")
                continue
            if forecast.model_identity not in models:
                yield line, f"its log lacks the model {forecast.model_identity} that it used"
            yield from ((line, problem) for problem in _forecast_problems(forecast))


def _time_problems(timed: Content | None, content: Content, now: datetime) -> Iterator[str]:
    made_at = str(content["made_at"])
    if made_at_instant(made_at) > now:
        yield f"made_at is {made_at}, in the future; it is {now.isoformat(timespec='seconds')} now"
    behind = order_problem(timed, content)
    if behind is not None:
        yield behind


def _is_name(text: object) -> bool:
    return isinstance(text, str) and re.fullmatch(ID_PATTERN, text) is not None


def _forecast_problems(forecast: Forecast) -> Iterator[str]:
    for what, name in (("model", forecast.model), ("family", forecast.family)):
        if not _is_name(name):
            yield f"its {what} is '{name}'; accepted: {ACCEPTED_NAME}"
    made_on = made_at_instant(forecast.made_at).date()
    if date.fromisoformat(forecast.as_of) > made_on:
        yield f"as_of is {forecast.as_of}, after {made_on}, the day on which it was made (UTC)"
    asked = [question.get("id") if isinstance(question, dict) else None for question in forecast.questions]
    for question in asked:
        if not _is_name(question):
            yield f"a question has the name {question!r}; accepted: {ACCEPTED_NAME}"
    answered: dict[str, list[Answer]] = {}
    for answer in forecast.answers:
        answered.setdefault(answer.question, []).append(answer)
    for question in sorted({str(name) for name in asked} ^ set(answered)):
        what = "answered but not asked" if question in answered else "asked but not answered"
        yield f"question '{question}' is {what}"
    for question, answers in answered.items():
        yield from (f"question '{question}': {problem}" for problem in _answer_problems(answers))


def _answer_problems(answers: Sequence[Answer]) -> Iterator[str]:
    """What is wrong with the answers to one question."""
    outcomes = [answer.outcome for answer in answers]
    if len(set(outcomes)) < len(outcomes):
        yield f"an outcome is there twice in {', '.join(outcomes)}"
    for name in outcomes:
        if not _is_name(name):
            yield f"an outcome has the name '{name}'; accepted: {ACCEPTED_NAME}"
    if any(answer.closed for answer in answers):
        if len(answers) > 1 or answers[0].p is not None:
            yield "it is closed, and has a probability or several answers"
        return
    p = [answer.p for answer in answers]
    numbers = [number for answer in answers for number in (answer.p, answer.low, answer.high)]
    if any(number is None or not 0 <= number <= 1 for number in numbers):
        yield f"p, low and high are {', '.join(map(str, numbers))}; accepted: numbers from 0 to 1"
        return
    total = sum(value for value in p if value is not None)
    if abs(total - 1) > SUM_ERROR:
        yield f"the probabilities of {', '.join(outcomes)} sum to {total:.7g}; accepted: 1"
    for answer in answers:
        if answer.low is not None and answer.high is not None and answer.low > answer.high:
            yield f"low is {answer.low} and high is {answer.high}; accepted: low not above high"
        if answer.mcse is None or not (isfinite(answer.mcse) and answer.mcse >= 0):
            yield f"mcse is {answer.mcse}; accepted: a number that is not negative"
