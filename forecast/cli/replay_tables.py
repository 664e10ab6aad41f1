"""How a replay looks on a terminal: days against questions, charts of text, scores; within 80 columns."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

__all__ = ["print_replay"]

Rows = Sequence[Mapping[str, Any]]

#: Sections of automatic questions.
AUTOMATIC = ("automatic", "automatic_unwatched")

#: Columns of skill.
SKILLS = ("skill", "skill_climatology", "skill_shrunk", "skill_one_half")

#: Questions side by side in one table.
SIDE_BY_SIDE = 16

#: Columns that a chart has for days, and its height: a line for every tenth.
CHART_WIDTH, CHART_LINES = 68, 11


def print_replay(document: Mapping[str, Any], charts: Sequence[str]) -> None:
    """Everything of the document that a reader needs; `--json` has the rest."""
    from forecast.cli.output import say, say_folded

    for scenario in document["scenarios"]:
        models = document["models"][scenario]
        say_folded(
            f"{scenario} · replayed from {document['from']} to {document['to']}, {_rhythm(document)} · "
            f"models {', '.join(models)}"
        )
        for warning in document["warnings"]:
            say_folded(warning, "! ")
        days = [row for row in document["days"] if row["scenario"] == scenario]
        shown = [row for row in document["rows"] if row["scenario"] == scenario and row["model"] == models[0]]
        columns = _columns(shown)
        say()
        _print_days(models[0], days, shown, columns)
        say()
        _print_sparks(days, shown, columns)
        for column in _to_draw(charts, shown, columns):
            say()
            _print_chart(models[0], days, shown, column)
        say()
        _print_scores([row for row in document["scores"] if row["scenario"] == scenario], document["every"])
        say()
    for note in document["notes"]:
        say_folded(note, "note: ")
    for problem in document["problems"]:
        say_folded(problem, "! ")
    say(f"{document['from_prior']} forecasts sampled from the prior, {document['moved']} moved from the day before")
    say_folded("next: forecast history SCENARIO/QUESTION · --json has automatic questions, calibration, all models")


def _rhythm(document: Mapping[str, Any]) -> str:
    return "on the days of a file" if document["every"] == "days" else f"every {document['every']}"


def _columns(rows: Rows) -> list[tuple[str, str]]:
    return list(dict.fromkeys((row["question"], row["outcome"]) for row in rows))


def _values(days: Rows, rows: Rows, column: tuple[str, str]) -> list[Mapping[str, Any] | None]:
    """By day the row of one question and outcome; None where it was closed."""
    found = {row["as_of"]: row for row in rows if (row["question"], row["outcome"]) == column}
    return [found.get(day["as_of"]) for day in days]


def _print_days(model: str, days: Rows, rows: Rows, columns: Sequence[tuple[str, str]]) -> None:
    from forecast.cli.output import print_table, say, say_folded

    say(f"p by day, model {model}; 'new' counts events that became known since the day before")
    for begin in range(0, len(columns), SIDE_BY_SIDE):
        part = columns[begin : begin + SIDE_BY_SIDE]
        say()
        by_column = [_values(days, rows, column) for column in part]
        print_table(
            ("as of", "new", *(str(begin + number) for number in range(1, len(part) + 1))),
            [
                (day["as_of"], str(len(day["new_events"]) or ""), *(_short(values[place]) for values in by_column))
                for place, day in enumerate(days)
            ],
            right=range(1, len(part) + 2),
        )
    say()
    say_folded("~0 and ~1 are within half a percent of it; empty: the question was closed")


def _short(row: Mapping[str, Any] | None) -> str:
    if row is None:
        return ""
    text = f"{row['p']:.2f}"
    if text in ("0.00", "1.00"):
        return text[0] if row["p"] in (0.0, 1.0) else f"~{text[0]}"
    return text[1:]


def _print_sparks(days: Rows, rows: Rows, columns: Sequence[tuple[str, str]]) -> None:
    from forecast.cli.output import print_table
    from forecast.cli.pictures import sparkline

    every = _every(len(days), CHART_WIDTH // 2)
    print_table(
        ("", "question", "outcome", "over time", "first", "last"),
        [
            (
                str(number),
                question,
                outcome,
                sparkline([None if row is None else row["p"] for row in values[::every]]),
                *_ends(values),
            )
            for number, (question, outcome) in enumerate(columns, start=1)
            for values in (_values(days, rows, (question, outcome)),)
        ],
        right=(0, 4, 5),
        wrap=(1, 2),
    )


def _every(n: int, most: int) -> int:
    """Which days are drawn so that no more than so many are: all, or every second, third ..."""
    return -(-n // most)


def _ends(values: Sequence[Mapping[str, Any] | None]) -> tuple[str, str]:
    from forecast.digits import probability

    asked = [row["p"] for row in values if row is not None]
    return probability(asked[0]), probability(asked[-1])


def _to_draw(charts: Sequence[str], rows: Rows, columns: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """What was asked for, else the outcome whose p had the widest range over the days."""
    for name in charts:
        yield from (column for column in columns if name in (column[0], ":".join(column)))
    if not charts and columns:

        def moved(column: tuple[str, str]) -> float:
            p: list[float] = [row["p"] for row in rows if (row["question"], row["outcome"]) == column]
            return max(p) - min(p)

        yield max(columns, key=moved)


def _print_chart(model: str, days: Rows, rows: Rows, column: tuple[str, str]) -> None:
    from forecast.cli.output import say, say_folded

    every = _every(len(days), CHART_WIDTH)
    wide = 2 if 2 * len(days) <= CHART_WIDTH else 1
    values = _values(days, rows, column)[::every]
    say_folded(f"{':'.join(column)}, model {model}: ● p, │ 90% range if rates were known")
    for line in range(CHART_LINES - 1, -1, -1):
        label = f"{line / (CHART_LINES - 1):.1f}" if line % 2 == 0 else ""
        say(f"{label:>4} ┤" + "".join(_mark(row, line).ljust(wide) for row in values).rstrip())
    starts = range(0, len(days), every)
    new = [sum(len(day["new_events"]) for day in days[max(at - every + 1, 0) : at + 1]) for at in starts]
    say("new   " + "".join(_digit(n).ljust(wide) for n in new).rstrip())
    say(f"     {days[0]['as_of']} to {days[-1]['as_of']}; new: events that became known, + is ten or more")


def _mark(row: Mapping[str, Any] | None, line: int) -> str:
    if row is None:
        return " "
    place, low, high = (round(row[name] * (CHART_LINES - 1)) for name in ("p", "low", "high"))
    return "●" if place == line else "│" if low <= line <= high else " "


def _digit(n: int) -> str:
    return " " if n == 0 else str(n) if n < 10 else "+"


def _print_scores(tables: Rows, every: str) -> None:
    from forecast.analysis.scoring.rows import JUDGED
    from forecast.cli.output import print_table, say, say_folded

    watched, unwatched = ([row for row in tables if row["section"] == name] for name in AUTOMATIC)
    judged = [row for row in tables if row["section"] in JUDGED]
    settled = [row for row in tables if row["section"] not in (*AUTOMATIC, *JUDGED)]
    say("Brier: 0 is right and 1 is wrong; log: minus the logarithm of the p of what came")
    if not watched and every != "days":
        say_folded("no automatic question of a watch is decided: no window lies within a watch that was searched")
    for title, rows in (
        ("automatic questions: is it recorded at least once within so many months, while it is watched", watched),
        ("the same where nobody watches: p is too high by as much as the record misses", unwatched),
        ("questions of the scenario that are over, settled by a record or a search", settled),
        ("judged by people with the codebook, in no headline", judged),
    ):
        if not rows:
            continue
        say()
        say_folded(title)
        say()
        print_table(
            ("", "model", "n", "days", "Brier", "90%", "log", "v0", "clim", "shrunk", "half"),
            [_score_line(row) for row in rows],
            right=range(2, 11),
            wrap=(0,),
        )
    if tables:
        say()
        say_folded(
            "the last four: skill, 1 - Brier / Brier of another forecast. v0: the base-rate version. clim: the running "
            "climatology of each indicator, (n + 1) / (N + 2) of its earlier windows. shrunk: a Poisson rate from the "
            "codebook's mean, weighted as one year, and the events so far. half: one half"
        )
        say_folded(
            "90%: by moving blocks of days as long as the longest window; none where fewer than eight blocks fit. "
            "Neighbouring days ask about the same events: n is not a number of independent trials"
        )


def _score_line(row: Mapping[str, Any]) -> tuple[str, ...]:
    is_automatic = row["section"] in AUTOMATIC
    what = row["section"] if not is_automatic else f"{row['horizon']} months" if row["horizon"] else "all"
    low, high = row["brier_low"], row["brier_high"]
    return (
        what,
        row["model"],
        str(row["n"]),
        str(row["n_days"]),
        f"{row['brier']:.3f}",
        "" if low is None else f"{low:.2f}-{high:.2f}",
        "inf" if row["n_impossible"] else f"{row['log_score']:.3f}",
        *("" if row[name] is None else f"{row[name]:+.2f}" for name in SKILLS),
    )
