"""A scenario's files into one record, or every error in them at once."""

from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from forecast.errors import Finding, ForecastError, InputError
from forecast.scenario.nodes import Node, find, mapping, plain
from forecast.scenario.parts import Parts
from forecast.scenario.read_codebooks import read_codebooks
from forecast.scenario.read_evidence import read_evidence
from forecast.scenario.read_models import read_grade_tables, read_models
from forecast.scenario.reading import Reading, add_by_id, check_ids
from forecast.scenario.record import Scenario
from forecast.scenario.rules import broken_rules
from forecast.scenario.schema import Resolution, ScenarioFile, Source
from forecast.scenario.validation import findings_of, nearest, validate
from forecast.scenario.workspace import find_workspace, scenario_folder, scenario_names

__all__ = ["default_model", "find_workspace", "read_scenario", "readable", "scenario_folder", "scenario_names"]

_FILES = ("scenario.yaml", "indicators.yaml", "sources.yaml", "resolutions.yaml")

#: A file of the analyst's that is not read here: it is hindsight, which no forecast may see (`scenario.regimes`).
_HINDSIGHT = "regimes.yaml"

#: Endings of the files that are read in a folder.
_ENDINGS = {"evidence": (".yaml", ".csv"), "models": (".yaml",)}

#: Stands in for the questions where every one is wrong.
_NO_QUESTION = {"id": "none", "ask": "none", "kind": "state", "on": "9999-12-31"}


def read_scenario(workspace: Path, name: str, instead: Mapping[Path, str] | None = None) -> Scenario:
    """Read everything analysts wrote about a case.

    Parameters
    ----------
    workspace
        Folder that has `scenarios/`.
    name
        Id of a scenario in it, or a path to a scenario's folder (whose own workspace then counts).
    instead
        YAML texts by absolute path, read in place of files: what the case would be after an edit.

    Raises
    ------
    WorkspaceError
        If there is no such scenario.
    InputError
        If anything in its files is wrong: every error of every file, with file, line and key path.
    """
    folder = scenario_folder(workspace, name)
    reading = Reading(folder.parents[1], folder, instead=instead or {})
    file = _scenario_file(reading)
    sources = _sources(reading)
    reports = read_evidence(reading, sources)
    models = read_models(reading)
    codebooks = read_codebooks(reading)
    tables = read_grade_tables(reading, models)
    resolutions = _resolutions(reading)
    _stray_files(reading)
    parts = Parts(file, sources, reports, models, codebooks, resolutions, reading.marks)
    findings = tuple(dict.fromkeys([*reading.findings, *broken_rules(parts)]))
    errors = [finding for finding in findings if finding.level == "error"]
    if errors or file is None:
        raise InputError(errors)
    return Scenario(
        workspace=reading.workspace,
        folder=folder,
        file=file,
        sources=sources,
        reports=reports,
        models=models,
        codebooks=codebooks,
        grade_tables=tables,
        resolutions=resolutions,
        warnings=findings,
        marks=reading.marks,
    )


def readable(workspace: Path, name: str) -> Scenario | None:
    """The scenario as its files say now; None where they are gone or wrong: for who can do without them."""
    try:
        return read_scenario(workspace, name)
    except ForecastError:
        return None


def default_model(workspace: Path, name: str) -> str | None:
    """The model version that the files of a scenario make its own, from `scenario.yaml` alone; None if it is gone."""
    try:
        folder = scenario_folder(workspace, name)
        file = _scenario_file(Reading(folder.parents[1], folder))
    except ForecastError:
        return None
    return file.default_model if file else None


def _scenario_file(reading: Reading) -> ScenarioFile | None:
    node = reading.yaml(reading.folder / "scenario.yaml")
    reading.marks["scenario"] = {} if node is None else {"": node}
    for kind in ("questions", "base_rates"):
        entries: dict[str, Node] = {}
        listed = find(node, [kind]) if node is not None else None
        for entry in listed.value if listed is not None and isinstance(listed.value, tuple) else ():
            add_by_id(reading, entries, entry, kind)
        reading.marks[kind] = entries
    if node is None:
        return None
    own = mapping(node).get("id")
    if own is not None and own.value != reading.folder.name:
        name = reading.folder.name
        reading.error(f"the id is not the name of the folder, '{name}'", own, "id", name)
    try:
        return ScenarioFile.model_validate(plain(node))
    except ValidationError as error:
        reading.findings.extend(findings_of(error, ScenarioFile, node, ()))
        return _salvaged(error, node)


def _salvaged(error: ValidationError, node: Node) -> ScenarioFile | None:
    """The file without its wrong questions and base rates, so that other files can still be held against it."""
    wrong = {details["loc"][:2] for details in error.errors(include_url=False, include_context=False)}
    rest = plain(node)
    for key in ("questions", "base_rates"):
        if isinstance(rest.get(key), list):
            rest[key] = [entry for number, entry in enumerate(rest[key]) if (key, number) not in wrong]
    try:
        return ScenarioFile.model_validate({**rest, "questions": rest["questions"] or [_NO_QUESTION]})
    except (ValidationError, KeyError):
        return None


def _sources(reading: Reading) -> dict[str, Source]:
    node = reading.optional_yaml(reading.folder / "sources.yaml")
    if node is None:
        return {}
    entries = reading.marks["sources"] = mapping(node)
    check_ids(reading, entries)
    read = {name: validate(Source, entry, (name,), reading.findings) for name, entry in entries.items()}
    return {name: source for name, source in read.items() if source is not None}


def _resolutions(reading: Reading) -> dict[str, Resolution]:
    node = reading.optional_yaml(reading.folder / "resolutions.yaml")
    entries = reading.marks["resolutions"] = mapping(node)
    resolutions: dict[str, Resolution] = {}
    for question, entry in entries.items():
        day = mapping(entry).get("on")
        if day is None or "known" in mapping(entry):
            resolution = validate(Resolution, entry, (question,), reading.findings)
        else:
            whole = Node({**mapping(entry), "known": day}, entry.file, entry.line)
            found: list[Finding] = []
            resolution = validate(Resolution, whole, (question,), found)
            # a wrong `on` is not also a wrong `known`
            reading.findings.extend(finding for finding in found if finding.key != f"{question}.known")
        if resolution is not None:
            resolutions[question] = resolution
    return resolutions


def _stray_files(reading: Reading) -> None:
    """Files that look like the analyst's and are not read."""
    for path in sorted(reading.folder.glob("*.y*ml")):
        if path.name not in (*_FILES, _HINDSIGHT) and not path.name.startswith("."):
            message = f"this file is not read{nearest(path.name, _FILES)}"
            reading.findings.append(Finding("warning", message, reading.name(path), accepted=", ".join(_FILES)))
    for name, endings in _ENDINGS.items():
        for path in sorted((reading.folder / name).glob("*")):
            if path.suffix not in endings and not path.name.startswith("."):
                accepted = f"a name that ends with {' or '.join(endings)}"
                reading.findings.append(
                    Finding("warning", "this file is not read", reading.name(path), accepted=accepted)
                )
