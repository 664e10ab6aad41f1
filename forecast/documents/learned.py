"""`codebook learn`: from names of cases to a new codebook file, and what is printed about it."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from forecast.about import VERSION
from forecast.analysis.learning import Learned, Learning, compiled_learner, learn_rates
from forecast.errors import Finding, ForecastError, InputError
from forecast.inference.posterior import Progress
from forecast.ledger.files import create_atomically
from forecast.model.counts import CaseCounts, Counts, case_counts
from forecast.scenario.codebook_text import codebook_text
from forecast.scenario.read import read_scenario
from forecast.scenario.read_codebooks import read_codebook
from forecast.scenario.reading import is_id
from forecast.scenario.regimes import read_regimes
from forecast.scenario.schema import Codebook, Range
from forecast.scenario.workspace import shown_in

__all__ = ["LearnRequest", "learn_codebook"]

#: Significant digits of a learned range; more only where its ends would be one.
DIGITS = 2


@dataclass(frozen=True, slots=True)
class LearnRequest:
    """Cases by name, the file of the new codebook (by default named by codebook and day), and the seed."""

    cases: tuple[str, ...]
    file: Path | None = None
    seed: int | None = None
    draft: bool = False


def learn_codebook(
    workspace: Path,
    request: LearnRequest,
    today: date,
    *,
    progress: Progress = lambda *_: None,
    learner: Callable[[Counts, Progress], Learning] = compiled_learner,
) -> dict[str, Any]:
    """Learn rates and write them as a new codebook; see `analysis.learning.learn_rates`.

    Returns
    -------
    dict
        What `codebook learn --json` prints.

    Raises
    ------
    InputError
        With everything that is wrong with the cases, or if the file is there already.
    DiagnosticError
        If a fit must not be used; nothing is written.
    """
    name, cases = _cases(workspace, request, today)
    path = request.file or workspace / "scenarios" / "codebooks" / f"{name}-learned-{today}.yaml"
    _check_file(path)
    before = read_codebook(workspace, name)
    _check_regimes(name, cases, before)
    learned = learn_rates(cases, before, seed=request.seed, progress=progress, learner=learner)
    text = codebook_text(_codebook(before, learned, today), _head(name, learned, today))
    if not request.draft:
        create_atomically(path, text.encode())
    return _document(name, None if request.draft else shown_in(workspace, path), learned)


def _cases(workspace: Path, request: LearnRequest, today: date) -> tuple[str, list[CaseCounts]]:
    """The codebook that all cases share, and their counts."""
    findings: list[Finding] = []
    books: dict[str, list[str]] = {}
    counted = []
    for case in request.cases:
        try:
            scenario = read_scenario(workspace, case)
            books.setdefault(scenario.file.codebook, []).append(scenario.id)
            counted.append(case_counts(scenario, read_regimes(scenario), today))
        except ForecastError as error:
            findings.extend(error.findings())
    names = [case.case for case in counted]
    if len(request.cases) < 2 or len(set(names)) < len(names):
        found = ",".join(request.cases)
        accepted = "two cases or more, each once: every one is left out in turn"
        findings.append(
            Finding("error", "these cases cannot be compared.", key="--cases", found=found, accepted=accepted)
        )
    if len(books) > 1:
        found = "; ".join(f"{book} ({', '.join(names)})" for book, names in books.items())
        message = f"the cases have several codebooks: {found}."
        findings.append(Finding("error", message, key="--cases", found=found, accepted="cases of one codebook"))
    if findings:
        raise InputError(findings)
    return next(iter(books)), counted


def _check_regimes(name: str, cases: Sequence[CaseCounts], codebook: Codebook) -> None:
    """A case may have regimes of its own; a codebook for all cannot learn about them."""
    findings = [
        Finding(
            "error",
            f"codebook '{name}' has no regime '{regime}', which {case.case} names.",
            key="--cases",
            found=case.case,
            accepted=f"cases whose periods are {', '.join(codebook.regimes)}",
        )
        for case in cases
        for regime in case.years
        if regime not in codebook.regimes
    ]
    if findings:
        raise InputError(findings)


def _check_file(path: Path) -> None:
    """Refuse what cannot be written, before anything is fitted."""
    if path.exists():
        message = f"'{path}' is there already, and a codebook that forecasts may use is never replaced."
        raise InputError(Finding("error", message, key="-o", found=str(path), accepted="another FILE"))
    if path.suffix != ".yaml" or not is_id(path.stem):
        message = f"'{path.name}' cannot be a codebook's file."
        raise InputError(Finding("error", message, key="-o", found=str(path), accepted="NAME.yaml, NAME an id"))
    if not os.access(path.parent, os.W_OK):
        message = f"there is no folder '{path.parent}' that can be written to."
        raise InputError(Finding("error", message, key="-o", found=str(path), accepted="a folder that exists"))


def _codebook(before: Codebook, learned: Learned, today: date) -> Codebook:
    indicators = {}
    ranges = learned.ranges
    for name, entry in before.indicators.items():
        if name in ranges:
            per_year = {regime: _rounded(ends) for regime, ends in ranges[name].items()}
            update: dict[str, object] = {"per_year": per_year, "why": _why(name, learned, today)}
        else:
            kept = f"Left as elicited by `codebook learn` on {today}: {learned.kept[name]}."
            update = {"why": f"{entry.why} {kept}" if entry.why else kept}
        indicators[name] = entry.model_copy(update=update)
    seen = (*before.learned_from, *(case.case for case in learned.cases))
    return before.model_copy(update={"indicators": indicators, "learned_from": tuple(dict.fromkeys(seen))})


def _rounded(ends: Range) -> Range:
    for digits in range(DIGITS, 17):
        low, high = (float(f"{end:.{digits}g}") for end in ends)
        if low < high:
            return low, high
    return ends


def _why(indicator: str, learned: Learned, today: date) -> str:
    rows = [row for row in learned.rates if row.indicator == indicator]
    seen = ", ".join(f"{row.regime} {row.n} in {row.years:.1f} years" for row in rows)
    stated = ", ".join(f"{row.regime} {row.elicited[0]:g} to {row.elicited[1]:g}" for row in rows)
    names = ", ".join(case.case for case in learned.cases)
    n = sum(row.n for row in rows)
    return (
        f"Learned on {today} from cases {names}: {n} watched {'event' if n == 1 else 'events'} ({seen}); "
        f"hierarchical Poisson model with the elicited ranges as prior, NUTS, forecast {VERSION}. Regimes by period "
        f"were judged in hindsight. Elicited before: {stated}."
    )


def _head(name: str, learned: Learned, today: date) -> list[str]:
    cases = [f"  {case.case}: {case.n_events} events in {sum(case.years.values()):.1f} years" for case in learned.cases]
    error = f", standard error {learned.se:.2f}" if learned.se is not None else ""
    return [
        f"Rates of codebook `{name}`, learned by `forecast codebook learn` (forecast {VERSION}) on {today} from",
        *cases,
        "by a hierarchical Poisson model whose prior are the elicited ranges (docs/method.md, 'Learning rates from",
        "cases'). Which regime held when was judged in hindsight, and whoever elicited the ranges may have had these",
        "cases in mind. Forecasts of these cases with this codebook have seen them, say so, and are not scored.",
        "",
        "Log-probability of the counts of each case left out, less that by the elicited ranges, summed:",
        f"{learned.difference:+.2f}{error}.",
    ]


def _document(name: str, file: str | None, learned: Learned) -> dict[str, Any]:
    return {
        "codebook": name,
        "file": file,
        "seed": learned.seed,
        "cases": [
            {
                "case": case.case,
                "events": case.n_events,
                "cells": len(case.cells),
                "years": dict(case.years),
                "not_counted": [{"why": why, "n": n} for why, n in sorted(case.left_out.items())],
            }
            for case in learned.cases
        ],
        "rates": [
            {
                "indicator": row.indicator,
                "regime": row.regime,
                "n": row.n,
                "years": row.years,
                "elicited": list(row.elicited),
                "learned": list(_rounded(row.learned)),
            }
            for row in learned.rates
        ],
        "kept": [{"indicator": indicator, "why": why} for indicator, why in learned.kept.items()],
        "left_out": [
            {
                "case": row.case,
                "cells": row.cells,
                "n": row.n,
                "elicited": row.elicited,
                "learned": row.learned,
                "difference": row.difference,
                "mcse": row.mcse,
            }
            for row in learned.left_out
        ],
        "difference": learned.difference,
        "mcse": learned.mcse,
        "se": learned.se,
        "pooled": {"mean": learned.pooled[0], "low": learned.pooled[1], "high": learned.pooled[2]},
        "diagnostics": dict(learned.diagnostics),
    }
