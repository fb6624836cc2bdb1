"""`--add-ignore` suppresses today's findings where they are."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest

from tests.cli.programs import wandblint, write


def test_only_reported_findings_are_suppressed(project: Path) -> None:
    result = wandblint("--select", "WB101", "--add-ignore", cwd=project)
    assert (result.code, result.err) == (0, "note: 1 finding suppressed\n")
    assert (project / "lib" / "tracking.py").read_text(encoding="utf-8").count(
        "wandblint: ignore[WB101]\n"
    ) == 1
    result = wandblint("--output-format", "concise", cwd=project)
    assert [line.split(" ")[1] for line in result.out.splitlines()] == ["WB201"]


def test_a_folder_may_follow_the_option(project: Path) -> None:
    assert wandblint("--add-ignore", "lib", cwd=project).err == "note: 2 findings suppressed\n"
    assert wandblint("lib", cwd=project).code == 0


def test_the_encoding_and_the_byte_order_mark_stay(clean: Path) -> None:
    text = "# coding: latin-1\nimport wandb\nwandb.init(reinit=True, name='ä')\n"
    (clean / "a.py").write_bytes(text.encode("latin-1"))
    (clean / "b.py").write_bytes(codecs.BOM_UTF8 + text.split("\n", 1)[1].encode())
    assert wandblint("--add-ignore=älter", cwd=clean).code == 0
    comment = "  # wandblint: ignore[WB101] älter\n"
    expected = text.removesuffix("\n") + comment
    assert (clean / "a.py").read_bytes() == expected.encode("latin-1")
    assert (clean / "b.py").read_bytes() == codecs.BOM_UTF8 + expected.split("\n", 1)[1].encode()
    assert wandblint("--add-ignore=界", cwd=clean).code == 0


def test_findings_that_cannot_be_suppressed_are_reported(clean: Path) -> None:
    latin = "# coding: latin-1\nimport wandb\nwandb.init(reinit=True)\n"
    write(
        clean,
        {"a.py": latin, "b.py": "import wandb\nx = \\", "c.py": "import wandb\nwandb.init(reinit=True)\n"},
    )
    result = wandblint("--add-ignore=界", "--output-format", "concise", cwd=clean)
    assert result.code == 2
    assert sorted(result.err.splitlines()) == [
        "error: a.py: cannot write the suppression: its encoding latin-1 has no `界`",
        "error: b.py:2:6: WB001 is not suppressed: its statement has no room for a comment",
        "note: 1 finding suppressed",
    ]
    assert [line.split(":")[0] for line in result.out.splitlines()] == ["a.py", "b.py"]
    assert (clean / "a.py").read_text(encoding="utf-8") == latin


@pytest.mark.parametrize("arguments", [("--add-ignore", "-"), ("--add-ignore=a\nb",)])
def test_invalid_combinations(clean: Path, arguments: tuple[str, ...]) -> None:
    result = wandblint(*arguments, cwd=clean)
    assert result.code == 2
    assert result.err.startswith("error: --add-ignore")
