"""Draws from a posterior by sequential Monte Carlo: particles are led from evidence to evidence (docs/method.md).

The sampler of Del Moral, Doucet and Jasra (2006), 'Sequential Monte Carlo samplers', in numpy and without a compiler.
Particles begin with draws for some evidence, or from the prior, which is no evidence at all, and are weighed, resampled
and moved in as many steps as keep half of them effective. Eight islands know nothing of each other but the steps: their
spread, and the ancestors that particles share, tell how far off an answer may be (`inference.monte_carlo`).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from time import perf_counter

import numpy as np
from threadpoolctl import threadpool_limits

from forecast.inference.draws import Draws, Ints, flat
from forecast.inference.monte_carlo import ancestral_error
from forecast.inference.particles import (
    Evaluated,
    Particles,
    Scales,
    Target,
    halves,
    movable,
    move_block,
)
from forecast.inference.psis import log_sum_exp
from forecast.inference.reweight import STILL, ProposalDraws, same_prior, watch_names, with_watches
from forecast.model.answers import filtered
from forecast.model.arrays import Arrays
from forecast.model.priors import draw_prior, natural
from forecast.model.version import Floats, Settings
from forecast.scenario.schema import Family

__all__ = [
    "ISLANDS",
    "MOST_PARTICLES",
    "PARTICLES",
    "Effort",
    "Progress",
    "Swarm",
    "bridge",
    "from_prior",
    "move",
    "sample",
    "steps_ahead",
    "sweep",
]

#: Sees a step of a bridge before particles are resampled: the powers it goes from and to, and the log-ratios (D,).
Observer = Callable[["Swarm", float, float, Floats], None]

#: What reports progress: stage, share done in [0, 1] or None, a remark such as the rate.
Progress = Callable[[str, float | None, str], None]

#: Particles are kept in this many groups that are resampled apart; their spread is one of the two error estimates.
ISLANDS = 8

#: Particles at the start, and the most that are tried; of all islands together.
PARTICLES = 4000
MOST_PARTICLES = 32000

#: Sweeps over all blocks after each step, and after the last; half of the last ones keep their scales.
SWEEPS = 4
LAST_SWEEPS = 8

#: Share of the particles that must stay effective in a step.
EFFECTIVE = 0.5

#: Recorded with all draws.
SAMPLER = "sequential Monte Carlo"

#: Neighbouring draws of a chain that count as one ancestor.
BLOCK = 25

#: Halvings of the interval in which the next power lies: it may be very small where rates have very wide ranges.
BISECTIONS = 80

#: Steps after which the way is said to lead nowhere: the evidence is all but impossible under the prior.
MOST_STEPS = 200


@dataclass(slots=True)
class Swarm:
    """Particles on their way, island after island.

    `ancestry` (D,) numbers the draws that they began as, `log_evidence` (island,) is what each island has found of the
    evidence so far, `n_ancestors` how many an island began with.
    """

    particles: Particles
    ancestry: Ints  # (D,)
    log_evidence: Floats  # (island,)
    n_ancestors: int
    scales: Scales
    steps: int = 0
    sweeps: int = 0
    acceptance: dict[str, float] = field(default_factory=dict)

    @property
    def shape(self) -> tuple[int, int]:
        """Number of islands, and of particles in each."""
        return len(self.log_evidence), self.particles.n // len(self.log_evidence)


def from_prior(model: Settings, data: Arrays, n: int, rng: np.random.Generator) -> Swarm:
    """A swarm of n independent draws from the prior."""
    particles = Particles.of(draw_prior(model, data.fixed, n, rng))
    return Swarm(particles, np.arange(n), np.zeros(ISLANDS), n // ISLANDS, Scales())


def next_power(log_ratios: Floats, power: float, share: float = EFFECTIVE) -> float:
    """The next power of the ratio between two kinds of evidence at which a share of the particles stays effective.

    Particles under which the evidence is impossible are lost at any power; the share is of the others.

    Raises
    ------
    ValueError
        If there are no others, or no power keeps enough of them.
    """
    possible = log_ratios[np.isfinite(log_ratios)]
    if not possible.size:
        raise ValueError("the evidence is impossible under every draw")
    behind = possible - possible.max()

    def effective(step: float) -> float:
        weights = np.exp(step * behind)
        return float(weights.sum() ** 2 / (weights**2).sum()) / len(weights)

    whole = 1.0 - power
    if effective(whole) >= share:
        return 1.0
    low, high = 0.0, whole
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        low, high = (middle, high) if effective(middle) >= share else (low, middle)
    if power + low == power:
        raise ValueError(f"no power above {power} of the evidence keeps enough of the draws")
    return power + low


def bridge(
    swarm: Swarm,
    old: Target | None,
    new: Target,
    rng: np.random.Generator,
    *,
    sweeps: int = SWEEPS,
    last_sweeps: int = LAST_SWEEPS,
    share: float = EFFECTIVE,
    adapt: bool = True,
    progress: Progress = lambda *_: None,
    observe: Observer = lambda *_: None,
) -> Evaluated:
    """Lead a swarm from one kind of evidence to another, in place.

    Parameters
    ----------
    swarm
        Distributed as the posterior given the old evidence.
    old, new
        Evidence; None for the prior.
    rng
        Moves and resampling are drawn from it.
    sweeps, last_sweeps
        Sweeps after each step, and after the last.
    share
        Share of the particles that stays effective in each step.
    adapt
        Whether the scales of the moves follow the acceptance; half of the last sweeps never do.
    progress
        Called after every step and sweep.
    observe
        Called before every resampling.

    Returns
    -------
    Evaluated
        What the new evidence says of the particles.

    Raises
    ------
    ValueError
        If the new evidence is impossible under every draw, or the way has too many steps.
    """
    after = Evaluated.of(new, swarm.particles)
    before = Evaluated.of(old, swarm.particles) if old is not None else None
    power = 0.0
    for _ in range(MOST_STEPS):
        ratios = after.log_likelihood - (before.log_likelihood if before is not None else 0.0)
        following = next_power(ratios, power, share)
        observe(swarm, power, following, ratios)
        if old is None and np.ptp(ratios) < STILL:
            # no evidence: independent draws from the prior stay what they are
            swarm.log_evidence, swarm.steps = swarm.log_evidence + float(ratios[0]), swarm.steps + 1
            return after
        chosen = _resample(swarm, (following - power) * ratios, rng)
        after = after.take(chosen)
        power, swarm.steps = following, swarm.steps + 1
        if power == 1.0:
            sweep(swarm, [(new, after, 1.0)], rng, last_sweeps, adapt=adapt, progress=progress)
            return after
        targets = [(new, after, power)]
        if before is not None and old is not None:
            before = before.take(chosen)
            targets.append((old, before, 1.0 - power))
        progress("sampling", power, f"step {swarm.steps}")
        sweep(swarm, targets, rng, sweeps, adapt=adapt, progress=progress)
    raise ValueError(f"the evidence is still {power:.1%} away from the prior after {MOST_STEPS} steps")


def steps_ahead(log_ratios: Floats) -> float:
    """How many steps a bridge over these ratios is likely to take: the inverse of the first step's share."""
    return 1.0 / next_power(log_ratios, 0.0)


