"""A review on a full or forbidden disk, and one killed at random, leave whole files and lose no decision."""

import random
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest

from forecast.coding.accept import Coder, Wanted, decide
from forecast.coding.proposals_file import read_proposals
from forecast.coding.reviewed import Decision
from forecast.errors import WorkspaceError
from forecast.scenario.read import read_scenario

from ..coding.proposals import ALL, MET, propose
from ..workspaces import write_toy
from .conftest import Unwritable

ANN = Coder("ann", date(2024, 2, 3))


@pytest.mark.parametrize("folder", ["evidence", "proposals", "."])
def test_a_folder_that_may_not_be_written_is_named_and_nothing_changes(
    public_folder: Path, unwritable: Unwritable, folder: str
):
    toy = write_toy(public_folder / "toy")
    file = propose(toy)
    scenario = read_scenario(toy, "toy")
    before = {path: path.read_bytes() for path in toy.rglob("*.yaml") if path != file}
    with (
        unwritable(toy / "scenarios/toy" / folder),
        pytest.raises(WorkspaceError, match=r"cannot be written: Permission denied; the old file is unchanged"),
    ):
        decide(scenario, file, [Wanted(1, Decision.ACCEPT)], ANN)
    assert {path: path.read_bytes() for path in before} == before
    assert read_proposals(file, "f").entries[0].report is None


def test_a_full_disk_leaves_the_old_evidence_and_the_review_goes_on_when_there_is_room(
    small_disk: tuple[Path, int | None],
):
    folder, limit = small_disk
    if limit is not None:
        pytest.skip("no file system can be mounted here")
    toy = write_toy(folder / "toy")
    file = propose(toy)
    before = (toy / "scenarios/toy/evidence/reports.yaml").read_bytes()
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as full, suppress(OSError):
        while full.write(b"x" * 4096):
            pass
    scenario = read_scenario(toy, "toy")
    with pytest.raises(WorkspaceError, match="No space left on device; the old file is unchanged"):
        decide(scenario, file, [Wanted(1, Decision.ACCEPT)], ANN)
    assert (toy / "scenarios/toy/evidence/reports.yaml").read_bytes() == before
    filler.unlink()
    decide(scenario, file, [Wanted(1, Decision.ACCEPT)], ANN)
    assert read_scenario(toy, "toy").reports[-1].quote == MET.quote


CHILD = """
import sys
from datetime import date
from pathlib import Path
from forecast.coding.accept import Coder, Wanted, decide
from forecast.coding.reviewed import Decision
from forecast.scenario.read import read_scenario

scenario = read_scenario(Path(sys.argv[1]), "toy")
print("ready", flush=True)
coder = Coder("ann", date(2024, 2, 3))
for number in (1, 2, 3, 4):
    decide(scenario, Path(sys.argv[2]), [Wanted(number, Decision.ACCEPT, {"note": f"n{number}"})], coder)
"""


def killed_somewhere(toy: Path, file: Path, seconds: float) -> None:
    """Accept all, in a process that is killed so long after it began to write."""
    words = [sys.executable, "-c", CHILD, str(toy), str(file)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        time.sleep(seconds)
        process.send_signal(signal.SIGKILL)


def kill_and_go_on(folder: Path, seconds: float) -> list[str]:
    """Quotes that are on file after a review was killed and taken up again, sorted."""
    toy = write_toy(folder)
    file = propose(toy)
    killed_somewhere(toy, file, seconds)
    scenario = read_scenario(toy, "toy")
    entries = read_proposals(file, "f").entries
    on_file = {report.id: report.quote for report in scenario.reports if report.quote}
    for entry in entries:
        if entry.report is not None:
            assert on_file[entry.report] == entry.proposal.quote, "what is marked as written is written"
    decide(scenario, file, [Wanted(entry.number, Decision.ACCEPT) for entry in entries], ANN)
    return sorted(report.quote for report in read_scenario(toy, "toy").reports if report.quote)


EACH_ONCE = sorted(str(said.quote) for said in ALL)


def test_a_review_killed_at_random_goes_on_and_writes_each_report_once(tmp_path: Path):
    rng = random.Random(4)
    for number in range(2):
        assert kill_and_go_on(tmp_path / str(number), rng.uniform(0.0, 0.25)) == EACH_ONCE


@pytest.mark.slow
def test_a_review_killed_at_random_many_times_goes_on_and_writes_each_report_once(tmp_path: Path):
    rng = random.Random(5)
    for number in range(100):
        assert kill_and_go_on(tmp_path / str(number), rng.uniform(0.0, 0.3)) == EACH_ONCE
        shutil.rmtree(tmp_path / str(number))
