"""A stranger's document is read in a process of its own: within limits, and never longer than whoever asked lives.

A small file can unpack to any size, and a damaged one can end whoever reads it.
"""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress

__all__ = ["MAX_CPU_SECONDS", "MAX_MEMORY", "GaveUpError", "begin", "lines_told"]

#: Bytes of data, and seconds of computing, that one document may take.
MAX_MEMORY = 2 * 1024**3
MAX_CPU_SECONDS = 110


class GaveUpError(Exception):
    """The other process ended before its work was done.

    Attributes
    ----------
    code
        Its exit code; none if the time was up.
    """

    def __init__(self, code: int | None) -> None:
        super().__init__("time was up" if code is None else f"exit code {code}")
        self.code = code


def lines_told(module: str, *arguments: str, seconds: float) -> Iterator[bytes]:
    """Run a module that calls `begin`; its whole lines as they come.

    Parameters
    ----------
    module, arguments
        What is run, as after `python -m`.
    seconds
        How long it may take by the clock.

    Raises
    ------
    GaveUpError
        After the last line, if it ended with an error or time was up.
    """
    # -P: a folder named forecast where it is called is not this program
    command = [sys.executable, "-P", "-m", module, *arguments]
    late = threading.Event()
    # nothing is ever written: the pipe closes when this process ends in whatever way, which the other one sees
    watched, held = os.pipe()
    try:
        # in a session of its own: an interrupt from the keyboard is answered here
        with subprocess.Popen(
            command, stdin=watched, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
        ) as child:

            def end() -> None:
                late.set()
                child.kill()

            timer = threading.Timer(seconds, end)
            timer.daemon = True
            timer.start()
            try:
                assert child.stdout is not None
                for line in child.stdout:
                    if line.endswith(b"\n"):  # not half a line of one that was killed
                        yield line
                child.wait()
            finally:
                timer.cancel()
                child.kill()
                child.wait()  # after an interrupt `with` does not
    finally:
        os.close(held)
        os.close(watched)
    if late.is_set() or child.returncode:
        raise GaveUpError(None if late.is_set() else child.returncode)


def begin() -> None:
    """Called first in the other process: set the limits, and end when whoever asked has ended."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        # what is written to, not what is reserved: the engine of charts reserves far more than it uses
        resource.setrlimit(resource.RLIMIT_DATA, (MAX_MEMORY, MAX_MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (MAX_CPU_SECONDS, MAX_CPU_SECONDS))
    threading.Thread(target=_end_when_left, daemon=True).start()


def _end_when_left() -> None:
    os.read(0, 1)
    os._exit(1)
