"""Run as a process of its own: a document read within limits of memory and time, told as one line of JSON.

Documents come from strangers: a small file can unpack to any size, and a damaged one can end whoever reads it.
"""

import json
import sys
from contextlib import suppress
from dataclasses import asdict

from forecast.evidence.articles.pdf_pages import MAX_CPU_SECONDS, MAX_MEMORY
from forecast.report.marks.reading import Mark, Reading, UnreadableError

__all__ = ["main", "read_apart"]

_TOO_MUCH = f"it takes more than {MAX_MEMORY // 1024**3} GiB of memory or {MAX_CPU_SECONDS} seconds to read"


def read_apart(path: str) -> Reading:
    """The marks and the list of a document, read in another process, which ends with this one.

    Raises
    ------
    UnreadableError
        If it cannot be read, or not within the limits.
    """
    import subprocess

    # -P: a folder named forecast where it is called is not this program
    command = [sys.executable, "-P", "-m", "forecast.report.marks.apart", path]
    # in a session of its own: an interrupt from the keyboard is answered here
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, start_new_session=True
    ) as child:
        try:
            told, _ = child.communicate(timeout=2 * MAX_CPU_SECONDS)
        except subprocess.TimeoutExpired as error:
            raise UnreadableError(_TOO_MUCH) from error
        finally:
            child.kill()
    try:
        found = json.loads(told)
    except ValueError as error:
        raise UnreadableError(f"{_TOO_MUCH}, or is damaged (the reader gave up: {child.returncode})") from error
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
    _limit()
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


def _limit() -> None:
    """Limit what is written to, not what is reserved: the engine of charts reserves far more than it uses."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (MAX_MEMORY, MAX_MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (MAX_CPU_SECONDS, MAX_CPU_SECONDS))


if __name__ == "__main__":
    main(sys.argv[1])
