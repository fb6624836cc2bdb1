"""Call paths that other processes follow meanwhile: what is said does not depend on how many there are."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux only")
def test_what_several_processes_find_is_what_one_finds() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.analysis.in_processes"], check=False, capture_output=True, text=True
    )

    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    projects, paths = map(int, [word for word in done.stderr.split() if word.isdigit()])
    assert projects > 300
    assert paths > 3 * projects
