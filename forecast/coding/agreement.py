"""How far two coders agree: which of their statements are the same, alpha for each field, and every disagreement.

Statements are matched by where they stand, never by what is compared: matching by the indicator would find the
coders at one about it.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from forecast.coding.alpha import Alpha, Level, alpha
from forecast.coding.coder_statements import Coding, Statement
from forecast.scenario.schema import Report

__all__ = ["FIELDS", "Agreement", "Disagreement", "FieldAgreement", "Pair", "agreement", "matched", "value_of"]

By = Literal["quote", "sentence", "locator", "event"]


@dataclass(frozen=True, slots=True)
class Pair:
    """The same statement in both codings, and by what it was recognised."""

    a: Statement
    b: Statement
    by: By


@dataclass(frozen=True, slots=True)
class FieldAgreement:
    """A field's alpha on its scale; `missing` are the pairs in which at least one coder gives no value on it."""

    field: str
    level: Level
    alpha: Alpha
    missing: int


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A field of a pair that the coders filled otherwise; '' stands for no value."""

    pair: Pair
    field: str
    a: str
    b: str


@dataclass(frozen=True, slots=True)
class Agreement:
    """What two codings have in common.

    Attributes
    ----------
    a, b
        The codings.
    pairs
        Statements of both, in the order of `a`.
    only_a, only_b
        Statements that one of them has.
    shared
        2 pairs / (statements of a + statements of b): how far they agree on what is a statement. None without any.
    fields
        By field and scale.
    disagreements
        Pair by pair.
    """

    a: Coding
    b: Coding
    pairs: tuple[Pair, ...]
    only_a: tuple[Statement, ...]
    only_b: tuple[Statement, ...]
    shared: float | None
    fields: tuple[FieldAgreement, ...]
    disagreements: tuple[Disagreement, ...]


def agreement(a: Coding, b: Coding, seed: int = 0) -> Agreement:
    """Compare two codings; `seed` is that of the bootstrap."""
    pairs = matched(a.statements, b.statements)
    in_a, in_b = {pair.a.number for pair in pairs}, {pair.b.number for pair in pairs}
    n = len(a.statements) + len(b.statements)
    return Agreement(
        a=a,
        b=b,
        pairs=pairs,
        only_a=tuple(one for one in a.statements if one.number not in in_a),
        only_b=tuple(one for one in b.statements if one.number not in in_b),
        shared=2 * len(pairs) / n if n else None,
        fields=tuple(_field(field, pairs, seed) for field in FIELDS),
        disagreements=tuple(_disagreements(pairs)),
    )


def matched(a: Sequence[Statement], b: Sequence[Statement]) -> tuple[Pair, ...]:
    """The statements that are the same, each in one pair at most.

    Within one source, in this order, and the closest first: quotes that overlap in the article; quotes that begin in
    the same sentence; and only where a place is not known, the same words or locator; the same event. What still is
    equally close goes by the event's name, then by the order of the files.
    """
    candidates = [
        ((*closeness, one.report.event != other.report.event, one.number, other.number), Pair(one, other, by))
        for one in a
        for other in b
        if one.report.source == other.report.source and (found := _closeness(one, other)) is not None
        for by, *closeness in [found]
    ]
    pairs: list[Pair] = []
    used_a: set[int] = set()
    used_b: set[int] = set()
    for _, pair in sorted(candidates, key=lambda candidate: candidate[0]):
        if pair.a.number not in used_a and pair.b.number not in used_b:
            used_a.add(pair.a.number)
            used_b.add(pair.b.number)
            pairs.append(pair)
    return tuple(sorted(pairs, key=lambda pair: pair.a.number))


def _closeness(a: Statement, b: Statement) -> tuple[By, int, int, int] | None:
    """By what they may be the same, and numbers that are the smaller the closer they are; None if they are not."""
    if a.place is not None and b.place is not None:
        apart = abs(a.place[0] - b.place[0])
        overlap = min(a.place[1], b.place[1]) - max(a.place[0], b.place[0])
        if overlap > 0:
            return ("quote", 1, -overlap, apart)
        return ("sentence", 2, 0, apart) if a.sentence == b.sentence else None
    apart = abs(a.number - b.number)
    if _same_words(a.report.quote, b.report.quote):
        return "quote", 1, 0, apart
    if _same_words(a.report.locator, b.report.locator):
        return "locator", 3, 0, apart
    is_named = a.report.event != a.report.id and b.report.event != b.report.id
    return ("event", 4, 0, apart) if is_named and a.report.event == b.report.event else None


def _same_words(a: str | None, b: str | None) -> bool:
    return a is not None and b is not None and a.casefold().split() == b.casefold().split()


@dataclass(frozen=True, slots=True)
class Field:
    """A field as alpha sees it: its scale, and a report's value on it, None for none."""

    name: str
    level: Level
    value: Callable[[Report], object | None]


def _steps(report: Report, position: int, scale: str) -> int | None:
    """The place of a grade's letter or digit on its scale; what cannot be judged (F, 6) has none."""
    mark = "" if report.grade is None else report.grade[position]
    return scale.index(mark) if mark and mark in scale else None


def _middle(report: Report) -> float | None:
    when = report.when
    return None if when is None else (when.first.toordinal() + when.last.toordinal()) / 2


#: What is compared, and why on this scale: docs/method.md, 'Agreement of coders'.
FIELDS = (
    Field("indicator", "nominal", lambda report: report.indicator),
    Field("asserted_as", "nominal", lambda report: report.asserted_as.value),
    Field("denies", "nominal", lambda report: report.denies),
    Field("use", "nominal", lambda report: report.counts),
    Field("origin", "nominal", lambda report: report.origin),
    Field("grade", "nominal", lambda report: report.grade),
    Field("grade letter", "ordinal", lambda report: _steps(report, 0, "ABCDE")),
    Field("grade digit", "ordinal", lambda report: _steps(report, 1, "12345")),
    Field("when", "interval", _middle),
    Field("when, days long", "ordinal", lambda report: None if report.when is None else report.when.n_days),
    Field("known", "interval", lambda report: report.known.toordinal()),
)


def _field(field: Field, pairs: Sequence[Pair], seed: int) -> FieldAgreement:
    units = [(field.value(pair.a.report), field.value(pair.b.report)) for pair in pairs]
    missing = sum(None in unit for unit in units)
    return FieldAgreement(field.name, field.level, alpha(units, field.level, seed=seed), missing)


#: Fields whose values are compared as they are written.
_WRITTEN = ("indicator", "asserted_as", "denies", "use", "origin", "grade", "when", "known")


def value_of(report: Report, key: str) -> str:
    """A field's effective value as text, '' for none; dates that name the same days are the same."""
    if key == "use":
        return "true" if report.counts else "false"
    value = getattr(report, key)
    if value is None or value == ():
        return ""
    if key == "when":
        return str(value.first) if value.is_precise else str(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date) else str(value)


def _disagreements(pairs: Iterable[Pair]) -> Iterable[Disagreement]:
    for pair in pairs:
        for key in _WRITTEN:
            a, b = value_of(pair.a.report, key), value_of(pair.b.report, key)
            if a != b and not (key == "when" and _same_days(pair.a.report, pair.b.report)):
                yield Disagreement(pair, key, a, b)


def _same_days(a: Report, b: Report) -> bool:
    return a.when is not None and b.when is not None and (a.when.first, a.when.last) == (b.when.first, b.when.last)
