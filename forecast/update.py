"""THE MAIN PATH: scenario -> known -> arrays -> posterior -> answers -> record.

`update` is the path; `plan` makes its first two steps. Clock, sampler, progress and fault points come in as arguments.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from math import hypot
from platform import python_version
from typing import Any, Protocol

import numpy as np

from forecast.about import VERSION
from forecast.errors import Finding, InputError
from forecast.inference.draws import Draws, write_draws
from forecast.inference.posterior import Posterior, Progress, Sampler, nuts
from forecast.inference.stored_draws import DrawSource, Method, StoredFit
from forecast.ledger.draw_store import LedgerDraws
from forecast.ledger.files import write_atomically
from forecast.ledger.latest import earlier_of
from forecast.ledger.records import Answer, Entry, FitRow, Forecast, made_at_instant
from forecast.ledger.store import DRAWS_FOLDER, LEDGER_FILE, Ledger, open_ledger
from forecast.ledger.warning_codes import FAR_EVIDENCE, SEEN_CASE, CodedWarning, code_of
from forecast.model.answers import outcomes
from forecast.model.arrays import Arrays, arrays
from forecast.model.edges import certain_outcomes, inside
from forecast.model.evidence_set import from_content, to_content
from forecast.model.far_evidence import far_indicators
from forecast.model.version import to_content as model_content
from forecast.plan import SEEN, Plan, Request, plan
from forecast.scenario.dates import now
from forecast.scenario.record import Scenario
from forecast.scenario.schema import Family, Report

__all__ = ["Answered", "Request", "Update", "forecast_record", "keep_draws", "remarks", "update"]

#: Reports named in a remark.
FEW = 3


class Answered(Protocol):
    """What a record needs of a posterior."""

    @property
    def method(self) -> Mapping[str, Any]:
        """How it was computed."""

    @property
    def versions(self) -> Mapping[str, str]:
        """Versions of the libraries that made the draws."""

    def summary(self, question: str) -> Sequence[tuple[float, float, float, float]]:
        """For every outcome: mean, its Monte Carlo standard error, and the ends of the interval over draws."""


@dataclass(frozen=True, slots=True)
class Update:
    """A forecast and how it came about.

    `entry` is its record, None for a draft or a fit that failed; `stored` says that it was there already; `earlier` is
    the record it is compared with, `before` its answers by question and outcome; `new_events` is what has come or
    changed since, `gone_events` what no longer counts; `problems` are failed diagnostics; `head` is the hash of the
    record, or of the end of the log where there is none.
    """

    forecast: Forecast
    entry: Entry | None
    stored: bool
    earlier: Entry | None
    before: Mapping[tuple[str, str], Answer]
    new_events: tuple[str, ...]
    gone_events: tuple[str, ...]
    problems: tuple[str, ...]
    head: str

    def change(self, answer: Answer) -> float | None:
        """Difference of a probability to the earlier forecast; None where there is none or its outcome was closed."""
        before = self.before.get((answer.question, answer.outcome))
        return None if before is None or before.p is None or answer.p is None else answer.p - before.p

    def change_mcse(self, answer: Answer) -> float | None:
        """Monte Carlo standard error of `change`: the root of the sum of both squared errors."""
        before = self.before.get((answer.question, answer.outcome))
        if before is None or before.mcse is None or answer.mcse is None:
            return None
        return hypot(before.mcse, answer.mcse)


def update(
    scenario: Scenario,
    request: Request | None = None,
    *,
    clock: Callable[[], datetime] = now,
    sampler: Sampler = nuts,
    progress: Progress = lambda *_: None,
    at: Callable[[str], None] = lambda _: None,
) -> Update:
    """Forecast a scenario as of a day, record it, and say what changed.

    Parameters
    ----------
    scenario
        Read without errors.
    request
        What is wanted; by default the scenario's default model as of today.
    clock
        Gives the present instant in UTC.
    sampler
        NUTS, for `--method nuts` and where sequential Monte Carlo fails its diagnostics.
    progress
        Called at every stage.
    at
        Called at named points between the first byte of the draws and the end of the commit; tests kill it there.

    Raises
    ------
    InputError
        If what is wanted cannot be (see `plan.plan`), or only reweighting is allowed and no draws are stored.
    WorkspaceError, LedgerError
        If ledger or draws cannot be written; found out before anything is sampled, where that is possible.
    """
    request = request or Request()
    started = clock()  # the day stays that on which the run began; `made_at` is read when the record is appended
    path = scenario.workspace / LEDGER_FILE
    with open_ledger(path, read_only=True) as ledger:
        # what cannot be forecast makes no ledger
        wanted = plan(scenario, request, started.date(), ledger)
    with open_ledger(path, create=True, at=at) as ledger:
        stored = None if request.force else ledger.find_key(wanted.key)
        if stored is not None and _was_made_by(stored.forecast, request.method):
            return _compared(ledger, wanted, stored.forecast, replace(stored, stored=True))
        if not (request.draft or request.allow_clock):
            ledger.check_clock(clock)
        data = arrays(wanted.evidence, wanted.model, wanted.as_of)
        said = list(remarks(wanted))
        posterior = _posterior(ledger, wanted, data, request, said, sampler, progress)
        result = _compared(ledger, wanted, forecast_record(wanted, posterior, started, said), None)
        if posterior.problems:
            return replace(result, problems=posterior.problems)
        progress("writing", None, "")
        fit = posterior.method["from_fit"] or keep_draws(ledger, wanted, posterior.draws, started, at)
        forecast = replace(result.forecast, fit=fit)
        if request.draft:
            return replace(result, forecast=forecast)
        evidence, model = to_content(wanted.evidence), model_content(wanted.model)
        # a stored record that was passed over (reweighted, or with --force) must not be given back now
        force = request.force or stored is not None
        entry = ledger.append_forecast(
            forecast, evidence, model, force=force, clock=clock, allow_clock=request.allow_clock, at=at
        )
        if entry.stored:
            # another process was first: its record, and what that one is compared with
            return _compared(ledger, wanted, entry.forecast, entry)
        return replace(result, entry=entry, forecast=entry.forecast, head=entry.hash)


def _was_made_by(forecast: Forecast, method: Method) -> bool:
    """Whether a stored record is what a method would give: of a sampler, its own draws from the prior."""
    if method in ("auto", "reweight"):
        return True
    return forecast.method["name"] == method and not forecast.method.get("moved_from")


def _posterior(
    ledger: Ledger,
    wanted: Plan,
    data: Arrays,
    request: Request,
    said: list[str],
    sampler: Sampler,
    progress: Progress,
) -> Posterior:
    """The posterior from stored draws or from a sampler; adds a warning for every file that could not be used."""
    store = LedgerDraws(ledger, wanted.scenario.workspace, wanted.scenario.id, wanted.model, may_forget=True)
    source = DrawSource(store, request.method, sampler, progress)
    if not any(map(_may_use(wanted, request), store.fits())):
        if request.method == "reweight":
            raise _nothing_to_reweight(wanted, request)
        ledger.probe()
    found = source.draws_for(
        wanted.model, data, wanted.open_questions, seed=wanted.seed, candidates=_may_use(wanted, request)
    )
    said.extend(source.warnings)
    return found


def _may_use(wanted: Plan, request: Request) -> Callable[[StoredFit], bool]:
    """Whether stored draws may be reweighted or moved.

    All of the version, but with a seed only those that it made for this evidence, and with `--force` none.
    """

    def may_use(fit: StoredFit) -> bool:
        if request.force and request.method == "auto":
            return False
        if fit.model_identity != wanted.identity["model_identity"]:
            return False
        if request.seed is None:
            return True
        same = fit.evidence_identity == wanted.identity["evidence_identity"] and fit.day == wanted.as_of
        return same and fit.seed == request.seed

    return may_use


def _nothing_to_reweight(wanted: Plan, request: Request) -> InputError:
    seed = f" made with seed {request.seed} from this evidence" if request.seed is not None else ""
    return InputError(
        Finding(
            "error",
            f"there are no stored draws of model {wanted.version} of {wanted.scenario.id}{seed} to reweight.",
            key="--method",
            found="reweight",
            accepted="auto, smc or nuts" + (", or leave out --seed" if seed else ""),
        )
    )


def keep_draws(ledger: Ledger, wanted: Plan, draws: Draws, made_at: datetime, at: Callable[[str], None]) -> str:
    """Write the draws of a fit to the plan's evidence and remember them; the SHA-256 of the file."""
    path, digest = write_atomically(
        wanted.scenario.workspace / DRAWS_FOLDER, ".npz", lambda file: write_draws(draws, file), at
    )
    ledger.record_fit(
        FitRow(
            sha256=digest,
            file=path.name,
            model_identity=wanted.identity["model_identity"],
            evidence_identity=wanted.identity["evidence_identity"],
            scenario=wanted.scenario.id,
            as_of=wanted.as_of.isoformat(),
            made_at=made_at.isoformat(timespec="seconds"),
            n_draws=draws.n_draws,
            ess=float(draws.meta.get("ess", draws.n_draws)),
            seed=wanted.seed,
            method="nuts" if draws.ancestry is None else "smc",
        )
    )
    at("fit: remembered")
    return digest


