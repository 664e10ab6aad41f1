"""Segments computed by several processes of this machine; forecasts are yielded as they are ready.

The processes talk through pipes that nobody else holds: where the parent dies, by whatever means, they end too.
"""

import os
import signal
from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any

from forecast.analysis.replays.segment import DayForecast, Segment, walk
from forecast.errors import WorkspaceError
from forecast.inference.posterior import Sampler

__all__ = ["in_processes", "in_this_process"]

#: For the children: chains one after the other, since other processes use the other processors.
_ENVIRONMENT = {"PYTHON_CPU_COUNT": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}

#: Seconds for a child to end by itself before it is ended.
_PATIENCE = 5.0


@dataclass(slots=True)
class _Child:
    """A process, the pipe to it, and the chain whose model it has compiled."""

    process: BaseProcess
    pipe: Connection
    chain: str = ""


def in_this_process(segments: Sequence[Segment], nuts: Sampler | None) -> Generator[DayForecast]:
    """Compute segments one after the other."""
    for segment in segments:
        yield from walk(segment, nuts)


def in_processes(segments: Sequence[Segment], nuts: Sampler | None, n: int) -> Generator[DayForecast]:
    """Compute segments in at most `n` processes at once; forecasts of one segment come in their order.

    Parameters
    ----------
    segments
        What is to be done.
    nuts
        A function of a module, because the processes import it; None for particles.
    n
        How many processes.

    Raises
    ------
    WorkspaceError
        If a process ends before its work is done, as the system ends it where memory runs out.
    """
    waiting = list(segments)
    children: list[_Child] = []
    try:
        for _ in range(min(n, len(segments))):
            children.append(_started(nuts))
            _hand_over(children[-1], waiting, children)
        while busy := [child for child in children if child.chain]:
            ready = wait([child.pipe for child in busy])
            for child in (child for child in busy if child.pipe in ready):
                made = _received(child)
                if made is not None:
                    yield made
                else:
                    _hand_over(child, waiting, children)
    finally:
        _end(children)


def _started(nuts: Sampler | None) -> _Child:
    context = get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_serve, args=(there, nuts), daemon=True)
    with _environment():
        process.start()
    there.close()
    return _Child(process, here)


@contextmanager
def _environment() -> Iterator[None]:
    """Variables that libraries read when they are loaded, for children that start meanwhile."""
    before = {name: os.environ.get(name) for name in _ENVIRONMENT}
    os.environ.update(_ENVIRONMENT)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _hand_over(child: _Child, waiting: list[Segment], children: Sequence[_Child]) -> None:
    """Give a child its next segment: of the chain it has compiled, else of the one at which fewest are at work."""
    if not waiting:
        child.chain = ""
        return
    at_work = Counter(other.chain for other in children if other is not child)
    left = Counter(segment.chain for segment in waiting)

    def order(place: int) -> tuple[bool, int, int, int]:
        chain = waiting[place].chain
        return chain != child.chain, at_work[chain], -left[chain], place

    segment = waiting.pop(min(range(len(waiting)), key=order))
    child.chain = segment.chain
    try:
        child.pipe.send(segment)
    except OSError as error:
        raise _ended(child) from error


def _received(child: _Child) -> DayForecast | None:
    """What a child sends; None when its segment is done."""
    try:
        message: Any = child.pipe.recv()
    except (EOFError, OSError) as error:
        raise _ended(child) from error
    if isinstance(message, BaseException):
        raise message
    return message  # type: ignore[no-any-return]


def _ended(child: _Child) -> WorkspaceError:
    child.process.join(_PATIENCE)
    return WorkspaceError(
        f"process {child.process.pid} ended before its work was done (exit code {child.process.exitcode}; the system "
        "ends processes where memory runs out). What was finished is recorded. Run the same command again, perhaps "
        "with fewer --jobs: it goes on from there."
    )


def _end(children: Sequence[_Child]) -> None:
    for child in children:
        child.pipe.close()
        if child.chain:
            child.process.terminate()
    for child in children:
        child.process.join(_PATIENCE)
        if child.process.is_alive():
            child.process.kill()
            child.process.join()
        child.process.close()


def _serve(pipe: Connection, nuts: Sampler | None) -> None:
    """The whole life of a child: segments in, forecasts out, until the pipe is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent is interrupted too, and ends its children
    try:
        while True:
            for answer in _answers(pipe.recv(), nuts):
                pipe.send(answer)
    except (OSError, EOFError):
        return  # nobody listens any more


def _answers(segment: Segment, nuts: Sampler | None) -> Iterator[DayForecast | Exception | None]:
    """The forecasts of a segment, and None at its end; or what went wrong."""
    try:
        yield from walk(segment, nuts)
    except Exception as error:
        yield error
    else:
        yield None
