"""The schema of everything analysts write: types, ranges and rules that need one entry only.

Values arrive as the text that stands in the file; `fields` gives them their types. Rules that need several entries (an
unknown source, a date before the start) are in `rules`.
"""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator

from forecast.scenario.fields import (
    Day,
    Flag,
    Grade,
    Id,
    Number,
    PositiveRange,
    ProbabilityRange,
    Range,
    ScaleId,
    Text,
    Texts,
    TruthRange,
    WhenField,
    Whole,
    refuse,
)
from forecast.words import DEFAULT

__all__ = [
    "Actor",
    "Asserted",
    "BaseRate",
    "Codebook",
    "Family",
    "GradeTable",
    "Indicator",
    "ModelVersion",
    "Occurs",
    "Period",
    "Question",
    "Range",
    "Regime",
    "RegimesFile",
    "Report",
    "Resolution",
    "Revision",
    "ScenarioFile",
    "Source",
    "State",
    "Stays",
    "Step",
    "Watch",
    "Withdrawal",
]


class Entry(BaseModel):
    """What all entries share: unknown keys are errors, nothing changes after reading."""

    # validators are built when they are first used: most entries are read only as parts of others
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True, defer_build=True)


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


class Asserted(StrEnum):
    """How a report asserts its claim."""

    FACT = "fact"
    OFFICIAL_CLAIM = "official-claim"
    MEDIA_REPORT = "media-report"
    INFERENCE = "inference"
    SPECULATION = "speculation"
    BACKGROUND = "background"

    @property
    def counts(self) -> bool:
        """Whether such a report counts unless its coder says otherwise."""
        return self in (Asserted.FACT, Asserted.OFFICIAL_CLAIM, Asserted.MEDIA_REPORT)


class Actor(Entry):
    """A party to the case."""

    name: Text
    aliases: Texts = ()


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


class _QuestionEntry(Entry):
    id: Id
    ask: Text


class State(_QuestionEntry):
    """Which regime holds on a day."""

    kind: Literal["state"]
    on: Day

    @property
    def ends(self) -> date:
        """Last day that matters."""
        return self.on


class Stays(_QuestionEntry):
    """Whether the regime stays within a set, without a break, until a day."""

    kind: Literal["stays"]
    regimes: Annotated[Texts, Field(alias="in", min_length=1)]
    from_: Annotated[Day | None, Field(alias="from")] = None
    until: Day

    @property
    def ends(self) -> date:
        """Last day that matters."""
        return self.until

    @model_validator(mode="after")
    def _forwards(self) -> "Stays":
        if self.from_ is not None and self.until <= self.from_:
            refuse(f"until {self.until} is not after from {self.from_}", "a day after `from`")
        return self


class Occurs(_QuestionEntry):
    """Whether at least so many events of an indicator fall within a window, both days included."""

    kind: Literal["occurs"]
    indicator: Id
    at_least: Annotated[Whole, Field(ge=1, le=50)] = 1
    between: tuple[Day, Day]
    settled_by: Literal["record", "truth"] = "record"

    @property
    def ends(self) -> date:
        """Last day that matters."""
        return self.between[1]

    @model_validator(mode="after")
    def _forwards(self) -> "Occurs":
        if self.between[1] < self.between[0]:
            refuse(f"the window {self.between[0]} to {self.between[1]} is upside down", "[first day, last day]")
        return self


def _question_kind(value: Any) -> str | None:
    return value.get("kind") if isinstance(value, Mapping) else getattr(value, "kind", None)


Question = Annotated[
    Annotated[State, Tag("state")] | Annotated[Stays, Tag("stays")] | Annotated[Occurs, Tag("occurs")],
    Discriminator(
        _question_kind,
        custom_error_type="refused",
        custom_error_message="this question has no kind that is known",
        custom_error_context={"accepted": "state | stays | occurs", "key": "kind"},
    ),
]


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
    questions: tuple[Question, ...] = Field(min_length=1)
    default_model: Id
    words: ScaleId = DEFAULT


class MeanStay(Entry):
    """Mean stay in a regime, in years, as an 80% range."""

    years: PositiveRange


class Regime(Entry):
    """One of the exclusive and exhaustive states of the relationship."""

    means: Text
    prior: Annotated[Number, Field(ge=0, le=1)]
    stays: MeanStay
    goes_to: dict[Id, Annotated[Number, Field(gt=0)]] = Field(default_factory=dict)
    absorbing: Flag = False


class Watch(Entry):
    """A span in which somebody looks systematically: silence counts within it. `to` is included; none is open."""

    from_: Annotated[Day, Field(alias="from")]
    to: Day | None = None
    detection: ProbabilityRange
    lag_days: PositiveRange = (1.0, 14.0)

    @model_validator(mode="after")
    def _forwards(self) -> "Watch":
        if self.to is not None and self.to < self.from_:
            refuse(f"the watch ends on {self.to}, before it begins on {self.from_}", "a day not before `from`")
        return self


