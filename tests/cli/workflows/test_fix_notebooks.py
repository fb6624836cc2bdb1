"""`--fix` on notebooks, Markdown and standard input changes the Python and no other byte."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.cli.programs import COMMAND, wandblint, write

FIX = ("--fix", "--unsafe-fixes", "--no-cache", "--isolated", "-q")

CELLS = [
    "%pip install wandb\nimport wandb",
    "%%bash\necho 'wandb.init(reinit=True)'  # é",
    "%time run = wandb.init(reinit=True)\nrun.config?",
    'x = "é🎉"; run = wandb.init(name="界", reinit=True)  # é',
    'run.define_metric("fit/*", step_metric="fit/epoch")\nrun.define_metric("val/*", "val/epoch")',
    'for epoch in range(3):\n    run.log({"fit/loss": 1.0}, step=epoch)\n    run.log(\n        {\n'
    '            "val/loss": 0.5,  # \\ "quoted" \\t\n        },\n        step=epoch,\n    )\n',
    'old = None\nif old is not None:\n    old.log({"a": 1})\n!ls',
    'x = 1\nold = None\nif old is not None:\n    old.log({"a": 1})',
]
FIXED = [
    *CELLS[:2],
    '%time run = wandb.init(reinit="finish_previous")\nrun.config?',
    'x = "é🎉"; run = wandb.init(name="界", reinit="finish_previous")  # é',
    CELLS[4],
    'for epoch in range(3):\n    run.log({"fit/loss": 1.0, "fit/epoch": epoch})\n    run.log(\n        {\n'
    '            "val/loss": 0.5,  # \\ "quoted" \\t\n            "val/epoch": epoch,\n        },\n    )\n',
    *CELLS[6:],
]


def notebook(cells: list[str], *, is_list: bool = True, **layout: Any) -> str:
    """A notebook as JSON; its outputs and heading repeat text of its cells."""
    heading = {"cell_type": "markdown", "id": "h", "metadata": {}, "source": ["wandb.init(reinit=True)\n"]}
    code = [
        {
            "id": f"cell-{number}",
            "cell_type": "code",
            "execution_count": number,
            "metadata": {"tags": ["reinit=True"]},
            "outputs": [{"name": "stdout", "output_type": "stream", "text": ["wandb.init(reinit=True) é\n"]}],
            "source": cell.splitlines(keepends=True) if is_list else cell,
        }
        for number, cell in enumerate(cells)
    ]
    document = {"nbformat": 4, "nbformat_minor": 5, "metadata": {"é": "\u2028"}, "cells": [heading, *code]}
    return json.dumps(document, **layout)


LAYOUTS: dict[str, dict[str, Any]] = {
    "Jupyter": {"indent": 1, "ensure_ascii": False},
    "Colab": {"indent": 2, "ensure_ascii": False},
    "escapes": {"indent": 1},
    "sorted keys": {"indent": 4, "sort_keys": True},
    "tabs": {"indent": "\t", "ensure_ascii": False},
    "one line": {"separators": (",", ":")},
    "strings": {"indent": 1, "is_list": False},
    "strings in one line": {"is_list": False, "ensure_ascii": False},
}


def test_notebooks_keep_their_json(tmp_path: Path) -> None:
    before, after = (
        {**in_each_layout(cells), "a.ipynb": "\ufeff" + notebook(cells)} for cells in (CELLS, FIXED)
    )
    write(tmp_path, before)
    result = wandblint(*FIX, cwd=tmp_path)
    assert result.err == ""
    assert {file.name: file.read_bytes().decode() for file in tmp_path.glob("*.ipynb")} == after
    assert wandblint(*FIX, "--diff", cwd=tmp_path).out == ""


def in_each_layout(cells: list[str]) -> dict[str, str]:
    """The notebook in each layout, with each kind of ending."""
    texts = {name: notebook(cells, **layout) for name, layout in LAYOUTS.items()}
    return {
        f"{name} {number}.ipynb": (f"{text}\n" if ends else text).replace("\n", newline)
        for name, text in texts.items()
        for number, (newline, ends) in enumerate([("\n", False), ("\n", True), ("\r\n", True)])
    }


@pytest.mark.parametrize("is_list", [True, False])
def test_a_line_added_after_the_last_one_of_a_cell_is_in_that_cell(tmp_path: Path, is_list: bool) -> None:
    definition = 'run.define_metric("fit/*", step_metric="fit/epoch")'
    log = (
        'for e in range(3):\n    run.log({"fit/loss": 1, "fit/epoch": e})\n'
        '    run.log({"fit_robust/loss": 1, "fit_robust/epoch": e})'
    )
    cells = ["import wandb\nrun = wandb.init()", definition, log]
    write(tmp_path, {"a.ipynb": notebook(cells, is_list=is_list, indent=1)})
    assert wandblint(*FIX, cwd=tmp_path).code == 0
    cells[1] = f"{definition}\n{definition.replace('fit', 'fit_robust')}"
    assert text_of(tmp_path / "a.ipynb") == notebook(cells, is_list=is_list, indent=1)


def test_the_last_line_of_a_cell_is_removed_while_the_next_cell_changes(tmp_path: Path) -> None:
    cells = ["import wandb\n# wandblint: ignore[WB202]", "run = wandb.init(reinit=True)\nrun.log({'a': 1})"]
    write(tmp_path, {"a.ipynb": notebook(cells)})
    assert wandblint(*FIX, cwd=tmp_path).code == 0
    fixed = ["import wandb", cells[1].replace("True", "'finish_previous'")]
    assert text_of(tmp_path / "a.ipynb") == notebook(fixed)


def test_a_notebook_from_standard_input(tmp_path: Path) -> None:
    before, after = (notebook(cells, indent=1, ensure_ascii=False) for cells in (CELLS, FIXED))
    result = wandblint("-", "--stdin-filename", "a.ipynb", *FIX, cwd=tmp_path, stdin=before)
    assert (result.code, result.out) == (0, after)


def test_the_diff_of_a_notebook_shows_its_json(tmp_path: Path) -> None:
    write(tmp_path, {"a.ipynb": notebook(CELLS, indent=1)})
    result = wandblint(*FIX, "--diff", cwd=tmp_path)
    assert result.code == 1
    assert '-    "%time run = wandb.init(reinit=True)\\n",' in result.out
    assert '+    "%time run = wandb.init(reinit=\\"finish_previous\\")\\n",' in result.out
    assert text_of(tmp_path / "a.ipynb") == notebook(CELLS, indent=1)


README = """\
# Logging é

