"""For all tests: long files first, lanes, programs that may be missing, the same examples of Hypothesis every time.

Lanes are markers (pyproject.toml). The default lane leaves them out; `uv run pytest -m nuts` runs one of them, and
`.ci/run` runs all but `slow`.
"""

import gc
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import settings

from tests.programs import PROPERTY, missing_for, summary

settings.register_profile("seeded", derandomize=True, deadline=None)
settings.load_profile("seeded")

# A shell without job control starts what it puts in the background deaf to Ctrl-C; tests of it need children that hear.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

#: Line of a file whose tests are all of the lane `nuts`.
NUTS_FILE = "pytestmark = pytest.mark.nuts"

#: Lanes whose tests may sample with NUTS.
LANES_WITH_PYMC = ("nuts", "docs", "slow")

#: Files that take longer than ten seconds, the longest first. Whichever of the two processes is free takes the next
#: file: with the long ones begun first both end together, and the order of these does not matter much.
LONGEST = (
    "analysis/test_executor.py",
    "inference/test_fit.py",
    "docs/test_tutorial.py",
    "faults/test_update_killed.py",
    "faults/test_replay_killed.py",
    "inference/test_compiled.py",
    "browser/test_report_page.py",
    "browser/test_site_pages.py",
    "browser/test_hostile.py",
    "report/test_verify_mutations.py",
    "analysis/test_replay.py",
    "test_imports.py",
    "report/test_report.py",
    "analysis/test_explain.py",
    "cli/test_app.py",
    "report/test_verify_statuses.py",
    "report/test_fonts.py",
    "properties/test_as_of.py",
    "analysis/test_compare.py",
    "test_update.py",
    "cli/test_add_command.py",
    "model/test_answers.py",
    "cli/test_compare_commands.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first; the option `--no-loadscope-reorder` keeps this order among processes."""
    here = Path(__file__).parent
    place = {here / name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path, len(place)))


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Do not import a file of the lane `nuts` in a run without this lane: most of them import PyMC."""
    if "not nuts" in config.option.markexpr and collection_path.suffix == ".py":
        return True if f"\n{NUTS_FILE}\n" in collection_path.read_text("utf-8") else None
    return None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    """Skip a test whose program is not installed, and note it for the summary."""
    for program in missing_for(item):
        item.user_properties.append((PROPERTY, program))
        pytest.skip(f"{program} is not installed")
    with _without_pymc(item):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Keep PyMC out of the test itself as out of its fixtures."""
    with _without_pymc(item):
        return (yield)


@contextmanager
def _without_pymc(item: pytest.Item) -> Iterator[None]:
    """Let no test load PyMC into its process unless its lane may: to import it and to compile takes too long."""
    is_loaded = "pymc" in sys.modules
    yield
    if not is_loaded and "pymc" in sys.modules and not any(map(item.get_closest_marker, LANES_WITH_PYMC)):
        pytest.fail("this test loads PyMC: mark it with `nuts`, or give it a sampler that needs no PyMC", pytrace=False)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say which programs were missing, and how to get them."""
    # a file that is skipped while it is read has a report without properties
    skipped = terminalreporter.stats.get("skipped", [])
    lines = summary(getattr(report, "user_properties", ()) for report in skipped)
    if lines:
        terminalreporter.section("missing programs")
        for line in lines:
            terminalreporter.write_line(line)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Nothing that is imported here is garbage before the end: never look for any in it."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()
