"""What a report is made of: the forecast, its record and the documents of other verbs, kept in the ledger as workings.

Nothing is sampled, and PyMC is not loaded. What cannot be had leaves a sentence in its place that says why and which
command mends it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from forecast.about import VERSION
from forecast.errors import Finding, ForecastError, InputError
from forecast.inference.posterior import Progress
from forecast.ledger.latest import latest_of, other_versions
from forecast.ledger.records import Answer, Entry, Forecast, Workings, made_at_instant
from forecast.ledger.store import LEDGER_FILE, Head, Ledger, open_ledger
from forecast.model.evidence_set import EvidenceSet, from_content
from forecast.references import Ref
from forecast.report.citing import Citing, Working
from forecast.report.since import lost_by_files, lost_by_ledger
from forecast.report.verbs import VERBS, LookedAt
from forecast.scenario.read import default_model, readable
from forecast.scenario.record import Scenario
from forecast.words import DEFAULT, ICD203, Scale

__all__ = ["Sources", "chosen", "computed", "recorded_workings", "shown_answers", "sources"]

#: What a brief report needs; a full one needs all `VERBS`.
BRIEF = ("explain", "since", "words", "watch")


@dataclass(frozen=True, slots=True)
class Sources:
    """Everything that sections are written from.

    Parameters
    ----------
    entry, forecast
        The forecast that the report is about.
    latest
        Whether it was asked for as the latest of its scenario, not by its id.
    question, outcome
        What the report looks at most closely; the outcome is empty if every question is closed.
    before
        The forecast with which `forecast` was compared, if any.
    evidence, evidence_before
        What both counted.
    history, later
        Living forecasts of the scenario as of this day and before, oldest as-of date first; and one that came after, if
        it has another as-of date and the same version.
    lost
        Evidence of this forecast that was withdrawn since, or no longer stands as evidence, in words.
    others
        Of every other model version the forecast nearest in time, as of this day or before.
    scenario, show
        The files and what `show` says of the day, if they still give the evidence of the record.
    works, missing
        By verb the document, or the sentence that stands in its place.
    unrecorded
        Why workings could not be recorded; empty if they were.
    head
        End of the own log, workings included.
    cite
        Makes the numbers.
    """

    entry: Entry
    forecast: Forecast
    latest: bool
    question: str
    outcome: str
    before: Entry | None
    evidence: EvidenceSet
    evidence_before: EvidenceSet | None
    history: tuple[Entry, ...]
    later: Entry | None
    lost: tuple[str, ...]
    others: tuple[Entry, ...]
    scenario: Scenario | None
    show: Mapping[str, Any] | None
    works: Mapping[str, Working]
    missing: Mapping[str, str]
    unrecorded: str
    head: Head
    cite: Citing

    @property
    def id(self) -> str:
        """Of the forecast."""
        return self.entry.id

    @property
    def ref(self) -> str:
        """The question and the outcome looked at, as commands take them."""
        return f"{self.id}/{self.question}:{self.outcome}"

    def answers(self, question: str) -> list[Answer]:
        """Answers to a question that are shown, in the order of the record."""
        return shown_answers(self.forecast, question)

    def ask(self, question: str) -> str:
        """What a question asks."""
        return next(answer.ask for answer in self.forecast.answers if answer.question == question)

    @property
    def scale(self) -> Scale:
        """Of words: that of the scenario, as its files say now."""
        return self.scenario.words if self.scenario is not None else ICD203

    @property
    def words_form(self) -> str:
        """How a word of that scale is cited."""
        return "words" if self.scale.id == DEFAULT else f"words-{self.scale.id}"

    @property
    def open(self) -> list[str]:
        """Questions that have a probability."""
        return list(dict.fromkeys(answer.question for answer in self.forecast.answers if answer.p is not None))

    @property
    def closed(self) -> list[Answer]:
        """Answers to questions that were closed."""
        return [answer for answer in self.forecast.answers if answer.closed]


def shown_answers(forecast: Forecast, question: str) -> list[Answer]:
    """Open answers to a question: all regimes, or the one of two outcomes that is shown."""
    return [row for row in forecast.answers if row.question == question and row.p is not None and row.is_shown]


def chosen(ledger: Ledger, workspace: Path, wanted: Ref) -> tuple[Entry, str, str]:
    """The forecast that a reference names, and the question and outcome that a report of it looks at.

    Without a question it is the first open one about regimes, else the first open one; without an outcome the most
    probable one. Of two outcomes it is always 'yes': a report of the other would say the same of one minus its number.

    Raises
    ------
    InputError
        If there is no such forecast (the command that makes one is named), question or outcome.
    """
    if wanted.is_forecast:
        entry = ledger.entry(wanted.target)
    else:
        name = wanted.latest_of or wanted.target
        found = ledger.latest(name, default_model=default_model(workspace, name), foreign=wanted.foreign)
        if found is None:
            message = f"no forecast of '{name}' is recorded; `forecast update {name}` makes one."
            message += ledger.foreign_hint(name)
            known = ", ".join(ledger.scenarios()) or "none yet"
            raise InputError(Finding("error", message, found=wanted.target, accepted=f"a forecast, or one of: {known}"))
        entry = found
    forecast = entry.forecast
    asked = dict.fromkeys(answer.question for answer in forecast.answers)
    if wanted.question is not None and wanted.question not in asked:
        message = f"{entry.id} asks no question '{wanted.question}'."
        raise InputError(Finding("error", message, found=wanted.question, accepted=", ".join(asked)))
    still_open = [answer for answer in forecast.answers if answer.p is not None]
    states = [answer.question for answer in still_open if answer.kind == "state"]
    question = wanted.question or next(iter([*states, *(answer.question for answer in still_open), *asked]), "")
    ends = [answer.outcome for answer in still_open if answer.question == question]
    if wanted.outcome is not None and wanted.outcome not in ends:
        message = f"question '{question}' of {entry.id} has no open outcome '{wanted.outcome}'."
        accepted = ", ".join(ends) or "a question that is open"
        raise InputError(Finding("error", message, found=wanted.outcome, accepted=accepted))
    listed = {answer.outcome: answer.p or 0.0 for answer in shown_answers(forecast, question)}
    leading = max(listed, key=lambda name: listed[name], default="")
    return entry, question, wanted.outcome if wanted.outcome in listed else leading


def computed(
    ledger: Ledger, workspace: Path, entry: Entry, question: str, outcome: str, brief: bool, tell: Progress
) -> tuple[dict[str, Mapping[str, Any]], dict[str, str]]:
    """The documents of the verbs by name; and for those that cannot be had, why, and what to do."""
    made: dict[str, Mapping[str, Any]] = {}
    missing: dict[str, str] = {}
    at = LookedAt(ledger, workspace, entry, question, outcome, tell)
    for verb in BRIEF if brief else VERBS:
        tell(verb, None, "")
        try:
            document = VERBS[verb](at)
        except (ForecastError, ValueError) as error:
            missing[verb] = str(error)
            continue
        if document is not None:
            made[verb] = document
    return made, missing


def recorded_workings(
    workspace: Path, entry: Entry, question: str, outcome: str, documents: Mapping[str, Mapping[str, Any]]
) -> tuple[dict[str, Working], str]:
    """Keep documents in the ledger, so that their numbers can be cited; and why that could not be done, if so."""
    try:
        with open_ledger(workspace / LEDGER_FILE) as ledger:
            kept = {}
            for verb, document in documents.items():
                options = {"question": question, "outcome": outcome}
                workings = Workings(entry.id, entry.forecast.scenario, verb, options, VERSION, document)
                kept[verb] = Working(verb, document, ledger.append_workings(workings).id)
            return kept, ""
    except ForecastError as error:
        return {verb: Working(verb, document) for verb, document in documents.items()}, str(error)


def sources(
    ledger: Ledger,
    workspace: Path,
    entry: Entry,
    asked: tuple[str, str],
    latest: bool,
    works: tuple[Mapping[str, Working], Mapping[str, str], str],
    today: date,
) -> Sources:
    """Everything together.

    Parameters
    ----------
    ledger, workspace
        Where it is.
    entry, asked, latest
        The forecast, the question and outcome looked at, and whether it is cited as the latest.
    works
        Documents, what is missing of them, and why they were not recorded.
    today
        Evidence that was withdrawn by this day is told.
    """
    forecast = entry.forecast
    living = list(ledger.beside(entry, retracted=False))
    before = _found(ledger, forecast.since)
    scenario = readable(workspace, forecast.scenario)
    return Sources(
        entry,
        forecast,
        latest,
        *asked,
        before,
        from_content(ledger.evidence(forecast.evidence_identity)),
        from_content(ledger.evidence(before.forecast.evidence_identity)) if before else None,
        # what came later has no place in a report as of this day, but for the word that there is something
        tuple(sorted({one.id: one for one in living if one.content["as_of"] <= forecast.as_of}.values(), key=_by_time)),
        _later(living, entry),
        tuple(lost_by_files(scenario, ledger, entry, today) if scenario else lost_by_ledger(ledger, entry)),
        tuple(other_versions(living, forecast)),
        scenario,
        _show(scenario, forecast),
        works[0],
        works[1],
        works[2],
        ledger.head(),
        Citing(cache(ledger.entry), entry.id if latest else None),
    )


def _later(living: Sequence[Entry], entry: Entry) -> Entry | None:
    """The latest forecast of the same version, if it is as of a later day."""
    found = latest_of(living, model=entry.content["model"])
    return found if found is not None and found.content["as_of"] > entry.content["as_of"] else None


def _found(ledger: Ledger, name: str | None) -> Entry | None:
    try:
        return ledger.entry(name) if name else None
    except InputError:  # in no log of this ledger
        return None


def _by_time(entry: Entry) -> tuple[str, Any]:
    return entry.content["as_of"], made_at_instant(entry.content["made_at"])


def _show(scenario: Scenario | None, forecast: Forecast) -> Mapping[str, Any] | None:
    """What the files say of the day, if they still give the evidence on record."""
    from forecast.documents.show import show_document
    from forecast.model.as_of import snapshot
    from forecast.model.evidence_set import evidence_identity, evidence_set
    from forecast.model.version import settings

    if scenario is None or forecast.model not in scenario.models:
        return None
    as_of = date.fromisoformat(forecast.as_of)
    then = evidence_set(snapshot(scenario, forecast.model, as_of), scenario.start, settings(scenario, forecast.model))
    if evidence_identity(then) != forecast.evidence_identity:
        return None
    return show_document(scenario, as_of, forecast.model)
