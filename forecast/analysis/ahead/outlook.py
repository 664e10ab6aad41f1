"""The whole of `watch`: draws for today's evidence, what each indicator could tell, how far the answer may move."""

from collections.abc import Iterator
from dataclasses import dataclass

from forecast.analysis.ahead.movement import Movement, movement, unsimulated
from forecast.analysis.ahead.open_question import WatchRequest
from forecast.analysis.ahead.watch import Watching, Window, check_uses_evidence, watch, window
from forecast.inference.posterior import Posterior
from forecast.inference.stored_draws import DrawSource, check_reliable
from forecast.model.answers import outcomes
from forecast.model.arrays import arrays

__all__ = ["Outlook", "outlook"]


@dataclass(frozen=True, slots=True)
class Outlook:
    """What to watch, with the draws that it was computed from and what a reader must know.

    `movement` is None where none was wanted, or for the reason in `unmoved`.
    """

    watching: Watching
    draws: Posterior
    remarks: tuple[str, ...]
    movement: Movement | None
    unmoved: str | None

    @property
    def is_reliable(self) -> bool:
        """Whether every row is."""
        return all(row.reliable for row in self.watching.rows)


def outlook(request: WatchRequest, source: DrawSource, ahead: int = 3, *, with_movement: bool = True) -> Outlook:
    """Say what to watch for a question.

    Parameters
    ----------
    request
        The question, its model and its evidence.
    source
        Chooses the draws.
    ahead
        How many steps ahead to look.
    with_movement
        Whether to draw futures.

    Raises
    ------
    InputError
        If nothing ahead can move the question, `ahead` is out of bounds or the model uses no evidence.
    DiagnosticError
        If no draws are good enough for today's answer.
    """
    check_uses_evidence(request)
    days = window(request.as_of, ahead, request.model.step, request.question.ends)
    data = arrays(request.evidence, request.model, request.as_of)
    draws = source.draws_for(request.model, data, [request.question], seed=request.seed, candidates=request.candidates)
    check_reliable(draws, f"model {request.model.version} as of {request.as_of}")
    found = watch(request, draws.weighted, days)
    moved, unmoved = None, None
    if with_movement:
        unmoved = unsimulated(request, days.last)
        if unmoved is None:
            position = outcomes(request.question, request.model).index(found.outcome)
            moved = movement(request, draws.weighted.proposal, days.last, position)
    return Outlook(found, draws, (*source.warnings, *_remarks(request, days)), moved, unmoved)


def _remarks(request: WatchRequest, days: Window) -> Iterator[str]:
    if days.cut:
        yield f"the window is cut at {days.last}, the question's last day"
    ends = [watch.until for watch in request.evidence.watches if watch.closed is None and watch.until is not None]
    if ends and max(ends) < request.as_of:
        yield f"nobody has searched since {max(ends)}: these numbers assume that someone catches up and searches on"