def sweep(
    swarm: Swarm,
    targets: Sequence[tuple[Target, Evaluated, float]],
    rng: np.random.Generator,
    n: int,
    *,
    adapt: bool = True,
    progress: Progress = lambda *_: None,
) -> None:
    """Move all blocks n times, in place; the scales of the second half of them are those of the first."""
    model = targets[0][0].model
    around = halves(swarm.particles, model)
    blocks = movable(model, [target for target, _, _ in targets])
    for number in range(n):
        for block in blocks:
            accepted = move_block(block, swarm.scales.sizes[block], swarm.particles, targets, around, rng)
            swarm.acceptance[block] = accepted
            if adapt and number < (n + 1) // 2:
                swarm.scales.adapt(block, accepted)
        swarm.sweeps += 1
        progress("sampling", None, f"sweep {swarm.sweeps}")


def _resample(swarm: Swarm, log_weights: Floats, rng: np.random.Generator) -> Ints:
    """Resample every island by itself, systematically, and add what it has learnt of the evidence; the chosen ones."""
    n_islands, n_each = swarm.shape
    rows = np.where(np.isnan(log_weights), -np.inf, log_weights).reshape(n_islands, n_each)
    highest = rows.max(axis=1, keepdims=True)
    highest = np.where(np.isfinite(highest), highest, 0.0)
    weights = np.exp(rows - highest)
    totals = weights.sum(axis=1)
    with np.errstate(divide="ignore"):
        swarm.log_evidence = swarm.log_evidence + np.log(totals / n_each) + highest[:, 0]
    offsets = rng.random(n_islands)
    chosen = np.empty((n_islands, n_each), dtype=np.int64)
    for island in range(n_islands):
        # an island in which nothing is possible keeps its particles: it has no weight from here on
        share = weights[island] if totals[island] > 0 else np.ones(n_each)
        cumulative = np.cumsum(share)
        points = (offsets[island] + np.arange(n_each)) / n_each * cumulative[-1]
        chosen[island] = island * n_each + np.minimum(np.searchsorted(cumulative, points), n_each - 1)
    flat = chosen.ravel()
    swarm.particles = swarm.particles.take(flat)
    swarm.ancestry = swarm.ancestry[flat]
    return flat


