"""The command line, called as the shell calls it, in workspaces with and without forecasts on record."""

import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from forecast.cli.app import main
from forecast.scenario.read import read_scenario
from forecast.update import Request, Update, update

from ..workspaces import DAY, copy_dprk, exact, forecast_toy, noon, write_toy

#: A day after the toy's and before the tests' own.
LATER = date(2026, 1, 1)


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON document on stdout; an error if there is anything else."""
        return json.loads(self.out)


type Command = Callable[..., Ended]


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """Run `forecast ARGUMENTS` in this process."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("FORECAST_HOME", raising=False)

    def run(*arguments: object) -> Ended:
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            main([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        return Ended(int(end.value.code or 0), out, err)

    return run


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The toy without a forecast; it is the current folder."""
    workspace = write_toy(tmp_path / "toy")
    monkeypatch.chdir(workspace)
    return workspace


@pytest.fixture(scope="session")
def done_once(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Update]:
    workspace = write_toy(tmp_path_factory.mktemp("toy"))
    return workspace, forecast_toy(workspace, made_on=LATER, as_of=DAY)


@pytest.fixture
def done(done_once: tuple[Path, Update], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, str]:
    """The toy with one replay as of `DAY` on record, and its id; it is the current folder."""
    shutil.copytree(done_once[0], tmp_path / "toy")
    monkeypatch.chdir(tmp_path / "toy")
    assert done_once[1].entry is not None
    return tmp_path / "toy", done_once[1].entry.id


@pytest.fixture(scope="session")
def dprk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real scenario with two replays on record; not to be written to."""
    workspace = copy_dprk(tmp_path_factory.mktemp("dprk"))
    for day in (date(2024, 1, 7), date(2024, 7, 1)):
        scenario = read_scenario(workspace, "dprk-russia")
        update(scenario, Request(as_of=day), clock=noon(LATER), sampler=exact)
    return workspace


@pytest.fixture
def sampler(monkeypatch: pytest.MonkeyPatch) -> Callable[[Any], None]:
    """Put a function in the place of the module that loads PyMC."""

    def put(fit: Any) -> None:
        monkeypatch.setitem(sys.modules, "forecast.inference.fit", SimpleNamespace(fit=fit))

    return put
