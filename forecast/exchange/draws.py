"""The draws behind a recorded forecast, for ArviZ: from the ledger and the file of draws."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from forecast.analysis.why.recorded import Recorded, recorded
from forecast.errors import LedgerError
from forecast.inference.draws import Draws, load_draws
from forecast.inference.reweight import ProposalDraws, raw_for, weigh
from forecast.ledger.records import Entry
from forecast.ledger.store import DRAWS_FOLDER, Ledger
from forecast.model.arrays import Arrays, arrays
from forecast.model.version import Floats, Settings, model_identity
from forecast.scenario.schema import Family

__all__ = ["draws_tree", "netcdf_bytes"]

#: What a record does not tell because the family makes no use of it: its prior cannot be computed.
_UNTOLD = {Family.BASE_RATE: "truth", Family.STATIC: "goes_to"}


def draws_tree(
    ledger: Ledger, entry: Entry, workspace: Path, at_hand: Callable[[], Settings | None] = lambda: None
) -> Any:
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
        With the record's identity as attributes. Draws that were weighed for other evidence than their own are drawn
        anew by their weights: one chain, attribute `resampled` 1. They repeat, and R-hat and effective sample sizes
        computed from them mean nothing; those of the record are attributes.

    Raises
    ------
    LedgerError
        If the draws are missing or altered, or the record cannot be computed again.
    """
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
    fitting, resampled = _for_evidence(ProposalDraws(forecast.fit, model, draws), model, data)
    from forecast.inference.export import to_datatree

    tree = to_datatree(fitting, model, data)
    if own is None and model.family in _UNTOLD:
        tree["log_prior"] = tree["log_prior"].to_dataset().drop_vars(_UNTOLD[model.family], errors="ignore")
    tree.attrs.update(_identity(found), resampled=int(resampled))
    return tree


def _for_evidence(anchor: ProposalDraws, model: Settings, data: Arrays) -> tuple[Draws, bool]:
    """The anchor's draws for this evidence, and whether they had to be drawn anew by their weights.

    Systematic resampling with a fixed offset: the same draws every time (Douc, Cappé and Moulines 2005, 'Comparison of
    resampling schemes for particle filtering').
    """
    weighed = weigh(anchor, model, data)
    raw = raw_for(anchor, data)
    if weighed.khat == -np.inf:
        rows, shape = np.arange(anchor.draws.n_draws), weighed.shape
    else:
        n_draws = anchor.draws.n_draws
        edges = np.cumsum(weighed.weights)
        rows = np.searchsorted(edges, (np.arange(n_draws) + 0.5) / n_draws * edges[-1])
        shape = (1, n_draws)

    def laid_out(values: Floats) -> Floats:
        return values[rows].reshape((*shape, *values.shape[1:]))

    kept = replace(anchor.draws, arrays={name: laid_out(values) for name, values in raw.items()})
    return kept, shape != weighed.shape


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
    numbers = {f"recorded_{key}": forecast.method.get(key) for key in ("rhat", "ess", "khat")}
    return texts | {key: float(value) for key, value in numbers.items() if value is not None}


def netcdf_bytes(tree: Any) -> bytes:
    """A DataTree as a netCDF file."""
    return bytes(tree.to_netcdf(engine="h5netcdf"))
