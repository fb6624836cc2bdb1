"""How far call paths are followed."""

from __future__ import annotations

MAX_DEPTH = 40
"""Calls deeper than this are not followed. The deepest wrapper seen in 111 repositories is 7 calls deep."""

STEPS_PER_PROJECT = 100_000
"""Statements run in all before further call paths get no more than a test does."""

STEPS_PER_ROOT = 20_000
"""Statements run on one call path before it is given up (and taken as logging anything). The pipeline of the
seed report takes some 6,000."""

STEPS_PER_TEST = 600
"""The same for a path that starts in a test: it is not worth more."""

SHALLOW_DEPTHS = (3, 1)
"""How deep calls are followed from where log calls were not reached: with helpers, and where that is still
too long without them."""

STEPS_PER_SHALLOW_ROOT = 3_000
"""The same for a path that starts where log calls were not reached: a training loop and its helpers."""

STEPS_PER_RESULT = 1_500
"""Statements run to work out a put-off result before it is taken as unknown. Functions that build rows
of metrics need some dozens; what needs more is the computation itself."""


MAX_ITEMS = 10_000
"""Items of one list: `x = x + x` doubles it over and over."""


class BudgetSpentError(Exception):
    """The call path is too long to follow."""
