"""`--diff-base`: only what the lines of this branch have to do with."""

from __future__ import annotations

from pathlib import Path

from tests.cli.programs import wandblint
from tests.sources.test_changes import commit, git


def test_only_findings_on_changed_lines(project: Path) -> None:
    git(project, "init", "--quiet", "--initial-branch=main")
    commit(project, {})
    assert wandblint(cwd=project).code == 1
    done = wandblint("--diff-base", "main", cwd=project)
    assert (done.code, done.out) == (
        0,
        "All good: 3 files checked (2 on unchanged lines); 2 files read.\n",
    )
    file = project / "lib" / "tracking.py"
    file.write_text(
        file.read_text(encoding="utf-8").replace("reinit", "job_type='x', reinit"), encoding="utf-8"
    )
    done = wandblint("--diff-base", "main", "--output-format", "concise", cwd=project)
    assert done.code == 1
    assert [line.split(" ")[1] for line in done.out.splitlines()] == ["WB101"]


def test_a_finding_is_where_its_evidence_is(project: Path) -> None:
    text = (project / "scripts" / "train.py").read_text(encoding="utf-8")
    git(project, "init", "--quiet", "--initial-branch=main")
    commit(project, {"scripts/train.py": text.replace('    log_epoch(run, "fit_robust", epoch, 2.0)\n', "")})
    (project / "scripts" / "train.py").write_text(text, encoding="utf-8")
    done = wandblint("--diff-base", "HEAD", "--output-format", "concise", cwd=project)
    assert done.out.startswith("lib/tracking.py:11:14: WB201 ")
    assert len(done.out.splitlines()) == 1


def test_a_base_that_is_none(project: Path) -> None:
    done = wandblint("--diff-base", "main", cwd=project)
    assert done.code == 2
    assert done.err.startswith("error: --diff-base main: git says: not a git repository")
    git(project, "init", "--quiet")
    commit(project, {})
    done = wandblint("--diff-base", "nowhere", cwd=project)
    assert (done.code, done.out) == (2, "")
    assert done.err == "error: --diff-base nowhere: no such branch or commit\n"
    done = wandblint("--diff-base", "main", "-", cwd=project)
    assert (done.code, done.err) == (2, "error: --diff-base compares files and cannot be used with `-`\n")