@dataclass(frozen=True, slots=True)
class Effort:
    """How hard to try: particles of all islands together, and sweeps after the last step."""

    particles: int = PARTICLES
    last_sweeps: int = LAST_SWEEPS


def sample(
    model: Settings, data: Arrays, seed: int, progress: Progress = lambda *_: None, effort: Effort | None = None
) -> ProposalDraws:
    """Draw from the posterior, beginning with the prior.

    Parameters
    ----------
    model, data
        Settings and evidence.
    seed
        Equal seeds give equal draws on the same machine and versions.
    progress
        Called after every step and sweep.
    effort
        Particles and sweeps; by default the least that is tried.

    Returns
    -------
    ProposalDraws
        One chain per island, in the static family one per regime and island; `meta` holds the log evidence with its
        Monte Carlo error, its standard deviation between islands, steps, sweeps, acceptance and seconds.

    Raises
    ------
    ValueError
        If the evidence is impossible under the prior.
    """
    effort = effort or Effort()
    began = perf_counter()
    # sums of matrix products hang on the number of threads, in the last digit
    with threadpool_limits(1, "blas"):
        if model.family is not Family.STATIC:
            sampled = [(0.0, *_from_prior(model, data, model.initial, seed % 2**63, progress, effort))]
        else:
            # the modes of a model in which the regime never changes are the regimes: a sampler for each
            one_regime = np.eye(len(model.initial))
            sampled = [
                (float(np.log(p)), *_from_prior(model, data, one_regime[k], (seed % 2**63, k), progress, effort))
                for k, p in enumerate(model.initial)
                if p > 0
            ]
        runs = [(log_prior, swarm) for log_prior, swarm, _ in sampled]
        found = _gathered(model, data, runs, None if len(runs) > 1 else sampled[0][2].log_likelihood)
    seconds = {"sample": round(perf_counter() - began, 3)}
    meta = {**found.draws.meta, "seed": seed, "moves": 0, "seconds": seconds}
    return replace(found, draws=replace(found.draws, meta=meta))


def _from_prior(
    model: Settings,
    data: Arrays,
    initial: Floats,
    seed: int | tuple[int, int],
    progress: Progress,
    effort: Effort,
) -> tuple[Swarm, Evaluated]:
    rng = np.random.default_rng(seed)
    swarm = from_prior(model, data, effort.particles, rng)
    target = Target(model, data, initial, tuple(range(len(data.watches))))
    after = bridge(swarm, None, target, rng, last_sweeps=effort.last_sweeps, progress=progress)
    return swarm, after


