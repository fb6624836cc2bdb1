"""LibCST takes long to import, so only what needs it imports it."""

from __future__ import annotations

import subprocess
import sys


def test_libcst_is_imported_only_for_what_python_cannot_parse() -> None:
    program = (
        "import sys; from wandblint.syntax import ParseError, read\n"
        "print('libcst' in sys.modules); read('x.py', 'x = 1'); print('libcst' in sys.modules)\n"
        "read('x.py', 'x = t\"{a}\"'); print('libcst' in sys.modules)\n"
        "try: read('x.py', 'x = = 1')\nexcept ParseError: print('libcst' in sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout.split() == ["False", "False", "False", "True"]
