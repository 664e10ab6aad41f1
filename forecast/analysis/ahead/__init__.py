"""What to watch, and how far an answer may move."""
