"""How readers see what ids stand for: the label in the files, else a name made from what the files say.

Labels are wording. They shape no number and enter no hash, and an id that is in no file still gets a name.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Literal

from forecast.scenario.record import Scenario
from forecast.scenario.schema import Codebook, GradeTable, Report

__all__ = ["Labelled", "best_report", "label_of", "name_from_id", "written_label"]

#: What a label can belong to. An event and a condition are both the `event` of reports; conditions are indicators, too.
Labelled = Literal["question", "indicator", "regime", "event", "condition", "origin", "source", "version"]


def label_of(
    scenario: Scenario, kind: Labelled, name: str, *, version: str | None = None, as_of: date | None = None
) -> str:
    """How readers see one thing of a scenario.

    Parameters
    ----------
    scenario
        A scenario that was read.
    kind
        What `name` is the id of: `condition` is the id of a condition that reports tell of, like `event`.
    name
        The id. One that is in no file, as in an old forecast, gets a name made from the id.
    version
        Model version whose codebook is asked first for regimes and indicators; the scenario's default by default.
    as_of
        A day: an event without a label is then named by a claim that was known on this day.

    Returns
    -------
    str
        The label in the files. Where there is none: an event has the claim of its best report, a source its title and
        publisher, an origin that is a source the publisher. Only as a last resort the name is made from the id.
    """
    return written_label(scenario, kind, name, version) or _default(scenario, kind, name, as_of) or name_from_id(name)


def written_label(scenario: Scenario, kind: Labelled, name: str, version: str | None = None) -> str | None:
    """The label that the files give; None where they give none."""
    if kind == "question":
        question = scenario.questions.get(name)
        return question.label if question else None
    if kind == "version":
        model = scenario.models.get(name)
        return model.label if model else None
    if kind == "source":
        source = scenario.sources.get(name)
        return source.label if source else None
    if kind == "origin":
        origin = scenario.file.origins.get(name)
        return origin.label if origin else written_label(scenario, "source", name)
    if kind in ("event", "condition"):
        return next((report.label for report in scenario.reports if report.event == name and report.label), None)
    return next(filter(None, _in_codebooks(scenario, kind, name, version)), None)


def _in_codebooks(scenario: Scenario, kind: Labelled, name: str, version: str | None) -> Iterator[str | None]:
    """The labels of a regime or indicator: those of the version asked for first, then of the others."""
    first = version or scenario.default_model
    codebooks: Mapping[str, Codebook] = scenario.codebooks
    for other in sorted(codebooks, key=lambda other: other != first):
        entries = codebooks[other].regimes if kind == "regime" else codebooks[other].indicators
        if name in entries:
            yield entries[name].label


def _default(scenario: Scenario, kind: Labelled, name: str, as_of: date | None) -> str | None:
    """A name from the other fields of an entry; None where only the id is left."""
    if kind in ("event", "condition"):
        reports = (report for report in scenario.reports if report.event == name)
        best = best_report(reports, scenario.grade_tables[scenario.default_model], as_of)
        return best.claim.strip() if best else None
    source = scenario.sources.get(name)
    if source is None or kind not in ("source", "origin"):
        return None
    if kind == "origin" and source.publisher:
        return source.publisher
    return f"{source.title} ({source.publisher})" if source.publisher else source.title


def best_report(reports: Iterable[Report], grades: GradeTable, as_of: date | None = None) -> Report | None:
    """The report whose claim describes an event best: of those that count and do not deny it the most probable one.

    Parameters
    ----------
    reports
        Reports of one event, in the order of the files; of equally probable ones the first is taken.
    grades
        How probable a statement of each grade is.
    as_of
        Reports that were known later are left out.
    """
    known = [report for report in reports if report.counts and (as_of is None or report.known <= as_of)]
    return max(known, key=lambda report: (not report.denies, _p_true(report, grades)), default=None)


def _p_true(report: Report, grades: GradeTable) -> float:
    if report.p_true is not None:
        return sum(report.p_true) / 2
    assert report.grade is not None  # the schema: a report that counts has a grade or `p_true`
    true, false = grades.grades[report.grade]
    return true / (true + false)


def name_from_id(name: str) -> str:
    """An id as words: 'leaders-twice-2024' becomes 'Leaders twice 2024'."""
    words = " ".join(name.replace("_", " ").replace("-", " ").split())
    return words[:1].upper() + words[1:]
