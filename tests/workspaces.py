"""Workspaces on disk for tests of the whole, a fixed clock, and a fake of NUTS that needs no PyMC."""

import pickle
import shutil
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from functools import cache, lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from forecast.inference.draws import Draws
from forecast.inference.posterior import Progress, Sampler
from forecast.ledger.store import LEDGER_FILE, open_ledger
from forecast.ledger.verify import verify
from forecast.model.answers import filtered
from forecast.model.arrays import Arrays
from forecast.model.priors import draw_prior, natural
from forecast.model.version import Floats, Settings
from forecast.scenario.read import read_scenario
from forecast.update import Request, Update, update

ROOT = Path(__file__).parents[1]

CODEBOOK = """\
regimes:
  durable: {means: it lasts, prior: 0.5, stays: {years: [2, 10]}, goes_to: {fragile: 1}}
  fragile: {means: it breaks, prior: 0.5, stays: {years: [0.5, 2]}, goes_to: {durable: 1}}
indicators:
  meeting:
    kind: event
    means: Leaders of the partners meet
    counts_as: one meeting, however many days
    per_year: {durable: [1, 3], fragile: [0.1, 0.5]}
  dispute:
    kind: event
    means: The partners quarrel in public
    counts_as: one quarrel
    per_year: {durable: [0.1, 0.5], fragile: [1, 3]}
  threat:
    kind: condition
    means: Both name the same third state as a threat
    holds: {durable: [0.6, 0.9], fragile: [0.2, 0.5]}
"""

SCENARIO = """\
id: toy
title: A toy alliance
actors: {AAA: {name: Arland}, BBB: {name: Borland}}
codebook: alliance
step: month
start: 2023-01-01
searched_until: 2024-06-30
questions:
  - {id: regime-2025, ask: Which regime holds on 1 January 2025?, kind: state, on: 2025-01-01}
  - {id: unbroken-2025, ask: Does it last until 2025?, kind: stays, in: [durable], until: 2025-01-01}
  - {id: meeting-2024, ask: Do they meet in 2024?, kind: occurs, indicator: meeting, between: [2024-01-01, 2024-12-31]}
  - {id: dispute-2024, ask: Do they quarrel in 2024?, kind: occurs, indicator: dispute,
     between: [2024-01-01, 2024-12-31], settled_by: truth}
  - {id: regime-2023, ask: Which regime held on 1 July 2023?, kind: state, on: 2023-07-01}
default_model: v1
"""

INDICATORS = """\
indicators:
  meeting:
    watch: [{from: 2024-01-01, detection: [0.7, 0.95], lag_days: [1, 14]}]
"""

SOURCES = "paper: {title: An article, published: 2024-01-07, reliability: B}\n"

EVIDENCE = """\
defaults: {source: paper, coded_by: xy, coded_on: 2024-02-01}
reports:
  - {id: R1, indicator: meeting, event: summit, when: 2023-05-04, claim: The leaders met., asserted_as: fact, grade: B1}
  - {id: R2, indicator: dispute, event: fish, when: 2023-09, claim: They quarrel., asserted_as: fact, grade: C3}
  - {id: R3, indicator: threat, event: seaside, when: 2023-11-02, claim: Both name Cland., asserted_as: fact, grade: B2}
  - {id: R4, claim: It will last for decades., asserted_as: speculation}
"""

MODELS = {
    "v1": "version: v1\nfamily: regime\nnotes: as it is\ntau: 0.5\n",
    "v0": "version: v0\nfamily: base-rate\nnotes: benchmark\n",
}

RESOLUTIONS = "dispute-2024: {outcome: yes, on: 2024-02-10, known: 2024-03-15, source: paper}\n"

#: A day as of which nothing of the toy's watches and resolutions stands out.
DAY = date(2024, 2, 1)


def write_toy(workspace: Path) -> Path:
    """A small made-up case `toy` in a new workspace."""
    files = {
        "codebooks/alliance.yaml": CODEBOOK,
        "toy/scenario.yaml": SCENARIO,
        "toy/indicators.yaml": INDICATORS,
        "toy/sources.yaml": SOURCES,
        "toy/evidence/reports.yaml": EVIDENCE,
        "toy/resolutions.yaml": RESOLUTIONS,
        **{f"toy/models/{name}.yaml": text for name, text in MODELS.items()},
    }
    return write_scenarios(workspace, files)


def write_scenarios(workspace: Path, files: Mapping[str, str]) -> Path:
    """Files by their path below `scenarios/`; the workspace."""
    for name, text in files.items():
        path = workspace / "scenarios" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return workspace


