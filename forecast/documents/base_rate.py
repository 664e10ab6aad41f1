"""What `base-rate --json` prints."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from forecast.coding.base_rates import BaseRate, base_rate, entry, snippet, years
from forecast.coding.spells import Spells, columns, parse_condition, read_spells
from forecast.errors import Finding, InputError
from forecast.scenario.dates import ACCEPTED_DAY, parse_day

__all__ = ["base_rate_document"]


def base_rate_document(
    file: Path,
    where: Sequence[str] = (),
    *,
    begin: str | None = None,
    end: str | None = None,
    cause: str | None = None,
    endings: Sequence[str] = (),
    in_force: str | None = None,
    coded_until: str | None = None,
    ages: Sequence[float] = (1, 2, 5, 10),
    name: str | None = None,
    about: str | None = None,
    relevance: float | None = None,
    dataset: str | None = None,
    source: str | None = None,
    encoding: str | None = None,
    open_ends: Sequence[str] = (),
) -> dict[str, Any]:
    """Counts, the curve at some ages in years, and the entry, also as YAML.

    Parameters
    ----------
    file
        A table: one row for each spell.
    where
        Tests that a row must meet, such as `bilat=1` or `formed<1945-09-02`.
    begin, end, cause
        Names of columns; without `begin` and `end` the table has the layout of ATOP.
    endings
        Causes that count as endings; by default all.
    in_force
        Span of the years that count, such as `1946/2016`; by default all.
    coded_until
        Last day that was coded; known for ATOP 4.01.
    ages
        In years.
    name, about, relevance, dataset, source
        Of the entry; by default the name of the file, no regime, the weight of one ending, and what the layout tells.
    encoding
        Of the text.
    open_ends
        Texts in the column of the end that mean 'still in effect'.

    Raises
    ------
    InputError
        If the file, a condition, a column, a cause, a day or the relevance is none.
    """
    if relevance is not None and not 0 < relevance <= 1:
        message = "the relevance of a reference class is a share."
        raise InputError(
            Finding("error", message, key="--relevance", found=str(relevance), accepted="above 0 and up to 1")
        )
    conditions = [parse_condition(text) for text in where]
    span = None if in_force is None else years(in_force)
    spells = read_spells(file, conditions, columns(begin, end, cause), _coded_until(coded_until), encoding, open_ends)
    rate = base_rate(spells, endings, span)
    fields = entry(
        rate,
        spells,
        conditions,
        name=name or file.name.partition(".")[0],
        about=about,
        relevance=relevance,
        dataset=dataset or spells.dataset or file.name,
        source=source or spells.citation or file.name,
        in_force=span,
    )
    return _document(spells, rate, ages, fields)


def _coded_until(text: str | None) -> date | None:
    try:
        return None if text is None else parse_day(text)
    except ValueError as error:
        finding = Finding("error", f"{error}", key="--coded-until", found=text, accepted=ACCEPTED_DAY)
        raise InputError(finding) from error


def _document(spells: Spells, rate: BaseRate, ages: Sequence[float], fields: Mapping[str, Any]) -> dict[str, Any]:
    curve = rate.curve
    return {
        "n": rate.n,
        "endings": rate.endings,
        "years_at_risk": rate.years_at_risk,
        "coded_until": spells.censored_on.isoformat(),
        "rows": spells.n_rows,
        "filtered": spells.n_filtered,
        "outside": rate.n_outside,
        "open": spells.n_open,
        "ended_after_coding": spells.n_cut,
        "skipped": [{"reason": reason, "rows": n} for reason, n in spells.skipped.items()],
        "causes": [
            {"cause": cause, "endings": n, "counted": cause in rate.counted} for cause, n in rate.causes.items()
        ],
        "median_years": curve.median,
        "ages": [
            {
                "years": age,
                "lasting": curve.lasting(age),
                "low": curve.interval(age)[0],
                "high": curve.interval(age)[1],
                "ended": [{"cause": cause, "p": curve.ended(cause, age)} for cause in rate.causes],
            }
            for age in ages
        ],
        "entry": fields,
        "yaml": snippet(fields),
    }
