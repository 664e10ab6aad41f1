"""What a ledger holds: forecasts, the evidence sets and models they used, workings, retractions; also as JSON content.

A content is a JSON object with a `type`. Keys that this version does not know are kept in `extra`, so that a record
of a later version can be read, and written back without loss. The SHA-256 of a content's canonical JSON is its digest;
its short id is the type's prefix and the digest's first ten base32 characters.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any, Literal, cast

from forecast.canonical import canonical_json, sha256, short_id
from forecast.errors import LedgerError

__all__ = [
    "PREFIXES",
    "Answer",
    "Content",
    "Entry",
    "Evidence",
    "FitRow",
    "Forecast",
    "Kind",
    "ModelRecord",
    "Retraction",
    "Workings",
    "content_digest",
    "content_id",
    "made_at_instant",
]

type Content = Mapping[str, Any]
type Kind = Literal["live", "replay"]

#: How the id of each type of record begins.
PREFIXES: Mapping[str, str] = {
    "forecast": "fc-",
    "evidence": "ev-",
    "model": "mo-",
    "retraction": "re-",
    "workings": "wk-",
}

_OTHER_PREFIX = "xx-"  # a type of a later version: this version reads its id, and never makes one


@dataclass(frozen=True, slots=True)
class Answer:
    """The probability of one outcome of one question.

    `p` is the posterior probability, `mcse` its Monte Carlo standard error, `low` and `high` the ends of the interval;
    all four are None once the question is closed, and `resolved` then is the outcome.
    """

    question: str
    ask: str
    kind: str
    outcome: str
    p: float | None
    mcse: float | None
    low: float | None
    high: float | None
    closed: bool
    resolved: str | None
    extra: Content = field(default_factory=dict)

    @property
    def is_shown(self) -> bool:
        """Whether it is listed: of regimes all are, of two outcomes 'yes', for the other is one minus it."""
        return self.kind == "state" or self.outcome == "yes"

    def to_content(self) -> dict[str, Any]:
        """The answer as JSON values."""
        return _plain(self)

    @classmethod
    def from_content(cls, content: Content) -> "Answer":
        """Read back what `to_content` wrote.

        Raises
        ------
        LedgerError
            If a key is missing, a value has the wrong type, or `p` is no probability.
        """
        known = _known(cls, content, _ANSWER_TYPES, "an answer")
        if known["p"] is not None and not 0 <= known["p"] <= 1:
            raise LedgerError(f"an answer has p={known['p']}. Accepted: 0 to 1.")
        return cls(**known)


@dataclass(frozen=True, slots=True)
class Forecast:
    """One forecast: what was asked, with which model, evidence and seed, how it was computed, and the answers.

    Parameters
    ----------
    scenario, title, model, family
        Scenario id and title, name of the model version and its family.
    model_identity, evidence_identity, key
        64 hexadecimal digits each; `key` stands for everything that decides the numbers.
    as_of, made_at
        ISO date, and ISO instant in UTC.
    kind
        `live` or `replay`.
    method
        `name`, `khat`, `ess`, `rhat`, `divergences`, `seconds`, `from_fit`, `chains`, `draws`, ...
    fit
        SHA-256 of the draws file, if there is one.
    questions
        One object per question: its `id` and its definition.
    evidence_counts
        `reports`, `counted`, `events`, `origins`, `new`.
    since
        Id of the forecast as of an earlier day that it is compared with; see `forecast.ledger.latest.earlier_of`.
    warning_codes
        For every warning its code, empty if it has none; see `forecast.ledger.warning_codes`. None in records from
        before there were codes.
    extra
        Keys of a later version.
    """

    scenario: str
    title: str
    model: str
    family: str
    model_identity: str
    evidence_identity: str
    as_of: str
    made_at: str
    kind: Kind
    key: str
    seed: int
    method: Content
    fit: str | None
    versions: Content
    questions: tuple[Content, ...]
    evidence_counts: Content
    warnings: tuple[str, ...]
    since: str | None
    answers: tuple[Answer, ...]
    warning_codes: tuple[str, ...] | None = None
    extra: Content = field(default_factory=dict)

    def to_content(self) -> dict[str, Any]:
        """The forecast as JSON values, with its type."""
        content = _plain(self)
        codes = content.pop("warning_codes")
        if codes is not None:
            content["warning_codes"] = list(codes)
        content["answers"] = [answer.to_content() for answer in self.answers]
        content["questions"] = [dict(question) for question in self.questions]
        content["warnings"] = list(self.warnings)
        return content | {"type": "forecast"}

    @classmethod
    def from_content(cls, content: Content) -> "Forecast":
        """Read back what `to_content` wrote.

        Raises
        ------
        LedgerError
            If a key is missing, a value has the wrong type, or a date or an instant cannot be read.
        """
        known = _known(cls, content, _FORECAST_TYPES, "a forecast")
        if known["kind"] not in ("live", "replay"):
            raise LedgerError(f"a forecast's kind is '{known['kind']}'. Accepted: live, replay.")
        if not _is_day(known["as_of"]):
            raise LedgerError(f"a forecast's as_of is '{known['as_of']}'. Accepted: YYYY-MM-DD.")
        made_at_instant(known["made_at"])
        known["answers"] = tuple(Answer.from_content(answer) for answer in known["answers"])
        known["questions"] = tuple(known["questions"])
        known["warnings"] = tuple(known["warnings"])
        return cls(**known, warning_codes=_codes(content))


@dataclass(frozen=True, slots=True)
class Evidence:
    """One evidence set; `identity` is the SHA-256 of the set's canonical JSON."""

    identity: str
    set: Content
    extra: Content = field(default_factory=dict)

    def to_content(self) -> dict[str, Any]:
        """The record as JSON values, with its type."""
        return _plain(self) | {"type": "evidence"}

    @classmethod
    def from_content(cls, content: Content) -> "Evidence":
        """Read back what `to_content` wrote."""
        return cls(**_known(cls, content, {"identity": str, "set": Mapping}, "an evidence set"))


