"""`python -m wandblint`."""

from __future__ import annotations

import os
import sys

if sys.path[0] == os.getcwd() and not getattr(sys.flags, "safe_path", sys.flags.isolated):
    # `-m` puts the working folder first, where a project to be linted may have a `click.py` of its own.
    del sys.path[0]

from wandblint.cli import main

sys.exit(main())
