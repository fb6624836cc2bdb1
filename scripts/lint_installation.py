"""Lints every file of the running Python: wandblint must survive any Python code.

    python scripts/lint_installation.py [--packages] [--every N] [FOLDER ...]

Each `.py` file of the folders (by default the standard library and the installed packages) is its own
project; with `--packages` each package is one. `import wandb` precedes every file, so wandblint reads and
analyzes it. Nothing is executed. The exit code is 1 if something crashes.
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

IMPORT = b"import wandb\n"
BOM = b"\xef\xbb\xbf"
HARMLESS = "cannot be "
"""The beginning of messages about files that cannot be read, decoded or listed."""


def files(folders: list[Path]) -> Iterator[dict[str, bytes]]:
    """Yields one project per file."""
    unique = {file.resolve() for folder in folders for file in folder.rglob("*.py") if file.is_file()}
    for file in sorted(unique):
        yield {file.name: with_import(file)}


def packages(folders: list[Path]) -> Iterator[dict[str, bytes]]:
    """Yields one project per package."""
    for root in sorted({init.parent for folder in folders for init in folder.glob("*/__init__.py")}):
        yield {
            file.relative_to(root.parent).as_posix(): with_import(file) for file in sorted(root.rglob("*.py"))
        }


def with_import(file: Path) -> bytes:
    """The bytes of a file after an import of wandb."""
    return IMPORT + file.read_bytes().removeprefix(BOM)


def lint(project: dict[str, bytes]) -> CheckResult:
    """Lints a project in a temporary folder."""
    with tempfile.TemporaryDirectory() as folder:
        for name, data in project.items():
            file = Path(folder, name)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
        return check(Path(folder), None, Settings(select=[ALL], exclude=[]))


def main() -> int:
    """Lints all projects, prints counts and returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--packages", action="store_true")
    parser.add_argument("--every", type=int, default=1, help="lint only every Nth project")
    parser.add_argument("folders", nargs="*", type=Path)
    options = parser.parse_args()
    folders = options.folders or [Path(sysconfig.get_path(name)) for name in ("stdlib", "purelib", "platlib")]
    counts: Counter[str] = Counter()
    slowest = (0.0, "")
    crashes: list[str] = []
    for number, project in enumerate(packages(folders) if options.packages else files(folders)):
        if number % options.every:
            continue
        name, start = next(iter(project)), time.perf_counter()
        result = lint(project)
        slowest = max(slowest, (time.perf_counter() - start, name))
        counts["projects"] += 1
        counts["files"] += len(project)
        counts["read"] += result.files_read
        counts["findings"] += len(result.findings)
        counts["syntax errors"] += sum(finding.code == "WB001" for finding in result.findings)
        for problem in result.problems:
            counts["unreadable"] += problem.message.startswith(HARMLESS)
            if not problem.message.startswith(HARMLESS):
                crashes.append(f"{name}: {problem.path}: {problem.message}")
                print(crashes[-1], file=sys.stderr, flush=True)
    print(f"Python {sys.version.split()[0]}: {dict(counts)}, {len(crashes)} crashes")
    print(f"slowest: {slowest[1]}, {slowest[0]:.1f} s")
    return 1 if crashes else 0


if __name__ == "__main__":
    sys.exit(main())
