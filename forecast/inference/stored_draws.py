"""Which draws answer a question about a model and evidence: the only place that decides it.

    reweight draws that exist -> good enough? done
                              -> not: move them, if the way is short, or sample from the prior -> done
                              -> the sampler's own diagnostics fail with all particles: NUTS, and say so -> a refusal

Draws that exist are those of files, which a `DrawStore` knows, and those made earlier by the same `DrawSource`.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from math import ceil, log2
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
from threadpoolctl import threadpool_limits

from forecast.errors import DiagnosticError, LedgerError
from forecast.inference import smc
from forecast.inference.cached_reweighter import CachedReweighter
from forecast.inference.draws import load_draws
from forecast.inference.posterior import Posterior, Progress, Question, Sampler, answered, sampled_by_nuts
from forecast.inference.reweight import (
    MAX_ERROR,
    MAX_ERROR_STATIC,
    MAX_ISLAND_SD,
    ProposalDraws,
    WeightedDraws,
    same_prior,
)
from forecast.model.arrays import Arrays, arrays
from forecast.model.evidence_set import EvidenceSet
from forecast.model.version import Floats, Settings, model_identity
from forecast.scenario.schema import Family

__all__ = [
    "MAX_BRIDGE_STEPS",
    "MAX_CANDIDATES",
    "MAX_MOVES",
    "MIN_ANCESTORS",
    "DrawSource",
    "DrawStore",
    "Method",
    "StoredFit",
    "bridge_steps",
    "check_reliable",
    "is_worn",
]

type Method = Literal["auto", "reweight", "smc", "nuts"]

#: Files of draws reweighted for one question: the nearest in time fit best, and each costs a run of the filter.
MAX_CANDIDATES = 3

#: Moves after which particles are drawn from the prior again, and the share of distinct ancestors below which they are.
MAX_MOVES = 12
MIN_ANCESTORS = 0.1

#: Steps of a bridge that are worth it, by the inverse of the first one's share: about two. A longer way is shorter from
#: the prior.
MAX_BRIDGE_STEPS = 2.5

#: Most sweeps after the last step. With `smc.MOST_PARTICLES`, how hard the sampler tries before NUTS does.
MAX_SWEEPS = 32

#: Draws made in this process that are kept for further questions.
MAX_KEPT = 6


class StoredFit(Protocol):
    """One file of draws as a store knows it."""

    @property
    def sha256(self) -> str:
        """Digest of the file, which names the draws."""

    @property
    def path(self) -> Path:
        """The file."""

    @property
    def day(self) -> date:
        """The as-of date of the evidence that they were drawn for."""

    @property
    def seed(self) -> int:
        """Seed of the sampler."""

    @property
    def model_identity(self) -> str:
        """Identity of the model."""

    @property
    def evidence_identity(self) -> str:
        """Identity of the evidence set."""

    def settings(self) -> Settings | None:
        """The model that they were drawn with; None where its numbers cannot be computed any more."""

    def evidence(self) -> EvidenceSet | None:
        """The evidence that they were drawn for; None where it is not on record."""


class DrawStore(Protocol):
    """Knows files of draws."""

    def fits(self) -> Sequence[StoredFit]:
        """All files, in any order."""

    def forget(self, sha256: str) -> None:
        """Do not offer a file again: it is damaged or missing."""


@dataclass(slots=True)
class DrawSource:
    """Weighted draws for any model and evidence, from the cheapest source that is good enough.

    Parameters
    ----------
    store
        Files of draws; None for none.
    method
        `auto` takes the first source that is good enough, `reweight` never samples, `smc` and `nuts` always do.
    sampler
        NUTS, for `nuts`, and for `auto` where sequential Monte Carlo fails its diagnostics; None to refuse.
    progress
        Called at every stage.
    most_kept
        How many draws made in this process are kept for further questions.

    Attributes
    ----------
    warnings
        A sentence for every file that could not be used.
    """

    store: DrawStore | None = None
    method: Method = "auto"
    sampler: Sampler | None = None
    progress: Progress = lambda *_: None
    most_kept: int = MAX_KEPT
    warnings: list[str] = field(default_factory=list)
    _loaded: dict[str, ProposalDraws | None] = field(default_factory=dict)
    _made: list[ProposalDraws] = field(default_factory=list)
    _reweighters: dict[tuple[str, str], CachedReweighter] = field(default_factory=dict)
    _latest: dict[tuple[str, str], WeightedDraws] = field(default_factory=dict)

    def draws_for(
        self,
        model: Settings,
        data: Arrays,
        questions: Sequence[Question],
        *,
        seed: int,
        candidates: Callable[[StoredFit], bool] = lambda _: True,
        keep: bool = False,
    ) -> Posterior:
        """Weighted draws that answer questions about a model and evidence.

        Parameters
        ----------
        model, data, questions
            What is asked; the questions are open.
        seed
            Of a sampler, if one has to run.
        candidates
            Which stored files may be used.
        keep
            Evidence asked about next begins alike: what was computed is kept for it.

        Returns
        -------
        Posterior
            With `problems` where no allowed source is good enough; the best of those tried.

        Raises
        ------
        DiagnosticError
            If the evidence is impossible under the prior, or only reweighting is allowed and there are no draws.
        """
        best: Posterior | None = None
        # sums of matrix products hang on the number of threads, in the last digit
        with threadpool_limits(1, "blas"):
            try:
                for found in self._attempts(model, data, questions, seed, candidates, keep):
                    if found.is_reliable:
                        return found
                    if best is None or len(found.problems) <= len(best.problems):
                        best = found
            except ValueError as error:
                raise DiagnosticError(f"model {model.version}: {error}.") from error
        if best is None:
            message = f"no stored draws have the prior of model {model.version}: there is nothing to reweight."
            raise DiagnosticError(message)
        return best

    def _attempts(
        self,
        model: Settings,
        data: Arrays,
        questions: Sequence[Question],
        seed: int,
        candidates: Callable[[StoredFit], bool],
        keep: bool,
    ) -> Iterator[Posterior]:
        if self.method in ("auto", "reweight"):
            weighted = self._reweighted(model, data, candidates, keep)
            if weighted:
                yield answered(weighted[0], questions)
            if self.method == "auto" and (moved := self._moved(weighted, model, data, seed)) is not None:
                yield answered(self.weigh(moved, model, data, keep=keep), questions)
        if self.method in ("auto", "smc"):
            yield from self._from_prior(model, data, questions, seed, keep)
        if self.method == "nuts" or (self.method == "auto" and self.sampler is not None):
            yield self._by_nuts(model, data, questions, seed)

    # Draws that exist

    def weigh(self, proposal: ProposalDraws, model: Settings, data: Arrays, *, keep: bool = False) -> WeightedDraws:
        """Weight draws for a model and evidence; what was computed with them before is used again."""
        key = proposal.id, model_identity(model)
        kept = self._reweighters.get(key)
        if kept is None or kept.proposal is not proposal:
            # other draws of the same name, such as those of the prior: nothing computed with the former ones holds
            self._reweighters[key] = CachedReweighter(proposal, model)
            self._latest.pop(key, None)
        latest = self._latest.get(key)
        # questions about the same evidence come one after the other
        if latest is None or latest.data is not data:
            self._latest[key] = self._reweighters[key].weigh(data, keep=keep)
        return self._latest[key]

    def _reweighted(
        self, model: Settings, data: Arrays, candidates: Callable[[StoredFit], bool], keep: bool
    ) -> list[WeightedDraws]:
        """Draws that exist, weighted: those with the largest effective sample size first."""
        proposals = [one for one in self._made if same_prior(one.model, model)]
        proposals += self._stored(model, date.fromordinal(int(data.steps.last[-1])), candidates)
        weighted = []
        for proposal in proposals:
            try:
                weighted.append(self.weigh(proposal, model, data, keep=keep))
            except ValueError:
                continue  # the evidence is impossible under some of these draws: others may allow it
        return sorted(weighted, key=lambda one: (-one.ess, one.proposal.id))

    def _stored(self, model: Settings, day: date, candidates: Callable[[StoredFit], bool]) -> Iterator[ProposalDraws]:
        """Files of draws with the prior of a model: its own first, then the nearest in time."""
        if self.store is None:
            return
        identity = model_identity(model)

        def distance(fit: StoredFit) -> tuple[bool, int, str]:
            return fit.model_identity != identity, abs((fit.day - day).days), fit.sha256

        n = 0
        for fit in sorted(filter(candidates, self.store.fits()), key=distance):
            proposal = self.load(fit)
            if proposal is None or not same_prior(proposal.model, model):
                continue
            yield proposal
            n += 1
            if n == MAX_CANDIDATES:
                return

    def load(self, fit: StoredFit) -> ProposalDraws | None:
        """The draws of a file; None, with a warning, where it is damaged or missing."""
        if fit.sha256 not in self._loaded:
            self._loaded[fit.sha256] = self._read(fit)
        return self._loaded[fit.sha256]

    def _read(self, fit: StoredFit) -> ProposalDraws | None:
        model = fit.settings()
        if model is None:
            return None
        try:
            draws = load_draws(fit.path, fit.sha256)
        except LedgerError as error:
            self.warnings.append(f"{error}: sampled again")
            assert self.store is not None
            self.store.forget(fit.sha256)
            return None
        evidence = fit.evidence()
        data = arrays(evidence, model, fit.day) if evidence is not None else None
        return ProposalDraws(fit.sha256, model, draws, data, is_stored=True)

    def remember(self, proposal: ProposalDraws) -> ProposalDraws:
        """Keep draws made in this process for further questions; the oldest are dropped."""
        self._made = [one for one in (*self._made, proposal) if one.id != proposal.id or one is proposal][
            -self.most_kept :
        ]
        kept = {one.id for one in self._made} | self._loaded.keys()
        self._reweighters = {key: value for key, value in self._reweighters.items() if key[0] in kept}
        self._latest = {key: value for key, value in self._latest.items() if key[0] in kept}
        return proposal

    # Draws that are made

    def _moved(
        self, weighted: Sequence[WeightedDraws], model: Settings, data: Arrays, seed: int
    ) -> ProposalDraws | None:
        """Particles moved to this evidence; None where none can be, or the way is too long."""
        for one in weighted:
            proposal = one.proposal
            if proposal.data is None or proposal.draws.ancestry is None or is_worn(proposal):
                continue
            if bridge_steps(one) > MAX_BRIDGE_STEPS:
                continue
            try:
                moved = smc.move(proposal, model, data, seed, progress=self.progress)
            except ValueError:
                continue  # the evidence is impossible for these draws: others may allow it
            # the evidence is named too: with the same seed the same draws are moved to other evidence
            return self.remember(replace(moved, id=f"{proposal.id} moved {seed} {data_name(data)}"))
        return None

    def _from_prior(
        self, model: Settings, data: Arrays, questions: Sequence[Question], seed: int, keep: bool
    ) -> Iterator[Posterior]:
        """Particles from the prior: more of them, or more sweeps, until the answers are good enough."""
        effort = smc.Effort()
        while True:
            proposal = smc.sample(model, data, seed, self.progress, effort)
            self.remember(replace(proposal, id=f"smc {seed} {model_identity(model)[:10]} {data_name(data)} {effort}"))
            found = answered(self.weigh(self._made[-1], model, data, keep=keep), questions)
            yield found
            following = next_effort(effort, found)
            if following is None:
                return
            effort = following

    def _by_nuts(self, model: Settings, data: Arrays, questions: Sequence[Question], seed: int) -> Posterior:
        assert self.sampler is not None
        draws = self.sampler(model, data, seed, self.progress)
        self.progress("checking the draws", None, "")
        found = sampled_by_nuts(draws, questions, model, data)
        if found.is_reliable:
            self.remember(found.weighted.proposal)
        return found


def is_worn(proposal: ProposalDraws) -> bool:
    """Whether draws were moved so often, or have so few ancestors left, that they begin with the prior again."""
    meta = proposal.draws.meta
    return bool(meta.get("moves", 0) >= MAX_MOVES or meta.get("distinct_ancestors", 1.0) < MIN_ANCESTORS)


def bridge_steps(weighted: WeightedDraws) -> float:
    """How many steps a bridge from the draws' own evidence to that which they are weighted for is likely to take."""
    assert weighted.proposal.draws.log_likelihood is not None
    own = weighted.proposal.draws.log_likelihood.ravel()
    return smc.steps_ahead(weighted.filtered.log_likelihood.sum(axis=1) - own)


