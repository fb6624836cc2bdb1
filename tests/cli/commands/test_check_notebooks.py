"""Notebooks and Markdown, as users lint them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.programs import wandblint, write

SHARED = "import wandb\n\ndef start(name):\n    return wandb.init(name=name, reinit=True)\n"


def notebook(*cells: str, **layout: Any) -> str:
    """A notebook of code cells below a heading, as Jupyter writes it."""
    heading: dict[str, Any] = {"cell_type": "markdown", "id": "h", "metadata": {}, "source": ["# wandb\n"]}
    code = [
        {
            "cell_type": "code",
            "execution_count": 1,
            "id": f"cell-{number}",
            "metadata": {},
            "outputs": [{"name": "stdout", "output_type": "stream", "text": ["é\n"]}],
            "source": cell.splitlines(keepends=True),
        }
        for number, cell in enumerate(cells)
    ]
    document = {"cells": [heading, *code], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(document, ensure_ascii=False, **{"indent": 1, **layout}) + "\n"


AXIS = notebook(
    "%pip install wandb\nimport wandb",
    "%%bash\necho wandb.init()",
    'run = wandb.init()\nrun.define_metric("loss", step_metric="epoch")',
    '%%time\nfor step in range(3):\n    run.log({"loss": step})\nrun.finish?',
)
MESSAGE = "WB202 `epoch` is the x-axis of `loss`, but no call logs it: wandb records 0 for it in every row"


def test_a_location_is_a_cell_and_its_line(clean: Path) -> None:
    write(clean, {"a.ipynb": AXIS})
    result = wandblint("--output-format", "concise", cwd=clean)
    assert (result.code, result.out) == (1, f"a.ipynb:cell 4:2:27: {MESSAGE}\n")
    result = wandblint(cwd=clean)
    assert "┌─ a.ipynb:cell 4:2:27\n2 │ run.define_metric(" in result.out
    assert "  = a.ipynb:cell 5:3:5  `loss` is logged here" in result.out


def test_an_indented_cell_keeps_its_columns(clean: Path) -> None:
    body = (
        '    run = wandb.init()\n    run.define_metric("loss", step_metric="epoch")\n    run.log({"loss": 1})'
    )
    text = notebook("import wandb", f"\n{body}")
    write(clean, {"a.ipynb": text})
    result = wandblint("--output-format", "concise", cwd=clean)
    assert result.out == f"a.ipynb:cell 3:3:31: {MESSAGE}\n"
    result = wandblint("--add-ignore", cwd=clean)
    assert (clean / "a.ipynb").read_text(encoding="utf-8") == text.replace(
        'step_metric=\\"epoch\\")', 'step_metric=\\"epoch\\")  # wandblint: ignore[WB202]'
    )


def test_formats_for_programs_have_the_cell_or_the_line_of_the_file(clean: Path) -> None:
    write(clean, {"a.ipynb": AXIS})
    row = next(row for row, line in enumerate(AXIS.split("\n"), 1) if "define_metric" in line)
    (finding,) = json.loads(wandblint("--output-format", "json", cwd=clean).out)
    assert (finding["cell"], finding["location"]) == (4, {"row": 2, "column": 27})
    assert [(note["cell"], note["location"]["row"]) for note in finding["related"]] == [(5, 3)]
    result = wandblint("--output-format", "github", cwd=clean)
    assert f",file=a.ipynb,line={row},endLine={row}::a.ipynb:cell 4:2:27: WB202" in result.out
    (finding,) = json.loads(wandblint("--output-format", "gitlab", cwd=clean).out)
    assert finding["location"] == {"path": "a.ipynb", "lines": {"begin": row, "end": row}}
    (run,) = json.loads(wandblint("--output-format", "sarif", cwd=clean).out)["runs"]
    (location,) = run["results"][0]["locations"]
    assert location["physicalLocation"]["region"] == {"startLine": row, "endLine": row}
    assert location["logicalLocations"] == [{"fullyQualifiedName": "cell 4:2:27"}]
    assert "cell 4:2:27" in wandblint("--output-format", "junit", cwd=clean).out
    assert "\n  cell 4:2:27  WB202" in wandblint("--output-format", "grouped", cwd=clean).out


def test_a_notebook_is_a_script_of_the_project(clean: Path) -> None:
    uses = notebook("from shared import start\nrun = start('a')", "run.log({'b': 1})")
    write(clean, {"shared.py": SHARED, "notes/a.ipynb": uses})
    result = wandblint("--output-format", "concise", "notes", cwd=clean)
    assert (result.code, result.out) == (0, "")
    assert wandblint("--show-files", cwd=clean).out.splitlines() == ["notes/a.ipynb", "shared.py", "train.py"]


def test_in_a_notebook_an_init_finishes_the_previous_run(clean: Path) -> None:
    loop = "import wandb\nfor name in 'ab':\n    run = wandb.init(name=name)\n    run.log({'a': 1})\n"
    write(clean, {"a.py": loop, "b.ipynb": notebook(*loop.splitlines(keepends=True)[:1], loop[13:])})
    result = wandblint("--output-format", "concise", cwd=clean)
    assert [line.split(" ")[0] for line in result.out.splitlines()] == ["a.py:3:11:"]


def test_rules_for_scripts_report_nothing_in_a_notebook(clean: Path) -> None:
    guarded = "import wandb\nrun = None\nif run is not None:\n    run.log({'a': 1})\n"
    write(clean, {"a.py": guarded, "b.ipynb": notebook(guarded)})
    result = wandblint("--select", "WB110", "--output-format", "concise", cwd=clean)
    assert [line.split(":")[0] for line in result.out.splitlines()] == ["a.py"]


def test_suppressions_work_in_cells(clean: Path) -> None:
    bad = "import wandb\nwandb.init(reinit=True)"
    write(clean, {"a.ipynb": notebook("1", f"{bad}  # wandblint: ignore[WB101] here")})
    write(clean, {"b.ipynb": notebook("# wandblint: ignore-file[WB101]\n1", bad)})
    assert wandblint(cwd=clean).code == 0
    write(clean, {"a.ipynb": notebook("1", "import wandb  # wandblint: ignore[WB101] here")})
    assert "a.ipynb:cell 3:1:35" in wandblint(cwd=clean).out


@pytest.mark.parametrize("layout", [{}, {"indent": 4}, {"indent": None}])
def test_adding_a_suppression_changes_nothing_else_in_a_notebook(clean: Path, layout: dict[str, Any]) -> None:
    cells = ["!ls\nimport wandb", "%time wandb.init(reinit=True)\nx = 1", "wandb.init(\n    reinit=True)"]
    write(clean, {"a.ipynb": notebook(*cells, **layout)})
    assert wandblint("--add-ignore=é", cwd=clean).err == "note: 2 findings suppressed\n"
    comment = "  # wandblint: ignore[WB101] é"
    cells[1:] = [cells[1].replace("\n", f"{comment}\n"), f"{cells[2]}{comment}"]
    assert (clean / "a.ipynb").read_text(encoding="utf-8") == notebook(*cells, **layout)
    assert wandblint(cwd=clean).code == 0


def test_a_cell_that_cannot_be_parsed(clean: Path) -> None:
    write(clean, {"a.ipynb": notebook("import wandb", "x = 1\nif x\n    wandb.init()")})
    result = wandblint("--output-format", "concise", cwd=clean)
    assert (result.code, result.out.split(": ")[0]) == (1, "a.ipynb:cell 3:2:5")


def test_a_notebook_from_standard_input(clean: Path) -> None:
    write(clean, {"a.ipynb": notebook("1")})
    result = wandblint(
        "-", "--stdin-filename", "a.ipynb", "--output-format", "concise", cwd=clean, stdin=AXIS
    )
    assert (result.code, result.out) == (1, f"a.ipynb:cell 4:2:27: {MESSAGE}\n")


README = """\
# How to log

`wandb.init(reinit=True)` is old.

```python
import wandb
run = wandb.init(reinit=True)
```

```bash
wandb.init(reinit=True)
```

~~~py title="x"
run.define_metric("loss", step_metric="epoch")
run.log({"loss": 1})
~~~

```python
def left_out(...
```
"""


def test_markdown_is_linted_on_request(clean: Path) -> None:
    write(clean, {"README.md": README})
    assert wandblint(cwd=clean).code == 0
    result = wandblint("--include-markdown", "--output-format", "concise", cwd=clean)
    locations = [line.split(" ")[0] for line in result.out.splitlines()]
    assert locations == ["README.md:7:18:", "README.md:15:27:"]
    assert wandblint("README.md", cwd=clean).code == 1
    write(clean, {"wandblint.toml": "include-markdown = true\n"})
    assert wandblint("--add-ignore", cwd=clean).code == 0
    text = (clean / "README.md").read_text(encoding="utf-8")
    without = text.replace("  # wandblint: ignore[WB101]", "").replace("  # wandblint: ignore[WB202]", "")
    assert without == README
    assert wandblint(cwd=clean).code == 0
