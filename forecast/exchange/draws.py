"""The draws behind a recorded forecast for ArviZ, from ledger and file of draws: a DataTree, or a netCDF file."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from forecast.analysis.why.recorded import Recorded, recorded
from forecast.errors import LedgerError
from forecast.inference.draws import Draws, load_draws
from forecast.inference.resample import equal_draws
from forecast.inference.reweight import ProposalDraws, weigh
from forecast.ledger.records import Entry
from forecast.ledger.store import DRAWS_FOLDER, Ledger
from forecast.model.arrays import Arrays, arrays
from forecast.model.version import Settings, model_identity
from forecast.scenario.schema import Family

__all__ = ["draws_file", "draws_tree"]

#: What a record does not have because the family makes no use of it: its prior cannot be computed.
_NOT_RECORDED = {Family.BASE_RATE: "truth", Family.STATIC: "goes_to"}

#: Settings of today's files, if there are any.
AtHand = Callable[[], Settings | None]


def draws_tree(ledger: Ledger, entry: Entry, workspace: Path, at_hand: AtHand = lambda: None) -> Any:
    """The draws of a recorded forecast as a DataTree; see `inference.export.to_datatree`.

    Parameters
    ----------
    ledger, entry
        The record; its log holds evidence and model, too.
    workspace
        Where the file of draws is.
    at_hand
        The settings of the files, if there are any; used if they are those of the record.

    Returns
    -------
    xarray.DataTree
        With the record's identity as attributes. Draws of unequal weight are resampled by their weights: one chain,
        attribute `resampled` 1. That is so for draws reweighted for other evidence, and for particles, whose islands
        have weights. Resampled draws repeat. R-hat and effective sample sizes computed from particles mean nothing:
        particles of an island are no Markov chain, and those with the same `ancestor` (group `sample_stats`) are not
        independent. The diagnostics of the record are attributes.

    Raises
    ------
    LedgerError
        If the draws are missing or altered, or the record cannot be computed again.
    """
    from forecast.inference.export import to_datatree

    found = _recorded_draws(ledger, entry, workspace, at_hand)
    tree = to_datatree(found.draws, found.model, found.data)
    if found.left_out is not None:
        tree["log_prior"] = tree["log_prior"].to_dataset().drop_vars(found.left_out, errors="ignore")
    tree.attrs.update(found.attributes)
    return tree


def draws_file(ledger: Ledger, entry: Entry, workspace: Path, at_hand: AtHand = lambda: None) -> bytes:
    """The same as a netCDF file; arguments and errors are those of `draws_tree`."""
    from forecast.exchange.netcdf import netcdf_bytes
    from forecast.inference.draw_groups import draw_groups

    found = _recorded_draws(ledger, entry, workspace, at_hand)
    groups = draw_groups(found.draws, found.model, found.data)
    log_prior = {name: values for name, values in groups.groups["log_prior"].items() if name != found.left_out}
    return netcdf_bytes(replace(groups, groups={**groups.groups, "log_prior": log_prior}), found.attributes)


@dataclass(frozen=True, slots=True)
class _RecordedDraws:
    """Draws of equal weight for the evidence of a record; `left_out` is a log-prior that cannot be computed."""

    draws: Draws
    model: Settings
    data: Arrays
    left_out: str | None
    attributes: dict[str, str | float]


def _recorded_draws(ledger: Ledger, entry: Entry, workspace: Path, at_hand: AtHand) -> _RecordedDraws:
    own = at_hand()
    if own is not None and model_identity(own) != entry.forecast.model_identity:
        own = None
    found = recorded(ledger, entry, lambda: own)
    forecast = found.forecast
    model = found.model if own is None else own
    if forecast.fit is None:
        raise LedgerError(f"{entry.id} has no draws on record.")
    draws = load_draws(workspace / DRAWS_FOLDER / f"{forecast.fit}.npz", forecast.fit)
    data = arrays(found.evidence, model, found.as_of)
    equal = equal_draws(weigh(ProposalDraws(forecast.fit, model, draws), model, data))
    attributes = {
        **_identity(found),
        "sampler": str(draws.meta.get("sampler")),
        "seed": str(draws.meta.get("seed")),
        "resampled": int("resampled" in equal.meta),
    }
    left_out = _NOT_RECORDED.get(model.family) if own is None else None
    return _RecordedDraws(equal, model, data, left_out, attributes)


def _identity(found: Recorded) -> dict[str, str | float]:
    """What tells the forecast from others, as netCDF can hold it."""
    forecast = found.forecast
    texts = {
        "forecast": found.id,
        "scenario": forecast.scenario,
        "model": forecast.model,
        "as_of": forecast.as_of,
        "made_at": forecast.made_at,
        "kind": forecast.kind,
        "model_identity": forecast.model_identity,
        "evidence_identity": forecast.evidence_identity,
        "method": str(forecast.method.get("name")),
        "retracted": found.retracted or "",
    }
    numbers = {f"recorded_{key}": forecast.method.get(key) for key in ("rhat", "ess", "khat", "max_error")}
    return texts | {key: float(value) for key, value in numbers.items() if value is not None}