def move(
    start: ProposalDraws,
    model: Settings,
    data: Arrays,
    seed: int,
    *,
    progress: Progress = lambda *_: None,
    sweeps: int = LAST_SWEEPS,
    between: int = SWEEPS,
    share: float = EFFECTIVE,
    scales: Mapping[str, float] | None = None,
    observe: Observer = lambda *_: None,
) -> ProposalDraws:
    """Move draws from the evidence that they were made for to other evidence of the same prior.

    On the way the particles hold the detections of all watches of either evidence; those of the old one alone are
    dropped at the end.

    Parameters
    ----------
    start
        Draws with their evidence (`data`); chains of NUTS are taken as blocks of neighbouring draws, each one ancestor.
    model, data
        Settings with the same prior, and evidence.
    seed
        Of the moves alone: what was moved is named by `start`.
    progress
        Called after every step and sweep.
    sweeps
        After the last step.
    between
        Sweeps after the other steps.
    share
        Share of the particles that stays effective in each step.
    scales
        Sizes of the moves to keep instead of adapting them.
    observe
        Called before every resampling; of the static family once for every regime.

    Raises
    ------
    ValueError
        If the draws have no evidence or another prior, or the new evidence is impossible.
    """
    if start.data is None or not same_prior(start.model, model):
        raise ValueError(f"draws {start.id} cannot be moved to model {model.version}")
    began = perf_counter()
    with threadpool_limits(1, "blas"):
        both = with_watches(start, data)
        places = {name: place for place, name in enumerate(both.draws.watches)}
        columns = [tuple(places[name] for name in watch_names(evidence)) for evidence in (start.data, data)]
        runs = []
        for number, (log_prior, initials, swarm) in enumerate(_swarms_of(both.draws, start.model, model)):
            if scales is not None:
                swarm.scales = Scales(dict(scales))
            old = Target(start.model, start.data, initials[0], columns[0])
            new = Target(model, data, initials[1], columns[1])
            rng = np.random.default_rng((seed + number) % 2**63)
            after = bridge(
                swarm,
                old,
                new,
                rng,
                sweeps=between,
                last_sweeps=sweeps,
                share=share,
                adapt=scales is None,
                progress=progress,
                observe=observe,
            )
            swarm.particles = _with_columns(swarm.particles, model, new.columns)
            runs.append((log_prior, swarm))
        found = _gathered(model, data, runs, None if len(runs) > 1 else after.log_likelihood)
    meta = {
        **found.draws.meta,
        "seed": seed,
        "moves": int(start.draws.meta.get("moves", 0)) + 1,
        "moved_from": start.id,
        "seconds": {"sample": round(perf_counter() - began, 3)},
    }
    return replace(found, draws=replace(found.draws, meta=meta))


def _swarms_of(draws: Draws, old: Settings, new: Settings) -> Iterator[tuple[float, tuple[Floats, Floats], Swarm]]:
    """Swarms that go on from draws: log prior weight, P(regime) on the first day under both models, and the swarm.

    In the static family there is one for each regime with a prior, as `sample` makes them.
    """
    if new.family is not Family.STATIC or draws.ancestry is None:
        yield 0.0, (old.initial, new.initial), swarm_of(draws)
        return
    regimes = np.flatnonzero(old.initial > 0)
    if not np.array_equal(regimes, np.flatnonzero(new.initial > 0)):
        raise ValueError("draws of a static model cannot be moved to one in which other regimes are possible")
    n_islands = int(draws.meta["islands"])
    for number, regime in enumerate(regimes):
        rows = slice(number * n_islands, (number + 1) * n_islands)
        only = np.eye(len(new.initial))[regime]
        part = replace(
            draws,
            arrays={name: values[rows] for name, values in draws.arrays.items()},
            ancestry=draws.ancestry[rows],
            meta={**draws.meta, "log_evidence_by_chain": draws.meta["log_evidence_by_chain"][rows]},
        )
        yield float(np.log(new.initial[regime])), (only, only), swarm_of(part)


