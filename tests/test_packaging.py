"""What a user installs: a wheel built from this tree, in a separate environment."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from wandblint import __version__
from wandblint.app import registry
from wandblint.rule import Rule

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ("wandblint", "rules", "pyproject.toml", "README.md", "LICENSE")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy, because a build writes files into the tree."""
    folder = tmp_path_factory.mktemp("build")
    tree = folder / "tree"
    tree.mkdir()
    for name in SOURCES:
        (tree / name).symlink_to(ROOT / name)
    run(
        sys.executable,
        "-m",
        "build",
        "--wheel",
        "--no-isolation",
        "--outdir",
        str(folder / "dist"),
        str(tree),
    )
    (built,) = (folder / "dist").glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The scripts of an empty environment with the wheel; its dependencies are those of the tests' own."""
    folder = tmp_path_factory.mktemp("environment")
    run(sys.executable, "-m", "venv", "--without-pip", str(folder))
    variables = {"base": str(folder), "platbase": str(folder)}
    scheme = "venv" if "venv" in sysconfig.get_scheme_names() else sysconfig.get_default_scheme()
    site_packages = Path(sysconfig.get_path("purelib", scheme, variables))
    scripts = Path(sysconfig.get_path("scripts", scheme, variables))
    run(
        sys.executable,
        "-m",
        "pip",
        "--python",
        str(scripts / "python"),
        "install",
        "--no-deps",
        "--quiet",
        str(wheel),
    )
    (site_packages / "dependencies.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    return scripts


def run(*command: str, cwd: Path | None = None) -> str:
    """The output of a command, which must succeed without the tree on its path."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    result = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def test_the_wheel_holds_every_rule_and_its_page(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    tree = {
        f"wandblint_rules/{file.name}"
        for suffix in ("py", "md")
        for file in (ROOT / "rules").glob(f"*.{suffix}")
    }
    assert tree <= names
    assert {"wandblint/py.typed", "wandblint_rules/py.typed"} <= names
    sources = {str(file.relative_to(ROOT)) for file in (ROOT / "wandblint").rglob("*.py")}
    assert sources <= names, "a package is missing in pyproject.toml"
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_the_program_prints_its_version(installed: Path) -> None:
    assert __version__ in run(str(installed / "wandblint"), "--version")


@pytest.mark.parametrize("rule", registry.rules(), ids=lambda rule: rule.code)
def test_the_program_explains_its_rules(installed: Path, rule: Rule) -> None:
    printed = run(str(installed / "wandblint"), "rule", rule.code, cwd=installed)
    assert rule.name in printed
    assert "Why it matters" in printed


def test_the_program_finds_a_mistake(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text("import wandb\n\nwandb.init(\n", encoding="utf-8")
    result = subprocess.run(
        [str(installed / "wandblint")], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert result.returncode == 1, result.stderr
    assert "WB001" in result.stdout


def test_rules_and_pages_are_found_in_a_zip(wheel: Path, tmp_path: Path) -> None:
    program = (
        f"import sys; sys.path.insert(0, {str(wheel)!r})\n"
        "from wandblint.app import registry\n"
        f"assert registry.__file__.startswith({str(wheel)!r})\n"
        "for rule in registry.rules(): print(registry.page(rule).splitlines()[0])"
    )
    printed = run(sys.executable, "-c", program, cwd=tmp_path)
    assert printed.splitlines() == [f"# {rule.code} {rule.name}" for rule in registry.rules()]
