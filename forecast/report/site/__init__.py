"""A static site over all scenarios of a workspace: index, a page per scenario and per live forecast, scores, search."""
