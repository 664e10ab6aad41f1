"""Where a page of a PDF has ink: the page is drawn as programs show it, with layers, clips and colours."""

from functools import cached_property
from typing import Any

from forecast.report.citations.reading import UnreadableError

__all__ = ["Paper"]

#: Dots for a point, and most dots of a page: A4 has two million.
SCALE, MAX_DOTS = 2.0, 16_000_000

#: Steps of 256 between ink and the paper around it that can be seen.
CONTRAST = 48


class Paper:
    """A page as grey dots, drawn when it is first looked at."""

    def __init__(self, page: Any) -> None:
        self._page = page
        self._left, self._bottom = page.get_cropbox()[:2]

    @cached_property
    def _dots(self) -> tuple[bytes, int, int, int]:
        width, height = self._page.get_size()
        if width * height * SCALE**2 > MAX_DOTS:
            raise UnreadableError("a page is larger than any report's")
        bitmap = self._page.render(scale=SCALE, grayscale=True, may_draw_forms=False)
        dots = bytes(bitmap.buffer), bitmap.width, bitmap.height, bitmap.stride
        bitmap.close()
        return dots

    def has_ink(self, left: float, right: float, bottom: float, top: float) -> bool:
        """Whether a box, in points, has dots that can be told from each other."""
        content, width, height, stride = self._dots
        columns = range(width)[
            max(round((left - self._left) * SCALE - 0.5), 0) : round((right - self._left) * SCALE + 0.5)
        ]
        first, last = height - (top - self._bottom) * SCALE - 0.5, height - (bottom - self._bottom) * SCALE + 0.5
        rows = range(height)[max(round(first), 0) : max(round(last), 0)]
        if right <= left or not columns or not rows:
            return False
        lines = [content[row * stride + columns[0] : row * stride + columns[-1] + 1] for row in rows]
        return max(map(max, lines)) - min(map(min, lines)) >= CONTRAST