@dataclass(frozen=True, slots=True)
class ModelRecord:
    """Everything of one model that shapes its numbers; `identity` is the SHA-256 of the settings' canonical JSON."""

    identity: str
    settings: Content
    extra: Content = field(default_factory=dict)

    def to_content(self) -> dict[str, Any]:
        """The record as JSON values, with its type."""
        return _plain(self) | {"type": "model"}

    @classmethod
    def from_content(cls, content: Content) -> "ModelRecord":
        """Read back what `to_content` wrote."""
        return cls(**_known(cls, content, {"identity": str, "settings": Mapping}, "a model"))


@dataclass(frozen=True, slots=True)
class Retraction:
    """A forecast disowned: `of` is its id, `made_at` an ISO instant in UTC."""

    of: str
    reason: str
    made_at: str
    extra: Content = field(default_factory=dict)

    def to_content(self) -> dict[str, Any]:
        """The record as JSON values, with its type."""
        return _plain(self) | {"type": "retraction"}

    @classmethod
    def from_content(cls, content: Content) -> "Retraction":
        """Read back what `to_content` wrote."""
        known = _known(cls, content, {"of": str, "reason": str, "made_at": str}, "a retraction")
        made_at_instant(known["made_at"])
        return cls(**known)


@dataclass(frozen=True, slots=True)
class Workings:
    """Numbers derived from a forecast (`of` is its id) that a document cites: why it is what it is, what would move it.

    `verb` is the command that gives them, with `options`; `document` is what it prints as JSON. The draws behind them
    need not outlive the number, so the numbers themselves are kept.
    """

    of: str
    scenario: str
    verb: str
    options: Content
    version: str
    document: Content
    extra: Content = field(default_factory=dict)

    def to_content(self) -> dict[str, Any]:
        """The record as JSON values, with its type."""
        return _plain(self) | {"type": "workings"}

    @classmethod
    def from_content(cls, content: Content) -> "Workings":
        """Read back what `to_content` wrote."""
        types: _Types = {**dict.fromkeys(("of", "scenario", "verb", "version"), str), "options": Mapping}
        return cls(**_known(cls, content, {**types, "document": Mapping}, "workings"))


