"""The versions of wandb that a project requires."""

from __future__ import annotations

from pathlib import Path

import pytest

from wandblint.semantics.versions import Pin, Requirement
from wandblint.sources.requirement import nested_requirements, wandb_requirement


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        (
            "pyproject.toml",
            '[project]\ndependencies = ["torch", "wandb >= 0.19, < 1 ; extra"]',
            ">= 0.19, < 1",
        ),
        ("pyproject.toml", '[project.optional-dependencies]\nlog = ["wandb[media]~=0.19.1"]', "~=0.19.1"),
        ("pyproject.toml", '[dependency-groups]\na = [{include-group = "b"}, "wandb==0.18.*"]', "==0.18.*"),
        ("pyproject.toml", '[tool.poetry.dependencies]\nwandb = "^0.15.3"', ">=0.15.3,<0.16"),
        ("pyproject.toml", '[tool.poetry.dependencies]\nwandb = "^1.2"', ">=1.2,<2"),
        ("pyproject.toml", '[tool.poetry.dependencies]\nwandb = "~0.15.3"', ">=0.15.3,<0.16"),
        ("pyproject.toml", '[tool.poetry.dependencies]\nwandb = "~1"', ">=1,<2"),
        ("pyproject.toml", '[tool.poetry.dependencies]\nwandb = "0.15"', "==0.15"),
        ("pyproject.toml", '[tool.poetry.dependencies]\nwandb = "*"', None),
        ("pyproject.toml", '[tool.poetry.group.log.dependencies]\nwandb = {version = ">=0.16"}', ">=0.16"),
        ("pyproject.toml", '[tool.poetry.dependencies]\nwandb = {git = "https://example.org"}', None),
        ("pyproject.toml", '[project]\ndependencies = ["wandb"]', None),
        ("pyproject.toml", '[project]\ndependencies = ["wandb-mcp>=1", "not-wandb>=2"]', None),
        ("pyproject.toml", '[project]\ndependencies = "wandb>=1"', None),
        ("pyproject.toml", "tool = 1", None),
        ("pyproject.toml", "no toml", None),
        ("requirements.txt", "torch\nwandb==0.17.0 --hash=sha256:abc  # pinned\n", "==0.17.0"),
        ("requirements.txt", "wandb==0.17.0 \\\n    --hash=sha256:abc\n", "==0.17.0"),
        ("requirements.txt", "# wandb==0.1\nwandb>=0.12 ; python_version > '3.8'\r\n", ">=0.12"),
        ("requirements.txt", "urllib3==1.23\nwandb==0.17.0\nwatchdog>=1\n", "==0.17.0"),
        ("requirements.txt", "wandb\nwatchdog>=1\n", None),
        ("requirements-dev.txt", "wandb!=0.20\n", "!=0.20"),
        ("requirements/train.txt", "wandb>0.18\n", ">0.18"),
        ("requirements.txt", "wandb @ git+https://example.org\n", None),
        ("requirements.txt", "wandb>=new\n", None),
        ("setup.cfg", "[options]\ninstall_requires =\n    torch\n    wandb>=0.14\n", ">=0.14"),
        ("environment.yml", "dependencies:\n  - python=3.10\n  - wandb=0.15\n", "==0.15.*"),
        ("environment.yml", "dependencies:\n  - wandb=0.15.4=py310_0\n", "==0.15.4.*"),
        ("environment.yaml", "dependencies:\n  - pip:\n    - wandb>=0.16.1\n", ">=0.16.1"),
        ("environment.yml", "dependencies:\n  - 'wandb==0.15'\n", "==0.15"),
        ("conda_environment.yaml", "dependencies:\n  - wandb=0.13.3\n  - zarr=2.12\n", "==0.13.3.*"),
        ("environment-gpu.yml", "dependencies:\n  - wandb>=0.17,<0.20\n  - zarr\n", ">=0.17,<0.20"),
        ("conda.yml", "dependencies:\n  - pip:\n      - wandb==0.17.1\n      - zarr\n", "==0.17.1"),
        ("requirements.in", "wandb>=0.17\n", ">=0.17"),
        ("requirements.yaml", "dependencies:\n  - pip:\n    - wandb==0.13.5\n", "==0.13.5"),
        ("conda_env.yml", "dependencies:\n  - wandb=0.16\n", "==0.16.*"),
        ("requirements/base.in", "wandb>=0.18\n", ">=0.18"),
        ("envs/gpu.yml", "dependencies:\n  - wandb=0.16.1\n", "==0.16.1.*"),
        ("docker/requirements.txt", "wandb==0.15.0\n", "==0.15.0"),
        ("training/requirements.txt", "wandb<0.20\n", None),
        ("training/notes.txt", "wandb<0.20\n", None),
        ("examples/requirements.txt", "wandb==0.12\n", None),
        (".cache/requirements.txt", "wandb==0.12\n", None),
        ("a/b/requirements.txt", "wandb==0.12\n", None),
        ("Dockerfile", "RUN pip install torch \\\n    wandb==0.16.2 && rm -rf /tmp\n", "==0.16.2"),
        ("docker/Dockerfile.gpu", 'RUN pip3 install "wandb[media]>=0.18,<1"\n', ">=0.18,<1"),
        ("Dockerfile", "RUN pip install wandb\nRUN echo wandb==0.1\n", None),
        ("requirements.yml", "name: rl\ndependencies:\n  - pip:\n    - wandb==0.10.30\n", "==0.10.30"),
        ("env.cpu.yml", "dependencies:\n  - wandb=0.15\n", "==0.15.*"),
        ("environments/gpu.yaml", "dependencies:\n  - wandb=0.16\n", "==0.16.*"),
        ("settings.yml", "wandb: true\ntools:\n  - wandb==0.15\n", None),
        ("pip_requirements.txt", "wandb<0.17\n", "<0.17"),
        ("README.md", "wandb>=0.1\n", None),
        ("Pipfile", '[packages]\nwandb = ">=0.16"\n', ">=0.16"),
        ("Pipfile", '[packages]\ntorch = "*"\n[dev-packages]\nwandb = {version = "==0.17.1"}\n', "==0.17.1"),
        ("Pipfile", '[packages]\nwandb = "*"\n', None),
        ("setup.py", "setup(install_requires=['torch', \"wandb[media]>=0.14,<1\"])\n", ">=0.14,<1"),
        ("setup.py", "REQUIRED = [\n    'wandb ~= 0.15.1; python_version > \"3.8\"',\n]\n", "~= 0.15.1"),
        ("setup.py", "# 'wandb==0.1'\nsetup(install_requires=['wandb'])\n", None),
    ],
)
def test_requirement_files(tmp_path: Path, name: str, text: str, expected: str | None) -> None:
    file = tmp_path / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    assert wandb_requirement(tmp_path).specifier == expected


