"""Limits of the PDFs that `verify` reads: what their streams unpack to, and how much there is on their pages."""

import re
import zlib
from dataclasses import dataclass

from forecast.report.citations.reading import UnreadableError

__all__ = ["MAX_CHARS", "MAX_LOOKS", "MAX_MARKS", "MAX_PAGE_CHARS", "MAX_UNPACKED", "Budget", "check_streams"]

#: Bytes to which the packed streams of a document unpack: half a megabyte can unpack to half a gigabyte.
MAX_UNPACKED = 64 * 1024**2

#: Characters of a page, and of a document; a full page of small print has ten thousand.
MAX_PAGE_CHARS, MAX_CHARS = 100_000, 4_000_000

#: Links and notes of a page.
MAX_MARKS = 5_000

#: Looks of marks at characters of their page: what reading takes time for. A report of fifty pages has five million.
MAX_LOOKS = 100_000_000

_STREAM = re.compile(rb"stream\r?\n")

#: Bytes unpacked at once.
_BLOCK = 2**20


def check_streams(document: bytes) -> None:
    """Refuse a document whose streams unpack to more than any report's, before a library unpacks them.

    Raises
    ------
    UnreadableError
        With the limit.
    """
    left, at = MAX_UNPACKED, 0
    while (match := _STREAM.search(document, at)) is not None:
        end = document.find(b"endstream", match.end())
        at = len(document) if end < 0 else end
        packed = document[match.end() : at]
        if packed[:1] not in (b"\x78", b"\x48", b"\x58", b"\x68", b"\x08", b"\x18", b"\x28", b"\x38"):
            continue  # no zlib header
        left -= _unpacked(packed, left)
        if left < 0:
            raise UnreadableError(f"its streams unpack to more than {MAX_UNPACKED // 1024**2} MiB")


def _unpacked(packed: bytes, most: int) -> int:
    """Bytes to which a stream unpacks, counted up to one more than `most`; what is damaged counts as far as it goes."""
    unpacker, n = zlib.decompressobj(), 0
    try:
        while packed and n <= most:
            n += len(unpacker.decompress(packed, _BLOCK))
            packed = unpacker.unconsumed_tail
    except zlib.error:
        pass
    return n


@dataclass(slots=True)
class Budget:
    """What a document may still have: characters in all, and looks of marks at characters."""

    chars: int = MAX_CHARS
    looks: int = MAX_LOOKS

    def take(self, chars: int, marks: int) -> None:
        """Count a page.

        Raises
        ------
        UnreadableError
            If a limit is passed; names it.
        """
        self.chars -= chars
        self.looks -= chars * marks
        if self.chars < 0:
            raise UnreadableError(f"it has more than {MAX_CHARS:,} characters")
        if self.looks < 0:
            raise UnreadableError(f"it has more than {MAX_LOOKS:,} pairs of a cited number and a character of its page")
