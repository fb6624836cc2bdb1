"""The files of a project that start its jobs: shell scripts, also those for Slurm."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

from wandblint.infra.files import read_regular
from wandblint.semantics.launchers import LaunchFile, launch_file

_PATTERNS = tuple(
    f"{folder}{pattern}"
    for folder in ("", "scripts/", "slurm/", "launch/", "jobs/", "bash/")
    for pattern in ("*.sh", "*.slurm", "*.sbatch")
)
_MAX_FILES = 100
"""A project with more of them has generated them."""
_MAX_SIZE = 100_000


def launch_files(root: Path) -> tuple[LaunchFile, ...]:
    """What the files say that start the jobs of a project, by name; what cannot be read says nothing."""
    paths = sorted({path for pattern in _PATTERNS for path in root.glob(pattern)})
    read = (launch_file(path.relative_to(root).as_posix(), _text(path)) for path in islice(paths, _MAX_FILES))
    return tuple(file for file in read if file is not None)


def _text(path: Path) -> str:
    try:
        return read_regular(path)[:_MAX_SIZE].decode("utf-8", "replace")
    except OSError:
        return ""
