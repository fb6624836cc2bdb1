"""`wandblint init` adds to a file and changes nothing in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.programs import wandblint
from wandblint.app.settings import Settings, load
from wandblint.cli.commands.init import SECTION, STARTER


@pytest.mark.parametrize(
    ("before", "between"),
    [
        (b"", b""),
        (b"[project]\nname = 'x'\n", b"\n"),
        (b"[project]\nname = 'x'", b"\n\n"),
        (b"\xef\xbb\xbf[tool.ruff]\r\n# \xc3\xa4\r\n", b"\r\n"),
    ],
)
def test_the_rest_of_the_file_stays(tmp_path: Path, before: bytes, between: bytes) -> None:
    file = tmp_path / "pyproject.toml"
    file.write_bytes(before)
    result = wandblint("init", cwd=tmp_path)
    output = "pyproject.toml: added a settings section, all of it commented out\n"
    assert (result.code, result.out, result.err) == (0, output, "")
    section = f"{SECTION}\n{STARTER}".replace("\n", "\r\n" if b"\r\n" in before else "\n")
    assert file.read_bytes() == before + between + section.encode()
    assert load(tmp_path) == (Settings(), file)


def test_without_a_pyproject_it_creates_wandblint_toml(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    assert wandblint("init", cwd=tmp_path).code == 0
    assert load(tmp_path) == (Settings(), tmp_path / "wandblint.toml")


def test_every_line_of_the_section_can_be_uncommented(tmp_path: Path) -> None:
    lines = [line.removeprefix("# ") for line in STARTER.splitlines()[1:]]
    (tmp_path / "wandblint.toml").write_text("\n".join(lines), encoding="utf-8")
    assert load(tmp_path)[0].select == ["ALL"]


@pytest.mark.parametrize(
    ("files", "error"),
    [
        ({"pyproject.toml": "[tool.wandblint]\n"}, "pyproject.toml: already contains wandblint settings"),
        ({"wandblint.toml": "", "pyproject.toml": ""}, "wandblint.toml: already contains wandblint settings"),
        ({"pyproject.toml": "tool = {}\n"}, "pyproject.toml: cannot add [tool.wandblint]: "),
        ({"pyproject.toml": "[tool\n"}, "pyproject.toml: not valid TOML: "),
    ],
)
def test_existing_settings_are_not_touched(tmp_path: Path, files: dict[str, str], error: str) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    result = wandblint("init", cwd=tmp_path)
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith(f"error: {error}")
    assert {name: (tmp_path / name).read_text("utf-8") for name in files} == files
