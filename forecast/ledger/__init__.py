"""The append-only record of forecasts."""
