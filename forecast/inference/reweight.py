"""Answers to other evidence from draws that exist: exact importance sampling with the ratio of full likelihoods.

Draws theta from prior x likelihood of evidence E, asked about E': log w = log p(E' | theta) - log p(E | theta),
smoothed by `psis`. This does not use a posterior as the next prior: E' may hold less than E, other grades or another
day. What has to be the same is the prior of the standard parameters (`same_prior`); ranges, tau and reporting weights
enter the likelihood and may differ. A watch that the draws do not know gets its detection from the prior, which is
exact too.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from forecast.inference.draws import Draws, flat
from forecast.inference.monte_carlo import ancestral_error, effective_size, mcse_of_mean
from forecast.inference.psis import pareto_khat, psis
from forecast.model.answers import answer, filtered
from forecast.model.arrays import Arrays
from forecast.model.filter import Filtered
from forecast.model.occurs_next import answer_next, is_next
from forecast.model.priors import Natural, draw_prior, goes_to_concentrations, natural
from forecast.model.version import Floats, Settings
from forecast.scenario.schema import Family, Occurs, State, Stays

__all__ = [
    "MAX_ERROR",
    "MAX_ERROR_STATIC",
    "MAX_ISLAND_SD",
    "MAX_KHAT",
    "MIN_ESS",
    "ProposalDraws",
    "Quality",
    "Summary",
    "WeightedDraws",
    "prior_draws",
    "quality",
    "raw_for",
    "same_prior",
    "watch_names",
    "weigh",
    "weigh_run",
    "with_watches",
]

#: Largest k-hat of weights that can be relied upon, and least effective sample size for the mean of any answer.
MAX_KHAT = 0.7
MIN_ESS = 400.0

#: Largest Monte Carlo error of any probability from particles; in the static family it is that of whole regimes.
MAX_ERROR = 0.01
MAX_ERROR_STATIC = 0.02

#: Largest standard deviation of the log evidence between islands: above it they have found different things.
MAX_ISLAND_SD = 0.5

#: Log-ratios that vary by less than rounding do not vary: the same evidence.
STILL = 1e-9

#: Independent draws from the prior, laid out as islands.
PRIOR_ISLANDS, PRIOR_DRAWS = 8, 500

#: Ends of the printed interval: the 90% range over draws of the probability given the parameters.
INTERVAL = (0.05, 0.95)

#: Mean, its Monte Carlo standard error, and the ends of the interval over draws.
Summary = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class ProposalDraws:
    """Draws that answers are computed from, and the model whose prior they share; `id` names them in records.

    `data` is the evidence that they were drawn for, where it is known: particles are moved from it to other evidence.
    `is_stored` says that they are in a file; `id` is then its digest.
    """

    id: str
    model: Settings
    draws: Draws
    data: Arrays | None = None
    is_stored: bool = False


@dataclass(frozen=True, slots=True)
class WeightedDraws:
    """Draws weighted for a model and its evidence: parameters and filter with their D weights, which sum to one.

    `khat` is that of the weights alone (minus infinity where the evidence is that of the draws) and `ess` their
    effective sample size; `quality` judges answers.
    """

    proposal: ProposalDraws
    model: Settings
    data: Arrays
    parameters: Natural
    filtered: Filtered
    log_weights: Floats  # (D,)
    khat: float
    ess: float

    @property
    def weights(self) -> Floats:
        """The weights, (D,)."""
        weights: Floats = np.exp(self.log_weights)
        return weights

    @property
    def shape(self) -> tuple[int, int]:
        """Number of chains (or islands), and of draws in each."""
        return self.proposal.draws.shape

    def answer(self, question: State | Stays | Occurs) -> Floats:
        """Probability of every outcome in every draw, (D, outcome); see `model.answers.answer`."""
        return answer(question, self.filtered, self.parameters, self.model, self.data)

    def answers(self, questions: Sequence[State | Stays | Occurs]) -> dict[str, Floats]:
        """Probability of every outcome in every draw, (D, outcome), by question; those that can be, in one pass."""
        together = [one for one in questions if isinstance(one, Occurs) and is_next(one, self.data)]
        found = answer_next(together, self.filtered, self.parameters, self.model, self.data) if together else {}
        return {one.id: found[one.id] if one.id in found else self.answer(one) for one in questions}

    def mean(self, values: Floats) -> float:
        """Weighted mean of values (D,); rounding does not take it beyond the values."""
        if self.khat == -np.inf and self.proposal.draws.log_weights is None:
            return float(values.mean())  # the very numbers that the fit had
        return min(max(float((self.weights * values).sum()), float(values.min())), float(values.max()))

    def influence(self, values: Floats) -> Floats:
        """How much every draw moves the mean of values (D,), to first order: w (x - mean), (D,)."""
        return self.weights * (values - self.mean(values))

    def error(self, influence: Floats) -> float:
        """Monte Carlo standard error of an estimate, from what every draw moves it by, (D,).

        For particles by common ancestry and between islands, for chains by their autocorrelation.
        """
        draws = self.proposal.draws
        by_chain = influence.reshape(self.shape)
        if draws.ancestry is not None:
            return ancestral_error(by_chain, draws.ancestry, draws.meta["ancestors"], draws.meta["islands"])
        return mcse_of_mean(influence.size * by_chain)

    def summary(self, values: Floats) -> Summary:
        """Mean, Monte Carlo standard error and interval of values (D,)."""
        return (self.mean(values), self.error(self.influence(values)), *self._interval(values))

    def _interval(self, values: Floats) -> tuple[float, float]:
        """Quantiles at `INTERVAL`: interpolated between equal draws, else the inverse of the weighted distribution.

        `np.quantile` gives the same, and loads numpy's masked arrays for it.
        """
        order = np.argsort(values)
        ordered = values[order]
        if np.ptp(self.log_weights) == 0:
            low, high = np.interp(np.array(INTERVAL) * (ordered.size - 1), np.arange(ordered.size), ordered)
        else:
            cumulative = np.cumsum(self.weights[order])
            low, high = ordered[np.searchsorted(cumulative, np.array(INTERVAL) * cumulative[-1])]
        return float(low), float(high)


@dataclass(frozen=True, slots=True)
class Quality:
    """The worst diagnostics over weights and answers, and a sentence for each that fails its limit."""

    khat: float
    ess: float
    error: float
    problems: tuple[str, ...]

    @property
    def is_reliable(self) -> bool:
        """Whether every limit is met."""
        return not self.problems


def same_prior(one: Settings, other: Settings) -> bool:
    """Whether two models give the standard parameters the same prior, so that draws of one can be used for the other.

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


