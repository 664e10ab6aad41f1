"""`forecast codebook learn`: rates from cases whose regimes are known by now."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from forecast.cli.options import Json, Quiet

__all__ = ["codebook"]

codebook = typer.Typer(help="What is shared by many cases.", no_args_is_help=True, rich_markup_mode=None)


@codebook.callback()
def _group() -> None:
    """A group, though it has one command so far."""


@codebook.command(short_help="Learn rates from past cases, and whether that helps.")
def learn(
    context: typer.Context,
    cases: Annotated[
        str, typer.Option("--cases", metavar="A,B,...", help="Scenarios with a regimes.yaml and one codebook.")
    ],
    output: Annotated[
        Path | None,
        typer.Option("-o", metavar="FILE", help="New codebook; default: <codebook>-learned-<day>.yaml beside it."),
    ] = None,
    seed: Annotated[int | None, typer.Option("--seed", metavar="N", help="Seed; default: from the counts.")] = None,
    draft: Annotated[bool, typer.Option("--draft", help="Print and write nothing.")] = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Learn events per year in each regime, and say whether that foresees a case left out any better.

    Counts of watched events, by the regimes that regimes.yaml names in hindsight; the elicited ranges are the prior.
    The new codebook never replaces one that is there.
    """
    from forecast.api import Workspace
    from forecast.cli.output import print_found, reporting

    names = [name.strip() for name in cases.split(",") if name.strip()]
    with reporting(quiet or as_json) as progress:
        found = Workspace.find(context.obj).learn_codebook(
            *names, file=output, seed=seed, draft=draft, progress=progress
        )
    print_found(found, _print, as_json=as_json)


def _print(document: Mapping[str, Any]) -> None:
    from forecast.cli.output import print_table, say, say_folded, tell

    say(f"codebook {document['codebook']}: events per year, 80% ranges over cases")
    say()
    last, rows = "", []
    for row in document["rates"]:
        name = row["indicator"] if row["indicator"] != last else ""
        last = row["indicator"]
        rows.append((name, row["regime"], str(row["n"]), f"{row['years']:.1f}", *_ranges(row)))
    print_table(
        ("indicator", "regime", "events", "years\nwatched", "elicited", "learned", "middle"),
        rows,
        right=(2, 3, 4, 5, 6),
    )
    say("middle: geometric middle of the learned range over that of the elicited one")
    say()
    _print_left_out(document)
    say()
    pooled = document["pooled"]
    say_folded(
        f"cases have {pooled['mean']:.0%} of a rate's error in common (80% interval {pooled['low']:.0%} to "
        f"{pooled['high']:.0%}); the rest is each case's own, and keeps the ranges wide"
    )
    for case in document["cases"]:
        for row in case["not_counted"]:
            tell(f"not counted: {case['case']}: {row['n']} event{'s' if row['n'] != 1 else ''} {row['why']}")
    by_reason: dict[str, list[str]] = {}
    for row in document["kept"]:
        by_reason.setdefault(row["why"], []).append(row["indicator"])
    for why, names in by_reason.items():
        say_folded(f"left as elicited ({why}): {', '.join(names)}")
    done = document["diagnostics"]
    say_folded(
        f"{done['fits']} fits with NUTS: R-hat at most {done['rhat']:.3f}, effective sample size at least "
        f"{done['ess']:.0f}, {'no' if not done['divergences'] else done['divergences']} divergences"
    )
    if document["file"] is None:
        say("draft: nothing was written")
    else:
        say_folded(f"written to {document['file']}")
        say_folded(
            "next: a new model version that names it, `codebook: NAME`; forecasts of these cases with it are not "
            "scored: it has seen them"
        )


def _ranges(row: Mapping[str, Any]) -> tuple[str, str, str]:
    (a, b), (c, d) = row["elicited"], row["learned"]
    return f"{a:g}-{b:g}", f"{c:g}-{d:g}", f"x{((c * d) / (a * b)) ** 0.5:.2f}"


def _print_left_out(document: Mapping[str, Any]) -> None:
    from forecast.cli.output import print_table, say_folded

    rows = [
        (
            row["case"],
            str(row["cells"]),
            str(row["n"]),
            f"{row['elicited']:.2f}",
            f"{row['learned']:.2f}",
            f"{row['difference']:+.2f}",
            f"{row['mcse']:.2f}",
        )
        for row in document["left_out"]
    ]
    print_table(
        ("case left out", "counts", "events", "elicited", "learned\nfrom others", "difference", "Monte Carlo\nerror"),
        rows,
        right=(1, 2, 3, 4, 5, 6),
    )
    se = document["se"]
    verdict = "no sign that learning helps" if document["difference"] <= 0 else "learning helps"
    if 0 < document["difference"] < 2 * se:
        verdict = "too little to say that learning helps"
    say_folded(
        f"together {document['difference']:+.2f} (Monte Carlo error {document['mcse']:.2f}), standard error {se:.2f} "
        f"from the spread between {len(document['left_out'])} cases: {verdict}"
    )
    say_folded("log-probability of each count of the case left out, summed; higher is better")
