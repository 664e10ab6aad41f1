"""Estimates of probabilities, and the change between two of them with its Monte Carlo error."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from forecast.inference.posterior import Question
from forecast.inference.reweight import WeightedDraws
from forecast.model.answers import outcomes
from forecast.model.arrays import Arrays
from forecast.model.version import Floats, Settings

__all__ = [
    "Change",
    "Estimate",
    "Point",
    "after_change",
    "difference_error",
    "error_after",
    "estimates",
    "log_odds",
    "noises",
    "paired",
    "total",
    "unpaired",
]


@dataclass(frozen=True, slots=True)
class Point:
    """A model with evidence, and what is asked there: for each question, an outcome."""

    model: Settings
    data: Arrays
    asked: tuple[tuple[Question, str], ...]


@dataclass(frozen=True, slots=True)
class Estimate:
    """The probability of one outcome at a point; `values` (D,) is the probability in every draw."""

    weighted: WeightedDraws
    values: Floats

    @property
    def p(self) -> float:
        """The probability."""
        return self.weighted.mean(self.values)

    @property
    def influence(self) -> Floats:
        """How much every draw moves the probability, (D,)."""
        return self.weighted.influence(self.values)

    @property
    def influence_on_log_odds(self) -> Floats:
        """How much every draw moves the log-odds, (D,); zero where the probability is 0 or 1."""
        spread = self.p * (1 - self.p)
        return self.influence / spread if spread > 0 else np.zeros_like(self.values)

    @property
    def error(self) -> float:
        """Monte Carlo standard error of the log-odds."""
        return self.weighted.error(self.influence_on_log_odds)


@dataclass(frozen=True, slots=True)
class Change:
    """A change of log-odds with its Monte Carlo error, and apart from it what moving the draws changed, with its error.

    `p` is the probability after it, as the draws have it.
    """

    log_odds: float
    error: float
    noise: float
    noise_error: float
    p: float


def log_odds(p: float) -> float:
    """Log-odds of a probability; infinite for 0 and 1."""
    with np.errstate(divide="ignore"):
        return float(np.log(p) - np.log1p(-p))


def after_change(p: float | None, change: Change) -> float:
    """A recorded probability after a change of its log-odds; where it has none, the probability as computed."""
    if p is None or not (0.0 < p < 1.0 and np.isfinite(change.log_odds)):
        return change.p
    return float(1.0 / (1.0 + np.exp(-(log_odds(p) + change.log_odds))))


def error_after(p: float, change: Change) -> float:
    """Monte Carlo standard error of the difference of probabilities that a change leads to, at its end."""
    return p * (1 - p) * change.error


def difference_error(here: Estimate, there: Estimate, change: Change) -> float:
    """Monte Carlo standard error of the difference of two probabilities as their draws have them."""
    if here.weighted.proposal is there.weighted.proposal:
        return there.weighted.error(there.influence - here.influence)
    return there.p * (1 - there.p) * float(np.hypot(change.error, change.noise_error))


def total(changes: Sequence[Change]) -> Change:
    """Changes one after the other as one."""
    errors = [(change.error, change.noise_error) for change in changes]
    error, noise_error = np.sqrt(np.square(errors).sum(axis=0)).tolist()
    sums = sum(change.log_odds for change in changes), sum(change.noise for change in changes)
    return Change(sums[0], error, sums[1], noise_error, changes[-1].p)


def estimates(weighted: WeightedDraws, point: Point) -> list[Estimate]:
    """The outcomes asked at a point; each question is answered once."""
    answers = {question.id: weighted.answer(question) for question, _ in point.asked}
    return [
        Estimate(weighted, answers[question.id][:, outcomes(question, point.model).index(outcome)])
        for question, outcome in point.asked
    ]


def paired(here: Sequence[Estimate], there: Sequence[Estimate]) -> list[Change]:
    """Changes between estimates from the same draws."""
    return [
        Change(
            log_odds(after.p) - log_odds(before.p),
            after.weighted.error(after.influence_on_log_odds - before.influence_on_log_odds),
            0.0,
            0.0,
            after.p,
        )
        for before, after in zip(here, there, strict=True)
    ]


def unpaired(here: Sequence[Estimate], there: Sequence[Estimate]) -> list[Change]:
    """Changes between estimates from draws that have nothing in common."""
    return [
        Change(log_odds(after.p) - log_odds(before.p), float(np.hypot(before.error, after.error)), 0.0, 0.0, after.p)
        for before, after in zip(here, there, strict=True)
    ]


def noises(here: Sequence[Estimate], there: Sequence[Estimate]) -> list[Change]:
    """What moving the draws changed where the evidence is the same: noise of the sampling."""
    return [Change(0.0, 0.0, one.log_odds, one.error, one.p) for one in unpaired(here, there)]
