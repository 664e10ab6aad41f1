"""What a model version expects before any evidence, as Markdown: events in a year, and which conditions hold.

    python docs/prior_predictive.py [SCENARIO] [--version VERSION] [--write]

Rates and probabilities are drawn from their priors, counts from a Poisson distribution given the rate. `--write` puts
the table between the markers in docs/method.md; tests/docs/test_method.py checks that it stands there.
"""

import argparse
from pathlib import Path

import numpy as np

from forecast.model.priors import constants, draw_prior, natural
from forecast.model.version import Floats, Settings, settings
from forecast.scenario.read import find_workspace, read_scenario

METHOD = Path(__file__).with_name("method.md")
BEGIN, END = "<!-- prior predictive: begin -->", "<!-- prior predictive: end -->"

SCENARIO = "dprk-russia"
SEED = 1
N_DRAWS = 200_000

#: Draws per block: keeps the largest array at some tens of megabytes.
BLOCK = 20_000

PERCENTILES = (10, 50, 90)


def draws(model: Settings, n_draws: int = N_DRAWS, seed: int = SEED) -> tuple[Floats, Floats]:
    """Yearly counts (n_draws, I, K) and probabilities that conditions hold (n_draws, C, K) from the prior."""
    rng = np.random.default_rng(seed)
    fixed = constants(model, np.zeros((0, 2)))
    counts, holds = [], []
    for start in range(0, n_draws, BLOCK):
        drawn = natural(np, draw_prior(model, fixed, min(BLOCK, n_draws - start), rng), model, fixed)
        counts.append(rng.poisson(drawn.rate).astype(float))
        holds.append(drawn.holds)
    return np.concatenate(counts), np.concatenate(holds)


def table(model: Settings, counts: Floats, holds: Floats) -> str:
    """Two Markdown tables: percentiles of yearly counts, and of P(holds)."""
    many = np.percentile(counts, PERCENTILES, axis=0, method="inverted_cdf")
    chance = np.percentile(holds, PERCENTILES, axis=0)
    events = [[" · ".join(f"{n:.0f}" for n in many[:, i, k]) for k in _every(model)] for i in range(len(model.events))]
    states = [
        [" · ".join(f"{p:.2f}" for p in chance[:, c, k]) for k in _every(model)] for c in range(len(model.conditions))
    ]
    parts = []
    if events:
        parts.append(_markdown("true events in a year", model, model.events, events))
    if states:
        parts.append(_markdown("P(holds)", model, model.conditions, states))
    return "\n\n".join(parts)


def _every(model: Settings) -> range:
    return range(len(model.regimes))


def _markdown(head: str, model: Settings, names: tuple[str, ...], cells: list[list[str]]) -> str:
    rows = [[head, *model.regimes], *([name, *row] for name, row in zip(names, cells, strict=True))]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    padded = [[cell.ljust(width) for cell, width in zip(row, widths, strict=True)] for row in rows]
    lines = [f"| {' | '.join(row)} |" for row in padded]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def with_table(text: str, between: str) -> str:
    """The document with another table between the markers.

    Raises
    ------
    ValueError
        If the document does not have both markers once.
    """
    if text.count(BEGIN) != 1 or text.count(END) != 1 or text.index(END) < text.index(BEGIN):
        raise ValueError(f"the document needs {BEGIN} and then {END}, each once")
    return f"{text[: text.index(BEGIN)]}{BEGIN}\n\n{between}\n\n{text[text.index(END) :]}"


def main() -> None:
    """Print the table, or write it into docs/method.md."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("scenario", nargs="?", default=SCENARIO, help="id or path (default: %(default)s)")
    parser.add_argument("--version", help="model version (default: the scenario's)")
    parser.add_argument("--write", action="store_true", help="update the table in docs/method.md")
    options = parser.parse_args()
    model = settings(read_scenario(find_workspace(METHOD.parent), options.scenario), options.version)
    made = table(model, *draws(model))
    if options.write:
        METHOD.write_text(with_table(METHOD.read_text(encoding="utf-8"), made), encoding="utf-8")
    else:
        print(made)


if __name__ == "__main__":
    main()
