"""How far an answer may be expected to move: its distribution on a later day under reports drawn from the model.

Under the model the expected answer on the later day is the answer today. Here that holds exactly, up to the number of
futures, because the futures are drawn from the same draws that are then weighted for them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from forecast.analysis.ahead.open_question import WatchRequest
from forecast.inference.psis import pareto_khat
from forecast.inference.reweight import MAX_KHAT, ProposalDraws, WeightedDraws, weigh
from forecast.model.answers import ahead, state_as_of
from forecast.model.arrays import Arrays
from forecast.model.emission import log_emission, ratios
from forecast.model.filter import Filtered, forward
from forecast.model.occurs import occurs_by_step
from forecast.model.priors import Natural
from forecast.model.simulate import Later, Seen, later, newly_seen, sample_paths, with_seen
from forecast.model.version import Floats
from forecast.scenario.schema import Occurs
from forecast.words import words

__all__ = ["N_FUTURES", "Movement", "movement", "unsimulated"]

Ints = NDArray[np.int64]

#: Futures that are drawn, and draws that they come from and are weighted with: a second or two for sixty months.
N_FUTURES = 200
N_DRAWS = 1000

#: What is told of the answers on the later day: their 10th, 50th and 90th percentile.
QUANTILES = (0.1, 0.5, 0.9)


@dataclass(frozen=True, slots=True)
class Movement:
    """Answers p' on the day `to` over `n` futures.

    `p` is the answer today from the draws that the futures come from, `mean` that of p' with its Monte Carlo `error`,
    `changed` the share of futures in which the word is another, `unreliable` their number with a k-hat above the limit.
    """

    to: date
    n: int
    p: float
    mean: float
    error: float
    low: float
    median: float
    high: float
    changed: float
    unreliable: int


def unsimulated(request: WatchRequest, last: date) -> str | None:
    """Why no future can be drawn for a question; None where it can.

    What settles a question by record must be watched on every day on which it could happen: for what is reported
    outside watches the model knows the mix of indicators and not their number.
    """
    question = request.question
    if not isinstance(question, Occurs) or question.settled_by == "truth":
        return None
    first = max(question.between[0].toordinal(), request.as_of.toordinal() + 1)
    days = set(range(first, min(question.between[1], last).toordinal() + 1))
    for watch in (*request.evidence.watches, *request.evidence.instruments):
        if watch.indicator == question.indicator and watch.closed is None:
            days -= set(range(watch.first.toordinal(), last.toordinal() + 1))
    if not days:
        return None
    day = date.fromordinal(min(days))
    return f"the record settles the question, and nobody watches {question.indicator} on {day}"


def movement(request: WatchRequest, proposal: ProposalDraws, last: date, position: int, n: int = N_FUTURES) -> Movement:
    """Draw futures and answer the question in each of them.

    Parameters
    ----------
    request
        The question, its model and its evidence; its seed makes the futures.
    proposal
        Draws that are good enough for today's evidence.
    last
        The later day, not after the question's last.
    position
        The outcome asked about.
    n
        Number of futures.
    """
    rng = np.random.default_rng([request.seed % 2**63, 2])
    # one grid to the later day from the beginning: what is past by then and today then share their paths of regimes
    then = later(request.evidence, request.model, last)
    weighted = weigh(proposal, request.model, then.before)
    today = weighted.answer(request.question)[:, position]
    kept = _thinned(weighted, today, rng)
    parameters, before = weighted.parameters.take(kept), weighted.filtered
    before = Filtered(before.log_likelihood[kept], before.filtered[kept], before.evidence[kept])
    # evenly over the draws, which are in the order of their answers: each as likely as any other, the mean less noisy
    draws = ((np.arange(n) + rng.random()) / n * len(kept)).astype(np.int64)
    paths = sample_paths(draws, before, parameters, then.before.moves, rng)
    seen = newly_seen(then, draws, paths, parameters, request.model, rng)
    values, khats = _answers(request, then, parameters, before, seen, position)
    p = float(today[kept].mean())
    low, median, high = np.quantile(values, QUANTILES)
    return Movement(
        to=last,
        n=n,
        p=p,
        mean=float(values.mean()),
        error=float(values.std(ddof=1) / np.sqrt(n)),
        low=float(low),
        median=float(median),
        high=float(high),
        changed=float(np.mean([words(value, request.scale) != words(p, request.scale) for value in values])),
        unreliable=int((~(khats <= MAX_KHAT)).sum()),
    )


def _thinned(weighted: WeightedDraws, values: Floats, rng: np.random.Generator) -> Ints:
    """Numbers of draws that stand for all with equal weights: a systematic sample in the order of their answers.

    So their mean answer differs from the weighted one by about the spread over the number of draws.
    """
    order = np.argsort(values, kind="stable")
    edges = np.cumsum(weighted.weights[order])
    places = (np.arange(N_DRAWS) + rng.random()) / N_DRAWS * edges[-1]
    kept: Ints = order[np.minimum(np.searchsorted(edges, places, side="right"), len(order) - 1)]
    return kept


def _answers(
    request: WatchRequest,
    then: Later,
    parameters: Natural,
    before: Filtered,
    futures: Sequence[tuple[Seen, ...]],
    position: int,
) -> tuple[Floats, Floats]:
    """The answer in every future and k-hat of its weights, (N,) each, once for futures that differ in nothing."""
    emission = log_emission(np, parameters, request.model, then.silent)
    silent = forward(request.model.initial, parameters.move, then.silent.moves, emission)
    worth = np.log(ratios(np, parameters, request.model, then.silent)[:, : len(then.silent.watches)])
    found: dict[tuple[tuple[int, int, bool], ...], tuple[float, float]] = {}

    state = state_as_of(request.question, silent, parameters, request.model, then.silent)
    common = _common(request, silent, parameters, then)
    given = _given(request, then, parameters, state.shape, position)

    def one(seen: tuple[Seen, ...]) -> tuple[float, float]:
        result = _updated(silent, emission, worth, seen, parameters, request, then)
        state = _state(request, result, parameters, with_seen(then, seen), seen, common)
        answers = np.einsum("dtk,dtk->d", state, given)
        log_weights = (result.log_likelihood - before.log_likelihood).sum(axis=1)
        weights = np.exp(log_weights - log_weights.max())
        # not smoothed: these draws are all that the futures can come from, so that their plain weights are exact
        p = float(weights @ answers / weights.sum())
        return min(max(p, 0.0), 1.0), pareto_khat(log_weights)

    rows = []
    for seen in futures:
        key = tuple(sorted((event.watch, event.step, _counts(request, then, event)) for event in seen))
        if key not in found:
            found[key] = one(seen)
        rows.append(found[key])
    values, khats = np.array(rows).T
    return values, khats


def _common(request: WatchRequest, silent: Filtered, parameters: Natural, then: Later) -> dict[int, Floats]:
    """Counts at the end of every step if nothing is newly seen: those of any future before its first event."""
    if not isinstance(request.question, Occurs):
        return {}
    return dict(occurs_by_step(request.question, silent, parameters, request.model, then.silent))


def _state(
    request: WatchRequest,
    result: Filtered,
    parameters: Natural,
    data: Arrays,
    seen: tuple[Seen, ...],
    common: dict[int, Floats],
) -> Floats:
    """Where the question stands in a future, (D, tally, K)."""
    before = min((event.step for event in seen), default=0) - 1
    if not isinstance(request.question, Occurs) or before not in common:
        return state_as_of(request.question, result, parameters, request.model, data)
    *_, (_, counts) = occurs_by_step(
        request.question, result, parameters, request.model, data, (before, common[before])
    )
    return counts


def _given(request: WatchRequest, then: Later, parameters: Natural, shape: tuple[int, ...], position: int) -> Floats:
    """The answer given where the question stands on the later day, (D, tally, K): what lies behind it is common to all.

    An answer is linear in where the question stands, so that it is rolled forward once for every tally and regime.
    """
    given = np.empty(shape)
    for tally, regime in np.ndindex(*shape[1:]):
        certain = np.zeros(shape)
        certain[:, tally, regime] = 1.0
        rolled = ahead(request.question, certain, parameters, request.model, then.silent)
        given[:, tally, regime] = rolled[:, position]
    return given


def _counts(request: WatchRequest, then: Later, seen: Seen) -> bool:
    """Whether the event counts for the question."""
    question = request.question
    if not isinstance(question, Occurs) or then.silent.watches[seen.watch].indicator != question.indicator:
        return False
    return question.between[0].toordinal() <= seen.day <= question.between[1].toordinal()


def _updated(
    silent: Filtered,
    emission: Floats,
    worth: Floats,
    seen: tuple[Seen, ...],
    parameters: Natural,
    request: WatchRequest,
    then: Later,
) -> Filtered:
    """The filter's result with certain events seen: run again from the first step that has one."""
    if not seen:
        return silent
    begin = min(event.step for event in seen)
    changed = emission[:, begin:].copy()
    for event in seen:
        changed[:, event.step - begin] += worth[:, event.watch]
    initial = silent.filtered[:, begin - 1] if begin else request.model.initial
    rest = forward(initial, parameters.move, then.silent.moves[begin:], changed)
    return Filtered(
        np.concatenate([silent.log_likelihood[:, :begin], rest.log_likelihood], axis=1),
        np.concatenate([silent.filtered[:, :begin], rest.filtered], axis=1),
        np.concatenate([silent.evidence[:, :begin], rest.evidence], axis=1),
    )
