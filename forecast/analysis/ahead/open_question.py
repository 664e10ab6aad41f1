"""One open question as of a day, from today's files or from a record, with all that its answer is computed from."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches

from forecast.analysis.why.recorded import recorded
from forecast.errors import Finding, InputError
from forecast.inference.stored_draws import StoredFit
from forecast.ledger.records import Entry
from forecast.ledger.store import Ledger
from forecast.model.answers import is_over, outcomes
from forecast.model.evidence_set import EvidenceSet
from forecast.model.version import Settings
from forecast.plan import Plan, Question
from forecast.words import ICD203, Scale

__all__ = ["WatchRequest", "request_for_plan", "request_for_record"]


@dataclass(frozen=True, slots=True)
class WatchRequest:
    """A question that is open on the as-of date, with everything that its answer is computed from.

    `outcome` is the position of the one asked about, None where none was named. `forecast` is the id of the record and
    `fit` the digest of its draws; None for today's files. Answers are put in words of `scale`.
    """

    scenario: str
    forecast: str | None
    as_of: date
    question: Question
    outcome: int | None
    model: Settings
    evidence: EvidenceSet
    seed: int
    scale: Scale = ICD203
    fit: str | None = None

    @property
    def candidates(self) -> Callable[[StoredFit], bool]:
        """Which stored draws may answer: for a record its own, so that its number is computed again."""
        return lambda stored: self.fit is None or stored.sha256 == self.fit


def request_for_plan(made: Plan, question: str | None, outcome: str | None) -> WatchRequest:
    """A question of a scenario's files.

    Raises
    ------
    InputError
        If the question or its outcome does not exist, or the question is closed as of the day.
    """
    closed = {one.id for one in made.questions if made.is_closed(one)}
    one = _chosen(made.questions, closed, question, made.scenario.id, made.as_of)
    position = _position(one, made.model, outcome)
    return WatchRequest(made.scenario.id, None, made.as_of, one, position, made.model, made.evidence, made.seed)


def request_for_record(ledger: Ledger, entry: Entry, question: str | None, outcome: str | None) -> WatchRequest:
    """A question of a forecast on record, with the evidence and the model that were recorded with it.

    Raises
    ------
    InputError
        If the question or its outcome does not exist, or the question was closed.
    LedgerError
        If the ledger does not hold the model, or its numbers have been revised since.
    """
    made = recorded(ledger, entry)
    record, model = made.forecast, made.model
    questions = [made.question(str(row["id"])) for row in record.questions]
    closed = {answer.question for answer in record.answers if answer.closed}
    one = _chosen(questions, closed, question, entry.id, made.as_of)
    position = _position(one, model, outcome)
    return WatchRequest(
        record.scenario, entry.id, made.as_of, one, position, model, made.evidence, record.seed, fit=record.fit
    )


def _chosen(questions: Sequence[Question], closed: set[str], name: str | None, of: str, as_of: date) -> Question:
    by_name = {one.id: one for one in questions}
    still = [one.id for one in questions if one.id not in closed and not is_over(one, as_of)]
    accepted = f"{of}/QUESTION with one of " + ", ".join(still)
    if name is None:
        if len(still) == 1:
            return by_name[still[0]]
        raise InputError(Finding("error", f"which question of {of}?", found=of, accepted=accepted))
    if name not in by_name:
        near = get_close_matches(name, by_name, n=3, cutoff=0.4)
        hint = f"; the nearest: {', '.join(near)}" if near else ""
        raise InputError(Finding("error", f"{of} has no question '{name}'{hint}.", found=name, accepted=accepted))
    if name not in still:
        message = f"question '{name}' of {of} is closed as of {as_of}: no observation can change it."
        raise InputError(Finding("error", message, found=name, accepted=accepted))
    return by_name[name]


def _position(question: Question, model: Settings, outcome: str | None) -> int | None:
    names = outcomes(question, model)
    if outcome is None:
        return None
    if outcome not in names:
        message = f"question '{question.id}' has no outcome '{outcome}'."
        raise InputError(Finding("error", message, found=outcome, accepted=", ".join(names)))
    return names.index(outcome)
