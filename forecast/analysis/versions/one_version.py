"""One model version compared: its answers, what it foresaw step by step, its predictive check, and what each took."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from functools import cache
from time import perf_counter
from typing import Any

import numpy as np

from forecast.analysis.anchors import sampled_anchor, stored_anchors
from forecast.analysis.versions.predictive_check import predictive_check
from forecast.analysis.versions.prequential import Prequential, evidence_before, prequential
from forecast.analysis.versions.serve import Served, serve
from forecast.analysis.versions.watch_windows import Window, count_events, watch_windows
from forecast.inference.draws import Draws
from forecast.inference.posterior import Progress, Sampler
from forecast.inference.reweight import ProposalDraws, WeightedDraws, prior_draws
from forecast.ledger.store import Ledger
from forecast.model.arrays import Arrays, arrays
from forecast.model.steps import steps_between
from forecast.model.version import Floats, Settings, settings
from forecast.plan import Question
from forecast.scenario.record import Scenario

__all__ = ["MANY", "Counted", "OneVersion", "one_version"]

#: Stored fits that are tried for one step, besides the draws used last and those of the prior.
STORED = 2

#: So many times more draws of the prior are tried where the usual number does not serve: seconds, not a minute's fit.
MANY = 5


@dataclass(frozen=True, slots=True)
class _Version:
    """One version at work: `number` is its place among the windows' watches."""

    name: str
    number: int
    model: Settings
    data: Arrays
    prior: ProposalDraws
    more: Callable[[], ProposalDraws]
    scenario: Scenario
    refit: Callable[[Arrays], ProposalDraws] | None


@dataclass(frozen=True, slots=True)
class Counted:
    """What all versions are held against: windows of watching, and the number of events seen in each."""

    windows: Sequence[Window]
    counts: Sequence[int]


@dataclass(frozen=True, slots=True)
class OneVersion:
    """What came of a version; `seconds` by stage, those of its fit None where its draws are of the prior."""

    model: Settings
    answered: Served
    scored: Prequential
    checked: Sequence[dict[str, Any]]
    seconds: dict[str, float | None]


def one_version(
    scenario: Scenario,
    name: str,
    number: int,
    counted: Counted,
    questions: Sequence[Question],
    as_of: date,
    ledger: Ledger,
    *,
    seed: int,
    sampler: Sampler | None,
    progress: Progress,
) -> OneVersion:
    """Answer, score and check a version as of a day.

    Parameters
    ----------
    scenario, name, number
        The version, and its place among the windows' watches.
    counted
        Windows and counts, the same for all versions.
    questions, as_of
        Those that are open, and the day after which nothing is used.
    ledger
        Holds stored fits.
    seed
        Of all draws made here.
    sampler
        Samples where no draws serve; None if it must not.
    progress
        Is told of every stage.
    """
    version = _version(scenario, name, number, counted.windows, as_of, seed, sampler, progress)
    began = perf_counter()
    progress(f"{name}: answers", None, "")
    answered = _answered(version, ledger, as_of, questions)
    answered_at = perf_counter()
    scored = _scored(version, ledger, counted, as_of, answered.weighed.anchor, progress)
    scored_at = perf_counter()
    progress(f"{name}: predictive check", None, "")
    checked = _checked(version, answered, as_of, seed)
    seconds = {
        "answers": round(answered_at - began, 3),
        "prequential": round(scored_at - answered_at, 3),
        "check": round(perf_counter() - scored_at, 3),
        "fit": _fit_seconds(answered),
    }
    return OneVersion(version.model, answered, scored, checked, seconds)


