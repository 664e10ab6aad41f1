"""Coded reports out of evidence files, with what their file and their source say filled in."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from pydantic import ValidationError

from forecast.errors import Finding
from forecast.scenario.csv_text import read_csv
from forecast.scenario.nodes import Node, mapping, merge, plain
from forecast.scenario.parts import NOT_KNOWN, some
from forecast.scenario.reading import Reading, add_by_id, files_in
from forecast.scenario.schema import Report, Source
from forecast.scenario.validation import findings_of, keys_of, nearest

__all__ = ["read_evidence", "read_evidence_files"]

_KEYS = ("defaults", "reports")


def read_evidence(reading: Reading, sources: Mapping[str, Source]) -> tuple[Report, ...]:
    """The reports of all files, YAML before CSV, files by name: those that could be read; `marks` has all.

    Parameters
    ----------
    reading
        `marks["sources"]` names all sources; without it sources.yaml could not be read, and no report is blamed.
    sources
        The sources that could be read.
    """
    folder = reading.folder / "evidence"
    return read_evidence_files(reading, sources, [*reading.files(folder, ".yaml"), *files_in(folder, ".csv")])


def read_evidence_files(reading: Reading, sources: Mapping[str, Source], paths: Iterable[Path]) -> tuple[Report, ...]:
    """The reports of some files, wherever they are, in this order; `marks` has all of these and no others."""
    entries: list[tuple[Node, Node | None]] = []
    for path in paths:
        if path.suffix == ".csv":
            entries += [(report, None) for report in read_csv(path, reading.name(path), reading.findings)]
            continue
        node = reading.yaml(path)
        if node is not None:
            entries += _entries(reading, node)
    first: dict[str, Node] = {}
    marks: dict[str, Node] = {}
    reports: list[Report] = []
    for own, defaults in entries:
        name = add_by_id(reading, first, own, "reports")
        # where the report begins, not where the defaults stand
        whole = own if defaults is None else Node(merge(defaults, own).value, own.file, own.line)
        report = _report(reading, own, defaults, whole, sources)
        marks.setdefault(name, whole)
        if report is not None:
            reports.append(report)
    reading.marks["reports"] = marks
    return tuple(reports)


def _entries(reading: Reading, node: Node) -> list[tuple[Node, Node | None]]:
    """The reports of one YAML file, each with the file's defaults."""
    for key, entry in mapping(node).items():
        if key not in _KEYS:
            reading.error(f"unknown key '{key}'{nearest(key, _KEYS)}", entry, key, ", ".join(_KEYS), key)
    defaults = mapping(node).get("defaults")
    if defaults is not None:
        defaults = _checked_defaults(reading, defaults)
    reports = mapping(node).get("reports")
    if reports is None:
        return []
    if not isinstance(reports.value, tuple):
        message = "'reports' has no value" if reports.value == "" else "'reports' is not a list"
        reading.error(message, reports, "reports", "a line with '- ' for each report, or [] for none")
        return []
    for number, report in enumerate(reports.value):
        if not isinstance(report.value, dict):
            reading.error("this is not a report", report, f"reports.{number}", "- id: ..., claim: ..., ...")
    return [(report, defaults) for report in reports.value if isinstance(report.value, dict)]


def _checked_defaults(reading: Reading, defaults: Node) -> Node | None:
    """The defaults without keys that no report has: each wrong one is reported once, not once per report."""
    names = [name for name in keys_of(Report) if name != "id"]
    if not isinstance(defaults.value, dict):
        reading.error("'defaults' has the wrong form", defaults, "defaults", "keys with values")
        return None
    for key, entry in defaults.value.items():
        if key not in names:
            reading.error(f"unknown key '{key}'{nearest(key, names)}", entry, f"defaults.{key}", ", ".join(names), key)
    kept = {key: entry for key, entry in defaults.value.items() if key in names}
    return Node(kept, defaults.file, defaults.line)


def _report(
    reading: Reading, own: Node, defaults: Node | None, whole: Node, sources: Mapping[str, Source]
) -> Report | None:
    """One report, None if it is wrong in itself. `whole` is what it says itself, laid over the defaults."""
    raw = plain(whole)
    name = raw["id"] if isinstance(raw.get("id"), str) else "?"
    source = raw.get("source")
    # where id or source are missing, that is said once, not for what follows from them, too
    raw.setdefault("event", name if "id" in raw else "unknown")
    raw.setdefault("origin", source if isinstance(source, str) and source else "unknown")
    if "known" not in raw:
        entry = sources.get(source) if isinstance(source, str) else None
        raw["known"] = (entry.published if entry is not None else None) or NOT_KNOWN
        if entry is not None and entry.published is None:
            message = f"'known' is missing, and the source '{source}' has no `published`"
            accepted = "known: YYYY-MM-DD, the first day on which an analyst could know"
            reading.error(message, whole, f"reports.{name}.known", accepted)
    try:
        report = Report.model_validate(raw)
    except ValidationError as error:
        found = findings_of(error, Report, whole, ("reports", name))
        reading.findings.extend(_in_defaults(finding, own, defaults) for finding in found)
        return None
    known_sources = reading.marks.get("sources")
    if known_sources is not None and report.source not in known_sources:
        place = mapping(whole)["source"]
        message = f"there is no source '{source}'{nearest(report.source, known_sources)}"
        accepted = some(known_sources) or "an entry in sources.yaml"
        finding = Finding("error", message, place.file, place.line, f"reports.{name}.source", report.source, accepted)
        reading.findings.append(_in_defaults(finding, own, defaults))
    return report


def _in_defaults(finding: Finding, own: Node, defaults: Node | None) -> Finding:
    """The finding with the key path of the defaults, if the value stands there: equal for all reports, so kept once."""
    steps = (finding.key or "").split(".")
    key = steps[2] if len(steps) > 2 else ""
    if defaults is None or key in mapping(own) or key not in mapping(defaults):
        return finding
    return replace(finding, key=".".join(["defaults", *steps[2:]]))
