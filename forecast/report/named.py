"""What a reference to a recorded forecast means in a citation: a record, an answer of it, and whether as the latest."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from forecast.errors import Finding, InputError
from forecast.ledger.latest import latest_of
from forecast.ledger.records import Answer, Entry
from forecast.ledger.store import Ledger
from forecast.references import ACCEPTED, Ref, parse_ref

__all__ = ["DefaultModel", "Named", "named"]

#: The model version that a scenario's files make its own; None where there are no files.
type DefaultModel = Callable[[str], str | None]

#: Of a question with two outcomes this one is meant where none is named.
MEANT = "yes"


@dataclass(frozen=True, slots=True)
class Named:
    """A forecast, perhaps one answer of it; `latest` says whether it was named as the latest of its scenario."""

    entry: Entry
    answer: Answer | None
    latest: bool


def named(ledger: Ledger, text: str, default_model: DefaultModel, *, whole: bool = False) -> Named:
    """Find what a reference names.

    Parameters
    ----------
    ledger
        Open for reading.
    text
        SCENARIO/QUESTION[:OUTCOME] for the latest forecast of the scenario's own model version that answers, or
        FORECAST/QUESTION[:OUTCOME] for this one. The outcome may be left out where there are two, 'yes' is meant then,
        and where the question was closed.
    default_model
        Where no forecast of this version is recorded, those of all are looked at.
    whole
        Whether the question may be left out too: then the whole forecast is meant.

    Raises
    ------
    InputError
        If there is no such forecast, question or outcome; with the nearest that are there.
    """
    ref = parse_ref(text)
    if ref.is_forecast:
        entry, latest = ledger.entry(ref.target), False
        if entry.type != "forecast":
            raise InputError(Finding("error", f"'{entry.id}' is no forecast.", found=text, accepted=ACCEPTED))
    else:
        entry, latest = _latest(ledger, ref, default_model), True
    answers = entry.forecast.answers
    if ref.question is None:
        if whole:
            return Named(entry, None, latest)
        message = f"'{text}' names no question."
        raise InputError(Finding("error", message, found=text, accepted=_refs(ref.target, answers)))
    of_question = {answer.outcome: answer for answer in answers if answer.question == ref.question}
    if not of_question:
        questions = dict.fromkeys(answer.question for answer in answers)
        message = f"{entry.id} has no question '{ref.question}'{_near(ref.question, questions)}"
        raise InputError(Finding("error", message, found=text, accepted=_refs(ref.target, answers)))
    # a closed question has one row: how it was settled
    outcome = ref.outcome or (next(iter(of_question)) if len(of_question) == 1 else MEANT)
    if outcome not in of_question:
        if ref.outcome is None:
            message = f"'{ref.question}' has more than two outcomes: one must be named."
        else:
            message = f"'{ref.question}' has no outcome '{ref.outcome}'{_near(ref.outcome, of_question)}"
        accepted = ", ".join(f"{ref.target}/{ref.question}:{name}" for name in of_question)
        raise InputError(Finding("error", message, found=text, accepted=accepted))
    return Named(entry, of_question[outcome], latest)


def _latest(ledger: Ledger, ref: Ref, default_model: DefaultModel) -> Entry:
    scenario, question = ref.latest_of or ref.target, ref.question
    log = ledger.log_named(ref.foreign) if ref.foreign is not None else False
    known = ledger.scenarios(foreign=bool(log))
    if scenario not in known:
        message = f"no forecast of '{scenario}' is recorded{_near(scenario, known)}{ledger.foreign_hint(scenario)}"
        raise InputError(Finding("error", message, found=scenario, accepted=", ".join(known) or "none yet"))
    entries = list(ledger.forecasts(scenario, retracted=False, foreign=log))
    if not entries:
        where = f" in the imported log {ref.foreign}" if ref.foreign is not None else ""
        message = f"every forecast of '{scenario}'{where} was retracted."
        raise InputError(Finding("error", message, found=scenario, accepted="`forecast update` makes a new one"))
    own = default_model(scenario)
    # a question that nobody asked is reported for the latest forecast
    tries = (latest_of(entries, asked, default_model=own) for asked in (question, None))
    return next(found for found in tries if found is not None)


def _near(name: str, names: Iterable[str]) -> str:
    close = get_close_matches(name, list(names), n=1)
    return f"; did you mean '{close[0]}'?" if close else "."


def _refs(target: str, answers: Iterable[Answer]) -> str:
    outcomes: dict[str, list[str]] = {}
    for answer in answers:
        outcomes.setdefault(answer.question, []).append(answer.outcome)
    return ", ".join(
        f"{target}/{question}{'' if MEANT in names else ':' + '|'.join(names)}" for question, names in outcomes.items()
    )