class Indicator(Entry):
    """A kind of event (with yearly rates by regime) or a condition (with probabilities by regime)."""

    kind: Literal["event", "condition"]
    means: Text
    counts_as: Text | None = None
    plover: Text | None = None
    cameo: Texts = ()
    per_year: dict[Id, PositiveRange] | None = None
    holds: dict[Id, ProbabilityRange] | None = None
    why: Text | None = None
    cues: Texts = ()
    watch: tuple[Watch, ...] = ()

    @property
    def ranges(self) -> Mapping[str, Range]:
        """80% range by regime: of events per year, or of the probability that the condition holds."""
        ranges = self.per_year if self.kind == "event" else self.holds
        assert ranges is not None  # the validator below
        return ranges

    @model_validator(mode="after")
    def _one_kind_of_range(self) -> "Indicator":
        wanted, other = ("per_year", "holds") if self.kind == "event" else ("holds", "per_year")
        if getattr(self, wanted) is None:
            refuse(f"this {self.kind} has no `{wanted}`", f"`{wanted}: (regime: [low, high], ...)` for every regime")
        if getattr(self, other) is not None:
            refuse(f"`{other}` does not belong to this kind of indicator ({self.kind})", f"`{wanted}`")
        if self.kind == "event" and self.counts_as is None:
            refuse("this event indicator has no `counts_as`", "the unit of counting, in words")
        return self


class Codebook(Entry):
    """Regimes and indicators: `codebooks/<name>.yaml`, merged with the scenario's and the model version's changes."""

    regimes: dict[Id, Regime] = Field(min_length=2)
    indicators: dict[Id, Indicator] = Field(min_length=1)


class Source(Entry):
    """Where reports come from."""

    title: Text
    publisher: Text | None = None
    author: Text | None = None
    published: Day | None = None
    url: Text | None = None
    reliability: Annotated[Literal["A", "B", "C", "D", "E", "F"] | None, Field()] = None
    kind: Text | None = None


class Withdrawal(Entry):
    """From this day on the report no longer counts."""

    on: Day
    reason: Text


class Revision(Entry):
    """From this day on the report has another grade."""

    on: Day
    grade: Grade | None = None
    p_true: TruthRange | None = None
    reason: Text

    @model_validator(mode="after")
    def _changes_something(self) -> "Revision":
        if (self.grade is None) == (self.p_true is None):
            refuse("a revision sets one of `grade` and `p_true`", "one of `grade`, `p_true`")
        return self


class Report(Entry):
    """One coded statement. The reader has filled in `event`, `origin` and `known` where the file leaves them out."""

    id: Id
    indicator: Id | None = None
    event: Id
    when: WhenField | None = None
    known: Day
    source: Id
    origin: Id
    claim: Text
    quote: Text | None = None
    locator: Text | None = None
    asserted_as: Asserted = Asserted.FACT
    denies: Flag = False
    grade: Grade | None = None
    p_true: TruthRange | None = None
    use: Flag | None = None
    reason: Text | None = None
    note: Text | None = None
    speaker: Text | None = None
    attributed_to: Text | None = None
    coded_by: Text | None = None
    coded_on: Day | None = None
    withdrawn: Withdrawal | None = None
    revised: tuple[Revision, ...] = ()

    @property
    def counts(self) -> bool:
        """Whether the report is evidence: what its coder says, else what its kind of assertion says."""
        return self.asserted_as.counts if self.use is None else self.use

    @model_validator(mode="after")
    def _complete_where_it_counts(self) -> "Report":
        if self.use is not None and self.use != self.asserted_as.counts and self.reason is None:
            refuse(
                f"`use: {str(self.use).lower()}` goes against the default for asserted_as: {self.asserted_as}",
                "a `reason`",
            )
        if not self.counts:
            return self
        missing = [key for key in ("indicator", "when") if getattr(self, key) is None]
        if self.grade is None and self.p_true is None:
            missing.append("grade")
        if missing:
            keys = ", ".join(f"`{key}`" for key in missing)
            refuse(f"this report counts but has no {keys}", f"{keys}, or `use: false` with a `reason`")
        return self


class ModelVersion(Entry):
    """`models/<version>.yaml`. `overrides` has been merged into the codebook by the reader."""

    version: Id
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


class GradeTable(Entry):
    """Grade to probability of truth: pseudo-counts `[true, false]` of a Beta distribution for each of the 36 cells."""

    means: Text
    grades: dict[Grade, tuple[Annotated[Number, Field(ge=0.5)], Annotated[Number, Field(ge=0.5)]]]

    @model_validator(mode="after")
    def _all_cells(self) -> "GradeTable":
        missing = [
            f"{letter}{digit}" for letter in "ABCDEF" for digit in "123456" if f"{letter}{digit}" not in self.grades
        ]
        if missing:
            refuse(f"the table has no {', '.join(missing)}", "all cells from A1 to F6")
        return self
