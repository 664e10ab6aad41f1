"""A scenario as it was read: every entry typed, and every entry's place in the files."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Literal, NamedTuple

from forecast.errors import Finding, InputError
from forecast.scenario.nodes import Node, Step, find, locate, name_steps, shown
from forecast.scenario.schema import (
    Codebook,
    GradeTable,
    ModelVersion,
    Occurs,
    Report,
    Resolution,
    ScenarioFile,
    Source,
    State,
    Stays,
)
from forecast.scenario.validation import nearest
from forecast.words import SCALES, Scale

__all__ = ["Kind", "Level", "Marks", "Place", "Scenario", "finding_at", "place_of"]

Kind = Literal["scenario", "questions", "base_rates", "sources", "reports", "models", "codebooks", "resolutions"]

Level = Literal["error", "warning", "note"]

#: By kind and id, the tree that the files hold for an entry.
Marks = Mapping[str, Mapping[str, Node]]

#: What comes before the path in a key path, for entries that are one of many in their file.
_LISTED = ("questions", "base_rates", "reports")


class Place(NamedTuple):
    """Where something stands: file relative to the workspace, line from 1, key path within the file."""

    file: str
    line: int
    key: str


@dataclass(frozen=True, slots=True)
class Scenario:
    """Everything analysts wrote about one case, without errors.

    Attributes
    ----------
    workspace, folder
        Absolute paths; `folder` is `<workspace>/scenarios/<id>`.
    file
        `scenario.yaml`.
    sources, models, resolutions
        By id, by version, by question.
    reports
        Evidence in YAML, then in CSV; files by name, reports in their order.
    codebooks, grade_tables
        By model version: the codebook with the scenario's and the version's changes merged in; the version's table.
    warnings
        What was odd while reading and did no harm; `check` repeats it.
    marks
        By kind and id: what the files say, with lines. Ask `where`.
    """

    workspace: Path
    folder: Path
    file: ScenarioFile
    sources: Mapping[str, Source]
    reports: tuple[Report, ...]
    models: Mapping[str, ModelVersion]
    codebooks: Mapping[str, Codebook]
    grade_tables: Mapping[str, GradeTable]
    resolutions: Mapping[str, Resolution]
    warnings: tuple[Finding, ...] = ()
    marks: Marks = field(default_factory=dict, repr=False, compare=False)

    @property
    def id(self) -> str:
        """Name of the folder."""
        return self.file.id

    @property
    def title(self) -> str:
        """What readers call it."""
        return self.file.title

    @property
    def start(self) -> date:
        """First day of the grid."""
        return self.file.start

    @property
    def default_model(self) -> str:
        """The version that is used when none is named."""
        return self.file.default_model

    @property
    def words(self) -> Scale:
        """The scale of words that its readers are used to."""
        return SCALES[self.file.words]

    @property
    def questions(self) -> Mapping[str, State | Stays | Occurs]:
        """By id, in the order of the file."""
        return {question.id: question for question in self.file.questions}

    @property
    def codebook(self) -> Codebook:
        """The default version's codebook."""
        return self.codebooks[self.file.default_model]

    def question(self, question: str) -> State | Stays | Occurs:
        """The question of that id.

        Raises
        ------
        InputError
            If there is none; names the nearest.
        """
        questions = self.questions
        if question not in questions:
            raise InputError(_unknown("question", question, questions))
        return questions[question]

    def model(self, version: str | None = None) -> ModelVersion:
        """The model version of that name; by default the scenario's.

        Raises
        ------
        InputError
            If there is none; names the nearest.
        """
        name = version or self.file.default_model
        if name not in self.models:
            raise InputError(_unknown("model version", name, self.models))
        return self.models[name]

    def where(self, kind: Kind, entry: str = "", *path: Step) -> Place | None:
        """Where an entry, or the part of it at the end of `path`, stands; of what is absent, where it would stand.

        Parameters
        ----------
        kind
            Which entries; `codebooks` and `models` have an entry for every model version, `scenario` has only ``""``.
        entry
            Id, source, version or question.
        path
            Keys and positions within the entry, as written in the files.

        Returns
        -------
        Place or None
            None if there is no such entry.

        Examples
        --------
        ``scenario.where("reports", "S13", "when")``, ``scenario.where("scenario", "", "start")``,
        ``scenario.where("codebooks", "v2", "indicators", "leader_meeting", "watch", 0)``
        """
        node = self.marks.get(kind, {}).get(entry)
        return None if node is None else place_of(node, kind, entry, path)


def place_of(node: Node, kind: str, entry: str, path: tuple[Step, ...]) -> Place:
    """Where the end of a path below an entry stands."""
    file, line = locate(node, path)
    steps = [name_steps(node, path)] if path else []
    if kind in _LISTED:
        steps = [kind, entry, *steps]
    elif kind in ("sources", "resolutions"):
        steps = [entry, *steps]
    elif kind == "codebooks" and "/models/" in file:
        # the last word on this key came from the version's file
        steps = ["overrides", *steps]
    return Place(file, line, ".".join(steps))


def finding_at(
    marks: Marks, level: Level, message: str, kind: Kind, entry: str, *path: Step, accepted: str | None = None
) -> Finding:
    """A finding about the value at the end of a path below an entry; quotes what stands there."""
    node = marks[kind][entry]
    place = place_of(node, kind, entry, path)
    here = find(node, path)
    found = shown(here) if here is not None and not isinstance(here.value, dict) else None
    return Finding(level, message, place.file, place.line, place.key or None, found, accepted)


def _unknown(what: str, name: str, names: Mapping[str, object]) -> Finding:
    message = f"there is no {what} '{name}'{nearest(name, names)}"
    return Finding("error", message, found=name, accepted=", ".join(names) or "none yet")
