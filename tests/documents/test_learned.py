"""`codebook learn` on disk: a new codebook that reads back, with where its ranges come from; never over another."""

from datetime import date
from pathlib import Path

import pytest

from forecast.analysis.scoring.resolved import SEEN_CASE, resolved_rows
from forecast.documents.learned import LearnRequest, learn_codebook
from forecast.errors import DiagnosticError, InputError, WorkspaceError
from forecast.ledger.files import create_atomically
from forecast.ledger.store import LEDGER_FILE, open_ledger
from forecast.scenario.codebook_text import codebook_text
from forecast.scenario.read import read_scenario
from forecast.scenario.read_codebooks import codebook_from, read_codebook

from ..pooled import ResampledPrior
from ..workspaces import ROOT, edit, forecast_toy, write_toy

TODAY = date(2026, 11, 25)

REGIMES = """\
periods:
  - {from: 2023-01-01, to: 2024-03-31, regime: durable, why: calm, source: us}
  - {from: 2024-04-01, to: 2024-06-30, regime: fragile, why: quarrels, source: us}
"""


def copy_case(workspace: Path, name: str) -> None:
    for path in sorted((workspace / "scenarios/toy").rglob("*")):
        if path.is_file():
            place = workspace / "scenarios" / name / path.relative_to(workspace / "scenarios/toy")
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(path.read_text().replace("id: toy", f"id: {name}"))


@pytest.fixture
def two(tmp_path: Path) -> Path:
    """Two cases that are alike, each with one watched meeting."""
    workspace = write_toy(tmp_path)
    edit(workspace, "toy/evidence/reports.yaml", "when: 2023-05-04", "when: 2024-01-04")
    (workspace / "scenarios/toy/regimes.yaml").write_text(REGIMES)
    copy_case(workspace, "other")
    return workspace


def learn(workspace: Path, *cases: str, **options):
    request = LearnRequest(cases or ("toy", "other"), **options)
    return learn_codebook(workspace, request, TODAY, learner=ResampledPrior)


def test_a_version_can_name_the_new_codebook(two):
    document = learn(two)
    assert document["file"] == "scenarios/codebooks/alliance-learned-2026-11-25.yaml"
    (two / "scenarios/toy/models/v2.yaml").write_text(
        "version: v2\nfamily: regime\nnotes: learned\ncodebook: alliance-learned-2026-11-25\n"
    )
    book = read_scenario(two, "toy").codebooks["v2"]

    rates = {(row["indicator"], row["regime"]): row["learned"] for row in document["rates"]}
    assert list(book.indicators["meeting"].per_year["durable"]) == rates["meeting", "durable"]
    why = book.indicators["meeting"].why
    seen = "2 watched events (durable 2 in 0.5 years, fragile 0 in 0.5 years)"
    assert why.startswith(f"Learned on 2026-11-25 from cases other, toy: {seen}; hierarchical Poisson model")
    assert "Elicited before: durable 1 to 3, fragile 0.1 to 0.5." in why


def test_a_forecast_of_a_case_that_was_learned_from_says_so_and_is_not_scored(two):
    learn(two)
    text = "version: v2\nfamily: regime\nnotes: learned\ncodebook: alliance-learned-2026-11-25\n"
    (two / "scenarios/toy/models/v2.yaml").write_text(text)
    edit(two, "toy/resolutions.yaml", "known: 2024-03-15", "known: 2025-01-02")
    seen = forecast_toy(two, made_on=TODAY, as_of=date(2024, 1, 20), model="v2").forecast
    assert seen.warnings[0].startswith(
        "this forecast has seen its own case: the rates of v2 were learned from its events"
    )
    other = forecast_toy(two, made_on=TODAY, as_of=date(2024, 1, 20), model="v1").forecast
    assert not [warning for warning in other.warnings if "own case" in warning]
    with open_ledger(two / LEDGER_FILE, read_only=True) as ledger:
        scored = resolved_rows(read_scenario(two, "toy"), ledger.forecasts("toy"), TODAY)
    assert {row.model for row in scored.rows} == {"v1"}
    assert scored.left_out[SEEN_CASE] == len({row.question for row in scored.rows})


def test_cases_of_a_codebook_that_was_learned_before_stay_named(two):
    learn(two)
    path = two / "scenarios/codebooks/alliance.yaml"
    path.write_text("learned_from: [earlier]\n" + path.read_text())
    (two / "scenarios/codebooks/alliance-learned-2026-11-25.yaml").unlink()
    learn(two)
    assert read_codebook(two, "alliance-learned-2026-11-25").learned_from == ("earlier", "other", "toy")
    path.write_text(path.read_text().replace("[earlier]", "{a: b}"))
    with pytest.raises(InputError, match=r"learned_from: 'learned_from' has the wrong form.*a list of ids of cases"):
        read_codebook(two, "alliance")


def test_what_is_not_learned_stays_as_it_was_and_says_so(two):
    learn(two)
    before, after = (read_codebook(two, name) for name in ("alliance", "alliance-learned-2026-11-25"))
    for name in ("dispute", "threat"):
        assert after.indicators[name].ranges == before.indicators[name].ranges
        assert "Left as elicited by `codebook learn` on 2026-11-25" in after.indicators[name].why
    assert after.regimes == before.regimes


