"""One open question as of a day, from today's files or from a record, and the draws that answer it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from pathlib import Path

from forecast.analysis.anchors import best_of, prior_draws, stored_anchors
from forecast.analysis.why.recorded import recorded
from forecast.errors import Finding, InputError
from forecast.inference.posterior import Progress, Sampler, sampled
from forecast.inference.reweight import ProposalDraws, WeightedDraws, judge, shortfalls, weigh
from forecast.ledger.records import Entry
from forecast.ledger.store import Ledger
from forecast.model.answers import is_over, outcomes
from forecast.model.arrays import Arrays
from forecast.model.evidence_set import EvidenceSet
from forecast.model.version import Settings
from forecast.plan import Plan, Question
from forecast.words import ICD203, Scale

__all__ = ["Asked", "Drawn", "asked_of_plan", "asked_of_record", "drawn", "drawn_anew"]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that is open on the as-of date, with everything that its answer is computed from.

    `outcome` is the position of the one asked about, None where none was named; `forecast` is the id of the record;
    answers are put in words of `scale`.
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


@dataclass(frozen=True, slots=True)
class Drawn:
    """Draws weighed for the evidence as of the day, with what diagnostics say of them and of the question's answer."""

    weighed: WeightedDraws
    khat: float
    ess: float
    problems: tuple[str, ...]


def asked_of_plan(made: Plan, question: str | None, outcome: str | None) -> Asked:
    """A question of a scenario's files.

    Raises
    ------
    InputError
        If the question or its outcome does not exist, or the question is closed as of the day.
    """
    closed = {one.id for one in made.questions if made.is_closed(one)}
    one = _chosen(made.questions, closed, question, made.scenario.id, made.as_of)
    position = _position(one, made.model, outcome)
    return Asked(made.scenario.id, None, made.as_of, one, position, made.model, made.evidence, made.seed)


def asked_of_record(ledger: Ledger, entry: Entry, question: str | None, outcome: str | None) -> Asked:
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
    return Asked(record.scenario, entry.id, made.as_of, one, position, model, made.evidence, record.seed)


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
        message = f"question '{name}' of {of} is closed as of {as_of}: nothing that is seen can move it."
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


def drawn(asked: Asked, data: Arrays, ledger: Ledger, workspace: Path) -> Drawn:
    """The stored draws that serve best, or fresh ones from the prior, weighed for the evidence; nothing is sampled."""
    stored = stored_anchors(ledger, workspace, asked.scenario, asked.model, asked.as_of)
    found = [_judged(best_of(stored, asked.model, data), asked, data)] if stored else []
    if not found or found[0].problems:
        prior = prior_draws(asked.model, data, asked.seed)
        found.append(_judged(weigh(prior, asked.model, data), asked, data))
    return max(found, key=lambda one: (not one.problems, one.ess))


def _judged(weighed: WeightedDraws, asked: Asked, data: Arrays) -> Drawn:
    khat, ess = judge(weighed, {asked.question.id: weighed.answer(asked.question, asked.model, data)})
    return Drawn(weighed, khat, ess, shortfalls(khat, ess))


def drawn_anew(asked: Asked, data: Arrays, sampler: Sampler, progress: Progress) -> Drawn:
    """Sample at the evidence as of the day; the draws are not stored."""
    draws = sampler(asked.model, data, asked.seed, progress)
    progress("checking the draws", None, "")
    posterior = sampled(draws, [asked.question], asked.model, data)
    weighed = weigh(ProposalDraws(f"sampled {asked.seed}", asked.model, posterior.draws), asked.model, data)
    return Drawn(weighed, weighed.khat, float(posterior.method["ess"]), posterior.problems)