`wandb.init(reinit=True)` is old.

```python
import wandb
run = wandb.init(reinit=True)
```

* in a list

~~~py title="x"
run.define_metric("loss", step_metric="epoch")
for e in range(3):
    run.log({"loss": 1}, step=e)
~~~

```bash
python -c 'wandb.init(reinit=True)'
```

```python
wandb.init(reinit=True, ...
```
"""
README_FIXED = README.replace("run = wandb.init(reinit=True)", 'run = wandb.init(reinit="finish_previous")')
README_FIXED = README_FIXED.replace('{"loss": 1}, step=e', '{"loss": 1, "epoch": e}')


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_markdown(tmp_path: Path, newline: str) -> None:
    before, after = (text.replace("\n", newline) for text in (README, README_FIXED))
    write(tmp_path, {"README.md": before})
    assert wandblint(*FIX, cwd=tmp_path).code == 0
    assert text_of(tmp_path / "README.md") == before, "Markdown is linted only on request"
    result = wandblint(*FIX, "--include-markdown", cwd=tmp_path)
    assert (result.code, result.err) == (0, "")
    assert text_of(tmp_path / "README.md") == after


def test_standard_input_fixes_one_file_only(tmp_path: Path) -> None:
    tracking = "import wandb\n\n\ndef start():\n    return wandb.init(reinit=True)\n"
    script = 'from tracking import start\n\nrun = start()\nrun.define_metric("a", step_metric="b")\n'
    script += 'for b in range(3):\n    run.log({"a": 1}, step=b)'
    write(tmp_path, {"tracking.py": tracking})
    result = wandblint("-", "--stdin-filename", "train.py", *FIX, cwd=tmp_path, stdin=script)
    assert result.out == script.replace('{"a": 1}, step=b', '{"a": 1, "b": b}')
    assert text_of(tmp_path / "tracking.py") == tracking


def test_standard_input_keeps_its_encoding(tmp_path: Path) -> None:
    marked = b"\xef\xbb\xbfimport wandb\r\nwandb.init(reinit=True)  # \xc3\xa9"
    latin = b"# coding: latin-1\n# \xe9\nimport wandb\nwandb.init(reinit=True)\n"
    for data in (marked, latin, b"wandb.init(\r\n# \xc3\xa9"):
        command = [*COMMAND, "-", *FIX]
        result = subprocess.run(command, cwd=tmp_path, input=data, capture_output=True, check=False)
        assert result.stdout == data.replace(b"True", b'"finish_previous"')


def text_of(file: Path) -> str:
    return file.read_bytes().decode()
