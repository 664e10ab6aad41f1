"""The whole of `watch`: draws for today's evidence, what each indicator could tell, how far the answer may move."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from forecast.analysis.ahead.movement import Movement, movement, unsimulated
from forecast.analysis.ahead.open_question import Asked, Drawn, drawn, drawn_anew
from forecast.analysis.ahead.watch import Watching, Window, watch, window
from forecast.inference.posterior import Progress, Sampler, nuts
from forecast.ledger.store import Ledger
from forecast.model.answers import outcomes
from forecast.model.arrays import arrays

__all__ = ["Outlook", "outlook"]


@dataclass(frozen=True, slots=True)
class Outlook:
    """What to watch, with the draws that it was computed from and what a reader must know.

    `movement` is None where none was wanted, or for the reason in `unmoved`.
    """

    watching: Watching
    drawn: Drawn
    remarks: tuple[str, ...]
    movement: Movement | None
    unmoved: str | None

    @property
    def reliable(self) -> bool:
        """Whether all diagnostics passed."""
        return not self.watching.problems and all(row.reliable for row in self.watching.rows)


def outlook(
    asked: Asked,
    ledger: Ledger,
    workspace: Path,
    ahead: int = 3,
    *,
    with_movement: bool = True,
    refit: bool = False,
    sampler: Sampler = nuts,
    progress: Progress = lambda *_: None,
) -> Outlook:
    """Say what to watch for a question.

    Parameters
    ----------
    asked
        The question, its model and its evidence.
    ledger, workspace
        Where stored draws are known and kept.
    ahead
        How many steps ahead to look.
    with_movement
        Whether to draw futures.
    refit
        Whether to sample at today's evidence where the draws at hand do not serve for every number.
    sampler, progress
        Draws from the posterior, and what is told of it.

    Raises
    ------
    InputError
        If nothing ahead can move the question, `ahead` is out of bounds or the model uses no evidence.
    """
    days = window(asked.as_of, ahead, asked.model.step, asked.question.ends)
    data = arrays(asked.evidence, asked.model, asked.as_of)
    draws = drawn(asked, data, ledger, workspace)
    found = watch(asked, draws, data, days)
    if refit and (found.problems or not all(row.reliable for row in found.rows)):
        draws = drawn_anew(asked, data, sampler, progress)
        found = watch(asked, draws, data, days)
    moved, unmoved = None, None
    if with_movement:
        unmoved = "the draws do not serve for today's answer" if found.problems else unsimulated(asked, days.last)
        if unmoved is None:
            position = outcomes(asked.question, asked.model).index(found.outcome)
            moved = movement(asked, draws.weighed.anchor, days.last, position)
    return Outlook(found, draws, tuple(_remarks(asked, days)), moved, unmoved)


def _remarks(asked: Asked, days: Window) -> Iterator[str]:
    if days.cut:
        yield f"the window is cut at {days.last}, the question's last day"
    ends = [watch.until for watch in asked.evidence.watches if watch.closed is None and watch.until is not None]
    if ends and max(ends) < asked.as_of:
        yield f"nobody has searched since {max(ends)}: all this supposes that somebody makes up for it and searches on"
