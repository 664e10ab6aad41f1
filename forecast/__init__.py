"""Scenario forecasting from dated, graded evidence: coded articles in, recorded and citable Bayesian forecasts out.

`forecast.open("dprk-russia").update()` forecasts; importing this package loads neither numpy nor PyMC nor pandas.
"""

from typing import TYPE_CHECKING, Any

from forecast.about import VERSION

if TYPE_CHECKING:
    from forecast.api import (
        Case,
        Records,
        UpdateRecords,
        Workspace,
        base_rate,
        open,  # noqa: A004 - the public name
        score_files,
    )

__all__ = ["Case", "Records", "UpdateRecords", "Workspace", "__version__", "base_rate", "open", "score_files"]

__version__ = VERSION


def __getattr__(name: str) -> Any:
    """Load the public names on first use."""
    if name in __all__:
        from forecast import api

        return getattr(api, name)
    raise AttributeError(f"module 'forecast' has no attribute '{name}'")
