"""Links that lead out of a project: their targets are neither read nor written."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.cli.programs import wandblint, write
from wandblint.sources.writing import UnwritableError, replace_text

BAD = 'import wandb\n\nwandb.init(project="p", reinit=True)\n'
GOOD = BAD.replace("True", '"finish_previous"')

pytestmark = pytest.mark.skipif(os.name == "nt", reason="links need rights there")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with links to a file and to a folder outside."""
    write(tmp_path / "outside", {"shared.py": BAD, "more/deep.py": BAD})
    root = write(tmp_path / "project", {"pyproject.toml": "", "a.py": BAD})
    (root / "link.py").symlink_to(tmp_path / "outside" / "shared.py")
    (root / "relative.py").symlink_to("../outside/shared.py")
    (root / "chain.py").symlink_to("link.py")
    (root / "book.ipynb").symlink_to("../outside/shared.py")
    (root / "folder").symlink_to("../outside")
    return root


def outside(project: Path) -> list[str]:
    return [file.read_text() for file in sorted((project.parent / "outside").rglob("*.py"))]


def test_a_project_does_not_read_through_links(project: Path) -> None:
    result = wandblint("--output-format", "concise", cwd=project)
    assert [line.partition(":")[0] for line in result.out.splitlines()] == ["a.py"]
    assert wandblint("--show-files", cwd=project).out == "a.py\n"


def test_fixes_do_not_go_through_links(project: Path) -> None:
    wandblint("--fix", cwd=project)
    assert (project / "a.py").read_text() == GOOD
    assert outside(project) == [BAD, BAD]


@pytest.mark.parametrize(
    "name", ["link.py", "relative.py", "chain.py", "book.ipynb", "folder", "folder/shared.py", "folder/more"]
)
def test_a_named_link_that_leads_out(project: Path, name: str) -> None:
    for arguments in (("--fix",), ("--add-ignore",), ("charts",)):
        result = wandblint(*arguments, name, cwd=project)
        assert (result.code, result.err) == (2, f"error: {name}: is a link that leads out of its project\n")
        assert "WB101" not in result.out
    assert outside(project) == [BAD, BAD]


def test_a_named_link_within_the_project(project: Path) -> None:
    (project / "inner.py").symlink_to("a.py")
    result = wandblint("inner.py", "--fix", cwd=project)
    assert result.code == 0
    assert (project / "inner.py").is_symlink()
    assert (project / "a.py").read_text() == GOOD


def test_a_project_may_itself_be_a_link(project: Path) -> None:
    (project.parent / "alias").symlink_to(project)
    result = wandblint("--fix", "alias", cwd=project.parent)
    assert result.code == 0
    assert (project / "a.py").read_text() == GOOD


def test_a_file_that_becomes_a_link_is_not_written(project: Path) -> None:
    """It is read before, and checked when it is written."""
    for name in ("link.py", "folder/shared.py"):
        with pytest.raises(UnwritableError, match=r"^is a link that leads out of its project$"):
            replace_text(project, name, BAD, GOOD)
    assert outside(project) == [BAD, BAD]
