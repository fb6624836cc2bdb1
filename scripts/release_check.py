"""Compares the version, the tag, the changelog and the pages, for whoever releases (`make release-check`).

Before a release the changelog says `unreleased`, there is no tag, and the pages name a commit, which works on
every clone. At a release the changelog has a date, and the tag and the pages name the version.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGES = ("README.md", "docs/ci.md")
USED = (".pre-commit-hooks.yaml", "action.yml")
"""The files that pre-commit and GitHub read at the revision that a page names."""
_VERSION = re.compile(r'^__version__ = "([^"]+)"', re.MULTILINE)
_HEADING = re.compile(r"^## \[([^\]]+)\] - (\S+)$", re.MULTILINE)
_REVISION = re.compile(r"/wandblint\n\s+rev: (\S+)|uses: wandblint/wandblint@(\S+)")
_UNRELEASED = "unreleased"


def problems(root: Path = ROOT) -> Iterator[str]:
    """Yields what does not fit together, one line each."""
    version = _found(_VERSION, root / "wandblint" / "__init__.py")
    heading, date = _HEADING.findall((root / "CHANGELOG.md").read_text(encoding="utf-8"))[0]
    tag = f"v{version}"
    if heading != version:
        yield f"CHANGELOG.md begins with {heading}, but the version is {version}"
    is_tagged, is_dated = _exists(root, f"refs/tags/{tag}"), date != _UNRELEASED
    if is_tagged and not is_dated:
        yield f"CHANGELOG.md calls {heading} {date}, but the tag {tag} exists"
    if is_dated and not is_tagged:
        yield f"CHANGELOG.md dates {heading}, but the tag {tag} does not exist: git tag {tag}"
    if is_tagged and f'__version__ = "{version}"' not in _git(root, "show", f"{tag}:wandblint/__init__.py"):
        yield f"the tag {tag} is on a commit of another version"
    for page in PAGES:
        for match in _REVISION.finditer((root / page).read_text(encoding="utf-8")):
            yield from _of_revision(root, page, match[1] or match[2], tag if is_tagged else None)


def _of_revision(root: Path, page: str, revision: str, tag: str | None) -> Iterator[str]:
    if tag is not None and revision != tag:
        yield f"{page} names {revision}, but the release is {tag}"
    elif tag is None and not re.fullmatch("[0-9a-f]{40}", revision):
        yield f"{page} names {revision}, but there is no release: name a whole commit"
    else:
        missing = [file for file in USED if not _exists(root, f"{revision}:{file}")]
        yield from (f"{page} names {revision}, which has no {file}" for file in missing)


def _found(pattern: re.Pattern[str], file: Path) -> str:
    match = pattern.search(file.read_text(encoding="utf-8"))
    assert match, f"{file} has {pattern.pattern}"
    return match[1]


def _exists(root: Path, name: str) -> bool:
    command = ["git", "-C", str(root), "cat-file", "-e", name]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _git(root: Path, *arguments: str) -> str:
    return subprocess.run(["git", "-C", root, *arguments], capture_output=True, text=True, check=True).stdout


def main() -> int:
    """Prints the problems; 1 if there are any."""
    found = list(problems())
    print("\n".join(found) if found else "version, tag, changelog and pages fit together")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
