"""Answers to other evidence from draws at hand: exact importance sampling with the ratio of full likelihoods.

Draws theta from prior x likelihood of evidence E, asked about E': log w = log p(E' | theta) - log p(E | theta),
smoothed by `psis`. It is no use of a posterior as the next prior: E' may hold less than E, other grades or another day.
What has to be the same is the prior of the standard parameters (`same_prior`); ranges, tau and told enter the
likelihood and may differ. A watch that the draws do not know gets its detection from the prior, which is exact too.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from forecast.inference.draws import Draws, flat
from forecast.inference.monte_carlo import effective_size, mcse_of_mean
from forecast.inference.psis import pareto_khat, psis
from forecast.model.answers import answer, filtered
from forecast.model.arrays import Arrays
from forecast.model.filter import Filtered
from forecast.model.priors import Natural, draw_prior, goes_to_concentrations, natural
from forecast.model.version import Floats, Settings
from forecast.scenario.schema import Family, Occurs, State, Stays

__all__ = [
    "MAX_KHAT",
    "MIN_ESS",
    "Anchor",
    "Weighed",
    "judge",
    "mean_of",
    "prior_anchor",
    "raw_for",
    "same_prior",
    "serves",
    "shortfalls",
    "watch_names",
    "weigh",
    "weigh_run",
    "weighted_mean",
]

#: Largest k-hat of weights that can be relied upon, and least effective sample size for the mean of any answer.
MAX_KHAT = 0.7
MIN_ESS = 400.0

#: Log-ratios that vary by less than rounding do not vary: the same evidence.
STILL = 1e-9

#: Draws from the prior that serve where there is little evidence, as chains of independent draws.
PRIOR_CHAINS, PRIOR_DRAWS = 4, 1000


@dataclass(frozen=True, slots=True)
class Anchor:
    """Draws that answers are computed from, and the model whose prior they share; `id` names them in records."""

    id: str
    model: Settings
    draws: Draws


@dataclass(frozen=True, slots=True)
class Weighed:
    """An anchor's draws, weighed for other evidence: parameters and filter with their D weights, which sum to one.

    `khat` is that of the weights alone and `ess` their effective sample size; `judge` does the same for answers.
    """

    anchor: Anchor
    parameters: Natural
    filtered: Filtered
    log_weights: Floats  # (D,)
    khat: float
    ess: float
    shape: tuple[int, int]  # chains, draws

    @property
    def weights(self) -> Floats:
        """The weights, (D,)."""
        weights: Floats = np.exp(self.log_weights)
        return weights

    def answer(self, question: State | Stays | Occurs, model: Settings, data: Arrays) -> Floats:
        """Probability of every outcome in every draw, (D, outcome); see `model.answers.answer`."""
        return answer(question, self.filtered, self.parameters, model, data)


def same_prior(one: Settings, other: Settings) -> bool:
    """Whether two models give the standard parameters the same prior, so that draws of one serve for the other.

    What the family switches off does not matter.
    """
    names = [(model.family, model.regimes, model.events, model.conditions) for model in (one, other)]
    if names[0] != names[1]:
        return False
    moves = one.family is Family.STATIC or (
        np.array_equal(goes_to_concentrations(one), goes_to_concentrations(other))
        and _classes(one) == _classes(other)
        and (not one.base_rates or np.array_equal(one.stays, other.stays))
    )
    return moves and (one.family is Family.BASE_RATE or np.array_equal(one.grades, other.grades))


def _classes(model: Settings) -> list[tuple[float, ...]]:
    rows = ((rate.regime, rate.endings, rate.years_at_risk, rate.relevance) for rate in model.base_rates)
    return sorted(rows)


def prior_anchor(model: Settings, data: Arrays, seed: int) -> Anchor:
    """Fresh draws from the prior: the best anchor where there is little evidence."""
    n_draws = PRIOR_CHAINS * PRIOR_DRAWS
    raw = draw_prior(model, data.fixed, n_draws, np.random.default_rng(seed % 2**63))
    arrays = {name: values.reshape((PRIOR_CHAINS, PRIOR_DRAWS, *values.shape[1:])) for name, values in raw.items()}
    meta = {"sampler": "prior", "chains": PRIOR_CHAINS, "draws": PRIOR_DRAWS, "seed": seed}
    return Anchor("prior", model, Draws(arrays, meta, np.zeros((PRIOR_CHAINS, PRIOR_DRAWS)), watch_names(data)))


def watch_names(data: Arrays) -> tuple[tuple[str, str], ...]:
    """What names the columns of `detection_own`: indicator and first day of every watch."""
    return tuple((watch.indicator, watch.first.isoformat()) for watch in data.watches)


def weigh(anchor: Anchor, model: Settings, data: Arrays) -> Weighed:
    """Weigh an anchor's draws for a model and its evidence.

    Raises
    ------
    ValueError
        If the anchor's draws have another prior.
    """
    if not same_prior(anchor.model, model):
        raise ValueError(f"draws {anchor.id} have another prior than model {model.version}")
    parameters = natural(np, raw_for(anchor, data), model, data.fixed)
    return weigh_run(anchor, parameters, filtered(parameters, model, data))


def weigh_run(anchor: Anchor, parameters: Natural, result: Filtered) -> Weighed:
    """Weigh an anchor's draws by what the filter found for the other evidence."""
    assert anchor.draws.log_likelihood is not None
    log_ratios = result.log_likelihood.sum(axis=1) - anchor.draws.log_likelihood.ravel()
    if np.ptp(log_ratios) < STILL:
        log_ratios = np.zeros_like(log_ratios)
    shape = anchor.draws.shape
    raw_weights = np.exp(log_ratios - log_ratios.max())
    efficiency = _efficiency(raw_weights.reshape(shape))
    log_weights, khat = psis(log_ratios, efficiency)
    ess = efficiency / float(np.exp(2 * log_weights).sum())
    return Weighed(anchor, parameters, result, log_weights, khat, ess, shape)


