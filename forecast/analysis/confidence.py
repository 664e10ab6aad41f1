"""How much an answer's evidence base bears: low, moderate or high, by rules that each give their reason.

Confidence is not likelihood: it says how well founded an assessment is, not how probable the thing assessed. So no
reason quotes a probability or its word. The rating is the lowest that any rule gives. No validated published rule leads
from evidence to such a rating; these thresholds are conventions of ours, named below, and the reasons are printed too.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from forecast.analysis.stability import Stability
from forecast.ledger import latest
from forecast.ledger.latest import WITHIN_DAYS
from forecast.ledger.records import Answer, Forecast
from forecast.ledger.store import Ledger
from forecast.model.evidence_set import EvidenceSet, Origin
from forecast.scenario.schema import Family
from forecast.words import Scale, word

__all__ = ["RATINGS", "Confidence", "Reason", "confidence", "confidence_document", "other_versions"]

type Rating = Literal["low", "moderate", "high"]

#: From lowest to highest.
RATINGS: tuple[Rating, ...] = ("low", "moderate", "high")

#: Fewer origins than the first: low, for two can be one in disguise. From the second on: high, for then no single one
#: is more than an eighth of them.
ORIGINS = (3, 8)

#: The same for origins of which something is graded well: about half as many, as not all that counts is graded well.
GOOD_ORIGINS = (2, 4)

#: What is graded well: a source fairly reliable or better (A to C) and information probably true or confirmed (1, 2).
#: A stated `p_true` is good if the middle of its range is no lower than this.
GOOD_SOURCES, GOOD_DIGITS, GOOD_TRUTH = "ABC", "12", 0.8

#: Share of events that nobody but one and the same origin tells. Above the first, whoever doubts it doubts most of the
#: case: moderate; above the second, nearly all of it: low.
HANGING = (0.5, 0.75)

#: Terms between two words of a scale from which on a reader is told something else, not another shade.
FAR = 2


@dataclass(frozen=True, slots=True)
class Reason:
    """What one rule says: `level` is the highest rating that it allows."""

    rule: str
    level: Rating
    text: str


@dataclass(frozen=True, slots=True)
class Confidence:
    """The rating and what every rule says, those that hold it down first."""

    rating: Rating
    reasons: tuple[Reason, ...]

    @property
    def text(self) -> str:
        """The rating and what holds it down, or what allows it."""
        deciding = [reason.text for reason in self.reasons if reason.level == self.rating]
        return f"{self.rating}: {'; '.join(deciding)}"


def confidence(
    forecast: Forecast,
    evidence: EvidenceSet,
    answer: Answer,
    judged: Stability | None,
    others: Sequence[Forecast] = (),
    scale: Scale | None = None,
) -> Confidence:
    """Rate the evidence base of one open answer.

    Parameters
    ----------
    forecast, evidence, answer
        The record, the evidence set that it names, and one of its answers with a p.
    judged
        What became of the answer's word under the alternatives; None if that was not asked.
    others
        Forecasts by other versions of about the same day, see `other_versions`; those that ask the question in another
        way, or not at all, do not count.
    scale
        Of the words by which versions are compared; by default that of `judged`, else ICD 203.

    Raises
    ------
    ValueError
        If the answer is closed.
    """
    if answer.p is None:
        raise ValueError(f"{answer.question} is closed: there is nothing to be confident of")
    if forecast.family == Family.BASE_RATE.value or not evidence.events:
        what = "this version uses no evidence" if forecast.family == Family.BASE_RATE.value else "no evidence counts"
        return Confidence("low", (Reason("evidence", "low", what),))
    scale = scale or (judged.word.scale if judged else None)
    reasons = [
        _origins(evidence),
        _concentration(evidence),
        _grades(evidence),
        _word(judged),
        _versions(forecast, answer, others, scale),
    ]
    reasons.sort(key=lambda reason: RATINGS.index(reason.level))
    return Confidence(reasons[0].level, tuple(reasons))


def _level(n: int, limits: tuple[int, int]) -> Rating:
    return "low" if n < limits[0] else "moderate" if n < limits[1] else "high"


def _names(evidence: EvidenceSet) -> set[str]:
    return {voice.origin for event in evidence.events for voice in event.origins}


def _origins(evidence: EvidenceSet) -> Reason:
    n = len(_names(evidence))
    return Reason("origins", _level(n, ORIGINS), f"{n} origin{'s' if n != 1 else ''}")


def _concentration(evidence: EvidenceSet) -> Reason:
    """How many events nobody but one origin tells, for the origin of which that is most."""
    n_events, n_origins = len(evidence.events), len(_names(evidence))
    alone = Counter(event.origins[0].origin for event in evidence.events if len(event.origins) == 1)
    if not alone:
        return Reason("concentration", "high", "every event is told by several origins")
    most = max(alone.values())
    name = min(origin for origin, n in alone.items() if n == most)
    share = most / n_events
    level: Rating = "low" if share > HANGING[1] else "moderate" if share > HANGING[0] else "high"
    if level == "high":
        return Reason("concentration", level, f"no origin alone carries more than {most} of {n_events} events")
    if n_origins == 1:
        return Reason("concentration", level, f"there is no other origin than {name}")
    return Reason(
        "concentration", level, f"{n_origins} origins, but {most} of {n_events} events hang on one of them, {name}"
    )


def _grades(evidence: EvidenceSet) -> Reason:
    good = {voice.origin for event in evidence.events for voice in event.origins if _is_good(voice)}
    n = len(good)
    text = f"{n} origin{'s' if n != 1 else ''} with information graded 1 or 2 and source A to C"
    return Reason("grades", _level(n, GOOD_ORIGINS), text)


def _is_good(voice: Origin) -> bool:
    if voice.p_true is not None:
        return sum(voice.p_true) / 2 >= GOOD_TRUTH
    grade = voice.grade or "F6"
    return grade[0] in GOOD_SOURCES and grade[1] in GOOD_DIGITS


def _word(judged: Stability | None) -> Reason:
    """Whether the wording survives other readings of the evidence; noise of the computation says nothing of it."""
    if judged is None:
        return Reason("stability", "moderate", "how far it moves under other readings was not looked at")
    tests = [test for test in judged.tests if test.kind != "noise"]
    changed = [test for test in tests if not test.survives]
    if changed:
        far = max(_terms(judged.word.place, test.word.place) for test in changed if test.word is not None)
        level: Rating = "low" if far >= FAR else "moderate"
        how = f"by up to {far} terms" if far > 1 else "by one term"
        return Reason(
            "stability", level, f"its wording changes under {len(changed)} of {len(tests)} other readings, {how}"
        )
    return Reason("stability", "high", f"its wording survives all {len(tests)} other readings")


def _terms(one: int, other: int) -> int:
    """How many terms lie from one place on a scale to another; into a neighbouring gap it is one."""
    return (abs(one - other) + 1) // 2


def _versions(forecast: Forecast, answer: Answer, others: Sequence[Forecast], scale: Scale | None) -> Reason:
    assert answer.p is not None
    mine = word(answer.p, scale).place
    apart = {
        other.model: _terms(mine, word(same.p, scale).place)
        for other in others
        if (same := _same_answer(forecast, answer, other)) is not None and same.p is not None
    }
    if not apart:
        text = (
            f"no forecast of another version with evidence, as of this day or up to {WITHIN_DAYS} days before, to hold "
            "it against"
        )
        return Reason("versions", "moderate", text)
    different = {model: n for model, n in sorted(apart.items()) if n}
    if not different:
        return Reason("versions", "high", f"the other versions agree: {', '.join(sorted(apart))}")
    level: Rating = "low" if max(different.values()) >= FAR else "moderate"
    listed = ", ".join(f"{model} by {n} term{'s' if n > 1 else ''}" for model, n in different.items())
    return Reason("versions", level, f"{len(different)} of {len(apart)} other versions differ: {listed}")


def _same_answer(forecast: Forecast, answer: Answer, other: Forecast) -> Answer | None:
    """The other's answer to the same question as it was asked here; None if it was asked otherwise or is closed."""
    definitions = [
        next((dict(row) for row in record.questions if row.get("id") == answer.question), None)
        for record in (forecast, other)
    ]
    if definitions[0] != definitions[1]:
        return None
    found = (row for row in other.answers if (row.question, row.outcome) == (answer.question, answer.outcome))
    return next((row for row in found if row.p is not None), None)


def other_versions(ledger: Ledger, forecast: Forecast) -> list[Forecast]:
    """Of every other version that uses evidence the living forecast nearest in time, within `WITHIN_DAYS` before."""
    living = ledger.forecasts(forecast.scenario, retracted=False)
    using = (entry for entry in living if entry.content["family"] != Family.BASE_RATE.value)
    return [entry.forecast for entry in latest.other_versions(using, forecast)]


def confidence_document(found: Confidence) -> Mapping[str, Any]:
    """The rating as JSON values."""
    return {
        "rating": found.rating,
        "text": found.text,
        "reasons": [reason.text for reason in found.reasons],
        "rules": [{"rule": one.rule, "level": one.level, "reason": one.text} for one in found.reasons],
    }
