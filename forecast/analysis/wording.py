"""All words of a recorded forecast: which of them hold, and how much the evidence base of each answer bears."""

from dataclasses import dataclass
from pathlib import Path

from forecast.analysis.confidence import Confidence, confidence, other_versions
from forecast.analysis.stability import Stability, stability
from forecast.analysis.why.asked import draw_source, look_up
from forecast.analysis.why.recorded import Recorded
from forecast.errors import Finding, InputError
from forecast.inference.posterior import Progress, Sampler
from forecast.inference.stored_draws import DrawSource
from forecast.ledger.store import Ledger
from forecast.scenario.read import readable
from forecast.scenario.validation import nearest
from forecast.words import ICD203, Scale

__all__ = ["Wording", "wording"]


@dataclass(frozen=True, slots=True)
class Wording:
    """A forecast, and for each of its open answers what became of the word and how the evidence base is rated."""

    forecast: Recorded
    scale: Scale
    answers: tuple[tuple[Stability, Confidence], ...]


def wording(
    ledger: Ledger,
    workspace: Path,
    target: str,
    question: str | None = None,
    outcome: str | None = None,
    scale: Scale | None = None,
    progress: Progress = lambda *_: None,
    sampler: Sampler | None = None,
    source: DrawSource | None = None,
) -> Wording:
    """Judge the words of a forecast.

    Parameters
    ----------
    ledger, workspace
        Where forecasts, draws and scenarios are.
    target
        A forecast's id, or a scenario whose latest is meant.
    question, outcome
        Only these.
    scale
        Of words; by default the scenario's as its files say now, else ICD 203.
    progress
        Called at every stage.
    sampler
        NUTS, where sequential Monte Carlo fails its diagnostics; None to refuse.
    source
        Chooses draws; by default one for this forecast.

    Raises
    ------
    InputError
        If there is no such forecast, question or outcome, or no question is open.
    """
    forecast = look_up(ledger, workspace, target)
    if question is not None:
        forecast.question(question)
        ends = forecast.answers(question)
        if outcome is not None and outcome not in ends and not any(answer.closed for answer in ends.values()):
            message = f"question {question} has no outcome '{outcome}'{nearest(outcome, ends)}"
            raise InputError(Finding("error", message, found=outcome, accepted=", ".join(ends)))
    if scale is None:
        files = readable(workspace, forecast.forecast.scenario)
        scale = files.words if files else ICD203
    source = source or draw_source(ledger, workspace, forecast, sampler, progress)
    judged = stability(source, forecast, scale, question, outcome, progress)
    if not judged:
        what = f"{question} is closed" if question else "every question is closed"
        raise InputError(Finding("error", f"{what} in {forecast.id}: it has no word.", accepted="an open question"))
    others = other_versions(ledger, forecast.forecast)
    answers = {(row.question, row.outcome): row for row in forecast.forecast.answers}
    rated = tuple(
        (one, confidence(forecast.forecast, forecast.evidence, answers[one.question, one.outcome], one, others))
        for one in judged
    )
    return Wording(forecast, scale, rated)
