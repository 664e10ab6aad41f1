"""Where segments are computed: here, in processes of this machine, or on a Dask cluster; the numbers are the same.

On a cluster every day is one task that begins from the result of the day before. What a lost worker had in memory, the
scheduler computes again from the days before it, with the same seeds.
"""

import logging
from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from importlib.metadata import version as version_of
from threading import Lock
from typing import Any

from forecast.analysis.replays.processes import in_processes, in_this_process
from forecast.analysis.replays.segment import Day, DayForecast, Run, Segment, advance
from forecast.errors import Finding, InputError, WorkspaceError
from forecast.inference.posterior import Sampler
from forecast.inference.reweight import ProposalDraws

__all__ = ["executor"]

#: Seconds that scheduler and workers have to answer.
PATIENCE = 8

#: How often a task is tried again where the worker that ran it was lost.
RETRIES = 5

#: Libraries that make numbers, and must be the same everywhere.
_LIBRARIES = ("forecast", "numpy", "pymc", "pytensor", "numba", "nutpie")

#: PyTensor compiles for one thread at a time; a worker may have several.
_one_at_a_time = Lock()


@contextmanager
def executor(jobs: int = 1, on: str | None = None) -> Iterator[Run]:
    """How segments will be computed; what cannot work is found out before that.

    Parameters
    ----------
    jobs
        Processes of this machine.
    on
        Address of a Dask scheduler, such as `tcp://127.0.0.1:8786`, instead.

    Raises
    ------
    InputError
        If there are fewer than one job, both are asked for, or the cluster does not answer or has other versions.
    """
    if jobs < 1:
        raise InputError(Finding("error", f"{jobs} processes cannot work.", key="--jobs", accepted="1 or more"))
    if on is None:
        yield in_this_process if jobs == 1 else partial(in_processes, n=jobs)
        return
    if jobs != 1:
        raise InputError(Finding("error", "--jobs and --on exclude each other.", accepted="one of them"))
    client = _connected(on)
    with _quiet_dask():
        try:
            yield partial(_on_cluster, client=client)
        finally:
            client.close(timeout=PATIENCE)


@contextmanager
def _quiet_dask() -> Iterator[None]:
    """Keep Dask from printing tracebacks of lost connections: what matters of them is raised."""
    names = [name for name in logging.root.manager.loggerDict if name.split(".")[0] == "distributed"]
    before = {name: logging.getLogger(name).level for name in names}
    for name in names:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for name, level in before.items():
            logging.getLogger(name).setLevel(level)


def _connected(address: str) -> Any:
    try:
        from distributed import Client
    except ImportError as error:
        finding = Finding(
            "error",
            "Dask, which this needs, is not installed.",
            key="--on",
            accepted="`uv sync --extra distributed`, or `pip install 'forecast[distributed]'`, here and on the workers",
        )
        raise InputError(finding) from error
    begun = "a scheduler started by `dask scheduler`, and workers by `dask worker ADDRESS`"
    if not address.startswith(("tcp://", "tls://")):
        raise InputError(
            Finding("error", f"'{address}' is no address.", key="--on", found=address, accepted="tcp://HOST:PORT")
        )
    try:
        client = Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError) as error:  # a time-out is an OSError
        message = f"no Dask scheduler answers at {address} within {PATIENCE} s."
        raise InputError(Finding("error", message, key="--on", found=address, accepted=begun)) from error
    try:
        _check_workers(client, address, begun)
    except BaseException:
        client.close(timeout=PATIENCE)
        raise
    return client


def _check_workers(client: Any, address: str, begun: str) -> None:
    """Workers are there and have what we have."""
    try:
        client.wait_for_workers(1, timeout=PATIENCE)
    except TimeoutError as error:
        message = f"the Dask scheduler at {address} has no workers."
        raise InputError(Finding("error", message, key="--on", found=address, accepted=begun)) from error
    here = _versions(_LIBRARIES)
    for worker, there in client.run(_versions, _LIBRARIES, on_error="return").items():
        if there != here:
            differing = there if isinstance(there, Exception) else {k: v for k, v in there.items() if here[k] != v}
            message = f"worker {worker} has other versions: {differing}."
            raise InputError(Finding("error", message, key="--on", found=address, accepted=f"those of here: {here}"))


def _versions(names: Sequence[str]) -> dict[str, str]:
    return {name: version_of(name) for name in names}


def _on_cluster(segments: Sequence[Segment], nuts: Sampler | None, client: Any) -> Generator[DayForecast]:
    from distributed import KilledWorker, as_completed
    from distributed.client import ClosedClientError, FutureCancelledError

    places: dict[Any, tuple[int, int]] = {}
    try:
        for number, segment in enumerate(segments):
            before: Any = (None, segment.start)
            for position, day in enumerate(segment.days):
                before = client.submit(_onwards, day, before, nuts, pure=False, retries=RETRIES)
                places[client.submit(_forecast_of, before, pure=False)] = number, position
        del before
        finished = as_completed([*places], loop=client.loop, with_results=True)
        yield from _in_order((places.pop(future), _arrived(found)) for future, found in finished)
    except (ClosedClientError, FutureCancelledError, KilledWorker, OSError) as error:
        raise WorkspaceError(
            f"the Dask cluster was lost ({getattr(error, 'reason', error)}). What was finished is recorded. Run the "
            "same command again: it continues from there."
        ) from error


def _arrived(found: Any) -> DayForecast:
    """What a task gave; where the scheduler is lost, Dask hands over the error as if it were a result."""
    if isinstance(found, BaseException):
        raise found
    assert isinstance(found, DayForecast)
    return found


def _in_order(finished: Iterator[tuple[tuple[int, int], DayForecast]]) -> Iterator[DayForecast]:
    """Forecasts of every segment by their positions: one that comes before its turn waits."""
    early: dict[tuple[int, int], DayForecast] = {}
    due: Counter[int] = Counter()
    for place, made in finished:
        early[place] = made
        number = place[0]
        while (number, due[number]) in early:
            yield early.pop((number, due[number]))
            due[number] += 1


def _onwards(
    day: Day, before: tuple[DayForecast | None, ProposalDraws | None], nuts: Sampler | None
) -> tuple[DayForecast, ProposalDraws | None]:
    with _one_at_a_time:
        return advance(day, before[1], nuts)


def _forecast_of(result: tuple[DayForecast, ProposalDraws | None]) -> DayForecast:
    return result[0]