def prior_draws(model: Settings, data: Arrays, seed: int, n_each: int = PRIOR_DRAWS) -> ProposalDraws:
    """Independent draws from the prior: the best proposal where there is little evidence."""
    n_draws = PRIOR_ISLANDS * n_each
    raw = draw_prior(model, data.fixed, n_draws, np.random.default_rng(seed % 2**63))
    arrays = {name: values.reshape((PRIOR_ISLANDS, n_each, *values.shape[1:])) for name, values in raw.items()}
    meta = {"sampler": "prior", "islands": PRIOR_ISLANDS, "ancestors": n_each, "seed": seed, "log_evidence": 0.0}
    draws = Draws(
        arrays,
        meta,
        log_likelihood=np.zeros((PRIOR_ISLANDS, n_each)),
        watches=watch_names(data),
        ancestry=np.tile(np.arange(n_each), (PRIOR_ISLANDS, 1)),
    )
    return ProposalDraws("prior", model, draws)


def watch_names(data: Arrays) -> tuple[tuple[str, str], ...]:
    """What names the columns of `detection_own`: indicator and first day of every watch."""
    return tuple((watch.indicator, watch.first.isoformat()) for watch in data.watches)


def weigh(proposal: ProposalDraws, model: Settings, data: Arrays) -> WeightedDraws:
    """Weight draws for a model and its evidence.

    Raises
    ------
    ValueError
        If the draws have another prior, or the evidence is impossible.
    """
    if not same_prior(proposal.model, model):
        raise ValueError(f"draws {proposal.id} have another prior than model {model.version}")
    parameters = natural(np, raw_for(proposal, data), model, data.fixed)
    return weigh_run(proposal, model, data, parameters, filtered(parameters, model, data))


def weigh_run(
    proposal: ProposalDraws, model: Settings, data: Arrays, parameters: Natural, result: Filtered
) -> WeightedDraws:
    """Weight draws by what the filter found for the other evidence."""
    draws = proposal.draws
    assert draws.log_likelihood is not None
    log_ratios = result.log_likelihood.sum(axis=1) - draws.log_likelihood.ravel()
    own = draws.log_weights.ravel() if draws.log_weights is not None else None
    if np.ptp(log_ratios) < STILL:
        log_weights = own if own is not None else np.full(log_ratios.size, -np.log(log_ratios.size))
        khat, efficiency = -np.inf, 1.0
    else:
        if own is not None:
            log_ratios = log_ratios + own
        efficiency = 1.0 if draws.ancestry is not None else _efficiency_of(log_ratios, draws.shape)
        log_weights, khat = psis(log_ratios, efficiency)
    ess = efficiency / float(np.exp(2 * log_weights).sum())
    return WeightedDraws(proposal, model, data, parameters, result, log_weights, khat, ess)


def _efficiency_of(log_ratios: Floats, shape: tuple[int, int]) -> float:
    return _efficiency(np.exp(log_ratios - log_ratios.max()).reshape(shape))


def _efficiency(values: Floats) -> float:
    """Effective over nominal number of draws (chain, draw), at most 1."""
    return min(effective_size(values) / values.size, 1.0)


