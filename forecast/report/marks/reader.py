"""Run as a process of its own: a document read within limits of memory and time, told as one line of JSON."""

import json
import sys
from dataclasses import asdict

from forecast import apart
from forecast.report.marks.reading import Mark, Reading, UnreadableError

__all__ = ["main", "read_apart"]

_TOO_MUCH = f"it takes more than {apart.MAX_MEMORY // 1024**3} GiB of memory or {apart.MAX_CPU_SECONDS} seconds to read"


def read_apart(path: str) -> Reading:
    """The marks and the list of a document, read in another process, which ends with this one.

    Raises
    ------
    UnreadableError
        If it cannot be read, or not within the limits.
    """
    told = b""
    try:
        for line in apart.lines_told("forecast.report.marks.reader", path, seconds=2 * apart.MAX_CPU_SECONDS):
            told = line
    except apart.GaveUpError as error:
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

    from forecast.report.marks.files import read_content

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
    apart.begin()
    main(sys.argv[1])
