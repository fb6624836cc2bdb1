"""The files that show how a project's jobs start: shell scripts, READMEs, hydra's configurations, sweeps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path, PurePosixPath

from wandblint.infra.files import read_regular
from wandblint.semantics.hydra import HydraFile, commands, configuration
from wandblint.semantics.launchers import LaunchFile, launch_file, launches_in_readme
from wandblint.semantics.sweeps import SweepFile, sweep_file

_PATTERNS = tuple(
    f"{folder}{pattern}"
    for folder in ("", "scripts/", "slurm/", "launch/", "jobs/", "bash/")
    for pattern in ("*.sh", "*.slurm", "*.sbatch")
)
_SWEEP_PATTERNS = tuple(
    f"{folder}{sweeps}*.{suffix}"
    for folder in ("", "conf/", "config/", "configs/", "experiments/", "scripts/")
    for sweeps in ("", "*sweep*/")
    for suffix in ("yaml", "yml")
)
_MAX_FILES = 100
"""A project with more of them has generated them."""
_MAX_SIZE = 100_000


def launch_files(
    root: Path, hydra_scripts: Iterable[str]
) -> tuple[tuple[LaunchFile, ...], tuple[HydraFile, ...]]:
    """What the files say that start the jobs of a project, by name; what cannot be read says nothing.

    `hydra_scripts` are the files that import hydra: configurations are next to them, or next to their folder.
    """
    scripts = _texts(root, (path for pattern in _PATTERNS for path in root.glob(pattern)))
    launches = [launch_file(name, text) for name, text in scripts]
    launches += [launches_in_readme(name, text) for name, text in _texts(root, root.glob("README*.md"))]
    hydra = [commands(name, text) for name, text in scripts] if hydra_scripts else []
    hydra += [configuration(name, text) for name, text in _texts(root, _configurations(root, hydra_scripts))]
    return tuple(filter(None, launches)), tuple(filter(None, hydra))


def sweep_files(root: Path) -> tuple[SweepFile, ...]:
    """The files that define sweeps of a project's scripts, by name; what cannot be read defines none."""
    texts = _texts(root, (path for pattern in _SWEEP_PATTERNS for path in root.glob(pattern)))
    return tuple(filter(None, (sweep_file(name, text) for name, text in texts)))


def _configurations(root: Path, scripts: Iterable[str]) -> Iterator[Path]:
    folders = {parent for script in scripts for parent in islice(PurePosixPath(script).parents, 2)}
    for folder in sorted(folders):
        for config in sorted((root / folder).glob("*conf*")):
            yield from (path for suffix in ("yaml", "yml") for path in config.glob(f"**/*.{suffix}"))


def _texts(root: Path, paths: Iterable[Path]) -> list[tuple[str, str]]:
    names = sorted({path.relative_to(root).as_posix() for path in islice(paths, _MAX_FILES)})
    return [(name, _text(root / name)) for name in names]


def _text(path: Path) -> str:
    try:
        return read_regular(path)[:_MAX_SIZE].decode("utf-8", "replace")
    except OSError:
        return ""
