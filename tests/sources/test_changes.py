"""Changed lines according to git, in real repositories."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.cli.programs import write
from wandblint.sources.changes import ChangedLines, ChangesError, changed_lines

TEN = "".join(f"line {number}\n" for number in range(1, 11))


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    result = subprocess.run(
        ["git", *identity, *arguments], cwd=folder, capture_output=True, check=True, encoding="utf-8"
    )
    return result.stdout


def commit(folder: Path, files: dict[str, str], message: str = "more") -> None:
    write(folder, files)
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", message)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    commit(tmp_path, {"a.py": TEN, "src/b.py": TEN})
    return tmp_path


def rows(changed: ChangedLines, name: str) -> list[int]:
    return [row for row in range(20) if changed.touch(name, row, row)]


def test_nothing_has_changed(repository: Path) -> None:
    assert changed_lines(repository, "HEAD") == ChangedLines()


def test_committed_staged_and_unstaged_lines(repository: Path) -> None:
    git(repository, "switch", "--quiet", "--create", "work")
    commit(repository, {"a.py": TEN.replace("line 2\n", "other\n")})
    write(repository, {"a.py": (repository / "a.py").read_text().replace("line 5\n", "5\n5\n")})
    git(repository, "add", "--all")
    write(repository, {"a.py": (repository / "a.py").read_text() + "last\n"})
    changed = changed_lines(repository, "main")
    assert rows(changed, "a.py") == [2, 5, 6, 12]
    assert changed.touch("a.py", 3, 5)
    assert not changed.touch("a.py", 3, 4)
    assert rows(changed, "src/b.py") == []


def test_deleted_lines_leave_nothing_to_report(repository: Path) -> None:
    write(repository, {"a.py": TEN.replace("line 4\n", "")})
    (repository / "src" / "b.py").unlink()
    assert rows(changed_lines(repository, "HEAD"), "a.py") == []


def test_only_changed_lines_of_a_renamed_file(repository: Path) -> None:
    git(repository, "mv", "a.py", "src/ä c.py")
    commit(repository, {"src/ä c.py": TEN.replace("line 9\n", "nine\n")})
    assert rows(changed_lines(repository, "HEAD~1"), "src/ä c.py") == [9]


def test_untracked_files_are_new(repository: Path) -> None:
    write(repository, {"new.py": TEN, "src/ä new.py": TEN, "ignored.py": TEN, ".gitignore": "ignored.py\n"})
    changed = changed_lines(repository, "HEAD")
    assert changed.new == {"new.py", "src/ä new.py", ".gitignore"}
    assert changed.touch("new.py", 3, 3)


def test_names_are_relative_to_the_folder(repository: Path) -> None:
    write(repository, {"src/b.py": TEN + "more\n", "src/new.py": "", "a.py": ""})
    changed = changed_lines(repository / "src", "HEAD")
    assert (rows(changed, "b.py"), set(changed.rows), set(changed.new)) == ([11], {"b.py"}, {"new.py"})


def test_later_changes_of_the_other_branch_do_not_count(repository: Path) -> None:
    git(repository, "switch", "--quiet", "--create", "work")
    commit(repository, {"a.py": TEN.replace("line 2\n", "ours\n")})
    git(repository, "switch", "--quiet", "main")
    commit(repository, {"a.py": TEN.replace("line 8\n", "theirs\n")})
    git(repository, "switch", "--quiet", "work")
    assert rows(changed_lines(repository, "main"), "a.py") == [2]
    git(repository, "merge", "--quiet", "--no-edit", "main")
    assert rows(changed_lines(repository, "main"), "a.py") == [2]
    assert rows(changed_lines(repository, "HEAD~1"), "a.py") == [8]


@pytest.mark.parametrize(
    "name", ['quo"te.py', "tab\there.py", "-dash.py", " blank .py", "back\\slash.py", "界.py"]
)
def test_names_that_git_quotes(repository: Path, name: str) -> None:
    commit(repository, {name: TEN})
    write(repository, {name: TEN + "more\n"})
    assert rows(changed_lines(repository, "HEAD"), name) == [11]


def test_lines_that_look_like_those_of_a_diff(repository: Path) -> None:
    lines = "++ b/src/b.py\n@@ -1 +1,9 @@\n-- a/x\n"
    commit(repository, {"a.py": lines + TEN})
    write(repository, {"a.py": lines.replace("x", "y") * 2 + TEN})
    assert rows(changed_lines(repository, "HEAD~1"), "src/b.py") == []
    assert rows(changed_lines(repository, "HEAD~1"), "a.py") == [1, 2, 3, 4, 5, 6]


def test_a_file_without_a_last_line_ending(repository: Path) -> None:
    write(repository, {"a.py": TEN + "end", "src/b.py": TEN[:-1]})
    changed = changed_lines(repository, "HEAD")
    assert (rows(changed, "a.py"), rows(changed, "src/b.py")) == ([11], [10])


def test_the_users_settings_of_git_change_nothing(repository: Path) -> None:
    for key, value in (("diff.noprefix", "true"), ("diff.mnemonicPrefix", "true"), ("color.diff", "always")):
        git(repository, "config", key, value)
    git(repository, "config", "diff.external", "false")
    write(repository, {"a.py": TEN + "more\n"})
    assert rows(changed_lines(repository, "HEAD"), "a.py") == [11]


def test_inside_a_hook(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_INDEX_FILE", ".git/index")
    monkeypatch.setenv("GIT_DIR", ".git")
    write(repository, {"src/b.py": TEN + "more\n"})
    assert rows(changed_lines(repository / "src", "HEAD"), "b.py") == [11]


@pytest.mark.parametrize("ref", ["nowhere", "--output=x", "HEAD:a.py", ""])
def test_no_such_commit(repository: Path, ref: str) -> None:
    with pytest.raises(ChangesError, match=r"^no such branch or commit$"):
        changed_lines(repository, ref)


def test_no_repository(tmp_path: Path) -> None:
    with pytest.raises(ChangesError, match=r"^git says: not a git repository"):
        changed_lines(tmp_path, "HEAD")


def test_no_history_in_common(repository: Path) -> None:
    git(repository, "switch", "--quiet", "--orphan", "other")
    commit(repository, {"a.py": TEN})
    with pytest.raises(ChangesError, match="shares no history"):
        changed_lines(repository, "main")


def test_no_git(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ChangesError, match=r"^git is not installed$"):
        changed_lines(repository, "main")
