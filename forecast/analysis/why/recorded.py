"""A recorded forecast as it can be computed again: model, evidence and questions from the ledger."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from pydantic import TypeAdapter

from forecast.errors import Finding, InputError, LedgerError
from forecast.ledger.records import Answer, Entry, Forecast
from forecast.ledger.store import Ledger
from forecast.model.evidence_set import EvidenceSet, from_content
from forecast.model.version import Settings
from forecast.model.version import from_content as model_from
from forecast.plan import Question
from forecast.scenario.schema import Question as QuestionEntry
from forecast.scenario.validation import nearest

__all__ = ["Recorded", "recorded"]


@dataclass(frozen=True, slots=True)
class Recorded:
    """A forecast with everything that its numbers came from; `retracted` is why it was, if it was."""

    id: str
    forecast: Forecast
    model: Settings
    evidence: EvidenceSet
    as_of: date
    retracted: str | None = None

    def answers(self, question: str) -> dict[str, Answer]:
        """Recorded answers to a question, by outcome; none if it was not asked."""
        return {answer.outcome: answer for answer in self.forecast.answers if answer.question == question}

    def question(self, question: str) -> Question:
        """A question as it was asked.

        Raises
        ------
        InputError
            If it was not; names the nearest.
        """
        asked = {str(row["id"]): row for row in self.forecast.questions}
        if question not in asked:
            message = f"{self.id} asks no question '{question}'{nearest(question, asked)}"
            raise InputError(Finding("error", message, found=question, accepted=", ".join(asked)))
        found: Question = TypeAdapter(QuestionEntry).validate_python(asked[question])
        return found


def recorded(ledger: Ledger, entry: Entry, at_hand: Callable[[], Settings | None] = lambda: None) -> Recorded:
    """Put a record together with the evidence and the model it names.

    Parameters
    ----------
    ledger
        Holds them.
    entry
        The record of a forecast.
    at_hand
        Asked for settings with the record's model identity where no log holds its model.

    Raises
    ------
    LedgerError
        If the ledger holds no such evidence or model, or the family's numbers have been revised since.
    """
    forecast = entry.forecast
    content = ledger.model(forecast.model_identity)
    try:
        model = model_from(content, forecast.model) if content is not None else at_hand()
    except ValueError as error:
        raise LedgerError(f"{entry.id} cannot be computed again: {error}") from error
    if model is None:
        raise LedgerError(
            f"{entry.id} cannot be computed again: its log holds no settings of model {forecast.model}, "
            "and those in the files are others"
        )
    evidence = from_content(ledger.evidence(forecast.evidence_identity))
    retracted = entry.retracted.reason if entry.retracted else None
    return Recorded(entry.id, forecast, model, evidence, date.fromisoformat(forecast.as_of), retracted)