def remarks(wanted: Plan) -> Iterator[str]:
    """What a reader must know before the numbers."""
    if wanted.scenario.id in wanted.scenario.codebooks[wanted.version].learned_from:
        text = f"{SEEN}: the rates of {wanted.version} were learned from its events, so the forecast is not scored"
        yield CodedWarning(text, SEEN_CASE)
    searched = wanted.scenario.file.searched_until
    if searched is not None and searched < wanted.as_of and wanted.evidence.watches:
        yield f"watches end at {searched}: nobody has searched since, and silence after that day says nothing"
    later = [row.report.id for row in wanted.snapshot.reports if row.counted and _appeared_after(wanted, row.report)]
    if later and wanted.model.family is not Family.BASE_RATE:
        listed = ", ".join(later[:FEW]) + (f" and {len(later) - FEW} more" if len(later) > FEW else "")
        yield (
            f"reports from sources published after {wanted.as_of} count ({listed}): that they were known by then is "
            "the word of whoever coded them"
        )
    for far in far_indicators(wanted.evidence, wanted.model, wanted.as_of):
        yield CodedWarning(str(far), FAR_EVIDENCE)
    if wanted.kind == "replay":
        yield "replay: evidence as known then, but codebook and ranges of today, so hindsight in the model remains"


def _appeared_after(wanted: Plan, report: Report) -> bool:
    published = wanted.scenario.sources[report.source].published
    return published is not None and published > wanted.as_of


