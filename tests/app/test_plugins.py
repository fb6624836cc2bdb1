"""Where a pack may lie: what counts as the project, and what as installed."""

from __future__ import annotations

import sysconfig
from pathlib import Path

import pytest

from wandblint.app.plugins import VARIABLE, PackGate
from wandblint.rule import BUILT_IN_PACK

METADATA = "Metadata-Version: 2.1\nName: gate-pack\nVersion: 1.0\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv(VARIABLE, raising=False)
    folder = tmp_path / "project"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def install(folder: Path, entry_points: str) -> None:
    """Writes the pack `gate_pack` and the metadata of its distribution."""
    metadata = folder / "gate_pack-1.0.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text(METADATA)
    (metadata / "entry_points.txt").write_text(entry_points)
    (folder / "gate_pack").mkdir()
    (folder / "gate_pack" / "__init__.py").write_text("raise SystemExit")


def test_the_environment_of_a_project_is_installed(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    libraries = project / ".venv" / "site-packages"
    install(libraries, "[wandblint.packs]\na = gate_pack\n")
    monkeypatch.syspath_prepend(str(libraries))
    refusal = PackGate(project).refusal("gate_pack")
    assert refusal is not None
    assert refusal.startswith("it lies in the linted project; ")
    monkeypatch.setattr(sysconfig, "get_path", lambda name: str(libraries))
    assert PackGate(project).refusal("gate_pack") is None


def test_the_working_folder_is_like_the_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path / "here", "[wandblint.packs]\na = gate_pack\n")
    monkeypatch.syspath_prepend(str(tmp_path / "here"))
    gate = PackGate(tmp_path / "project")
    assert gate.refusal("gate_pack") is None
    monkeypatch.chdir(tmp_path / "here")
    assert gate.refusal("gate_pack") is not None


@pytest.mark.parametrize(
    "entry_points",
    ["", "[console_scripts]\na = gate_pack\n", "[wandblint.packs]\ngate_pack = other\n", "a = ["],
)
def test_other_entry_points(
    tmp_path: Path, project: Path, monkeypatch: pytest.MonkeyPatch, entry_points: str
) -> None:
    install(tmp_path / "packages", entry_points)
    monkeypatch.syspath_prepend(str(tmp_path / "packages"))
    refusal = PackGate(project).refusal("gate_pack")
    assert refusal is not None
    assert refusal.startswith("no installed distribution has an entry point `wandblint.packs` for it")


@pytest.mark.parametrize("name", ["", ".", "..", "../gate_pack", "gate pack", "gate_pack.", ".gate_pack"])
def test_names_that_cannot_be_imported(project: Path, name: str) -> None:
    assert PackGate(project).refusal(name) == "this is not an import name"


@pytest.mark.parametrize("name", ["__main__", "sys", "json.decoder", "antigravity"])
def test_modules_of_python(project: Path, name: str) -> None:
    assert PackGate(project).refusal(name) is not None


def test_consent(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert PackGate(project, ("gate_pack",)).refusal("gate_pack") is None
    assert PackGate(project).refusal("gate_pack") == "no package of this name is installed"
    monkeypatch.setenv(VARIABLE, " gate_pack ,")
    assert PackGate(project).refusal("gate_pack") is None
    assert PackGate(project).refusal("gate_pack.inner") is not None
    assert PackGate(project).refusal("") is not None


def test_the_built_in_pack_needs_no_consent(project: Path) -> None:
    assert PackGate(project).refusal(BUILT_IN_PACK) is None
