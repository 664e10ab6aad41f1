"""The particles of a sequential Monte Carlo sampler, and the moves that leave a posterior as it is.

Particles hold the standard parameters of `model.priors.natural` with the draws last. Three blocks move in turn, each by
a proposal that is reversible with respect to the prior or to a normal reference, so that no Jacobian enters:

- rates, conditions and detections: preconditioned Crank-Nicolson around the mean and variance of other particles
  (Cotter, Roberts, Stuart and White 2013), with the ratio of prior to reference in the acceptance;
- mean stays and departures: the same, with departures as Gamma variables;
- grades: as Gamma variables, g' = B g + C with B ~ Beta(r a, (1 - r) a) and C ~ Gamma((1 - r) a), which leaves
  Gamma(a) as it is (Lewis, McKenzie and Hugus 1989); a total that a Beta or Dirichlet does not fix is drawn afresh.

What a move does not change is not computed again: departures leave the emission alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from forecast.inference.draws import Ints
from forecast.model.arrays import Arrays
from forecast.model.emission import log_emission
from forecast.model.filter import draws_innermost, log_likelihood
from forecast.model.priors import Natural, goes_to_concentrations, log_base_rate, natural
from forecast.model.version import Floats, Settings
from forecast.scenario.schema import Family

if TYPE_CHECKING:
    from numpy.random import Generator

__all__ = ["BLOCKS", "Particles", "Scales", "Target", "move_block"]

#: Particles that are evaluated together: few enough for the processor's cache, many enough to hide Python's overhead.
CHUNK = 1000

#: The blocks of a sweep.
BLOCKS = ("rates", "departures", "grades")

#: Acceptance that scales are adapted to, and how fast.
ACCEPTANCE = 0.3
ADAPTATION = 1.0

#: Least and largest size of a move. The largest stays below 1: a particle never forgets all of where it was.
SIZES = 0.01, 0.95

#: Least variance of a reference: particles of one ancestor may have none.
LEAST_VARIANCE = 1e-6


@dataclass(slots=True)
class Scales:
    """Size of the moves by block, in (0, 1): 1 would forget where a particle was."""

    sizes: dict[str, float] = field(default_factory=lambda: {"rates": 0.5, "departures": 0.7, "grades": 0.5})

    def adapt(self, block: str, acceptance: float) -> None:
        """Larger moves where more than `ACCEPTANCE` are accepted, smaller ones where fewer are."""
        self.sizes[block] = float(np.clip(self.sizes[block] * np.exp(ADAPTATION * (acceptance - ACCEPTANCE)), *SIZES))


@dataclass(slots=True)
class Particles:
    """D particles; rows of `normal` are what is standard normal: indicators, then detections, then stays."""

    normal: Floats  # (P, D)
    goes_to: Floats  # (K, K-1, D)
    truth: Floats  # (G, D)

    @property
    def n(self) -> int:
        """Number of particles."""
        return int(self.normal.shape[1])

    def take(self, draws: slice | Ints) -> "Particles":
        """Some particles, by a slice or by their numbers."""
        return Particles(self.normal[:, draws], self.goes_to[..., draws], self.truth[:, draws])

    @classmethod
    def of(cls, raw: Mapping[str, Floats]) -> "Particles":
        """From standard parameters as `model.priors.natural` takes them, draws first."""
        n = len(raw["truth"])
        rows = [raw["indicator_common"], raw["indicator_own"].reshape(n, -1), raw["detection_own"], raw["stay_own"]]
        last = [np.ascontiguousarray(np.moveaxis(raw[name], 0, -1)) for name in ("goes_to", "truth")]
        return cls(np.ascontiguousarray(np.concatenate(rows, axis=1).T), *last)

    def raw(self, model: Settings, columns: Sequence[int] | None = None) -> dict[str, Floats]:
        """Standard parameters with draws first, as views; `columns` picks detections, by default all."""
        n_indicators, n_regimes = len(model.events) + len(model.conditions), len(model.regimes)
        n_rates = n_indicators * (1 + n_regimes)
        own = self.normal[n_indicators:n_rates].reshape(n_indicators, n_regimes, self.n)
        detection = self.normal[n_rates : len(self.normal) - n_regimes]
        return {
            "indicator_common": self.normal[:n_indicators].T,
            "indicator_own": np.moveaxis(own, -1, 0),
            "detection_own": (detection if columns is None else detection[list(columns)]).T,
            "stay_own": self.normal[len(self.normal) - n_regimes :].T,
            "goes_to": np.moveaxis(self.goes_to, -1, 0),
            "truth": self.truth.T,
        }


@dataclass(frozen=True, slots=True)
class Target:
    """Evidence, and where its watches are among the particles' detections; `initial` is P(regime) on the first day."""

    model: Settings
    data: Arrays
    initial: Floats
    columns: tuple[int, ...]

    def parameters(self, particles: Particles) -> Natural:
        """Parameters with units, draws first."""
        return natural(np, particles.raw(self.model, self.columns), self.model, self.data.fixed)

    def emission(self, parameters: Natural) -> Floats:
        """Log-emission (T, K, D)."""
        return np.ascontiguousarray(np.moveaxis(log_emission(np, parameters, self.model, self.data), 0, -1))

    def log_likelihood(self, parameters: Natural, emission: Floats) -> Floats:
        """Log-likelihood (D,); minus infinity where it is not a number."""
        move = np.moveaxis(draws_innermost(parameters.move), 0, -1)
        found = log_likelihood(self.initial, move, self.data.moves, emission)
        return np.where(np.isnan(found), -np.inf, found)


