"""Posterior draws as a file: named numpy arrays with what they were drawn from, and no pickles.

The axes of every array are (chain, draw, ...). `meta` says which model and evidence, seed, versions and diagnostics.
Every draw carries its log-likelihood under its own evidence, so that it can be reweighted for other evidence
(`inference.reweight`). Chains of NUTS are told apart from islands of particles by `ancestry`: only particles have it.
"""

import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from forecast.canonical import file_sha256
from forecast.errors import LedgerError
from forecast.model.version import Floats

__all__ = ["Draws", "flat", "load_draws", "write_draws"]

#: Raised when the layout of the file changes; files of layout 2 have neither weights nor ancestry, and are still read.
LAYOUT = 3
READABLE = (2, 3)

#: Arrays of a file that are no parameters.
_EXTRA = ("log_likelihood", "log_weights", "ancestry")

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Draws:
    """Draws of the standard parameters (`model.priors.natural`), each (chain, draw, ...), and where they come from.

    `log_likelihood` (chain, draw) is that of the evidence they were drawn for, summed over steps, and `watches` names
    the columns of `detection_own` as (indicator, first day). `log_weights` (chain, draw) sum to one on the natural
    scale, None for equal weights. `ancestry` (chain, draw) numbers the independent draws that particles began as, from
    0 in every chain; `meta["ancestors"]` says how many a chain began with, and `meta["islands"]` how many chains are
    independent of each other. None for chains of NUTS.
    """

    arrays: Mapping[str, Floats]
    meta: Mapping[str, Any]
    log_likelihood: Floats | None = None
    watches: tuple[tuple[str, str], ...] = ()
    log_weights: Floats | None = None
    ancestry: Ints | None = None

    @property
    def n_chains(self) -> int:
        """Number of chains."""
        return self.shape[0]

    @property
    def n_draws(self) -> int:
        """Number of draws of all chains together."""
        n_chains, n_each = self.shape
        return n_chains * n_each

    @property
    def shape(self) -> tuple[int, int]:
        """Number of chains, and of draws in each."""
        n_chains, n_each = next(iter(self.arrays.values())).shape[:2]
        return int(n_chains), int(n_each)


def flat(draws: Draws) -> dict[str, Floats]:
    """The arrays with chains joined, (chain x draw, ...), as `model.priors.natural` takes them."""
    # the length is given, not -1: an array without entries (no watch, no condition) has many that would do
    return {name: values.reshape((draws.n_draws, *values.shape[2:])) for name, values in draws.arrays.items()}


def write_draws(draws: Draws, file: BinaryIO) -> None:
    """Write draws that have their log-likelihood to an open file."""
    assert draws.log_likelihood is not None
    meta = json.dumps({**draws.meta, "layout": LAYOUT, "watches": draws.watches}, sort_keys=True)
    extra = {name: values for name in _EXTRA if (values := getattr(draws, name)) is not None}
    np.savez(file, allow_pickle=False, meta=np.array(meta), **extra, **draws.arrays)


def load_draws(path: Path, digest: str) -> Draws:
    """Read a draws file, if it is the one that was recorded.

    Parameters
    ----------
    path
        The file.
    digest
        SHA-256 that its bytes must have.

    Raises
    ------
    LedgerError
        If the file is missing, was altered, or has another layout.
    """
    try:
        found = file_sha256(path)
    except OSError as error:
        raise LedgerError(f"{path}: the draws of an earlier fit cannot be read ({error.strerror})") from error
    if found != digest:
        raise LedgerError(f"{path}: the draws of an earlier fit were altered: SHA-256 is {found}, recorded {digest}")
    try:
        with np.load(path, allow_pickle=False) as archive:
            meta = json.loads(str(archive["meta"]))
            if meta.get("layout") not in READABLE:
                raise LedgerError(f"{path}: the draws have layout {meta.get('layout')}, this version reads {READABLE}")
            arrays = {name: archive[name] for name in archive.files if name != "meta"}
            extra = {name: arrays.pop(name) for name in _EXTRA if name in arrays}
            watches = tuple((indicator, first) for indicator, first in meta.pop("watches"))
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise LedgerError(f"{path}: this is not a draws file ({error})") from error
    if "log_likelihood" not in extra:
        raise LedgerError(f"{path}: this is not a draws file (it lacks the log-likelihood)")
    return Draws(arrays, meta, watches=watches, **extra)
