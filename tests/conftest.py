"""Settings for all tests."""

from __future__ import annotations

import signal

from hypothesis import settings

LONG = 1000
"""The length from which a parameter is abbreviated in the name of a test."""

# A busy machine is not a failure, so no test has a deadline.
settings.register_profile("untimed", deadline=None)
settings.register_profile("fuzz", deadline=None, max_examples=10_000)
settings.load_profile("untimed")

# Shells make background programs ignore Ctrl-C, and every process of a test would inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_make_parametrize_id(val: object) -> str | None:
    """Abbreviates a long text: pytest puts the name of a test into the environment, which is limited."""
    return ascii(val[:40]) if isinstance(val, (str, bytes)) and len(val) > LONG else None
