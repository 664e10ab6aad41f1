"""`codebook learn`: rates per regime from cases whose regimes are given, and whether they foresee a case left out.

The learned ranges are those of a case nobody has seen, as the elicited ones are. Each case in turn is left out, and its
counts are foreseen from the others and from what was elicited.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from forecast.canonical import canonical_json, sha256
from forecast.errors import DiagnosticError, Finding, InputError
from forecast.inference.draws import Draws, flat
from forecast.inference.monte_carlo import mcse_of_mean
from forecast.inference.posterior import Progress
from forecast.model.counts import CaseCounts, Counts, counts
from forecast.model.pooling import elicited, learned_ranges, log_predictive, new_case
from forecast.model.version import Floats
from forecast.scenario.schema import Codebook, Range

__all__ = ["Learned", "LearnedRate", "Learning", "LeftOut", "compiled_learner", "learn_rates"]


class Diagnosed(Protocol):
    """What is asked of a diagnosis."""

    @property
    def rhat(self) -> float:
        """The largest."""

    @property
    def ess(self) -> float:
        """The smallest."""

    @property
    def divergences(self) -> int:
        """Divergent transitions."""

    @property
    def problems(self) -> tuple[str, ...]:
        """Why the draws must not be used."""


class Learning(Protocol):
    """A compiled model that samples with the cells it is given; see `inference.learn.Learner`."""

    def draw(self, data: Counts, seed: int, progress: Progress) -> tuple[Draws, Diagnosed]:
        """Draws, and whether they may be used."""


@dataclass(frozen=True, slots=True)
class LearnedRate:
    """Events per year of an indicator in a regime: how much was seen in all cases, and both 80% ranges."""

    indicator: str
    regime: str
    n: int
    years: float
    elicited: Range
    learned: Range


@dataclass(frozen=True, slots=True)
class LeftOut:
    """How well the counts of a case were foreseen without it: sums of log-probabilities over its cells.

    `mcse` is the Monte Carlo standard error of `learned`.
    """

    case: str
    cells: int
    n: int
    elicited: float
    learned: float
    mcse: float

    @property
    def difference(self) -> float:
        """Above zero where the learned ranges foresaw more."""
        return self.learned - self.elicited


@dataclass(frozen=True, slots=True)
class Learned:
    """What was learned: `pooled` is mean and 80% interval of the share of a rate's error that cases have in common."""

    cases: tuple[CaseCounts, ...]
    rates: tuple[LearnedRate, ...]
    kept: Mapping[str, str]
    left_out: tuple[LeftOut, ...]
    pooled: tuple[float, float, float]
    diagnostics: Mapping[str, Any]
    seed: int

    @property
    def difference(self) -> float:
        """Sum over the cases left out."""
        return sum(row.difference for row in self.left_out)

    @property
    def mcse(self) -> float:
        """Monte Carlo standard error of `difference`."""
        return math.hypot(*(row.mcse for row in self.left_out))

    @property
    def se(self) -> float | None:
        """Standard error of `difference`, from its spread between cases; None for a single case."""
        values = [row.difference for row in self.left_out]
        return math.sqrt(len(values)) * float(np.std(values, ddof=1)) if len(values) > 1 else None

    @property
    def ranges(self) -> dict[str, dict[str, Range]]:
        """Learned ranges by indicator and regime."""
        found: dict[str, dict[str, Range]] = {}
        for row in self.rates:
            found.setdefault(row.indicator, {})[row.regime] = row.learned
        return found


def compiled_learner(data: Counts, progress: Progress) -> Learning:
    """The model in PyMC, compiled; see `inference.learn.Learner`."""
    progress("loading PyMC", None, "")
    from forecast.inference.learn import Learner

    return Learner(data, progress)


