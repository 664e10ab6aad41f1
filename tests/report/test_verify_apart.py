"""A document made to take all memory or time is refused, and Ctrl-C ends the reading of any."""

import io
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pypdf
import pytest
from pypdf.generic import NameObject, StreamObject

from forecast.errors import InputError
from forecast.report.marks import apart
from forecast.report.marks.files import MAX_MARKDOWN, read_content, read_document

from .conftest import Published


@pytest.mark.parametrize("suffix", [".md", ".docx", ".pdf", ".html"])
def test_what_is_read_apart_is_what_is_read_here(published: Published, suffix: str) -> None:
    assert read_document(published.workspace / f"out{suffix}") == read_content(published.documents[suffix], suffix)


def test_a_folder_called_forecast_where_it_is_called_is_not_run(
    published: Published, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "forecast").mkdir()
    (tmp_path / "forecast/__init__.py").write_text("raise SystemExit(9)")
    monkeypatch.chdir(tmp_path)
    assert read_document(published.workspace / "out.md").marks


def test_a_document_that_takes_more_than_its_limits_is_refused(
    published: Published, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page of a million strokes, within a tenth of a second instead of the limit."""
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(published.documents[".pdf"]))
    made = StreamObject()
    made.set_data(b"0 0 m 9 9 l S\n" * 1_000_000)
    writer.pages[0][NameObject("/Contents")] = writer._add_object(made.flate_encode())
    writer.write(tmp_path / "large.pdf")
    monkeypatch.setattr(apart, "MAX_CPU_SECONDS", 0.05)
    with pytest.raises(InputError, match="of memory or"):
        read_document(tmp_path / "large.pdf")


def test_a_text_longer_than_any_draft_is_refused(tmp_path: Path) -> None:
    (tmp_path / "long.md").write_text("a" * (MAX_MARKDOWN + 1))
    with pytest.raises(InputError, match="more than 8 MiB"):
        read_document(tmp_path / "long.md")


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for the other process in /proc")
def test_an_interrupt_ends_both_processes(published: Published, tmp_path: Path) -> None:
    """The file is a pipe that nobody writes to, so the reader waits for ever."""
    os.mkfifo(tmp_path / "waits.pdf")
    code = f"from forecast.report.marks.apart import read_apart; read_apart({str(tmp_path / 'waits.pdf')!r})"
    with subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE) as asked:
        children = Path(f"/proc/{asked.pid}/task/{asked.pid}/children")
        deadline = time.monotonic() + 30
        while not (found := children.read_text().split()) and time.monotonic() < deadline:
            time.sleep(0.02)
        assert found
        asked.send_signal(signal.SIGINT)
        _, told = asked.communicate(timeout=30)
    assert b"KeyboardInterrupt" in told
    assert b"ctypes" not in told
    assert not Path(f"/proc/{found[0]}").exists()
