"""Model versions and the grade tables they name."""

from collections.abc import Mapping
from pathlib import Path

from forecast.errors import Finding
from forecast.scenario.nodes import Node, mapping
from forecast.scenario.reading import Reading, files_in
from forecast.scenario.schema import GradeTable, ModelVersion
from forecast.scenario.validation import nearest, validate

__all__ = ["read_grade_tables", "read_models"]

#: Grade tables that come with the program.
PACKAGED_GRADES = Path(__file__).parents[1] / "model" / "grades"


def read_models(reading: Reading) -> dict[str, ModelVersion]:
    """The model versions by name: those that could be read; `marks` has all."""
    folder = reading.folder / "models"
    paths = files_in(folder, ".yaml")
    if not paths:
        accepted = "models/<version>.yaml"
        reading.findings.append(Finding("error", "there is no model version", reading.name(folder), accepted=accepted))
    models: dict[str, ModelVersion] = {}
    marks: dict[str, Node] = {}
    for path in paths:
        node = reading.yaml(path)
        if node is None:
            continue
        marks[path.stem] = node
        model = validate(ModelVersion, node, (), reading.findings)
        if model is None:
            continue
        if model.version != path.stem:
            place = mapping(node)["version"]
            reading.error("the version is not the name of the file", place, "version", path.stem)
        models[path.stem] = model
    reading.marks["models"] = marks
    return models


def read_grade_tables(reading: Reading, models: Mapping[str, ModelVersion]) -> dict[str, GradeTable]:
    """The grade table of every version, where it could be read; each is read once."""
    read: dict[str, GradeTable | None] = {}
    for version, model in models.items():
        if model.reliability not in read:
            read[model.reliability] = _grade_table(reading, model.reliability, reading.marks["models"][version])
    tables = {version: read[model.reliability] for version, model in models.items()}
    return {version: table for version, table in tables.items() if table is not None}


def _grade_table(reading: Reading, name: str, asking: Node) -> GradeTable | None:
    """The workspace's table of that name, else the packaged one."""
    folders = (reading.workspace / "scenarios" / "grades", PACKAGED_GRADES)
    for folder in folders:
        path = folder / f"{name}.yaml"
        if path.exists():
            node = reading.yaml(path)
            return None if node is None else validate(GradeTable, node, (), reading.findings)
    names = sorted({path.stem for folder in folders for path in files_in(folder, ".yaml")})
    place = mapping(asking).get("reliability", asking)
    message = f"there is no grade table '{name}'{nearest(name, names)}"
    accepted = ", ".join(names) or f"a file scenarios/grades/{name}.yaml"
    reading.error(message, place, "reliability", accepted, name)
    return None
