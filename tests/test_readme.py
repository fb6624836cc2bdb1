"""The README shows what the program really does."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from tests.cli.programs import wandblint
from tests.examples.pipelines import copy
from wandblint.app import settings

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_picture_is_what_the_demo_prints() -> None:
    command = [sys.executable, str(ROOT / "scripts" / "terminal_picture.py"), "--check"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr


def test_the_settings_are_valid(tmp_path: Path) -> None:
    (block,) = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)
    (tmp_path / "pyproject.toml").write_text(block, encoding="utf-8")
    (tmp_path / "python").mkdir()
    loaded, source = settings.load(tmp_path, config=None, isolated=False)
    assert source == tmp_path / "pyproject.toml"
    assert list(loaded.extend_select) == ["WB301"]
    assert loaded.rules["metric-not-covered"] == {"strict": True, "severity": "error"}


def test_every_link_leads_to_a_file() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", README)
    assert links
    assert [link for link in links if "://" not in link and not (ROOT / link).exists()] == []


def test_the_finding_is_that_of_the_example_bug(tmp_path: Path) -> None:
    shown = re.findall(r"^```\n(WB.*?)^```$", README, re.DOTALL | re.MULTILINE)
    build = tmp_path / "build"
    build.mkdir()
    copy("stage-names-differ", build).rename(build / "demo")
    printed = wandblint("build/demo", "--no-cache", cwd=tmp_path, COLUMNS="100").out
    assert [finding in printed for finding in shown] == [True]
