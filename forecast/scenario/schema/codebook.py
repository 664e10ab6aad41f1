"""Regimes and indicators, their ranges and watches, and what grades are worth."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, model_validator

from forecast.scenario.fields import (
    Day,
    Flag,
    Grade,
    Id,
    Label,
    Number,
    PositiveRange,
    ProbabilityRange,
    Range,
    Text,
    Texts,
    refuse,
)
from forecast.scenario.schema.entry import Entry

__all__ = ["Codebook", "GradeTable", "Indicator", "MeanStay", "Regime", "Watch"]


class MeanStay(Entry):
    """Mean stay in a regime, in years, as an 80% range."""

    years: PositiveRange


class Regime(Entry):
    """One of the exclusive and exhaustive states of the relationship."""

    label: Label | None = None
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
    label: Label | None = None
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
    """Regimes and indicators: `codebooks/<name>.yaml`, merged with the scenario's and the model version's changes.

    `learned_from` names the cases that its rates were learned from: forecasts of these with it have seen their case.
    """

    regimes: dict[Id, Regime] = Field(min_length=2)
    indicators: dict[Id, Indicator] = Field(min_length=1)
    learned_from: tuple[Id, ...] = ()


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
