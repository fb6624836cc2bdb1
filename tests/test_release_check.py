"""`make release-check`, on this repository and in small ones."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from release_check import PAGES, ROOT, problems
from tests.cli.programs import write

HOOKS = (ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=a", "-c", "user.email=a@b")
    command = ["git", "-C", str(folder), *identity, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def settings_of(page: str) -> str:
    text = (ROOT / page).read_text(encoding="utf-8")
    block = re.search(r"```yaml[^\n]*\n(repos:\n.*?)```", text, re.DOTALL)
    assert block, page
    return block[1]


@pytest.fixture
def full_clone() -> None:
    if git(ROOT, "rev-parse", "--is-shallow-repository") == "true":
        pytest.skip("a shallow clone has neither tags nor the commits that the pages name")


@pytest.mark.usefixtures("full_clone")
def test_this_repository_fits_together() -> None:
    assert list(problems()) == []


@pytest.mark.usefixtures("full_clone")
@pytest.mark.parametrize("page", PAGES)
def test_the_hooks_of_a_page_exist_in_a_clone(tmp_path: Path, page: str) -> None:
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", "--no-checkout", "--shared", str(ROOT), str(clone))
    (repository,) = yaml.safe_load(settings_of(page))["repos"]
    git(clone, "checkout", "--quiet", repository["rev"])
    hooks = yaml.safe_load((clone / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert {hook["id"] for hook in repository["hooks"]} <= {hook["id"] for hook in hooks}
    assert (clone / "pyproject.toml").exists(), "pre-commit can install it"


def make(folder: Path, *, version: str = "1.0.0", heading: str, revision: str = "", tag: str = "") -> Path:
    """A repository of which the second commit has pages that name a revision, by default the first commit."""
    git(folder, "init", "--quiet")
    write(
        folder,
        {
            ".pre-commit-hooks.yaml": HOOKS,
            "action.yml": "",
            "wandblint/__init__.py": '__version__ = "1.0.0"\n',
        },
    )
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "first")
    revision = revision or git(folder, "rev-parse", "HEAD")
    files = {
        "README.md": f"repos:\n  - repo: https://host/wandblint/wandblint\n    rev: {revision}\n",
        "docs/ci.md": f"uses: wandblint/wandblint@{revision}\n",
        "wandblint/__init__.py": f'__version__ = "{version}"\n',
        "CHANGELOG.md": f"# Changelog\n\n## [{heading}\n\n## [0.9.0] - 2020-01-01\n",
    }
    write(folder, files)
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "second")
    if tag:
        git(folder, "tag", tag)
    return folder


@pytest.mark.parametrize(
    ("heading", "revision", "tag", "expected"),
    [
        ("1.0.0] - unreleased", "", "", []),
        ("1.0.0] - 2026-01-01", "v1.0.0", "v1.0.0", []),
        (
            "1.1.0] - unreleased",
            "",
            "",
            ["CHANGELOG.md begins with 1.1.0, but the version is 1.0.0"],
        ),
        (
            "1.0.0] - unreleased",
            "v1.0.0",
            "v1.0.0",
            ["CHANGELOG.md calls 1.0.0 unreleased, but the tag v1.0.0 exists"],
        ),
        (
            "1.0.0] - 2026-01-01",
            "",
            "",
            ["CHANGELOG.md dates 1.0.0, but the tag v1.0.0 does not exist: git tag v1.0.0"],
        ),
        (
            "1.0.0] - unreleased",
            "v1.0.0",
            "",
            [f"{page} names v1.0.0, but there is no release: name a whole commit" for page in PAGES],
        ),
        (
            "1.0.0] - 2026-01-01",
            "v0.9.0",
            "v1.0.0",
            [f"{page} names v0.9.0, but the release is v1.0.0" for page in PAGES],
        ),
        (
            "1.0.0] - unreleased",
            "0" * 40,
            "",
            [
                f"{page} names {'0' * 40}, which has no {file}"
                for page in PAGES
                for file in (".pre-commit-hooks.yaml", "action.yml")
            ],
        ),
    ],
)
def test_what_does_not_fit(
    tmp_path: Path, heading: str, revision: str, tag: str, expected: list[str]
) -> None:
    assert list(problems(make(tmp_path, heading=heading, revision=revision, tag=tag))) == expected


def test_a_tag_on_a_commit_of_another_version(tmp_path: Path) -> None:
    folder = make(tmp_path, version="1.1.0", heading="1.1.0] - 2026-01-01", revision="v1.1.0")
    git(folder, "tag", "v1.1.0", "HEAD~1")
    assert list(problems(folder)) == ["the tag v1.1.0 is on a commit of another version"]