def data_name(data: Arrays) -> str:
    """Names evidence by what the likelihood takes of it: the same in every process, since seeds come from it."""
    parts = (
        data.moves,
        data.by_step,
        data.unwatched,
        data.term_ratio,
        data.term_temper,
        data.term_grades.offset,
        data.term_grades.linear,
    )
    digest = hashlib.sha256(repr([(watch.indicator, watch.first, watch.detection) for watch in data.watches]).encode())
    for part in parts:
        digest.update(np.ascontiguousarray(part).tobytes())
    return f"{date.fromordinal(int(data.steps.last[-1]))} {digest.hexdigest()[:16]}"


def next_effort(effort: smc.Effort, found: Posterior) -> smc.Effort | None:
    """More particles where islands disagree or independent ones would be too few, else more sweeps; None at the end.

    How many follows from the error, which falls with the root of their number.
    """
    weighted = found.weighted
    limit = MAX_ERROR_STATIC if weighted.model.family is Family.STATIC else MAX_ERROR
    columns = [column for values in found.answers.values() for column in values.T]
    independent = max((_independent_error(weighted, column) for column in columns), default=0.0)
    disagree = float(weighted.proposal.draws.meta.get("island_sd", 0.0)) > MAX_ISLAND_SD
    if not disagree and independent < limit / 2 and effort.last_sweeps < MAX_SWEEPS:
        return replace(effort, last_sweeps=2 * effort.last_sweeps)
    if effort.particles >= smc.MOST_PARTICLES:
        return None
    times = 2 ** max(ceil(2 * log2(max(found.quality.error / limit, 1.01))), 1)
    return replace(effort, particles=min(effort.particles * times, smc.MOST_PARTICLES))


def _independent_error(weighted: WeightedDraws, values: Floats) -> float:
    """Monte Carlo error if all particles were independent."""
    return float(np.sqrt(np.square(weighted.influence(values)).sum()))


def check_reliable(found: Posterior, what: str) -> Posterior:
    """The posterior, if its answers may be published.

    Raises
    ------
    DiagnosticError
        With what failed.
    """
    if found.problems:
        raise DiagnosticError(f"{what}: {'; '.join(found.problems)}.")
    return found
