"""A fingerprint survives shifted lines and moved files, and distinguishes findings."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.programs import write
from tests.suppression.test_insertion import PAGES_OF_CODE, python_files
from wandblint import engine
from wandblint.app.settings import Settings
from wandblint.pages.page import Page

SOURCE = """\
import wandb


class Trainer:
    def fit(self):
        for fold in range(3):
            self.run = wandb.init(
                reinit=True,
                name="fold",
            )
            self.run.finish()
"""


def fingerprints(tmp_path: Path, text: str, name: str = "train.py") -> list[str]:
    root = tmp_path / str(len(list(tmp_path.iterdir())))
    write(root, {"pyproject.toml": "", name: text})
    result = engine.check(root, None, Settings(select=["ALL"], ignore=["WB102"]))
    return [result.fingerprints.of(finding) for finding in result.findings]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("import wandb\n", "import wandb\n\n# a line more\n"),
        ("reinit=True,", "reinit = True,  # why"),
        ('name="fold",\n', 'name="fold"\n'),
        ('"fold"', "'fold'"),
        ("range(3)", "range(5)"),
        ("\n", "\r\n"),
        ("    ", "\t"),
        ("            self.run.finish()\n", "            self.run.finish()"),
    ],
)
def test_it_survives_changes_outside_the_statement(tmp_path: Path, old: str, new: str) -> None:
    (before,) = fingerprints(tmp_path, SOURCE)
    assert old in SOURCE
    assert fingerprints(tmp_path, SOURCE.replace(old, new)) == [before]


def test_it_survives_a_move(tmp_path: Path) -> None:
    assert fingerprints(tmp_path, SOURCE) == fingerprints(tmp_path, SOURCE, "src/other/loop.py")


@pytest.mark.parametrize(
    ("old", "new"),
    [("class Trainer", "class Tester"), ("def fit", "def test"), ('"fold"', '"part"'), ("=True", "=False")],
)
def test_it_changes_with_the_statement_and_the_names_around_it(tmp_path: Path, old: str, new: str) -> None:
    assert fingerprints(tmp_path, SOURCE) != fingerprints(tmp_path, SOURCE.replace(old, new))


def test_it_changes_with_the_rule(tmp_path: Path) -> None:
    text = "import wandb\nwandb.init(reinit=True)  # wandblint: ignore[WB202]\n"
    unused, reinit = sorted(fingerprints(tmp_path, text))
    assert unused != reinit


def test_a_file_that_cannot_be_parsed_uses_the_line(tmp_path: Path) -> None:
    first = fingerprints(tmp_path, "import wandb\nwandb.init(\n")
    assert first == fingerprints(tmp_path, "import wandb\n\n\nwandb.init(\n")
    assert first != fingerprints(tmp_path, "import wandb\nwandb.init(((\n")


def test_fingerprints_of_two_comments_differ(tmp_path: Path) -> None:
    both = fingerprints(
        tmp_path, "import wandb\n# wandblint: ignore[WB101]\n\n# wandblint: ignore[WB202]\nx = 1\n"
    )
    assert len(set(both)) == 2


@pytest.mark.parametrize("page", PAGES_OF_CODE, ids=[page.code for page in PAGES_OF_CODE])
def test_shifted_lines_and_comments_change_no_fingerprint_of_any_page(page: Page, tmp_path: Path) -> None:
    for number, case in enumerate(page.cases):
        fingerprint_lists = []
        for folder, above in (("before", ""), ("after", "# a line\n\n# another one\n")):
            root = write(tmp_path / f"{folder}{number}", {"pyproject.toml": "", **case.files})
            for name in python_files(case):
                (root / name).write_text(above + case.files[name], encoding="utf-8", newline="")
            result = engine.check(root, None, Settings(select=["ALL"]))
            fingerprint_lists.append(sorted(map(result.fingerprints.of, result.findings)))
        assert fingerprint_lists[0] == fingerprint_lists[1], case.name
