"""A codebook as a YAML text that the program's own reader reads back equal."""

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from forecast.errors import Finding, InputError
from forecast.scenario.read_codebooks import codebook_from
from forecast.scenario.render import block, scalar
from forecast.scenario.schema import Codebook

__all__ = ["codebook_text"]

#: Longer texts are folded.
LINE_CHARS = 120


def codebook_text(codebook: Codebook, head: Sequence[str]) -> str:
    """The text of a codebook's file.

    Parameters
    ----------
    codebook
        Regimes and indicators; what has its default value is left out.
    head
        Lines of the comment at the top.

    Raises
    ------
    InputError
        If the text would not read back equal.
    """
    lines = [f"# {line}".rstrip() for line in head]
    if codebook.learned_from:
        lines += ["", f"learned_from: [{', '.join(scalar(case) for case in codebook.learned_from)}]"]
    for section in ("regimes", "indicators"):
        lines += ["", f"{section}:"]
        for name, entry in getattr(codebook, section).items():
            fields = entry.model_dump(mode="python", by_alias=True, exclude_defaults=True)
            lines += ["", f"  {scalar(name)}:"]
            for key, value in _plain(fields).items():
                lines += _folded(key, value) or [block({key: value}, "    ", "\n").rstrip("\n")]
    text = "\n".join(lines) + "\n"
    read = codebook_from(text, "the new codebook")
    if read.model_dump() != codebook.model_dump():
        raise InputError(Finding("error", "the new codebook would not read back as it was meant."))
    return text


def _folded(key: str, value: object) -> list[str]:
    """A long text in several lines, nothing where that would not read back equal or is not called for."""
    if not isinstance(value, str) or len(value) < LINE_CHARS or " ".join(value.split()) != value:
        return []
    wrapped = textwrap.wrap(value, LINE_CHARS - 6, break_long_words=False, break_on_hyphens=False)
    return [f"    {key}: >-", *(f"      {line}" for line in wrapped)] if value.isprintable() else []


def _plain(value: Any) -> Any:
    """Numbers as short as they read back equal."""
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(inner) for inner in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value
