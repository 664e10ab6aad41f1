"""What an importer says: how a data set is laid out, whose acts count, which of its codes mean which indicator.

An importer is one YAML file. Those of known data sets are in `importers/`; a scenario's own are in its folder
`importers/` and win over those of the same name; any other is named by its path. `like: NAME` begins with what another
one says.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from forecast.coding.rows import Layout
from forecast.errors import Finding, InputError
from forecast.scenario.fields import (
    ID_PATTERN,
    Flag,
    Grade,
    Id,
    PositiveRange,
    ProbabilityRange,
    Text,
    Texts,
    Whole,
    refuse,
)
from forecast.scenario.nodes import Node, mapping, merge
from forecast.scenario.reading import ACCEPTED_ID
from forecast.scenario.schema import Asserted, Entry, Source
from forecast.scenario.validation import nearest, validate
from forecast.scenario.yaml_text import read_yaml

__all__ = ["EventClass", "Importer", "Named", "importer_names", "read_importer"]

PACKAGED = Path(__file__).parent / "importers"

#: `like` leads through so many files at most; more is a circle.
MOST_STEPS = 5


class Look(Entry):
    """How well the data set sees such events: what a watch over its span would say."""

    detection: ProbabilityRange
    lag_days: PositiveRange


class EventClass(Entry):
    """Rows that tell of one kind of act.

    Attributes
    ----------
    indicator
        Of the codebook.
    name
        Sets apart classes of one indicator whose events are different events; by default the indicator.
    means
        What such a row says, for the claim.
    where
        By field or column: texts of which one must stand there; `*` stands for anything. All columns must fit.
    who
        `partners`: the two partners act on each other. `outsider`: another actor of the scenario acts on a partner.
    directed
        True if an act from A to B and one from B to A are different events.
    one_per
        Span of the calendar in which all rows are one event: the day, unless `counts_as` in the codebook has another.
    apart_days
        Events of one class by the day that lie nearer to each other do not count until somebody has decided; by
        default `near_days`.
    grade, asserted_as, watch
        In place of what the importer says for all its rows.
    """

    indicator: Id
    name: Id | None = None
    means: Text
    where: dict[str, Texts] = Field(default_factory=dict)
    who: Literal["partners", "outsider"] = "partners"
    directed: Flag = False
    one_per: Literal["day", "month", "quarter", "year"] = "day"
    apart_days: Annotated[Whole | None, Field(ge=0)] = None
    grade: Grade | None = None
    asserted_as: Asserted | None = None
    watch: Look | None = None


class LayoutEntry(Entry):
    """How the text is laid out; see `rows.Layout`."""

    header: Texts = ()
    optional: Annotated[Whole, Field(ge=0)] = 0
    encoding: Text = "utf-8"
    quotes: Flag = True
    line_breaks: Flag = False
    strip_end: Text | None = None


class Fields(Entry):
    """Where things stand: each a column, or several spellings of which the first that is there counts.

    `until` is the last day of what took longer, `published` the first day on which one could read it, `key` the number
    of the row in the data set, `origin` who told of it, `note` a text or address to keep.
    """

    date: Annotated[Texts, Field(min_length=1)]
    actor: Annotated[Texts, Field(min_length=1)]
    target: Annotated[Texts, Field(min_length=1)]
    until: Texts = ()
    published: Texts = ()
    code: Texts = ()
    key: Texts = ()
    origin: Texts = ()
    note: Texts = ()


class Actors(Entry):
    """How actors are written: the whole cell is a name or code, or the name stands among other words."""

    match: Literal["whole", "words"] = "whole"
    split: Text | None = None
    names: dict[Id, Texts] = Field(default_factory=dict)


class Dates(Entry):
    """How days are written (as in `strptime`), and when a report becomes stale.

    A data set whose machine reads "a year ago" as a day a year ago reports events that nobody reported.
    """

    formats: Annotated[Texts, Field(min_length=1)]
    stale_after_days: Annotated[Whole | None, Field(ge=1)] = None


class Known(Entry):
    """When one could know, where no column says so: days after the end of the event, its month or its year."""

    after: Literal["event", "month", "year"] = "event"
    days: Annotated[Whole, Field(ge=0)] = 0


class Each(Entry):
    """One row tells of several events: one for each entry of a list in a column."""

    column: Text
    split: Text


class Importer(Entry):
    """One importer, complete.

    Attributes
    ----------
    about
        Name of the data set, for people.
    source
        Entry for sources.yaml.
    each
        Set if one row tells of several events.
    split_origin
        What stands between several names in the column of the origin.
    near_days
        An event so near to one of the same indicator that was coded by hand may be that one, and does not count until
        somebody has decided.
    grade, asserted_as, watch
        Of all reports, unless their class says otherwise; `watch` is what a watch over the span of the file would say.
    classes
        The first that fits a row counts.
    """

    about: Text
    source: Source
    columns: Fields
    layout: LayoutEntry = LayoutEntry()
    actors: Actors = Actors()
    dates: Dates
    known: Known = Known()
    each: Each | None = None
    split_origin: Text | None = None
    near_days: Annotated[Whole, Field(ge=0)] = 3
    asserted_as: Asserted = Asserted.MEDIA_REPORT
    grade: Grade
    watch: Look | None = None
    classes: Annotated[tuple[EventClass, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _consistent(self) -> "Importer":
        for asserted in (self.asserted_as, *(entry.asserted_as for entry in self.classes)):
            if asserted is not None and not asserted.counts:
                refuse(f"asserted_as: {asserted} does not count as evidence", "fact, official-claim or media-report")
        indicators: dict[str, str] = {}
        for entry in self.classes:
            name = entry.name or entry.indicator
            if indicators.setdefault(name, entry.indicator) != entry.indicator:
                refuse(f"classes of two indicators have the name '{name}'", "a name of its own for each indicator")
        if self.each is not None and self.each.column not in self.columns.date:
            refuse(f"each: '{self.each.column}' is not the column of the date", "the column named in columns.date")
        return self


@dataclass(frozen=True, slots=True)
class Named:
    """An importer with the name that its source and its evidence file get, and the file that it comes from."""

    name: str
    path: Path
    says: Importer

    def layout(self, encoding: str | None = None) -> Layout:
        """What its files must have: the columns of the fields and those that its classes look at."""
        fields, entry = self.says.columns, self.says.layout
        groups = [fields.date, fields.actor, fields.target]
        groups += [group for group in (fields.code, fields.until) if group]
        for column in dict.fromkeys(column for entry in self.says.classes for column in entry.where):
            if column != "code":
                groups.append((column,))
        return Layout(
            required=tuple(dict.fromkeys(groups)),
            header=entry.header,
            n_optional=entry.optional,
            encoding=encoding or entry.encoding,
            quoted=entry.quotes,
            line_breaks=entry.line_breaks,
            strip_end=entry.strip_end or "",
        )


def importer_names(folder: Path | None = None) -> list[str]:
    """Names of the importers that come with the program, and of those of a scenario's folder.

    What has no columns, such as the codes of CAMEO, is there for others to be like.
    """
    places = (PACKAGED, *([folder / "importers"] if folder is not None else []))
    files = [path for place in places for path in sorted(place.glob("*.yaml"))]
    return sorted({path.stem for path in files if "columns" in mapping(_whole(path, folder or PACKAGED, [], 0))})


def read_importer(name: str, folder: Path) -> Named:
    """Read an importer by name, or by the path of its file.

    Parameters
    ----------
    name
        `gdelt2`, or a path such as `my/mapping.yaml`.
    folder
        The scenario's folder, whose `importers/` are looked at first.

    Raises
    ------
    InputError
        If there is none, or anything in it is wrong; carries every error.
    """
    path = _find(name, folder)
    if not re.fullmatch(ID_PATTERN, path.stem):
        message = f"'{path.stem}' cannot be the id of a source, which the importer's file gives its name to"
        raise InputError(Finding("error", message, str(path), accepted=ACCEPTED_ID))
    findings: list[Finding] = []
    node = _whole(path, folder, findings, 0)
    says = None if node is None else validate(Importer, node, (), findings)
    errors = [finding for finding in findings if finding.level == "error"]
    if errors or says is None:
        raise InputError(errors)
    return Named(path.stem, path, says)


def _find(name: str, folder: Path) -> Path:
    if name.endswith((".yaml", ".yml")) or "/" in name:
        if not Path(name).is_file():
            raise InputError(Finding("error", f"there is no file '{name}'", key="--as", found=name))
        return Path(name)
    path = _file(name, folder)
    if path is not None:
        return path
    names = importer_names(folder)
    message = f"there is no importer '{name}'{nearest(name, names)}"
    accepted = f"{', '.join(names)}, or the path of a mapping file"
    raise InputError(Finding("error", message, key="--as", found=name, accepted=accepted))


def _file(name: str, folder: Path) -> Path | None:
    """The scenario's own file of that name, else the packaged one."""
    files = (place / f"{name}.yaml" for place in (folder / "importers", PACKAGED))
    return next((path for path in files if path.is_file()), None)


def _whole(path: Path, folder: Path, findings: list[Finding], depth: int) -> Node | None:
    """The file laid over the one it is like."""
    node = read_yaml(path, str(path), findings)
    like = mapping(node).get("like")
    if node is None or like is None:
        return node
    own = Node({key: value for key, value in mapping(node).items() if key != "like"}, node.file, node.line)
    if not isinstance(like.value, str) or depth >= MOST_STEPS:
        findings.append(Finding("error", "`like` leads nowhere", like.file, like.line, "like", accepted="a name"))
        return None
    # what a scenario's own importer is like may have its name: then it is the packaged one
    other = _file(like.value, folder)
    if other == path:
        other = PACKAGED / path.name
    if other is None or other == path or not other.is_file():
        message = f"there is no importer '{like.value}'"
        findings.append(Finding("error", message, like.file, like.line, "like", like.value, "the name of another one"))
        return None
    base = _whole(other, folder, findings, depth + 1)
    return None if base is None else merge(base, own)