@dataclass(slots=True)
class Evaluated:
    """What a target says of every particle."""

    emission: Floats  # (T, K, D)
    log_likelihood: Floats  # (D,)

    @classmethod
    def of(cls, target: Target, particles: Particles) -> "Evaluated":
        """Evaluate all particles, a chunk at a time."""
        emissions, totals = [], []
        for part in chunks(particles.n):
            parameters = target.parameters(particles.take(part))
            emissions.append(target.emission(parameters))
            totals.append(target.log_likelihood(parameters, emissions[-1]))
        return cls(np.concatenate(emissions, axis=-1), np.concatenate(totals))

    def take(self, draws: Ints) -> "Evaluated":
        """What it says of some particles."""
        return Evaluated(self.emission[..., draws], self.log_likelihood[draws])


def chunks(n: int, first: int = 0) -> Iterator[slice]:
    """Slices of at most `CHUNK` that cover the particles from `first` up to n."""
    return (slice(start, min(start + CHUNK, n)) for start in range(first, n, CHUNK))


@dataclass(frozen=True, slots=True)
class Reference:
    """Independent normal distributions for R rows of `Particles.normal`: means and standard deviations, (R, 1).

    Correlations are left out on purpose. A real model has about a hundred rows and, after resampling, a few hundred
    distinct ancestors: a covariance of these is so noisy that moves around it mix worse than around its diagonal
    (measured for dprk-russia: a Monte Carlo error three times as large).
    """

    rows: slice
    mean: Floats
    deviation: Floats

    @classmethod
    def of(cls, particles: Particles, rows: slice) -> "Reference":
        """Mean and variance of some particles, as yet unmoved."""
        values = particles.normal[rows]
        variance = np.maximum(values.var(axis=1, keepdims=True), LEAST_VARIANCE)
        return cls(rows, values.mean(axis=1, keepdims=True), np.sqrt(variance))

    def standard(self, values: Floats) -> Floats:
        """Values (R, D) in units in which the reference is standard normal."""
        return (values - self.mean) / self.deviation


@dataclass(frozen=True, slots=True)
class Half:
    """Half of the particles, with the references of the blocks that have normal rows."""

    part: slice
    by_block: Mapping[str, Reference]


def halves(particles: Particles, model: Settings) -> tuple[Half, Half]:
    """Both halves, each with the references that the other half gives.

    A particle must not shape the reference that it moves by: with as many rows as a real model has, its own share in
    the covariance makes where it is look more probable than it is, and answers from a few thousand particles are then
    wrong by several Monte Carlo errors.
    """
    middle = particles.n // 2
    first, second = slice(0, middle), slice(middle, particles.n)
    return (
        Half(first, _references(particles.take(second), model)),
        Half(second, _references(particles.take(first), model)),
    )


def _references(particles: Particles, model: Settings) -> dict[str, Reference]:
    n_stays = len(particles.normal) - len(model.regimes)
    found = {"rates": Reference.of(particles, slice(0, n_stays))} if n_stays else {}
    return found | {"departures": Reference.of(particles, slice(n_stays, len(particles.normal)))}


def movable(model: Settings, targets: Sequence[Target]) -> tuple[str, ...]:
    """Blocks that a target's likelihood hangs on, so that moving them by accepted proposals has a point."""
    blocks = ["rates"]
    if model.family is not Family.STATIC:
        blocks.append("departures")
    if any(len(target.data.term_ratio) for target in targets):
        blocks.append("grades")
    return tuple(blocks)


