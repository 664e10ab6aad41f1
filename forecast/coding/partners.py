"""The two actors whose tie a case is about: the first two of the scenario, or those that the user names."""

from collections.abc import Sequence

from forecast.errors import Finding, InputError
from forecast.scenario.record import Scenario
from forecast.scenario.validation import nearest

__all__ = ["partners_of"]


def partners_of(scenario: Scenario, between: Sequence[str], what: str) -> tuple[str, str]:
    """Keys of the partners.

    Parameters
    ----------
    scenario
        The case.
    between
        What the user named, if anything.
    what
        What needs two actors, for the message.

    Raises
    ------
    InputError
        If an actor is unknown, or there are not two.
    """
    actors = scenario.file.actors
    keys = list(between) or list(actors)[:2]
    for key in keys:
        if key not in actors:
            message = f"the scenario has no actor '{key}'{nearest(key, actors)}"
            accepted = ", ".join(actors) or "actors: {KEY: {name: ...}, ...} in scenario.yaml"
            raise InputError(Finding("error", message, key="--between", found=key, accepted=accepted))
    if len(set(keys)) != 2:
        place = scenario.where("scenario", "", "actors")
        message = f"{what} needs two actors, and there {'is one' if len(keys) == 1 else f'are {len(keys)}'}"
        accepted = "--between KEY,KEY with keys of `actors` in scenario.yaml"
        raise InputError(
            Finding("error", message, place.file if place else None, place.line if place else None, accepted=accepted)
        )
    return keys[0], keys[1]