def copy_dprk(workspace: Path) -> Path:
    """The real scenario dprk-russia in a workspace of its own, without a ledger."""
    for name in ("codebooks", "dprk-russia"):
        shutil.copytree(ROOT / "scenarios" / name, workspace / "scenarios" / name)
    (workspace / "scenarios/dprk-russia/ledger.jsonl").unlink(missing_ok=True)
    return workspace


def edit(workspace: Path, file: str, old: str, new: str) -> None:
    """Replace a text that stands once in a file of the toy."""
    path = workspace / "scenarios" / file
    text = path.read_text()
    assert text.count(old) == 1, f"'{old}' stands {text.count(old)} times in {file}"
    path.write_text(text.replace(old, new))


def add_report(workspace: Path, report: str) -> None:
    """Add a line to the toy's evidence."""
    path = workspace / "scenarios/toy/evidence/reports.yaml"
    path.write_text(path.read_text() + f"  - {{{report}}}\n")


def noon(day: date) -> Callable[[], datetime]:
    """A clock that stands at noon of a day."""
    return lambda: datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def exact(model: Settings, data: Arrays, seed: int, progress: Progress) -> Draws:
    """A fake of NUTS: independent draws of the posterior, by resampling draws of the prior by their likelihood."""
    progress("sampling", None, "")
    judge_once()
    # hundreds of tests forecast the same toy on the same day
    return _exact(pickle.dumps((model, data, seed)))


@lru_cache(64)
def _exact(asked: bytes) -> Draws:
    """What `exact` gives for pickled settings, evidence and seed; nobody can write to the arrays."""
    model, data, seed = pickle.loads(asked)
    n_chains, n_draws = 4, 500
    rng = np.random.default_rng(seed % 2**63)
    prior = draw_prior(model, data.fixed, 3 * n_chains * n_draws, rng)
    log_weight = filtered(natural(np, prior, model, data.fixed), model, data).log_likelihood.sum(axis=1)
    weight = np.exp(log_weight - log_weight.max())
    rows = rng.choice(len(weight), size=n_chains * n_draws, p=weight / weight.sum())
    arrays = {name: values[rows].reshape((n_chains, n_draws, *values.shape[1:])) for name, values in prior.items()}
    for values in arrays.values():
        values.setflags(write=False)
    return Draws(
        arrays,
        {
            "sampler": "resampled prior",
            "chains": n_chains,
            "tune": 0,
            "draws": n_draws,
            "seed": seed,
            "seconds": {"build_and_compile": 0.0, "sample": 1.5},
            "divergences": 0,
            "bfmi": [1.0] * n_chains,
            "versions": {"pymc": "0"},
        },
    )


@cache
def judge_once() -> None:
    """From now on the process judges the same draws and answers once; others it judges anew.

    ArviZ takes a tenth of a second for it, two thirds of a forecast of the toy.
    """
    from forecast.inference import diagnose as module  # takes seconds

    real, known = module.diagnose, dict[bytes, module.Diagnosis]()

    def diagnose(draws: Draws, answers: Mapping[str, Floats]) -> module.Diagnosis:
        place = sha256(pickle.dumps((draws.arrays, draws.meta, answers))).digest()
        if place not in known:
            known[place] = real(draws, answers)
        return known[place]

    module.diagnose = diagnose


def never(*_: Any) -> Draws:
    """A sampler that must not be called, in the place of NUTS."""
    raise AssertionError("sampled by NUTS, though nothing was to be sampled by it")


def no_sampling(stage: str, *_: Any) -> None:
    """Progress of what must not sample at all: every step and sweep of a sampler is reported."""
    assert stage != "sampling", "sampled, though stored draws were to be used"


def forecast_toy(
    workspace: Path,
    *,
    made_on: date = DAY,
    sampler: Sampler = exact,
    progress: Progress = lambda *_: None,
    at: Callable[[str], None] = lambda _: None,
    **request: Any,
) -> Update:
    """Forecast the toy on a day, by default with sequential Monte Carlo; records may be made in any order of days.

    `sampler` is in the place of NUTS.
    """
    request.setdefault("allow_clock", True)
    scenario = read_scenario(workspace, "toy")
    return update(scenario, Request(**request), clock=noon(made_on), sampler=sampler, progress=progress, at=at)


def records(workspace: Path) -> list[str]:
    """Types of all records, by a reader that finds nothing wrong with the ledger and its draws."""
    with open_ledger(workspace / LEDGER_FILE, read_only=True) as ledger:
        assert verify(ledger, None, workspace / ".forecast/draws") == []
        return [entry.type for entry in ledger.entries()]
