"""A review session: who talks, how to ask and say, and what has been done so far."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from forecast.cli.output import inert
from forecast.cli.review_text import Look
from forecast.coding.accept import Coder
from forecast.scenario.read import read_scenario
from forecast.scenario.record import Scenario

__all__ = ["Ask", "Session", "Tally"]

Ask = Callable[[str], str]


@dataclass(slots=True)
class Tally:
    """What a session did; `left` are the open proposals of the files that were reviewed."""

    accepted: int = 0
    rejected: int = 0
    later: int = 0
    left: int = 0
    files: list[Path] = field(default_factory=list)


@dataclass(slots=True)
class Session:
    """Who talks with whom: the case as it is now, the coder, and how to ask and say."""

    scenario: Scenario
    coder: Coder
    ask: Ask
    out: Callable[[str], None]
    look: Look
    tally: Tally = field(default_factory=Tally)

    def say(self, text: str) -> None:
        """Say a line of anybody's text."""
        self.out(inert(text))

    def lines(self, lines: Iterable[str]) -> None:
        """Say lines that `review_text` has made, with its marks in them."""
        for line in lines:
            self.out(line)

    def refresh(self) -> None:
        """Read the case again: what was written must be seen."""
        self.scenario = read_scenario(self.scenario.workspace, str(self.scenario.folder))
