"""What a forecast is made from, before anything is computed: evidence, model, questions, seed, and their key."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from forecast.canonical import canonical_json, sha256
from forecast.errors import Finding, InputError
from forecast.inference.stored_draws import Method
from forecast.ledger.records import Kind
from forecast.ledger.store import Ledger
from forecast.model.answers import is_over
from forecast.model.as_of import Snapshot, snapshot
from forecast.model.evidence_set import EvidenceSet, evidence_identity, evidence_set
from forecast.model.version import Settings, model_identity, settings
from forecast.scenario.record import Scenario
from forecast.scenario.schema import Occurs, State, Stays

__all__ = ["SEEN", "Method", "Plan", "Question", "Request", "check_day", "plan", "questions_as_of", "seed_of"]

#: How the remark begins on a forecast whose rates were learned from its own case; `score` leaves it out.
SEEN = "this forecast has seen its own case"

Question = State | Stays | Occurs


@dataclass(frozen=True, slots=True)
class Request:
    """What is wanted; every field has a default.

    `method` auto reweights stored draws, moves them where they do not fit the evidence and samples where that does not
    help either; smc and nuts always sample, reweight never does. `force` computes and records again what is stored, and
    with auto samples from the prior; `draft` records nothing. `allow_clock` records even if the clock is
    behind the last record.
    """

    model: str | None = None
    as_of: date | None = None
    seed: int | None = None
    method: Method = "auto"
    force: bool = False
    draft: bool = False
    allow_clock: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that decides the numbers. `identity` is its JSON form without the seed; `key` hashes both."""

    scenario: Scenario
    version: str
    as_of: date
    kind: Kind
    snapshot: Snapshot
    model: Settings
    evidence: EvidenceSet
    questions: tuple[Question, ...]
    identity: Mapping[str, Any]
    seed: int
    key: str

    @property
    def open_questions(self) -> list[Question]:
        """Questions whose answer is not known and whose last day has not passed."""
        return [question for question in self.questions if not self.is_closed(question)]

    def is_closed(self, question: Question) -> bool:
        """Whether the question is over or was resolved by the as-of date."""
        return question.id in self.snapshot.resolutions or is_over(question, self.as_of)


def check_day(scenario: Scenario, as_of: date, today: date) -> None:
    """Refuse a day of which a scenario knows nothing.

    Raises
    ------
    InputError
        If the day is before the scenario's start or in the future.
    """
    if not scenario.start <= as_of <= today:
        message = f"{as_of} is {'in the future' if as_of > today else 'before the start of ' + scenario.id}."
        raise InputError(
            Finding("error", message, key="--as-of", accepted=f"a day from {scenario.start} to {today}, today (UTC)")
        )


def plan(scenario: Scenario, request: Request, today: date, ledger: Ledger) -> Plan:
    """Cut the scenario at the day, and give what comes of it a key.

    Parameters
    ----------
    scenario
        Read without errors.
    request
        What is wanted.
    today
        The day on which the forecast is made: an earlier as-of date makes it a replay.
    ledger
        Tells when a question without `from` was first asked.

    Raises
    ------
    InputError
        If the version does not exist, the day is before the scenario's start or in the future, or no question is open.
    """
    as_of = request.as_of or today
    version = scenario.model(request.model).version
    check_day(scenario, as_of, today)
    model = settings(scenario, version)
    then = snapshot(scenario, version, as_of)
    evidence = evidence_set(then, scenario.start, model)
    questions = questions_as_of(scenario, as_of, ledger)
    kind: Kind = "live" if as_of == today else "replay"
    identity = {
        "scenario": scenario.id,
        "questions": [question.model_dump(mode="json", by_alias=True) for question in questions],
        "model_identity": model_identity(model),
        "evidence_identity": evidence_identity(evidence),
        "as_of": as_of.isoformat(),
        "kind": kind,
    }
    seed = request.seed if request.seed is not None else seed_of(identity)
    key = sha256(canonical_json({**identity, "seed": seed}))
    made = Plan(scenario, version, as_of, kind, then, model, evidence, questions, identity, seed, key)
    if not made.open_questions:
        raise InputError(
            Finding(
                "error",
                f"every question of {scenario.id} is over or resolved as of {as_of}.",
                file=f"scenarios/{scenario.id}/scenario.yaml",
                key="questions",
                accepted="at least one question that ends later; add it, or choose an earlier --as-of",
            )
        )
    return made


def seed_of(identity: Mapping[str, Any]) -> int:
    """The sampler's seed, from model, evidence and day alone: another question or label moves no answer."""
    named = {name: identity[name] for name in ("model_identity", "evidence_identity", "as_of")}
    return int(sha256(canonical_json(named))[:12], 16)


def questions_as_of(scenario: Scenario, as_of: date, ledger: Ledger) -> tuple[Question, ...]:
    """The scenario's questions, each with its first day; `plan` says what for the ledger is asked."""
    return tuple(_with_beginning(question, scenario.id, as_of, ledger) for question in scenario.file.questions)


def _with_beginning(question: Question, scenario: str, as_of: date, ledger: Ledger) -> Question:
    """Give a `stays` question without `from` the first day as of which it was forecast live, else the as-of date."""
    if not isinstance(question, Stays) or question.from_ is not None:
        return question
    asked = [
        entry.content["as_of"]
        for entry in ledger.forecasts(scenario, kind="live", retracted=False)
        if any(row["id"] == question.id for row in entry.content["questions"])
    ]
    return question.model_copy(update={"from_": min([as_of, *map(date.fromisoformat, asked)])})
