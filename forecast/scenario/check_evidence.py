"""What is unwise in reports: double counting, spellings, dates and grades at odds, quotes that are none."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date

from forecast.errors import Finding
from forecast.scenario.nodes import Step
from forecast.scenario.record import Level, Scenario, finding_at
from forecast.scenario.schema import Report
from forecast.scenario.yaml_text import read_text

__all__ = ["MOST_QUOTED_WORDS", "evidence_findings", "folded"]

#: A quote is there to find the place again; longer ones raise questions of rights.
MOST_QUOTED_WORDS = 12

#: Examples in one message.
MOST_EXAMPLES = 3

_FOLDED = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-"})
_ELLIPSIS = re.compile(r"\[?(?:\.\.\.|…)\]?")


def evidence_findings(scenario: Scenario, today: date) -> Iterator[Finding]:
    """Findings about reports, one report at a time; then about events, origins and sources."""
    watched_until = _watched_until(scenario)
    for report in scenario.reports:
        yield from _dates(scenario, report, today)
        yield from _grade(scenario, report)
        until = watched_until.get(report.indicator or "")
        if until is not None and report.counts and report.when is not None and report.when.first > until:
            message = f"'{report.indicator}' is watched, but only as far as searched_until, {until}"
            accepted = "a later searched_until once everybody's silence since then was looked at too"
            yield _finding(scenario, "warning", report, message, "when", accepted=accepted)
    yield from _quotes(scenario)
    yield from _copies(scenario)
    yield from _events(scenario)
    yield from _spellings(scenario, "event", (report.event for report in scenario.reports))
    origins = (*scenario.sources, *(report.origin for report in scenario.reports))
    yield from _spellings(scenario, "origin", origins)
    yield from _unused_sources(scenario)


def _finding(
    scenario: Scenario, level: Level, report: Report, message: str, *path: Step, accepted: str | None = None
) -> Finding:
    text = f"report {report.id}: {message}"
    return finding_at(scenario.marks, level, text, "reports", report.id, *path, accepted=accepted)


def _watched_until(scenario: Scenario) -> dict[str, date]:
    """By indicator with a watch that has no end before it: the last day to which somebody has looked."""
    until = scenario.file.searched_until
    if until is None:
        return {}
    return {
        name: until
        for codebook in scenario.codebooks.values()
        for name, indicator in codebook.indicators.items()
        if any(watch.to is None or watch.to > until for watch in indicator.watch)
    }


def _dates(scenario: Scenario, report: Report, today: date) -> Iterator[Finding]:
    published = scenario.sources[report.source].published
    if published is not None and published > report.known:
        message = f"known on {report.known}, before its source was published on {published}"
        yield _finding(scenario, "warning", report, message, "known", accepted=f"{published} or later")
    if report.known > today:
        message = f"known on {report.known}, a day still to come"
        yield _finding(scenario, "warning", report, message, "known", accepted=f"a day not after {today}")
    if report.coded_on is not None and report.coded_on > today:
        message = f"coded on {report.coded_on}, a day still to come"
        yield _finding(scenario, "warning", report, message, "coded_on", accepted=f"a day not after {today}")


def _grade(scenario: Scenario, report: Report) -> Iterator[Finding]:
    if report.grade is not None and report.p_true is not None:
        message = "it has a grade and `p_true`: `p_true` is used"
        yield _finding(scenario, "note", report, message, "p_true", accepted="one of them")
    letter = scenario.sources[report.source].reliability
    differs = report.grade is not None and letter is not None and report.grade[0] != letter
    if differs and report.note is None and report.counts and report.origin == report.source:
        message = f"graded {report.grade}, but its source has reliability {letter}"
        yield _finding(scenario, "note", report, message, "grade", accepted="the source's letter, or a `note` why not")


def _quotes(scenario: Scenario) -> Iterator[Finding]:
    articles: dict[str, str | None] = {}
    for report in scenario.reports:
        if report.quote is None:
            continue
        n_words = len(report.quote.split())
        if n_words > MOST_QUOTED_WORDS:
            message = f"the quote has {n_words} words"
            accepted = f"at most {MOST_QUOTED_WORDS}: it is there to find the place again"
            yield _finding(scenario, "warning", report, message, "quote", accepted=accepted)
        if report.source not in articles:
            findings: list[Finding] = []
            articles[report.source] = _article(scenario, report.source, findings)
            yield from findings
        article = articles[report.source]
        if article is not None and not _contains(article, report.quote):
            message = f"articles/{report.source}.txt does not contain this quote"
            yield _finding(scenario, "error", report, message, "quote", accepted="words as they stand in the article")


def _article(scenario: Scenario, source: str, findings: list[Finding]) -> str | None:
    path = scenario.folder / "articles" / f"{source}.txt"
    if not path.exists():
        return None
    text = read_text(path, path.relative_to(scenario.workspace).as_posix(), findings)
    return None if text is None else folded(text)


def folded(text: str) -> str:
    """The text with one space for every white space and plain quotation marks and dashes."""
    return " ".join(text.translate(_FOLDED).split())


def _contains(article: str, quote: str) -> bool:
    """Whether the pieces of a quote, cut at '...', stand in the article in this order."""
    position = 0
    for piece in _ELLIPSIS.split(quote):
        words = folded(piece)
        found = article.find(words, position)
        if found < 0:
            return False
        position = found + len(words)
    return True


def _copies(scenario: Scenario) -> Iterator[Finding]:
    first: dict[tuple[str, str], Report] = {}
    for report in scenario.reports:
        key = (report.source, " ".join(report.claim.lower().split()))
        other = first.setdefault(key, report)
        if other is not report and other.event != report.event and report.counts and other.counts:
            message = f"the same claim from the same source as report {other.id}, but another event"
            yield _finding(scenario, "warning", report, message, "claim", accepted="one report for each statement")


def _events(scenario: Scenario) -> Iterator[Finding]:
    events: dict[str, list[Report]] = defaultdict(list)
    for report in scenario.reports:
        if report.counts:
            events[report.event].append(report)
    days: dict[tuple[str, date], list[Report]] = defaultdict(list)
    for reports in events.values():
        first = reports[0]
        assert first.when is not None
        for report in reports[1:]:
            assert report.when is not None
            if report.when.first > first.when.last or report.when.last < first.when.first:
                message = f"event '{report.event}' lies on {report.when} here and on {first.when} in report {first.id}"
                accepted = "dates that overlap, or another event"
                yield _finding(scenario, "warning", report, message, "when", accepted=accepted)
        if first.when.is_precise and scenario.codebook.indicators[first.indicator or ""].kind == "event":
            days[first.indicator or "", first.when.first].append(first)
    yield from _same_days(scenario, days)


def _same_days(scenario: Scenario, days: dict[tuple[str, date], list[Report]]) -> Iterator[Finding]:
    """Events of one indicator on one day may be one event told twice; one note for each indicator."""
    doubtful: dict[str, list[list[Report]]] = defaultdict(list)
    for (indicator, _), reports in days.items():
        if len(reports) > 1:
            doubtful[indicator].append(reports)
    for indicator, groups in doubtful.items():
        examples = "; ".join(
            f"{' and '.join(report.event for report in group[:MOST_EXAMPLES])} on {group[0].when}"
            for group in groups[:MOST_EXAMPLES]
        )
        message = f"'{indicator}' has several events on one day on {len(groups)} days: {examples}"
        accepted = "one `event` for reports of one event"
        yield _finding(scenario, "note", groups[0][1], message, "event", accepted=accepted)


def _spellings(scenario: Scenario, key: str, names: Iterable[str]) -> Iterator[Finding]:
    """Names that differ only in capitals and punctuation are meant to be one."""
    spelt: dict[str, str] = {}
    odd: dict[str, str] = {}
    for name in names:
        usual = spelt.setdefault(re.sub(r"[._-]", "", name).lower(), name)
        if usual != name:
            odd[name] = usual
    if not odd:
        return
    for report in scenario.reports:
        name = str(getattr(report, key))
        if name in odd:
            message = f"the {key} '{name}' is spelt '{odd[name]}' elsewhere"
            yield _finding(scenario, "warning", report, message, key, accepted="one spelling")


def _unused_sources(scenario: Scenario) -> Iterator[Finding]:
    used = {report.source for report in scenario.reports}
    for name in scenario.sources:
        if name not in used:
            yield finding_at(scenario.marks, "note", f"no report comes from the source '{name}'", "sources", name)
