"""Measures how long reading takes, as a ratio to LibCST's parser on the same text.

    python benchmarks/reading.py [FILE or FOLDER ...]

Without arguments it reads `asyncio` and `email` of the standard library. One process measures both in turn
and compares the medians of the rounds.
"""

from __future__ import annotations

import statistics
import sys
import sysconfig
import time
import tokenize
from collections.abc import Callable
from pathlib import Path

import libcst

from wandblint.syntax import ParseError, read

ROUNDS = 9


def main(arguments: list[str]) -> int:
    """Prints the ratio for the files and folders."""
    library = Path(sysconfig.get_path("stdlib"))
    texts = _texts([Path(argument) for argument in arguments] or [library / "asyncio", library / "email"])
    if not texts:
        print("nothing to read", file=sys.stderr)
        return 2
    parsing, reading = [], []
    for _ in range(ROUNDS):
        parsing.append(_seconds(libcst.parse_module, texts))
        reading.append(_seconds(lambda text: read("", text), texts))
    lines = sum(text.count("\n") for text in texts)
    parse, whole = statistics.median(parsing), statistics.median(reading)
    print(f"{len(texts)} files, {lines} lines, medians of {ROUNDS} rounds")
    print(f"libcst.parse_module: {parse * 1e6 / lines:5.1f} µs a line")
    print(f"read:                {whole * 1e6 / lines:5.1f} µs a line, {whole / parse:.2f} times the parse")
    return 0


def _texts(paths: list[Path]) -> list[str]:
    texts = []
    for path in paths:
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            with tokenize.open(file) as stream:
                text = stream.read()
            try:
                read("", text)
            except ParseError as error:
                print(f"{file} is left out: {error}", file=sys.stderr)
            else:
                texts.append(text)
    return texts


def _seconds(do: Callable[[str], object], texts: list[str]) -> float:
    begin = time.perf_counter()
    for text in texts:
        do(text)
    return time.perf_counter() - begin


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
