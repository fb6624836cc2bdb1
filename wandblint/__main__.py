"""`python -m wandblint`."""

from __future__ import annotations

import sys

from wandblint.cli import main

sys.exit(main())
