"""Which priors an answer leans on: power scaling by ArviZ.

Kallioinen, Paananen, Bürkner and Vehtari (2024), 'Detecting and diagnosing prior and likelihood sensitivity with
power-scaling', Statistics and Computing 34, 57. A group of priors is raised to a power near 1, and the distance by
which the answer's distribution over draws moves is set in relation to it; above 0.05 the group counts as informative.
"""

from arviz_stats import psense
from xarray import DataArray

from forecast.inference.draws import Draws, flat
from forecast.inference.export import to_datatree
from forecast.inference.resample import equal_draws
from forecast.inference.reweight import ProposalDraws, weigh
from forecast.model.answers import outcomes
from forecast.model.arrays import Arrays
from forecast.model.version import Settings
from forecast.scenario.schema import Occurs, State, Stays

__all__ = ["power_scaling"]

#: What the groups are called; further ones keep their own name.
WORDS = {
    "indicator_common": "rates and conditions, what regimes have in common",
    "indicator_own": "rates and conditions, what sets regimes apart",
    "stay_own": "mean stays",
    "goes_to": "which regime follows which",
    "truth": "grades",
    "detection_own": "detection of watches",
    "base_rates": "base rates",
}


def power_scaling(
    draws: Draws, model: Settings, data: Arrays, question: State | Stays | Occurs, outcome: str
) -> list[tuple[str, float]]:
    """Sensitivity of the probability of an outcome, draw by draw, to each group of priors.

    Parameters
    ----------
    draws
        Draws with the prior of this model and with their log-likelihood: chains or particles. Where weights for the
        evidence are unequal, the draws are resampled to equal ones first.
    model, data, question, outcome
        What they were drawn from, and what is asked.

    Returns
    -------
    list of (words, sensitivity)
        The largest first.
    """
    draws = equal_draws(weigh(ProposalDraws("own", model, draws), model, data))
    weighted = weigh(ProposalDraws("own", model, draws), model, data)
    values = weighted.answer(question)[:, outcomes(question, model).index(outcome)]
    tree = to_datatree(draws, model, data)
    tree["posterior"]["answer"] = DataArray(values.reshape(weighted.shape), dims=("chain", "draw"))
    groups = [name for name in tree["log_prior"].data_vars if name in WORDS and flat(draws).get(name, values).size]
    found = [
        (WORDS[name], float(psense(tree, var_names=["answer"], group="prior", group_var_names=[name])["answer"]))
        for name in groups
    ]
    return sorted(found, key=lambda row: -row[1])
