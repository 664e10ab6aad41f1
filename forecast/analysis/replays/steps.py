"""What a replay computes: the days of every model version, planned, cut into segments, and how far each has got.

The key of a day includes the key of the day before it in its segment: its particles come from there. So a record stands
for a day only where everything that its numbers depend on is the same.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from forecast.analysis.replays.automatic import automatic_questions
from forecast.analysis.replays.segment import Day, Segment, particles_of
from forecast.canonical import canonical_json, sha256
from forecast.errors import InputError, LedgerError
from forecast.inference.draws import load_draws
from forecast.inference.reweight import ProposalDraws
from forecast.ledger.records import Content, Entry
from forecast.ledger.store import DRAWS_FOLDER, Ledger
from forecast.model.frame import Frame, frame
from forecast.model.version import settings
from forecast.plan import Plan, Request, plan
from forecast.scenario.record import Scenario

__all__ = ["SEGMENT", "Step", "particles_file", "remaining", "segments_of"]

#: Days in a segment. Each segment starts from the prior, and segments can be computed at the same time.
SEGMENT = 12


@dataclass(frozen=True, slots=True)
class Step:
    """One day of one version: its plan, and what it is computed from.

    `chain` is recorded with it: the method, its place in the segment, and the key of the day before. `entry` is its
    record, if there is one.
    """

    plan: Plan
    day: Day
    chain: Content
    entry: Entry | None

    @property
    def particles(self) -> str | None:
        """SHA-256 of its particles, which may have been deleted; None where there were none."""
        return self.entry.forecast.extra["chain"]["particles"] if self.entry is not None else None

    @property
    def name(self) -> str:
        """Scenario, version and day, for messages."""
        return f"{self.plan.scenario.id} {self.plan.version} {self.plan.as_of}"


def segments_of(
    scenario: Scenario, version: str, days: Sequence[date], method: str, ledger: Ledger, notes: list[str]
) -> list[list[Step]]:
    """The days of one version, cut into segments; a day without an open question is skipped, with a note."""
    shared = frame(scenario.codebooks[version], settings(scenario, version))
    segments = []
    for begin in range(0, len(days), SEGMENT):
        steps: list[Step] = []
        for day in days[begin : begin + SEGMENT]:
            step = _step(scenario, version, day, method, shared, ledger, steps)
            if step is None:
                notes.append(f"{day}: every question is over or resolved; no forecast with {version}")
            else:
                steps.append(step)
        segments.append(steps)
    return segments


def _step(
    scenario: Scenario,
    version: str,
    as_of: date,
    method: str,
    shared: Frame,
    ledger: Ledger,
    before: Sequence[Step],
) -> Step | None:
    try:
        # the day after: a replay is not a live forecast, even as of today
        planned = plan(scenario, Request(version, as_of), as_of + timedelta(days=1), ledger)
    except InputError as error:
        if [finding.key for finding in error.findings()] == ["questions"]:
            return None
        raise
    chain = {"method": method, "number": len(before), "after": before[-1].day.key if before else None}
    key = sha256(canonical_json({**planned.identity, "seed": planned.seed, "chain": chain}))
    questions = (*planned.open_questions, *automatic_questions(planned.snapshot, planned.model).values())
    day = Day(key, as_of, planned.model, planned.evidence, questions, planned.seed, shared)
    return Step(replace(planned, key=key), day, chain, ledger.find_key(key))


def remaining(ledger: Ledger, chain: str, steps: Sequence[Step], method: str) -> Segment | None:
    """What of a segment is still to be computed, from the last particles that are kept; None if nothing is.

    Where they are gone the segment is computed again from its first day; what is recorded already stays as it is.
    """
    begin = next((place for place, step in enumerate(steps) if step.entry is None), None)
    if begin is None:
        return None
    if method == "nuts":
        return Segment(chain, tuple(step.day for step in steps if step.entry is None))
    for place, start in _kept(ledger, steps[:begin]):
        return Segment(chain, tuple(step.day for step in steps[place + 1 :]), start)
    return Segment(chain, tuple(step.day for step in steps))


def _kept(ledger: Ledger, steps: Sequence[Step]) -> Iterator[tuple[int, ProposalDraws]]:
    """Particles of these days that are kept, the last day first."""
    for place in range(len(steps) - 1, -1, -1):
        step = steps[place]
        if step.particles is None:
            continue
        try:
            yield place, particles_of(step.day, load_draws(particles_file(step, step.particles), step.particles))
        except LedgerError:
            if step.entry is not None and step.entry.forecast.fit is not None:
                ledger.forget_fit(step.particles)


def particles_file(step: Step, digest: str) -> Path:
    """Where particles are kept."""
    return step.plan.scenario.workspace / DRAWS_FOLDER / f"{digest}.npz"
