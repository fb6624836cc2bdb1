"""What holds for every test."""

from __future__ import annotations

import signal

from hypothesis import settings

# A machine that is busy is no finding: no test is timed.
settings.register_profile("untimed", deadline=None)
settings.register_profile("fuzz", deadline=None, max_examples=10_000)
settings.load_profile("untimed")

# Shells have what they start in the background ignore Ctrl-C, and so would every process of a test.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
