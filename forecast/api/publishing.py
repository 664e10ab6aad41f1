"""The verbs on published numbers: references, drafts with tokens, and documents that are checked years later."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from forecast.api.records import Records
from forecast.errors import Finding, InputError
from forecast.scenario.dates import today

if TYPE_CHECKING:
    from forecast.api.workspace import Workspace
    from forecast.ledger.records import Entry
    from forecast.ledger.store import Ledger
    from forecast.report.rendered import Rendered
    from forecast.report.since import Lost
    from forecast.scenario.record import Scenario

__all__ = ["VerifyRecords", "cite", "render", "verify_file"]


@dataclass(frozen=True, slots=True)
class VerifyRecords(Records):
    """The cited numbers of a document; `ok` only if there are some and all of them stand."""

    ok: bool


def cite(workspace: "Workspace | None", ref: str, style: str = "text", *, file: Path | None = None) -> str:
    """A reference to a forecast, or to one answer of it.

    Parameters
    ----------
    workspace
        None where `file` is given and there is none.
    ref
        SCENARIO or FORECAST, then perhaps /QUESTION and :OUTCOME.
    style
        `text`, `bibtex` or `csl-json`.
    file
        An exported ledger to look it up in.

    Raises
    ------
    InputError
        If there is no such style, forecast, question or outcome.
    """
    from forecast.report.cite import STYLES
    from forecast.report.named import named

    if style not in STYLES:
        raise InputError(
            Finding("error", f"'{style}' is no style.", key="--as", found=style, accepted=", ".join(STYLES))
        )
    with _ledger(workspace, file) as ledger:
        return STYLES[style](named(ledger, ref, _default_model(workspace), whole=True), ledger.head())


def render(
    workspace: "Workspace", draft: Path | str, out: Path | str, *, clock: Callable[[], date] = today
) -> "Rendered":
    """Write an analyst's Markdown with tokens as a document in which every token is a cited number.

    Parameters
    ----------
    workspace
        Whose ledger is cited.
    draft
        Markdown with tokens such as `{fc:dprk-russia/treaty-2024}`; see `forecast.report.draft`.
    out
        FILE.html, .pdf, .docx or .md; replaced as a whole, or left as it was.
    clock
        Says which day it is: evidence can be withdrawn as of a later day.

    Raises
    ------
    InputError
        With everything that is wrong in the draft; nothing is written then.
    """
    from forecast.ledger.files import replace_atomically
    from forecast.report.rendered import render as rendered
    from forecast.report.write import check_out

    draft, out = Path(draft), check_out(Path(out))
    if out.exists() and draft.exists() and out.samefile(draft):
        message = f"{out} is the draft itself."
        raise InputError(Finding("error", message, key="-o", found=str(out), accepted="another file"))
    with workspace.ledger() as ledger:
        made = rendered(draft, out, ledger, _default_model(workspace), _lost(workspace, ledger, clock(), {}))
    replace_atomically(out, lambda file: file.write(made.content))
    return made


def verify_file(
    workspace: "Workspace | None",
    document: Path | str,
    *,
    file: Path | None = None,
    clock: Callable[[], date] = today,
) -> VerifyRecords:
    """Compare every cited number of a document with the ledger; see `forecast.report.verified`.

    Parameters
    ----------
    workspace
        Whose ledger and files are looked at; not needed where `file` is given.
    document
        What `report` or `render` wrote, perhaps saved again since.
    file
        An exported ledger (.jsonl) or another .db, which is then all that is looked at.
    clock
        Says which day it is: evidence can be withdrawn as of a later day.

    Raises
    ------
    InputError
        If document or ledger cannot be read.
    """
    from forecast.ledger.reading import open_examined
    from forecast.ledger.store import LEDGER_FILE
    from forecast.report.citations.files import read_document
    from forecast.report.verified import verified

    reading = read_document(Path(document))
    place = file or _existing(workspace, LEDGER_FILE)
    ledger, problems = open_examined(place)
    with ledger:
        files: dict[str, Scenario | None] = {}
        lost = _lost(None if file else workspace, ledger, clock(), files)
        found = verified(reading, ledger, problems, lost, whole=file is None)
    printed = {"file": str(document), "ledger": str(place), **found.document()}
    if file is None:
        printed["problems"] += [
            {"status": "note", "message": f"the files of {name} cannot be read: its evidence is that of the ledger"}
            for name, scenario in files.items()
            if scenario is None
        ]
    return VerifyRecords(printed["citations"], printed, found.ok)


def _existing(workspace: "Workspace | None", name: Path) -> Path:
    if workspace is not None and (workspace.path / name).exists():
        return workspace.path / name
    message = "there is no ledger here to verify the document against."
    accepted = "--ledger FILE.jsonl as `forecast ledger export` wrote it, or a workspace with forecasts on record"
    raise InputError(Finding("error", message, accepted=accepted))


def _ledger(workspace: "Workspace | None", file: Path | None) -> AbstractContextManager["Ledger"]:
    from forecast.ledger.reading import open_for_reading

    if file is not None:
        return open_for_reading(file)
    assert workspace is not None
    return workspace.ledger()


def _default_model(workspace: "Workspace | None") -> Callable[[str], str | None]:
    """The version that a scenario's files make its own, where they can be read."""
    from forecast.scenario.read import default_model

    return lambda name: default_model(workspace.path, name) if workspace is not None else None


def _lost(workspace: "Workspace | None", ledger: "Ledger", day: date, files: "dict[str, Scenario | None]") -> "Lost":
    """What tells which evidence of a forecast no longer counts: by the files of its scenario, else by the ledger.

    The scenarios that it reads are put into `files`, None for those that cannot be read.
    """
    from forecast.report.since import lost_by_files, lost_by_ledger
    from forecast.scenario.read import readable

    def lost(entry: "Entry") -> list[str]:
        name = str(entry.content["scenario"])
        if name not in files:
            files[name] = readable(workspace.path, name) if workspace is not None else None
        scenario = files[name]
        return lost_by_ledger(ledger, entry) if scenario is None else lost_by_files(scenario, ledger, entry, day)

    return lost
