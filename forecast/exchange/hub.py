"""Recorded answers as a hub of the hubverse: model output, what came of it, and the configuration that describes both.

A round is an as-of date, a target is a question, every answer is a probability mass function. Live forecasts and
replays are different models: `forecast-v2_live` and `forecast-v2_replay`. The layout is that of the hubverse's
documentation at docs.hubverse.io, 'Model output' and 'Target (observed) data'.
"""

import csv
import hashlib
import io
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from forecast.errors import Finding, InputError
from forecast.exchange.hub_config import Model, Target, config_files
from forecast.exchange.hub_tasks import Scenarios, Task, hub_tasks
from forecast.exchange.selection import Chosen
from forecast.ledger.records import Forecast, made_at_instant

__all__ = ["FILES", "Hub", "check_team", "hub_files"]

#: Columns of model output and of oracle output.
OUTPUT = ("origin_date", "target", "target_end_date", "question_kind", "output_type", "output_type_id", "value")
ORACLE = ("target", "target_end_date", "output_type", "output_type_id", "oracle_value")

#: Paths of files that an export writes; a folder with others is never replaced.
FILES = re.compile(
    r"README\.md|hub-config/(admin|tasks|target-data|model-metadata-schema)\.json|target-data/oracle-output\.csv"
    r"|model-metadata/\w+-\w+\.yml|model-output/(\w+-\w+)/\d{4}-\d{2}-\d{2}-\2\.csv"
)

_TEAM = re.compile(r"\w{1,16}", re.ASCII)

#: In place of what an abbreviation must not hold.
_NOT_IN_ABBREVIATION = re.compile(r"\W", re.ASCII)


@dataclass(frozen=True, slots=True)
class Hub:
    """Files by path within the hub; how many forecasts, answers by kind, resolved questions; what was left out, why."""

    files: Mapping[str, bytes]
    n_forecasts: int
    kinds: Mapping[str, int]
    n_resolved: int
    left_out: Mapping[str, int]
    notes: tuple[str, ...]


def check_team(team: str) -> None:
    """Refuse a team's abbreviation that cannot stand before the hyphen of a model's name.

    Raises
    ------
    InputError
        If it cannot.
    """
    if not _TEAM.fullmatch(team):
        message = f"'{team}' is no abbreviation of a team."
        raise InputError(
            Finding("error", message, key="--team", found=team, accepted="1 to 16 letters, digits and underscores")
        )


def hub_files(selected: Chosen, scenarios: Scenarios, today: date, team: str = "forecast") -> Hub:
    """Lay answers out as a hub.

    Parameters
    ----------
    selected
        The answers, all outcomes of every question; see `hub_tasks.hub_tasks` for those that stay out.
    scenarios
        By id, those whose files are at hand: they say what happened.
    today
        What had come by then is in the oracle output: questions whose last day has passed, with the outcome known.
    team
        Abbreviation before the hyphen of every model's name.

    Raises
    ------
    InputError
        If nothing is left to write.
    LedgerError
        If a record cannot be laid out.
    """
    tasks, left_out = hub_tasks(selected, scenarios)
    if not tasks:
        reasons = "; ".join(f"{n} answers: {why}" for why, n in left_out.items())
        raise InputError(Finding("error", f"no open answer is left for a hub ({reasons}).", accepted="other forecasts"))
    targets = _targets(tasks)
    models = _models([task.forecast for task in tasks], team)
    by_file: dict[tuple[str, str], list[Task]] = defaultdict(list)
    for task in tasks:
        by_file[task.forecast.as_of, models[task.forecast.model, task.forecast.kind].id].append(task)
    files = {
        f"model-output/{model}/{as_of}-{model}.csv": _csv(
            OUTPUT, (row for task in members for row in _rows(task, targets[task.target]))
        )
        for (as_of, model), members in by_file.items()
    }
    resolved = dict(_resolved(targets.values(), scenarios, today))
    files["target-data/oracle-output.csv"] = _csv(ORACLE, _oracle(targets, resolved))
    dates = sorted({task.forecast.as_of for task in tasks})
    delay = max(_delay(task.forecast) for task in tasks)
    files |= config_files(list(targets.values()), list(models.values()), dates, delay, team)
    return Hub(
        dict(sorted(files.items())),
        len({task.id for task in tasks}),
        Counter(task.forecast.kind for task in tasks for _ in task.p),
        len(resolved),
        {why: n for why, n in left_out.items() if n},
        tuple(_notes(tasks, targets, scenarios)),
    )


