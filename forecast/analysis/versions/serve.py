"""The first draws at hand that serve a purpose: weighed for evidence, and judged by the numbers wanted from them.

Unlike `anchors.best_of` this stops at the first anchor that will do, since each costs a run of the filter.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from forecast.inference.reweight import ProposalDraws, WeightedDraws, judge, serves, weigh
from forecast.model.arrays import Arrays
from forecast.model.version import Floats, Settings

__all__ = ["Served", "serve"]

#: What is wanted from draws: by name, positive values in every draw, (D, outcome).
Wanted = Callable[[WeightedDraws], Mapping[str, Floats]]


@dataclass(frozen=True, slots=True)
class Served:
    """WeightedDraws draws, what was wanted from them, and the worst k-hat and least effective sample size over it."""

    weighed: WeightedDraws
    wanted: Mapping[str, Floats]
    khat: float
    ess: float

    @property
    def reliable(self) -> bool:
        """Whether the numbers may be used unmarked; a fit made for them must be free of divergences besides."""
        return serves(self.khat, self.ess) and not self.weighed.anchor.draws.meta.get("divergences", 0)


def serve(
    anchors: Iterable[ProposalDraws],
    model: Settings,
    data: Arrays,
    wanted: Wanted,
    refit: Callable[[Arrays], ProposalDraws] | None = None,
) -> Served:
    """The first anchor that serves; else one sampled now; else the one with the largest effective sample size.

    Parameters
    ----------
    anchors
        Draws with the prior of the model, cheapest or nearest first; at least one.
    model, data
        Settings and evidence to weigh them for.
    wanted
        Gives the values by which weights are judged.
    refit
        Samples anew where none serves; None if it must not.
    """
    best: Served | None = None
    for anchor in anchors:
        found = _served(anchor, model, data, wanted)
        if found.reliable:
            return found
        if best is None or found.ess > best.ess:
            best = found
    if refit is not None:
        return _served(refit(data), model, data, wanted)
    if best is None:
        raise ValueError(f"no draws at hand have the prior of model {model.version}")
    return best


def _served(anchor: ProposalDraws, model: Settings, data: Arrays, wanted: Wanted) -> Served:
    weighed = weigh(anchor, model, data)
    values = wanted(weighed)
    return Served(weighed, values, *judge(weighed, values))
