"""The method in one page with its limits, the identity of the forecast, and how to verify the document."""

from collections.abc import Mapping
from typing import Any

from forecast.report.blocks import Bullets, Code, Column, Paragraph, Section, Strong, Table, Text
from forecast.report.sources import Sources
from forecast.scenario.schema import Family

__all__ = ["identity", "method", "verify"]

#: What each family of models takes to be true.
FAMILIES = {
    Family.BASE_RATE.value: (
        "This version uses no evidence: it answers from priors and base rates alone, as a benchmark."
    ),
    Family.STATIC.value: "In this version one regime holds all the time; only which one is unknown.",
    Family.REGIME.value: "In this version the regime may change from step to step.",
}


def method(s: Sources) -> Section:
    """What was computed and what it cannot do."""
    found = s.forecast.method
    items: list[Text] = [
        (
            Strong("Model. "),
            "A relationship is in one of a few regimes, which nobody observes. Events come at rates, and "
            "conditions hold with "
            "probabilities, that depend on the regime. The ranges of both are stated by people in the codebook. ",
            FAMILIES.get(s.forecast.family, ""),
        ),
        (
            Strong("Evidence. "),
            "Reports of doubtful truth are gathered into events; an origin speaks once per event, and its grade "
            "says how "
            "probable it is that it is right. Where somebody searched and found nothing, silence is evidence too.",
        ),
        (
            Strong("Answer. "),
            "p averages over everything the model does not know: regimes, rates, which reports are true. It is "
            "the number to "
            "use and to score.",
        ),
        (
            Strong("If rates were known. "),
            "The range of 90% of the draws of what p would be if the true rates were told. It is no interval "
            "for p, and a "
            "narrow one does not make p more certain.",
        ),
        (Strong("Computation. "), *_computation(found)),
        (
            Strong("Words. "),
            f"{s.scale.name}: {s.scale.source}. They follow from p alone: ",
            "; ".join(f"{band.term} {band.percent[0]} to {band.percent[1]}%" for band in s.scale.bands),
            ". Confidence is a separate rating of the evidence base, by rules that are conventions of this program.",
        ),
    ]
    limits: list[Text] = [
        (
            "Hindsight is not removed: whoever wrote regimes, ranges and questions knew what they knew. Replays "
            "flatter.",
        ),
        ("Nothing is known of what nobody collected. How complete the search was is itself a judgement.",),
        ("The truth may be a regime that nobody wrote down; probabilities are divided among those that were.",),
        ("No validated table turns grades into probabilities; the one used is wide.",),
        ("Which regime holds is judged by people with the codebook.",),
    ]
    return Section(
        "method",
        "Method",
        (Bullets(tuple(items)), Paragraph((Strong("What it does not do"),)), Bullets(tuple(limits))),
    )


def _computation(found: Mapping[str, Any]) -> Text:
    name = {"nuts": "NUTS", "reweight": "stored draws, weighed anew for this evidence"}.get(
        str(found.get("name")), str(found.get("name"))
    )
    parts = [f"Sampled with {name}" if found.get("name") == "nuts" else f"From {name}"]
    if found.get("chains") and found.get("draws"):
        parts.append(f"{found['chains']} chains of {found['draws']} draws")
    for key, said in (
        ("rhat", "R-hat {:.3f}"),
        ("ess", "least effective sample size {:.0f}"),
        ("khat", "k-hat {:.2f}"),
    ):
        value = found.get(key)
        if isinstance(value, int | float):
            parts.append(said.format(value))
    return (f"{', '.join(parts)}. The noise of the computation says nothing about whether the model is right.",)


def identity(s: Sources) -> Section:
    """Everything that names the forecast, and how to check what stands here."""
    rows: list[tuple[Text, ...]] = [
        (("forecast",), (Code(s.id),)),
        (("scenario",), (s.forecast.title, " (", Code(s.forecast.scenario), ")")),
        (("as of; made at",), (f"{s.forecast.as_of}; {s.forecast.made_at} ({s.forecast.kind})",)),
        (("model",), (f"{s.forecast.model} ({s.forecast.family}), identity ", Code(s.forecast.model_identity[:16]))),
        (("evidence",), ("identity ", Code(s.forecast.evidence_identity[:16]))),
        (("seed",), (Code(str(s.forecast.seed)),)),
        (("key",), (Code(s.forecast.key[:16]),)),
        (("log and its head",), (Code(s.head.log or "none"), " ", Code(s.head.hash[:16] or "none"))),
        (("versions",), (", ".join(f"{name} {version}" for name, version in sorted(s.forecast.versions.items())),)),
    ]
    table = Table(
        "identity-table", "Identity of the forecast", (Column("what", share=1), Column("value", share=4)), tuple(rows)
    )
    return Section("identity", "Identity, and how to verify", (table, *verify(s)))


def verify(s: Sources) -> tuple[Paragraph, ...]:
    """How a reader checks the numbers of the document."""
    text = (
        "Every number that is marked carries its citation: a record of the ledger and a place in it. ",
        Code("forecast verify FILE"),
        " finds them in this file and derives each again from the ledger; a reader elsewhere adds ",
        Code("--ledger FILE.jsonl"),
        ", which ",
        Code(f"forecast ledger export {s.forecast.scenario} -o FILE.jsonl"),
        " writes. ",
        Code(f"forecast ledger verify --head {s.head.hash[:16] or 'HEAD'}"),
        " shows whether the log itself was cut." if s.head.hash else " shows it with the head that was noted.",
    )
    return (Paragraph(text),)
