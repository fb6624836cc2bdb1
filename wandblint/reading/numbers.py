"""Which integers facts hold."""

from __future__ import annotations

SMALLEST, LARGEST = -(2**63), 2**63 - 1
LONGEST_INTEGER = 200
"""Characters (there may be underscores); Python itself refuses to convert very long ones."""
