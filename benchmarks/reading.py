"""Measures the time of reading files, as a ratio to LibCST's parser on the same text.

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
    parse_time, read_time = statistics.median(parsing), statistics.median(reading)
    print(f"{len(texts)} files, {lines} lines, medians of {ROUNDS} rounds")
    print(f"libcst.parse_module: {parse_time * 1e6 / lines:5.1f} µs per line")
    print(
        f"read:                {read_time * 1e6 / lines:5.1f} µs per line, {read_time / parse_time:.2f} times"
    )
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


def _seconds(function: Callable[[str], object], texts: list[str]) -> float:
    start = time.perf_counter()
    for text in texts:
        function(text)
    return time.perf_counter() - start


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
