"""What recorded forecasts and stored draws are asked: why, what if, what to watch, which version, how good."""
