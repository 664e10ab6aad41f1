"""The real case replayed: moved particles against NUTS and particles from the prior, several processes against one."""

from datetime import date

import numpy as np
import pytest

from forecast.analysis.replays.executor import executor
from forecast.analysis.replays.replay import Span, replay
from forecast.scenario.read import read_scenario
from forecast.update import Request, update

from ..replays import numbers
from ..workspaces import copy_dprk, never, noon

TODAY = date(2026, 1, 1)
SPAN = Span(date(2023, 11, 1), date(2025, 6, 30), models=("v2",))

#: The last days of segments: their particles were moved most often.
LATE = ("2024-09-30", "2024-10-31", "2025-05-31", "2025-06-30")

#: Monte Carlo errors by which an answer may differ from that of other draws for the same evidence. Of some 100
#: comparisons, which hang together, the largest of a right program is about 3.
MAX_Z = 4.0

pytestmark = pytest.mark.slow


def replayed(workspace, jobs):
    with executor(jobs) as run:
        (made,) = replay([read_scenario(workspace, "dprk-russia")], SPAN, run, clock=noon(TODAY), sampler=never)
    assert made.problems == ()
    return made


@pytest.fixture(scope="module")
def serial(tmp_path_factory):
    workspace = copy_dprk(tmp_path_factory.mktemp("serial"))
    return workspace, replayed(workspace, 1)


@pytest.mark.parametrize("method", ["smc", "nuts"])
def test_moved_answers_are_those_of_other_draws_within_four_monte_carlo_errors(serial, capsys, method):
    workspace, made = serial
    scenario = read_scenario(workspace, "dprk-russia")
    moved = [one.forecast for one in made.entries if one.forecast.as_of in LATE and one.forecast.model == "v2"]
    assert len(moved) == len(LATE)
    assert all("moved_from" in forecast.method for forecast in moved)
    rows, largest = [], 0.0
    for forecast in moved:
        request = Request(model="v2", as_of=date.fromisoformat(forecast.as_of), method=method, draft=True, seed=2)
        other = update(scenario, request, clock=noon(TODAY)).forecast
        pairs = [(a, b) for a, b in zip(forecast.answers, other.answers, strict=True) if a.p is not None]
        z = np.array([(a.p - b.p) / np.hypot(a.mcse, b.mcse) for a, b in pairs])
        worst = int(np.abs(z).argmax())
        name = f"{pairs[worst][0].question}:{pairs[worst][0].outcome}"
        difference = np.abs([a.p - b.p for a, b in pairs]).max()
        rows.append(f"{forecast.as_of} {difference:7.4f} {z[worst]:6.2f} {np.sqrt(np.mean(z**2)):6.2f} {name}")
        largest = max(largest, float(np.abs(z).max()))
    with capsys.disabled():
        print(f"\n{method}\nas of         |dp| worst z    rms", *rows, sep="\n")
    assert largest <= MAX_Z


def test_processes_give_the_numbers_of_one_digit_for_digit(serial, tmp_path):
    workspace = copy_dprk(tmp_path)
    replayed(workspace, 2)
    assert numbers(workspace) == numbers(serial[0])
