"""Bytes into text: by a byte order mark, as UTF-8, as the page declares, or as charset-normalizer guesses, and it is
said which.
"""

import codecs
import re
from pathlib import Path

from forecast.errors import Finding, InputError

__all__ = ["decoded"]

_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}

_META = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{2,40})", re.IGNORECASE)

#: Bytes that are looked at to guess an encoding.
SAMPLE_BYTES = 200_000

_ACCEPTED = "text in UTF-8; or say what it is with --encoding NAME, such as cp1252"


def decoded(data: bytes, path: Path, encoding: str | None, *, is_html: bool) -> tuple[str, tuple[str, ...]]:
    """The text, and what must be said about how it was read.

    Raises
    ------
    InputError
        If it is not text, or not in the encoding that the user named.
    """
    if encoding is not None:
        return _as_named(data, path, encoding), ()
    for mark, name in _MARKS.items():
        if data.startswith(mark):
            return _as_named(data, path, name), ()
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = ""
    if text:
        if "\0" in text:
            raise _refused(path, "this is a binary file, and no text (it contains NUL bytes)")
        return text, ()
    if b"\0" in data[:SAMPLE_BYTES]:
        raise _refused(path, "this is a binary file, and no text (it contains NUL bytes)")
    declared = _META.search(data[:4096]) if is_html else None
    if declared is not None:
        name = declared[1].decode("ascii")
        try:
            return data.decode(name), (f"read as {name}, as the page declares",)
        except (LookupError, UnicodeDecodeError):
            pass
    return _guessed(data, path)


def _as_named(data: bytes, path: Path, name: str) -> str:
    try:
        return data.decode(name)
    except LookupError as error:
        message = f"there is no encoding '{name}'"
        raise InputError(
            Finding("error", message, key="--encoding", found=name, accepted="utf-8, cp1252, ...")
        ) from error
    except UnicodeDecodeError as error:
        raise _refused(path, f"the text is not {name} (byte {error.start:,})") from error


def _guessed(data: bytes, path: Path) -> tuple[str, tuple[str, ...]]:
    from charset_normalizer import from_bytes

    best = from_bytes(data[:SAMPLE_BYTES]).best()
    if best is None:
        raise _refused(path, "this is no text in any known encoding")
    try:
        text = data.decode(best.encoding)
    except UnicodeDecodeError as error:
        raise _refused(path, f"the text begins as {best.encoding}, and is not (byte {error.start:,})") from error
    return text, (
        f"not UTF-8: read as {best.encoding}, which is a guess; look at names, and say --encoding if they are wrong",
    )


def _refused(path: Path, message: str) -> InputError:
    return InputError(Finding("error", message, str(path), accepted=_ACCEPTED))
