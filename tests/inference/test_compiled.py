"""One compiled density for evidence of any length: the same numbers as a model built for that evidence alone."""

from datetime import date

import numpy as np
import pytest

from forecast.inference import compiled as module
from forecast.inference.compiled import compiled
from forecast.inference.density import flat_model
from forecast.inference.fit import fit
from forecast.inference.pymc_model import pymc_model
from forecast.model.arrays import arrays
from forecast.model.as_of import snapshot
from forecast.model.evidence_set import evidence_set
from forecast.model.frame import frame, in_frame
from forecast.model.version import model_identity, settings
from forecast.scenario.schema import Family

from ..builders import make_codebook, make_evidence, make_report, make_scenario, make_settings

pytestmark = pytest.mark.nuts

#: Sums of some dozens of terms through two compiled functions.
TOLERANCE = 1e-9

DAYS = [date(2023, 2, 10), date(2023, 7, 31), date(2023, 12, 31)]


@pytest.fixture(scope="module")
def days():
    """Model and evidence of three days, the first without a single report, in one frame."""
    watches = {"attack": [{"from": date(2023, 4, 1), "detection": (0.5, 0.8)}]}
    reports = [
        make_report(f"r{month}{name}", indicator=name, when=date(2023, month, 15), known=date(2023, month, 20))
        for month in range(3, 12)
        for name in ("attack", "visit", "rumour")
    ]
    scenario = make_scenario(reports=reports, codebook=make_codebook(watches=watches))
    model = settings(scenario, "v1")
    around = frame(scenario.codebooks["v1"], model)

    def at(day):
        return in_frame(
            arrays(evidence_set(snapshot(scenario, "v1", day), scenario.start, model), model, day), model, around
        )

    return model, [at(day) for day in DAYS]


def test_what_is_compiled_for_one_day_serves_for_every_other(days):
    model, each = days
    kept = compiled(model, each[0])
    assert each[0].weight.shape[1] == 0
    for data in each:
        ready = compiled(model, data)
        assert ready.flat.machine is kept.flat.machine
        own = flat_model(pymc_model(model, data))
        for seed in range(3):
            vector = own.start + np.random.default_rng(seed).standard_normal(own.start.size)
            value, gradient = own.density(vector)
            found, slope = ready.flat.density(vector)
            assert found == pytest.approx(value, abs=TOLERANCE)
            np.testing.assert_allclose(slope, gradient, atol=TOLERANCE)


def test_another_model_is_compiled_anew_and_the_first_forgotten(days):
    from .conftest import small_case

    model, each = days
    first = compiled(model, each[1])
    case = small_case(Family.REGIME)
    assert compiled(case.model, case.data).flat.machine is not first.flat.machine
    assert len(module._last) == 1


def test_a_fit_after_others_is_the_fit_made_alone(days, monkeypatch):
    """The draws hang on model, evidence and seed, not on what the process compiled or sampled before."""
    # the very same numbers: a difference in the first step of a chain would be in all that follow
    monkeypatch.setattr("forecast.inference.fit.TUNE", 100)
    monkeypatch.setattr("forecast.inference.fit.DRAWS", 50)
    model, each = days
    module._last.clear()
    alone = fit(model, each[1], 5, lambda *_: None)
    fit(model, each[2], 6, lambda *_: None)
    again = fit(model, each[1], 5, lambda *_: None)
    assert again.meta["seconds"]["build_and_compile"] < alone.meta["seconds"]["build_and_compile"]
    for name, values in alone.arrays.items():
        np.testing.assert_array_equal(again.arrays[name], values)


def test_a_benchmark_with_more_conditions_is_another_compilation(monkeypatch):
    """Its identity is the same, for it does not use them; the shapes of what is sampled are not."""
    plain = make_settings(family=Family.BASE_RATE, holds={"threat": [[0.2, 0.4], [0.6, 0.8]]})
    more = make_settings(
        family=Family.BASE_RATE, holds={name: [[0.2, 0.4], [0.6, 0.8]] for name in ("rival", "threat")}
    )
    assert model_identity(plain) == model_identity(more)
    built = []
    monkeypatch.setattr(module, "_last", {})
    monkeypatch.setattr(module, "pymc_model", lambda model, _: built.append(model))
    monkeypatch.setattr(module, "flat_model", lambda _: None)
    monkeypatch.setattr(module, "with_evidence", lambda flat, _: flat)
    for model in (plain, more, more):
        compiled(model, arrays(make_evidence(date(2023, 1, 1)), model, date(2023, 3, 1)))
    assert [model.conditions for model in built] == [plain.conditions, more.conditions]
