"""How scores look on a terminal: tables, and calibration as a picture of text."""

from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["print_scores"]

#: Columns of the picture: one for every 0.025.
PICTURE = 41

_TITLES = {
    "events": "yes or no: settled by a record, a search or a file",
    "categories": "more than two outcomes",
    "stays": "stays: judged by people with the codebook, in no headline",
    "state": "regimes: judged by people with the codebook, in no headline",
}


def print_scores(document: Mapping[str, Any]) -> None:
    """Everything of the document that a reader needs; `--json` has the rest."""
    from forecast.cli.output import say, say_folded

    about = f"Scores as of {document['as_of']}" if document["as_of"] else f"Scores of {document['forecasts']}"
    best = "0 is right and 1 is wrong" if document["brier_scale"] == "0-1" else "0 is right and 2 is wrong (1950 form)"
    say_folded(f"{about} · Brier scores: {best}" if document["tables"] else about)
    for warning in document["warnings"]:
        say_folded(warning, "! ")
    if not document["tables"] and not document["numbers"]:
        say()
        say("there is nothing to score")
    for kind, section, group in dict.fromkeys(map(_place, document["tables"])):
        tables = [table for table in document["tables"] if _place(table) == (kind, section, group)]
        say()
        of = f" · {', '.join(group)}" if group else ""
        say_folded((f"{kind} · {_TITLES[section]}" if kind != "given" else _TITLES[section]) + of)
        say()
        _print_section(tables, section)
    if document["numbers"]:
        _print_numbers(document["numbers"])
    if document.get("pairwise"):
        _print_pairwise(document["pairwise"])
    if document["left_out"]:
        say()
        say("not scored:")
        for row in document["left_out"]:
            say_folded(f"{row['n']}: {row['why']}")
    _print_end(document)


def _place(table: Mapping[str, Any]) -> tuple[str, str, tuple[str, ...]]:
    return table["kind"], table["section"], tuple(table.get("group", {}).values())


def _print_pairwise(rows: Sequence[Mapping[str, Any]]) -> None:
    from forecast.cli.output import print_table, say, say_folded

    say()
    say_folded(
        "relative skill: geometric mean of the ratios of mean scores to every model, on what both forecast; "
        "below 1 is better"
    )
    say()
    print_table(
        ("table", "group", "model", "score", "relative\nskill", "scaled"),
        [
            (
                row["table"],
                ", ".join(row["group"].values()),
                row["model"],
                row["score"],
                "" if row["relative_skill"] is None else f"{row['relative_skill']:.3f}",
                "" if row["scaled"] is None else f"{row['scaled']:.3f}",
            )
            for row in rows
        ],
        right=(4, 5),
        wrap=(1, 2),
    )


def _print_end(document: Mapping[str, Any]) -> None:
    from forecast.cli.output import say, say_folded

    if not document["tables"] and not document["numbers"]:
        return
    say()
    say_folded(
        "90%: interval of the long-run mean, from the spread between questions; none below eight questions, and too "
        "narrow as far as questions depend on each other"
    )
    if document["tables"]:
        say_folded("log: mean of minus the natural logarithm of the p of what happened; smaller is better")


def _print_section(tables: Sequence[Mapping[str, Any]], section: str) -> None:
    from forecast.analysis.scoring.intervals import FEWEST_CLUSTERS
    from forecast.cli.output import print_table, say

    is_binary = section in ("events", "stays")
    headers = ("model", "n", "questions", "Brier", "90%", "log", *(("AUC",) if is_binary else ("RPS",)), "skill")
    rows = [
        (*_line(table["model"], table, is_binary), _signed_interval(table["skill_low"], table["skill_high"]))
        for table in tables
    ]
    print_table((*headers, "90%"), rows, right=range(1, len(headers) + 1), wrap=(0,))
    references = sorted({table["reference"] for table in tables if table["reference"]})
    if references:
        say(f"skill: 1 - Brier / Brier of {', '.join(references)} on the same questions and days")
    impossible = sum(table["n_impossible"] for table in tables)
    if impossible:
        say(f"{impossible} forecasts gave no chance at all to what happened: log is infinite")
    if section == "state":
        say("RPS takes the codebook's order of regimes for an order")
    enough = [table for table in tables if table["n_questions"] >= FEWEST_CLUSTERS]
    if enough:
        say()
        _print_parts(enough)
    for division in ("horizon", "question_kind", "scenario"):
        parts = [(table["model"], part) for table in tables for part in table["by"][division]]
        if len({part["part"] for _, part in parts}) > 1:
            say()
            rows = [(model, *_line(part["part"], part, is_binary)) for model, part in parts]
            names = ("model", division.replace("_", " "), *headers[1:])
            print_table(names, rows, right=range(2, len(names)), wrap=(0, 1))
    for table in enough:
        say()
        _print_calibration(table)
    if len(enough) < len(tables):
        say()
        say(f"calibration is not shown below {FEWEST_CLUSTERS} questions; --json has it")


