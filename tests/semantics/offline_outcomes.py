"""How projects end when they run with the installed wandb, offline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from .offline import answer


def outcomes(projects: Sequence[tuple[Mapping[str, str], str]], root: Path) -> list[list[object] | None]:
    """For each project and its script: None, or wandb's error, and the file and row where it leaves wandb."""
    requests = []
    for number, (files, script) in enumerate(projects):
        folder = root / str(number)
        folder.mkdir()
        for path, text in files.items():
            (folder / path).write_text(text, encoding="utf-8")
        requests.append((str(folder), script))
    answers: list[list[object] | None] = answer("offline_cases.py", root, requests)
    return answers
