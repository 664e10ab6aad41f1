"""`score --forecasts F --truth T`: anybody's forecasts, from files, scored as our own are."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from forecast.analysis.scoring.answers_csv import as_long, is_answers
from forecast.analysis.scoring.csv_table import Table, read_table
from forecast.analysis.scoring.hub_folder import ORACLE_FILE, read_hub
from forecast.analysis.scoring.hubverse import Hub, hub_forecasts, is_hubverse
from forecast.analysis.scoring.long_csv import long_rows
from forecast.analysis.scoring.numbers import score_numbers
from forecast.analysis.scoring.pairwise import pairwise
from forecast.analysis.scoring.resolved import HINDSIGHT
from forecast.analysis.scoring.rows import Convention
from forecast.analysis.scoring.score import score_rows
from forecast.analysis.scoring.sums import RoundedSums
from forecast.errors import Finding, InputError
from forecast.scenario.validation import nearest

__all__ = ["given_document"]

#: Findings that are listed one by one; a wrong column is wrong in every row.
MOST_FINDINGS = 50


def given_document(
    forecasts: Path,
    truth: Path | None = None,
    convention: Convention = "0-1",
    *,
    order: Sequence[str] = (),
    by: Sequence[str] = (),
    reference: str | None = None,
    model: str | None = None,
) -> dict[str, Any]:
    """Read both files and score.

    Parameters
    ----------
    forecasts, truth
        Long CSV or Parquet, a table of answers that `forecast export` wrote, or model output and oracle output of the
        hubverse. A folder is a hub: its model output is read whole, and its oracle output where there is no `truth`.
    convention
        Scale of Brier scores.
    order
        Outcomes in their order, where they have one.
    by
        Columns of the forecasts by which tables are kept apart; for numbers by default `target`, where there is one.
    reference
        The model to beat.
    model
        Score this one only.

    Raises
    ------
    InputError
        With everything that is wrong in both files.
    """
    findings: list[Finding] = []
    if truth is None and not forecasts.is_dir():
        message = "a file of forecasts does not say what happened."
        raise InputError(Finding("error", message, key="--truth", found=str(forecasts), accepted="--truth FILE, too"))
    truth = truth or forecasts / ORACLE_FILE
    read = read_hub if forecasts.is_dir() else read_table
    tables = read(forecasts, findings), read_table(truth, findings)
    if tables[0] is None or tables[1] is None:
        raise InputError(findings)
    rounded = RoundedSums()
    hub, by = _read(tables[0], tables[1], order, by, findings, rounded)
    del tables
    names = {row.model for row in hub.rows} | {number.model for number in hub.numbers}
    for key, name in (("--reference", reference), ("--model", model)):
        if name is not None and name not in names and not findings:
            message = f"there is no forecast by '{name}'{nearest(name, names)}"
            findings.append(Finding("error", message, key=key, found=name, accepted=", ".join(sorted(names))))
    outcomes = {outcome for row in hub.rows for outcome in row.outcomes}
    for name in order if not findings else ():
        if name not in outcomes:
            message = f"no forecast has the outcome '{name}'{nearest(name, outcomes)}"
            accepted = ", ".join(sorted(outcomes)) or "nothing: these forecasts have no outcomes"
            findings.append(Finding("error", message, key="--order", found=name, accepted=accepted))
    for name in sorted({name for name in order if order.count(name) > 1}):
        message = f"'{name}' stands in the order twice"
        findings.append(Finding("error", message, key="--order", found=name, accepted="each outcome once"))
    if findings:
        raise InputError(_listed(findings))
    rows = hub.rows
    if reference is not None:
        rows = [replace(row, is_reference=row.model == reference) for row in rows]
    return {
        "as_of": None,
        "scenarios": [],
        "brier_scale": convention,
        "forecasts": str(forecasts),
        "truth": str(truth),
        "tables": score_rows(rows, convention, model, by),
        "numbers": score_numbers((n for n in hub.numbers if model in (None, n.model)), by),
        "left_out": [{"why": why, "n": n} for why, n in sorted(hub.left_out.items())],
        "pairwise": pairwise(rows, hub.numbers, by, reference),
        "warnings": [*rounded.note(), *hub.notes, *([HINDSIGHT] if any(_is_replay(name) for name in names) else [])],
    }


def _is_replay(model: str) -> bool:
    """Whether the name is one that our own exports give to the replays of a version."""
    return model.endswith(("_replay", " (replay)"))


def _read(
    forecasts: Table,
    truth: Table,
    order: Sequence[str],
    by: Sequence[str],
    findings: list[Finding],
    rounded: RoundedSums,
) -> tuple[Hub, Sequence[str]]:
    for name in by:
        if name not in forecasts.columns:
            accepted = ", ".join(forecasts.columns)
            message = f"there is no column '{name}'{nearest(name, forecasts.columns)}"
            findings.append(Finding("error", message, forecasts.file, 1, "--group-by", name, accepted))
    there = [name for name in by if name in forecasts.columns]
    if is_hubverse(forecasts):
        hub = hub_forecasts(forecasts, truth, order, findings, rounded, there)
        return hub, there or [name for name in ("target",) if name in forecasts.columns]
    passed_over: Counter[str] = Counter()
    if is_answers(forecasts):
        if by:
            message = "a table of answers is not divided by columns"
            findings.append(
                Finding("error", message, key="--group-by", found=", ".join(by), accepted="long CSV or a hub")
            )
        there = []
        forecasts, passed_over = as_long(forecasts, truth)
    rows, left_out = long_rows(forecasts, truth, order, findings, rounded, there) if len(forecasts) else ([], Counter())
    return Hub(rows, [], left_out + passed_over), there


def _listed(findings: list[Finding]) -> list[Finding]:
    if len(findings) <= MOST_FINDINGS:
        return findings
    rest = len(findings) - MOST_FINDINGS
    return [*findings[:MOST_FINDINGS], Finding("error", f"and {rest} more findings of this kind or others.")]