def _efficiency(values: Floats) -> float:
    """Effective over nominal number of draws (chain, draw), at most 1."""
    return min(effective_size(values) / values.size, 1.0)


def raw_for(anchor: Anchor, data: Arrays) -> dict[str, Floats]:
    """The anchor's standard parameters with the watches of `data`, known ones by name, new ones from their prior.

    The seed of a new watch hangs on the draws and the watch alone: the same numbers whatever else is asked. Draws of a
    base-rate model, whose identity conditions are no part of, may have more or fewer of them than the model.
    """
    n_indicators = len(anchor.model.events) + len(anchor.model.conditions)
    raw = flat(anchor.draws)
    raw |= {name: _first_of(raw[name], n_indicators) for name in ("indicator_common", "indicator_own")}
    columns = {name: raw["detection_own"][:, place] for place, name in enumerate(anchor.draws.watches)}
    own = np.empty((anchor.draws.n_draws, len(data.watches)))
    for place, name in enumerate(watch_names(data)):
        own[:, place] = columns[name] if name in columns else _new_detection(anchor, name)
    return raw | {"detection_own": own}


def _first_of(values: Floats, n: int) -> Floats:
    """The first n indicators of (D, indicator, ...); conditions that are lacking are never used, and stand at zero."""
    kept = values[:, :n]
    return np.pad(kept, [(0, n - kept.shape[1]) if axis == 1 else (0, 0) for axis in range(kept.ndim)])


def _new_detection(anchor: Anchor, name: tuple[str, str]) -> Floats:
    text = "\n".join((anchor.id, *name, str(anchor.draws.meta.get("seed"))))
    seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8])
    return np.random.default_rng(seed).standard_normal(anchor.draws.n_draws)


def judge(weighed: Weighed, answers: Mapping[str, Floats]) -> tuple[float, float]:
    """Worst k-hat and least effective sample size, over the weights and over every outcome of every answer.

    Parameters
    ----------
    weighed
        The weights.
    answers
        Probability of every outcome in every draw, (D, outcome).

    Returns
    -------
    float
        The largest k-hat of weights and of weights times probability; NaN counts as infinite.
    float
        The least number of independent draws from the target that would do as well.
    """
    columns = [column for values in answers.values() for column in np.moveaxis(values, -1, 0)]
    khats = [weighed.khat, *(_khat_of(weighed, column) for column in columns)]
    sizes = [weighed.ess, *(_size_of(weighed, column) for column in columns)]
    return max(np.inf if np.isnan(khat) else khat for khat in khats), min(sizes)


def serves(khat: float, ess: float) -> bool:
    """Whether numbers that draws give may be used unmarked: both limits are met; NaN meets none."""
    return not shortfalls(khat, ess)


def shortfalls(khat: float, ess: float) -> tuple[str, ...]:
    """Which of the limits are not met, a sentence each."""
    found = []
    if not khat <= MAX_KHAT:
        found.append(f"k-hat of the weights is {khat:.2f} (must not be above {MAX_KHAT})")
    if not ess >= MIN_ESS:
        found.append(f"least effective sample size is {ess:.0f} (must not be below {MIN_ESS:.0f})")
    return tuple(found)


def _khat_of(weighed: Weighed, values: Floats) -> float:
    # equal weights leave nothing to doubt but the draws themselves, which their own diagnostics judge
    if weighed.khat == -np.inf or not values.any():
        return -np.inf
    with np.errstate(divide="ignore"):
        return pareto_khat(weighed.log_weights + np.log(values))


def _size_of(weighed: Weighed, values: Floats) -> float:
    mean, mcse = weighted_mean(weighed.weights.reshape(weighed.shape), values.reshape(weighed.shape))
    variance = float((weighed.weights * (values - mean) ** 2).sum())
    return variance / mcse**2 if mcse > 0 else weighed.ess


def mean_of(weights: Floats, values: Floats) -> float:
    """The mean for weights that sum to one but for rounding, which must not take it beyond the values."""
    return min(max(float((weights * values).sum()), float(values.min())), float(values.max()))


def weighted_mean(weights: Floats, values: Floats) -> tuple[float, float]:
    """Mean and its Monte Carlo standard error, for weights (chain, draw) that sum to one.

    The error of a ratio of means by the delta method: that of the mean of S w (x - mean), whose autocorrelation counts.
    """
    if np.ptp(weights) == 0:
        # the very numbers that the fit had
        mean, parts = float(values.mean()), values
    else:
        mean = mean_of(weights, values)
        parts = weights.size * weights * (values - mean)
    return mean, mcse_of_mean(parts)
