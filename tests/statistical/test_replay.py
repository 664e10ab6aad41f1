"""The real case replayed with NUTS: weighed answers against fits of the very day, and processes against one."""

from datetime import date

import numpy as np
import pytest

from forecast.analysis.replays.executor import executor
from forecast.analysis.replays.replay import Span, replay
from forecast.scenario.read import read_scenario
from forecast.update import Request, update

from ..replays import numbers
from ..workspaces import copy_dprk, noon

TODAY = date(2026, 1, 1)
SPAN = Span(date(2023, 11, 1), date(2025, 6, 30), models=("v2",))

#: Monte Carlo errors by which an answer may differ from that of a fit to the same evidence. Of some 250 comparisons,
#: which hang together, the largest of a right program is about 3.
MAX_Z = 4.0

pytestmark = pytest.mark.slow


def replayed(workspace, jobs):
    with executor(jobs) as run:
        (made,) = replay([read_scenario(workspace, "dprk-russia")], SPAN, run, clock=noon(TODAY))
    assert made.problems == ()
    return made


@pytest.fixture(scope="module")
def serial(tmp_path_factory):
    workspace = copy_dprk(tmp_path_factory.mktemp("serial"))
    return workspace, replayed(workspace, 1)


def test_weighed_answers_are_those_of_fits_within_four_monte_carlo_errors(serial, capsys):
    workspace, made = serial
    scenario = read_scenario(workspace, "dprk-russia")
    weighed = [entry.forecast for entry in made.entries if entry.forecast.method["name"] == "reweight"]
    assert len(weighed) >= 10
    rows, largest = [], 0.0
    for forecast in weighed:
        request = Request(model="v2", as_of=date.fromisoformat(forecast.as_of), method="nuts", draft=True, seed=2)
        fitted = update(scenario, request, clock=noon(TODAY)).forecast
        pairs = [(a, b) for a, b in zip(forecast.answers, fitted.answers, strict=True) if a.p is not None]
        z = np.array([(a.p - b.p) / np.hypot(a.mcse, b.mcse) for a, b in pairs])
        worst = int(np.abs(z).argmax())
        name = f"{pairs[worst][0].question}:{pairs[worst][0].outcome}"
        rows.append(
            f"{forecast.as_of} {forecast.method['khat']:6.2f} {forecast.method['ess']:7.0f} "
            f"{np.abs([a.p - b.p for a, b in pairs]).max():7.4f} {z[worst]:6.2f} {name}"
        )
        largest = max(largest, float(np.abs(z).max()))
    with capsys.disabled():
        print("\nas of       k-hat     ESS    |dp|  worst z", *rows, sep="\n")
    assert largest <= MAX_Z


def test_processes_give_the_numbers_of_one_digit_for_digit(serial, tmp_path):
    workspace = copy_dprk(tmp_path)
    replayed(workspace, 2)
    assert numbers(workspace) == numbers(serial[0])
