"""For all tests: long files first; Hypothesis draws the same examples every time and has no deadline.

And what tests repeat a thousand times is computed once: the diagnosis of the same draws.
"""

import gc
import pickle
import signal
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

settings.register_profile("seeded", derandomize=True, deadline=None)
settings.load_profile("seeded")

# A shell without job control starts what it puts in the background deaf to Ctrl-C; tests of it need children that hear.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

#: Files that take longer than ten seconds, the longest first. Whichever of the two processes is free takes the next
#: file: with the long ones begun first both end together, and the order of these does not matter much.
LONGEST = (
    "browser/test_report_page.py",
    "inference/test_fit.py",
    "report/test_report.py",
    "inference/test_compiled.py",
    "browser/test_site_pages.py",
    "browser/test_hostile.py",
    "analysis/test_executor.py",
    "analysis/test_replay.py",
    "test_imports.py",
    "analysis/test_explain.py",
    "properties/test_as_of.py",
    "faults/test_update_killed.py",
    "analysis/test_movement.py",
    "analysis/test_compare.py",
    "docs/test_tutorial.py",
    "model/test_answers.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first; the option `--no-loadscope-reorder` keeps this order among processes."""
    here = Path(__file__).parent
    place = {here / name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path, len(place)))


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Nothing that is imported here is garbage before the end: never look for any in it."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.fixture(scope="session", autouse=True)
def _diagnosed_once() -> Iterator[None]:
    """Most tests forecast the same toy on the same day from the same draws (`workspaces.exact`): judge these once.

    ArviZ takes a tenth of a second for it, two thirds of such a forecast. Other draws, or other answers, are judged
    anew; so is everything in the processes that tests start.
    """
    from forecast.inference import diagnose as module

    known: dict[bytes, Any] = {}
    real = module.diagnose

    def diagnose(draws: Any, answers: Any) -> Any:
        place = sha256(pickle.dumps((draws.arrays, draws.meta, answers))).digest()
        if place not in known:
            known[place] = real(draws, answers)
        return known[place]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "diagnose", diagnose)
        yield
