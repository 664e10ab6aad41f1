"""For all tests: long files first; Hypothesis draws the same examples every time and has no deadline."""

import gc
import signal
from collections.abc import Iterator
from pathlib import Path

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
    "analysis/test_replay.py",
    "browser/test_site_pages.py",
    "analysis/test_executor.py",
    "inference/test_compiled.py",
    "browser/test_hostile.py",
    "analysis/test_explain.py",
    "test_imports.py",
    "report/test_verify_mutations.py",
    "properties/test_as_of.py",
    "analysis/test_compare.py",
    "faults/test_replay_killed.py",
    "faults/test_update_killed.py",
    "docs/test_tutorial.py",
    "cli/test_compare_commands.py",
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
