"""THE PATH OF A REPORT: reference -> forecast -> documents of verbs -> workings on record -> blocks -> file."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from forecast.inference.posterior import Progress
from forecast.ledger.store import LEDGER_FILE, open_ledger
from forecast.references import Ref
from forecast.report.blocks import citations
from forecast.report.compose import brief as one_page
from forecast.report.compose import full
from forecast.report.sources import chosen, computed, recorded_workings, sources
from forecast.report.write import check_out, write

__all__ = ["Report", "report"]


@dataclass(frozen=True, slots=True)
class Report:
    """What was written: `told` are remarks for whoever asked for it, `document` is what `report --json` prints."""

    path: Path
    told: tuple[str, ...]
    document: Mapping[str, Any]


def report(workspace: Path, wanted: Ref, out: Path, today: date, *, brief: bool, progress: Progress) -> Report:
    """Write a report; see `api.Workspace.report`.

    Workings are appended in a transaction of their own, so that two reports at once each have their numbers on record
    before they show them.
    """
    check_out(out)
    file = workspace / LEDGER_FILE
    with open_ledger(file, read_only=True) as ledger:
        entry, question, outcome = chosen(ledger, workspace, wanted)
        documents, missing = computed(ledger, workspace, entry, question, outcome, brief, progress)
    works, unrecorded = recorded_workings(workspace, entry, question, outcome, documents)
    with open_ledger(file, read_only=True) as ledger:
        gathered = sources(
            ledger, workspace, entry, (question, outcome), not wanted.is_forecast, (works, missing, unrecorded), today
        )
        progress("writing", None, "")
        document = one_page(gathered) if brief else full(gathered)
    told = write(document, out, gathered.head, made_at=entry.forecast.made_at, brief=brief)
    cited = citations(document)
    about = {
        "file": str(out),
        "forecast": entry.id,
        "scenario": entry.forecast.scenario,
        "question": question,
        "outcome": outcome or None,
        "brief": brief,
        "citations": len(cited),
        "workings": sorted(work.record for work in works.values() if work.record),
        "head": gathered.head.hash,
        "missing": [{"verb": verb, "why": why} for verb, why in missing.items()],
        "unrecorded": unrecorded or None,
        "told": told,
    }
    return Report(out, tuple(told), about)