def _targets(tasks: Iterable[Task]) -> dict[str, Target]:
    """By name; an outcome that only some versions know is a category for all, with p 0 where it was not known."""
    found: dict[str, Target] = {}
    for task in tasks:
        target = found.setdefault(task.target, Target(task.target, task.ends, task.kind, task.ask, ()))
        new = [name for name in task.p if name not in target.outcomes]
        found[task.target] = Target(task.target, task.ends, task.kind, task.ask, (*target.outcomes, *new))
    return dict(sorted(found.items()))


def _models(forecasts: Iterable[Forecast], team: str) -> dict[tuple[str, str], Model]:
    """By version and kind; versions whose names become one abbreviation get a mark."""
    names = sorted({(forecast.model, forecast.kind): forecast.family for forecast in forecasts}.items())
    short = {version: _NOT_IN_ABBREVIATION.sub("_", version) for (version, _), _ in names}
    shared = [text for text in short.values() if list(short.values()).count(text) > 1]
    found: dict[tuple[str, str], Model] = {}
    for (version, kind), family in names:
        mark = "_" + hashlib.sha256(version.encode()).hexdigest()[:4] if short[version] in shared else ""
        found[version, kind] = Model(team, f"{short[version]}{mark}_{kind}", version, kind, family)
    return found


def _rows(task: Task, target: Target) -> Iterator[Sequence[str]]:
    for outcome in target.outcomes:
        yield (task.forecast.as_of, task.target, task.ends, task.kind, "pmf", outcome, repr(task.p.get(outcome, 0.0)))


def _resolved(targets: Iterable[Target], scenarios: Scenarios, today: date) -> Iterator[tuple[str, str]]:
    """Target and outcome of every question that is over and whose outcome is known."""
    for target in targets:
        scenario, _, question = target.name.partition("/")
        if scenario not in scenarios or date.fromisoformat(target.ends) >= today:
            continue
        resolution = scenarios[scenario].resolutions.get(question)
        if resolution is not None and resolution.known <= today and resolution.outcome in target.outcomes:
            yield target.name, resolution.outcome


def _oracle(targets: Mapping[str, Target], resolved: Mapping[str, str]) -> Iterator[Sequence[str]]:
    for name, observed in resolved.items():
        for outcome in targets[name].outcomes:
            yield (name, targets[name].ends, "pmf", outcome, "1" if outcome == observed else "0")


def _delay(forecast: Forecast) -> int:
    """Days from the as-of date to the day on which the forecast was made."""
    return max((made_at_instant(forecast.made_at).date() - date.fromisoformat(forecast.as_of)).days, 0)


def _notes(tasks: Iterable[Task], targets: Mapping[str, Target], scenarios: Scenarios) -> Iterator[str]:
    absent = dict.fromkeys(task.forecast.scenario for task in tasks if task.forecast.scenario not in scenarios)
    if absent:
        yield f"what happened is not known here: no files of {', '.join(absent)}"
    if any("~" in name for name in targets):
        yield "targets with ~ are questions as they were before their definition changed; nothing resolves them"
    wider = dict.fromkeys(task.target for task in tasks if len(task.p) < len(targets[task.target].outcomes))
    if wider:
        yield f"outcomes that a version did not know have p 0 there: {', '.join(wider)}"


def _csv(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([header, *rows])
    return text.getvalue().encode()
