"""Small inputs made after public bug reports, which are not part of the repository: a test that needs them skips."""

from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "cases"


def case_folder(name: str) -> Path:
    """The folder of a case."""
    folder = FOLDER / name
    if not folder.is_dir():
        pytest.skip(f"the inputs of case {name} are not here")
    return folder
