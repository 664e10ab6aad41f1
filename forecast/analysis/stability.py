"""Whether the word for an answer survives other reasonable choices, and which words appear if it does not.

The alternatives are: the noise of the computation (two Monte Carlo errors either way); every origin, left out; all
grades one step better and worse; tau; reporting weights. The range over draws is not among them: p already averages
over it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from forecast.analysis.why.change import Point, after_change, error_after
from forecast.analysis.why.explain import LEAST_WITHOUT
from forecast.analysis.why.leave_out import LeftOut, left_out
from forecast.analysis.why.paired import Pairs
from forecast.analysis.why.recorded import Recorded
from forecast.analysis.why.sensitivity import Varied, variants
from forecast.inference.posterior import Progress
from forecast.inference.stored_draws import DrawSource
from forecast.ledger.records import Answer
from forecast.model.arrays import arrays
from forecast.model.evidence_set import EvidenceSet
from forecast.model.version import Settings
from forecast.words import Scale, Worded, span, word

__all__ = ["NOISE_ERRORS", "Alternative", "Stability", "judged", "stability", "stability_document"]

#: Monte Carlo errors by which p is moved: another seed moves it further once in twenty times.
NOISE_ERRORS = 2.0

type Kind = Literal["noise", "origin", "grades", "tau", "told"]


@dataclass(frozen=True, slots=True)
class Alternative:
    """The answer under one alternative, its word, and whether that is the word of the answer itself."""

    kind: Kind
    what: str
    p: float
    word: Worded
    survives: bool


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
        """Whether the word survived every test."""
        return all(test.survives for test in self.tests)

    @property
    def seen(self) -> tuple[Worded, ...]:
        """The words seen, from low to high, each once."""
        found = {one.place: one for one in (self.word, *(test.word for test in self.tests))}
        return tuple(found[place] for place in sorted(found))

    @property
    def text(self) -> str:
        """What to print for the word: of several that were seen, the lowest and the highest."""
        return span(self.seen)

    @property
    def changes(self) -> tuple[Alternative, ...]:
        """The tests that the word did not survive."""
        return tuple(test for test in self.tests if not test.survives)


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
        yield Alternative("noise", f"p {sign} {NOISE_ERRORS:g} Monte Carlo errors", at, then, then.place == today.place)


def _test(kind: Kind, what: str, row: LeftOut | Varied, today: Worded) -> Alternative:
    then = word(row.p, today.scale)
    return Alternative(kind, what, row.p, then, then.place == today.place)


def stability(
    source: DrawSource,
    forecast: Recorded,
    scale: Scale | None = None,
    question: str | None = None,
    outcome: str | None = None,
    progress: Progress = lambda *_: None,
) -> list[Stability]:
    """Judge the words for all open answers of a recorded forecast, or for those to one question.

    Of a question with two outcomes 'yes' is judged, unless an outcome is asked for.

    Parameters
    ----------
    source
        Chooses draws.
    forecast
        See `analysis.why.asked.look_up`.
    scale
        Of words; ICD 203 by default.
    question, outcome
        Only these.
    progress
        Called with how many alternatives were computed.

    Raises
    ------
    DiagnosticError
        If no draws are good enough.
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
    asked = tuple((forecast.question(answer.question), answer.outcome) for answer in wanted)
    pairs = Pairs(source, forecast.forecast.seed)
    point = Point(forecast.model, arrays(forecast.evidence, forecast.model, forecast.as_of), asked)
    whole = pairs.start(point)
    without: list[list[LeftOut]] = [[] for _ in wanted]
    varied: list[list[Varied]] = [[] for _ in wanted]
    pieces = left_out(forecast.evidence, None, events=False)
    others = list(variants(forecast.model, forecast.evidence))
    n = len(pieces) + len(others)

    def answers(number: int, model: Settings, evidence: EvidenceSet) -> list[tuple[float, float]]:
        progress("computing alternatives", number / n, f"{number} of {n}")
        following = Point(model, arrays(evidence, model, forecast.as_of), asked)
        _, changes = pairs.step(whole, point, following, least=LEAST_WITHOUT)
        then = [after_change(answer.p, change) for answer, change in zip(wanted, changes, strict=True)]
        return [(p, error_after(p, change)) for p, change in zip(then, changes, strict=True)]

    for number, (by, name, evidence) in enumerate(pieces):
        for rows, found in zip(without, answers(number, forecast.model, evidence), strict=True):
            rows.append(LeftOut(by, name, *found))
    for number, (convention, what, model, evidence) in enumerate(others, start=len(pieces)):
        for rows_, found in zip(varied, answers(number, model, evidence), strict=True):
            rows_.append(Varied(convention, what, *found))
    return [judged(*parts, scale) for parts in zip(wanted, without, varied, strict=True)]


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
                "word": test.word.text,
                "survives": test.survives,
            }
            for test in found.tests
        ],
    }
