"""Rule packs run code: the linted project only names them, and consent comes from outside."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.cli.programs import Completed, wandblint, write

ROOT = Path(__file__).parents[2]
PROGRAM = "import wandb\n\nwandb.init(reinit=True)\n"
RULE = """\
from pathlib import Path

from wandblint.findings import Finding, Severity
from wandblint.rule import Rule

Path({mark!r}).write_text("imported")


def check(model, options):
    for init in model.inits:
        yield rule.finding(init.span, "found by the team's rule", "none")


rule = Rule("OUR001", "our-rule", Severity.WARNING, "A rule of a team", check)
"""
CONSENT = "if you trust it, allow it with `--plugin our_pack` or `WANDBLINT_PLUGINS=our_pack`"


class Site:
    """A project that names the pack `our_pack`, and a folder outside of it for installed packages."""

    def __init__(self, folder: Path) -> None:
        self.project = write(
            folder / "project",
            {"wandblint.toml": 'plugins = ["our_pack"]\n', "train.py": PROGRAM},
        )
        self.packages = folder / "packages"
        self.mark = folder / "mark"

    def add_pack(self, folder: Path, init: str = "") -> None:
        """Writes the pack, which leaves a mark when it is imported."""
        files = {"__init__.py": init, "our_rule.py": RULE.format(mark=str(self.mark))}
        write(folder / "our_pack", files)

    def announce(self, folder: Path, pack: str = "our_pack") -> None:
        """Writes the metadata of a distribution with an entry point for the pack."""
        metadata = "Metadata-Version: 2.1\nName: our-pack\nVersion: 1.0\n"
        entry = f"[wandblint.packs]\nour = {pack}\n"
        write(folder / "our_pack-1.0.dist-info", {"METADATA": metadata, "entry_points.txt": entry})

    def lint(self, *arguments: str, path: tuple[Path, ...] = (), **variables: str) -> Completed:
        """Lints the project with these folders on Python's path."""
        paths = os.pathsep.join(map(str, (*path, self.packages, ROOT)))
        return wandblint(
            "--output-format", "concise", "-q", *arguments, cwd=self.project, PYTHONPATH=paths, **variables
        )


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def found(result: Completed) -> list[str]:
    """The codes of the reported findings."""
    return [line.split()[1] for line in result.out.splitlines()]


def test_the_project_cannot_run_a_module_of_python(site: Site) -> None:
    test = f"open({str(site.mark)!r}, 'w').close()\n"
    files = {"wandblint.toml": 'plugins = ["unittest.__main__"]\n', "test_x.py": test}
    write(site.project, files)
    result = site.lint()
    assert not site.mark.exists()
    assert (result.code, found(result)) == (2, ["WB101"])
    assert result.err.startswith(
        "error: wandblint.toml: `plugins`: rule pack unittest.__main__ is not loaded: "
    )
    assert "no installed distribution has an entry point" in result.err
    assert len(result.err.splitlines()) == 1


def test_a_pack_in_the_project_is_not_imported(site: Site) -> None:
    site.add_pack(site.project)
    # As in an editable install: the metadata is installed, the code is the project's.
    site.announce(site.packages)
    result = site.lint(path=(site.project,))
    assert not site.mark.exists()
    assert (result.code, found(result)) == (2, ["WB101"])
    assert result.err == (
        "error: wandblint.toml: `plugins`: rule pack our_pack is not loaded: "
        f"it lies in the linted project; {CONSENT}\n"
    )


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights on Windows")
def test_a_link_to_the_project_is_the_project(site: Site) -> None:
    site.add_pack(site.project)
    site.announce(site.packages)
    (site.packages / "our_pack").symlink_to(site.project / "our_pack")
    assert "it lies in the linted project" in site.lint().err
    assert not site.mark.exists()


def test_a_pack_elsewhere_in_the_repository_is_not_imported(site: Site) -> None:
    site.add_pack(site.project / "tools")
    site.announce(site.packages)
    write(site.project / "part", {"wandblint.toml": 'plugins = ["our_pack"]\n', "a.py": PROGRAM})
    (site.project / ".git").mkdir()
    paths = os.pathsep.join(map(str, (site.project / "tools", site.packages, ROOT)))
    result = wandblint("-q", cwd=site.project / "part", PYTHONPATH=paths)
    assert "it lies in the linted project" in result.err
    assert not site.mark.exists()


def test_an_outer_package_is_not_imported_to_find_an_inner_one(site: Site) -> None:
    site.add_pack(site.packages, f"open({str(site.mark)!r}, 'w').close()\n")
    write(site.project, {"wandblint.toml": 'plugins = ["our_pack.inner"]\n'})
    assert "no installed distribution has an entry point" in site.lint().err
    assert not site.mark.exists()