@dataclass(frozen=True)  # without slots: the forecast is read once
class Entry:
    """One record at its place in the chain of its log.

    Parameters
    ----------
    log, seq
        Which log, and the place in it, counted from 1.
    id, prev, hash
        Short id of the content; hash of the record before; hash of `prev` and the content's digest.
    content
        The JSON object.
    retracted
        The retraction, if any log of this ledger holds one.
    stored
        True when an append found that the record was there already, and appended nothing.
    foreign
        Name of the imported log that the record is in; None for a record of the ledger's own log.
    """

    log: str
    seq: int
    id: str
    prev: str
    hash: str
    content: Content
    retracted: Retraction | None = None
    stored: bool = False
    foreign: str | None = field(default=None, compare=False)

    @property
    def model_label(self) -> str:
        """The forecast's model version, with the name of the log if that is a foreign one: `v2 @anna`."""
        model = str(self.content.get("model"))
        return model if self.foreign is None else f"{model} @{self.foreign}"

    @property
    def type(self) -> str:
        """`forecast`, `evidence`, `model`, `retraction`, `workings`, or a type of a later version."""
        return str(self.content.get("type"))

    @cached_property
    def forecast(self) -> Forecast:
        """The content as a forecast."""
        if self.type != "forecast":
            raise LedgerError(f"{self.id} is no forecast (type '{self.type}'). Accepted: an id that begins with fc-.")
        return Forecast.from_content(self.content)


@dataclass(frozen=True, slots=True)
class FitRow:
    """One file of posterior draws that can be used again; `file` is its name in the draws folder."""

    sha256: str
    file: str
    model_identity: str
    evidence_identity: str
    scenario: str
    as_of: str
    made_at: str
    n_draws: int
    ess: float
    seed: int
    method: str


def _codes(content: Content) -> tuple[str, ...] | None:
    """The codes of a forecast's warnings; None in a record from before there were codes."""
    codes = content.get("warning_codes")
    if codes is None:
        return None
    if not isinstance(codes, list) or len(codes) != len(content["warnings"]) or any(type(c) is not str for c in codes):
        raise LedgerError(f"a forecast has warning_codes={codes!r}. Accepted: a text for each of its warnings.")
    return tuple(codes)


_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_Types = Mapping[str, type | tuple[type, ...]]

_NUMBER = (int, float, type(None))
_TEXT_OR_NONE = (str, type(None))
_ANSWER_TYPES: _Types = {
    **dict.fromkeys(("question", "ask", "kind", "outcome"), str),
    **dict.fromkeys(("p", "mcse", "low", "high"), _NUMBER),
    "closed": bool,
    "resolved": _TEXT_OR_NONE,
}
_FORECAST_TYPES: _Types = {
    **dict.fromkeys(("scenario", "title", "model", "family", "model_identity", "evidence_identity"), str),
    **dict.fromkeys(("as_of", "made_at", "kind", "key"), str),
    **dict.fromkeys(("method", "versions", "evidence_counts"), Mapping),
    **dict.fromkeys(("questions", "warnings", "answers"), list),
    **dict.fromkeys(("fit", "since"), _TEXT_OR_NONE),
    "seed": int,
}


def content_digest(content: Content) -> str:
    """SHA-256 of the content's canonical JSON."""
    return sha256(canonical_json(content))


def content_id(content: Content) -> str:
    """Short id of a content: the prefix of its type and 50 bits of its digest."""
    return short_id(PREFIXES.get(str(content.get("type")), _OTHER_PREFIX), content_digest(content))


def made_at_instant(text: str) -> datetime:
    """The instant that a `made_at` names; texts with and without fractions of a second do not sort as text.

    Raises
    ------
    LedgerError
        If the text is no ISO instant in UTC.
    """
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        instant = None
    if instant is None or instant.utcoffset() != timedelta(0):
        raise LedgerError(f"made_at is '{text}'. Accepted: an instant in UTC as 2024-01-07T12:30:00+00:00.")
    return instant


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return bool(_DAY.fullmatch(text))  # no other form will do: these days are compared as text


def _plain(record: Any) -> dict[str, Any]:
    """A record's fields by name, with the unknown keys beside them; nested values are left as they are."""
    named = {f.name: getattr(record, f.name) for f in fields(record) if f.name != "extra"}
    return {**record.extra, **named}


def _known(cls: type, content: Content, types: _Types, what: str) -> dict[str, Any]:
    """The fields of `cls` that `content` holds, checked, and everything else under `extra`."""
    if not isinstance(content, Mapping):
        raise LedgerError(f"{what} is {content!r}. Accepted: a JSON object.")
    for name, accepted in types.items():
        if name not in content:
            raise LedgerError(f"{what} lacks '{name}'. Accepted: {', '.join(types)}.")
        if not isinstance(content[name], accepted):
            raise LedgerError(f"{what} has {name}={content[name]!r}, of type {type(content[name]).__name__}.")
    names = {f.name for f in fields(cast(Any, cls))} - {"extra"}
    extra = {name: value for name, value in content.items() if name not in names and name != "type"}
    return {name: content[name] for name in types} | {"extra": extra}
