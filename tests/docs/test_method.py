"""What docs/method.md says about the code is so: names, fixed numbers, and both tables."""

import ast
import re
from functools import cache
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import yaml
from numpy.testing import assert_allclose
from scipy import stats

from forecast.model.priors import constants
from forecast.model.version import Settings, settings
from forecast.scenario.read import read_scenario
from tests.scripts import script

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "forecast"
METHOD = (ROOT / "docs/method.md").read_text(encoding="utf-8")

STATIONS = "scenario|model|inference|ledger|analysis|report|evidence|update"
NAMES = sorted(set(re.findall(rf"`((?:{STATIONS})(?:\.\w+)+)`", METHOD)))
PATHS = sorted(set(re.findall(r"`((?:docs|forecast|tests|scenarios|benchmarks)/[\w./-]+)`", METHOD)))
CONSTANTS = re.findall(rf"^\| `((?:{STATIONS})(?:\.\w+)+)` \| (.+?) \|", METHOD, flags=re.MULTILINE)

#: Half of the last printed digit, and a little for the last bit.
PRINTED = 0.005 + 1e-9

#: Five Monte Carlo standard errors of a percentile's rank at 200,000 draws: 5 sqrt(0.25 / 200,000).
RANK_ERROR = 0.0056


def prior_predictive() -> ModuleType:
    return script("docs/prior_predictive")


@cache
def model() -> Settings:
    return settings(read_scenario(ROOT, prior_predictive().SCENARIO))


def between(begin: str, end: str) -> str:
    return METHOD.split(begin)[1].split(end)[0].strip()


def cells(table: str) -> dict[str, list[list[float]]]:
    """Rows of a Markdown table by their first cell; numbers in a cell are joined by a dot in the middle."""
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]
    return {row[0]: [[float(number) for number in cell.split("·")] for cell in row[1:]] for row in rows}


def defined(body: list[ast.stmt]) -> dict[str, ast.stmt]:
    """What a module or a class defines, by name; nothing is imported, since some modules load PyMC."""
    found: dict[str, ast.stmt] = {}
    for statement in body:
        if isinstance(statement, ast.FunctionDef | ast.ClassDef):
            found[statement.name] = statement
        elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            found[statement.target.id] = statement
        elif isinstance(statement, ast.Assign):
            found |= {target.id: statement for target in statement.targets if isinstance(target, ast.Name)}
    return found


def definition(name: str) -> ast.stmt | None:
    """What `model.filter.forward` names: None for a module, else the statement that defines it.

    Raises
    ------
    LookupError
        If there is no such module or nothing of that name in it.
    """
    parts = name.split(".")
    for cut in range(len(parts), 0, -1):
        path = PACKAGE.joinpath(*parts[:cut]).with_suffix(".py")
        if path.exists():
            break
    else:
        raise LookupError(f"docs/method.md names {name}: there is no such module")
    body, found = ast.parse(path.read_text(encoding="utf-8")).body, None
    for part in parts[cut:]:
        found = defined(body).get(part)
        if found is None:
            raise LookupError(f"docs/method.md names {name}: {path.relative_to(ROOT)} has no {part}")
        body = getattr(found, "body", [])
    return found


@pytest.mark.parametrize("name", NAMES)
def test_what_the_method_names_is_in_the_code(name: str) -> None:
    found = definition(name)
    module = PACKAGE.joinpath(*name.split(".")).with_suffix(".py")
    assert module.exists() if found is None else name.rpartition(".")[2] in defined([found])


def test_a_name_that_is_not_in_the_code_is_noticed() -> None:
    with pytest.raises(LookupError, match=r"filter\.py has no backward"):
        definition("model.filter.backward")
    with pytest.raises(LookupError, match="no such module"):
        definition("model.backwards.smooth")


@pytest.mark.parametrize("path", PATHS)
def test_paths_named_by_the_method_exist(path: str) -> None:
    assert (ROOT / path).exists()


@pytest.mark.parametrize(("name", "value"), CONSTANTS)
def test_fixed_numbers_are_those_of_the_code(name: str, value: str) -> None:
    statement = definition(name)
    assert isinstance(statement, ast.Assign | ast.AnnAssign)
    assert statement.value is not None
    assert ast.literal_eval(statement.value) == ast.literal_eval(value)


def test_the_method_names_functions_and_fixed_numbers() -> None:
    assert len(NAMES) > 30  # else the patterns above find nothing and the tests pass on nothing
    assert len(CONSTANTS) > 10
    assert PATHS


def test_grade_table_shows_the_quantiles_of_admiralty_wide() -> None:
    counts = yaml.safe_load((PACKAGE / "model/grades/admiralty-wide.yaml").read_text(encoding="utf-8"))["grades"]
    shown = cells(between("<!-- grades: begin -->", "<!-- grades: end -->"))
    assert list(shown) == list("ABCDEF")
    for letter, row in shown.items():
        assert len(row) == 6
        for digit, quantiles in zip("123456", row, strict=True):
            expected = stats.beta.ppf([0.1, 0.5, 0.9], *counts[letter + digit])
            assert_allclose(quantiles, expected, rtol=0, atol=PRINTED, err_msg=letter + digit)


def test_prior_predictive_table_is_what_the_script_makes() -> None:
    made = prior_predictive().table(model(), *prior_predictive().draws(model()))
    assert between(prior_predictive().BEGIN, prior_predictive().END) == made, "run docs/prior_predictive.py --write"


def test_prior_predictive_counts_are_percentiles_of_the_poisson_lognormal() -> None:
    # scipy: the Poisson distribution, averaged over 2,000 evenly spaced quantiles of the rate
    shown = cells(between(prior_predictive().BEGIN, prior_predictive().END).split("\n\n")[0])
    fixed = constants(model(), np.zeros((0, 2)))
    normal = stats.norm.ppf((np.arange(2000) + 0.5) / 2000)
    for i, name in enumerate(model().events):
        for k in range(len(model().regimes)):
            location, scale = fixed.log_rate[i, k]
            rates = np.exp(location + scale * normal)
            for p, n in zip((0.1, 0.5, 0.9), shown[name][k], strict=True):
                reached = stats.poisson.cdf(n, mu=rates).mean()
                before = stats.poisson.cdf(n - 1, mu=rates).mean()
                assert before - RANK_ERROR < p < reached + RANK_ERROR, (name, k, p)


def test_conditions_are_shown_with_their_stated_ends() -> None:
    shown = cells(between(prior_predictive().BEGIN, prior_predictive().END).split("\n\n")[1])
    for c, name in enumerate(model().conditions):
        ends = [[low, high] for low, _, high in shown[name]]
        assert_allclose(ends, model().holds[c], rtol=0, atol=PRINTED, err_msg=name)


def test_table_is_written_between_the_markers_and_nowhere_else() -> None:
    text = f"before\n{prior_predictive().BEGIN}\nold\n{prior_predictive().END}\nafter\n"
    written = prior_predictive().with_table(text, "| new |")
    assert written == f"before\n{prior_predictive().BEGIN}\n\n| new |\n\n{prior_predictive().END}\nafter\n"
    assert prior_predictive().with_table(written, "| new |") == written
    with pytest.raises(ValueError, match="each once"):
        prior_predictive().with_table("no markers", "| new |")
