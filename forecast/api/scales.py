"""Which scale of words a verb prints: the one asked for, else the scenario's."""

from typing import TYPE_CHECKING

from forecast.errors import Finding, InputError
from forecast.words import ICD203, SCALES, Scale

if TYPE_CHECKING:
    from forecast.scenario.record import Scenario

__all__ = ["scale_of"]


def scale_of(name: str | None, scenario: "Scenario | None" = None) -> Scale:
    """The scale of that id; without one the scenario's; without a scenario ICD 203.

    Raises
    ------
    InputError
        If there is no such scale.
    """
    if name is None:
        return ICD203 if scenario is None else scenario.words
    if name not in SCALES:
        message = f"there is no scale of words '{name}'."
        raise InputError(Finding("error", message, key="--words", found=name, accepted=", ".join(SCALES)))
    return SCALES[name]
