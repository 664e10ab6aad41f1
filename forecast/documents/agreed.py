"""What `evidence agreement --json` prints."""

from pathlib import Path
from typing import Any

from forecast.coding.agreement import Agreement, agreement
from forecast.coding.alpha import INTERVAL, RESAMPLES
from forecast.coding.coder_statements import Coding, Statement, read_codings
from forecast.coding.pooling import n_blank, pooled, write_pooled
from forecast.scenario.record import Scenario

__all__ = ["agreed_document"]


def agreed_document(scenario: Scenario, a: Path | str, b: Path | str, pool: Path | None, seed: int) -> dict[str, Any]:
    """Compare two codings of a scenario, write what they make pooled if a file is named, and say what was found.

    Parameters and errors are those of `api.Case.agreement`.
    """
    found = agreement(*read_codings(scenario, a, b), seed)
    text = ""
    if pool is not None:
        text = pooled(found)
        write_pooled(pool, text)
    return _document(scenario, found, seed, pool, text)


def _document(scenario: Scenario, found: Agreement, seed: int, pool: Path | None, text: str) -> dict[str, Any]:
    """Matches, alpha by field, every disagreement with its places; what is left to decide in the pooled file."""
    return {
        "scenario": scenario.id,
        "a": _coding(found.a),
        "b": _coding(found.b),
        "matched": len(found.pairs),
        "shared": found.shared,
        "pairs": [{"a": pair.a.report.id, "b": pair.b.report.id, "by": pair.by} for pair in found.pairs],
        "only_a": [_statement(one) for one in found.only_a],
        "only_b": [_statement(one) for one in found.only_b],
        "bootstrap": {"resamples": RESAMPLES, "interval": INTERVAL, "seed": seed},
        "fields": [
            {
                "field": one.field,
                "level": one.level,
                "n": one.alpha.n_units,
                "missing": one.missing,
                "agree": one.alpha.agree,
                "alpha": one.alpha.value,
                "low": one.alpha.low,
                "high": one.alpha.high,
            }
            for one in found.fields
        ],
        "disagreements": [
            {
                "field": one.field,
                "a": one.a or None,
                "b": one.b or None,
                "report_a": one.pair.a.report.id,
                "file_a": one.pair.a.file,
                "line_a": one.pair.a.line(one.field),
                "report_b": one.pair.b.report.id,
                "file_b": one.pair.b.file,
                "line_b": one.pair.b.line(one.field),
            }
            for one in found.disagreements
        ],
        "pooled": None if pool is None else str(pool),
        "blanks": None if pool is None else n_blank(text),
    }


def _coding(coding: Coding) -> dict[str, Any]:
    return {"file": coding.file, "coder": coding.coder, "statements": len(coding.statements)}


def _statement(one: Statement) -> dict[str, Any]:
    return {"report": one.report.id, "file": one.file, "line": one.line(), "claim": one.report.claim}
