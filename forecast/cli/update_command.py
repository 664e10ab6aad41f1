"""`forecast update`: the main job."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

import typer

from forecast.cli.options import AllowClock, AsOf, Csv, Json, Model, Quiet, ScenarioArgument, Words

__all__ = ["update"]


def update(
    context: typer.Context,
    scenario: ScenarioArgument,
    as_of: AsOf = None,
    model: Model = None,
    seed: Annotated[
        int | None, typer.Option("--seed", metavar="N", help="Default: from model, evidence and day.")
    ] = None,
    method: Annotated[
        Literal["auto", "reweight", "smc", "nuts"],
        typer.Option("--method", help="auto reweights or moves stored draws, and samples only if neither is reliable."),
    ] = "auto",
    force: Annotated[bool, typer.Option("--force", help="Compute and record again what is stored.")] = False,
    draft: Annotated[bool, typer.Option("--draft", help="Print, keep the draws, record nothing.")] = False,
    allow_clock: AllowClock = False,
    words: Words = None,
    as_json: Json = False,
    as_csv: Csv = False,
    quiet: Quiet = False,
) -> int:
    """Forecast from the evidence known on a day, record it, and say what changed."""
    from forecast.api import Workspace
    from forecast.cli.output import print_found, reporting

    case = Workspace.find(context.obj).open(scenario)
    with reporting(quiet or as_json) as progress:
        made = case.update(
            as_of,
            model,
            seed=seed,
            method=method,
            force=force,
            draft=draft,
            allow_clock=allow_clock,
            words=words,
            progress=progress,
        )
    print_found(made, lambda document: _print(document, draft=draft), as_json=as_json, as_csv=as_csv)
    return 1 if made.result.problems else 0


def _print(document: Mapping[str, Any], *, draft: bool) -> None:
    from forecast.cli.output import print_table, say, say_folded
    from forecast.digits import counted, interval, probability, signed
    from forecast.words import SCALES

    scale = SCALES[document["scale"]]
    say_folded(f"{document['title']} · as of {document['as_of']} · model {document['model']} ({document['family']})")
    evidence = document["evidence"]
    new = f"{evidence['new']} new since {document['since']}" if document["since"] else "no earlier day to compare with"
    say_folded(
        f"{evidence['events']} events and conditions counted, from {counted(evidence['origins'], 'origin')} "
        f"({counted(evidence['reports'], 'report')} on file); {new}"
    )
    for label, names in (("new", document["new_events"]), ("no longer", document["gone_events"])):
        if names:
            say_folded(", ".join(names), f"{label}: ")
    for warning in document["warnings"]:
        say_folded(warning, "! ")
    say()
    rows, closed, last = [], [], ""
    for answer in document["answers"]:
        if answer["closed"]:
            closed.append(f"{answer['question']} {answer['resolved'] or 'not resolved yet'}")
        elif answer["kind"] == "state" or answer["outcome"] == "yes":
            p, mcse = answer["p"], answer["mcse"]
            name = answer["question"] if answer["question"] != last else ""
            ends = interval(answer["low"], answer["high"])
            change = signed(answer["change"], answer["change_mcse"])
            rows.append((name, answer["outcome"], probability(p, mcse, scale), ends, answer["words"], change))
            last = answer["question"]
    headers = ("question", "outcome", "p", "if rates\nwere known", f"words ({scale.name})", "change")
    print_table(headers, rows, right=(2, 3, 5), wrap=(4,))
    if closed:
        say()
        say_folded("; ".join(closed), "closed: ")
    say()
    _print_end(document, draft=draft)


def _print_end(document: Mapping[str, Any], *, draft: bool) -> None:
    from forecast.cli.output import say, say_folded

    method = document["method"]
    errors = [answer["mcse"] for answer in document["answers"] if answer["mcse"] is not None]
    say("if rates were known: 90% range over draws of the probability given the rates;")
    say("it is not a confidence interval for p")
    for line in _how(method, stored=document["stored"]):
        say_folded(line)
    say_folded(f"Monte Carlo error of p at most {max(errors):.3f}")
    if document["forecast"]:
        stored = "stored before as" if document["stored"] else "recorded as"
        say(f"{stored} {document['forecast']} (head {document['head'][:16]})")
        say(f"next: forecast explain {document['forecast']} · forecast history {document['scenario']}")
    elif draft:
        say("draft: not recorded" + ("" if method["from_fit"] else "; the draws are kept"))
    else:
        say("NOT RECORDED: the draws failed their diagnostics. Try `--seed` with another number. If it fails again,")
        say("look for ranges that contradict the evidence (`forecast check`), or report the case.")


def _how(method: Mapping[str, Any], *, stored: bool) -> Iterator[str]:
    """How the numbers were computed, in one or two lines."""
    if method.get("particles"):
        draws = f"{method['particles']:,} particles in {method['islands']} islands"
    else:
        draws = f"{method['chains']} x {method['draws']} draws, R-hat {method['rhat']:.3f}"
    draws += f", least effective size {method['ess']:,.0f}"
    took = "stored before" if stored else f"{method['seconds']:.0f} s"
    if method["name"] == "reweight":
        from_ = "stored before" if stored else f"draws {method['from_fit'][:10]}"
        yield f"reweighted ({from_}): {draws}, k-hat {method['khat']:.2f} (limit 0.7)"
    elif method["name"] == "nuts":
        yield f"sampled with NUTS ({took}): {draws}, {method['divergences'] or 'no'} divergences"
    elif method.get("from_fit") and not stored:
        yield f"stored draws of the same evidence: {draws}"
    elif method.get("moved_from"):
        yield f"stored draws {method['moved_from'][:10]} moved to the new evidence ({took}): {draws}"
    else:
        yield f"sampled by sequential Monte Carlo ({took}): {draws}, {method['sweeps']} sweeps"
