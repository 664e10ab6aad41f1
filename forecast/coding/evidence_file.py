"""`evidence/<source>.yaml` with reports added: its text, and the proof that the whole scenario can be read with it.

Nothing is written here.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from forecast.coding.report_fields import wrong_value
from forecast.coding.report_ids import new_ids
from forecast.errors import Finding, InputError
from forecast.scenario.check import check
from forecast.scenario.nodes import mapping, plain
from forecast.scenario.read import read_scenario
from forecast.scenario.reading import files_in
from forecast.scenario.record import Scenario
from forecast.scenario.schema import Report
from forecast.scenario.workspace import shown_in
from forecast.scenario.write import with_reports
from forecast.scenario.yaml_text import read_yaml

__all__ = ["About", "Planned", "planned"]

#: The order in which a report's fields are written.
FIELDS = tuple(Report.model_fields)


@dataclass(frozen=True, slots=True)
class Planned:
    """The text that an evidence file is to have, and the ids of the new reports."""

    file: Path
    text: str
    reports: Sequence[str]
    findings: Sequence[Finding]


#: Turns a finding about a new report into one about where the coder said so; gets the key within the report.
About = Callable[[Finding, str], Finding]


def _file_of(scenario: Scenario, source: str) -> tuple[Path, Mapping[str, Any]]:
    """The file for reports from a source, and what its `defaults` say.

    `evidence/<source>.yaml`, unless another file has the source in its defaults.
    """
    own = scenario.folder / "evidence" / f"{source}.yaml"
    paths = [path for path in files_in(own.parent, ".yaml") if path != own]
    for path in [own] if own.exists() else paths:
        findings: list[Finding] = []
        root = read_yaml(path, shown_in(scenario.workspace, path), findings)
        defaults = mapping(mapping(root).get("defaults"))
        if path == own or ("source" in defaults and defaults["source"].value == source):
            return path, {key: plain(node) for key, node in defaults.items()}
    return own, {}


def planned(
    scenario: Scenario, source: str, listed: Sequence[dict[str, Any]], about: Sequence[About], *, by: str, on: date
) -> Planned:
    """The file with reports added, after the whole scenario could be read with it and their quotes were found.

    Parameters
    ----------
    scenario, source
        The case as it stands now, and the source of all new reports.
    listed, about
        Fields of each new report, and what tells its coder of a finding.
    by, on
        Who coded them, and when.

    Raises
    ------
    InputError
        If that is not so.
    """
    path, defaults = _file_of(scenario, source)
    ids = new_ids(scenario, path, listed)
    whole = [
        _ordered({"source": source, "coded_by": by, "coded_on": on.isoformat(), **fields, "id": name})
        for name, fields in zip(ids, listed, strict=True)
    ]
    written = [
        {key: value for key, value in fields.items() if key == "id" or defaults.get(key) != value} for fields in whole
    ]

    def tell(findings: Iterable[Finding]) -> list[Finding]:
        """Findings about the new reports, said of where the coder said so; all others as they are."""
        told = []
        for finding in findings:
            for name, place in zip(ids, about, strict=True):
                start = f"reports.{name}"
                if finding.key is not None and f"{finding.key}.".startswith(f"{start}."):
                    message = finding.message.removeprefix(f"report {name}: ")
                    finding = place(replace(finding, message=message), finding.key[len(start) + 1 :])  # noqa: PLW2901
                    break
            told.append(finding)
        return told

    text = with_reports(path, written)
    try:
        trial = read_scenario(scenario.workspace, str(scenario.folder), {path: text})
    except InputError as error:
        # a report that is wrong in itself is not held against the sources
        unknown = wrong_value(scenario, "source", source)
        others = [finding for finding in error.findings() if not finding.message.startswith("there is no source")]
        raise InputError([*([unknown] if unknown else []), *tell(others)]) from error
    errors = _altered_by_defaults(trial, whole, shown_in(scenario.workspace, path), defaults)
    found = [f for f in check(trial, on) if f.key and any(f"{f.key}.".startswith(f"reports.{i}.") for i in ids)]
    errors += [finding for finding in found if finding.level == "error"]
    if errors:
        raise InputError(tell(errors))
    if any("quote" in fields for fields in whole) and not (scenario.folder / "articles" / f"{source}.txt").exists():
        message = f"articles/{source}.txt is not there: nobody can see whether the quotes stand in the article"
        found.append(Finding("warning", message, accepted="the article's text, saved under this name"))
    return Planned(path, text, ids, tell(found))


def _ordered(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Fields in the schema's order, without what only says the default; unknown ones last, for the reader to refuse."""
    said = {key: fields[key] for key in (*FIELDS, *fields) if key in fields}
    if said.get("origin") == said["source"]:
        del said["origin"]
    if said.get("denies") == "false":
        del said["denies"]
    return said


def _altered_by_defaults(
    trial: Scenario, whole: Sequence[Mapping[str, Any]], shown_as: str, defaults: Mapping[str, Any]
) -> list[Finding]:
    """Errors where the file's defaults would say something about a report that its coder did not."""
    errors = []
    for fields in whole:
        for key in defaults:
            # `known` may be left to the file: it is the source's date there, as it is without a file
            if key not in fields and key not in ("origin", "denies", "known"):
                message = f"the defaults of {shown_as} would say `{key}: {defaults[key]}` of this report"
                accepted = f"`{key}` given explicitly"
                errors.append(Finding("error", message, key=f"reports.{fields['id']}.{key}", accepted=accepted))
    by_id = {report.id: report for report in trial.reports}
    for fields in whole:
        report = by_id[fields["id"]]
        told = {"origin": fields.get("origin", fields["source"]), "denies": fields.get("denies") == "true"}
        for key, value in told.items():
            if getattr(report, key) != value:
                message = f"the defaults of {shown_as} would say `{key}: {defaults.get(key)}` of this report"
                accepted = f"`{key}` as the defaults say, or another evidence file for this source"
                errors.append(Finding("error", message, key=f"reports.{fields['id']}.{key}", accepted=accepted))
    return errors
