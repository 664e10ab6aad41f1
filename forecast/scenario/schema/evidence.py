"""Sources and coded reports, with what was withdrawn or revised later."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, model_validator

from forecast.scenario.fields import Day, Flag, Grade, Id, Label, Text, TruthRange, WhenField, refuse
from forecast.scenario.schema.entry import Entry

__all__ = ["Asserted", "Report", "Revision", "Source", "Withdrawal"]


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


class Source(Entry):
    """Where reports come from."""

    title: Text
    label: Label | None = None
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
    """One coded statement. The reader has filled in `event`, `origin` and `known` where the file leaves them out.

    `label` names the event for readers; one report of an event is enough to give it.
    """

    id: Id
    indicator: Id | None = None
    event: Id
    label: Label | None = None
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
