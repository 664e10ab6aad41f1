"""Where exports go: what is refused before anything is written, what is replaced, and a log that others can verify."""

import errno
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from forecast.api import Workspace
from forecast.errors import InputError, WorkspaceError
from forecast.exchange.export import Wanted, export, format_of
from forecast.ledger.exchange import export_jsonl
from forecast.ledger.reading import verify_jsonl
from forecast.ledger.store import LEDGER_FILE, open_ledger

from ..workspaces import write_toy
from .conftest import LATER


def put(workspace: Path, path: Path, *refs: str, at=lambda _: None, **options):
    with open_ledger(workspace / LEDGER_FILE, read_only=True) as ledger:
        wanted = Wanted(refs, path, **options)
        return export(
            ledger, workspace, wanted, today=LATER, files_of=lambda _: None, settings_of=lambda *_: None, at=at
        )


def everything(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_the_ending_says_the_format(tmp_path):
    names = {"a.csv": "csv", "a.JSON": "json", "a.parquet": "parquet", "a.nc": "netcdf", "a.jsonl": "jsonl"}
    assert {name: format_of(Path(name)) for name in names} == names
    assert format_of(Path("hub")) == "hubverse"
    assert format_of(tmp_path) == "hubverse"
    with pytest.raises(InputError, match=r"the ending of 'a\.xlsx' stands for no format\. Accepted: \.csv, \.json"):
        format_of(Path("a.xlsx"))


@pytest.mark.parametrize("form", ["csv", "json", "parquet", "hubverse"])
def test_what_is_there_is_replaced_only_when_asked(recorded_once, tmp_path, form):
    path = tmp_path / "there"
    put(recorded_once, path, "toy", format=form)
    with pytest.raises(InputError, match=r"is there already\. Accepted: another (FILE|folder), or --replace"):
        put(recorded_once, path, "toy/meeting-2024", format=form)
    before = everything(tmp_path)
    put(recorded_once, path, "toy/meeting-2024", format=form, replace=True)
    assert everything(tmp_path) != before
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_with_other_files_is_never_replaced(recorded_once, tmp_path):
    put(recorded_once, tmp_path / "hub", "toy")
    (tmp_path / "hub/model-output/notes.txt").write_text("mine")
    with pytest.raises(InputError, match=r"holds files that no export wrote: model-output/notes\.txt"):
        put(recorded_once, tmp_path / "hub", "toy", replace=True)
    assert (tmp_path / "hub/model-output/notes.txt").read_text() == "mine"


@pytest.mark.parametrize(
    ("refs", "name", "options", "message"),
    [
        (("toy",), "d.nc", {}, "draws are those of one forecast"),
        (("toy@latest/regime-2025",), "d.nc", {}, "draws are those of one forecast"),
        (("toy/regime-2025:durable",), "hub", {}, "a hub takes all outcomes of a question"),
        (("toy",), "hub", {"retracted": True}, "a hub takes no retracted forecasts"),
        (("toy",), "hub", {"team": "a-b"}, "'a-b' is no abbreviation of a team"),
        (("toy",), "a.csv", {"team": "ours"}, "--team is about a hub"),
        (("toy@latest",), "a.jsonl", {}, "a log is exported by scenario"),
        (("toy",), "a.jsonl", {"kind": "live"}, "a log is exported whole"),
        (("toy:x",), "a.csv", {}, "'toy:x' names nothing"),
        (("toy", "tov"), "a.csv", {}, r"no forecast of 'tov' is recorded; did you mean 'toy'\?"),
        (("toy", "tov"), "a.jsonl", {}, "holds no forecast of 'tov'"),
        (("toy@latest",), "a.csv", {"kind": "replay"}, "nothing is left to export"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(recorded_once, tmp_path, refs, name, options, message):
    with pytest.raises(InputError, match=message):
        put(recorded_once, tmp_path / name, *refs, **options)
    assert list(tmp_path.iterdir()) == []


def test_a_link_to_a_hub_stays_a_link(recorded_once, tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    put(recorded_once, tmp_path / "link", "toy")
    put(recorded_once, tmp_path / "link", "toy", replace=True)
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real/README.md").exists()
    assert len(list(tmp_path.iterdir())) == 2


def test_the_folder_in_which_one_stands_can_become_the_hub(recorded_once, tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    put(recorded_once, Path(), "toy")
    assert (tmp_path / "here/hub-config/tasks.json").exists()


def test_all_that_is_wrong_is_said_at_once(recorded_once, tmp_path):
    with pytest.raises(InputError) as raised:
        put(recorded_once, tmp_path, "toy/a:b", format="csv", team="x")
    assert len(raised.value.findings()) == 2


def test_a_file_in_place_of_a_folder_and_the_other_way_round(recorded_once, tmp_path):
    (tmp_path / "f").touch()
    with pytest.raises(InputError, match="is a file"):
        put(recorded_once, tmp_path / "f", "toy", format="hubverse", replace=True)
    with pytest.raises(InputError, match="is a folder"):
        put(recorded_once, tmp_path, "toy", format="csv", replace=True)
    with pytest.raises(WorkspaceError, match=r"cannot be written to \(Not a directory\)|File exists"):
        put(recorded_once, tmp_path / "f/a.csv", "toy")


@pytest.mark.parametrize("form", ["csv", "hubverse", "jsonl"])
def test_a_full_disk_leaves_what_was_there_and_nothing_else(recorded_once, tmp_path, form):
    path = tmp_path / "there"
    put(recorded_once, path, format=form)
    before = everything(tmp_path)

    def full(point: str) -> None:
        if point == "export: written":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(WorkspaceError, match=r"no room for the file \(No space left on device\)"):
        put(recorded_once, path, "toy", format=form, replace=True, at=full)
    assert everything(tmp_path) == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_hub_that_cannot_be_moved_into_place_brings_the_old_one_back(recorded_once, tmp_path):
    put(recorded_once, tmp_path / "hub", "toy")
    before = everything(tmp_path)

    def interrupted(point: str) -> None:
        if point == "export: old folder moved":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        put(recorded_once, tmp_path / "hub", "toy/meeting-2024", replace=True, at=interrupted)
    assert everything(tmp_path) == before


KILLED = """
import os, sys
from pathlib import Path
from tests.exchange.test_export import put
def at(point):
    if point == sys.argv[3]:
        os.kill(os.getpid(), 9)
put(Path(sys.argv[1]), Path(sys.argv[2]), "toy/meeting-2024", replace=True, at=at)
"""


@pytest.mark.parametrize(
    ("name", "point"),
    [
        ("a.csv", "export: synced"),
        ("hub", "export: old folder moved"),
        ("hub", "export: renamed"),
    ],
)
def test_whoever_is_killed_leaves_the_old_export_or_the_new_one_whole(recorded_once, tmp_path, name, point):
    for ref, place in (("toy", "old"), ("toy/meeting-2024", "new")):
        put(recorded_once, tmp_path / place / name, ref)
    old, new = everything(tmp_path / "old"), everything(tmp_path / "new")
    child = subprocess.run(
        [sys.executable, "-c", KILLED, str(recorded_once), str(tmp_path / "old" / name), point],
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert child.returncode == -signal.SIGKILL
    kept = [path for path in (tmp_path / "old").iterdir() if not path.name.startswith(".tmp-")]
    found = [
        {
            file.replace(path.name, name, 1): content
            for file, content in everything(tmp_path / "old").items()
            if file.split("/")[0] == path.name
        }
        for path in kept
    ]
    assert all(one in (old, new) for one in found)
    assert len(kept) == 1 or point == "export: renamed"


def test_another_workspace_imports_and_verifies_the_log(recorded_once, tmp_path):
    done = put(recorded_once, tmp_path / "log.jsonl", "toy")
    other = Workspace(write_toy(tmp_path / "other"))

    imported = other.import_ledger(tmp_path / "log.jsonl", ["anna"])

    assert verify_jsonl(tmp_path / "log.jsonl") == []
    assert imported.n_added == done.n_records
    assert other.verify() == []
    assert len(other.history("toy").rows) > 0


def test_the_log_is_that_of_ledger_export(recorded_once, tmp_path):
    put(recorded_once, tmp_path / "one.jsonl", "toy")
    with open_ledger(recorded_once / LEDGER_FILE, read_only=True) as ledger:
        export_jsonl(ledger, tmp_path / "two.jsonl", "toy")
    assert (tmp_path / "one.jsonl").read_bytes() == (tmp_path / "two.jsonl").read_bytes()


def test_an_exported_log_can_itself_be_exported(recorded_once, tmp_path):
    put(recorded_once, tmp_path / "log.jsonl", "toy")
    workspace = Workspace(recorded_once)
    workspace.export("toy", to=tmp_path / "a.json")
    workspace.export("toy", to=tmp_path / "b.json", file=tmp_path / "log.jsonl")
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()
    assert json.loads((tmp_path / "a.json").read_bytes())["left_out"] == [{"why": "the forecast was retracted", "n": 9}]
