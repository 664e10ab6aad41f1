"""A new scenario that works at once: from a template whose comments teach, or with the structure of another one."""

import re
import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from pathlib import Path

from forecast.errors import InputError, WorkspaceError
from forecast.scenario.dates import today as this_day
from forecast.scenario.fields import ID_PATTERN
from forecast.scenario.rules import FORECAST_PREFIX
from forecast.scenario.workspace import RESERVED_NAMES, scenario_folder
from forecast.scenario.write import replace_file, set_value

__all__ = ["create"]

_TEMPLATE = Path(__file__).parent / "template"

#: The template is written as if in this year; a new scenario's dates lie around the year in which it is begun.
_TEMPLATE_YEAR = 2025
_YEARS = re.compile(r"\b20(?:24|25|26)\b")

_NO_SOURCES = """\
# Where reports come from, for example:
#
# herald-2024: {title: ..., publisher: ..., published: 2024-12-15, reliability: B}
"""

_NO_REPORTS = """\
# Coded reports, for example:
#
#   - {id: R1, indicator: ..., when: 2024-09-14, claim: ..., asserted_as: fact, grade: B2, source: herald-2024}

reports: []
"""


def create(
    workspace: Path,
    name: str,
    like: str | None = None,
    today: date | None = None,
    shared: Callable[[Path], object] = lambda _: None,
) -> Path:
    """Begin a scenario.

    Parameters
    ----------
    workspace
        The folder that has `scenarios/`, or is to have it.
    name
        Id of the new scenario.
    like
        A scenario whose questions, indicators and model versions to copy; its evidence and resolutions stay behind,
        for another case's evidence is none for this one.
    today
        The present day; the template's dates lie around its year. By default the system's.
    shared
        Told of every file that was added outside of the new folder: the codebook and the grade tables that it needs,
        where the workspace had none of the name.

    Returns
    -------
    Path
        The new folder.

    Raises
    ------
    InputError
        If the name cannot be one.
    WorkspaceError
        If there is such a scenario already, none as `like` says, or nothing can be written. Nothing is left behind.
    """
    if not re.fullmatch(ID_PATTERN, name) or name in RESERVED_NAMES or name.startswith(FORECAST_PREFIX):
        raise InputError(
            f"'{name}' cannot be the id of a scenario. Accepted: letters, digits, '.', '_' and '-', beginning with a "
            f"letter or digit; not {' or '.join(RESERVED_NAMES)}, not beginning with '{FORECAST_PREFIX}'"
        )
    folder = workspace.absolute() / "scenarios" / name
    if folder.exists():
        raise WorkspaceError(f"'{folder}' exists already; choose another name, or move it away")
    model = None if like is None else scenario_folder(workspace, like)
    shift = (today or this_day()).year - _TEMPLATE_YEAR

    def fill(staging: Path) -> None:
        if model is None:
            _copy_template(staging, name, shift)
        else:
            _copy_structure(model, staging, name)

    _build(folder, fill)
    added: list[Path] = []
    if model is None:
        added = _add_codebooks(folder.parent / "codebooks", shift)
    elif model.parent != folder.parent:
        added = _add_files(model.parent / "codebooks", folder.parent / "codebooks")
        added += _add_files(model.parent / "grades", folder.parent / "grades")
    for path in added:
        shared(path)
    return folder


def _build(folder: Path, fill: Callable[[Path], None]) -> None:
    """Fill a hidden folder beside the wanted one and rename it, so that no half scenario is ever seen."""
    made = [parent for parent in (folder.parent, *folder.parent.parents) if not parent.exists()]
    staging: Path | None = None
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=".new-", dir=folder.parent))
        staging.chmod(0o755)
        fill(staging)
        staging.rename(folder)
    except OSError as error:
        raise WorkspaceError(f"'{folder}' cannot be written: {error.strerror or error}") from error
    finally:
        if not folder.exists():
            if staging is not None:
                shutil.rmtree(staging, ignore_errors=True)
            for parent in made:
                with suppress(OSError):
                    parent.rmdir()


def _copy_template(staging: Path, name: str, shift: int) -> None:
    root = _TEMPLATE / "scenario"
    for source in sorted(path for path in root.rglob("*") if path.is_file()):
        # a file may be called after a year, too
        target = staging / _moved(source.relative_to(root).as_posix(), shift)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(_moved(source.read_text("utf-8"), shift).replace("TEMPLATE", name), "utf-8")


def _moved(text: str, shift: int) -> str:
    """The template's text with every year moved."""
    return _YEARS.sub(lambda year: str(int(year[0]) + shift), text)


def _add_codebooks(folder: Path, shift: int) -> list[Path]:
    """The template's codebooks that the workspace lacks."""
    added = [
        source for source in sorted((_TEMPLATE / "codebooks").glob("*.yaml")) if not (folder / source.name).exists()
    ]
    for source in added:
        replace_file(folder / source.name, _moved(source.read_text("utf-8"), shift).encode())
    return [folder / source.name for source in added]


def _copy_structure(model: Path, staging: Path, name: str) -> None:
    """Questions, indicators and model versions of another scenario, with the id replaced."""
    for source in (model / "scenario.yaml", model / "indicators.yaml", *sorted((model / "models").glob("*.yaml"))):
        if source.exists():
            target = staging / source.relative_to(model)
            target.parent.mkdir(exist_ok=True)
            shutil.copyfile(source, target)
    set_value(staging / "scenario.yaml", ["id"], name)
    (staging / "evidence").mkdir()
    (staging / "sources.yaml").write_text(_NO_SOURCES, "utf-8")
    (staging / "evidence" / "reports.yaml").write_text(_NO_REPORTS, "utf-8")
    about = f"# {name}\n\nQuestions, indicators and model versions copied from `{model.name}`; no evidence yet.\n"
    (staging / "README.md").write_text(about, "utf-8")


def _add_files(source: Path, target: Path) -> list[Path]:
    """Shared files that the other workspace has and this one lacks."""
    added = [path for path in sorted(source.glob("*.yaml")) if not (target / path.name).exists()]
    for path in added:
        replace_file(target / path.name, path.read_bytes())
    return [target / path.name for path in added]
