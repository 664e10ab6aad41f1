"""The draws at hand for an answer: of stored fits, fresh from the prior, sampled now; and which of them serve best."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np

from forecast.errors import LedgerError
from forecast.inference.cached_reweighter import CachedReweighter
from forecast.inference.draws import flat, load_draws
from forecast.inference.posterior import Progress, Sampler
from forecast.inference.reweight import ProposalDraws, WeightedDraws, prior_draws, same_prior, watch_names
from forecast.ledger.records import FitRow
from forecast.ledger.store import DRAWS_FOLDER, Ledger
from forecast.model.answers import filtered
from forecast.model.arrays import Arrays
from forecast.model.priors import natural
from forecast.model.version import Settings, from_content, model_identity

__all__ = ["anchor_of_fit", "best_of", "largest", "prior_draws", "sampled_anchor", "stored_anchors"]

#: Stored fits that are looked at: the nearest in time serve best, and each costs a run of the filter.
MOST = 4


def stored_anchors(
    ledger: Ledger, workspace: Path, scenario: str, model: Settings, near: date, most: int = MOST
) -> list[ProposalDraws]:
    """Stored draws of a scenario that have the prior of a model, the nearest in time first.

    A file that is missing or altered is passed over: `forecast ledger verify` names it.

    Parameters
    ----------
    ledger
        Knows the fits, and the models they were fitted with.
    workspace
        Folder that has `.forecast/draws`.
    scenario, model, near
        Whose fits, with which prior, nearest to which day.
    most
        How many at most.
    """
    identity = model_identity(model)
    own = [row for row in ledger.fits() if row.scenario == scenario]

    def distance(row: FitRow) -> tuple[bool, int, str]:
        return row.model_identity != identity, abs((date.fromisoformat(row.as_of) - near).days), row.sha256

    found: list[ProposalDraws] = []
    for row in sorted(own, key=distance):
        if len(found) == most:
            break
        fitted = model if row.model_identity == identity else _model_on_record(ledger, row.model_identity)
        if fitted is None or not same_prior(fitted, model):
            continue
        try:
            draws = load_draws(workspace / DRAWS_FOLDER / row.file, row.sha256)
        except LedgerError:
            continue
        found.append(ProposalDraws(row.sha256, fitted, draws))
    return found


def anchor_of_fit(ledger: Ledger, workspace: Path, digest: str) -> ProposalDraws | None:
    """The stored draws with a SHA-256; None where the ledger does not know them or the file is missing or altered."""
    row = next((row for row in ledger.fits() if row.sha256 == digest), None)
    model = _model_on_record(ledger, row.model_identity) if row is not None else None
    if row is None or model is None:
        return None
    try:
        return ProposalDraws(digest, model, load_draws(workspace / DRAWS_FOLDER / row.file, digest))
    except LedgerError:
        return None


def _model_on_record(ledger: Ledger, identity: str) -> Settings | None:
    """The settings with an identity as the ledger holds them; None where it does not or they are outdated."""
    content = ledger.model(identity)
    try:
        return from_content(content, identity[:10]) if content is not None else None
    except ValueError:
        return None


def sampled_anchor(model: Settings, data: Arrays, seed: int, sampler: Sampler, progress: Progress) -> ProposalDraws:
    """Draws sampled now for this model and evidence; they are not stored."""
    draws = sampler(model, data, seed, progress)
    total = filtered(natural(np, flat(draws), model, data.fixed), model, data).log_likelihood.sum(axis=1)
    named = replace(draws, log_likelihood=total.reshape(draws.shape), watches=watch_names(data))
    return ProposalDraws(f"sampled {seed}", model, named)


def best_of(anchors: Iterable[ProposalDraws], model: Settings, data: Arrays) -> WeightedDraws:
    """The anchor whose draws have the largest effective sample size for a model and its evidence, weighed for them.

    Raises
    ------
    ValueError
        If no anchor has the prior of the model.
    """
    weighed = [CachedReweighter(anchor, model).weigh(data) for anchor in anchors if same_prior(anchor.model, model)]
    if not weighed:
        raise ValueError(f"no draws at hand have the prior of model {model.version}")
    return largest(weighed)


def largest(weighed: Iterable[WeightedDraws]) -> WeightedDraws:
    """Those of the weighed draws that have the largest effective sample size; of equal ones the first by id."""
    return min(weighed, key=lambda one: (-one.ess, one.anchor.id))
