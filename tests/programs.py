"""Programs beside Python and git that some tests need, and what the end of a run says where they are missing.

A test asks for one with `@pytest.mark.needs("soffice")`. It is then skipped where the program is not installed, and one
summary at the end names the program, how to get it, and how many tests wait for it.
"""

import shutil
from collections import Counter
from collections.abc import Iterable, Iterator

import pytest

__all__ = ["PROGRAMS", "found", "missing_for", "summary"]

#: By name of the program: what it is, and how Debian and its relatives install it.
PROGRAMS = {
    "chromium": ("a browser", "apt-get install chromium"),
    "soffice": ("LibreOffice Writer", "apt-get install libreoffice-writer-nogui"),
}

#: Key under which a skipped test says which program it waits for; it is passed on between processes.
PROPERTY = "waits for"


def found(program: str) -> str | None:
    """Path of a program, None where it is not installed."""
    assert program in PROGRAMS, f"tests/programs.py does not know '{program}'"
    return shutil.which(program)


def missing_for(item: pytest.Item) -> Iterator[str]:
    """Programs that a test needs and this machine lacks."""
    for marker in item.iter_markers("needs"):
        for program in marker.args:
            if found(program) is None:
                yield program


def summary(properties: Iterable[Iterable[tuple[str, object]]]) -> list[str]:
    """Lines for the end of a run, from the properties of all skipped tests; none where no program is missing."""
    waiting = Counter(str(value) for pairs in properties for key, value in pairs if key == PROPERTY)
    if not waiting:
        return []
    lines = [f"tests skipped because a program is not installed: {waiting.total()}"]
    for program, n_tests in sorted(waiting.items()):
        what, command = PROGRAMS[program]
        lines.append(f"  {n_tests} need {program} ({what}); get it with `{command}`")
    return lines
