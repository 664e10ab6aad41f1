"""Posterior draws: the PyMC model, the fit, its diagnostics, storage and export."""
