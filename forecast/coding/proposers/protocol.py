"""What a proposer is, and how one is found: an entry point of the group `forecast.proposers`.

An entry point names a function that takes a text (what follows the colon in `--proposer NAME:TEXT`, else '') and
gives a `Proposer`. What a proposer says is held against the article by `forecast.coding.proposal.validate`, whoever
it is.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from importlib.metadata import entry_points
from typing import Protocol

from forecast.coding.proposal import LeftOut, Proposal
from forecast.errors import Finding, InputError
from forecast.scenario.record import Scenario
from forecast.scenario.validation import nearest

__all__ = ["GROUP", "Material", "Proposer", "proposer_names", "read_proposer"]

GROUP = "forecast.proposers"

DEFAULT = "lexicon"


@dataclass(frozen=True, slots=True)
class Material:
    """What a proposer gets: the article's text and its source, and the case.

    Attributes
    ----------
    text
        As it is saved in `articles/<source>.txt`; offsets of proposals are into it.
    source
        Id of the source.
    published
        The day of publication, from which relative dates are reckoned.
    kind, reliability
        As in sources.yaml; '' and None where it says nothing.
    scenario
        Its codebook, actors and existing evidence count.
    partners
        Keys of the two actors whose tie the case is about.
    """

    text: str
    source: str
    published: date
    kind: str
    reliability: str | None
    scenario: Scenario
    partners: tuple[str, str]


class Proposer(Protocol):
    """Somebody who proposes rows; `name` has its version, so that one can see later who proposed what."""

    name: str

    def propose(self, material: Material, progress: Callable[[float], None]) -> Iterable[Proposal | Finding | LeftOut]:
        """Propose rows, in the order of the text.

        A finding says what could not be proposed, and why. A `LeftOut` is a sentence that a person may miss; it is
        listed for the user. Plans, announcements, threats and offers are rows of their own with `manner` and
        `status`; amounts stand in `value` and `unit`. `doubts` are shown with their row. A row that may not be about
        the case comes last. `progress` may be called with the share that is done.
        """
        ...


def proposer_names() -> list[str]:
    """Names of the proposers that are installed."""
    return sorted({entry.name for entry in entry_points(group=GROUP)})


def read_proposer(text: str) -> Proposer:
    """The proposer of that name; `NAME:TEXT` hands TEXT on to it.

    Raises
    ------
    InputError
        If there is none of that name, or it lacks something.
    """
    name, _, argument = text.partition(":")
    entries = list(entry_points(group=GROUP, name=name))
    if not entries and name == DEFAULT:
        # the program runs from a folder, without having been installed
        from forecast.coding.proposers.lexical import proposer

        return proposer(argument)
    if not entries:
        names = proposer_names()
        message = f"there is no proposer '{name}'{nearest(name, names)}"
        raise InputError(Finding("error", message, key="--proposer", found=text, accepted=", ".join(names)))
    made: Proposer = entries[0].load()(argument)
    return made
