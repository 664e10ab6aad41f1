"""The files of draws that a ledger knows, with the models and evidence they were drawn for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from forecast.errors import LedgerError
from forecast.ledger.records import FitRow
from forecast.ledger.store import DRAWS_FOLDER, Ledger
from forecast.model.evidence_set import EvidenceSet
from forecast.model.evidence_set import from_content as evidence_from_content
from forecast.model.version import Settings, model_identity
from forecast.model.version import from_content as settings_from_content

__all__ = ["LedgerDraws", "LedgerFit"]


@dataclass(frozen=True, slots=True)
class LedgerFit:
    """One file of draws; see `inference.stored_draws.StoredFit`."""

    store: "LedgerDraws"
    row: FitRow

    @property
    def sha256(self) -> str:
        """Digest of the file, which names the draws."""
        return self.row.sha256

    @property
    def path(self) -> Path:
        """The file."""
        return self.store.workspace / DRAWS_FOLDER / self.row.file

    @property
    def day(self) -> date:
        """The as-of date of the evidence that they were drawn for."""
        return date.fromisoformat(self.row.as_of)

    @property
    def seed(self) -> int:
        """Seed of the sampler."""
        return self.row.seed

    @property
    def model_identity(self) -> str:
        """Identity of the model."""
        return self.row.model_identity

    @property
    def evidence_identity(self) -> str:
        """Identity of the evidence set."""
        return self.row.evidence_identity

    def settings(self) -> Settings | None:
        """The model that they were drawn with: from the ledger, or the one in hand if it is the same."""
        known = self.store.model
        if known is not None and model_identity(known) == self.row.model_identity:
            return known
        content = self.store.ledger.model(self.row.model_identity)
        try:
            return settings_from_content(content, self.row.model_identity[:10]) if content is not None else None
        except ValueError:
            return None  # the numbers of its family were revised

    def evidence(self) -> EvidenceSet | None:
        """The evidence that they were drawn for; None where it is not on record, as after a dry run."""
        try:
            return evidence_from_content(self.store.ledger.evidence(self.row.evidence_identity))
        except LedgerError:
            return None


@dataclass(frozen=True, slots=True)
class LedgerDraws:
    """The draws of one scenario in a ledger; see `inference.stored_draws.DrawStore`.

    `model` are settings in hand, which the ledger may not hold yet. `may_forget` says whether damaged files are struck
    off the ledger's table: only who may write to it does.
    """

    ledger: Ledger
    workspace: Path
    scenario: str
    model: Settings | None = None
    may_forget: bool = False

    def fits(self) -> Sequence[LedgerFit]:
        """All files of the scenario."""
        return [LedgerFit(self, row) for row in self.ledger.fits() if row.scenario == self.scenario]

    def forget(self, sha256: str) -> None:
        """Strike a damaged or missing file off the table, where that is allowed."""
        if self.may_forget:
            self.ledger.forget_fit(sha256)