def swarm_of(draws: Draws) -> Swarm:
    """A swarm that goes on from draws, whose chains or islands have weights but not their draws."""
    n_chains, n_each = draws.shape
    if draws.ancestry is not None:
        log_evidence = np.array(draws.meta["log_evidence_by_chain"])
        ancestry = draws.ancestry + draws.meta["ancestors"] * np.arange(n_chains)[:, None]
        n_ancestors = int(draws.meta["ancestors"])
    else:
        # neighbours in a chain are not independent: what lies within a block counts as one ancestor
        islands = ISLANDS if ISLANDS % n_chains == 0 and (n_each * n_chains) % (ISLANDS * BLOCK) == 0 else n_chains
        n_ancestors = n_each * n_chains // (islands * BLOCK)
        ancestry, log_evidence = np.arange(n_each * n_chains) // BLOCK, np.zeros(islands)
    scales = Scales(dict(draws.meta["scales"])) if "scales" in draws.meta else Scales()
    return Swarm(Particles.of(flat(draws)), ancestry.ravel(), log_evidence, n_ancestors, scales)


def _with_columns(particles: Particles, model: Settings, columns: Sequence[int]) -> Particles:
    """Particles with some of their detections only."""
    return Particles.of(particles.raw(model, columns))


def _gathered(
    model: Settings, data: Arrays, runs: Sequence[tuple[float, Swarm]], log_likelihood: Floats | None = None
) -> ProposalDraws:
    """The draws of one or several swarms, weighted by the evidence that their islands found.

    Parameters
    ----------
    model, data
        Settings and evidence.
    runs
        Log prior weight, and the swarm, of every run; island i of each belongs together.
    log_likelihood
        Of all particles, where it is known for the model's own P(regime) on the first day.
    """
    log_mass = np.concatenate([log_prior + swarm.log_evidence for log_prior, swarm in runs])
    by_chain = np.concatenate([swarm.log_evidence for _, swarm in runs])
    n_islands, n_each = runs[0][1].shape
    pieces = [swarm.particles.raw(model) for _, swarm in runs]
    raw = {name: np.concatenate([piece[name] for piece in pieces]) for name in pieces[0]}
    n_chains = len(log_mass)
    arrays = {name: np.ascontiguousarray(v).reshape((n_chains, n_each, *v.shape[1:])) for name, v in raw.items()}
    n_ancestors = runs[0][1].n_ancestors
    ancestry = np.concatenate([swarm.ancestry for _, swarm in runs]).reshape(n_chains, n_each) % n_ancestors
    log_weights = np.repeat((log_mass - log_sum_exp(log_mass) - np.log(n_each))[:, None], n_each, axis=1)
    by_island = np.array([log_sum_exp(log_mass[island::n_islands]) for island in range(n_islands)])
    if log_likelihood is None:
        log_likelihood = filtered(natural(np, raw, model, data.fixed), model, data).log_likelihood.sum(axis=1)
    weights = np.exp(log_weights)
    meta = {
        "sampler": SAMPLER,
        "islands": n_islands,
        "ancestors": n_ancestors,
        "particles": n_chains * n_each,
        "distinct_ancestors": round(float(np.mean([len(np.unique(row)) for row in ancestry])) / n_ancestors, 4),
        "steps": max(swarm.steps for _, swarm in runs),
        "sweeps": max(swarm.sweeps for _, swarm in runs),
        "acceptance": {name: round(value, 3) for name, value in runs[-1][1].acceptance.items()},
        "scales": dict(runs[-1][1].scales.sizes),
        "log_evidence": round(log_sum_exp(by_island) - float(np.log(n_islands)), 4),
        "log_evidence_mcse": round(ancestral_error(weights, ancestry, n_ancestors, n_islands), 4),
        "log_evidence_by_chain": by_chain.tolist(),
        # an island in which the evidence became impossible differs from the others by any measure
        "island_sd": round(float(by_island.std(ddof=1)), 4) if np.isfinite(by_island).all() else float("inf"),
    }
    draws = Draws(arrays, meta, log_likelihood.reshape(n_chains, n_each), watch_names(data), log_weights, ancestry)
    return ProposalDraws("sampled", model, draws, data)
