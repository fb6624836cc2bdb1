"""LibCST takes long to import: only reading imports it."""

from __future__ import annotations

import subprocess
import sys


def test_libcst_is_imported_by_the_first_read_only() -> None:
    program = (
        "import sys; import wandblint.sources.tokens; from wandblint.reading import SyntaxProblem, read\n"
        "print('libcst' in sys.modules); read('x.py', 'x = 1'); print('libcst' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]
