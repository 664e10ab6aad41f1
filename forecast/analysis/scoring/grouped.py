"""Rows of a table that belong together, in the order in which they first appear."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from forecast.analysis.scoring.csv_table import Codes

__all__ = ["first_places", "groups_of", "keys_of"]


def keys_of(columns: Sequence[Codes]) -> NDArray[np.int64]:
    """One number for every row (row,), the same where all columns are the same, in the order of first appearance."""
    key = np.zeros(len(columns[0]), dtype=np.int64)
    for codes in columns:
        key = _numbered(key * (int(codes.max(initial=0)) + 1) + codes)
    return key


def _numbered(key: NDArray[np.int64]) -> NDArray[np.int64]:
    _, first, inverse = np.unique(key, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first, kind="stable")] = np.arange(len(first))
    return np.asarray(rank[inverse])


def first_places(key: NDArray[np.int64]) -> NDArray[np.int64]:
    """For every row (row,) the place of the first row with its key; keys are those of `keys_of`."""
    _, first = np.unique(key, return_index=True)
    return np.asarray(first[key])


def groups_of(key: NDArray[np.int64]) -> Iterator[NDArray[np.intp]]:
    """The places of every key's rows, in their order; keys in the order of first appearance."""
    order = np.argsort(key, kind="stable")
    starts = np.flatnonzero(np.diff(key[order], prepend=-1))
    ends = np.append(starts[1:], len(order))
    return (order[start:end] for start, end in zip(starts.tolist(), ends.tolist(), strict=True))
