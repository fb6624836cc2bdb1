"""The hooks of `.pre-commit-hooks.yaml` as the real pre-commit runs them in real repositories.

pre-commit would install this tree from a registry. Here it runs the program of the tests instead: the copy of
the hooks differs from the file in `language` alone.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.cli.programs import Completed, environment, write

ROOT = Path(__file__).resolve().parent.parent
HOOKS = (ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")

GOOD = "import wandb\n\nrun = wandb.init()\n"
BAD = "import wandb\n\nrun = wandb.init(reinit=True)\n"
FIXED = BAD.replace("True", '"finish_previous"')

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the stand-in for the program is a shell script")


@dataclass(frozen=True)
class Repository:
    """A git repository with the hooks installed."""

    folder: Path
    variables: dict[str, str] = field(default_factory=dict)

    def run(self, *command: str) -> Completed:
        result = subprocess.run(
            command, cwd=self.folder, env=self.variables, capture_output=True, check=False, encoding="utf-8"
        )
        return Completed(result.returncode, result.stdout, result.stderr)

    def git(self, *arguments: str) -> str:
        result = self.run("git", *arguments)
        assert result.code == 0, result.err
        return result.out

    def commit(self, **files: str) -> Completed:
        """Writes these files (`__` stands for `/`) and commits everything."""
        write(self.folder, {f"{name.replace('__', '/')}.py": text for name, text in files.items()})
        self.git("add", "--all")
        return self.run("git", "commit", "--message", "more")

    def read(self, name: str) -> str:
        return (self.folder / name).read_text(encoding="utf-8")


Make = Callable[..., Repository]


@pytest.fixture(scope="session")
def hooks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository of hooks, as users reference it in their settings."""
    folder = tmp_path_factory.mktemp("hooks")
    assert HOOKS.count("language: python") == HOOKS.count("- id: ")
    write(folder, {".pre-commit-hooks.yaml": HOOKS.replace("language: python", "language: system")})
    return folder


@pytest.fixture
def make(tmp_path: Path, hooks: Path, tmp_path_factory: pytest.TempPathFactory) -> Make:
    """Returns what creates a repository with some of the hooks, and with arguments for them."""
    programs = tmp_path / "programs"
    script = f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m wandblint "$@"\n'
    write(programs, {"wandblint": script})
    (programs / "wandblint").chmod(0o755)
    inherited = {key: value for key, value in environment().items() if not key.startswith("GIT_")}
    identity = {
        f"GIT_{role}_{attribute}": value
        for role in ("AUTHOR", "COMMITTER")
        for attribute, value in (("NAME", "a"), ("EMAIL", "a@example.org"))
    }
    variables = {
        **inherited,
        **identity,
        "PATH": os.pathsep.join((str(programs), str(Path(sys.executable).parent), inherited["PATH"])),
        "PYTHONPATH": str(ROOT),
        "PRE_COMMIT_HOME": str(tmp_path / "cache"),
        "GIT_CONFIG_GLOBAL": os.devnull,
    }
    if not (hooks / ".git").exists():
        of_hooks = Repository(hooks, variables)
        of_hooks.git("init", "--quiet")
        of_hooks.git("add", "--all")
        of_hooks.git("commit", "--quiet", "--message", "hooks")

    def repository(
        *ids: str, arguments: tuple[str, ...] = (), types: tuple[str, ...] = ("pre-commit",)
    ) -> Repository:
        created = Repository(tmp_path / "project", variables)
        listed = "".join(f"      - id: {name}\n        args: {list(arguments)}\n" for name in ids)
        revision = Repository(hooks, variables).git("rev-parse", "HEAD").strip()
        settings = f"repos:\n  - repo: {hooks}\n    rev: {revision}\n    hooks:\n{listed}"
        write(created.folder, {".pre-commit-config.yaml": settings, "pyproject.toml": ""})
        created.git("init", "--quiet", "--initial-branch=main")
        for kind in types:
            result = created.run(sys.executable, "-m", "pre_commit", "install", "--hook-type", kind)
            assert result.code == 0, result.out
        assert created.commit().code == 0
        return created

    return repository


def test_a_bad_commit_is_refused_and_a_good_one_is_accepted(make: Make) -> None:
    repository = make("wandblint")
    assert repository.commit(train=GOOD).code == 0
    refused = repository.commit(train=BAD)
    assert refused.code == 1
    assert "train.py:3:18" in refused.err
    assert "WB101" in refused.err
    assert repository.git("show", "HEAD:train.py") == GOOD