def test_metadata_in_the_project_announces_nothing(site: Site) -> None:
    site.add_pack(site.packages)
    site.announce(site.project)
    result = site.lint(path=(site.project,))
    assert not site.mark.exists()
    assert (result.code, found(result)) == (2, ["WB101"])
    assert "no installed distribution has an entry point `wandblint.packs` for it" in result.err


def test_an_installed_pack_with_an_entry_point_is_loaded(site: Site) -> None:
    site.add_pack(site.packages)
    site.announce(site.packages)
    result = site.lint()
    assert (result.code, found(result), result.err) == (1, ["OUR001", "WB101"], "")
    assert site.mark.exists()


def test_the_entry_point_of_one_pack_allows_no_other(site: Site) -> None:
    site.add_pack(site.packages)
    site.announce(site.packages, "their_pack")
    assert site.lint().code == 2
    assert not site.mark.exists()


@pytest.mark.parametrize("where", ["packages", "project"])
@pytest.mark.parametrize("by", ["option", "environment"])
def test_the_user_allows_a_pack(site: Site, where: str, by: str) -> None:
    folder = {"packages": site.packages, "project": site.project}[where]
    site.add_pack(folder)
    if by == "option":
        result = site.lint("--plugin", "our_pack", path=(folder,))
    else:
        result = site.lint(path=(folder,), WANDBLINT_PLUGINS="other, our_pack")
    assert (result.code, found(result), result.err) == (1, ["OUR001", "WB101"], "")


def test_the_option_loads_a_pack_that_the_project_does_not_name(site: Site) -> None:
    site.add_pack(site.packages)
    assert found(site.lint("--isolated", "--plugin", "our_pack")) == ["OUR001", "WB101"]
    assert found(site.lint("--isolated", WANDBLINT_PLUGINS="our_pack")) == ["WB101"]


@pytest.mark.parametrize(
    "init", ["raise SystemExit", "raise SystemExit(0)", "class B(BaseException): 0\nraise B"]
)
def test_a_pack_cannot_end_the_program(site: Site, init: str) -> None:
    site.add_pack(site.packages, init)
    result = site.lint("--plugin", "our_pack")
    assert result.code == 2
    assert result.err.startswith("error: rule pack our_pack cannot be imported: ")
    assert len(result.err.splitlines()) == 1


def test_selectors_of_a_missing_pack_cost_one_line_each(site: Site) -> None:
    result = site.lint("--select", "OUR001,WB1")
    assert (result.code, found(result)) == (2, ["WB101"])
    assert result.err.splitlines()[1:] == ["error: --select: no loaded rule pack has `OUR001`"]
    assert found(site.lint("--extend-select", "OUR001")) == ["WB101"]
    assert (only := site.lint("--select", "OUR001")).code == 2
    assert found(only) == []


def test_a_suppression_of_a_missing_pack_is_not_unused(site: Site) -> None:
    write(site.project, {"train.py": "import wandb\n\nwandb.init()  # wandblint: ignore[OUR001]\n"})
    result = site.lint()
    assert (result.code, found(result)) == (2, [])


def test_other_verbs(site: Site) -> None:
    site.add_pack(site.project)
    paths = os.pathsep.join(map(str, (site.project, ROOT)))
    listed = wandblint("rule", cwd=site.project, PYTHONPATH=paths)
    assert (listed.code, "OUR001" in listed.out) == (2, False)
    assert "is not loaded: it lies in the linted project" in listed.err
    assert wandblint("rule", "WB101", cwd=site.project, PYTHONPATH=paths).code == 0
    assert wandblint("rule", "OUR001", cwd=site.project, PYTHONPATH=paths).code == 2
    assert wandblint("charts", cwd=site.project, PYTHONPATH=paths).code == 0
    scanned = wandblint("scan", ".", "--output", "../scan.jsonl", cwd=site.project, PYTHONPATH=paths)
    assert scanned.code == 2
    assert not site.mark.exists()
    allowed = ("--plugin", "our_pack")
    assert "OUR001" in wandblint("rule", *allowed, cwd=site.project, PYTHONPATH=paths).out
    wandblint("scan", ".", "--output", "../all.jsonl", *allowed, cwd=site.project, PYTHONPATH=paths)
    assert '"OUR001"' in (site.project / "../all.jsonl").read_text(encoding="utf-8")


def test_audit_says_what_is_missing(site: Site) -> None:
    result = wandblint("audit", "--select", "OUR001", cwd=site.project)
    assert result.code == 2
    assert [line.partition(": ")[2][:9] for line in result.err.splitlines()][:2] == ["wandblint", "--select:"]