def learn_rates(
    cases: Sequence[CaseCounts],
    codebook: Codebook,
    *,
    seed: int | None = None,
    progress: Progress = lambda *_: None,
    learner: Callable[[Counts, Progress], Learning] = compiled_learner,
) -> Learned:
    """Learn the rates of a codebook's event indicators.

    Parameters
    ----------
    cases
        Counts of at least one case.
    codebook
        Its ranges are the prior.
    seed
        Of the sampler, and the following ones for the cases left out; by default it follows from the counts and the
        ranges.
    progress
        Told of every stage.
    learner
        Compiles the model.

    Raises
    ------
    InputError
        If no event indicator of the codebook was watched on a day with a regime.
    DiagnosticError
        If any of the fits must not be used.
    """
    ranges = {name: entry.per_year for name, entry in codebook.indicators.items() if entry.per_year is not None}
    data = counts(cases, ranges)
    if not len(data.n):
        message = "no event indicator of the codebook is watched, in any case, on a day with a regime."
        raise InputError(Finding("error", message, key="--cases", accepted="cases with watches within their periods"))
    seed = _seed(data) if seed is None else seed
    ready = learner(data, progress)
    draws, diagnosis = ready.draw(data, seed, _told(progress, "all cases"))
    fits = {"all cases": diagnosis}
    left_out = []
    for number, case in enumerate(data.cases if len(data.cases) > 1 else (), start=1):
        name = f"without {case}"
        # a seed of its own: chains of one seed stay close to each other, and errors are added as independent
        others, fits[name] = ready.draw(data.without(case), seed + number, _told(progress, name))
        left_out.append(_foreseen(case, data.only(case), others))
    problems = [f"{name}: {problem}" for name, one in fits.items() for problem in one.problems]
    if problems:
        raise DiagnosticError("these fits must not be used, and nothing was written: " + "; ".join(problems))
    pooled = flat(draws)["pooled"]
    low, high = np.quantile(pooled, (0.1, 0.9))
    return Learned(
        cases=tuple(sorted(cases, key=lambda case: case.case)),
        rates=tuple(_rates(data, learned_ranges(new_case(flat(draws)), data))),
        kept=_kept(codebook, data),
        left_out=tuple(left_out),
        pooled=(float(pooled.mean()), float(low), float(high)),
        diagnostics={
            "rhat": max(one.rhat for one in fits.values()),
            "ess": min(one.ess for one in fits.values()),
            "divergences": sum(one.divergences for one in fits.values()),
            "fits": len(fits),
            **{key: draws.meta[key] for key in ("sampler", "chains", "draws") if key in draws.meta},
        },
        seed=seed,
    )


def _told(progress: Progress, name: str) -> Progress:
    return lambda stage, done, remark: progress(f"{stage}: {name}", done, remark)


def _seed(data: Counts) -> int:
    content = {
        "cells": [[*data.watches[w], data.regimes[k]] for w, k in zip(data.watch, data.regime, strict=True)],
        "n": data.n.tolist(),
        "years": data.years.tolist(),
        "per_year": data.per_year.tolist(),
        "detection": data.detection.tolist(),
    }
    return int(sha256(canonical_json(content))[:15], 16)


def _rates(data: Counts, ranges: Floats) -> list[LearnedRate]:
    rows = []
    for i, indicator in enumerate(data.indicators):
        for k, regime in enumerate(data.regimes):
            own = (data.indicator == i) & (data.regime == k)
            stated, found = data.per_year[i, k], ranges[i, k]
            rows.append(
                LearnedRate(
                    indicator,
                    regime,
                    int(data.n[own].sum()),
                    float(data.years[own].sum()),
                    (float(stated[0]), float(stated[1])),
                    (float(found[0]), float(found[1])),
                )
            )
    return rows


def _kept(codebook: Codebook, data: Counts) -> dict[str, str]:
    """Indicators whose ranges stay as elicited, and why."""
    return {
        name: "a condition: only rates of events are learned" if entry.kind == "condition" else "watched in no case"
        for name, entry in codebook.indicators.items()
        if name not in data.indicators
    }


def _foreseen(case: str, own: Counts, draws: Draws) -> LeftOut:
    """The sum over cells of the log-probability of each count, from the others' draws and from what was elicited."""
    by_draw = log_predictive(new_case(flat(draws)), own)
    highest = by_draw.max(axis=1, keepdims=True)
    likelihood = np.exp(by_draw - highest)
    mean = likelihood.mean(axis=1, keepdims=True)
    learned = float((np.log(mean) + highest).sum())
    stated = float(log_predictive(elicited(own), own).sum())
    # the delta method: a draw moves the sum of logarithms by its relative likelihoods
    influence = (likelihood / mean).sum(axis=0).reshape(draws.n_chains, -1)
    return LeftOut(case, len(own.n), int(own.n.sum()), stated, learned, mcse_of_mean(influence))
