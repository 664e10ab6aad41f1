"""Scenario forecasting from dated, graded evidence."""
