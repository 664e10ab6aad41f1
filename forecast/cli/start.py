"""The first step of the command: streams that are there, and an end with 130 on Ctrl-C also while it loads."""

import os
import sys

__all__ = ["main"]

INTERRUPTED = 130


def main() -> None:
    """Load the command line and run it."""
    # opened before any other file: a stream that the caller closed must not be taken for a ledger that got its number
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:
            nowhere = os.open(os.devnull, os.O_RDWR)
            setattr(sys, name, os.fdopen(nowhere, "r" if name == "stdin" else "w", encoding="utf-8"))
    try:
        from forecast.cli.app import main as run

        run()
    except KeyboardInterrupt:
        os.write(2, b"interrupted: nothing half done was recorded\n")
        os._exit(INTERRUPTED)
