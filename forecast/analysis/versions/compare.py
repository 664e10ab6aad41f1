"""Model versions side by side: where they differ, what they answer, how well they predicted what was seen.

The benchmark, a version of the base-rate family, is always among them: a version that does not beat it has learnt
nothing from evidence.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from forecast.analysis.versions.block_error import block_length
from forecast.analysis.versions.compare_tables import answer_rows, draws_row, indicator_rows, step_rows, total_rows
from forecast.analysis.versions.one_version import Counted, OneVersion, one_version
from forecast.analysis.versions.predictive_check import MISFIT
from forecast.analysis.versions.recorded_scores import paired_scores, rows_of_versions
from forecast.analysis.versions.settings_diff import differing_settings
from forecast.analysis.versions.watch_windows import count_events, watch_windows
from forecast.canonical import sha256
from forecast.errors import Finding, InputError
from forecast.inference.posterior import Progress, Sampler, nuts
from forecast.inference.stored_draws import DrawSource
from forecast.ledger.draw_store import LedgerDraws
from forecast.ledger.store import Ledger
from forecast.model.answers import is_over
from forecast.model.as_of import snapshot
from forecast.model.version import model_identity, settings
from forecast.plan import Question, questions_as_of
from forecast.scenario.record import Scenario
from forecast.scenario.schema import Family

__all__ = ["compare", "compared_versions"]


def compared_versions(scenario: Scenario, names: Sequence[str]) -> list[str]:
    """The versions that are compared: those named, each once, before them the benchmark.

    The benchmark is `v0` if that is of the base-rate family, else the first version of that family; none if there is
    none.

    Raises
    ------
    InputError
        If a version does not exist (the nearest is named), or fewer than two are left.
    """
    wanted = [scenario.model(name).version for name in dict.fromkeys(names)]
    flat = [name for name, version in scenario.models.items() if version.family is Family.BASE_RATE]
    named = [name for name in wanted if name in flat]
    benchmark = "v0" if "v0" in flat else next(iter(named or flat), None)
    found = list(dict.fromkeys([benchmark, *wanted] if benchmark else wanted))
    if len(found) < 2:
        others = [name for name in scenario.models if name not in found]
        accepted = "another version: " + ", ".join(others) if others else "a second file in models/"
        message = f"nothing to compare {found[0]} with." if found else "no version is named."
        raise InputError(Finding("error", message, found=" ".join(names), accepted=accepted))
    return found


def compare(
    scenario: Scenario,
    names: Sequence[str],
    as_of: date,
    today: date,
    ledger: Ledger,
    *,
    seed: int | None = None,
    sampler: Sampler | None = nuts,
    progress: Progress = lambda *_: None,
) -> dict[str, Any]:
    """Compare versions as of a day; nothing is recorded.

    Parameters
    ----------
    scenario
        Read without errors.
    names
        Versions; the benchmark is added.
    as_of, today
        The day after which nothing is used, neither for answers nor for scores, and the present one.
    ledger
        Holds stored draws, recorded forecasts, and the days on which questions were first asked.
    seed
        Of all draws made here; equal for all versions, so that equal versions have equal numbers.
    sampler
        NUTS, for answers where sequential Monte Carlo fails its diagnostics; None to leave them out.
    progress
        Called at every stage.

    Returns
    -------
    dict
        What `compare --json` prints (docs/cli.md).

    Raises
    ------
    InputError
        If a version does not exist, there is nothing to compare it with, or the day is before the scenario's start
        or in the future.
    """
    versions = compared_versions(scenario, names)
    if not scenario.start <= as_of <= today:
        message = f"{as_of} is {'in the future' if as_of > today else 'before the start of ' + scenario.id}."
        raise InputError(
            Finding("error", message, key="--as-of", accepted=f"a day from {scenario.start} to {today}, today (UTC)")
        )
    seed = int(sha256(scenario.id)[:12], 16) if seed is None else seed
    windows = watch_windows(scenario, versions, as_of)
    # one count for all: with the grade table of the first version named that is not the benchmark
    counted = Counted(windows, [len(days) for days in count_events(scenario, versions[1], windows)])
    questions = questions_as_of(scenario, as_of, ledger)
    then = snapshot(scenario, versions[1], as_of)
    still_open = [q for q in questions if q.id not in then.resolutions and not is_over(q, as_of)]
    found, warnings = {}, []
    for number, name in enumerate(versions):
        store = LedgerDraws(ledger, scenario.workspace, scenario.id, settings(scenario, name))
        source = DrawSource(store, "auto", sampler, progress)
        found[name] = one_version(
            scenario, name, number, counted, still_open, as_of, source, seed=seed, progress=progress
        )
        warnings += source.warnings
    return _document(scenario, as_of, seed, counted, still_open, found, ledger) | {
        "warnings": list(dict.fromkeys(warnings))
    }


def _document(
    scenario: Scenario,
    as_of: date,
    seed: int,
    counted: Counted,
    questions: Sequence[Question],
    found: Mapping[str, OneVersion],
    ledger: Ledger,
) -> dict[str, Any]:
    """What `compare --json` prints; `found` in the order of the versions, the benchmark first."""
    versions = list(found)
    models = {name: one.model for name, one in found.items()}
    answered = {name: one.answered for name, one in found.items()}
    scored = {name: one.scored for name, one in found.items()}
    identities = {name: model_identity(model) for name, model in models.items()}
    searched = scenario.file.searched_until
    return {
        "scenario": scenario.id,
        "title": scenario.title,
        "as_of": as_of.isoformat(),
        "searched_until": searched.isoformat() if searched else None,
        "seed": seed,
        "benchmark": versions[0] if models[versions[0]].family is Family.BASE_RATE else None,
        "reference": versions[0],
        "models": [{"model": name, "family": model.family.value} for name, model in models.items()],
        "settings": differing_settings(scenario, versions),
        "answers": answer_rows(questions, answered, models),
        "draws": [draws_row(name, posterior) for name, posterior in answered.items()],
        "n_windows": len(counted.windows),
        "n_events": sum(counted.counts),
        "counted_with": versions[1],
        "block_steps": block_length(len(next(iter(scored.values())).steps)) if counted.windows else None,
        "prequential": total_rows(scored),
        "by_indicator": indicator_rows(scored, counted.windows, counted.counts),
        "by_step": step_rows(scored),
        "scores": paired_scores(
            rows_of_versions(scenario, ledger.forecasts(scenario.id, retracted=False), identities, as_of), versions
        ),
        "foreign": [{"log_name": name, "forecasts": n} for name, n in ledger.foreign_counts(scenario.id).items()],
        "check": [row for one in found.values() for row in one.checked],
        "misfit_below": MISFIT,
        "seconds": {name: one.seconds for name, one in found.items()},
    }
