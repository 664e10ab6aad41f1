"""The plain way to replay: for every day the project's own PyMC model is built, compiled and sampled by `pm.sample`.

`naive_pymc.py WORKSPACE SCENARIO VERSION DAY...`; the same chains, tuning and draws as the project's fit, and the same
answers from the draws. Prints p by day and question as JSON.
"""

import json
import sys
from datetime import date
from pathlib import Path

import numpy as np
import pymc as pm

from forecast.inference.fit import CHAINS, DRAWS, TUNE
from forecast.inference.parameter_layout import raw_shapes
from forecast.inference.pymc_model import pymc_model
from forecast.model.answers import answer, filtered, is_over
from forecast.model.arrays import arrays
from forecast.model.as_of import snapshot
from forecast.model.evidence_set import evidence_set
from forecast.model.priors import natural
from forecast.model.version import settings
from forecast.scenario.read import read_scenario


def main(workspace: str, name: str, version: str, *days: str) -> None:
    scenario = read_scenario(Path(workspace), name)
    model = settings(scenario, version)
    found: dict[str, dict[str, list[float]]] = {}
    for number, text in enumerate(days):
        day = date.fromisoformat(text)
        then = snapshot(scenario, version, day)
        data = arrays(evidence_set(then, scenario.start, model), model, day)
        with pymc_model(model, data):
            trace = pm.sample(
                draws=DRAWS, tune=TUNE, chains=CHAINS, random_seed=number, nuts_sampler="nutpie", progressbar=False
            )
        raw = {
            name: trace["posterior"][name].to_numpy().reshape((CHAINS * DRAWS, *shape))
            for name, shape in raw_shapes(model, data).items()
        }
        parameters = natural(np, raw, model, data.fixed)
        result = filtered(parameters, model, data)
        found[text] = {
            question.id: answer(question, result, parameters, model, data).mean(axis=0).tolist()
            for question in scenario.file.questions
            if question.id not in then.resolutions and not is_over(question, day)
        }
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
