"""A document made to take all memory or time is refused; others are read as they are."""

import io
from pathlib import Path

import pypdf
import pytest
from pypdf.generic import NameObject, StreamObject

from forecast import sandbox
from forecast.errors import InputError
from forecast.report.citations.files import MAX_MARKDOWN, read_content, read_document

from .conftest import Published


@pytest.mark.parametrize("suffix", [".md", ".docx", ".pdf", ".html"])
def test_what_is_read_in_sandbox_is_what_is_read_here(published: Published, suffix: str) -> None:
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
    monkeypatch.setattr(sandbox, "MAX_CPU_SECONDS", 0.05)
    with pytest.raises(InputError, match="of memory or"):
        read_document(tmp_path / "large.pdf")


def test_a_text_longer_than_any_draft_is_refused(tmp_path: Path) -> None:
    (tmp_path / "long.md").write_text("a" * (MAX_MARKDOWN + 1))
    with pytest.raises(InputError, match="more than 8 MiB"):
        read_document(tmp_path / "long.md")
