"""Proposing again: entries that somebody touched stay, under their numbers, and all else is what is proposed now."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from forecast.coding.proposal import Proposal
from forecast.coding.reviewed import Reviewed, stamp

__all__ = ["merged"]


def merged(old: Iterable[Reviewed], proposals: Sequence[Proposal], text: str) -> tuple[Reviewed, ...]:
    """Old entries that somebody touched, and new proposals for all else, in the order of the text, those in doubt
    last.
    """
    before = list(old)
    kept = {entry.number: entry for entry in before if entry.is_touched}
    numbers: dict[int, int] = {}  # position among the new ones -> number of the old one
    for is_near in (_is_same, _is_about_the_same):
        for entry in before:
            if entry.number in numbers.values():
                continue
            for position, new in enumerate(proposals):
                if position not in numbers and is_near(entry.proposal, new):
                    numbers[position] = entry.number
                    break
    highest = max((entry.number for entry in before), default=0)
    entries: list[Reviewed] = []
    for position, new in enumerate(proposals):
        number = numbers.get(position)
        if number in kept:
            entries.append(_moved(kept.pop(number), new.sentence_start))
        else:
            if number is None:
                highest = number = highest + 1
            entries.append(Reviewed(number, new, stamped=stamp(new)))
    for entry in kept.values():
        at = _place(entry.proposal, text)
        entries.append(entry if at is None else _moved(entry, at))
    return tuple(sorted(entries, key=_rank))


def _rank(entry: Reviewed) -> tuple[bool, int, int, int]:
    said = entry.proposal
    return said.is_last, said.sentence_start, said.start, entry.number


def _is_same(old: Proposal, new: Proposal) -> bool:
    return (old.sentence, old.quote, old.indicator, old.event) == (new.sentence, new.quote, new.indicator, new.event)


def _is_about_the_same(old: Proposal, new: Proposal) -> bool:
    return (old.sentence, old.indicator) == (new.sentence, new.indicator)


def _place(proposal: Proposal, text: str) -> int | None:
    """Where the sentence stands in the text: where it stood, or the only other place."""
    if text[proposal.sentence_start : proposal.sentence_end] == proposal.sentence:
        return proposal.sentence_start
    return text.index(proposal.sentence) if text.count(proposal.sentence) == 1 else None


def _moved(entry: Reviewed, sentence_start: int) -> Reviewed:
    """The entry with its places moved to where its sentence begins now; reasons outside the sentence are lost then."""
    said = entry.proposal
    by = sentence_start - said.sentence_start
    if by == 0:
        return entry
    inside = [one for one in said.because if said.sentence_start <= one.start and one.end <= said.sentence_end]
    moved = replace(
        said,
        sentence_start=sentence_start,
        sentence_end=said.sentence_end + by,
        start=said.start + by,
        end=said.end + by,
        because=tuple(replace(one, start=one.start + by, end=one.end + by) for one in inside),
    )
    was_edited = entry.stamped != stamp(said)
    return replace(entry, proposal=moved, stamped=entry.stamped if was_edited else stamp(moved))
