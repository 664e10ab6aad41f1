"""Verbs on anybody's files, with no workspace around them."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from forecast.api.records import Records, scored

if TYPE_CHECKING:
    from forecast.analysis.scoring.rows import Convention

__all__ = ["base_rate", "score_files"]


def base_rate(file: Path | str, where: Sequence[str] = (), **options: Any) -> Records:
    """Endings, years at risk and how long things last, from a table of spells.

    Options and errors are those of `documents.base_rate.base_rate_document`.
    """
    from forecast.documents.base_rate import base_rate_document

    document = base_rate_document(Path(file), where, **options)
    return Records(document["ages"], document)


def score_files(
    forecasts: Path | str,
    truth: Path | str | None = None,
    *,
    brier: "Convention" = "0-1",
    order: Sequence[str] = (),
    by: Sequence[str] = (),
    reference: str | None = None,
    model: str | None = None,
) -> Records:
    """Anybody's forecasts against what happened; see `analysis.scoring.given.given_document` for arguments and errors.

    The rows are those of forecasts of categories, or of numbers where there are none of categories.
    """
    from forecast.analysis.scoring.score_files import given_document

    return scored(
        given_document(
            Path(forecasts),
            None if truth is None else Path(truth),
            brier,
            order=order,
            by=by,
            reference=reference,
            model=model,
        )
    )
