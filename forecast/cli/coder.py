"""Who codes: as the command says, FORECAST_CODER, or as git calls the user."""

import os
import subprocess
from pathlib import Path

from forecast.errors import Finding, InputError

__all__ = ["coder_name"]

#: A name that git cannot tell within this time is asked for.
GIT_SECONDS = 5


def coder_name(by: str | None, folder: Path) -> str:
    """The name of the coder.

    Parameters
    ----------
    by
        As the command says.
    folder
        Where git is asked: a repository may have a name of its own.

    Raises
    ------
    InputError
        If nobody says who codes.
    """
    for name in (by, os.environ.get("FORECAST_CODER")):
        if name is not None and name.strip():
            return name.strip()
    name = _git_name(folder)
    if not name:
        message = "nobody says who codes"
        accepted = "--by NAME, FORECAST_CODER in the environment, or `git config user.name NAME`"
        raise InputError(Finding("error", message, key="--by", accepted=accepted))
    return name


def _git_name(folder: Path) -> str:
    try:
        done = subprocess.run(
            ["git", "config", "user.name"],
            cwd=folder,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=GIT_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
