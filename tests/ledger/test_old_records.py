"""Forecasts recorded before sequential Monte Carlo stay valid, and are printed with the numbers that they have.

`before_smc.jsonl` is the log of the toy of `tests.workspaces`, exported by the program as of commit bff76c4: sampled by
(a fake of) NUTS as v1 and v0, reweighted a day and a report later, and the second of the three retracted.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from math import log
from pathlib import Path

import pytest

from forecast.api import Workspace
from forecast.cli.update_command import _how
from forecast.documents.update import update_document
from forecast.ledger.exchange import export_jsonl
from forecast.ledger.import_log import restore_jsonl
from forecast.ledger.store import LEDGER_FILE, Ledger, open_ledger
from forecast.ledger.verify import verify
from forecast.update import Update
from tests.workspaces import DAY, add_report, forecast_toy, never, write_toy

OLD = Path(__file__).with_name("before_smc.jsonl")

#: Ids of the three forecasts, in their order.
BY_NUTS, RETRACTED, REWEIGHTED = "fc-fna7zzzv4s", "fc-vfkbim5zib", "fc-gvppgwq6w2"

#: What the old program's `history toy --json` printed as p, to the last digit.
PRINTED = {
    (BY_NUTS, "regime-2025", "durable"): 0.7821326294957237,
    (BY_NUTS, "unbroken-2025", "yes"): 0.6116532077306008,
    (BY_NUTS, "meeting-2024", "yes"): 0.6125998113996382,
    (BY_NUTS, "dispute-2024", "yes"): 0.3872307978642748,
    (RETRACTED, "regime-2025", "durable"): 0.7618180567148418,
    (REWEIGHTED, "regime-2025", "durable"): 0.7368809253374442,
    (REWEIGHTED, "unbroken-2025", "yes"): 0.5191797449235755,
    (REWEIGHTED, "meeting-2024", "yes"): 0.5688054787857957,
    (REWEIGHTED, "dispute-2024", "yes"): 0.44302355220779466,
}


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """The toy as its files were when the last of the old forecasts was made, and the old log without its draws."""
    toy = write_toy(tmp_path / "toy")
    add_report(
        toy,
        "id: R5, indicator: dispute, event: quay, when: 2023-10-01, known: 2024-02-02, coded_on: 2024-02-02, "
        "claim: Again., asserted_as: fact, grade: B2",
    )
    with open_ledger(toy / LEDGER_FILE, create=True) as ledger:
        restore_jsonl(ledger, OLD, datetime(2024, 3, 1, tzinfo=UTC))
    return toy


@pytest.fixture
def old(workspace: Path) -> Iterator[Ledger]:
    with open_ledger(workspace / LEDGER_FILE, read_only=True) as ledger:
        yield ledger


def test_an_old_log_verifies_and_is_exported_byte_for_byte(old: Ledger, workspace: Path) -> None:
    assert verify(old, None, None) == []
    export_jsonl(old, workspace / "again.jsonl")
    assert (workspace / "again.jsonl").read_bytes() == OLD.read_bytes()


def test_old_records_are_read_with_the_method_that_they_name(old: Ledger) -> None:
    written = {row["id"]: row["content"] for row in map(json.loads, OLD.read_text().splitlines())}
    for name in (BY_NUTS, RETRACTED, REWEIGHTED):
        forecast = old.entry(name).forecast
        assert forecast.method == written[name]["method"]
        assert forecast.to_content() == written[name]
    assert [old.entry(name).forecast.method["name"] for name in (BY_NUTS, RETRACTED, REWEIGHTED)] == [
        "nuts",
        "nuts",
        "reweight",
    ]
    assert old.entry(RETRACTED).retracted is not None


def test_the_history_prints_the_numbers_that_the_old_program_printed(workspace: Path) -> None:
    rows = {(row["forecast"], row["question"], row["outcome"]): row["p"] for row in Workspace(workspace).history("toy")}
    assert {key: rows[key] for key in PRINTED} == PRINTED


def test_how_an_old_forecast_was_computed_is_printed_from_its_record(old: Ledger) -> None:
    def printed(name: str) -> str:
        entry = old.entry(name)
        stored = Update(entry.forecast, entry, True, None, {}, (), (), (), entry.hash)
        return " ".join(_how(update_document(stored)["method"], stored=True))

    assert printed(BY_NUTS) == (
        "sampled with NUTS (stored before): 4 x 500 draws, R-hat 1.003, least effective size 1,881, no divergences"
    )
    assert printed(REWEIGHTED) == (
        "reweighted (stored before): 4 x 500 draws, R-hat 1.003, least effective size 1,819, k-hat 0.04 (limit 0.7)"
    )


@pytest.mark.parametrize("since", [None, BY_NUTS], ids=["from no evidence", "since an old one"])
def test_an_old_forecast_whose_draws_are_lost_is_explained_to_its_recorded_number(
    workspace: Path, since: str | None
) -> None:
    shown = Workspace(workspace).explain(f"{REWEIGHTED}/unbroken-2025", since).document
    p = PRINTED[REWEIGHTED, "unbroken-2025", "yes"]
    assert shown["to"]["p"] == p
    begin = shown["from"]["p"]
    total = log(p / (1 - p)) - log(begin / (1 - begin))
    assert sum(row["log_odds"] for row in shown["rows"]) == pytest.approx(total, abs=1e-9)
    noise = [row for row in shown["rows"] if row["kind"] == "sampling"]
    assert noise
    # new particles against the old draws: an independent check of both engines
    assert all(abs(row["log_odds"]) < 4 * row["mcse"] for row in noise)


def test_a_new_forecast_is_compared_with_an_old_one_and_extends_its_log(workspace: Path) -> None:
    made = forecast_toy(workspace, made_on=DAY + timedelta(days=2), sampler=never)
    assert made.forecast.since == REWEIGHTED
    assert made.entry is not None
    with open_ledger(workspace / LEDGER_FILE, read_only=True) as ledger:
        assert verify(ledger, None, None) == []
    for answer in made.forecast.answers:
        change, mcse = made.change(answer), made.change_mcse(answer)
        if change is not None and mcse is not None and answer.kind != "occurs":
            assert abs(change) < 0.02 + 4 * mcse  # two days passed
