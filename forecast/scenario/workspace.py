"""Where scenarios live: the workspace above a folder, a scenario's folder by id or path."""

import re
from collections.abc import Iterable
from pathlib import Path

from forecast.errors import WorkspaceError
from forecast.scenario.fields import ID_PATTERN
from forecast.scenario.validation import nearest

__all__ = ["RESERVED_NAMES", "find_workspace", "scenario_folder", "scenario_names", "shown_in"]

#: Folders in `scenarios/` that are shared by scenarios.
RESERVED_NAMES = ("codebooks", "grades")


def find_workspace(start: Path) -> Path:
    """The nearest folder at or above `start` that has a folder `scenarios/`.

    Raises
    ------
    WorkspaceError
        If `start` is missing or there is no such folder.
    """
    start = start.absolute()
    if not start.is_dir():
        raise WorkspaceError(f"there is no folder '{start}'; name an existing one with -C or FORECAST_HOME")
    for folder in (start, *start.parents):
        if (folder / "scenarios").is_dir():
            return folder
    raise WorkspaceError(
        f"no workspace: neither '{start}' nor a folder above it has a folder 'scenarios'; "
        "go to one, name it with -C or FORECAST_HOME, or begin one here with 'forecast new NAME'"
    )


def scenario_names(workspace: Path) -> list[str]:
    """Ids of the scenarios of a workspace, sorted."""
    try:
        entries = sorted(path for path in (workspace / "scenarios").iterdir() if path.is_dir())
    except FileNotFoundError:
        return []
    except OSError as error:
        raise WorkspaceError(f"'{workspace / 'scenarios'}' cannot be read: {error.strerror}") from error
    return [
        path.name
        for path in entries
        if path.name not in RESERVED_NAMES and not path.name.startswith(".") and (path / "scenario.yaml").is_file()
    ]


def scenario_folder(workspace: Path, name: str) -> Path:
    """The absolute folder of a scenario named by its id in the workspace, or by a path to it.

    Raises
    ------
    WorkspaceError
        If there is no such scenario; names the nearest.
    """
    is_id = re.fullmatch(ID_PATTERN, name) is not None and name not in RESERVED_NAMES
    if is_id and (workspace / "scenarios" / name / "scenario.yaml").exists():
        return (workspace / "scenarios" / name).absolute()
    try:
        path = Path(name).resolve()
    except (OSError, ValueError) as error:  # a name that no file can have
        raise WorkspaceError(_no_such(workspace, name, scenario_names(workspace))) from error
    if path.name == "scenario.yaml":
        path = path.parent
    if name and (path / "scenario.yaml").is_file():
        if path.parent.name != "scenarios":
            raise WorkspaceError(f"'{path}' does not lie in a folder 'scenarios'; move it to WORKSPACE/scenarios/")
        return path
    if is_id and (workspace / "scenarios" / name).is_dir():
        raise WorkspaceError(f"'{workspace / 'scenarios' / name}' has no scenario.yaml; write one, or copy one")
    raise WorkspaceError(_no_such(workspace, name, scenario_names(workspace)))


def _no_such(workspace: Path, name: str, names: Iterable[str]) -> str:
    there = ", ".join(names)
    known = f"scenarios there: {there}" if there else "there is none yet"
    return f"no scenario '{name}' in '{workspace}'{nearest(name, names)} ({known}; begin one with 'forecast new NAME')"


def shown_in(workspace: Path, path: Path) -> str:
    """How messages call a file: relative to the workspace, if it is in there."""
    inside = path.is_relative_to(workspace)
    return (path.relative_to(workspace) if inside else path).as_posix()
