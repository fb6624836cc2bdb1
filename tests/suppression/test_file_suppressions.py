"""Suppressions in comments: which findings they suppress, and when they are unused."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine_runs import BROKEN, REINIT, lint, locations, write
from wandblint.app.settings import Settings
from wandblint.engine import check


@pytest.mark.parametrize(
    "text",
    [
        "import wandb\nrun = wandb.init(reinit=True)  # wandblint: ignore[WB101] the agent opens one",
        "import wandb\nrun = wandb.init(reinit=True)  # wandblint: ignore[WB110, reinit-bool]",
        "import wandb\nrun = wandb.init(  # wandblint: ignore[WB1]\n    reinit=True,\n)",
        "import wandb\nrun = wandb.init(\n    reinit=True,\n    # wandblint: ignore[ALL]\n)",
        "import wandb\nrun = wandb.init(\n    reinit=True,\n)  # wandblint: ignore[WB101]",
        "import wandb\nwith wandb.init(\n    reinit=True,\n) as run:  # wandblint: ignore[WB101]\n    pass",
        "# wandblint: ignore-file[WB101]\nimport wandb\nwandb.init(reinit=True)",
        "import wandb\nwandb.init(reinit=True)\n    # wandblint: ignore-file[reinit-bool]",
        "import wandb\nwandb.init(reinit=True)\n# wandblint: ignore-file all of it",
        "import wandb\nrun = wandb.init(reinit=True)  # noqa: E501, WB101",
        "import wandb\nrun = wandb.init(\n    reinit=True,  # noqa\n)",
        "# wandblint: ignore-file[WB001]\nimport wandb\nwandb.init(",
        "import wandb\nwandb.init(  # noqa: WB001",
    ],
)
def test_effective_suppressions(tmp_path: Path, text: str) -> None:
    result = lint(tmp_path, {"a.py": text}, Settings(select=["WB001", "WB101"]))
    assert (result.findings, result.suppressed) == ([], 1)


@pytest.mark.parametrize(
    "text",
    [
        "# wandblint: ignore[WB101]\nimport wandb\nrun = wandb.init(reinit=True)",
        "import wandb\nrun = wandb.init(reinit=True)  # wandblint: ignore[WB110]",
        "import wandb\nrun = wandb.init(reinit=True)  # wandblint: ignore",
        "import wandb\nrun = wandb.init(reinit=True)  # wandblint: ignore[]",
        "import wandb\nrun = wandb.init(reinit=True)  # wandblint: ignore-file[WB101]",
        "import wandb\nrun = wandb.init(reinit=True)  # noqa: WB110, E501",
        "import wandb\nrun = wandb.init(reinit=True)  # noqa: WB1",
        "import wandb\nif True:  # wandblint: ignore[WB101]\n    run = wandb.init(reinit=True)",
        "import wandb\ns = '# wandblint: ignore-file'\nrun = wandb.init(reinit=True)",
    ],
)
def test_ineffective_suppressions(tmp_path: Path, text: str) -> None:
    result = lint(tmp_path, {"a.py": text}, Settings(select=["WB101"]))
    assert ([finding.code for finding in result.findings], result.suppressed) == (["WB101"], 0)


def test_a_suppression_reaches_its_own_file_only(tmp_path: Path) -> None:
    files = {"a.py": f"# wandblint: ignore-file[WB101]\n{REINIT}", "b.py": REINIT}
    result = lint(tmp_path, files)
    assert (locations(result), result.suppressed) == (["b.py:3:18 WB101"], 1)


UNUSED = [
    ("ignore[WB101]", "`WB101` is suppressed here, but wandblint does not find it"),
    ("ignore[reinit-bool] why", "`reinit-bool` is suppressed here, but wandblint does not find it"),
    ("ignore[WB999]", "this suppresses nothing: unknown rule `WB999`"),
    ("ignore[renit-bool]", "this suppresses nothing: unknown rule `renit-bool`; did you mean `reinit-bool`?"),
    ("ignore", "this suppresses nothing: `ignore` needs the codes or names of rules"),
    ("ignore[WB101", "this suppresses nothing: its bracket is not closed"),
    ("ignore-file[WB101]", "this suppresses nothing: `ignore-file` needs its own line"),
    ("ignore[WB002]", "`WB002` is suppressed here, but wandblint does not find it"),
]


@pytest.mark.parametrize(("comment", "message"), UNUSED)
def test_a_suppression_that_suppresses_nothing(tmp_path: Path, comment: str, message: str) -> None:
    (finding,) = lint(tmp_path, {"a.py": f"import wandb\nx = 1  # wandblint: {comment}\n"}).findings
    assert (finding.code, finding.name) == ("WB002", "unused-suppression")
    assert finding.message.startswith(message)


def test_each_code_is_checked_separately(tmp_path: Path) -> None:
    text = f"{REINIT[:-1]}  # wandblint: ignore[WB110, WB101, nope]\n"
    result = lint(tmp_path, {"a.py": text})
    unused = [text[finding.span.start : finding.span.end] for finding in result.findings]
    assert (unused, result.suppressed) == (["WB110", "nope"], 1)


@pytest.mark.parametrize(
    "text",
    [
        "x = 1  # wandblint: ignore[WB101]  # wandblint: ignore[WB002]",
        "x = 1  # wandblint: ignore[WB101]  # noqa: WB002",
        "x = 1  # wandblint: ignore[WB101]  # noqa",
        "# wandblint: ignore-file[WB002]\nx = 1  # wandblint: ignore[nope]",
        "# wandblint: ignore-file\nx = 1  # wandblint: ignore",
        "x = (  # wandblint: ignore[WB101]\n    1\n)  # wandblint: ignore[WB002]",
    ],
)
def test_findings_about_suppressions_can_be_suppressed(tmp_path: Path, text: str) -> None:
    result = lint(tmp_path, {"a.py": f"import wandb\n{text}\n"})
    assert (result.findings, result.suppressed) == ([], 1)


@pytest.mark.parametrize(
    "text",
    [
        "x = 1  # noqa: WB101",
        "x = 1  # noqa",
        "# wandblint: ignore-file",
        "x = 1  # wandblint: ignore[WB301]",
        "x = 1  # wandblint: ignore[WB3, ALL]",
    ],
)
def test_suppressions_that_are_never_unused(tmp_path: Path, text: str) -> None:
    assert lint(tmp_path, {"a.py": f"import wandb\n{text}\n"}).findings == []


def test_a_rule_that_is_off_leaves_no_unused_suppression(tmp_path: Path) -> None:
    files = {"a.py": "import wandb\nx = 1  # wandblint: ignore[WB101]\n"}
    assert lint(tmp_path, files, Settings(ignore=["WB101"])).findings == []
    assert lint(tmp_path, files, Settings(per_file_ignores={"a.py": ["WB101"]})).findings == []
    assert lint(tmp_path, files, Settings(per_file_ignores={"a.py": ["WB002"]})).findings == []
    assert lint(tmp_path, files, Settings(ignore=["WB002"])).findings == []


def test_no_suppression_is_unused_where_a_file_is_unreadable(tmp_path: Path) -> None:
    files = {"a.py": "import wandb\nx = 1  # wandblint: ignore[WB101]\n", "b.py": BROKEN}
    assert locations(lint(tmp_path, files)) == ["b.py:3:7 WB001"]
    result = check(write(tmp_path, {"b.py": b"import wandb \xff"}), None, Settings())
    assert (result.findings, len(result.problems)) == ([], 1)


def test_unused_suppressions_of_unselected_files_are_not_reported(tmp_path: Path) -> None:
    root = write(tmp_path, {"a.py": "import wandb\nx = 1  # wandblint: ignore[WB101]\n", "b.py": REINIT})
    assert locations(check(root, ["b.py"], Settings())) == ["b.py:3:18 WB101"]
