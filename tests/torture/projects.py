"""Projects to damage: the cases of the rules' pages, the examples, and files of settings around them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from random import Random

from tests.hostile import GOOD
from tests.torture.program import ROOT
from wandblint.app import registry
from wandblint.pages.page import parse
from wandblint.suppression.baseline import VERSION

Files = dict[str, bytes]

_CASES: list[Files] = [
    {name: text.encode() for name, text in case.files.items()}
    for rule in registry.rules()
    for case in parse(registry.page(rule)).cases
]
_EXAMPLES: list[Files] = [
    {
        str(file.relative_to(ROOT / "examples" / name)): file.read_bytes()
        for pattern in ("*.py", "*.toml", "*.yaml")
        for file in sorted((ROOT / "examples" / name).rglob(pattern))
        if not {"wandb", "out", "build"}.intersection(file.parts)
    }
    for name in ("demo", "pipeline", "rule_pack")
]
SENTINEL = "untouched/sentinel.py"
_EXAMPLES_EVERY = 8
"""An example is much larger than a case: one in so many projects is one."""

_SETTINGS = {
    "pyproject.toml": '[project]\nname = "x"\nversion = "1"\ndependencies = ["wandb>=0.20,<1", "torch"]\n\n'
    '[tool.wandblint]\nselect = ["ALL"]\nexclude = ["old/**", "*.tmp"]\nwandb-version = "0.20"\n'
    'src = ["lib"]\n\n[tool.wandblint.per-file-ignores]\n"tests/**" = ["WB101"]\n',
    "wandblint.toml": 'ignore = ["WB7"]\nunfixable = ["WB101"]\n\n[per-file-ignores]\n"a*.py" = ["WB2"]\n',
    ".gitignore": "# comment\n*.pyc\n/build/\n!keep.py\nout/**/*.py\n[a-c]?.txt\n\\#x\n",
    "wandblint-baseline.json": json.dumps({"version": VERSION, "findings": []}, indent=1) + "\n",
    "requirements.txt": "wandb==0.21.0 ; python_version > '3.9'\n-r other.txt\ntorch>=2,<3  # new\n-e .\n",
    "environment.yml": "name: x\ndependencies:\n  - python=3.11\n  - pip:\n    - wandb>=0.19\n",
    "setup.py": "from setuptools import setup\nsetup(name='x', install_requires=['wandb>=0.15'])\n",
    "setup.cfg": "[options]\ninstall_requires =\n    wandb>=0.16\n    torch\n",
    "Pipfile": '[packages]\nwandb = ">=0.18"\n',
    "uv.lock": 'version = 1\n\n[[package]]\nname = "wandb"\nversion = "0.21.1"\n',
}
SETTINGS = frozenset(_SETTINGS)
"""Files that change what is reported of other files."""


def project(random: Random) -> Files:
    """A project without damage, with an untouched file, some settings and perhaps a notebook."""
    files = dict(random.choice(_EXAMPLES if random.randrange(_EXAMPLES_EVERY) == 0 else _CASES))
    files.setdefault("pyproject.toml", b"")
    for name in random.sample(sorted(_SETTINGS), random.randrange(4)):
        files.setdefault(name, _SETTINGS[name].encode())
    if random.randrange(2):
        files["notebook.ipynb"] = _notebook(
            random.choice(sorted(n for n in files if n.endswith(".py"))), files
        )
    return {**files, SENTINEL: GOOD.encode()}


def _notebook(name: str, files: Files) -> bytes:
    code = files[name].decode().splitlines(keepends=True)
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": ["# Title\n"]},
        {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": 1, "source": code},
        {"cell_type": "code", "metadata": {}, "outputs": [], "source": ["%matplotlib inline\n", "!ls {x}\n"]},
        {"cell_type": "code", "metadata": {}, "outputs": [], "source": GOOD},
    ]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, indent=1).encode()


def write(files: Mapping[str, bytes], folder: Path) -> Path:
    """Writes a project into a folder, and returns the folder."""
    for name, content in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    return folder


def read(folder: Path) -> Files:
    """The regular files of a folder, without those of the cache."""
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file() and ".wandblint_cache" not in file.parts
    }
