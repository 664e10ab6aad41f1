"""Names, dimensions and labels of the sampled parameters, for the PyMC model and for exported draws."""

from forecast.model.arrays import Arrays
from forecast.model.version import GRADES, Settings

__all__ = ["RAW", "coords", "raw_shapes"]

#: The sampled parameters with their dimensions after chain and draw, as `model.priors.natural` takes them.
RAW: dict[str, tuple[str, ...]] = {
    "indicator_common": ("indicator",),
    "indicator_own": ("indicator", "regime"),
    "stay_own": ("regime",),
    "goes_to": ("regime", "departure"),
    "truth": ("grade",),
    "detection_own": ("watch",),
}


def coords(model: Settings, data: Arrays) -> dict[str, list[str]]:
    """Labels of every dimension of the PyMC model and of exported draws."""
    return {
        "indicator": [*model.events, *model.conditions],
        "regime": list(model.regimes),
        "departure": [f"other {number}" for number in range(1, len(model.regimes))],
        "grade": list(GRADES),
        "watch": [f"{watch.indicator} from {watch.first}" for watch in data.watches],
        "step": data.steps.labels(),
    }


def raw_shapes(model: Settings, data: Arrays) -> dict[str, tuple[int, ...]]:
    """Shapes of the sampled parameters, without chain and draw."""
    sizes = {name: len(labels) for name, labels in coords(model, data).items()}
    return {name: tuple(sizes[dim] for dim in dims) for name, dims in RAW.items()}