def _print_parts(tables: Sequence[Mapping[str, Any]]) -> None:
    from forecast.cli.output import print_table

    print_table(
        (
            "model",
            "miscali-\nbration",
            "discrimi-\nnation",
            "uncer-\ntainty",
            "reli-\nability",
            "reso-\nlution",
            "in bins",
        ),
        [
            (
                table["model"],
                *(f"{table['corp'][name]:.3f}" for name in ("miscalibration", "discrimination", "uncertainty")),
                *(f"{table['murphy'][name]:.3f}" for name in ("reliability", "resolution", "within_bins")),
            )
            for table in tables
        ],
        right=range(1, 7),
        wrap=(0,),
    )


def _line(name: str, part: Mapping[str, Any], is_binary: bool) -> tuple[str, ...]:
    log = "inf" if part["n_impossible"] else f"{part['log_score']:.3f}"
    third = part["auc"] if is_binary else part["rps"]
    return (
        name,
        str(part["n"]),
        str(part["n_questions"]),
        f"{part['brier']:.3f}",
        _interval(part["brier_low"], part["brier_high"]),
        log,
        "" if third is None else f"{third:.2f}" if is_binary else f"{third:.3f}",
        "" if part["skill"] is None else f"{part['skill']:+.2f}",
    )


def _interval(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f"{low:.3f}-{high:.3f}"


def _signed_interval(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f"{low:+.2f} {high:+.2f}"


def _print_calibration(table: Mapping[str, Any]) -> None:
    from forecast.cli.output import print_table, say_folded
    from forecast.cli.pictures import band, band_marks

    line, tick, dot = band_marks()
    say_folded(
        f"calibration of {table['model']}: {dot} observed, {tick} forecast, {line} where nine of ten calibrated "
        "forecasters would be"
    )
    print_table(
        ("p", "0" + "0.5".center(PICTURE - 2) + "1", "observed", "n"),
        [
            (
                f"{block['p']:.2f}",
                band(block["low"], block["high"], block["p"], block["observed"], PICTURE),
                f"{block['observed']:.2f}",
                str(block["n"]),
            )
            for block in table["calibration"]
        ],
        right=(0, 2, 3),
    )


def _print_numbers(rows: Sequence[Mapping[str, Any]]) -> None:
    from forecast.cli.output import print_table, say

    def named(row: Mapping[str, Any]) -> tuple[str, str]:
        return ", ".join(row["group"].values()), row["model"]

    quantiles = [row for row in rows if row["output_type"] == "quantile"]
    samples = [row for row in rows if row["output_type"] == "sample"]
    if quantiles:
        say()
        say("numbers by quantiles: weighted interval score (WIS), error of the median")
        say()
        print_table(
            ("group", "model", "n", "WIS", "90%", "error"),
            [
                (
                    *named(row),
                    str(row["n"]),
                    _short(row["wis"]),
                    _span(row["wis_low"], row["wis_high"]),
                    _short(row["ae_median"]),
                )
                for row in quantiles
            ],
            right=range(2, 6),
            wrap=(0, 1),
        )
        say()
        print_table(
            ("group", "model", "width", "too high", "too low", "in 50%", "in 90%"),
            [
                (
                    *named(row),
                    *(_short(row[part]) for part in ("dispersion", "overprediction", "underprediction")),
                    *(_coverage(row, level) for level in (0.5, 0.9)),
                )
                for row in quantiles
            ],
            right=range(2, 7),
            wrap=(0, 1),
        )
    if samples:
        say()
        say("numbers by samples: continuous ranked probability score (CRPS)")
        say()
        print_table(
            ("group", "model", "n", "CRPS", "90%"),
            [
                (*named(row), str(row["n"]), _short(row["crps"]), _span(row["crps_low"], row["crps_high"]))
                for row in samples
            ],
            right=range(2, 5),
            wrap=(0, 1),
        )


def _short(value: float | None) -> str:
    """Three significant digits, without an exponent where that is readable."""
    return "" if value is None else f"{float(f'{value:.3g}'):.10g}"


def _span(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f"{_short(low)}-{_short(high)}"


def _coverage(row: Mapping[str, Any], level: float) -> str:
    found = next((part["observed"] for part in row["coverage"] if part["level"] == level), None)
    return "" if found is None else f"{found:.3f}"