def forecast_record(wanted: Plan, posterior: Answered, made_at: datetime, said: Sequence[str]) -> Forecast:
    """What will be recorded, but for the draws and the comparison with an earlier forecast."""
    counted = [row for row in wanted.snapshot.reports if row.counted]
    return Forecast(
        scenario=wanted.scenario.id,
        title=wanted.scenario.title,
        model=wanted.version,
        family=wanted.model.family.value,
        model_identity=wanted.identity["model_identity"],
        evidence_identity=wanted.identity["evidence_identity"],
        as_of=wanted.as_of.isoformat(),
        made_at=made_at.isoformat(timespec="seconds"),
        kind=wanted.kind,
        key=wanted.key,
        seed=wanted.seed,
        method=dict(posterior.method),
        fit=None,
        versions={"forecast": VERSION, "python": python_version(), "numpy": np.__version__} | dict(posterior.versions),
        questions=tuple(wanted.identity["questions"]),
        evidence_counts={
            "reports": len(wanted.snapshot.reports),
            "counted": 0 if wanted.model.family is Family.BASE_RATE else len(counted),
            "events": len(wanted.evidence.events),
            "origins": len({origin.origin for event in wanted.evidence.events for origin in event.origins}),
        },
        warnings=tuple(map(str, said)),
        warning_codes=tuple(map(code_of, said)),
        since=None,
        answers=tuple(_answers(wanted, posterior)),
    )


def _answers(wanted: Plan, posterior: Answered) -> Iterator[Answer]:
    for question in wanted.questions:
        resolution = wanted.snapshot.resolutions.get(question.id)
        fixed: dict[str, Any] = {"question": question.id, "ask": question.ask, "kind": question.kind}
        if wanted.is_closed(question):
            outcome = resolution.outcome if resolution else None
            nothing: dict[str, Any] = {"p": None, "mcse": None, "low": None, "high": None}
            yield Answer(**fixed, outcome=outcome or "unresolved", **nothing, closed=True, resolved=outcome)
            continue
        rows = posterior.summary(question.id)
        certain = certain_outcomes(question, wanted.model)
        for name, (p, mcse, low, high), exact in zip(outcomes(question, wanted.model), rows, certain, strict=True):
            numbers: dict[str, Any] = {"p": inside(p, exact), "mcse": mcse}
            numbers |= {"low": inside(low, exact), "high": inside(high, exact)}
            yield Answer(**fixed, outcome=name, **numbers, closed=False, resolved=None)


def _compared(ledger: Ledger, wanted: Plan, forecast: Forecast, entry: Entry | None) -> Update:
    """Set a forecast beside that which it is compared with; see `forecast.ledger.latest.earlier_of`."""
    if entry is not None:
        earlier = ledger.entry(forecast.since) if forecast.since else None
    else:
        living = ledger.forecasts(wanted.scenario.id, model=wanted.version, retracted=False)
        earlier = earlier_of(living, wanted.version, forecast.as_of, forecast.kind)
    before: dict[tuple[str, str], Answer] = {}
    new_events: tuple[str, ...] = ()
    gone_events: tuple[str, ...] = ()
    if earlier is not None:
        record = earlier.forecast
        before = {(row.question, row.outcome): row for row in record.answers}
        then = from_content(ledger.evidence(record.evidence_identity))
        same, now_there = set(then.events), {event.id for event in wanted.evidence.events}
        new_events = tuple(event.id for event in wanted.evidence.events if event not in same)
        gone_events = tuple(event.id for event in then.events if event.id not in now_there)
    if entry is None:
        edited = tuple(_edited(ledger, forecast))
        forecast = replace(
            forecast,
            since=earlier.id if earlier else None,
            evidence_counts={**forecast.evidence_counts, "new": len(new_events)},
            warnings=(*forecast.warnings, *edited),
            warning_codes=(*(forecast.warning_codes or ()), *map(code_of, edited)),
        )
    # of a record its own hash, which stays what it is: others may have been appended since
    head = entry.hash if entry is not None else ledger.head().hash
    return Update(forecast, entry, entry is not None, earlier, before, new_events, gone_events, (), head)


def _edited(ledger: Ledger, forecast: Forecast) -> Iterator[str]:
    """Say it when the model version was another model when its name was last used, whatever the as-of date was."""
    used = ledger.forecasts(forecast.scenario, model=forecast.model, retracted=False)
    last = max(used, key=lambda entry: (made_at_instant(entry.content["made_at"]), entry.seq), default=None)
    if last is not None and last.content["model_identity"] != forecast.model_identity:
        yield f"{forecast.model} was edited since {last.id}: the model moved too; name it anew"
