"""Writes a replay's forecasts to the ledger as they are ready, and keeps the particles that the next day starts from.

The particles of a day are written before its record, and those of the day before are deleted after it: a process that
is killed at any point leaves a record and its particles, or neither. Only those of a segment's last day are forced to
disk, remembered by the ledger and offered to other commands: others can be computed again.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from forecast.analysis.replays.automatic import automatic_questions
from forecast.analysis.replays.segment import DayForecast
from forecast.analysis.replays.steps import Step, particles_file
from forecast.canonical import is_unaltered
from forecast.inference.draws import Draws, write_draws
from forecast.ledger.files import write_atomically
from forecast.ledger.store import DRAWS_FOLDER, Ledger
from forecast.model.evidence_set import to_content
from forecast.model.version import to_content as model_content
from forecast.update import forecast_record, keep_draws, remarks

__all__ = ["MAX_BYTES", "Recorder"]

#: Most bytes of particles that replays keep of one model version of a scenario.
MAX_BYTES = 50_000_000


@dataclass(slots=True)
class Recorder:
    """Records the forecasts of some segments.

    Parameters
    ----------
    ledger
        Open for writing.
    segments
        All segments of the replay, by scenario and version.
    clock
        Gives the present instant in UTC.
    allow_clock
        Record even if the clock is behind the last record.
    at
        Called at named points of writing; tests end the process there.
    """

    ledger: Ledger
    segments: Mapping[tuple[str, str], Sequence[Sequence[Step]]]
    clock: Callable[[], datetime]
    allow_clock: bool
    at: Callable[[str], None]
    _segment_of: dict[str, Sequence[Step]] = field(init=False)
    _digests: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        every = [part for parts in self.segments.values() for part in parts]
        self._segment_of = {step.day.key: part for part in every for step in part}
        steps = (step for part in every for step in part)
        self._digests = {step.day.key: step.particles for step in steps if step.particles is not None}

    def tidy(self) -> None:
        """Delete what a replay that was killed left: particles of days that others have started from."""
        for part in self._segment_of.values():
            recorded = [step for step in part if step.particles is not None]
            self._delete([step for step in recorded[:-1] if particles_file(step, str(step.particles)).exists()])

    def record(self, forecast: DayForecast) -> None:
        """Record a forecast without problems, unless it is on record already; keep its particles."""
        part = self._segment_of[forecast.key]
        place = next(place for place, step in enumerate(part) if step.day.key == forecast.key)
        step, made_at = part[place], self.clock()
        is_last = place == len(part) - 1
        digest = None
        if forecast.draws is not None and forecast.draws.ancestry is not None:
            digest = self._digests.get(forecast.key)
            if digest is None or not is_unaltered(particles_file(step, digest), digest):
                digest = self._keep(step, forecast.draws, made_at, is_last)
        if step.entry is None:
            self._append(step, forecast, digest, digest if is_last else None, made_at)
        if digest is not None:
            self._digests[forecast.key] = digest
            self._delete(part[:place])
            if is_last:
                self._make_room(step)

    def _keep(self, step: Step, draws: Draws, made_at: datetime, is_last: bool) -> str:
        if is_last:
            return keep_draws(self.ledger, step.plan, draws, made_at, self.at)
        folder = step.plan.scenario.workspace / DRAWS_FOLDER
        return write_atomically(folder, ".npz", lambda file: write_draws(draws, file), self.at, forced=False)[1]

    def _append(
        self, step: Step, forecast: DayForecast, particles: str | None, fit: str | None, made_at: datetime
    ) -> None:
        record = forecast_record(step.plan, forecast, made_at, tuple(remarks(step.plan)))
        record = replace(
            record,
            fit=fit,
            evidence_counts={**record.evidence_counts, "new": 0},
            extra={"chain": {**step.chain, "particles": particles}, "automatic": _automatic(step, forecast)},
        )
        evidence, model = to_content(step.plan.evidence), model_content(step.plan.model)
        self.ledger.append_forecast(record, evidence, model, clock=self.clock, allow_clock=self.allow_clock, at=self.at)

    def _delete(self, steps: Sequence[Step]) -> None:
        """Delete the particles of days that others have started from."""
        for step in steps:
            digest = self._digests.pop(step.day.key, None)
            if digest is not None:
                self._drop(step, digest, step.entry is not None and step.entry.forecast.fit == digest)

    def _make_room(self, last: Step) -> None:
        """Delete the oldest particles of replays of the version where there are more than `MAX_BYTES`."""
        recorded = self.ledger.forecasts(last.plan.scenario.id, model=last.plan.version, kind="replay")
        chains = [entry.content["chain"] for entry in recorded if "chain" in entry.content]
        paths = {one["particles"]: particles_file(last, one["particles"]) for one in chains if one.get("particles")}
        sizes = {digest: path.stat().st_size for digest, path in paths.items() if path.exists()}
        for digest, size in list(sizes.items())[:-1]:
            if sum(sizes.values()) <= MAX_BYTES:
                return
            sizes[digest] -= size
            self._drop(last, digest, is_remembered=True)

    def _drop(self, step: Step, digest: str, is_remembered: bool) -> None:
        if is_remembered:
            self.ledger.forget_fit(digest)
        particles_file(step, digest).unlink(missing_ok=True)


def _automatic(step: Step, forecast: DayForecast) -> list[dict[str, Any]]:
    """The answers to automatic questions, as they are recorded."""
    rows = []
    for (indicator, months), question in automatic_questions(step.plan.snapshot, step.plan.model).items():
        (p, mcse, low, high), _ = forecast.summary(question.id)
        rows.append({"indicator": indicator, "horizon": months, "p": p, "mcse": mcse, "low": low, "high": high})
    return rows
