"""Generates documentation from the code: the table of rules in README.md, the index docs/rules.md, the JSON
Schema of the settings, docs/settings.schema.json, and the model's questions, docs/what-a-rule-can-ask.md.

`python scripts/generate_docs.py` writes the files; `--check` only names the stale ones, with exit code 1.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import model_questions
from wandblint.app import registry
from wandblint.app.schema import settings_schema

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
INDEX = ROOT / "docs" / "rules.md"
QUESTIONS = ROOT / "docs" / "what-a-rule-can-ask.md"
SCHEMA = ROOT / "docs" / "settings.schema.json"

GROUPS = {
    "WB0": "wandblint itself",
    "WB1": "Runs: who opens and closes them",
    "WB2": "Metrics and their axes",
    "WB3": "Steps and log calls",
    "WB4": "Config, summary, sweeps",
    "WB5": "Processes and session",
    "WB6": "Tables, media, artifacts, alerts",
    "WB7": "The API of the installed wandb",
    "WB8": "Secrets",
    "WB9": "Recorded runs",
}
"""The headings of the index, by the first digit of the codes."""


def table(prefix: str, pages: str) -> list[str]:
    """The rules whose codes begin with `prefix`, as a Markdown table; `pages` is the path of their pages."""
    rows = [
        f"| {rule.code} | [{rule.name}]({pages}/{rule.name.replace('-', '_')}.md) | {rule.severity.value} "
        f"| {rule.summary} |"
        for rule in registry.rules()
        if rule.code.startswith(prefix)
    ]
    return (
        ["| Code | Rule | Severity | What it reports |", "| --- | --- | --- | --- |", *rows] if rows else []
    )


def index() -> str:
    """The index of all rules, by groups."""
    lines = [
        "# Rules",
        "",
        "<!-- written by scripts/generate_docs.py -->",
        "",
        "`wandblint rule CODE` prints the same pages. Errors and warnings are on by default. A note is",
        "advice; enable it with `--extend-select`, or with `extend-select` in the settings.",
    ]
    for prefix, title in GROUPS.items():
        if rows := table(prefix, "../rules"):
            lines += ["", f"## {prefix}xx {title}", "", *rows]
    return "\n".join([*lines, ""])


def with_table(readme: str) -> str:
    """The README with the table of rules between its markers. Raises `ValueError` if it has no markers."""
    block = re.compile(r"(<!-- rules -->\n).*(<!-- /rules -->)", re.DOTALL)
    if not block.search(readme):
        raise ValueError("README.md has no <!-- rules --> and <!-- /rules -->")
    rows = "\n".join(table("", "rules"))
    return block.sub(lambda markers: f"{markers[1]}\n{rows}\n\n{markers[2]}", readme)


def main(arguments: list[str]) -> int:
    """Writes the files, or with `--check` names the stale ones."""
    texts = {
        README: with_table(README.read_text(encoding="utf-8")),
        INDEX: index(),
        QUESTIONS: model_questions.page(),
        SCHEMA: json.dumps(settings_schema(), indent=2) + "\n",
    }
    stale = [
        path for path, text in texts.items() if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    if "--check" not in arguments:
        for path in stale:
            path.write_text(texts[path], encoding="utf-8")
        return 0
    for path in stale:
        print(f"{path.relative_to(ROOT)} is stale: run python scripts/generate_docs.py", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
