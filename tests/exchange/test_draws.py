"""Draws as netCDF, opened again with ArviZ: named dimensions, the posterior of the record, and its identity."""

import io

import arviz
import numpy as np
import pytest

from forecast.api import Workspace
from forecast.errors import LedgerError
from forecast.exchange.draws import draws_file, draws_tree
from forecast.inference.draws import load_draws
from forecast.inference.reweight import ProposalDraws, weigh
from forecast.ledger.store import DRAWS_FOLDER, LEDGER_FILE, open_ledger
from forecast.model.arrays import arrays
from forecast.model.evidence_set import from_content
from forecast.model.version import settings
from forecast.scenario.read import read_scenario

from ..workspaces import add_report, edit, forecast_toy, write_toy
from .conftest import DAYS, LATER

REPORT = (
    "id: R9, indicator: dispute, event: ships, when: 2024-02-20, known: 2024-02-22, claim: They quarrel., "
    "asserted_as: fact, grade: B1, coded_on: 2024-03-01"
)


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    """A forecast with chains of its own, as NUTS makes them, and one reweighted from them for one report more."""
    workspace = write_toy(tmp_path_factory.mktemp("draws"))
    first = forecast_toy(workspace, made_on=LATER, as_of=DAYS[0], method="nuts")
    add_report(workspace, REPORT)
    second = forecast_toy(workspace, made_on=LATER, as_of=DAYS[1], method="reweight")
    assert (first.forecast.method["name"], second.forecast.method["name"]) == ("nuts", "reweight")
    return workspace, first.entry, second.entry


@pytest.fixture(scope="module")
def particles(tmp_path_factory):
    """A forecast with particles of its own."""
    workspace = write_toy(tmp_path_factory.mktemp("particles"))
    made = forecast_toy(workspace, made_on=LATER, as_of=DAYS[1])
    assert made.forecast.method["name"] == "smc"
    return workspace, made.entry


def tree_of(workspace, entry):
    with open_ledger(workspace / LEDGER_FILE, read_only=True) as ledger:
        return draws_tree(ledger, ledger.entry(entry.id), workspace)


def weighted_for(workspace, entry, fit):
    """The draws of a file, weighted for the evidence of a record."""
    model = settings(read_scenario(workspace, "toy"), "v1")
    with open_ledger(workspace / LEDGER_FILE, read_only=True) as ledger:
        evidence = from_content(ledger.evidence(entry.forecast.evidence_identity))
    draws = load_draws(workspace / DRAWS_FOLDER / f"{fit}.npz", fit)
    return weigh(ProposalDraws("fit", model, draws), model, arrays(evidence, model, DAYS[1]))


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
    assert "sample_stats" not in tree
    assert arviz.summary(tree, var_names=["rate"]).shape[0] == 4


def test_the_file_has_what_the_tree_has(particles, tmp_path):
    workspace, entry = particles
    path = tmp_path / "d.nc"
    Workspace(workspace).export(entry.id, to=path)
    read, made = arviz.from_netcdf(path), tree_of(workspace, entry)

    assert set(read.children) == set(made.children) == {"posterior", "log_likelihood", "log_prior", "sample_stats"}
    for name, group in made.children.items():
        assert set(read[name].data_vars) == set(group.data_vars)
        assert set(read[name].coords) == set(group.coords)
        for variable in (*group.data_vars, *group.coords):
            assert read[name][variable].dims == group[variable].dims
            np.testing.assert_array_equal(read[name][variable].to_numpy(), group[variable].to_numpy())
    assert {key: read.attrs[key] for key in ("forecast", "sampler", "resampled")} == {
        key: made.attrs[key] for key in ("forecast", "sampler", "resampled")
    }


def test_the_draws_are_those_on_file(two):
    workspace, entry, _ = two
    stored = load_draws(workspace / DRAWS_FOLDER / f"{entry.forecast.fit}.npz", entry.forecast.fit)

    tree = tree_of(workspace, entry)
    np.testing.assert_array_equal(tree["posterior"]["stay_own"].to_numpy(), stored.arrays["stay_own"])


def test_reweighted_draws_are_resampled_by_their_weights(two):
    """The oracle is the weighted mean over the draws of the fit."""
    workspace, first, second = two
    tree = tree_of(workspace, second)
    weighted = weighted_for(workspace, second, first.forecast.fit)
    rates = weighted.parameters.rate
    expected = np.tensordot(weighted.weights, rates, axes=1)

    found = tree["posterior"]["rate"].mean(("chain", "draw")).to_numpy()
    assert np.abs(found - expected).max() < 0.4 * np.abs(rates.mean(axis=0) - expected).max()
    assert (tree.attrs["resampled"], tree["posterior"].sizes["chain"]) == (1, 1)
    assert tree.attrs["recorded_khat"] == second.forecast.method["khat"]


def test_particles_are_taken_as_often_as_their_islands_weigh_and_keep_their_ancestors(particles):
    workspace, entry = particles
    fit = entry.forecast.fit
    stored = load_draws(workspace / DRAWS_FOLDER / f"{fit}.npz", fit)
    n_islands, n_each = stored.shape

    tree = tree_of(workspace, entry)

    assert (tree.attrs["resampled"], dict(tree["posterior"].sizes)["draw"]) == (1, n_islands * n_each)
    assert tree.attrs["recorded_max_error"] == entry.forecast.method["max_error"]
    # every particle once for each unit of its weight times their number, rounded up or down
    chosen = tree["posterior"]["stay_own"].to_numpy()[0]
    where = {tuple(row): place for place, row in enumerate(stored.arrays["stay_own"].reshape(-1, 2).tolist())}
    places = np.array([where[tuple(row)] for row in chosen.tolist()])
    copies = np.bincount(places, minlength=n_islands * n_each)
    share = np.exp(stored.log_weights.ravel()) * n_islands * n_each
    # particles that were resampled and never moved since are equal: their copies are counted together
    if len(where) == n_islands * n_each:
        assert np.all(np.abs(copies - share) < 1)
    assert (
        np.abs(copies.reshape(n_islands, n_each).sum(axis=1) - share.reshape(n_islands, n_each).sum(axis=1)).max() < 2
    )
    ancestors = tree["sample_stats"]["ancestor"].to_numpy()[0]
    n_ancestors = stored.meta["ancestors"]
    expected = (stored.ancestry + n_ancestors * np.arange(n_islands)[:, None]).ravel()[places]
    np.testing.assert_array_equal(ancestors, expected)


def test_answers_of_exported_particles_are_those_of_the_record(particles):
    """The regimes on the last day, as a mean over the file, against the weighted mean over particles."""
    workspace, entry = particles
    weighted = weighted_for(workspace, entry, entry.forecast.fit)
    expected = weighted.weights @ weighted.filtered.filtered[:, -1]

    found = tree_of(workspace, entry)["posterior"]["regime_probability"][:, :, -1].mean(("chain", "draw"))

    # systematic resampling of 4,000: off by less than one particle for each island
    np.testing.assert_allclose(found, expected, atol=8 / 4000)


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
        content = draws_file(ledger, entry, recorded)
    assert "truth" not in alone["log_prior"]
    assert "truth" in beside["log_prior"]
    read = arviz.from_netcdf(io.BytesIO(content))
    assert "truth" not in read["log_prior"]
    assert read["posterior"].sizes["regime"] == 2


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
