"""What to watch: how probable it is that each indicator is seen, and what the answer would be if it is and if not.

Every number comes from one joint distribution, averaged over the draws: seen or not, and the outcome. So the law
p = p_seen p_if_seen + (1 - p_seen) p_if_not holds exactly, and the expected information is the mutual information
of the two (Cover and Thomas, 'Elements of Information Theory', 2nd edition 2006, equation 2.28): what an observer who
does not know the rates either learns, which is not the mean over draws of what one who knew them would.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from forecast.analysis.ahead.open_question import WatchRequest
from forecast.errors import Finding, InputError
from forecast.inference.psis import pareto_khat
from forecast.inference.reweight import MAX_KHAT, WeightedDraws
from forecast.model.answers import ahead, outcomes, state_as_of
from forecast.model.conditioning import Conditioning, holds_today, unseen
from forecast.model.evidence_set import EvidenceSet
from forecast.model.steps import steps_between
from forecast.model.version import Floats
from forecast.scenario.schema import Family, Occurs, Step
from forecast.words import Scale, words

__all__ = [
    "MAX_AHEAD",
    "Row",
    "Tip",
    "Watching",
    "Window",
    "bits",
    "check_uses_evidence",
    "rows",
    "watch",
    "window",
]

#: Steps ahead that may be asked for; ten years of months.
MAX_AHEAD = 120

#: Longest calendar period in days, rounded up: no quarter has more.
LONGEST_STEP_DAYS = 100


@dataclass(frozen=True, slots=True)
class Window:
    """Days from `first` to `last`; `cut` if the question ends before the steps asked for do."""

    first: date
    last: date
    cut: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One indicator: whether an event is seen in the window, or a condition holds today.

    `watched` says whether a watch is open, or will begin, in the window; without one, p_seen is that of somebody who
    sees everything. `settles` marks the question's own indicator. `reported` is the latest value on record of a
    condition, 'holds' or 'does not hold'. What cannot happen has no answer: None. `khat_...` is that of the weights
    given either, None where they do not vary; `reliable` says that neither is above the limit.
    """

    indicator: str
    kind: str
    watched: bool
    settles: bool
    reported: str | None
    p_seen: float
    p_if_seen: float | None
    p_if_not: float | None
    mcse_if_seen: float | None
    mcse_if_not: float | None
    bits: float
    khat_seen: float | None
    khat_not: float | None
    reliable: bool
    words_if_seen: str | None
    words_if_not: str | None


@dataclass(frozen=True, slots=True)
class Tip:
    """A single observation, 'seen' or 'not seen' of an indicator, that would change the word for the answer."""

    indicator: str
    observed: str
    p: float
    words: str


@dataclass(frozen=True, slots=True)
class Watching:
    """The answer today, and what watching could do to it."""

    request: WatchRequest
    outcome: str
    p: float
    mcse: float
    window: Window
    rows: tuple[Row, ...]
    tipping: tuple[Tip, ...]


def window(as_of: date, ahead: int, step: Step, ends: date) -> Window:
    """From the day after the as-of date to the end of the step that lies `ahead` steps after its own.

    Raises
    ------
    InputError
        If `ahead` is not from 1 to `MAX_AHEAD`, or the question ends on the as-of date.
    """
    if not 1 <= ahead <= MAX_AHEAD:
        message = f"--ahead {ahead} is no number of steps ahead."
        raise InputError(Finding("error", message, key="--ahead", found=str(ahead), accepted=f"1 to {MAX_AHEAD}"))
    if ends <= as_of:
        raise InputError(
            Finding(
                "error",
                f"the question's last day is the as-of date, {as_of}: nothing that is still to come can move it.",
                accepted="an earlier --as-of",
            )
        )
    grid = steps_between(as_of, as_of + timedelta(days=LONGEST_STEP_DAYS * (ahead + 1)), step)
    last = date.fromordinal(int(grid.last[ahead]))
    return Window(as_of + timedelta(days=1), min(last, ends), ends < last)


def check_uses_evidence(request: WatchRequest) -> None:
    """Refuse a model whose answers no observation can change.

    Raises
    ------
    InputError
        If the model is of the base-rate family.
    """
    if request.model.family is Family.BASE_RATE:
        message = f"model {request.model.version} (base-rate) uses no evidence: no observation can change its answers."
        raise InputError(Finding("error", message, key="--model", accepted="a version of another family"))


def watch(request: WatchRequest, weighted: WeightedDraws, days: Window) -> Watching:
    """What each indicator could tell of a question.

    Parameters
    ----------
    request
        The question, its model and its evidence.
    weighted
        Draws weighted for that evidence.
    days
        The window ahead.

    Raises
    ------
    InputError
        If the model uses no evidence.
    """
    check_uses_evidence(request)
    base = weighted.answer(request.question)
    position = 0 if request.outcome is None else request.outcome
    if request.outcome is None and request.question.kind == "state":
        position = int((weighted.weights @ base).argmax())
    p, mcse, _, _ = weighted.summary(base[:, position])
    found = tuple(rows(request, weighted, days, base, position))
    return Watching(
        request=request,
        outcome=outcomes(request.question, request.model)[position],
        p=p,
        mcse=mcse,
        window=days,
        rows=found,
        tipping=tuple(_tipping(found, words(p, request.scale))),
    )


