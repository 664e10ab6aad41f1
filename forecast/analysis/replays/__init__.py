"""Forecasts as they would have been, day after day: serial, in processes or on a cluster, and scored."""
