"""The script of charts is bundled once for a converter, kept, and never taken from a file that is not whole."""

from pathlib import Path

import pytest

from forecast.report import script


@pytest.fixture
def bundled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """How often something was bundled, with a folder for what is kept."""
    times: list[str] = []

    def bundle(ours: str) -> str:
        times.append(ours)
        return "draw('</script><!--é')\nmore"

    monkeypatch.setattr(script, "_bundled", bundle)
    monkeypatch.setattr(script, "_folder", lambda: tmp_path / "kept")
    return times


def asked() -> str:
    """Asked in a new process."""
    return script.charts_script.__wrapped__()


def test_what_was_bundled_is_kept_for_the_next_process(bundled: list[str]):
    first = asked()
    assert first == "draw('<\\/script><\\!--é')\nmore"
    assert asked() == first
    assert len(bundled) == 1


@pytest.mark.parametrize("damage", [lambda old: old[:-3], lambda _: b"", lambda old: old.replace(b"more", b"evil")])
def test_a_file_that_is_not_whole_is_made_again(bundled: list[str], tmp_path: Path, damage):
    first = asked()
    (kept,) = (tmp_path / "kept").iterdir()
    whole = kept.read_bytes()
    kept.write_bytes(damage(whole))
    assert asked() == first
    assert len(bundled) == 2
    assert kept.read_bytes() == whole


def test_another_converter_bundles_anew(bundled: list[str], monkeypatch: pytest.MonkeyPatch):
    asked()
    monkeypatch.setattr(script, "version", lambda _: "another")
    asked()
    assert len(bundled) == 2


def test_where_nothing_can_be_kept_it_is_bundled_each_time(bundled: list[str], tmp_path: Path):
    (tmp_path / "kept").write_text("a file where the folder would be")
    assert asked() == asked()
    assert len(bundled) == 2


def test_what_is_bundled_is_the_converter_s_vega_with_our_script():
    made = script.charts_script()
    assert len(made) > 500_000
    assert "vega-embed" in made
    assert "chart-value" in made
    assert "</script" not in made
