"""How far the answer moves when conventions do: grades one step better or worse, tau, reporting weights.

All of these enter the likelihood and leave the prior of the parameters alone, so that the same draws can be reweighted.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from forecast.model.evidence_set import EvidenceSet, Origin
from forecast.model.version import Settings
from forecast.scenario.schema import Family

__all__ = ["Convention", "Varied", "regraded", "variants"]

type Convention = Literal["grades", "tau", "told"]

#: Information digits that are on a scale; 6 says that the information cannot be judged.
BEST, WORST = 1, 5


@dataclass(frozen=True, slots=True)
class Varied:
    """The recorded probability as it would be under another convention, and the Monte Carlo error of the difference."""

    convention: Convention
    what: str
    p: float
    change_mcse: float


def variants(model: Settings, evidence: EvidenceSet) -> Iterator[tuple[Convention, str, Settings, EvidenceSet]]:
    """Every other convention, with the model and the evidence that it makes; none where no evidence is used."""
    if model.family is Family.BASE_RATE or not evidence.events:
        return
    yield "grades", "all grades one step better", model, regraded(evidence, -1)
    yield "grades", "all grades one step worse", model, regraded(evidence, 1)
    for tau in (0.25, 1.0):
        if tau != model.tau:
            yield "tau", f"tau {tau:g} instead of {model.tau:g}", replace(model, tau=tau), evidence
    flat, squared = np.ones_like(model.told), model.told**2
    if not np.array_equal(model.told, flat):
        yield "told", "told: 1 for all indicators", replace(model, told=flat), evidence
        yield "told", "told: squared", replace(model, told=squared), evidence


def regraded(evidence: EvidenceSet, steps: int) -> EvidenceSet:
    """Every grade's information digit moved by `steps` (1 is best) and kept within 1 to 5.

    What cannot be judged (source F, information 6) and a stated `p_true` stay.
    """
    return replace(
        evidence,
        events=tuple(
            replace(event, origins=tuple(_moved(origin, steps) for origin in event.origins))
            for event in evidence.events
        ),
    )


def _moved(origin: Origin, steps: int) -> Origin:
    grade = origin.grade
    if grade is None or grade[0] == "F" or grade[1] == "6":
        return origin
    return replace(origin, grade=f"{grade[0]}{min(max(int(grade[1]) + steps, BEST), WORST)}")
