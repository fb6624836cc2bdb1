"""Which wandb a project asks for."""

from __future__ import annotations

from pathlib import Path

import pytest

from wandblint.sources.requirement import wandb_requirement


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
        ("requirements-dev.txt", "wandb!=0.20\n", "!=0.20"),
        ("requirements/train.txt", "wandb>0.18\n", ">0.18"),
        ("requirements.txt", "wandb @ git+https://example.org\n", None),
        ("requirements.txt", "wandb>=new\n", None),
        ("setup.cfg", "[options]\ninstall_requires =\n    torch\n    wandb>=0.14\n", ">=0.14"),
        ("environment.yml", "dependencies:\n  - python=3.10\n  - wandb=0.15\n", "==0.15.*"),
        ("environment.yml", "dependencies:\n  - wandb=0.15.4=py310_0\n", "==0.15.4.*"),
        ("environment.yaml", "dependencies:\n  - pip:\n    - wandb>=0.16.1\n", ">=0.16.1"),
        ("environment.yml", "dependencies:\n  - 'wandb==0.15'\n", "==0.15"),
        ("README.md", "wandb>=0.1\n", None),
    ],
)
def test_what_files_say(tmp_path: Path, name: str, text: str, expected: str | None) -> None:
    file = tmp_path / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, encoding="utf-8")
    assert wandb_requirement(tmp_path) == expected


def test_the_settings_come_first(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("wandb>=0.15\n")
    assert wandb_requirement(tmp_path, ">=0.20") == ">=0.20"


def test_the_first_that_says_a_version(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\ndependencies = ["wandb"]\n')
    (tmp_path / "requirements.txt").write_text("wandb>=0.15\n")
    (tmp_path / "environment.yml").write_text("- wandb=0.1\n")
    assert wandb_requirement(tmp_path) == ">=0.15"
