"""Run as a process of its own: a document read within limits of memory and time, told as one line of JSON."""

import json
import sys
from dataclasses import asdict

from forecast import sandbox
from forecast.report.citations.reading import Mark, Reading, UnreadableError

__all__ = ["main", "read_in_sandbox"]

_TOO_MUCH = (
    f"it takes more than {sandbox.MAX_MEMORY // 1024**3} GiB of memory or {sandbox.MAX_CPU_SECONDS} seconds to read"
)


def read_in_sandbox(path: str) -> Reading:
    """The marks and the list of a document, read in another process, which ends with this one.

    Raises
    ------
    UnreadableError
        If it cannot be read, or not within the limits.
    """
    told = b""
    try:
        for line in sandbox.lines_told("forecast.report.citations.reader", path, seconds=2 * sandbox.MAX_CPU_SECONDS):
            told = line
    except sandbox.GaveUpError as error:
        raise UnreadableError(_TOO_MUCH if error.code is None else f"{_TOO_MUCH}, or is damaged ({error})") from error
    found = json.loads(told)
    if "error" in found:
        raise UnreadableError(str(found["error"]))
    printed = found["printed"]
    return Reading(
        tuple(Mark(**mark | {"doubts": tuple(mark["doubts"])}) for mark in found["marks"]),
        found["listing"],
        None if printed is None else {int(n): said for n, said in printed.items()},
        found["text"],
        tuple(found["doubts"]),
        tuple(found["notes"]),
    )


def main(path: str) -> None:
    """Tell what was read, or why it cannot be."""
    from pathlib import Path

    from forecast.report.citations.files import read_content

    try:
        told = asdict(read_content(Path(path).read_bytes(), Path(path).suffix.lower()))
    except UnreadableError as error:
        told = {"error": str(error)}
    except OSError as error:
        told = {"error": f"{error.strerror}"}
    except (MemoryError, RecursionError):
        told = {"error": _TOO_MUCH}
    print(json.dumps(told))


if __name__ == "__main__":
    sandbox.begin()
    main(sys.argv[1])
