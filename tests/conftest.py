"""For all tests: Hypothesis draws the same examples every time and has no deadline, as machines are shared."""

import signal

from hypothesis import settings

settings.register_profile("seeded", derandomize=True, deadline=None)
settings.load_profile("seeded")

# A shell without job control starts what it puts in the background deaf to Ctrl-C; tests of it need children that hear.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
