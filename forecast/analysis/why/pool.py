"""The draws at hand for many related questions to the model, and for each the ones that serve it best."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from forecast.analysis.anchors import largest
from forecast.inference.cached_reweighter import CachedReweighter
from forecast.inference.monte_carlo import mcse_of_mean
from forecast.inference.reweight import ProposalDraws, WeightedDraws, judge, mean_of, same_prior, serves
from forecast.model.answers import outcomes
from forecast.model.arrays import Arrays
from forecast.model.version import Floats, Settings, model_identity
from forecast.plan import Question

__all__ = [
    "Pool",
    "Refit",
    "Served",
    "error_of_change",
    "error_of_log_odds",
    "log_odds",
    "moved",
]

#: Makes draws where none at hand serve; None where they fail their diagnostics.
Refit = Callable[[Settings, Arrays], ProposalDraws | None]


@dataclass(frozen=True, slots=True)
class Served:
    """The probability of one outcome, from the draws of one anchor.

    `values` (chain, draw) is the probability in every draw, `weights` sum to one; `khat` and `ess` are the worst over
    weights and answer, `approximate` says that they do not meet the limits.
    """

    anchor: str
    values: Floats
    weights: Floats
    khat: float
    ess: float

    @property
    def p(self) -> float:
        """The probability."""
        return mean_of(self.weights, self.values)

    @property
    def approximate(self) -> bool:
        """Whether k-hat or effective sample size fail."""
        return not serves(self.khat, self.ess)

    @property
    def error(self) -> float:
        """Monte Carlo standard error of the log-odds of p."""
        return mcse_of_mean(self.influence())

    def influence(self) -> Floats:
        """What every draw adds to the error of the log-odds of p, (chain, draw); see `reweight.weighted_mean`."""
        p = self.p
        return self.parts() / (p * (1 - p))

    def parts(self) -> Floats:
        """What every draw adds to the error of p itself, (chain, draw)."""
        return self.weights.size * self.weights * (self.values - self.p)


class Pool:
    """Anchors, and on each a bench for every model that has its prior."""

    def __init__(
        self, anchors: Iterable[ProposalDraws], spare: Iterable[ProposalDraws] = (), refit: Refit | None = None
    ) -> None:
        self._anchors = list({anchor.id: anchor for anchor in anchors}.values())
        known = {anchor.id for anchor in self._anchors}
        self._spare = [anchor for anchor in spare if anchor.id not in known]
        self._refit = refit
        self._benches: dict[tuple[str, str], CachedReweighter] = {}
        self._latest: dict[tuple[str, str], tuple[Arrays, WeightedDraws]] = {}

    def weigh(
        self, model: Settings, data: Arrays, anchors: Sequence[ProposalDraws], *, keep: bool
    ) -> list[WeightedDraws]:
        """The draws of every anchor that has the prior of the model, weighed."""
        identity = model_identity(model)
        found = []
        for anchor in anchors:
            if same_prior(anchor.model, model):
                key = (anchor.id, identity)
                if key not in self._benches:
                    self._benches[key] = CachedReweighter(anchor, model)
                # questions about the same evidence come one after the other
                if key not in self._latest or self._latest[key][0] is not data:
                    self._latest[key] = data, self._benches[key].weigh(data, keep=keep)
                found.append(self._latest[key][1])
        return found

    def best(self, model: Settings, data: Arrays, question: Question) -> Floats:
        """Probabilities of all outcomes, from the anchor with the largest effective sample size, unjudged."""
        weighed = largest(self.weigh(model, data, self._anchors, keep=True))
        values = weighed.answer(question, model, data)
        means: Floats = weighed.weights @ values
        return means

    def serve(
        self,
        model: Settings,
        data: Arrays,
        question: Question,
        outcome: str,
        *,
        like: Served | None = None,
        keep: bool = False,
    ) -> Served:
        """The probability of an outcome from the anchor that has the largest effective sample size for this evidence.

        Spare anchors are weighed where the others fail, and new draws made where all do and that is allowed.

        Parameters
        ----------
        model, data, question, outcome
            What is asked.
        like
            Take the draws of this answer if they serve: differences to it have less noise.
        keep
            Evidence asked next begins alike.

        Raises
        ------
        ValueError
            If no anchor has the prior of the model.
        """
        if like is not None:
            same = [anchor for anchor in self._anchors if anchor.id == like.anchor]
            weighed = self.weigh(model, data, same, keep=keep)
            served = _served(weighed[0], model, data, question, outcome) if weighed else None
            if served is not None and not served.approximate:
                return served
        found = self.weigh(model, data, self._anchors, keep=keep)
        served = _served(largest(found), model, data, question, outcome) if found else None
        if served is None or served.approximate:
            found += self.weigh(model, data, self._spare, keep=keep)
            if not found:
                raise ValueError(f"no draws at hand have the prior of model {model.version}")
            served = _served(largest(found), model, data, question, outcome)
        made = self._refit(model, data) if served.approximate and self._refit is not None else None
        if made is not None:
            self._anchors.append(made)
            found = self.weigh(model, data, self._anchors[-1:], keep=keep)
            served = _served(found[0], model, data, question, outcome)
        return served


def _served(weighed: WeightedDraws, model: Settings, data: Arrays, question: Question, outcome: str) -> Served:
    column = outcomes(question, model).index(outcome)
    values = weighed.answer(question, model, data)[:, column]
    khat, ess = judge(weighed, {question.id: values[:, None]})
    return Served(weighed.anchor.id, values.reshape(weighed.shape), weighed.weights.reshape(weighed.shape), khat, ess)


def log_odds(p: float) -> float:
    """Log-odds of a probability; infinite for 0 and 1."""
    with np.errstate(divide="ignore"):
        return float(np.log(p) - np.log1p(-p))


def moved(recorded: float | None, whole: Served, other: Served) -> float:
    """A recorded probability after the change of log-odds from `whole` to `other`.

    `whole` is the recorded answer computed again. It may come from other draws than the record did; their noise is in
    `other` too, and must not pass for an effect of what is different there.
    """
    change = log_odds(other.p) - log_odds(whole.p)
    if recorded is None or not (0.0 < recorded < 1.0 and np.isfinite(change)):
        return other.p
    return float(1.0 / (1.0 + np.exp(-(log_odds(recorded) + change))))


def error_of_log_odds(before: Served, after: Served) -> float:
    """Monte Carlo standard error of the difference of two log-odds; what both owe to the same draws cancels."""
    if before.anchor == after.anchor:
        return mcse_of_mean(after.influence() - before.influence())
    return float(np.hypot(before.error, after.error))


def error_of_change(before: Served, after: Served) -> float:
    """Monte Carlo standard error of the difference of two probabilities."""
    if before.anchor == after.anchor:
        return mcse_of_mean(after.parts() - before.parts())
    return float(np.hypot(mcse_of_mean(before.parts()), mcse_of_mean(after.parts())))
