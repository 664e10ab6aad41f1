"""What is asked of recorded forecasts afterwards: what happened, and how good they were."""
