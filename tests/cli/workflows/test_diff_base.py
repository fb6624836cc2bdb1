"""`--diff-base`: only findings that concern lines of this branch."""

from __future__ import annotations

from pathlib import Path

from tests.cli.programs import wandblint
from tests.sources.test_changes import commit, git


def test_only_findings_on_changed_lines(project: Path) -> None:
    git(project, "init", "--quiet", "--initial-branch=main")
    commit(project, {})
    assert wandblint(cwd=project).code == 1
    result = wandblint("--diff-base", "main", cwd=project)
    assert (result.code, result.out) == (
        0,
        "All good: 3 files checked (2 on unchanged lines); 2 files read.\n",
    )
    file = project / "lib" / "tracking.py"
    file.write_text(
        file.read_text(encoding="utf-8").replace("reinit", "job_type='x', reinit"), encoding="utf-8"
    )
    result = wandblint("--diff-base", "main", "--output-format", "concise", cwd=project)
    assert result.code == 1
    assert [line.split(" ")[1] for line in result.out.splitlines()] == ["WB101"]


def test_a_finding_with_evidence_on_a_changed_line_is_reported(project: Path) -> None:
    text = (project / "scripts" / "train.py").read_text(encoding="utf-8")
    git(project, "init", "--quiet", "--initial-branch=main")
    commit(project, {"scripts/train.py": text.replace('    log_epoch(run, "fit_robust", epoch, 2.0)\n', "")})
    (project / "scripts" / "train.py").write_text(text, encoding="utf-8")
    result = wandblint("--diff-base", "HEAD", "--output-format", "concise", cwd=project)
    assert result.out.startswith("lib/tracking.py:11:14: WB201 ")
    assert len(result.out.splitlines()) == 1


def test_an_invalid_base(project: Path) -> None:
    result = wandblint("--diff-base", "main", cwd=project)
    assert result.code == 2
    assert result.err.startswith("error: --diff-base main: git says: not a git repository")
    git(project, "init", "--quiet")
    commit(project, {})
    result = wandblint("--diff-base", "nowhere", cwd=project)
    assert (result.code, result.out) == (2, "")
    assert result.err == "error: --diff-base nowhere: no such branch or commit\n"
    result = wandblint("--diff-base", "main", "-", cwd=project)
    assert (result.code, result.err) == (2, "error: --diff-base compares files and cannot be used with `-`\n")