def test_the_settings_come_first(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("wandb>=0.15\n")
    assert wandb_requirement(tmp_path, ">=0.20") == Requirement(">=0.20")


def test_the_first_file_with_a_version_wins(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\ndependencies = ["wandb"]\n')
    (tmp_path / "requirements.txt").write_text("wandb>=0.15\n")
    (tmp_path / "environment.yml").write_text("dependencies:\n- wandb=0.1\n")
    assert wandb_requirement(tmp_path).specifier == ">=0.15"


def test_files_below_count_if_they_agree(tmp_path: Path) -> None:
    for folder, text in {"docker": "wandb==0.17.0\n", "envs": "wandb==0.17.0\n"}.items():
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "requirements.txt").write_text(text)
    assert wandb_requirement(tmp_path).specifier == "==0.17.0"
    (tmp_path / "envs" / "requirements.txt").write_text("wandb>=0.19\n")
    assert wandb_requirement(tmp_path).specifier is None
    (tmp_path / "requirements.txt").write_text("wandb>=0.18\n")
    assert wandb_requirement(tmp_path).specifier == ">=0.18"


def test_included_files_are_read(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("torch\n-r deps/train.in\n--requirement=gone.txt\n")
    (tmp_path / "deps").mkdir()
    (tmp_path / "deps" / "train.in").write_text("-c bounds.in  # comment\n-r ../requirements.txt\n")
    (tmp_path / "deps" / "bounds.in").write_text("wandb<0.29\n")
    assert wandb_requirement(tmp_path).specifier == "<0.29"


def test_files_outside_the_project_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "bounds.in").write_text("wandb<0.29\n")
    (tmp_path / "inner" / "requirements.txt").write_text("-c ../bounds.in\n")
    assert wandb_requirement(tmp_path / "inner") == Requirement()


UV = """version = 1

[[package]]
name = "torch"
version = "2.1.0"
dependencies = [
    { name = "wandb", version = "0.1.0" },
]

[[package]]
name = "wandb"
version = "0.22.3"
source = { registry = "https://pypi.org/simple" }
"""
POETRY = """[[package]]
name = "wandb"
version = "0.12.16"
description = "A CLI and library"

[metadata]
python-versions = ">=3.8"
"""


@pytest.mark.parametrize(
    ("name", "text", "version"),
    [
        ("uv.lock", UV, "0.22.3"),
        ("uv.lock", UV.replace("\n", "\r\n"), "0.22.3"),
        ("uv.lock", UV + '\n[[package]]\nname = "wandb"\nversion = "0.9.0"\n', "0.22.3"),
        ("poetry.lock", POETRY, "0.12.16"),
        ("pdm.lock", POETRY, "0.12.16"),
        ("uv.lock", UV.replace("0.22.3", "new"), None),
        ("uv.lock", UV.replace('"wandb"', '"wandb-core"'), None),
        ("Pipfile.lock", '{"_meta": {}, "default": {"wandb": {"version": "==0.17.1"}}}', "0.17.1"),
        ("Pipfile.lock", '{"develop": {"wandb": {"version": "==0.17.1"}}}', "0.17.1"),
        ("Pipfile.lock", '{"default": {"wandb": {"git": "https://example.org"}}}', None),
        ("Pipfile.lock", '{"default": []}', None),
        ("Pipfile.lock", "no json", None),
    ],
)
def test_lock_files(tmp_path: Path, name: str, text: str, version: str | None) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8", newline="")
    assert wandb_requirement(tmp_path).pin == (None if version is None else Pin(version, name))


def test_the_range_and_the_lock_file_are_separate(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\ndependencies = ["wandb>=0.16"]\n')
    (tmp_path / "uv.lock").write_text(UV)
    requirement = wandb_requirement(tmp_path)
    assert requirement == Requirement(">=0.16", Pin("0.22.3", "uv.lock"), "pyproject.toml")
    assert requirement.in_use == ">=0.16"


def test_a_lock_file_alone_gives_the_version_in_use(tmp_path: Path) -> None:
    (tmp_path / "uv.lock").write_text(UV)
    assert wandb_requirement(tmp_path).in_use == "==0.22.3"


def test_the_settings_override_the_lock_file(tmp_path: Path) -> None:
    (tmp_path / "uv.lock").write_text(UV)
    assert wandb_requirement(tmp_path, ">=0.30") == Requirement(">=0.30")


@pytest.mark.parametrize(
    ("files", "stated", "expected"),
    [
        ({}, None, "any version, because no file requires one"),
        ({"setup.py": "setup(install_requires=['wandb<1'])"}, None, "<1, required by setup.py"),
        ({"requirements/dev.txt": "wandb==0.18.0"}, None, "==0.18.0, required by requirements/dev.txt"),
        (
            {"requirements.txt": "-r requirements/all.txt", "requirements/all.txt": "wandb"},
            None,
            "any version, because no file requires one",
        ),
        (
            {"requirements.txt": "-r inner/all.txt", "inner/all.txt": "wandb>1"},
            None,
            ">1, required by inner/all.txt",
        ),
        ({"environment.yml": "dependencies:\n- wandb=0.18"}, None, "==0.18.*, required by environment.yml"),
        ({"uv.lock": UV}, None, "uv.lock installs 0.22.3"),
        (
            {"uv.lock": UV, "Pipfile": "[packages]\nwandb = '>=0.16'"},
            None,
            ">=0.16, required by Pipfile; uv.lock installs 0.22.3",
        ),
        ({"uv.lock": UV}, ">=0.30", ">=0.30, by the setting `wandb-version`"),
    ],
)
def test_it_says_where_it_comes_from(
    tmp_path: Path, files: dict[str, str], stated: str | None, expected: str
) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert str(wandb_requirement(tmp_path, stated)) == expected


def test_folders_with_a_range_of_their_own(tmp_path: Path) -> None:
    """A folder counts if it states a range; one with a lock file, or without any of the files, does not."""
    for name, text in (
        ("requirements.txt", "wandb>=0.20\n"),
        ("server/requirements.txt", "wandb==0.13.*\n"),
        ("client/requirements.txt", "wandb\n"),
        ("docs/requirements.txt", "wandb<0.12\n"),
        ("tools/uv.lock", '[[package]]\nname = "wandb"\nversion = "0.17.0"\n'),
    ):
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
    names = ["train.py", "server/app/main.py", "client/main.py", "tools/run.py", "missing/run.py"]
    assert nested_requirements(tmp_path, names) == {
        "server": Requirement("==0.13.*", file="requirements.txt")
    }
