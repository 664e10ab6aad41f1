"""How a proposal, or a report that is being written, looks on a terminal of 80 columns."""

import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from shutil import get_terminal_size
from typing import Any

from rich.cells import cell_len

from forecast.cli.output import WIDTH, inert
from forecast.coding.act import Manner
from forecast.coding.proposal import Proposal
from forecast.coding.report_fields import choices, grade_words
from forecast.errors import Finding
from forecast.scenario.record import Scenario
from forecast.scenario.schema import Asserted

__all__ = ["Look", "context_lines", "field_lines", "flag_lines", "folded", "reason_lines", "terminal_look"]

#: Characters of the article that are shown on either side of a sentence, cut at white space.
CONTEXT_CHARS = 320

#: Of the reasons and repetitions of one proposal, so many are shown unless all are asked for.
MOST_SHOWN = 6

_SHOWN = (
    *("claim", "indicator", "event", "when", "known", "asserted_as", "denies", "grade", "p_true", "use", "reason"),
    *("note", "origin", "speaker", "attributed_to", "quote", "locator", "id", "source", "coded_by"),
)
_ALWAYS = ("claim", "indicator", "event", "when", "known", "asserted_as", "denies", "grade", "origin", "quote")


@dataclass(frozen=True, slots=True)
class Look:
    """Width in cells, and what stands before and after words that are marked, and sentences that are."""

    width: int = WIDTH
    mark: tuple[str, str] = (">>", "<<")
    strong: tuple[str, str] = ("", "")


def terminal_look() -> Look:
    """Marks in reverse video on a terminal, in letters elsewhere and where NO_COLOR is set."""
    if not sys.stdout.isatty():
        return Look()
    width = min(get_terminal_size((WIDTH, 24)).columns, 100)
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return Look(width)
    return Look(width, ("\x1b[7m", "\x1b[27m"), ("\x1b[1m", "\x1b[22m"))


def context_lines(text: str, proposal: Proposal, look: Look) -> Iterator[str]:
    """The article around a sentence, with the quote marked; the sentence alone where the text has changed since."""
    first, last = proposal.sentence_start, proposal.sentence_end
    start, end = proposal.start, proposal.end
    if text[first:last] != proposal.sentence or text[start:end] != proposal.quote:
        yield from folded(proposal.sentence, look.width, "  ")
        there = "the saved article has another text at this place now" if text else "the article's text is not there"
        yield f"  ({there})"
        return
    begin = _cut(text, max(0, first - CONTEXT_CHARS), first)
    stop = _cut(text, min(len(text), last + CONTEXT_CHARS), last)
    words = [(begin, "...")] if begin > 0 else []
    words += [(begin + match.start(), match[0]) for match in re.finditer(r"\S+", text[begin:stop])]
    words += [(stop, "...")] if stop < len(text) else []
    line: list[str] = []
    used, before = 2, begin
    for at, word in words:
        shown = _styled(at, word, (start, end), look)
        size = cell_len(inert(word)) + (4 if shown.startswith(">>") or shown.endswith("<<") else 0)
        is_paragraph = text[before:at].count("\n") > 1
        if line and (is_paragraph or used + 1 + size > look.width):
            yield "  " + " ".join(line)
            line, used = [], 2
            if is_paragraph:
                yield ""
        line.append(shown)
        used += size + (len(line) > 1)
        before = at
    if line:
        yield "  " + " ".join(line)


def _cut(text: str, at: int, towards: int) -> int:
    """The nearest white space from a position towards another."""
    if at in (0, len(text)):
        return at
    step = 1 if towards > at else -1
    while at != towards and not text[at].isspace():
        at += step
    return at


def _styled(at: int, word: str, quote: tuple[int, int], look: Look) -> str:
    """A word with the part of it that belongs to the quote marked; letters mark the ends of the quote only."""
    start, end = max(quote[0] - at, 0), min(quote[1] - at, len(word))
    if start >= end:
        return inert(word)
    on, off = look.mark
    if not on.startswith("\x1b"):
        on, off = on if quote[0] >= at else "", off if quote[1] <= at + len(word) else ""
    return inert(word[:start]) + on + inert(word[start:end]) + off + inert(word[end:])