def test_a_codebook_is_never_replaced(two):
    before = (two / "scenarios/codebooks/alliance.yaml").read_bytes()
    with pytest.raises(InputError, match=r"alliance\.yaml' is there already, and a codebook that forecasts may use"):
        learn(two, file=two / "scenarios/codebooks/alliance.yaml")
    assert (two / "scenarios/codebooks/alliance.yaml").read_bytes() == before


def test_not_even_one_that_comes_while_it_is_written(tmp_path):
    def meanwhile(point: str) -> None:
        if point == "export: synced":
            (tmp_path / "x.yaml").write_text("theirs")

    with pytest.raises(WorkspaceError, match="File exists"):
        create_atomically(tmp_path / "x.yaml", b"mine", meanwhile)
    assert (tmp_path / "x.yaml").read_text() == "theirs"
    assert list(tmp_path.iterdir()) == [tmp_path / "x.yaml"]


def test_a_failed_fit_writes_nothing(two):
    def failing(data, progress):
        return ResampledPrior(data, progress, ("R-hat of typical is 1.2 (must be below 1.01): the chains disagree",))

    before = sorted(two.rglob("*"))
    with pytest.raises(DiagnosticError, match=r"all cases: R-hat of typical is 1\.2"):
        learn_codebook(two, LearnRequest(("toy", "other")), TODAY, learner=failing)
    assert sorted(two.rglob("*")) == before


def test_a_draft_writes_nothing(two):
    before = sorted(two.rglob("*"))
    assert learn(two, draft=True)["file"] is None
    assert sorted(two.rglob("*")) == before


def test_everything_wrong_with_the_cases_is_said_at_once(two):
    (two / "scenarios/other/regimes.yaml").write_text("periods: [{from: 2024-01-01}]\n")
    with pytest.raises(InputError) as raised:
        learn(two, "nobody", "other", "toy", "toy")
    messages = [str(finding) for finding in raised.value.findings()]
    assert "nobody" in messages[0]
    assert any("scenarios/other/regimes.yaml:1 periods.0.regime" in text for text in messages)
    assert "these cases cannot be compared" in messages[-1]


def test_cases_of_different_codebooks_are_refused(two):
    book = (two / "scenarios/codebooks/alliance.yaml").read_text()
    (two / "scenarios/codebooks/others.yaml").write_text(book)
    edit(two, "other/scenario.yaml", "codebook: alliance", "codebook: others")
    with pytest.raises(
        InputError, match=r"several codebooks: others \(other\); alliance \(toy\)|alliance \(toy\); others"
    ):
        learn(two)


def test_a_folder_that_is_not_there_is_found_out_before_any_fit(two):
    def never(data, progress):
        raise AssertionError("fitted")

    request = LearnRequest(("toy", "other"), two / "nowhere/x.yaml")
    with pytest.raises(InputError, match=r"there is no folder '.*nowhere' that can be written to"):
        learn_codebook(two, request, TODAY, learner=never)


def test_a_regime_that_only_one_case_knows_is_refused(two):
    (two / "scenarios/other/indicators.yaml").write_text(
        "regimes:\n  fragile: {prior: 0.3}\n"
        "  dead: {means: over, prior: 0.2, stays: {years: [1, 2]}}\n"
        "indicators:\n  meeting:\n    per_year: {dead: [0.01, 0.1]}\n"
        "    watch: [{from: 2024-01-01, detection: [0.7, 0.95]}]\n"
        "  dispute: {per_year: {dead: [0.01, 0.1]}}\n  threat: {holds: {dead: [0.1, 0.2]}}\n"
    )
    edit(two, "other/regimes.yaml", "fragile", "dead")
    with pytest.raises(InputError, match="codebook 'alliance' has no regime 'dead', which other names"):
        learn(two)


@pytest.mark.parametrize("name", ["learned.txt", "-x.yaml", "a b.yaml"])
def test_a_name_that_no_version_could_use_is_refused(two, name):
    with pytest.raises(InputError, match="cannot be a codebook's file"):
        learn(two, file=two / name)


def test_the_real_codebook_is_written_as_it_is_read():
    book = read_codebook(ROOT, "alliance")
    text = codebook_text(book, ["A copy.", "", "x"])
    assert codebook_from(text, "copy").model_dump() == book.model_dump()
    assert text.startswith("# A copy.\n#\n# x\n")


def test_hostile_texts_read_back_equal():
    book = read_codebook(ROOT, "alliance")
    entry = book.indicators["leader_meeting"].model_copy(
        update={"means": "a: b # c\n- 'x' \"y\" {z} \u202e\u2028 \U0001f4a5", "cues": ("no", "042", "*x")}
    )
    hostile = book.model_copy(update={"indicators": {"leader_meeting": entry}})
    assert codebook_from(codebook_text(hostile, []), "x").model_dump() == hostile.model_dump()
