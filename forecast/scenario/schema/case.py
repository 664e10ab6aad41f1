"""A scenario, its model versions, and what happened: the files around its evidence."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from forecast.scenario.fields import Day, Id, Label, Number, ScaleId, Text, Texts, refuse
from forecast.scenario.schema.entry import Entry
from forecast.scenario.schema.questions import Question
from forecast.words import DEFAULT

__all__ = [
    "Actor",
    "BaseRate",
    "Family",
    "ModelVersion",
    "NamedOrigin",
    "Period",
    "RegimesFile",
    "Resolution",
    "ScenarioFile",
    "Step",
]


#: First day on which a case can start.
EARLIEST = date(1800, 1, 1)


class Family(StrEnum):
    """Which parts of the model are switched on (docs/method.md, 'Families')."""

    BASE_RATE = "base-rate"
    STATIC = "static"
    REGIME = "regime"


class Step(StrEnum):
    """The grid on which regimes may switch."""

    MONTH = "month"
    WEEK = "week"
    QUARTER = "quarter"

    @property
    def years(self) -> float:
        """Nominal length in years."""
        return {"month": 1 / 12, "week": 7 / 365.25, "quarter": 1 / 4}[self.value]


class Actor(Entry):
    """A party to the case."""

    name: Text
    aliases: Texts = ()


class NamedOrigin(Entry):
    """How readers see an origin, such as a government, that is not itself one of the sources."""

    label: Label


class BaseRate(Entry):
    """A reference class: `endings` in `years_at_risk`, weighed by `relevance` in (0, 1]."""

    id: Id
    about: Text
    endings: Annotated[Number, Field(ge=0)]
    years_at_risk: Annotated[Number, Field(gt=0)]
    relevance: Annotated[Number, Field(gt=0, le=1)]
    dataset: Text
    filter: Text
    source: Text


class ScenarioFile(Entry):
    """`scenario.yaml`."""

    id: Id
    title: Text
    actors: dict[Id, Actor] = Field(default_factory=dict)
    codebook: Id
    step: Step = Step.MONTH
    start: Day
    searched_until: Day | None = None
    base_rates: tuple[BaseRate, ...] = ()
    origins: dict[Id, NamedOrigin] = Field(default_factory=dict)
    questions: tuple[Question, ...] = Field(min_length=1)
    default_model: Id
    words: ScaleId = DEFAULT

    @model_validator(mode="after")
    def _of_this_age(self) -> "ScenarioFile":
        if self.start < EARLIEST:  # every step between is computed
            refuse(f"the case starts on {self.start}", f"a day from {EARLIEST} on")
        return self


class ModelVersion(Entry):
    """`models/<version>.yaml`. `overrides` has been merged into the codebook by the reader."""

    version: Id
    label: Label | None = None
    family: Family
    notes: Text
    codebook: Id | None = None
    tau: Annotated[Number, Field(gt=0, le=1)] = 0.5
    told: dict[Id, Annotated[Number, Field(gt=0)]] = Field(default_factory=dict)
    reliability: Id = "admiralty-wide"
    overrides: dict[Literal["indicators", "regimes"], Any] = Field(default_factory=dict)


class Resolution(Entry):
    """What happened. `known` is the first day on which it could be known; it defaults to `on`."""

    outcome: Text
    on: Day
    known: Day
    source: Text
    note: Text | None = None


class Period(Entry):
    """A span, both days included, in which one regime held, as somebody saw it afterwards."""

    from_: Annotated[Day, Field(alias="from")]
    to: Day
    regime: Id
    why: Text
    source: Text

    @model_validator(mode="after")
    def _forwards(self) -> "Period":
        if self.to < self.from_:
            refuse(f"the period ends on {self.to}, before it begins on {self.from_}", "a day not before `from`")
        return self


class RegimesFile(Entry):
    """`regimes.yaml`: which regime held when, in hindsight; no forecast reads it."""

    periods: tuple[Period, ...] = Field(min_length=1)
