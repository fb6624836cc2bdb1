"""Fixes real projects: prints a row of a Markdown table for each checkout that changes.

`python scripts/real_fixes.py FOLDER... --diffs OUT` copies each checkout, runs `wandblint --fix` with every
rule selected, and again with `--unsafe-fixes` if a finding has an unsafe fix. It checks that changed files
parse, that a second run changes nothing and that all other files keep their bytes, and writes the diffs.
"""

from __future__ import annotations

import ast
import difflib
import json
import re
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import click

HEAD = """\
| project | fixes | files | parse | second run | found then and not before |
|---|---|---|---|---|---|"""
_SHOWN_FIX = re.compile(r"^    (\d+) (WB\d+) ", re.MULTILINE)


@dataclass(frozen=True)
class Fixing:
    """The result of fixing a copy of a project with some options."""

    project: str
    options: tuple[str, ...]
    fixes: dict[str, int]
    changed: dict[str, tuple[bytes, bytes]]
    broken: list[str]
    """Files that parsed before, but not after fixing."""
    again: list[str]
    """Files that a second run changed."""
    new: list[str]
    """Codes and messages of new findings."""
    unsafe_left: int
    """The number of findings with an unsafe fix that was not applied."""
    errors: str

    def __str__(self) -> str:
        """The row of the table."""
        codes = ", ".join(f"{code} {count}" for code, count in self.fixes.items())
        name = self.project.replace("+", "/", 1)
        mode = "unsafe" if "--unsafe-fixes" in self.options else "safe"
        cells = (
            f"{name}, {mode}",
            codes,
            str(len(self.changed)),
            "; ".join(self.broken) or "yes",
            "; ".join(self.again) or "empty",
            "; ".join([*self.new, *filter(None, [self.errors])]),
        )
        return f"| {' | '.join(cells)} |"

    def diff(self) -> str:
        """All changes as one unified diff."""
        lines: list[str] = []
        for path, texts in sorted(self.changed.items()):
            old, new = (data.decode(errors="replace").splitlines(keepends=True) for data in texts)
            lines += difflib.unified_diff(old, new, f"a/{path}", f"b/{path}")
        return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)


def fix(folder: Path, *options: str) -> Fixing:
    """Fixes a copy of a project, twice."""
    with tempfile.TemporaryDirectory() as work:
        copy = Path(work, "copy")
        shutil.copytree(folder, copy, symlinks=True, ignore=shutil.ignore_patterns(".git"))
        before = _contents(copy)
        first = _run(copy)
        fixed = _run(copy, *options)
        after = _contents(copy)
        changed = {path: (before[path], data) for path, data in after.items() if before[path] != data}
        again: list[str] = []
        if changed:
            _run(copy, *options)
            again = [path for path, data in _contents(copy).items() if after[path] != data]
        return Fixing(
            folder.name,
            options,
            fixed.fixes,
            changed,
            [path for path, (old, new) in changed.items() if _parses(path, old) and not _parses(path, new)],
            again,
            sorted(fixed.findings - first.findings),
            fixed.unsafe,
            fixed.errors,
        )


def _contents(root: Path) -> dict[str, bytes]:
    files = sorted(path for path in root.rglob("*") if path.is_file() and not path.is_symlink())
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in files}


def _parses(path: str, data: bytes) -> bool:
    try:
        if path.endswith(".ipynb"):
            json.loads(data)
        else:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", SyntaxWarning)
                ast.parse(data)
    except (SyntaxError, json.JSONDecodeError):
        return False
    return True


@dataclass(frozen=True)
class _Run:
    fixes: dict[str, int]
    findings: set[str]
    unsafe: int
    errors: str


def _run(copy: Path, *options: str) -> _Run:
    """Runs wandblint in the copy; its report and cache are next to the copy."""
    report = copy.parent / "report.json"
    command = [sys.executable, "-m", "wandblint", "--select", "ALL", "--quiet", "--show-fixes"]
    command += ["--cache-dir", str(copy.parent / "cache"), "--output", f"json={report}", *options, "."]
    process = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False)
    findings = json.loads(report.read_text(encoding="utf-8"))
    fixes = Counter[str]()
    for count, code in _SHOWN_FIX.findall(process.stdout):
        fixes[code] += int(count)
    return _Run(
        dict(sorted(fixes.items())),
        {f"{finding['code']} {finding['filename']}: {finding['message']}" for finding in findings},
        sum(1 for finding in findings if finding["fix"] and finding["fix"]["applicability"] == "unsafe"),
        process.stderr.strip(),
    )


@click.command(help=__doc__)
@click.argument("folders", nargs=-1, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--diffs", type=click.Path(file_okay=False, path_type=Path), required=True, help="Folder for the diffs."
)
def main(folders: tuple[Path, ...], diffs: Path) -> None:
    """Prints the table."""
    diffs.mkdir(parents=True, exist_ok=True)
    click.echo(HEAD)
    unchanged = 0
    for folder in sorted(folder.resolve() for folder in folders):
        fixings = [fix(folder, "--fix")]
        if fixings[0].unsafe_left:
            fixings.append(fix(folder, "--fix", "--unsafe-fixes"))
        unchanged += not any(fixing.changed for fixing in fixings)
        for name, fixing in zip(("safe", "unsafe"), fixings, strict=False):
            if fixing.changed or fixing.errors:
                click.echo(str(fixing))
                sys.stdout.flush()
                (diffs / f"{folder.name}.{name}.diff").write_text(fixing.diff(), encoding="utf-8")
    click.echo(f"\n{len(folders)} projects, {unchanged} of them without a change.")


if __name__ == "__main__":
    main()
