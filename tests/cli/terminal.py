"""A terminal of 80 columns with a process on it: type a line, read until something is shown."""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

CTRL_C, CTRL_D = "\x03", "\x04"
SECONDS = 30.0
REACTION = 0.3
_STYLES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Terminal:
    """What is typed goes to the process; what it shows is kept in `seen`, as it came."""

    def __init__(self, process: subprocess.Popen[bytes], master: int) -> None:
        self.process, self.seen = process, ""
        self._master, self._read_to = master, 0

    def until(self, text: str) -> str:
        """What is shown up to and with a text, from where the last reading ended; without colours."""
        end = time.monotonic() + SECONDS
        while (at := _plain(self.seen).find(text, self._read_to)) < 0:
            assert time.monotonic() < end, f"'{text}' was not shown in:\n{_plain(self.seen)[self._read_to :]}"
            if not self._more(end):
                raise AssertionError(f"the process ended without '{text}':\n{_plain(self.seen)[self._read_to :]}")
        start, self._read_to = self._read_to, at + len(text)
        return _plain(self.seen)[start : self._read_to]

    def type(self, line: str, prompt: str = "> ") -> str:
        """Type a line and read until the next prompt."""
        self.send(line + "\n")
        return self.until(prompt)

    def send(self, keys: str) -> None:
        """Press keys, among them those of CTRL_C and CTRL_D."""
        if keys == CTRL_C:
            # between showing a prompt and waiting for keys Python's `input` is deaf to signals; nobody types that fast
            time.sleep(REACTION)
        os.write(self._master, keys.encode())

    def end(self) -> tuple[int, str]:
        """Wait for the end: exit code, and what was shown since the last reading."""
        end = time.monotonic() + SECONDS
        while self._more(end):
            pass
        return self.process.wait(SECONDS), _plain(self.seen)[self._read_to :]

    def hang_up(self) -> int:
        """Close the terminal; the exit code of the process."""
        os.close(self._master)
        self._master = -1
        return self.process.wait(SECONDS)

    def close(self) -> None:
        """Leave nothing running."""
        self.process.kill()
        self.process.wait()
        if self._master >= 0:
            os.close(self._master)

    def _more(self, end: float) -> bool:
        ready, _, _ = select.select([self._master], [], [], max(0.0, end - time.monotonic()))
        try:
            data = os.read(self._master, 65536) if ready else b""
        except OSError:  # Linux says so when the process has closed its side
            return False
        self.seen += data.decode(errors="replace").replace("\r\n", "\n")
        return bool(data)


def _plain(text: str) -> str:
    return _STYLES.sub("", text)


@contextmanager
def on_terminal(folder: Path, *words: str, **environment: str) -> Iterator[Terminal]:
    """Run `forecast WORDS` on a terminal of its own."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 80, 0, 0))
    kept = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "FORECAST_CODER", "COLUMNS")}
    settings: Mapping[str, str] = kept | {"TERM": "xterm", "FORECAST_CODER": "ann"} | environment
    process = subprocess.Popen(
        [sys.executable, "-m", "forecast", *words],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        cwd=folder,
        env=dict(settings),
        start_new_session=True,
        # the terminal is the controlling one: Ctrl-C and hanging up reach the process as signals
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 - tests have no threads
    )
    os.close(slave)
    terminal = Terminal(process, master)
    try:
        yield terminal
    finally:
        terminal.close()
