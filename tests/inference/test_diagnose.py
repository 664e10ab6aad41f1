"""What diagnostics say of draws that must not be used."""

import numpy as np
import pytest

from forecast.inference.diagnose import diagnose
from forecast.inference.draws import Draws


@pytest.fixture
def good():
    rng = np.random.default_rng(1)
    draws = Draws({"stay_own": rng.standard_normal((4, 500, 2))}, {"divergences": 0, "bfmi": [1.0] * 4})
    return draws, {"q:yes": rng.uniform(size=(4, 500))}


def test_independent_draws_pass(good):
    assert diagnose(*good).problems == ()


def test_one_draw_that_is_no_number_is_a_failure(good):
    """Neither the parameter nor the answer may pass for one that does not vary."""
    draws, answers = good
    values = draws.arrays["stay_own"].copy()
    values[2, 17, 1] = np.nan
    broken = diagnose(Draws({"stay_own": values}, draws.meta), answers)
    assert broken.rhat == np.inf
    assert "R-hat of stay_own" in broken.problems[0]
    answer = answers["q:yes"].copy()
    answer[0, 3] = np.nan
    broken = diagnose(draws, {"q:no": answers["q:yes"], "q:yes": answer})
    assert [problem.split(" is ")[0] for problem in broken.problems] == [
        "R-hat of q:yes",
        "effective sample size of q:yes",
    ]