def field_lines(
    scenario: Scenario, fields: Mapping[str, Any], changed: Iterable[str], look: Look, source: str
) -> Iterator[str]:
    """One line or more for each field, with what its value means; `*` stands before what the coder has changed."""
    changed = set(changed)
    for key in _SHOWN:
        if key not in fields and key not in _ALWAYS and key not in changed:
            continue
        value = fields.get(key, "")
        text = "[" + ", ".join(map(str, value)) + "]" if isinstance(value, list | tuple) else str(value)
        meaning = _meaning(scenario, key, text, fields, source)
        lead = f"{'*' if key in changed else ' '} {key:<12} "
        shown = f"{text or '-'}" + (f"  ({meaning})" if meaning else "")
        yield from folded(shown, look.width, " " * len(lead), lead)


def _meaning(scenario: Scenario, key: str, text: str, fields: Mapping[str, Any], source: str) -> str:
    if key == "indicator" and text:
        return choices(scenario, key).get(text, "unknown")
    if key == "event" and text:
        others = [report.id for report in scenario.reports if report.event == text]
        return f"with {', '.join(others[:4])}{', ...' if len(others) > 4 else ''}" if others else "a new event"
    if key == "grade" and text:
        return grade_words(text)
    if key == "asserted_as" and text in list(Asserted) and "use" not in fields:
        return "counts" if Asserted(text).counts else "does not count"
    if not text:
        nothing = {"event": "its own id", "origin": source, "denies": "false", "asserted_as": "fact, counts"}
        published = scenario.sources[source].published if source in scenario.sources else None
        return {**nothing, "known": f"{published}, the source's date" if published else ""}.get(key, "")
    return ""


def reason_lines(scenario: Scenario, proposal: Proposal, look: Look, *, everything: bool = False) -> Iterator[str]:
    """What the proposal may repeat, and which words decided what."""
    claims = {report.id: report.claim for report in scenario.reports}
    most = None if everything else MOST_SHOWN
    for one in proposal.duplicates[:most]:
        text = f"may repeat {one.report} (event {one.event}): {one.why}. {claims.get(one.report, '')}"
        yield from folded(text, look.width, "    ", "  ")
    for reason in proposal.because[:most]:
        words = f" from '{' '.join(reason.words.split())}'" if reason.words else ""
        note = f": {reason.note}" if reason.note else ""
        yield from folded(f"{reason.field}{words}{note}", look.width, "    ", "  ")
    n_more = (
        0 if everything else sum(max(0, len(all_) - MOST_SHOWN) for all_ in (proposal.duplicates, proposal.because))
    )
    if n_more:
        yield f"  and {n_more} more: w"


def flag_lines(proposal: Proposal, look: Look) -> Iterator[str]:
    """What a coder must not overlook: that it is not an act, and every doubt."""
    if proposal.manner is not Manner.ACT:
        stage = f", {proposal.status}" if proposal.status else ""
        text = f"{proposal.manner}{stage}: not an act, so it is accepted with use=false"
        yield from folded(text, look.width, "    ", "  ! ")
    for doubt in proposal.doubts:
        yield from folded(doubt.note, look.width, "    ", "  ! ")


def problem_lines(findings: Iterable[Finding], look: Look) -> Iterator[str]:
    """Findings about what is being written."""
    for finding in findings:
        lead = {"error": "  ! ", "warning": "  ~ "}.get(finding.level, "    ")
        key = f"{finding.key}: " if finding.key else ""
        yield from folded(f"{key}{finding.message}", look.width, "    ", lead)
        if finding.accepted and finding.level == "error":
            yield from folded(f"accepted: {finding.accepted}", look.width, "      ", "    ")


def folded(text: str, width: int, indent: str, first: str | None = None) -> Iterator[str]:
    """A text of anybody's in lines of at most so many cells; words that are longer go on in the next line."""
    line, is_bare = (indent if first is None else first), True
    for word in inert(text).split():
        rest = word
        while rest:
            room = width - cell_len(line) - (0 if is_bare else 1)
            if cell_len(rest) <= room:
                line, is_bare, rest = line + ("" if is_bare else " ") + rest, False, ""
            elif not is_bare:
                yield line
                line, is_bare = indent, True
            else:
                fits = max(1, next((n for n in range(len(rest), 0, -1) if cell_len(rest[:n]) <= room), 1))
                yield line + rest[:fits]
                line, rest = indent, rest[fits:]
    if not is_bare:
        yield line
