"""Posteriors of small models by quadrature: products of rules over all standard parameters, no sampling.

For models with one event indicator and two regimes. Normal parameters take the trapezium rule, which is exact to
rounding for smooth densities once its step is below their width; grades take the rule of Gauss and Jacobi.
"""

from dataclasses import dataclass
from itertools import product

import numpy as np
from scipy.special import roots_jacobi

from forecast.inference.particles import Target, occurring_grades
from forecast.model.answers import answer, filtered
from forecast.model.arrays import Arrays
from forecast.model.priors import SHARED, log_base_rate, natural
from forecast.model.version import Floats, Settings
from forecast.scenario.schema import Occurs, State, Stays

#: Nodes evaluated together.
BLOCK = 20_000

#: Standard deviations that nodes reach to either side.
REACH = 6.0

#: Nodes of a smaller log weight are left out.
NEGLIGIBLE = -60.0


@dataclass(frozen=True)
class Exact:
    """Log evidence, P(first outcome) of every question, and the posterior means of standard stays, (K,)."""

    log_evidence: float
    answers: dict[str, float]
    stays: Floats


def normal_rule(n: int) -> tuple[Floats, Floats]:
    """Nodes and weights of a standard normal distribution; a single node stands for its mean."""
    if n == 1:
        return np.zeros(1), np.ones(1)
    nodes = np.linspace(-REACH, REACH, n)
    weights = np.exp(-(nodes**2) / 2)
    return nodes, weights / weights.sum()


def beta_rule(n: int, a: float, b: float) -> tuple[Floats, Floats]:
    """Nodes and weights of a Beta distribution."""
    nodes, weights = roots_jacobi(n, b - 1, a - 1)
    return (1 + nodes) / 2, weights / weights.sum()


def exact(
    model: Settings,
    data: Arrays,
    questions: tuple[State | Stays | Occurs, ...],
    *,
    rates: int = 40,
    stays: int = 1,
    others: int = 1,
) -> Exact:
    """Integrate over everything.

    Parameters
    ----------
    model, data, questions
        Two regimes and one event indicator.
    rates, stays, others
        Nodes for each log rate, for each stay, and for detection and grade; what has no spread has one node.
    """
    assert len(model.regimes) == 2
    assert len(model.events) == 1
    assert not model.conditions
    target = Target(model, data, model.initial, tuple(range(len(data.watches))))
    grades = occurring_grades([target])
    # log rates of both regimes have the correlation `SHARED`: eta = L z for independent z
    factor = np.linalg.cholesky(np.array([[1.0, SHARED], [SHARED, 1.0]]))
    rules = [normal_rule(rates)] * 2
    rules += [normal_rule(stays) if model.stays[k, 0] < model.stays[k, 1] else normal_rule(1) for k in range(2)]
    rules += [
        normal_rule(others) if watch.detection[0] < watch.detection[1] else normal_rule(1) for watch in data.watches
    ]
    rules += [beta_rule(others, *model.grades[grade]) for grade in grades]
    nodes = np.array(list(product(*(nodes for nodes, _ in rules))))
    log_weights = np.log(np.array(list(product(*(weights for _, weights in rules))))).sum(axis=1)
    kept = log_weights > NEGLIGIBLE
    nodes, log_weights = nodes[kept], log_weights[kept]
    n, n_watches = len(nodes), len(data.watches)
    eta = nodes[:, :2] @ factor.T
    # with no common error the own ones carry everything: sqrt(1 - c) own = eta
    raw = {
        "indicator_common": np.zeros((n, 1)),
        "indicator_own": (eta / np.sqrt(1 - SHARED))[:, None, :],
        "stay_own": nodes[:, 2:4],
        "detection_own": nodes[:, 4 : 4 + n_watches],
        "goes_to": np.ones((n, 2, 1)),
        "truth": np.full((n, len(model.grades)), 0.5),
    }
    raw["truth"][:, grades] = nodes[:, 4 + n_watches :]
    location, scale = data.fixed.log_stay.T
    classes = np.zeros(n) + log_base_rate(np, location + scale * raw["stay_own"], model)
    log_weights += classes - np.log(np.exp(classes + log_weights).sum())
    log_joint, sums = [], {question.id: [] for question in questions}
    for start in range(0, n, BLOCK):
        part = {name: values[start : start + BLOCK] for name, values in raw.items()}
        parameters = natural(np, part, model, data.fixed)
        result = filtered(parameters, model, data)
        log_joint.append(result.log_likelihood.sum(axis=1) + log_weights[start : start + BLOCK])
        for question in questions:
            sums[question.id].append(answer(question, result, parameters, model, data)[:, 0])
    joint = np.concatenate(log_joint)
    highest = joint.max()
    weights = np.exp(joint - highest)
    log_evidence = float(highest + np.log(weights.sum()))
    weights /= weights.sum()
    answers = {name: float(weights @ np.concatenate(values)) for name, values in sums.items()}
    return Exact(log_evidence, answers, weights @ raw["stay_own"])
