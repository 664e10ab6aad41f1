"""The question looked at, forecast by forecast, and the regimes step by step."""

from forecast.documents.history import history_rows
from forecast.report.blocks import Block, Code, Column, Figure, Paragraph, Section, Table, Text
from forecast.report.pictures import over_time, regimes
from forecast.report.sections.bottom_line import moved_most
from forecast.report.sources import Sources

__all__ = ["forecasts_over_time", "over_time_figure", "regimes_over_time"]

#: Most forecasts drawn and listed, the latest; events marked; and steps of regimes listed.
MOST, MARKED, STEPS = 60, 8, 12


def forecasts_over_time(s: Sources) -> Section | None:
    """How the answer moved, with the bands of words and the days of the events that weigh most."""
    figure = over_time_figure(s)
    if figure is None:
        return None
    note = Paragraph(
        (
            "Hollow points are replays: evidence as known then, codebook of today. Full points are live "
            "forecasts, made on "
            "their own day. Only forecasts of model ",
            Code(s.forecast.model),
            " are drawn; ",
            Code(f"forecast history {s.forecast.scenario}"),
            " lists all.",
        ),
        "note",
    )
    text = Paragraph(("How the answer to ", Code(s.question), " moved as evidence came in, forecast by forecast."))
    return Section("over-time", "Forecast over time", (text, figure, note))


def over_time_figure(s: Sources) -> Figure | None:
    """The chart of that section; None where there is but one day to draw."""
    own = [entry for entry in s.history if entry.forecast.model == s.forecast.model]
    rows = history_rows(own, s.question)
    kept = set(list(dict.fromkeys(row["forecast"] for row in rows))[-MOST:])
    rows = [row for row in rows if row["forecast"] in kept]
    if not s.outcome or len({row["as_of"] for row in rows}) < 2:
        return None
    days = {event.id: event.known.isoformat() for event in s.evidence.events}
    labels = [row["label"] for _, row in moved_most(s, "explain", MARKED) if row["label"] in days]
    first, last = rows[0]["as_of"], rows[-1]["as_of"]
    inside = sorted((days[name], name) for name in labels if first <= days[name] <= last)
    numbered = list(enumerate(inside, start=1))
    events = [
        {
            "known": day,
            "number": ", ".join(str(n) for n, (other, _) in numbered if other == day),
            "event": ", ".join(name for other, name in inside if other == day),
        }
        for day in dict.fromkeys(day for day, _ in inside)
    ]
    marked = "; ".join(f"{n} {name} ({day})" for n, (day, name) in numbered)
    listed: list[tuple[Text, ...]] = [
        (
            (row["as_of"],),
            (row["kind"],),
            (Code(row["forecast"]),),
            (row["outcome"],),
            (s.cite.answer(row["forecast"], row["question"], row["outcome"], "number"),),
            (s.cite.answer(row["forecast"], row["question"], row["outcome"], "interval"),),
        )
        for row in rows
    ]
    return Figure(
        "over-time-figure",
        over_time(rows, events, s.scale.bands),
        f"Probability of each outcome of {s.question} over time, with 90% ranges if rates were known."
        + (f" Numbered lines: the days on which the weightiest events became known: {marked}." if marked else ""),
        f"Line chart of the probability of {', '.join(dict.fromkeys(row['outcome'] for row in rows))} as of "
        f"{len({row['as_of'] for row in rows})} days from {first} to {last}; the numbers stand in the table of "
        "its data.",
        Table(
            "over-time-data",
            f"Forecasts of {s.question} over time",
            (
                Column("as of"),
                Column("kind"),
                Column("forecast"),
                Column("outcome"),
                Column("p", numbers=True),
                Column("if rates were known", numbers=True),
            ),
            tuple(listed),
        ),
    )


def regimes_over_time(s: Sources) -> Section | None:
    """Which regime held, step by step."""
    title = "Regimes over time"
    if "regimes" not in s.works:
        why = s.missing.get("regimes")
        if why is None:
            return None
        return Section("regimes", title, (Paragraph(("The regimes by step could not be computed: ", why), "note"),))
    work = s.works["regimes"]
    rows = work.at("rows")
    names = work.at("regimes")
    steps = [row["first"] for row in rows if row["regime"] == names[0]]
    every = max(1, -(-len(steps) // STEPS))
    kept = {step for at, step in enumerate(steps) if (len(steps) - 1 - at) % every == 0}
    listed: list[tuple[Text, ...]] = [
        (
            (row["first"],),
            (row["regime"],),
            (s.cite.number(work, "rows", at, "p", form="probability"),),
            (s.cite.number(work, "rows", at, "then", form="probability"),),
        )
        for at, row in sorted(enumerate(rows), key=lambda pair: (pair[1]["first"], pair[0]))
        if row["first"] in kept
    ]
    text = (
        "Which regime held in each step, given all that is known now, beside what the same model made of each "
        "step from what "
        "was known in it."
    )
    blocks: list[Block] = [
        Paragraph((text,)),
        Figure(
            "regimes-figure",
            regimes(work.document),
            f"Probability of each regime by step. Full line: as seen on {work.at('last')}, with the 90% range "
            "over draws. "
            "Dashed line: as the same model saw it in that step, without what came later.",
            f"{len(names)} panels of lines, one for each of the regimes {', '.join(names)}, by step from {steps[0]} to "
            f"{steps[-1]}; the numbers stand in the table of its data.",
            Table(
                "regimes-data",
                "Regimes by step" + (", some of the steps" if every > 1 else ""),
                (
                    Column("step from"),
                    Column("regime"),
                    Column("as seen now", numbers=True),
                    Column("as seen then", numbers=True),
                ),
                tuple(listed),
            ),
        ),
    ]
    return Section("regimes", title, tuple(blocks))
