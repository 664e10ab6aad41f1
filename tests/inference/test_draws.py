"""Draws as files: read back as written, refused when altered, and never executed."""

import io
import json
import pickle
import zipfile
from dataclasses import replace

import numpy as np
import pytest

from forecast.canonical import file_sha256
from forecast.errors import LedgerError
from forecast.inference.draws import Draws, flat, load_draws, write_draws

RNG = np.random.default_rng(1)
DRAWS = Draws(
    {"truth": RNG.random((4, 10, 36)), "stay_own": RNG.normal(size=(4, 10, 3))},
    {"seed": 7, "note": "ü"},
    RNG.normal(size=(4, 10)),
    (("treaty", "2024-01-08"), ("treaty", "2025-01-08")),
)


@pytest.fixture
def written(tmp_path):
    path = tmp_path / "draws.npz"
    with path.open("wb") as file:
        write_draws(DRAWS, file)
    return path


def test_draws_are_read_back_as_written(written):
    read = load_draws(written, file_sha256(written))
    assert read.arrays.keys() == DRAWS.arrays.keys()
    for name, values in DRAWS.arrays.items():
        np.testing.assert_array_equal(read.arrays[name], values)
    assert dict(read.meta) == {**DRAWS.meta, "layout": 3}
    np.testing.assert_array_equal(read.log_likelihood, DRAWS.log_likelihood)
    assert read.watches == DRAWS.watches
    assert (read.log_weights, read.ancestry) == (None, None)


def test_particles_are_read_back_with_their_weights_and_ancestry(tmp_path):
    particles = replace(
        DRAWS, log_weights=np.log(RNG.dirichlet(np.ones(40))).reshape(4, 10), ancestry=RNG.integers(0, 5, (4, 10))
    )
    path = tmp_path / "draws.npz"
    with path.open("wb") as file:
        write_draws(particles, file)
    read = load_draws(path, file_sha256(path))
    np.testing.assert_array_equal(read.log_weights, particles.log_weights)
    np.testing.assert_array_equal(read.ancestry, particles.ancestry)
    assert read.ancestry.dtype == np.int64
    assert read.arrays.keys() == DRAWS.arrays.keys()


def test_a_file_of_the_layout_before_particles_is_still_read(tmp_path):
    """As version 2 of the layout wrote it: no weights, no ancestry."""
    path = tmp_path / "draws.npz"
    meta = {**DRAWS.meta, "layout": 2, "watches": DRAWS.watches}
    np.savez(path, meta=np.array(json.dumps(meta)), log_likelihood=DRAWS.log_likelihood, **DRAWS.arrays)
    read = load_draws(path, file_sha256(path))
    np.testing.assert_array_equal(read.log_likelihood, DRAWS.log_likelihood)
    assert (read.log_weights, read.ancestry, read.watches) == (None, None, DRAWS.watches)


def test_a_file_without_log_likelihood_is_refused(tmp_path):
    path = tmp_path / "draws.npz"
    np.savez(path, meta=np.array('{"layout": 3, "watches": []}'), truth=DRAWS.arrays["truth"])
    with pytest.raises(LedgerError, match="lacks the log-likelihood"):
        load_draws(path, file_sha256(path))


def test_a_file_of_an_earlier_layout_is_refused(tmp_path):
    path = tmp_path / "draws.npz"
    np.savez(path, meta=np.array('{"layout": 1}'), truth=DRAWS.arrays["truth"])
    with pytest.raises(LedgerError, match=r"have layout 1, this version reads \(2, 3\)"):
        load_draws(path, file_sha256(path))


def test_sizes_and_flat_arrays_join_chains_in_order(written):
    assert (DRAWS.n_chains, DRAWS.n_draws) == (4, 40)
    np.testing.assert_array_equal(flat(DRAWS)["truth"][10:20], DRAWS.arrays["truth"][1])


@pytest.mark.parametrize("position", [0, 100, -1])
def test_one_altered_byte_is_refused(written, position):
    digest = file_sha256(written)
    content = bytearray(written.read_bytes())
    content[position] ^= 1
    written.write_bytes(content)
    with pytest.raises(LedgerError, match="were altered"):
        load_draws(written, digest)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(LedgerError, match="cannot be read"):
        load_draws(tmp_path / "gone.npz", "0" * 64)


def test_a_file_of_another_kind_is_refused(tmp_path):
    path = tmp_path / "draws.npz"
    path.write_text("not draws")
    with pytest.raises(LedgerError, match="not a draws file"):
        load_draws(path, file_sha256(path))


def test_another_layout_is_refused(tmp_path):
    path = tmp_path / "draws.npz"
    np.savez(path, meta=np.array('{"layout": 99}'), truth=np.zeros((1, 1)))
    with pytest.raises(LedgerError, match="layout 99"):
        load_draws(path, file_sha256(path))


class Bomb:
    def __reduce__(self):
        raise AssertionError("a pickle was made or loaded")


def test_pickles_are_neither_written_nor_read(tmp_path):
    with pytest.raises(ValueError, match="Object arrays cannot be saved"):
        write_draws(Draws({"truth": np.array([[{}]], dtype=object)}, {}, np.zeros((1, 1))), io.BytesIO())
    path = tmp_path / "draws.npz"
    np.savez(path, meta=np.array('{"layout": 2}'), truth=np.array([{}], dtype=object))
    with zipfile.ZipFile(path) as archive:
        assert pickle.PROTO in archive.read("truth.npy")
    with pytest.raises(LedgerError, match="not a draws file"):
        load_draws(path, file_sha256(path))
