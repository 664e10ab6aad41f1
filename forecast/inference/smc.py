"""Draws from a posterior by sequential Monte Carlo: particles are led from evidence to evidence (docs/method.md).

The sampler of Del Moral, Doucet and Jasra (2006), 'Sequential Monte Carlo samplers', in numpy and without a compiler.
Particles begin with draws for some evidence, or from the prior, which is no evidence at all, and are weighed, resampled
and moved in as many steps as keep half of them effective. Eight islands know nothing of each other but the steps: their
spread, and the ancestors that particles share, tell how far off an answer may be (`inference.monte_carlo`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from time import perf_counter
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from forecast.inference.draws import Draws
from forecast.inference.particles import (
    Evaluated,
    Particles,
    Scales,
    Target,
    move_block,
    movable,
    references,
)
from forecast.model.arrays import Arrays
from forecast.model.priors import draw_prior
from forecast.model.version import Floats, Settings
from forecast.scenario.schema import Family

__all__ = ["ISLANDS", "PARTICLES", "Progress", "Swarm", "bridge", "from_prior", "steps_ahead", "sweep"]

#: What reports progress: stage, share done in [0, 1] or None, a remark such as the rate.
Progress = Callable[[str, float | None, str], None]

#: Particles are kept in this many groups that are resampled apart; their spread is one of the two error estimates.
ISLANDS = 8

#: Particles at the start, and the most that are tried; of all islands together.
PARTICLES, MOST_PARTICLES = 4000, 32000

#: Sweeps over all blocks after each step, and after the last; half of the last ones keep their scales.
SWEEPS, LAST_SWEEPS = 4, 8

#: Share of the particles that must stay effective in a step.
EFFECTIVE = 0.5

#: Steps after which the way is said to lead nowhere: the evidence is all but impossible under the prior.
MOST_STEPS = 200


@dataclass(slots=True)
class Swarm:
    """Particles on their way, island after island.

    `ancestry` (D,) numbers the draws that they began as, `log_evidence` (island,) is what each island has found of the
    evidence so far, `n_ancestors` how many an island began with.
    """

    particles: Particles
    ancestry: Floats  # (D,)
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


def next_power(log_ratios: Floats, power: float) -> float:
    """The next power of the ratio between two kinds of evidence at which `EFFECTIVE` of the particles remain."""
    finite = np.where(np.isfinite(log_ratios), log_ratios, -np.inf)
    if not np.isfinite(finite.max()):
        raise ValueError("the evidence is impossible under every draw")

    def effective(step: float) -> float:
        weights = np.exp(step * (finite - finite.max())) if step else np.isfinite(finite).astype(float)
        return float(weights.sum() ** 2 / (weights**2).sum()) / len(weights)

    whole = 1.0 - power
    if effective(whole) >= EFFECTIVE:
        return 1.0
    low, high = 0.0, whole
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if effective(middle) >= EFFECTIVE else (low, middle)
    return power + max(low, 1e-9)


def bridge(
    swarm: Swarm,
    old: Target | None,
    new: Target,
    rng: np.random.Generator,
    *,
    sweeps: int = SWEEPS,
    last_sweeps: int = LAST_SWEEPS,
    adapt: bool = True,
    progress: Progress = lambda *_: None,
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
    adapt
        Whether the scales of the moves follow the acceptance; half of the last sweeps never do.

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
        following = next_power(ratios, power)
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
    around = references(swarm.particles, model)
    blocks = movable(model, [target for target, _, _ in targets])
    for number in range(n):
        for block in blocks:
            accepted = move_block(block, swarm.scales.sizes[block], swarm.particles, targets, around, rng)
            swarm.acceptance[block] = accepted
            if adapt and number < (n + 1) // 2:
                swarm.scales.adapt(block, accepted)
        swarm.sweeps += 1
        progress("sampling", None, f"sweep {swarm.sweeps}")


def _resample(swarm: Swarm, log_weights: Floats, rng: np.random.Generator) -> Floats:
    """Resample every island by itself, systematically, and add what it has learnt of the evidence; the chosen ones."""
    n_islands, n_each = swarm.shape
    rows = log_weights.reshape(n_islands, n_each)
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
