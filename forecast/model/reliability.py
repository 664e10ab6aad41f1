"""How probable it is that an event is real, from what its origins say (docs/method.md, 'Reports and events').

With w = logit(P(true)) - l0 for each origin, best first, and d = 0.5:
logit(real) = l0 + w_1 + sum_{r>=2} (1-d)^(r-1) max(0, w_r) [confirming] - sum_{r>=1} (1-d)^(r-1) max(0, w_r) [denying].
Events with the same grades share one `signature`, so the work does not grow with the number of events.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from forecast.model.evidence_set import Origin
from forecast.model.priors import beta_median, logit, logitnormal_from_range, logitnormal_mean
from forecast.model.version import GRADES, Floats, Settings
from forecast.scenario.schema import Range

__all__ = ["UNKNOWN", "Signatures", "at_medians", "real", "signatures", "silent"]

#: What the second, third ... origin loses: each counts half of the one before, for nobody is quite independent.
DISCOUNT = 0.5

#: Decimals of log-odds and probabilities to which grades are told apart: medians come from quadrature, and a grade with
#: counts [2, 2] says as little as one with [1, 1].
RANK_DECIMALS = 9

#: The grade that says nothing: source and information cannot be judged.
UNKNOWN = "F6"

#: Log-odds at which a probability is 1 in double precision: `p_true: [1, 1]`.
CERTAIN = 40.0

#: An origin's stance and grade: denies or not, and the grade or the constant probability of truth.
Voice = tuple[bool, str | Range]


@dataclass(frozen=True, slots=True)
class Signatures:
    """S distinct combinations of grades, as linear maps of w = logit(truth) - l0 and of max(0, w).

    `offset` holds l0 and what constant probabilities contribute. The first G columns of `linear` pick the best
    confirming origin, the last G hold the discounted signed weights of all others.
    """

    offset: Floats  # (S,)
    linear: Floats  # (S, 2 G)
    logit_unknown: float

    @property
    def first(self) -> Floats:
        """Coefficients (S, G) of w."""
        return self.linear[:, : self.linear.shape[1] // 2]

    @property
    def more(self) -> Floats:
        """Coefficients (S, G) of max(0, w)."""
        return self.linear[:, self.linear.shape[1] // 2 :]

    def take(self, rows: Sequence[int]) -> "Signatures":
        """The table with one row for each entry of `rows`."""
        at = np.array(rows, dtype=np.int64)
        return Signatures(self.offset[at], self.linear[at], self.logit_unknown)


def real(xp: Any, truth: Any, table: Signatures) -> Any:
    """Probability (..., S) that an event with each signature is real.

    Parameters
    ----------
    xp
        numpy or `pytensor.tensor`.
    truth
        Probability (..., G) that a report of each grade is true.
    table
        The signatures.
    """
    linear = table.linear
    if xp is np:
        # of some forty grades few occur, and every one costs two logarithms of every draw
        occurring = np.flatnonzero((table.first != 0).any(axis=0) | (table.more != 0).any(axis=0))
        truth, linear = truth[..., occurring], np.hstack([table.first[:, occurring], table.more[:, occurring]])
    weights = xp.log(truth) - xp.log1p(-truth) - table.logit_unknown
    both = xp.concatenate([weights, xp.maximum(weights, 0.0)], axis=-1)
    # in numpy the product is taken the other way round, so that draws stay innermost in memory
    log_odds = np.dot(linear, both.T).T if xp is np else xp.dot(both, linear.T)
    return 1 / (1 + xp.exp(-table.offset - log_odds))


def signatures(groups: Iterable[tuple[Origin, ...]], model: Settings) -> tuple[Signatures, list[int]]:
    """Tabulate the distinct combinations of grades, and say which one each group of origins has.

    Returns
    -------
    Signatures
        The table.
    list of int
        The row of each group, in order.
    """
    medians = beta_median(model.grades)
    unknown = float(logit(medians[GRADES.index(UNKNOWN)]))
    ranks: dict[str | Range, float] = dict(zip(GRADES, logit(medians).tolist(), strict=True))
    keys: dict[tuple[Voice, ...], int] = {}
    rows: list[int] = []
    for origins in groups:
        voices: list[Voice] = []
        for origin in origins:
            voice = origin.p_true or origin.grade
            assert voice is not None  # the schema: a report that counts has one of them
            if isinstance(voice, tuple) and voice not in ranks:
                ranks[voice] = _constant_logit(voice)
            voices.append((origin.denies, voice))
        key = tuple(sorted(voices, key=lambda voice: (voice[0], -round(ranks[voice[1]], RANK_DECIMALS), str(voice[1]))))
        rows.append(keys.setdefault(key, len(keys)))
    table = Signatures(np.full(len(keys), unknown), np.zeros((len(keys), 2 * len(GRADES))), unknown)
    for key, row in keys.items():
        _fill(table, row, key, ranks)
    return table, rows


def at_medians(groups: Iterable[tuple[Origin, ...]], model: Settings) -> list[float]:
    """Probability that the event of each group of origins is real, with every grade at its table's median.

    To nine decimals, since medians come from quadrature: an event of which nothing can be judged has one half.
    """
    table, rows = signatures(groups, model)
    p_real = real(np, beta_median(model.grades), table).tolist()
    return [round(p_real[row], RANK_DECIMALS) for row in rows]


def _fill(table: Signatures, row: int, key: tuple[Voice, ...], ranks: dict[str | Range, float]) -> None:
    """Enter one combination: the best confirming origin in full, every other one discounted and never negative.

    What cannot be judged, or is judged worse than that, adds nothing as a further voice: its weight is drawn anew with
    every draw, and the positive half of it alone would add up.
    """
    for denying in (False, True):
        voices = [voice for denies, voice in key if denies is denying]
        for rank, voice in enumerate(voices):
            in_full = rank == 0 and not denying
            weight = (1 - DISCOUNT) ** rank * (-1.0 if denying else 1.0)
            if not in_full and _says_nothing(ranks[voice], table.logit_unknown):
                continue
            if isinstance(voice, str):
                (table.first if in_full else table.more)[row, GRADES.index(voice)] += weight
            else:
                table.offset[row] += weight * (ranks[voice] - table.logit_unknown)


def silent(voices: Iterable[str | Range], model: Settings) -> set[str | Range]:
    """Those grades and constant probabilities of truth that weigh nothing in a denial or a further voice.

    They are not above the grade of what cannot be judged (see `_fill`).
    """
    medians = dict(zip(GRADES, logit(beta_median(model.grades)).tolist(), strict=True))
    unknown = medians[UNKNOWN]
    return {
        voice
        for voice in voices
        if _says_nothing(medians[voice] if isinstance(voice, str) else _constant_logit(voice), unknown)
    }


def _says_nothing(log_odds: float, unknown: float) -> bool:
    return round(log_odds - unknown, RANK_DECIMALS) <= 0


def _constant_logit(p_true: Range) -> float:
    """Log-odds of the constant probability that stands for a range: the mean of its logit-normal distribution."""
    if p_true == (1.0, 1.0):
        return CERTAIN
    return float(logit(logitnormal_mean(logitnormal_from_range(np.array(p_true)))))
