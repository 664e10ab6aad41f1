"""The verbs whose documents a report needs, asked of one forecast; each gives None where it has no meaning for it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from forecast.inference.posterior import Progress
from forecast.ledger.records import Entry
from forecast.ledger.store import Ledger
from forecast.scenario.read import readable
from forecast.scenario.schema import Family

if TYPE_CHECKING:
    from forecast.analysis.why.recorded import Recorded
    from forecast.inference.stored_draws import DrawSource

__all__ = ["VERBS", "LookedAt"]


@dataclass(frozen=True)
class LookedAt:
    """A forecast on record, and the question and outcome of it; the outcome is empty if every question is closed."""

    ledger: Ledger
    workspace: Path
    entry: Entry
    question: str
    outcome: str
    tell: Progress

    @property
    def uses_evidence(self) -> bool:
        """Whether its model does."""
        return self.entry.forecast.family != Family.BASE_RATE.value

    @cached_property
    def recorded(self) -> "Recorded":
        """The forecast as it can be computed again."""
        from forecast.analysis.why.asked import look_up

        return look_up(self.ledger, self.workspace, self.entry.id)

    @cached_property
    def draws(self) -> "DrawSource":
        """Draws for the forecast and evidence like it, shared by all that is computed of it."""
        from forecast.analysis.why.asked import draw_source
        from forecast.inference.posterior import nuts

        return draw_source(self.ledger, self.workspace, self.recorded, nuts, self.tell)


def explain(at: LookedAt) -> Mapping[str, Any] | None:
    """Why the answer is what it is, from no evidence."""
    return _explained(at, None) if at.outcome and at.uses_evidence else None


def since(at: LookedAt) -> Mapping[str, Any] | None:
    """Why it moved since the forecast that it was compared with."""
    from forecast.analysis.why.asked import look_up

    before = at.entry.forecast.since
    if not (at.outcome and before and at.uses_evidence):
        return None
    earlier = look_up(at.ledger, at.workspace, before)
    if not any(answer.p is not None for answer in earlier.answers(at.question).values()):
        return None
    return _explained(at, earlier)


def _explained(at: LookedAt, earlier: "Recorded | None") -> Mapping[str, Any]:
    from forecast.analysis.why.documents import explain_document
    from forecast.analysis.why.explain import explain as explained

    return explain_document(
        explained(at.draws, earlier, at.recorded, at.question, at.outcome, None, alternatives=False)
    )


def words(at: LookedAt) -> Mapping[str, Any] | None:
    """Which words hold under other readings, and how well founded each answer is."""
    from forecast.analysis.wording import wording
    from forecast.documents.words import words_document

    return (
        words_document(wording(at.ledger, at.workspace, at.entry.id, progress=at.tell, source=at.draws))
        if at.outcome
        else None
    )


def regimes(at: LookedAt) -> Mapping[str, Any] | None:
    """Probabilities of the regimes in every step to the as-of date."""
    from forecast.analysis.regimes import regimes_document

    return regimes_document(at.draws, at.recorded) if at.uses_evidence else None


def watch(at: LookedAt) -> Mapping[str, Any] | None:
    """What to watch for the question."""
    from forecast.analysis.ahead.open_question import request_for_record
    from forecast.analysis.ahead.outlook import outlook
    from forecast.documents.watch import watch_document

    if not (at.outcome and at.uses_evidence):
        return None
    request = request_for_record(at.ledger, at.entry, at.question, at.outcome)
    return watch_document(outlook(request, at.draws))


def score(at: LookedAt) -> Mapping[str, Any] | None:
    """Scores as of the day of the forecast, if the files are at hand and anything was resolved by then."""
    from forecast.analysis.scoring.resolved import score_document
    from forecast.analysis.scoring.score import finite

    files = readable(at.workspace, at.entry.forecast.scenario)
    if files is None:
        return None
    # what came later is known today, and has no place in a report as of this day
    as_of = at.entry.forecast.as_of
    recorded = [entry for entry in at.ledger.forecasts(files.id) if entry.content["as_of"] <= as_of]
    document: Mapping[str, Any] = finite(score_document([files], recorded, date.fromisoformat(as_of), "0-1", None))
    return document if document["tables"] else None


#: By name, in the order in which they are asked.
VERBS: Mapping[str, Callable[[LookedAt], Mapping[str, Any] | None]] = {
    "explain": explain,
    "since": since,
    "words": words,
    "regimes": regimes,
    "watch": watch,
    "score": score,
}
