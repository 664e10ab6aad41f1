"""Whether the word for an answer survives what somebody might do otherwise, and which words are seen if it does not.

Varied are: the noise of the computation (two Monte Carlo errors either way); every origin, left out; all grades one
step better and worse; tau; what is told. Not the range over draws: p averages over what that range is about. An
alternative that no draws at hand can tell (k-hat, effective size) is neither for nor against the word.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from forecast.analysis.why.explain import anchors_for
from forecast.analysis.why.leave_out import LeftOut, without_each_origin
from forecast.analysis.why.nodes import path_from_nothing
from forecast.analysis.why.pool import Pool, Served, error_of_change, moved
from forecast.analysis.why.recorded import Recorded
from forecast.analysis.why.sensitivity import Varied, variants
from forecast.inference.posterior import Progress
from forecast.ledger.records import Answer
from forecast.ledger.store import Ledger
from forecast.model.arrays import Arrays, arrays
from forecast.model.version import Settings
from forecast.words import Scale, Worded, span, word

__all__ = ["NOISE_ERRORS", "Alternative", "Stability", "judged", "stability", "stability_document"]

#: Monte Carlo errors by which p is moved: another seed moves it further once in twenty times.
NOISE_ERRORS = 2.0

type Kind = Literal["noise", "origin", "grades", "tau", "told"]


@dataclass(frozen=True, slots=True)
class Alternative:
    """The answer under one alternative. `survives` is None, and there is no word, where its draws do not serve."""

    kind: Kind
    what: str
    p: float
    word: Worded | None
    khat: float | None
    survives: bool | None


@dataclass(frozen=True, slots=True)
class Stability:
    """The word for one answer and what became of it: `tests` are the alternatives, in the order of the first lines."""

    question: str
    outcome: str
    p: float
    word: Worded
    tests: tuple[Alternative, ...]

    @property
    def stable(self) -> bool:
        """Whether the word survived every test; one that could not be told is not survived."""
        return all(test.survives for test in self.tests)

    @property
    def seen(self) -> tuple[Worded, ...]:
        """The words seen, from low to high, each once."""
        found = {one.place: one for one in (self.word, *(test.word for test in self.tests)) if one is not None}
        return tuple(found[place] for place in sorted(found))

    @property
    def text(self) -> str:
        """What to print for the word: of several that were seen, the lowest and the highest."""
        return span(self.seen)

    @property
    def changes(self) -> tuple[Alternative, ...]:
        """The tests that the word did not survive."""
        return tuple(test for test in self.tests if test.survives is False)

    @property
    def untold(self) -> tuple[Alternative, ...]:
        """The tests that could not be told."""
        return tuple(test for test in self.tests if test.survives is None)


def judged(
    answer: Answer, left_out: Iterable[LeftOut], varied: Iterable[Varied], scale: Scale | None = None
) -> Stability:
    """Judge the word for one open answer by what is known of its alternatives.

    Parameters
    ----------
    answer
        As recorded, with p and its Monte Carlo error.
    left_out
        The answer without pieces of evidence; origins are looked at.
    varied
        The answer under other conventions.
    scale
        Of words; ICD 203 by default.

    Raises
    ------
    ValueError
        If the answer is closed.
    """
    if answer.p is None or answer.mcse is None:
        raise ValueError(f"{answer.question} is closed: it has no word")
    today = word(answer.p, scale)
    tests = [*_noise(answer.p, answer.mcse, today)]
    tests += [_test("origin", f"without origin {row.id}", row, today) for row in left_out if row.by == "origin"]
    tests += [_test(row.convention, row.what, row, today) for row in varied]
    return Stability(answer.question, answer.outcome, answer.p, today, tuple(tests))


def _noise(p: float, mcse: float, today: Worded) -> Iterator[Alternative]:
    for sign, end in (("-", p - NOISE_ERRORS * mcse), ("+", p + NOISE_ERRORS * mcse)):
        at = min(max(end, 0.0), 1.0)
        then = word(at, today.scale)
        yield Alternative(
            "noise", f"p {sign} {NOISE_ERRORS:g} Monte Carlo errors", at, then, None, then.place == today.place
        )


def _test(kind: Kind, what: str, row: LeftOut | Varied, today: Worded) -> Alternative:
    khat = float(row.khat) if np.isfinite(row.khat) else None
    if row.approximate:
        return Alternative(kind, what, row.p, None, khat, None)
    then = word(row.p, today.scale)
    return Alternative(kind, what, row.p, then, khat, then.place == today.place)


def stability(
    ledger: Ledger,
    workspace: Path,
    forecast: Recorded,
    scale: Scale | None = None,
    question: str | None = None,
    outcome: str | None = None,
    progress: Progress = lambda *_: None,
) -> list[Stability]:
    """Judge the words for all open answers of a recorded forecast, or for those to one question.

    Of a question with two outcomes 'yes' is judged, unless an outcome is asked for. Nothing is sampled.

    Parameters
    ----------
    ledger, workspace
        Where stored draws are found.
    forecast
        See `analysis.why.asked.look_up`.
    scale
        Of words; ICD 203 by default.
    question, outcome
        Only these.
    progress
        Told how many alternatives were weighed.
    """
    wanted = [
        answer
        for answer in forecast.forecast.answers
        if answer.p is not None
        and question in (None, answer.question)
        and (answer.outcome == outcome if outcome else answer.is_shown)
    ]
    if not wanted:
        return []
    asks = {answer.question: forecast.question(answer.question) for answer in wanted}
    path = path_from_nothing(forecast, wanted[0].question)
    pool = Pool(*anchors_for(ledger, workspace, None, forecast, path[-1:]))

    def served(model: Settings, data: Arrays, like: Sequence[Served] | None) -> list[Served]:
        return [
            pool.serve(model, data, asks[answer.question], answer.outcome, like=like[number] if like else None)
            for number, answer in enumerate(wanted)
        ]

    whole = served(forecast.model, arrays(forecast.evidence, forecast.model, forecast.as_of), None)
    left_out: list[list[LeftOut]] = [[] for _ in wanted]
    varied: list[list[Varied]] = [[] for _ in wanted]
    origins = list(without_each_origin(forecast.evidence))
    others = list(variants(forecast.model, forecast.evidence))
    n = len(origins) + len(others)
    for done, (name, evidence) in enumerate(origins):
        progress("weighing alternatives", done / n, f"{done} of {n}")
        rows = served(forecast.model, arrays(evidence, forecast.model, forecast.as_of), whole)
        for at, row in enumerate(rows):
            change = error_of_change(whole[at], row)
            left_out[at].append(
                LeftOut("origin", name, moved(wanted[at].p, whole[at], row), change, row.khat, row.approximate)
            )
    for done, (convention, what, model, evidence) in enumerate(others, start=len(origins)):
        progress("weighing alternatives", done / n, f"{done} of {n}")
        rows = served(model, arrays(evidence, model, forecast.as_of), whole)
        for at, row in enumerate(rows):
            change = error_of_change(whole[at], row)
            varied[at].append(
                Varied(convention, what, moved(wanted[at].p, whole[at], row), change, row.khat, row.approximate)
            )
    return [judged(*parts, scale) for parts in zip(wanted, left_out, varied, strict=True)]


def stability_document(found: Stability) -> Mapping[str, Any]:
    """What became of one word, as JSON values."""
    return {
        "question": found.question,
        "outcome": found.outcome,
        "p": found.p,
        "scale": found.word.scale.id,
        "word": found.word.text,
        "stable": found.stable,
        "words": [one.text for one in found.seen],
        "text": found.text,
        "tests": [
            {
                "kind": test.kind,
                "what": test.what,
                "p": test.p,
                "word": None if test.word is None else test.word.text,
                "khat": test.khat,
                "survives": test.survives,
            }
            for test in found.tests
        ],
    }
