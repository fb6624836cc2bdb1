"""What holds for every test."""

from __future__ import annotations

import signal

from hypothesis import settings

LONG = 1000
"""Characters that are too many for the name of a test."""

# A machine that is busy is no finding: no test is timed.
settings.register_profile("untimed", deadline=None)
settings.register_profile("fuzz", deadline=None, max_examples=10_000)
settings.load_profile("untimed")

# Shells have what they start in the background ignore Ctrl-C, and so would every process of a test.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_make_parametrize_id(val: object) -> str | None:
    """A long text goes by its beginning: pytest puts a test's name into the environment, which has limits."""
    return ascii(val[:40]) if isinstance(val, (str, bytes)) and len(val) > LONG else None
