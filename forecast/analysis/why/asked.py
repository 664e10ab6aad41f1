"""From a reference to the two forecasts and the question that an explanation is about."""

from dataclasses import dataclass, replace
from pathlib import Path

from forecast.analysis.confidence import confidence, other_versions
from forecast.analysis.stability import judged
from forecast.analysis.why.change import log_odds
from forecast.analysis.why.explain import Explanation, explain
from forecast.analysis.why.leave_out import by_source
from forecast.analysis.why.recorded import Recorded, recorded
from forecast.errors import Finding, InputError
from forecast.inference.posterior import Progress, Sampler
from forecast.inference.stored_draws import DrawSource, check_reliable
from forecast.ledger.draw_store import LedgerDraws
from forecast.ledger.records import Entry
from forecast.ledger.store import Ledger
from forecast.model.arrays import arrays
from forecast.model.version import Settings, model_identity, settings
from forecast.scenario.read import default_model, readable
from forecast.words import ICD203, Scale

__all__ = ["Asked", "draw_source", "explained", "look_up"]

#: What `--since` may be, besides the id of a forecast.
EARLIER = "earlier"


@dataclass(frozen=True, slots=True)
class Asked:
    """A scenario (its latest forecast) or a forecast, a question and an outcome of it, and since when.

    `scale` is that of the words; by default the scenario's, as its files say now.
    """

    target: str
    question: str | None = None
    outcome: str | None = None
    since: str | None = None
    scale: Scale | None = None


def look_up(ledger: Ledger, workspace: Path, target: str) -> Recorded:
    """The forecast that a reference names: by id, or the latest of a scenario.

    Raises
    ------
    InputError
        If there is none, or the id names another record.
    LedgerError
        If it cannot be computed again.
    """
    if target.startswith("fc-"):
        entry = ledger.entry(target)
    else:
        name, _, log = target.partition("@")
        foreign = log if log not in ("", "latest") else None
        found = ledger.latest(name, default_model=default_model(workspace, name), foreign=foreign)
        if found is None:
            known = ", ".join(ledger.scenarios()) or "none yet"
            message = f"no forecast of '{target}' is recorded.{ledger.foreign_hint(name)}"
            raise InputError(Finding("error", message, found=target, accepted=f"a forecast, or one of: {known}"))
        entry = found
    return recorded(ledger, entry, lambda: _at_hand(workspace, entry))


def _at_hand(workspace: Path, entry: Entry) -> Settings | None:
    scenario = readable(workspace, entry.forecast.scenario)
    if scenario is None or entry.forecast.model not in scenario.models:
        return None
    model = settings(scenario, entry.forecast.model)
    return model if model_identity(model) == entry.forecast.model_identity else None


def explained(
    ledger: Ledger,
    workspace: Path,
    asked: Asked,
    *,
    power_scaling: bool = False,
    sampler: Sampler | None = None,
    progress: Progress = lambda *_: None,
) -> Explanation:
    """Find what is asked for and explain it; see `analysis.why.explain.explain`.

    Parameters
    ----------
    ledger, workspace
        Where forecasts, draws and scenarios are.
    asked
        What is asked for.
    power_scaling
        Say which priors the answer depends on; loads ArviZ.
    sampler
        NUTS, where sequential Monte Carlo fails its diagnostics; None to refuse.
    progress
        Called at every stage.

    Raises
    ------
    InputError
        If a reference names nothing, or what it names has no part in the other.
    DiagnosticError
        If no draws are good enough.
    """
    later = look_up(ledger, workspace, asked.target)
    earlier = _since(ledger, workspace, later, asked.since) if asked.since else None
    question = asked.question or _most_moved(earlier, later)
    files = readable(workspace, later.forecast.scenario)
    sources = by_source(files, later)
    source = draw_source(ledger, workspace, later, sampler, progress)
    found = explain(source, earlier, later, question, asked.outcome, sources)
    if power_scaling and found.p_to is not None:
        found = replace(found, power_scaling=_power_scaling(ledger, workspace, found))
    return _rated(ledger, found, asked.scale or (files.words if files else ICD203))


def draw_source(
    ledger: Ledger,
    workspace: Path,
    forecast: Recorded,
    sampler: Sampler | None = None,
    progress: Progress = lambda *_: None,
) -> DrawSource:
    """Draws for a recorded forecast and evidence like it."""
    store = LedgerDraws(ledger, workspace, forecast.forecast.scenario, forecast.model)
    return DrawSource(store, "auto", sampler, progress)


def _rated(ledger: Ledger, found: Explanation, scale: Scale) -> Explanation:
    """With what became of the answer's word, and how much its evidence base bears."""
    later = found.later
    answer = later.answers(found.question).get(found.outcome)
    if answer is None or answer.p is None:
        return found
    word = judged(answer, found.leave_one_out, found.sensitivity, scale)
    others = other_versions(ledger, later.forecast)
    rating = confidence(later.forecast, later.evidence, answer, word, others)
    return replace(found, stability=word, confidence=rating)


def _power_scaling(ledger: Ledger, workspace: Path, found: Explanation) -> tuple[tuple[str, float], ...]:
    from forecast.inference.power_scale import power_scaling

    later = found.later
    question = later.question(found.question)
    data = arrays(later.evidence, later.model, later.as_of)
    posterior = draw_source(ledger, workspace, later).draws_for(
        later.model,
        data,
        [question],
        seed=later.forecast.seed,
        candidates=lambda fit: later.forecast.fit in (None, fit.sha256),
    )
    check_reliable(posterior, later.id)
    return tuple(power_scaling(posterior.draws, later.model, data, question, found.outcome))


def _since(ledger: Ledger, workspace: Path, later: Recorded, since: str) -> Recorded:
    target = since
    if since == EARLIER:
        if later.forecast.since is None:
            message = f"when {later.id} was made, no forecast of its model as of an earlier day was on record."
            raise InputError(Finding("error", message, key="--since", found=since, accepted="the id of a forecast"))
        target = later.forecast.since
    earlier = look_up(ledger, workspace, target)
    if earlier.id == later.id:
        message = f"{later.id} cannot be compared with itself."
        raise InputError(Finding("error", message, key="--since", found=since, accepted="another forecast"))
    return earlier


def _most_moved(earlier: Recorded | None, later: Recorded) -> str:
    """The first open question; between two forecasts the one with the outcome whose log-odds moved most."""
    now = {(row.question, row.outcome): row.p for row in later.forecast.answers if row.p is not None}
    if earlier is None or not now:
        return next((question for question, _ in now), later.forecast.answers[0].question)
    then = {(row.question, row.outcome): row.p for row in earlier.forecast.answers if row.p is not None}
    both = [key for key in now if key in then and 0 < now[key] < 1 and 0 < then[key] < 1]
    if not both:
        message = f"{earlier.id} and {later.id} share no open question."
        raise InputError(Finding("error", message, key="--since", accepted="two forecasts that ask the same"))
    return max(both, key=lambda key: abs(log_odds(now[key]) - log_odds(then[key])))[0]
