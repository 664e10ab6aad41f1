"""Recorded forecasts for other tools: tables of answers, a hub, posterior draws, and the log itself."""
