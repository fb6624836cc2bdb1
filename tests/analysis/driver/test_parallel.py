"""Entry points that forked processes interpret: the model does not depend on the number of processes."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux only")
def test_several_processes_find_what_one_process_finds() -> None:
    result = subprocess.run(
        [sys.executable, "-m", "tests.analysis.driver.compare_processes"],
        check=False,
        capture_output=True,
        text=True,
    )

    assert (result.returncode, result.stdout) == (0, ""), result.stderr
    projects, restored = map(int, [word for word in result.stderr.split() if word.isdigit()])
    assert projects > 300
    assert restored > 3 * projects