def move_block(
    block: str,
    size: float,
    particles: Particles,
    targets: Sequence[tuple[Target, Evaluated, float]],
    around: Sequence[Half],
    rng: "Generator",
) -> float:
    """Propose a move of one block for every particle, and keep what is accepted, in place.

    Parameters
    ----------
    block, size
        Which block, and how far, in (0, 1].
    particles
        All of them.
    targets
        Evidence, what it says of the particles, and its power in the density.
    around
        Normal distributions that proposals stay close to; see `halves`.
    rng
        Proposals and acceptances are drawn from it.

    Returns
    -------
    float
        The share accepted.
    """
    accepted = 0
    grades = occurring_grades([target for target, _, _ in targets]) if block == "grades" else None
    pieces = ((part, half.by_block.get(block)) for half in around for part in chunks(half.part.stop, half.part.start))
    for part, reference in pieces:
        now = particles.take(part)
        proposed, log_ratio = _propose(block, size, now, targets[0][0], reference, grades, rng)
        found = []
        for target, known, power in targets:
            parameters = target.parameters(proposed)
            emission = known.emission[..., part] if block == "departures" else target.emission(parameters)
            total = target.log_likelihood(parameters, emission)
            found.append((emission, total))
            if power:
                with np.errstate(invalid="ignore"):
                    log_ratio = log_ratio + power * (total - known.log_likelihood[part])
        keep = np.log(rng.random(now.n)) < log_ratio  # a ratio that is not a number is refused
        accepted += int(keep.sum())
        for old, new in ((now.normal, proposed.normal), (now.goes_to, proposed.goes_to), (now.truth, proposed.truth)):
            if new is not old:
                np.copyto(old, new, where=keep)
        for (_, known, _), (emission, total) in zip(targets, found, strict=True):
            np.copyto(known.log_likelihood[part], total, where=keep)
            if block != "departures":
                np.copyto(known.emission[..., part], emission, where=keep)
    return accepted / particles.n


def occurring_grades(targets: Sequence[Target]) -> Ints:
    """Numbers of the grades that some evidence has."""
    tables = [target.data.term_grades for target in targets]
    found = sum(((table.first != 0) | (table.more != 0)).sum(axis=0) for table in tables)
    return np.flatnonzero(found)


def _propose(
    block: str,
    size: float,
    now: Particles,
    target: Target,
    reference: Reference | None,
    grades: Ints | None,
    rng: "Generator",
) -> tuple[Particles, Floats]:
    """Where a chunk of particles may go, and the logarithm of prior over proposal there against here, (D,)."""
    model = target.model
    if block == "grades":
        assert grades is not None
        truth = now.truth.copy()
        counts = model.grades[grades]
        truth[grades] = _moved_shares(np.stack([truth[grades], 1 - truth[grades]], axis=1), counts, size, rng)[:, 0]
        return Particles(now.normal, now.goes_to, truth), np.zeros(now.n)
    if reference is None:
        return now, np.zeros(now.n)
    normal, log_ratio = _crank_nicolson(now.normal, reference, size, rng)
    goes_to = now.goes_to
    if block == "departures":
        before, after = now.normal[reference.rows], normal[reference.rows]
        log_ratio = log_ratio + _log_classes(after, target) - _log_classes(before, target)
        if len(model.regimes) > 2:
            goes_to = _moved_shares(now.goes_to, goes_to_concentrations(model), size, rng)
    return Particles(normal, goes_to, now.truth), log_ratio


def _crank_nicolson(normal: Floats, reference: Reference, size: float, rng: "Generator") -> tuple[Floats, Floats]:
    """A step that leaves the reference as it is, and log of prior over reference, after against before."""
    before = normal[reference.rows]
    here = reference.standard(before)
    there = np.sqrt(1 - size**2) * here + size * rng.standard_normal(here.shape)
    after = reference.deviation * there + reference.mean
    proposed = normal.copy()
    proposed[reference.rows] = after
    log_ratio: Floats = 0.5 * (_squares(before) - _squares(after) + _squares(there) - _squares(here))
    return proposed, log_ratio


def _squares(values: Floats) -> Floats:
    squares: Floats = np.einsum("rd,rd->d", values, values)
    return squares


def _log_classes(stays: Floats, target: Target) -> Floats:
    """What reference classes say of standard stays (K, D), up to a constant, (D,)."""
    location, scale = target.data.fixed.log_stay.T
    found: Floats = np.zeros(stays.shape[1]) + log_base_rate(np, location + scale * stays.T, target.model)
    return found


def _moved_shares(shares: Floats, concentrations: Floats, size: float, rng: "Generator") -> Floats:
    """Shares (..., S, D) that sum to one over S, moved such that Dirichlet(concentrations (..., S)) stays as it is."""
    a = concentrations[..., None]
    total = rng.standard_gamma(a.sum(axis=-2), size=(*shares.shape[:-2], shares.shape[-1]))
    kept, new = (1 - size) * a, size * a
    kept_share = rng.beta(kept, new, size=shares.shape) if size < 1 else 0.0
    gammas = kept_share * shares * total[..., None, :] + rng.standard_gamma(new, size=shares.shape)
    sums = gammas.sum(axis=-2, keepdims=True)
    # concentrations so small that every Gamma variable is below the least number: such a row stays where it is, whether
    # that happens before the move or after it, for only then is the move as probable as the one back
    possible = (sums > 0) & (total[..., None, :] > 0)
    return np.where(possible, gammas / np.where(possible, sums, 1.0), shares)
