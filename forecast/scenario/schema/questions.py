"""What is asked: which regime holds on a day, whether it stays, whether events occur."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from forecast.scenario.fields import (
    Day,
    Id,
    Label,
    Text,
    Texts,
    Whole,
    refuse,
)
from forecast.scenario.schema.entry import Entry

__all__ = ["Occurs", "Question", "State", "Stays"]


class _QuestionEntry(Entry):
    id: Id
    # questions are hashed and recorded as they are dumped: another label must not make another forecast
    label: Annotated[Label | None, Field(exclude=True)] = None
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
