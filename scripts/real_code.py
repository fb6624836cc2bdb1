"""Measures wandblint on real projects: prints a row of a Markdown table for each checkout.

`python scripts/real_code.py FOLDER...` prints project, files, direct log calls, the shares of these with all
keys known and with at least one, findings by code, and seconds. `--json FILE` also writes every log call with
unknown keys and every finding, for comparisons of two versions and for `scripts/real_code_report.py`.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import click

from wandblint import engine
from wandblint.app.settings import Settings
from wandblint.dashboard.statistics import Known
from wandblint.span import Span

HEAD = """\
| project | files | log calls | all keys known | at least one | findings | seconds |
|---|---|---|---|---|---|---|"""
_MAX_TEXT = 160


@dataclass(frozen=True)
class Found:
    """A finding with its source text."""

    code: str
    place: str
    message: str
    text: str


@dataclass
class Row:
    """One project."""

    project: str
    files: int = 0
    log_calls: int = 0
    all_known: int = 0
    some_known: int = 0
    seconds: float = 0.0
    codes: dict[str, int] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)
    """Log calls with unknown keys: what is known, location and source text."""
    findings: list[Found] = field(default_factory=list)
    over_budget: int = 0
    """Entry points whose analysis stopped early."""
    calls: int = 0
    calls_cut_off: int = 0
    """Calls of project functions, and those that were not run to their end."""
    problems: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        """The row of the table."""
        codes = ", ".join(f"{code} {count}" for code, count in self.codes.items())
        shares = f"{_share(self.all_known, self.log_calls)} | {_share(self.some_known, self.log_calls)}"
        project = self.project.replace("+", "/", 1)
        return f"| {project} | {self.files} | {self.log_calls} | {shares} | {codes} | {self.seconds:.1f} |"


def measure(folder: Path) -> Row:
    """Lints a checkout with the built-in settings."""
    start = time.perf_counter()
    result = engine.check(folder, None, Settings(), statistics=True)
    row = Row(folder.name, result.files_checked, seconds=round(time.perf_counter() - start, 1))

    def location(span: Span) -> str:
        return f"{span.path}:{result.texts.lines(span.path).position(span.start)[0]}"

    def text(span: Span) -> str:
        return " ".join(result.texts.text(span.path)[span.start : span.end].split())[:_MAX_TEXT]

    if result.reach is not None:
        row.log_calls = len(result.reach.log_calls)
        row.all_known = result.reach.count(Known.ALL)
        row.some_known = result.reach.count(Known.ALL, Known.SOME)
        row.left = [
            f"{known.value}: {location(span)} {text(span)}"
            for span, known in result.reach.log_calls.items()
            if known is not Known.ALL
        ]
        row.over_budget = result.reach.entries_cut_off
        row.calls, row.calls_cut_off = result.reach.calls, result.reach.calls_cut_off
    row.codes = dict(sorted(Counter(finding.code for finding in result.findings).items()))
    row.findings = [
        Found(finding.code, location(finding.span), finding.message, text(finding.span))
        for finding in result.findings
    ]
    row.problems = [f"{problem.path}: {problem.message}" for problem in result.problems]
    return row


def total(rows: Sequence[Row]) -> Row:
    """The sum of all projects."""
    codes = Counter[str]()
    for row in rows:
        codes.update(row.codes)
    return Row(
        f"{len(rows)} projects",
        sum(row.files for row in rows),
        sum(row.log_calls for row in rows),
        sum(row.all_known for row in rows),
        sum(row.some_known for row in rows),
        sum(row.seconds for row in rows),
        dict(sorted(codes.items())),
    )


def table(folders: Sequence[Path], rows: list[Row]) -> Iterator[str]:
    """Yields each line of the table as soon as it is measured; appends the rows to `rows`."""
    yield HEAD
    for folder in folders:
        rows.append(measure(folder))
        yield str(rows[-1])
    yield str(total(rows))


def _share(number: int, total: int) -> str:
    return f"{number} ({100 * number // total} %)" if total else ""


@click.command(help=__doc__)
@click.argument("folders", nargs=-1, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--json", "file", type=click.Path(dir_okay=False, path_type=Path), help="Write the details.")
def main(folders: tuple[Path, ...], file: Path | None) -> None:
    """Prints the table."""
    rows: list[Row] = []
    for line in table(sorted(folder.resolve() for folder in folders), rows):
        click.echo(line)
        sys.stdout.flush()
    if file is not None:
        file.write_text(json.dumps([asdict(row) for row in rows], indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
