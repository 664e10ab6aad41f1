"""Draws as netCDF, opened again with ArviZ: named dimensions, the posterior of the record, and its identity."""

import io

import arviz
import numpy as np
import pytest

from forecast.api import Workspace
from forecast.errors import LedgerError
from forecast.exchange.draws import draws_tree, netcdf_bytes
from forecast.inference.draws import load_draws
from forecast.inference.reweight import ProposalDraws, weigh
from forecast.ledger.store import DRAWS_FOLDER, LEDGER_FILE, open_ledger
from forecast.model.arrays import arrays
from forecast.model.evidence_set import from_content
from forecast.model.version import settings
from forecast.scenario.read import read_scenario

from ..workspaces import add_report, edit, forecast_toy, write_toy
from .conftest import DAYS, LATER


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    """A forecast with draws of its own, and one that was reweighted from them for one report more."""
    workspace = write_toy(tmp_path_factory.mktemp("draws"))
    first = forecast_toy(workspace, made_on=LATER, as_of=DAYS[0])
    add_report(
        workspace,
        "id: R9, indicator: dispute, event: ships, when: 2024-02-20, known: 2024-02-22, claim: They quarrel., "
        "asserted_as: fact, grade: B1, coded_on: 2024-03-01",
    )
    second = forecast_toy(workspace, made_on=LATER, as_of=DAYS[1])
    assert second.forecast.method["name"] == "reweight"
    return workspace, first.entry, second.entry


def tree_of(workspace, entry):
    with open_ledger(workspace / LEDGER_FILE, read_only=True) as ledger:
        return draws_tree(ledger, ledger.entry(entry.id), workspace)


def test_arviz_opens_the_file_and_finds_dimensions_and_identity(two, tmp_path):
    workspace, entry, _ = two
    path = tmp_path / "d.nc"
    Workspace(workspace).export(entry.id, to=path)
    tree = arviz.from_netcdf(path)

    assert dict(tree["posterior"].sizes) | {"chain": 4, "draw": 500, "regime": 2} == dict(tree["posterior"].sizes)
    assert tree["posterior"]["rate"].dims == ("chain", "draw", "event", "regime")
    assert tree["posterior"]["indicator_own"].dims == ("chain", "draw", "indicator", "regime")
    assert tree["log_likelihood"]["steps"].dims == ("chain", "draw", "step")
    assert tree["posterior"]["regime"].to_numpy().tolist() == ["durable", "fragile"]
    assert tree.attrs["forecast"] == entry.id
    assert tree.attrs["kind"] == "replay"
    assert tree.attrs["resampled"] == 0
    assert arviz.summary(tree, var_names=["rate"]).shape[0] == 4


def test_the_draws_are_those_on_file(two):
    workspace, entry, _ = two
    stored = load_draws(workspace / DRAWS_FOLDER / f"{entry.forecast.fit}.npz", entry.forecast.fit)

    tree = tree_of(workspace, entry)
    np.testing.assert_array_equal(tree["posterior"]["stay_own"].to_numpy(), stored.arrays["stay_own"])


def test_reweighted_draws_are_drawn_anew_by_their_weights(two):
    """The oracle is the weighted mean over the draws of the fit."""
    workspace, first, second = two
    tree = tree_of(workspace, second)
    model = settings(read_scenario(workspace, "toy"), "v1")
    with open_ledger(workspace / LEDGER_FILE, read_only=True) as ledger:
        evidence = from_content(ledger.evidence(second.forecast.evidence_identity))
    draws = load_draws(workspace / DRAWS_FOLDER / f"{first.forecast.fit}.npz", first.forecast.fit)
    weighed = weigh(ProposalDraws("fit", model, draws), model, arrays(evidence, model, DAYS[1]))
    rates = weighed.parameters.rate
    expected = np.tensordot(weighed.weights, rates, axes=1)

    found = tree["posterior"]["rate"].mean(("chain", "draw")).to_numpy()
    assert np.abs(found - expected).max() < 0.4 * np.abs(rates.mean(axis=0) - expected).max()
    assert (tree.attrs["resampled"], tree["posterior"].sizes["chain"]) == (1, 1)
    assert tree.attrs["recorded_khat"] == second.forecast.method["khat"]


def test_the_file_needs_no_files_of_the_case(two):
    workspace, entry, _ = two
    with open_ledger(workspace / LEDGER_FILE, read_only=True) as ledger:
        alone = draws_tree(ledger, ledger.entry(entry.id), workspace, lambda: None)
        model = settings(read_scenario(workspace, "toy"), "v1")
        beside = draws_tree(ledger, ledger.entry(entry.id), workspace, lambda: model)
    np.testing.assert_array_equal(alone["log_prior"]["truth"], beside["log_prior"]["truth"])


def test_what_a_base_rate_record_does_not_tell_is_left_out(recorded):
    with open_ledger(recorded / LEDGER_FILE, read_only=True) as ledger:
        (entry, *_) = ledger.forecasts("toy", model="v0")
        alone = draws_tree(ledger, entry, recorded)
        beside = draws_tree(ledger, entry, recorded, lambda: settings(read_scenario(recorded, "toy"), "v0"))
    assert "truth" not in alone["log_prior"]
    assert "truth" in beside["log_prior"]
    assert arviz.from_netcdf(io.BytesIO(netcdf_bytes(alone)))["posterior"].sizes["regime"] == 2


def test_settings_that_were_edited_since_are_not_used(recorded):
    edit(recorded, "toy/models/v1.yaml", "tau: 0.5", "tau: 0.9")
    with open_ledger(recorded / LEDGER_FILE, read_only=True) as ledger:
        (entry, *_) = ledger.forecasts("toy", model="v1")
    tree = Workspace(recorded).open("toy").datatree(entry.id)
    assert tree.attrs["model_identity"] == entry.forecast.model_identity


def test_missing_or_altered_draws_are_an_error_and_no_file(recorded, tmp_path):
    for path in (recorded / DRAWS_FOLDER).iterdir():
        path.write_bytes(b"altered")
    with pytest.raises(LedgerError, match="the draws of an earlier fit were altered"):
        Workspace(recorded).export("toy@latest", to=tmp_path / "d.nc")
    assert not (tmp_path / "d.nc").exists()
