"""Whether a proposal can be true of its article, whoever made it: a rule, a language model, a plug-in."""

import math
from collections.abc import Iterator
from dataclasses import fields
from typing import get_args, get_origin

from forecast.coding.act import Doubt, Manner
from forecast.coding.proposal import Because, Duplicate, Proposal, report_fields
from forecast.coding.report_fields import schema_findings
from forecast.errors import Finding
from forecast.scenario.check_evidence import MOST_QUOTED_WORDS
from forecast.scenario.dates import parse_when
from forecast.scenario.fields import ACCEPTED_TEXT, control_in
from forecast.scenario.parts import some
from forecast.scenario.record import Scenario
from forecast.scenario.schema import Report
from forecast.scenario.validation import nearest

__all__ = ["validate"]

#: A claim is one statement, a note a few; what is longer has copied the article.
MOST_CHARS = 2_000

MOST_REASONS = 200


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


_LISTS = {"actors": str, "targets": str, "because": Because, "duplicates": Duplicate, "doubts": Doubt}


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


#: Fields of a report, and those that only proposals have so far.
_FIELD_NAMES = frozenset((*Report.model_fields, "actors", "targets", "place", "manner", "status", "value"))


def _fields(proposal: Proposal) -> Iterator[Finding]:
    """Each field as the schema of reports reads it; whether the whole may count is for the coder."""
    said = report_fields(proposal)
    for key in ("claim", "event", "origin", "grade", "locator"):
        if not said.get(key, "").strip():
            yield _error(key, f"'{key}' has no value")
    if proposal.value is not None and not math.isfinite(proposal.value):
        yield _error("value", "'value' is not a finite number", proposal.value)
    if not proposal.proposer.strip():
        yield _error("proposer", "'proposer' has no value", accepted="a name and a version")
    for key, text in said.items():
        if len(text) > MOST_CHARS:
            yield _error(key, f"'{key}' has {len(text):,} characters", text, f"at most {MOST_CHARS:,}")
    for reason in proposal.because:
        if reason.field not in _FIELD_NAMES:
            message = f"a reason is about '{reason.field}', which is not a field of a report"
            yield _error("because", message + nearest(reason.field, _FIELD_NAMES), reason.field)
    yield from schema_findings({key: text for key, text in said.items() if text.strip()})


def _names(proposal: Proposal, scenario: Scenario) -> Iterator[Finding]:
    names = dict.fromkeys(name for codebook in scenario.codebooks.values() for name in codebook.indicators)
    if proposal.indicator is not None and proposal.indicator not in names:
        message = f"there is no indicator '{proposal.indicator}'{nearest(proposal.indicator, names)}"
        yield _error("indicator", message, proposal.indicator, some(names))
    for key, actor in [("actors", a) for a in proposal.actors] + [("targets", a) for a in proposal.targets]:
        if actor not in scenario.file.actors:
            message = f"the scenario has no actor '{actor}'{nearest(actor, scenario.file.actors)}"
            yield _error(key, message, actor, some(scenario.file.actors))
    on_file = {report.id for report in scenario.reports}
    for duplicate in proposal.duplicates:
        if duplicate.report not in on_file:
            yield _error("duplicates", f"there is no report '{duplicate.report}'", duplicate.report)


def _to_be_changed(proposal: Proposal, scenario: Scenario) -> Iterator[Finding]:
    """Why a proposal that is well formed would not be accepted as it stands."""

    def warning(key: str, message: str, accepted: str) -> Finding:
        return Finding("warning", message, key=key, accepted=accepted)

    if not proposal.asserted_as.counts or proposal.manner is not Manner.ACT:
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