def rows(request: WatchRequest, weighted: WeightedDraws, days: Window, base: Floats, position: int) -> Sequence[Row]:
    """One row for every indicator, by falling information; the question's own indicator last.

    Parameters
    ----------
    request, weighted, days
        As in `watch`.
    base
        Probability of every outcome in every draw, (D, outcome).
    position
        The outcome asked about.
    """
    model, data, parameters, question = request.model, weighted.data, weighted.parameters, request.question
    state = state_as_of(question, weighted.filtered, parameters, model, data)

    def joint(conditioning: Conditioning) -> Floats:
        return ahead(question, state, parameters, model, data, conditioning)

    found = []
    days_ahead = days.first.toordinal(), days.last.toordinal()
    for number, name in enumerate(model.events):
        conditioning, watched = unseen(number, days_ahead, parameters, model, data)
        not_seen = joint(conditioning)
        settles = isinstance(question, Occurs) and question.indicator == name
        seen = np.maximum(base - not_seen, 0.0)
        found.append(_row(name, "event", watched, settles, None, weighted, seen, not_seen, position, request.scale))
    for number, name in enumerate(model.conditions):
        holds = joint(holds_today(number, parameters))
        not_so = np.maximum(base - holds, 0.0)
        reported = _reported(name, request.evidence)
        watched = any(watch.indicator == name and watch.closed is None for watch in request.evidence.watches)
        found.append(
            _row(name, "condition", watched, False, reported, weighted, holds, not_so, position, request.scale)
        )
    return sorted(found, key=lambda row: (row.settles, -row.bits, row.indicator))


def _row(
    indicator: str,
    kind: str,
    watched: bool,
    settles: bool,
    reported: str | None,
    weighted: WeightedDraws,
    seen: Floats,
    not_seen: Floats,
    position: int,
    scale: Scale,
) -> Row:
    """From P(outcome and seen | draw) and P(outcome and not seen | draw), (D, outcome) each."""
    joint = np.stack([weighted.weights @ seen, weighted.weights @ not_seen])
    joint /= joint.sum()
    p_if_seen, mcse_if_seen, khat_seen = _conditional(weighted, seen, position)
    p_if_not, mcse_if_not, khat_not = _conditional(weighted, not_seen, position)
    return Row(
        indicator=indicator,
        kind=kind,
        watched=watched,
        settles=settles,
        reported=reported,
        p_seen=float(joint[0].sum()),
        p_if_seen=p_if_seen,
        p_if_not=p_if_not,
        mcse_if_seen=mcse_if_seen,
        mcse_if_not=mcse_if_not,
        bits=bits(joint),
        khat_seen=_finite(khat_seen),
        khat_not=_finite(khat_not),
        reliable=all(khat <= MAX_KHAT for khat in (khat_seen, khat_not)),
        words_if_seen=None if p_if_seen is None else words(p_if_seen, scale),
        words_if_not=None if p_if_not is None else words(p_if_not, scale),
    )


def bits(joint: Floats) -> float:
    """Mutual information of rows and columns of a table of probabilities, in bits.

    sum of p(x, y) log2(p(x, y) / (p(x) p(y))); cells of probability zero add nothing.
    """
    alone = joint.sum(axis=1, keepdims=True) * joint.sum(axis=0, keepdims=True)
    there = joint > 0
    return max(float((joint[there] * np.log2(joint[there] / alone[there])).sum()), 0.0)


def _conditional(weighted: WeightedDraws, joint: Floats, position: int) -> tuple[float | None, float | None, float]:
    """P(outcome | observation), its Monte Carlo error and k-hat of the weights that it is a mean over.

    `joint` (D, outcome) is P(outcome and observation | draw). The probability is a ratio of two weighted means; a draw
    moves it by its weight times (numerator - ratio x denominator) over the mean of the denominator.
    """
    chance, numerator = joint.sum(axis=1), joint[:, position]
    total = float(weighted.weights @ chance)
    if total <= 0:
        return None, None, -np.inf
    p = min(max(float(weighted.weights @ numerator) / total, 0.0), 1.0)
    mcse = weighted.error(weighted.weights * (numerator - p * chance) / total)
    with np.errstate(divide="ignore"):
        khat = pareto_khat(weighted.log_weights + np.log(chance))
    return p, mcse, khat


def _finite(khat: float) -> float | None:
    return khat if np.isfinite(khat) else None


def _reported(condition: str, evidence: EvidenceSet) -> str | None:
    """The value that was reported last: the same report again adds nothing, since a spell counts once."""
    told = [event for event in evidence.events if event.indicator == condition]
    if not told:
        return None
    last = max(told, key=lambda event: (event.first, event.last, event.id))
    return "does not hold" if all(origin.denies for origin in last.origins) else "holds"


def _tipping(found: Sequence[Row], today: str) -> Iterator[Tip]:
    """Observations after which the answer would have another word; not of the question's own indicator."""
    for row in found:
        if row.settles or not row.reliable:
            continue
        names = ("seen", "not seen") if row.kind == "event" else ("holds", "does not hold")
        for observed, p, word in zip(
            names, (row.p_if_seen, row.p_if_not), (row.words_if_seen, row.words_if_not), strict=True
        ):
            if p is not None and word is not None and word != today and observed != row.reported:
                yield Tip(row.indicator, observed, p, word)
