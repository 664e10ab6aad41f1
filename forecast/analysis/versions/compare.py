"""Model versions side by side: where they differ, what they answer, how well they foresaw what was seen.

The benchmark, a version of the base-rate family, is always among them: what does not beat it has learnt nothing.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from functools import cache
from time import perf_counter
from typing import Any

import numpy as np

from forecast.analysis.anchors import sampled_anchor, stored_anchors
from forecast.analysis.versions.block_error import block_length
from forecast.analysis.versions.compare_tables import answer_rows, draws_row, indicator_rows, step_rows, total_rows
from forecast.analysis.versions.predictive_check import MISFIT, predictive_check
from forecast.analysis.versions.prequential import Prequential, evidence_before, prequential
from forecast.analysis.versions.recorded_scores import paired_scores, rows_of_versions
from forecast.analysis.versions.serve import Served, serve
from forecast.analysis.versions.settings_diff import differing_settings
from forecast.analysis.versions.watch_windows import Window, count_events, watch_windows
from forecast.canonical import sha256
from forecast.errors import Finding, InputError
from forecast.inference.draws import Draws
from forecast.inference.posterior import Progress, Sampler, nuts
from forecast.inference.reweight import Anchor, Weighed, prior_anchor
from forecast.ledger.store import Ledger
from forecast.model.answers import is_over
from forecast.model.arrays import Arrays, arrays
from forecast.model.known import known
from forecast.model.steps import steps_between
from forecast.model.version import Floats, Settings, model_identity, settings
from forecast.plan import Question, questions_as_of
from forecast.scenario.record import Scenario
from forecast.scenario.schema import Family

__all__ = ["compare", "compared_versions"]

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
    prior: Anchor
    more: Callable[[], Anchor]
    scenario: Scenario
    refit: Callable[[Arrays], Anchor] | None


def compared_versions(scenario: Scenario, names: Sequence[str]) -> list[str]:
    """The versions that are compared: those named, each once, before them the benchmark.

    The benchmark is `v0` if that is of the base-rate family, else the first version of that family; none if there is
    none.

    Raises
    ------
    InputError
        If a version does not exist (the nearest is named), or fewer than two are left.
    """
    wanted = [scenario.model(name).version for name in dict.fromkeys(names)]
    flat = [name for name, version in scenario.models.items() if version.family is Family.BASE_RATE]
    named = [name for name in wanted if name in flat]
    benchmark = "v0" if "v0" in flat else next(iter(named or flat), None)
    found = list(dict.fromkeys([benchmark, *wanted] if benchmark else wanted))
    if len(found) < 2:
        others = [name for name in scenario.models if name not in found]
        accepted = "another version: " + ", ".join(others) if others else "a second file in models/"
        message = f"nothing to compare {found[0]} with." if found else "no version is named."
        raise InputError(Finding("error", message, found=" ".join(names), accepted=accepted))
    return found


def compare(
    scenario: Scenario,
    names: Sequence[str],
    as_of: date,
    today: date,
    ledger: Ledger,
    *,
    refit: bool = False,
    seed: int | None = None,
    sampler: Sampler = nuts,
    progress: Progress = lambda *_: None,
) -> dict[str, Any]:
    """Compare versions as of a day; nothing is recorded.

    Parameters
    ----------
    scenario
        Read without errors.
    names
        Versions; the benchmark is added.
    as_of, today
        The day after which nothing is used, neither for answers nor for scores, and the present one.
    ledger
        Holds stored fits, recorded forecasts, and tells when questions were first asked.
    refit
        Sample where no draws serve; otherwise such numbers are marked.
    seed
        Of all draws made here; equal for all versions, so that versions that share a prior share its draws.
    sampler, progress
        Draws from a posterior; is told of every stage.

    Returns
    -------
    dict
        What `compare --json` prints (docs/cli.md).

    Raises
    ------
    InputError
        If a version does not exist, there is nothing to compare it with, or the day is before the scenario's start
        or in the future.
    """
    versions = compared_versions(scenario, names)
    if not scenario.start <= as_of <= today:
        message = f"{as_of} is {'in the future' if as_of > today else 'before the start of ' + scenario.id}."
        raise InputError(Finding("error", message, key="--as-of", accepted=f"a day from {scenario.start} to {today}"))
    seed = int(sha256(scenario.id)[:12], 16) if seed is None else seed
    windows = watch_windows(scenario, versions, as_of)
    # one count for all: with the grade table of the first version named that is not the benchmark
    counts = [len(days) for days in count_events(scenario, versions[1], windows)]
    questions = questions_as_of(scenario, as_of, ledger)
    then = known(scenario, versions[1], as_of)
    still_open = [q for q in questions if q.id not in then.resolutions and not is_over(q, as_of)]
    answered: dict[str, Served] = {}
    scored: dict[str, Prequential] = {}
    checks: list[dict[str, Any]] = []
    models: dict[str, Settings] = {}
    seconds: dict[str, dict[str, float | None]] = {}
    for number, name in enumerate(versions):
        version = _version(scenario, name, number, windows, as_of, seed, sampler if refit else None, progress)
        models[name] = version.model
        began = perf_counter()
        progress(f"{name}: answers", None, "")
        answered[name] = _answered(version, ledger, as_of, still_open)
        answered_at = perf_counter()
        answering = answered[name].weighed.anchor
        scored[name] = _scored(version, ledger, windows, counts, as_of, answering, progress)
        scored_at = perf_counter()
        progress(f"{name}: predictive check", None, "")
        checks += _checked(version, answered[name], as_of, seed)
        seconds[name] = {
            "answers": round(answered_at - began, 3),
            "prequential": round(scored_at - answered_at, 3),
            "check": round(perf_counter() - scored_at, 3),
            "fit": _fit_seconds(answered[name]),
        }
    identities = {name: model_identity(model) for name, model in models.items()}
    searched = scenario.file.searched_until
    return {
        "scenario": scenario.id,
        "title": scenario.title,
        "as_of": as_of.isoformat(),
        "searched_until": searched.isoformat() if searched else None,
        "seed": seed,
        "benchmark": versions[0] if models[versions[0]].family is Family.BASE_RATE else None,
        "reference": versions[0],
        "models": [{"model": name, "family": model.family.value} for name, model in models.items()],
        "settings": differing_settings(scenario, versions),
        "answers": answer_rows(still_open, answered, models),
        "draws": [draws_row(name, served) for name, served in answered.items()],
        "n_windows": len(windows),
        "n_events": sum(counts),
        "counted_with": versions[1],
        "block_steps": block_length(len(next(iter(scored.values())).steps)) if windows else None,
        "prequential": total_rows(scored),
        "by_indicator": indicator_rows(scored, windows, counts),
        "by_step": step_rows(scored),
        "scores": paired_scores(
            rows_of_versions(scenario, ledger.forecasts(scenario.id, retracted=False), identities, as_of), versions
        ),
        "check": checks,
        "misfit_below": MISFIT,
        "seconds": seconds,
    }


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

    def sample(evidence: Arrays) -> Anchor:
        assert sampler is not None
        # named by its day: fits for other steps are other draws
        day = date.fromordinal(int(evidence.steps.last[-1]))
        return replace(sampled_anchor(model, evidence, seed, sampler, progress), id=f"sampled as of {day}")

    @cache
    def more() -> Anchor:
        return _many(model, data, seed)

    prior = prior_anchor(model, data, seed)
    return _Version(name, number, model, data, prior, more, scenario, sample if sampler else None)


def _many(model: Settings, data: Arrays, seed: int) -> Anchor:
    """`MANY` times the usual number of draws of the prior."""
    batches = [prior_anchor(model, data, seed + number).draws for number in range(1, MANY + 1)]
    arrays_of = {name: np.concatenate([draws.arrays[name] for draws in batches]) for name in batches[0].arrays}
    nothing = np.concatenate([draws.log_likelihood for draws in batches if draws.log_likelihood is not None])
    chains = len(nothing)
    draws = Draws(arrays_of, {**batches[0].meta, "chains": chains}, nothing, batches[0].watches)
    return Anchor(f"prior x {MANY}", model, draws)


def _step_anchors(
    version: _Version, ledger: Ledger, answering: Anchor, day: date, last: Anchor | None
) -> Iterator[Anchor]:
    """For the evidence of a day: the draws used last, of the prior, behind the answers, stored, many of the prior.

    Each is made or read only when it is asked for, and given once.
    """

    def all_of_them() -> Iterator[Anchor]:
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
    def wanted(weighed: Weighed) -> dict[str, Floats]:
        return {question.id: weighed.answer(question, version.model, version.data) for question in questions}

    def nearest_first() -> Iterator[Anchor]:
        scenario = version.scenario
        yield from stored_anchors(ledger, scenario.workspace, scenario.id, version.model, as_of, STORED)
        yield version.prior
        yield version.more()

    return serve(nearest_first(), version.model, version.data, wanted, version.refit)


def _scored(
    version: _Version,
    ledger: Ledger,
    windows: Sequence[Window],
    counts: Sequence[int],
    as_of: date,
    answering: Anchor,
    progress: Progress,
) -> Prequential:
    scenario = version.scenario
    return prequential(
        version.model,
        windows,
        counts,
        steps_between(scenario.start, as_of, scenario.file.step),
        evidence_before(scenario, version.model, windows, version.number),
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
