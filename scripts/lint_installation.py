"""Lints every file of the Python that runs it: whatever Python code there is, wandblint must survive it.

    python scripts/lint_installation.py [--packages] [--every N] [FOLDER ...]

Each `.py` file of the folders (by default the standard library and the installed packages) is a project of
its own; with `--packages` each package is one. `import wandb` stands in front of every file, so that it is
really read and linked. Nothing is executed. Exit code 1 where something crashed.
"""

from __future__ import annotations

import argparse
import sys
import sysconfig
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from wandblint.app.registry import ALL
from wandblint.app.settings import Settings
from wandblint.engine import CheckResult, check

IN_FRONT = b"import wandb\n"
BOM = b"\xef\xbb\xbf"
HARMLESS = "cannot be "
"""How the lines about what cannot be read, decoded or listed begin, behind the path."""


def files(folders: list[Path]) -> Iterator[dict[str, bytes]]:
    """A project a file."""
    found = {file.resolve() for folder in folders for file in folder.rglob("*.py") if file.is_file()}
    for file in sorted(found):
        yield {file.name: marked(file)}


def packages(folders: list[Path]) -> Iterator[dict[str, bytes]]:
    """A project a package."""
    for root in sorted({init.parent for folder in folders for init in folder.glob("*/__init__.py")}):
        project = {
            file.relative_to(root.parent).as_posix(): marked(file) for file in sorted(root.rglob("*.py"))
        }
        yield project


def marked(file: Path) -> bytes:
    """The bytes of a file after an import of wandb."""
    return IN_FRONT + file.read_bytes().removeprefix(BOM)


def lint(project: dict[str, bytes]) -> CheckResult:
    """What comes of a project."""
    with tempfile.TemporaryDirectory() as folder:
        for name, data in project.items():
            file = Path(folder, name)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
        return check(Path(folder), None, Settings(select=[ALL], exclude=[]))


def main() -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--packages", action="store_true")
    parser.add_argument("--every", type=int, default=1, help="lint only every Nth project")
    parser.add_argument("folders", nargs="*", type=Path)
    given = parser.parse_args()
    folders = given.folders or [Path(sysconfig.get_path(name)) for name in ("stdlib", "purelib", "platlib")]
    counts: Counter[str] = Counter()
    slowest = (0.0, "")
    crashes: list[str] = []
    for number, project in enumerate(packages(folders) if given.packages else files(folders)):
        if number % given.every:
            continue
        name, began = next(iter(project)), time.perf_counter()
        outcome = lint(project)
        slowest = max(slowest, (time.perf_counter() - began, name))
        counts["projects"] += 1
        counts["files"] += len(project)
        counts["read"] += outcome.files_read
        counts["findings"] += len(outcome.findings)
        counts["no Python"] += sum(finding.code == "WB001" for finding in outcome.findings)
        for problem in outcome.problems:
            counts["not readable"] += problem.message.startswith(HARMLESS)
            if not problem.message.startswith(HARMLESS):
                crashes.append(f"{name}: {problem.path}: {problem.message}")
                print(crashes[-1], file=sys.stderr, flush=True)
    print(f"Python {sys.version.split()[0]}: {dict(counts)}, {len(crashes)} crashes")
    print(f"slowest: {slowest[1]}, {slowest[0]:.1f} s")
    return 1 if crashes else 0


if __name__ == "__main__":
    sys.exit(main())
