"""What holds for every test."""

from __future__ import annotations

from hypothesis import settings

# A machine that is busy is no finding: no test is timed.
settings.register_profile("untimed", deadline=None)
settings.register_profile("fuzz", deadline=None, max_examples=10_000)
settings.load_profile("untimed")