def raw_for(proposal: ProposalDraws, data: Arrays) -> dict[str, Floats]:
    """Standard parameters of the draws with the watches of `data`: known ones by name, new ones from their prior.

    The seed of a new watch comes from the draws and the watch alone: the same numbers whatever else is asked. Draws of
    a base-rate model, whose identity leaves conditions out, may have more or fewer of them than the model.
    """
    n_indicators = len(proposal.model.events) + len(proposal.model.conditions)
    raw = flat(proposal.draws)
    raw |= {name: _first_of(raw[name], n_indicators) for name in ("indicator_common", "indicator_own")}
    columns = {name: raw["detection_own"][:, place] for place, name in enumerate(proposal.draws.watches)}
    own = np.empty((proposal.draws.n_draws, len(data.watches)))
    for place, name in enumerate(watch_names(data)):
        own[:, place] = columns[name] if name in columns else new_detection(proposal, name)
    return raw | {"detection_own": own}


def _first_of(values: Floats, n: int) -> Floats:
    """The first n indicators of (D, indicator, ...); missing conditions are never used, and are set to zero."""
    kept = values[:, :n]
    return np.pad(kept, [(0, n - kept.shape[1]) if axis == 1 else (0, 0) for axis in range(kept.ndim)])


def new_detection(proposal: ProposalDraws, name: tuple[str, str]) -> Floats:
    """Detections of a watch that the draws do not know, from the prior, (D,)."""
    text = "\n".join((proposal.id, *name, str(proposal.draws.meta.get("seed"))))
    seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8])
    return np.random.default_rng(seed).standard_normal(proposal.draws.n_draws)


def with_watches(proposal: ProposalDraws, data: Arrays) -> ProposalDraws:
    """The same draws with the detections of all watches of their own and of `data`, the own ones first."""
    known = proposal.draws.watches
    new = [name for name in watch_names(data) if name not in known]
    if not new:
        return proposal
    added = np.stack([new_detection(proposal, name) for name in new], axis=-1).reshape(*proposal.draws.shape, -1)
    own = np.concatenate([proposal.draws.arrays["detection_own"], added], axis=-1)
    arrays = {**proposal.draws.arrays, "detection_own": own}
    return replace(proposal, draws=replace(proposal.draws, arrays=arrays, watches=(*known, *new)))


def quality(weighted: WeightedDraws, answers: Mapping[str, Floats]) -> Quality:
    """Judge weights, and every outcome of every answer.

    Parameters
    ----------
    weighted
        The weights.
    answers
        Probability of every outcome in every draw, (D, outcome), by a name.

    Returns
    -------
    Quality
        The largest k-hat of weights and of weights times probability (NaN counts as infinite); the least number of
        independent draws from the target that would do as well, over weights and answers; the largest Monte Carlo
        error.
    """
    columns = [column for values in answers.values() for column in np.moveaxis(values, -1, 0)]
    khats = [weighted.khat, *(_khat_of(weighted, column) for column in columns)]
    errors = [weighted.error(weighted.influence(column)) for column in columns]
    sizes = [_size_of(weighted, column, error) for column, error in zip(columns, errors, strict=True)]
    khat = max(np.inf if np.isnan(khat) else khat for khat in khats)
    worst = max([*errors, 0.0])
    ess = min([weighted.ess, *sizes])
    return Quality(khat, ess, worst, tuple(_problems(weighted, khat, ess, worst)))


def _problems(weighted: WeightedDraws, khat: float, ess: float, error: float) -> list[str]:
    found = []
    if not khat <= MAX_KHAT:
        found.append(f"k-hat of the weights is {khat:.2f} (must not be above {MAX_KHAT})")
    draws = weighted.proposal.draws
    if draws.ancestry is None:
        if not ess >= MIN_ESS:
            found.append(f"least effective sample size is {ess:.0f} (must not be below {MIN_ESS:.0f})")
        return found
    if not weighted.ess >= MIN_ESS:
        found.append(f"effective sample size of the weights is {weighted.ess:.0f} (must not be below {MIN_ESS:.0f})")
    limit = MAX_ERROR_STATIC if weighted.model.family is Family.STATIC else MAX_ERROR
    if not error <= limit:
        found.append(f"the largest Monte Carlo error of a probability is {error:.3f} (must not be above {limit})")
    spread = float(draws.meta.get("island_sd", 0.0))
    if not spread <= MAX_ISLAND_SD:
        found.append(
            f"log evidence differs between islands by a standard deviation of {spread:.2f} "
            f"(must not be above {MAX_ISLAND_SD})"
        )
    return found


def _khat_of(weighted: WeightedDraws, values: Floats) -> float:
    # equal weights leave nothing to doubt but the draws themselves, which their own diagnostics judge
    if weighted.khat == -np.inf or not values.any():
        return -np.inf
    with np.errstate(divide="ignore"):
        return pareto_khat(weighted.log_weights + np.log(values))


def _size_of(weighted: WeightedDraws, values: Floats, error: float) -> float:
    variance = float((weighted.weights * np.square(values - weighted.mean(values))).sum())
    return variance / error**2 if error > 0 else weighted.ess