def test_the_whole_project_is_linted_whatever_is_staged(make: Make) -> None:
    repository = make("wandblint")
    write(repository.folder, {"old.py": BAD})
    repository.git("add", "--all")
    repository.git("commit", "--quiet", "--no-verify", "--message", "old")
    assert "old.py:3:18" in repository.commit(new=GOOD).err


def test_nothing_runs_for_a_commit_without_python(make: Make) -> None:
    repository = make("wandblint", "wandblint-changed")
    write(repository.folder, {"old.py": BAD})
    repository.git("add", "--all")
    repository.git("commit", "--quiet", "--no-verify", "--message", "old")
    write(repository.folder, {"README.md": "words\n"})
    result = repository.commit()
    assert result.code == 0
    assert result.err.count("(no files to check)Skipped") == 2


def test_only_the_files_of_the_commit_are_reported_on(make: Make) -> None:
    repository = make("wandblint-changed")
    write(repository.folder, {"old.py": BAD})
    repository.git("add", "--all")
    repository.git("commit", "--quiet", "--no-verify", "--message", "old")
    assert repository.commit(new=GOOD).code == 0
    refused = repository.commit(more=BAD)
    assert refused.code == 1
    assert "more.py:3:18" in refused.err
    assert "old.py" not in refused.err


def test_the_rest_of_the_project_is_the_context(make: Make) -> None:
    tracking = (
        "import wandb\n\n\ndef start():\n    run = wandb.init()\n"
        '    run.define_metric("fit/*", step_metric="fit/epoch")\n    return run\n'
    )
    unlogged_axis = 'from tracking import start\n\nrun = start()\nrun.log({"fit/loss": 1.0})\n'
    repository = make("wandblint-changed")
    assert (
        repository.commit(train=unlogged_axis.replace("1.0}", '1.0, "fit/epoch": 1}'), tracking=tracking).code
        == 0
    )
    assert repository.commit(train=unlogged_axis).code == 0, (
        "the axis is defined in a file outside the commit"
    )
    refused = repository.commit(tracking=tracking + "\n")
    assert refused.code == 1
    assert "tracking.py:6:" in refused.err
    assert "train.py:4" in refused.err


def test_only_staged_content_counts(make: Make) -> None:
    repository = make("wandblint-changed")
    write(repository.folder, {"train.py": BAD})
    repository.git("add", "--all")
    write(repository.folder, {"train.py": GOOD})
    assert repository.run("git", "commit", "--message", "bad").code == 1
    assert repository.read("train.py") == GOOD
    repository.git("add", "--all")
    write(repository.folder, {"train.py": BAD})
    assert repository.run("git", "commit", "--message", "good").code == 0
    assert repository.read("train.py") == BAD
    assert repository.git("show", "HEAD:train.py") == GOOD


@pytest.mark.parametrize(
    "name", ["a b.py", "ä 界.py", "-dash.py", "--select.py", "'quo\"te.py", "$HOME.py", "in/-a b.py"]
)
def test_unusual_file_names(make: Make, name: str) -> None:
    repository = make("wandblint-changed", arguments=("--output-format=concise",))
    write(repository.folder, {name: BAD})
    refused = repository.commit()
    assert refused.code == 1
    assert f"{name}:3:18: WB101" in refused.err
    write(repository.folder, {name: GOOD})
    assert repository.commit().code == 0


def test_files_that_are_python_without_a_suffix_and_files_that_are_not(make: Make) -> None:
    repository = make("wandblint-changed", arguments=("--output-format=concise",))
    others = {"a.wsgi": BAD, "a.gyp": "{}\n", "a.pyi": BAD, "a.ipynb": "{}\n"}
    names = {"bin/train": "#!/usr/bin/env python3\n" + BAD, **others}
    write(repository.folder, names)
    for name in names:
        (repository.folder / name).chmod(0o755)
    refused = repository.commit()
    assert refused.code == 1
    assert refused.err.count("WB101") == 1
    assert "bin/train:4:18: WB101" in refused.err


def test_excluded_files_are_not_linted_although_they_are_passed(make: Make) -> None:
    repository = make("wandblint-changed")
    write(repository.folder, {"pyproject.toml": '[tool.wandblint]\nextend-exclude = ["third_party"]\n'})
    assert repository.commit(third_party__train=BAD).code == 0
    assert repository.commit(train=BAD).code == 1


def test_findings_in_the_baseline_do_not_refuse_a_commit(make: Make) -> None:
    repository = make("wandblint")
    write(repository.folder, {"old.py": BAD})
    assert repository.run("wandblint", "--write-baseline").code == 0
    assert repository.commit().code == 0
    assert repository.commit(new=BAD).code == 1


