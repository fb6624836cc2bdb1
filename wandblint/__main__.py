"""The entry point of `python -m wandblint`."""

from __future__ import annotations

import os
import sys

if sys.path[0] == os.getcwd() and not getattr(sys.flags, "safe_path", sys.flags.isolated):
    # `-m` puts the working folder first; the linted project there may have its own `click.py`.
    del sys.path[0]

from wandblint.cli import main

sys.exit(main())
