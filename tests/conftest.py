"""For all tests: Hypothesis draws the same examples every time and has no deadline, as machines are shared."""

from hypothesis import settings

settings.register_profile("seeded", derandomize=True, deadline=None)
settings.load_profile("seeded")