def test_merges(make: Make) -> None:
    repository = make("wandblint-changed", types=("pre-commit", "pre-merge-commit"))
    repository.commit(train=GOOD)
    repository.git("switch", "--quiet", "--create", "side")
    write(repository.folder, {"side.py": BAD})
    repository.git("add", "--all")
    repository.git("commit", "--quiet", "--no-verify", "--message", "bad")
    repository.git("switch", "--quiet", "main")
    repository.commit(other=GOOD)
    refused = repository.run("git", "merge", "--no-edit", "side")
    assert refused.code != 0
    assert "side.py:3:18" in refused.out + refused.err
    write(repository.folder, {"side.py": GOOD})
    repository.git("add", "--all")
    assert repository.run("git", "commit", "--no-edit").code == 0
    assert len(repository.git("show", "--no-patch", "--format=%P").split()) == 2


def test_a_merge_with_conflicts(make: Make) -> None:
    repository = make("wandblint-changed")
    repository.commit(train=GOOD)
    repository.git("switch", "--quiet", "--create", "side")
    repository.commit(train=GOOD + "x = 1\n")
    repository.git("switch", "--quiet", "main")
    repository.commit(train=GOOD + "x = 2\n")
    assert repository.run("git", "merge", "side").code == 1
    assert repository.commit(train=BAD).code == 1
    assert repository.commit(train=GOOD + "x = 3\n").code == 0


def test_the_first_commit_is_fixed_and_refused_and_the_second_passes(make: Make) -> None:
    repository = make("wandblint-fix")
    write(repository.folder, {"old.py": BAD})
    repository.git("add", "--all")
    repository.git("commit", "--quiet", "--no-verify", "--message", "old")
    refused = repository.commit(train=BAD, more=GOOD)
    assert refused.code == 1
    assert "files were modified by this hook" in refused.err
    assert repository.git("show", ":train.py") == BAD, "the hook does not change what is staged"
    assert [repository.read(f"{name}.py") for name in ("train", "more", "old")] == [FIXED, GOOD, BAD]
    assert repository.commit().code == 0
    assert repository.git("show", "HEAD:train.py") == FIXED
    assert repository.git("status", "--porcelain") == ""


def test_a_finding_without_a_safe_fix_still_refuses_the_commit(make: Make) -> None:
    unlogged_axis = GOOD + 'run.define_metric("loss", step_metric="epoch")\nrun.log({"loss": 1.0})\n'
    repository = make("wandblint-fix")
    for _ in range(2):
        refused = repository.commit(train=unlogged_axis)
        assert refused.code == 1
        assert "WB202" in refused.err
        assert repository.read("train.py") == unlogged_axis


def test_fixes_apply_to_staged_content_and_unstaged_lines_stay(make: Make) -> None:
    repository = make("wandblint-fix")
    write(repository.folder, {"train.py": f"{BAD}a = 1\nb = 1\nc = 1\nd = 1\n"})
    repository.git("add", "--all")
    write(repository.folder, {"train.py": f"{BAD}a = 1\nb = 1\nc = 1\nd = 2\n"})
    assert repository.run("git", "commit", "--message", "more").code == 1
    assert repository.read("train.py") == f"{FIXED}a = 1\nb = 1\nc = 1\nd = 2\n"


def test_a_fix_that_conflicts_with_an_unstaged_line_is_not_applied(make: Make) -> None:
    repository = make("wandblint-fix")
    write(repository.folder, {"train.py": BAD})
    repository.git("add", "--all")
    unstaged = BAD.replace("reinit=True", 'project="p", reinit=True')
    write(repository.folder, {"train.py": unstaged})
    refused = repository.run("git", "commit", "--message", "more")
    assert refused.code == 1
    assert "conflicted with hook auto-fixes" in refused.err
    assert repository.read("train.py") == unstaged
    assert repository.git("show", ":train.py") == BAD


def test_excluded_and_suppressed_findings_are_not_fixed(make: Make) -> None:
    suppressed = BAD[:-1] + "  # wandblint: ignore[WB101] on purpose\n"
    repository = make("wandblint-fix")
    write(repository.folder, {"pyproject.toml": '[tool.wandblint]\nextend-exclude = ["third_party"]\n'})
    assert repository.commit(third_party__train=BAD, train=suppressed).code == 0
    assert repository.read("third_party/train.py") == BAD
    assert repository.read("train.py") == suppressed
