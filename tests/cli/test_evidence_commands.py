"""`forecast evidence import` and `forecast base-rate` as the shell calls them."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from forecast.cli.complete import importers
from tests.docs.test_cli import make_cli

from .conftest import Command

HEADER = "Event ID\tEvent Date\tSource Country\tCAMEO Code\tTarget Country\tPublisher\n"
ROWS = [
    "1\t2024-03-01\tNorth Korea\t042\tRussian Federation\tTASS\n",
    "2\t2024-03-01\tRussian Federation\t043\tNorth Korea\tYonhap\n",
    "3\t2024-03-01\tRussian Federation\t010\tNorth Korea\tYonhap\n",
    "4\t2024-03-02\tJapan\t163\tNorth Korea\tKyodo\n",
    "5\t2024-03-02\tJapan\t163\tChina\tKyodo\n",
]


@pytest.fixture
def events(tmp_path: Path) -> Path:
    path = tmp_path / "events.2024.tab"
    path.write_text(HEADER + "".join(ROWS), encoding="utf-8")
    return path


@pytest.fixture
def case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the real scenario; its workspace is the current folder."""
    shutil.copytree(Path(__file__).parents[2] / "scenarios", tmp_path / "ws/scenarios")
    monkeypatch.chdir(tmp_path / "ws")
    return tmp_path / "ws/scenarios/dprk-russia"


def test_an_import_prints_counts_before_and_after_and_reasons_within_80_columns(
    command: Command, case: Path, events: Path
):
    done = command("evidence", "import", "dprk-russia", events, "--as", "icews")
    assert done.code == 0
    assert "events.2024.tab (ICEWS coded event data): 6 lines = 1 header + 5 in rows" in done.out
    assert "3 between PRK and RUS kept -> 3 reports of 2 events; 3 reports new" in done.out
    assert "not between the actors       1" in done.out
    assert "codes without a class: 010 (1)" in done.out
    assert "written: scenarios/dprk-russia/evidence/icews.csv, and the source icews in" in done.out
    assert max(map(len, done.out.splitlines())) <= 100
    assert all(len(line) <= 80 for line in done.out.partition("indicators:")[0].splitlines())
    assert "next: forecast check dprk-russia" in done.err
    assert command("check", "dprk-russia").code == 0


def test_importing_again_says_that_nothing_is_new(command: Command, case: Path, events: Path):
    command("evidence", "import", "dprk-russia", events, "--as", "icews")
    done = command("evidence", "import", "dprk-russia", events, "--as", "icews")
    assert "0 reports new, 3" in done.out
    assert "nothing is new: nothing was written" in done.out


def test_the_document_has_exactly_the_listed_keys(command: Command, case: Path, events: Path):
    done = command("evidence", "import", "dprk-russia", events, "--as", "icews", "--json")
    extra, missing = make_cli.undocumented("evidence import", done.document)
    assert (extra, missing) == (set(), set())
    assert done.document["kept"] + sum(row["entries"] for row in done.document["skipped"]) == 5


def test_a_dry_run_writes_nothing(command: Command, case: Path, events: Path):
    before = sorted(path.name for path in case.rglob("*"))
    done = command("evidence", "import", "dprk-russia", events, "--as", "icews", "--dry-run", "--json")
    assert (done.document["new"], done.document["written"]) == (3, False)
    assert sorted(path.name for path in case.rglob("*")) == before


def test_importers_complete_with_those_of_the_program(case: Path):
    assert importers("sip") == ["sipri", "sipri-older"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--as", "isews"), "there is no importer 'isews'; did you mean 'icews'?"),
        (("--as", "gdelt2"), "there is no column 'SQLDATE'"),
        (("--as", "icews", "--between", "PRK"), "an import needs two actors"),
        (("--as", "icews", "--known", "soon"), "'soon' is not a day as YYYY-MM-DD"),
        (("--as", "icews", "--encoding", "utf-9"), "there is no encoding 'utf-9'"),
    ],
)
def test_bad_input_is_explained_and_nothing_is_written(
    command: Command, case: Path, events: Path, words: tuple[str, ...], message: str
):
    done = command("evidence", "import", "dprk-russia", events, *words, "--json")
    assert done.code == 2
    assert message in done.err
    assert any(message in error["message"] for error in done.document["errors"])
    assert not (case / "evidence/icews.csv").exists()


def test_a_base_rate_has_exactly_the_listed_keys(command: Command, tmp_path: Path):
    table = tmp_path / "ties.csv"
    table.write_text("from,to,how\n2000,2004,broken\n2001,2002,lapsed\n2001,,\nnever,,\n", encoding="utf-8")
    words = ("base-rate", table, "--begin", "from", "--end", "to", "--cause", "how", "--coded-until", "2005-01-01")
    document: Any = command(*words, "--json").document
    assert make_cli.undocumented("base-rate", document) == (set(), set())
    assert (document["n"], document["endings"], document["skipped"]) == (
        3,
        2,
        [{"reason": "a date that is none", "rows": 1}],
    )
    shown = command(*words)
    assert "base_rates:\n  - id: ties\n    about: REGIME\n    endings: 2\n" in shown.out
    assert "not used: 1 rows: a date that is none" in shown.err
    rows = command(*words, "--csv").out.splitlines()
    assert rows[0] == "years,lasting,low,high,ended: broken,ended: lapsed"