def _version(
    scenario: Scenario,
    name: str,
    number: int,
    windows: Sequence[Window],
    as_of: date,
    seed: int,
    sampler: Sampler | None,
    progress: Progress,
) -> _Version:
    model = settings(scenario, name)
    data = arrays(evidence_before(scenario, model, windows, number)(as_of), model, as_of)

    def sample(evidence: Arrays) -> ProposalDraws:
        assert sampler is not None
        # named by its day: fits for other steps are other draws. And with a seed of its own: chains of one seed stay
        # close to each other where evidence differs by a month, and errors are added as independent
        day = int(evidence.steps.last[-1])
        anchor = sampled_anchor(model, evidence, seed + day, sampler, progress)
        return replace(anchor, id=f"sampled as of {date.fromordinal(day)}")

    @cache
    def more() -> ProposalDraws:
        return _many(model, data, seed)

    prior = prior_draws(model, data, seed)
    return _Version(name, number, model, data, prior, more, scenario, sample if sampler else None)


def _many(model: Settings, data: Arrays, seed: int) -> ProposalDraws:
    """`MANY` times the usual number of draws of the prior."""
    batches = [prior_draws(model, data, seed + number).draws for number in range(1, MANY + 1)]
    arrays_of = {name: np.concatenate([draws.arrays[name] for draws in batches]) for name in batches[0].arrays}
    nothing = np.concatenate([draws.log_likelihood for draws in batches if draws.log_likelihood is not None])
    chains = len(nothing)
    draws = Draws(arrays_of, {**batches[0].meta, "chains": chains}, nothing, batches[0].watches)
    return ProposalDraws(f"prior x {MANY}", model, draws)


def _step_anchors(
    version: _Version, ledger: Ledger, answering: ProposalDraws, day: date, last: ProposalDraws | None
) -> Iterator[ProposalDraws]:
    """For the evidence of a day: the draws used last, of the prior, behind the answers, stored, many of the prior.

    Each is made or read only when it is asked for, and given once.
    """

    def all_of_them() -> Iterator[ProposalDraws]:
        if last is not None:
            yield last
        yield version.prior
        yield answering
        scenario = version.scenario
        yield from stored_anchors(ledger, scenario.workspace, scenario.id, version.model, day, STORED)
        yield version.more()

    tried: set[str] = set()
    for anchor in all_of_them():
        if anchor.id not in tried:
            tried.add(anchor.id)
            yield anchor


def _answered(version: _Version, ledger: Ledger, as_of: date, questions: Sequence[Question]) -> Served:
    def wanted(weighed: WeightedDraws) -> dict[str, Floats]:
        return {question.id: weighed.answer(question, version.model, version.data) for question in questions}

    def nearest_first() -> Iterator[ProposalDraws]:
        scenario = version.scenario
        yield from stored_anchors(ledger, scenario.workspace, scenario.id, version.model, as_of, STORED)
        yield version.prior
        yield version.more()

    return serve(nearest_first(), version.model, version.data, wanted, version.refit)


def _scored(
    version: _Version,
    ledger: Ledger,
    counted: Counted,
    as_of: date,
    answering: ProposalDraws,
    progress: Progress,
) -> Prequential:
    scenario = version.scenario
    return prequential(
        version.model,
        counted.windows,
        counted.counts,
        steps_between(scenario.start, as_of, scenario.file.step),
        evidence_before(scenario, version.model, counted.windows, version.number),
        lambda day, last: _step_anchors(version, ledger, answering, day, last),
        number=version.number,
        refit=version.refit,
        progress=lambda done: progress(f"{version.name}: prequential score", done, ""),
    )


def _checked(version: _Version, served: Served, as_of: date, seed: int) -> list[dict[str, Any]]:
    windows = watch_windows(version.scenario, (version.name,), as_of, at_the_end=True)
    if not windows:
        return []
    seen = count_events(version.scenario, version.name, windows)
    rng = np.random.default_rng([seed % 2**63, 1])
    rows = predictive_check(served.weighed, windows, seen, version.model, version.data, rng)
    return [{"model": version.name} | asdict(row) for row in rows]


def _fit_seconds(served: Served) -> float | None:
    """What the fit took whose draws were used; None for draws of the prior."""
    spent = served.weighed.anchor.draws.meta.get("seconds")
    return round(sum(spent.values()), 1) if spent else None
