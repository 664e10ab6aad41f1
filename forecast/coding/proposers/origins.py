"""Where a statement ultimately comes from, as far as the article says: the note behind it, the agency, the
government.
"""

import re
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from forecast.coding.cues.sentences import Note, Sentence
from forecast.coding.proposers.duplicates import slug
from forecast.scenario.record import Scenario

__all__ = ["note_of", "origin_of_media", "origin_of_note"]

#: Parts of a host's name that tell nothing.
_HOST = frozenset(
    (
        "www",
        "en",
        "english",
        "com",
        "org",
        "net",
        "co",
        "gov",
        "int",
        "eu",
        "info",
        "uk",
        "kr",
        "ru",
        "jp",
        "de",
        "fr",
        "cn",
    )
)

_TITLES = re.compile(r"\([^)]*\)|[“\"].*")


def note_of(sentence: Sentence, all_sentences: Sequence[Sentence]) -> str | None:
    """The mark of the note that covers a sentence: its own, else the next one in its paragraph."""
    if sentence.marks:
        return sentence.marks[0]
    for other in all_sentences:
        if other.paragraph == sentence.paragraph and other.start > sentence.start and other.marks:
            return other.marks[0]
    return None


def origin_of_note(note: Note, scenario: Scenario) -> str:
    """An id for who wrote what a note cites: an origin on file with that name, else the author and the site."""
    author = _TITLES.sub("", note.text).strip(" ,.")
    surname = slug([author.split()[-1]]) if author and len(author.split()) <= 6 else ""
    host = [part for part in (urlsplit(note.url).hostname or "").split(".") if part not in _HOST] if note.url else []
    on_file = dict.fromkeys(report.origin for report in scenario.reports)
    for origin in on_file:
        if surname and surname in origin.split("-"):
            return origin
    return slug([part for part in (surname, host[0] if host else "") if part]) or f"note-{slug([note.mark])}"


def origin_of_media(words: str, actor: str | None, known: Mapping[str, str] | Sequence[str]) -> str:
    """An id for a medium that is named, or for `state media` of an actor."""
    name = slug([words])
    if name.split("-")[0] in (
        "state",
        "media",
        "news",
        "press",
        "local",
        "newspaper",
        "daily",
        "report",
        "reports",
        "it",
        "was",
        "according",
    ):
        return slug([actor or "unnamed", "media"])
    return next((origin for origin in known if name in origin.split("-")), name)
