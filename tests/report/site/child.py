"""Builds the site of a workspace, and is killed while or after so many files have been written."""

import os
import signal
import sys
from datetime import date
from pathlib import Path

from forecast.ledger.store import LEDGER_FILE, open_ledger
from forecast.report.site import folder
from forecast.report.site.build import build

workspace, out, n_files, point = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
written = 0
replace = folder.replace_atomically


def counted(path: Path, write: object, **options: bool) -> None:
    """Like the function it stands for, up to the last file."""
    global written  # noqa: PLW0603
    written += 1

    def at(reached: str) -> None:
        if written == n_files and reached == point:
            os.kill(os.getpid(), signal.SIGKILL)

    replace(path, write, at, **options)  # type: ignore[arg-type]


folder.replace_atomically = counted  # type: ignore[assignment]
with open_ledger(workspace / LEDGER_FILE, read_only=True) as ledger:
    build(workspace, ledger, out, date(2024, 3, 20))
