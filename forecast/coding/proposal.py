"""One row that a proposer proposes: what it says, which words say so, and whether that can be true of the article.

Nothing here writes evidence. A person decides on every proposal (`forecast.coding.accept`).
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import date
from typing import get_args, get_origin

from forecast.coding.report_fields import schema_findings
from forecast.errors import Finding
from forecast.scenario.check_evidence import MOST_QUOTED_WORDS
from forecast.scenario.dates import parse_when
from forecast.scenario.fields import ACCEPTED_TEXT, control_in
from forecast.scenario.parts import some
from forecast.scenario.record import Scenario
from forecast.scenario.schema import Asserted, Report
from forecast.scenario.validation import nearest

__all__ = ["DOUBT", "Because", "Duplicate", "LeftOut", "Proposal", "report_fields", "validate"]

#: A claim is one statement in the coder's words, a note a few; what is longer has copied the article.
MOST_CHARS = 2_000

MOST_REASONS = 200

#: How the note of a reason begins that speaks against the proposal: it is shown with it, and the proposal comes last.
DOUBT = "in doubt: "


@dataclass(frozen=True, slots=True)
class Because:
    """One reason: which field it decides, the words of the article, where they stand in its text, and a remark.

    `words` is the text from `start` to `end`. A reason without words in the article (the title, a default) has
    `words` '' and `start` equal to `end`.
    """

    field: str
    words: str
    start: int
    end: int
    note: str


@dataclass(frozen=True, slots=True)
class Duplicate:
    """What of the existing evidence a proposal may repeat: a report's id, its event, and why."""

    report: str
    event: str
    why: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """One statement that may become a report.

    Attributes
    ----------
    sentence, sentence_start, sentence_end
        The sentence and where it stands: character offsets in the extracted text.
    quote, start, end
        At most twelve words, `text[start:end] == quote`, within the sentence.
    locator
        For people: ``paragraph 3, sentence 2``.
    claim, indicator, event
        The statement in other words; the indicator of the codebook, if any; a suggested id.
    when, known
        ISO, imprecise where the text is imprecise, '' where it is not told; the first day on which one could know.
    asserted_as, denies, grade, grade_why, origin, speaker
        As in a report; `grade_why` becomes its note.
    actors
        Keys of the scenario's actors that the sentence names.
    because, duplicates, proposer
        Which words decided what; what it may repeat; who proposes (name and version).
    """

    sentence: str
    sentence_start: int
    sentence_end: int
    quote: str
    start: int
    end: int
    locator: str
    claim: str
    indicator: str | None
    event: str
    when: str
    known: date
    asserted_as: Asserted
    denies: bool
    grade: str
    grade_why: str
    origin: str
    speaker: str | None
    actors: tuple[str, ...]
    because: tuple[Because, ...]
    duplicates: tuple[Duplicate, ...]
    proposer: str

    @property
    def doubt(self) -> str | None:
        """Why it may not be about the case at all, if its proposer says so."""
        found = (one.note.removeprefix(DOUBT) for one in self.because if one.note.startswith(DOUBT))
        return next(found, None)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A sentence that would be a proposal, and is not because it tells of others.

    Attributes
    ----------
    sentence, start, end, locator
        As in a proposal.
    indicator
        For which it would have been proposed.
    others
        Keys of the actors, or codes of the states, that it tells of.
    why
        The reason, for people.
    """

    sentence: str
    start: int
    end: int
    locator: str
    indicator: str
    others: tuple[str, ...]
    why: str


def report_fields(proposal: Proposal) -> dict[str, str]:
    """What a report made of the proposal says, by field, as texts; without id, source and coder."""
    said = {
        "indicator": proposal.indicator,
        "event": proposal.event,
        "when": proposal.when,
        "known": proposal.known.isoformat(),
        "origin": proposal.origin,
        "claim": proposal.claim,
        "quote": proposal.quote,
        "locator": proposal.locator,
        "asserted_as": proposal.asserted_as.value,
        "denies": "true" if proposal.denies else None,
        "grade": proposal.grade,
        "speaker": proposal.speaker,
        "note": proposal.grade_why,
    }
    return {key: text for key, text in said.items() if text}


def validate(proposal: Proposal, article_text: str, scenario: Scenario) -> list[Finding]:
    """What is wrong with a proposal, whoever made it: a rule, a language model, a plug-in.

    Parameters
    ----------
    proposal
        Its types are not trusted either.
    article_text
        The extracted text, `articles/<source>.txt`.
    scenario
        The case whose codebook and actors count.

    Returns
    -------
    list of Finding
        Errors: such a proposal must not be shown. Warnings: a person must change something before it can be accepted.
        `key` is the field. Empty if all is well.
    """
    findings = list(_types(proposal))
    if findings:
        return findings
    findings += _places(proposal, article_text)
    findings += _fields(proposal)
    findings += _names(proposal, scenario)
    return findings or list(_to_be_changed(proposal, scenario))


def _error(key: str, message: str, found: object = None, accepted: str | None = None) -> Finding:
    return Finding("error", message, key=key, found=None if found is None else str(found)[:80], accepted=accepted)


_LISTS = {"actors": str, "because": Because, "duplicates": Duplicate}


def _types(proposal: Proposal) -> Iterator[Finding]:
    for entry in fields(Proposal):
        value = getattr(proposal, entry.name)
        if entry.name in _LISTS:
            inner = _LISTS[entry.name]
            if not isinstance(value, tuple) or not all(isinstance(item, inner) for item in value):
                yield _error(entry.name, f"'{entry.name}' is no tuple of {inner.__name__}", value)
            elif inner is not str:
                yield from (finding for item in value for finding in _wrong_types(item, inner, entry.name))
    yield from _wrong_types(proposal, Proposal, "")


def _wrong_types(record: object, kind: type, prefix: str) -> Iterator[Finding]:
    for entry in fields(kind):
        wanted = entry.type
        if get_origin(wanted) is tuple:
            continue
        value = getattr(record, entry.name)
        allowed = get_args(wanted) or (wanted,)
        name = f"{prefix}.{entry.name}" if prefix else entry.name
        # a bool is an int to Python, and no offset
        if not isinstance(value, allowed) or (isinstance(value, bool) and bool not in allowed):
            names = " or ".join("nothing" if one is type(None) else one.__name__ for one in allowed)
            yield _error(name, f"'{name}' is no {names}", value)
        elif isinstance(value, str) and (control := control_in(value)):
            # JSON can carry them; a proposals file that held one could not be read back
            yield _error(name, f"'{name}' contains the control character {control}", accepted=ACCEPTED_TEXT)


def _places(proposal: Proposal, text: str) -> Iterator[Finding]:
    sentence = (proposal.sentence_start, proposal.sentence_end)
    if not _stands(text, proposal.sentence, *sentence) or not proposal.sentence.strip():
        yield _error("sentence", f"the article has another text from {sentence[0]} to {sentence[1]}", proposal.sentence)
    quote = (proposal.start, proposal.end)
    if not _stands(text, proposal.quote, *quote) or not proposal.quote.strip():
        yield _error("quote", f"the article has another text from {quote[0]} to {quote[1]}", proposal.quote)
    elif not sentence[0] <= quote[0] <= quote[1] <= sentence[1]:
        yield _error("quote", "the quote lies outside its sentence", proposal.quote)
    n_words = len(proposal.quote.split())
    if n_words > MOST_QUOTED_WORDS:
        yield _error("quote", f"the quote has {n_words} words", proposal.quote, f"at most {MOST_QUOTED_WORDS}")
    if len(proposal.because) > MOST_REASONS or len(proposal.duplicates) > MOST_REASONS:
        yield _error("because", "there are too many reasons", accepted=f"at most {MOST_REASONS}")
    for reason in proposal.because[:MOST_REASONS]:
        if not _stands(text, reason.words, reason.start, reason.end):
            message = f"the article has another text from {reason.start} to {reason.end}"
            yield _error("because", f"{message} than the reason for '{reason.field}'", reason.words)


def _stands(text: str, words: str, start: int, end: int) -> bool:
    """Whether the words stand there; offsets are never counted from the end."""
    return 0 <= start <= end <= len(text) and text[start:end] == words


_FIELD_NAMES = frozenset(Report.model_fields)


def _fields(proposal: Proposal) -> Iterator[Finding]:
    """Each field as the schema of reports reads it; whether the whole may count is for the coder."""
    said = report_fields(proposal)
    for key in ("claim", "event", "origin", "grade", "locator"):
        if not said.get(key, "").strip():
            yield _error(key, f"'{key}' has no value")
    if not proposal.proposer.strip():
        yield _error("proposer", "'proposer' has no value", accepted="a name and a version")
    for key, text in said.items():
        if len(text) > MOST_CHARS:
            yield _error(key, f"'{key}' has {len(text):,} characters", text, f"at most {MOST_CHARS:,}")
    for reason in proposal.because:
        if reason.field not in _FIELD_NAMES:
            message = f"a reason is about '{reason.field}', which is no field of a report"
            yield _error("because", message + nearest(reason.field, _FIELD_NAMES), reason.field)
    yield from schema_findings({key: text for key, text in said.items() if text.strip()})


def _names(proposal: Proposal, scenario: Scenario) -> Iterator[Finding]:
    names = dict.fromkeys(name for codebook in scenario.codebooks.values() for name in codebook.indicators)
    if proposal.indicator is not None and proposal.indicator not in names:
        message = f"there is no indicator '{proposal.indicator}'{nearest(proposal.indicator, names)}"
        yield _error("indicator", message, proposal.indicator, some(names))
    for actor in proposal.actors:
        if actor not in scenario.file.actors:
            message = f"the scenario has no actor '{actor}'{nearest(actor, scenario.file.actors)}"
            yield _error("actors", message, actor, some(scenario.file.actors))
    on_file = {report.id for report in scenario.reports}
    for duplicate in proposal.duplicates:
        if duplicate.report not in on_file:
            yield _error("duplicates", f"there is no report '{duplicate.report}'", duplicate.report)


def _to_be_changed(proposal: Proposal, scenario: Scenario) -> Iterator[Finding]:
    """Why a proposal that is well formed would not be accepted as it stands."""

    def warning(key: str, message: str, accepted: str) -> Finding:
        return Finding("warning", message, key=key, accepted=accepted)

    if not proposal.asserted_as.counts:
        return
    unless = "or `use: false` with a `reason`"
    if proposal.indicator is None:
        yield warning("indicator", "it would count, and has no indicator", f"an indicator, {unless}")
    if not proposal.when:
        yield warning("when", "it would count, and the article does not say when it happened", f"a date, {unless}")
        return
    when = parse_when(proposal.when)
    if when.first < scenario.start:
        message = f"it would count, but may have happened before the scenario's start, {scenario.start}"
        yield warning("when", message, f"a date from the start on, {unless}")
    if when.first > proposal.known:
        message = f"known on {proposal.known}, before it happened: {when}"
        yield warning("known", message, "a day on or after the first day of `when`")
