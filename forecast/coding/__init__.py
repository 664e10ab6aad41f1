"""Text and data sets into evidence: what outsiders wrote becomes what analysts can check."""
