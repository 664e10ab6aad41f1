"""The page of a scenario: its latest answers, all forecasts over time, the evidence as it is known today, versions."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date

from markupsafe import Markup

from forecast.documents.history import history_rows
from forecast.errors import Finding
from forecast.ledger.records import Entry
from forecast.model.as_of import KnownReport, snapshot
from forecast.report.blocks import Block, Bullets, Code, Column, Document, Link, Paragraph, Section, Table, Text
from forecast.report.plain import asked, seen, visible
from forecast.report.site.answers import Lookup, answer_tables, closed, history_table
from forecast.report.site.panel import panels
from forecast.scenario.record import Scenario
from forecast.words import Scale

__all__ = ["pictures", "scenario_document"]


def scenario_document(
    name: str,
    scenario: Scenario | None,
    errors: Sequence[Finding],
    entries: Sequence[Entry],
    latest: Entry | None,
    lookup: Lookup,
    address: Callable[[str], str | None],
    scale: Scale,
    today: date,
) -> Document:
    """What the page says.

    Parameters
    ----------
    name
        Id of the scenario.
    scenario
        Its files; None if they cannot be read, and `errors` say why.
    errors
        What is wrong with the files.
    entries
        All its forecasts, the latest first.
    latest
        The live forecast that stands for it, if there is one.
    lookup
        Gives the record with an id.
    address
        Where the page of a forecast stands, None if it has none.
    scale
        Of the words beside probabilities.
    today
        The day on which evidence is known.
    """
    title = scenario.title if scenario else str(entries[0].content["title"]) if entries else name
    parts = [
        Section("answers", "Latest answers", tuple(_answers(name, latest, lookup, address, scale))),
        Section("over-time", "Forecasts over time", tuple(_over_time(entries, lookup, address))),
    ]
    if scenario is not None:
        parts.append(Section("evidence", "Evidence", tuple(_evidence(scenario, today))))
        parts.append(Section("versions", "Model versions", (_versions(scenario, entries),)))
    else:
        parts.insert(0, Section("files", "Its files cannot be read", tuple(_unreadable(errors))))
    subtitle = (
        f"Latest live forecast as of {latest.content['as_of']}, model {latest.content['model']}" if latest else ""
    )
    about = {"scenario": name}
    if scenario is not None:
        until = scenario.file.searched_until
        about["searched until"] = until.isoformat() if until else "not said"
    return Document(seen(title), subtitle, tuple(parts), about)


def _answers(
    name: str, latest: Entry | None, lookup: Lookup, address: Callable[[str], str | None], scale: Scale
) -> Iterator[Block]:
    if latest is None:
        yield Paragraph(("There is no live forecast. ", Code(f"forecast update {name}"), " makes one."))
        return
    link = Link(latest.id, address(latest.id) or "")
    yield Paragraph(("From ", link, f", as of {latest.content['as_of']}. Every number leads to the record it is from."))
    yield from answer_tables(latest, lookup, scale)
    settled = closed(latest)
    if settled:
        yield settled


def pictures(entries: Sequence[Entry], model: str | None) -> Markup:
    """Live forecasts and replays of one model over time, apart, as small pictures.

    Parameters
    ----------
    entries
        All forecasts of the scenario, the latest first.
    model
        The version that is shown.
    """
    asks = {row.question: asked(row.ask) for entry in entries[:1] for row in entry.forecast.answers}
    drawn = Markup()
    for kind, title in (("live", "Live forecasts"), ("replay", "Replays")):
        living = [entry for entry in entries if entry.content["kind"] == kind and entry.retracted is None]
        rows = history_rows(entry for entry in living if entry.model_label == model)
        if len({row["as_of"] for row in rows}) > 1:
            about = f"{title} of model {model}"
            drawn += Markup("<h3>{}</h3>").format(visible(about)) + panels(rows, asks, about)
    return drawn


def _over_time(entries: Sequence[Entry], lookup: Lookup, address: Callable[[str], str | None]) -> Iterator[Block]:
    if not entries:
        yield Paragraph(("Nothing is on record.",))
        return
    yield Paragraph(
        (
            "Bands are 90% ranges of the probability if rates were known. Replays use the evidence of their day, but "
            "the codebook and the questions of today; they are in no line and no score of live forecasts.",
        ),
        "note",
    )
    yield history_table(entries, lookup, address)


def _evidence(scenario: Scenario, today: date) -> Iterator[Block]:
    reports = snapshot(scenario, scenario.default_model, today).reports
    if not reports:
        yield Paragraph(("No report is on file.",))
        return
    counted = sum(row.counted for row in reports)
    yield Paragraph((f"{len(reports)} reports are known today, of which {counted} count.",))
    yield Table(
        "reports",
        "Reports, what they say, and whether they count",
        (
            Column("report"),
            Column("what it says", share=4),
            Column("happened"),
            Column("known"),
            Column("grade", share=0.6),
            Column("origin"),
            Column("source", share=2),
            Column("counts", share=1.6),
        ),
        tuple(_report(scenario, row) for row in reports),
        tuple(f"report-{row.report.id}" for row in reports),
    )


def _report(scenario: Scenario, row: KnownReport) -> tuple[Text, ...]:
    report, source = row.report, scenario.sources.get(row.report.source)
    title = seen(source.title) if source else report.source
    grade = row.grade or (" to ".join(map(str, row.p_true)) if row.p_true else "")
    return (
        (report.id,),
        (seen(report.claim), *((" Denies it.",) if report.denies else ())),
        (str(row.when.text if row.when else ""),),
        (report.known.isoformat(),),
        (grade,),
        (report.origin,),
        (Link(title, source.url) if source and source.url else title,),
        ("yes" if row.counted else f"no: {seen(row.why)}",),
    )


def _versions(scenario: Scenario, entries: Sequence[Entry]) -> Table:
    rows: list[tuple[Text, ...]] = []
    for version in sorted(scenario.models):
        model = scenario.models[version]
        own = [entry for entry in entries if entry.model_label == version and entry.retracted is None]
        default = " (default)" if version == scenario.default_model else ""
        live = sum(entry.content["kind"] == "live" for entry in own)
        count = f"{live} live, {len(own) - live} replays"
        rows.append(((version + default,), (model.family.value,), (seen(model.notes),), (count,)))
    heads = (Column("version"), Column("family"), Column("what is different", share=4), Column("forecasts", share=1.5))
    return Table("model-versions", "Versions of the model", heads, tuple(rows))


def _unreadable(errors: Sequence[Finding]) -> Iterator[Block]:
    yield Paragraph(("What follows comes from the ledger alone; the evidence is not shown.",), "warning")
    yield Bullets(tuple((seen(str(finding)),) for finding in errors[:20]))
