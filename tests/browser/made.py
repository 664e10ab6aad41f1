"""Documents made for looking at: one with everything that a report can have, and one full of attacks."""

from typing import Any

from forecast.report.blocks import (
    Bullets,
    Cited,
    Code,
    Column,
    Document,
    Figure,
    Fold,
    Link,
    Paragraph,
    Section,
    Strong,
    Table,
)
from forecast.report.charts import over_time, waterfall
from forecast.report.citation import Citation

FORECAST = "fc-7k2mqx4adn"


def number(text: str, at: str = "regime-2025:durable", form: str = "number") -> Cited:
    return Cited(text, Citation(FORECAST, at, form))


def history(label: str = "durable") -> list[dict[str, Any]]:
    """Two questions over twelve months."""
    return [
        {
            "as_of": f"2023-{month:02d}-28",
            "question": question,
            "outcome": outcome,
            "model": "v2",
            "kind": "live",
            "p": p,
            "low": max(0.0, p - 0.2),
            "high": min(1.0, p + 0.25),
            "forecast": FORECAST,
            "retracted": None,
        }
        for month in range(1, 13)
        for question, outcome, p in (
            ("regime-2025", label, 0.2 + 0.02 * month),
            ("regime-2025", "transactional", 0.6 - 0.02 * month),
            ("regime-2025", "fragile", 0.2),
            ("treaty-2024", "yes", 0.05 + 0.015 * month),
        )
    ]


def explained(label: str = "kim-in-russia-2023-09") -> dict[str, Any]:
    rows = [(label, 0.31), ("arms-2023-10", -0.12), ("treaty", 0.44), ("time passes", -0.05)]
    return {
        "question": "regime-2025",
        "outcome": "durable",
        "reason": None,
        "from": {"forecast": None, "as_of": None, "model": "v2", "p": 0.2},
        "to": {"forecast": FORECAST, "as_of": "2024-01-07", "model": "v2", "p": 0.41},
        "rows": [{"label": name, "log_odds": odds, "mcse": 0.01, "p_after": 0.3} for name, odds in rows],
    }


def tooltips(rows: list[dict[str, Any]]) -> Table:
    columns = (Column("as of"), Column("question", share=2), Column("outcome"), Column("p", numbers=True))
    cells = tuple(
        ((row["as_of"],), (row["question"],), (row["outcome"],), (number(f"{row['p']:.2f}"),)) for row in rows
    )
    return Table("over-time-data", "Forecasts over time", columns, cells)


def full(claim: str = "Kim Jong Un and Vladimir Putin met at the Vostochny cosmodrome.", url: str = "") -> Document:
    """A report of every kind of block."""
    evidence = Table(
        "evidence-table",
        "What counted",
        (
            Column("report"),
            Column("what it says", share=4),
            Column("grade"),
            Column("happened"),
            Column("known"),
            Column("source", share=2),
            Column("log-odds", numbers=True),
        ),
        tuple(
            (
                (Code(f"S{row}"),),
                (claim,),
                ("B1",),
                ("2023-09-12",),
                ("2024-01-07",),
                (Link("ANKASAM", url or "https://example.org/article"),),
                (number(f"+0.{row:02d}", form="change"),),
            )
            for row in range(1, 41)
        ),
        tuple(f"report-S{row}" for row in range(1, 41)),
    )
    return Document(
        "Durability of the DPRK-Russia alignment",
        "As of 7 January 2024, with model v2. What was known on that day, and no more.",
        (
            Section(
                "bottom-line",
                "Bottom line",
                (
                    Paragraph(
                        (
                            "That the alignment is durable on 7 January 2025 is ",
                            number("unlikely", form="words"),
                            " (",
                            number("0.41"),
                            "), up by ",
                            number("+0.08", form="change"),
                            " since the forecast before.",
                        ),
                        "answer",
                    ),
                    Paragraph(("The word does not survive leaving out one origin; both words are given.",), "warning"),
                    Paragraph(("Confidence is moderate: ", Strong("nine origins"), ", of which two are official.")),
                    Bullets((("A treaty would raise it.",), ("A quarrel at the United Nations would lower it.",))),
                ),
            ),
            Section(
                "over-time",
                "Forecast over time",
                (
                    Figure(
                        "figure-over-time",
                        over_time(
                            history(), [{"as_of": "2023-09-13", "new_events": ["kim-in-russia"]}], "Over time"
                        ).to_dict(),
                        "Probabilities by as-of date, with 90% ranges.",
                        "Line chart: durable rises from 0.22 to 0.44 during 2023, transactional falls.",
                        tooltips(history()),
                    ),
                ),
            ),
            Section(
                "why",
                "Why",
                (
                    Figure(
                        "figure-why",
                        waterfall(explained()).to_dict(),
                        "Each row is the change of log-odds when it comes after those above it.",
                        "Waterfall: the treaty adds most, arms take away.",
                    ),
                    Fold(
                        "Under another convention", (Paragraph(("Nothing changes by more than ", number("0.02"), ".")),)
                    ),
                ),
                (
                    Section(
                        "origins", "Leaving out origins", (Paragraph(("See ", Link("report S3", "#report-S3"), ".")),)
                    ),
                ),
            ),
            Section("evidence", "Evidence", (evidence,)),
        ),
        {"forecast": FORECAST, "scenario": "dprk-russia", "model": "v2 (regime)", "head of the log": "3f9c" * 16},
    )
