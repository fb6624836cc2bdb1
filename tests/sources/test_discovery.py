"""The files of a project; git itself decides what git ignores."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Collection
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from wandblint.app.settings import Settings
from wandblint.sources.discovery import discover, project_root

EVERYTHING = Settings(exclude=[])


def write(root: Path, *names: str) -> Path:
    for name in names:
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    return root


@pytest.mark.parametrize("mark", ["wandblint.toml", "pyproject.toml", ".git/HEAD"])
def test_the_root_is_the_nearest_folder_with_a_mark(tmp_path: Path, mark: str) -> None:
    write(tmp_path, "pyproject.toml", f"inner/{mark}", "inner/src/lib/a.py")
    assert project_root(tmp_path / "inner" / "src" / "lib") == tmp_path / "inner"
    assert project_root(tmp_path / "inner" / "src" / "lib" / "a.py") == tmp_path / "inner"
    assert project_root(tmp_path) == tmp_path


def test_the_root_without_a_mark_is_the_folder_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if any((folder / mark).exists() for folder in tmp_path.parents for mark in ("pyproject.toml", ".git")):
        pytest.skip("the temporary folder is inside a project")
    write(tmp_path, "lib/a.py")
    monkeypatch.chdir(tmp_path)
    assert project_root(Path("lib/a.py")) == tmp_path / "lib"
    assert project_root(Path("lib")) == tmp_path / "lib"


def test_python_files_in_order(tmp_path: Path) -> None:
    write(tmp_path, "b.py", "a/c.py", "a.py", "a/notes.txt", "a/data.pyc", "folder.py/x.py", "a/.hidden.py")
    assert discover(tmp_path, Settings()) == ["a.py", "a/.hidden.py", "a/c.py", "b.py", "folder.py/x.py"]


def test_generated_and_foreign_code_is_excluded(tmp_path: Path) -> None:
    write(
        tmp_path,
        "train.py",
        "env/game.py",
        "wandb/mine.py",
        "lib/wandb/run-2024/files/code/train.py",
        "wandb/offline-run-2024/files/train.py",
        "lib/build/copy.py",
        ".venv/a.py",
        "node_modules/a/b.py",
        ".ipynb_checkpoints/train-checkpoint.py",
        "python3/pyvenv.cfg",
        "python3/lib/a.py",
        "conda/conda-meta/history",
        "conda/a.py",
    )
    assert discover(tmp_path, Settings()) == ["env/game.py", "train.py", "wandb/mine.py"]
    everything = discover(tmp_path, EVERYTHING)
    assert "lib/build/copy.py" in everything
    assert "python3/lib/a.py" not in everything


def test_a_project_inside_a_virtual_environment_is_found(tmp_path: Path) -> None:
    write(tmp_path, "pyvenv.cfg", "a.py")
    assert discover(tmp_path, Settings()) == ["a.py"]


def test_excludes_of_the_settings(tmp_path: Path) -> None:
    write(tmp_path, "train.py", "old/a.py", "lib/old/b.py", "lib/gen_c.py", "build/d.py")
    settings = Settings(exclude=["/old"], extend_exclude=["gen_*.py"])
    assert discover(tmp_path, settings) == ["build/d.py", "lib/old/b.py", "train.py"]


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_links(tmp_path: Path) -> None:
    outside = write(tmp_path / "elsewhere", "shared.py", "more/deep.py")
    root = write(tmp_path / "project", "lib/a.py")
    (root / "loop").symlink_to(root)
    (root / "lib" / "up").symlink_to("..")
    (root / "linked").symlink_to(outside)
    (root / "again.py").symlink_to("lib/a.py")
    (root / "shared.py").symlink_to(outside / "shared.py")
    (root / "broken.py").symlink_to("nowhere.py")
    (root / "self.py").symlink_to("self.py")
    assert discover(root, Settings()) == ["lib/a.py"]
    (tmp_path / "alias").symlink_to(root)
    assert discover(tmp_path / "alias", Settings()) == ["lib/a.py"]


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="everything can be listed")
def test_a_folder_that_cannot_be_listed(tmp_path: Path) -> None:
    write(tmp_path, "a.py", "secret/b.py")
    (tmp_path / "secret").chmod(0)
    errors: list[tuple[str, str]] = []
    assert discover(tmp_path, Settings(), lambda *error: errors.append(error)) == ["a.py"]
    (tmp_path / "secret").chmod(0o700)
    assert errors == [("secret", "cannot be listed: permission denied")]


def test_gitignore_can_be_switched_off(tmp_path: Path) -> None:
    write(tmp_path, "a.py", "b.py")
    (tmp_path / ".gitignore").write_text("b.py\n")
    assert discover(tmp_path, Settings()) == ["a.py"]
    assert discover(tmp_path, Settings(respect_gitignore=False)) == ["a.py", "b.py"]


def test_a_project_that_git_ignores_has_its_own_files(tmp_path: Path) -> None:
    write(tmp_path, ".git/HEAD", "scratch/a.py", "scratch/b.py")
    (tmp_path / ".gitignore").write_text("/scratch\n*.py\n")
    (tmp_path / "scratch" / ".gitignore").write_text("b.py")
    assert discover(tmp_path / "scratch", Settings()) == ["a.py"]


FOLDERS = st.lists(st.sampled_from(["a", "b", "c d", "abcabd"]), max_size=4).map("/".join)
WORDS = ["a", "b", "*", "**", "a/b", "a/**", "b/*", "**/x.py", "*.py", "x.py", "c d", "?", "??"]
WORDS += [
    "a/*/b",
    "a/**/b",
    "[ab]",
    "[!a]",
    "[^b-c]",
    "[]a]",
    "[a",
    "\\a",
    "c\\ d",
    "*[.]py",
    "a**b",
    ".",
    "*a*b*",
    "*ab*d",
    "a*a*d",
    "?*b?*",
    "*[!c]b*?",
    "**/a/**/b",
    "a/**/b/**/*.py",
    "*/**/b/*/**",
    "**/**/*b*/x.*",
    "***/b",
]
PATTERNS = st.builds(
    "{}{}{}{}".format,
    st.sampled_from(["", "", "!", "/", "!/", "**/"]),
    st.sampled_from(WORDS),
    st.sampled_from(["", "", "/"]),
    st.sampled_from(["", "", " ", "\\ ", "\r", "\n# said", "\n\\#"]),
)
TREES = st.sets(st.builds("{}/{}".format, FOLDERS, st.sampled_from(["x.py", "y.py", "y.txt"])), min_size=1)
IGNORES = st.dictionaries(FOLDERS, st.lists(PATTERNS, max_size=4).map("\n".join), max_size=3)


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
@given(TREES, IGNORES, st.lists(PATTERNS, max_size=2).map("\n".join), st.sampled_from(["", "a", "a/b"]))
def test_what_git_ignores(files: set[str], ignores: dict[str, str], excludes: str, subfolder: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        top = Path(folder)
        git(top, "init", "--quiet")
        (top / ".git" / "info" / "exclude").write_text(excludes)
        write(top, *(name.lstrip("/") for name in files))
        for location, patterns in ignores.items():
            (write(top, f"{location}/.gitignore".lstrip("/")) / location / ".gitignore").write_text(patterns)
        root = top / subfolder
        root.mkdir(parents=True, exist_ok=True)
        listed = git(top, "ls-files", "--others", "--exclude-standard", "-z").split("\0")
        assume(not subfolder or git(top, "check-ignore", subfolder, ok=(0, 1)) == "")
        prefix = f"{subfolder}/" if subfolder else ""
        names = [name.removeprefix(prefix) for name in listed if name.startswith(prefix)]
        assert discover(root, EVERYTHING) == sorted(name for name in names if name.endswith(".py"))


def git(folder: Path, *arguments: str, ok: Collection[int] = (0,)) -> str:
    """The output of git, with no settings except those of the repository."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    command = ["git", "-C", str(folder), *arguments]
    result = subprocess.run(command, check=False, capture_output=True, text=True, env=environment)
    assert result.returncode in ok, result.stderr
    return result.stdout
