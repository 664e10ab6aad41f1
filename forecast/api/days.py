"""Days as verbs take them: as dates or as texts."""

from datetime import date

from forecast.errors import Finding, InputError
from forecast.scenario.dates import parse_day, today

__all__ = ["Day", "day_of", "past", "required"]

Day = date | str | None


def past(value: Day) -> date:
    """A day that is not in the future; by default today."""
    day = day_of(value) or today()
    if day > today():
        message = f"{day} is in the future."
        raise InputError(
            Finding("error", message, key="--as-of", found=str(value), accepted=f"a day up to {today()}, today (UTC)")
        )
    return day


def day_of(value: Day, key: str = "--as-of") -> date | None:
    """A day, if one is given; `key` is named in the error."""
    return None if value is None else required(value, key)


def required(value: date | str, key: str) -> date:
    """A day.

    Raises
    ------
    InputError
        If a text is no day.
    """
    if not isinstance(value, str):
        return value
    try:
        return parse_day(value)
    except ValueError as error:
        raise InputError(Finding("error", f"{error}.", key=key, found=value, accepted="YYYY-MM-DD")) from error
