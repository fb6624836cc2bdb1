"""Writes the tables of docs/real-code.md: measurements of real projects, and verdicts on their findings.

python scripts/real_code_report.py MEASURED.json... --commits repos.tsv
python scripts/real_code_report.py MEASURED.json... --commits others.tsv --others

The measurements come from `scripts/real_code.py --json`. Each line of the commits file is a project
(`owner/name`), a tab and its commit. docs/real-code-verdicts.toml contains the verdict on each finding; a
finding without a verdict is an error. `--others` writes the tables of the projects that were added later.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import click
import msgspec

DOCS = Path(__file__).resolve().parents[1] / "docs"
PAGE = DOCS / "real-code.md"
VERDICTS = DOCS / "real-code-verdicts.toml"
KINDS = ("right", "wrong", "undecided")


class Verdict(msgspec.Struct, forbid_unknown_fields=True):
    """The verdict on findings of one rule in one project, and the reason. `places` are `path:line`."""

    project: str
    code: str
    places: list[str]
    verdict: str
    why: str


class Found(msgspec.Struct):
    """A measured finding."""

    code: str
    place: str


class Row(msgspec.Struct):
    """A measured project."""

    project: str
    files: int
    log_calls: int
    all_known: int
    some_known: int
    over_budget: int
    findings: list[Found]


Key = tuple[str, str, str]
"""Project, code and `path:line` of a finding."""


def load_verdicts(text: str) -> dict[Key, Verdict]:
    """The verdicts by finding. Raises `ValueError` if a verdict is unknown, or a finding has two."""
    verdicts: dict[Key, Verdict] = {}
    for verdict in msgspec.toml.decode(text, type=dict[str, list[Verdict]])["verdict"]:
        if verdict.verdict not in KINDS:
            raise ValueError(f"{verdict.verdict!r} is no verdict: {', '.join(KINDS)}")
        for place in verdict.places:
            key = (verdict.project, verdict.code, place)
            if key in verdicts:
                raise ValueError(f"two verdicts on {' '.join(key)}")
            verdicts[key] = verdict
    return verdicts


def count_verdicts(
    rows: Sequence[Row], verdicts: Mapping[Key, Verdict]
) -> dict[str, Counter[tuple[str, str]]]:
    """The number of findings by project, code and verdict. Raises `ValueError` for findings without one."""
    counts: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    missing = []
    for row in rows:
        for finding in row.findings:
            verdict = verdicts.get((row.project, finding.code, finding.place))
            if verdict is None:
                missing.append(f"{row.project} {finding.code} {finding.place}")
            else:
                counts[row.project][finding.code, verdict.verdict] += 1
    if missing:
        raise ValueError("no verdict on " + "; ".join(missing))
    return counts


def projects_table(
    rows: Sequence[Row], commits: Mapping[str, str], counts: Mapping[str, Counter[tuple[str, str]]]
) -> Iterator[str]:
    """Yields one line per project, and one for all."""
    yield (
        "| project | commit | files | log calls | all keys known | some known | too long | findings "
        "| right, wrong, undecided |"
    )
    yield "|---|---|---|---|---|---|---|---|---|"
    for row in rows:
        codes = Counter(finding.code for finding in row.findings)
        findings = ", ".join(f"{code} {count}" for code, count in sorted(codes.items()))
        kinds = Counter[str]()
        for (_, kind), count in counts.get(row.project, Counter()).items():
            kinds[kind] += count
        verdict = ", ".join(str(kinds[kind]) for kind in KINDS) if row.findings else ""
        yield (
            f"| {row.project} | {commits.get(row.project, '')[:10]} | {row.files} | {row.log_calls} "
            f"| {share(row.all_known, row.log_calls)} | {share(row.some_known, row.log_calls)} "
            f"| {row.over_budget or ''} | {findings} | {verdict} |"
        )
    calls = sum(row.log_calls for row in rows)
    known, some = sum(row.all_known for row in rows), sum(row.some_known for row in rows)
    yield (
        f"| **all {len(rows)}** | | {sum(row.files for row in rows)} | {calls} | **{share(known, calls)}** "
        f"| **{share(some, calls)}** | {sum(row.over_budget for row in rows)} "
        f"| {sum(len(row.findings) for row in rows)} | |"
    )


def rules_table(counts: Mapping[str, Counter[tuple[str, str]]]) -> Iterator[str]:
    """Yields one line per rule, and one for all."""
    total = sum(counts.values(), Counter[tuple[str, str]]())
    yield "| rule | findings | right | wrong | undecided | right of those decided |"
    yield "|---|---|---|---|---|---|"
    for code in [*sorted({code for code, _ in total}), None]:
        right, wrong, undecided = (
            sum(count for (rule, kind), count in total.items() if kind == column and code in {rule, None})
            for column in KINDS
        )
        name = code or "**all**"
        yield (
            f"| {name} | {right + wrong + undecided} | {right} | {wrong} | {undecided} "
            f"| {share(right, right + wrong)} |"
        )


def share(number: int, total: int) -> str:
    """`9 (90.0 %)`."""
    return f"{number} ({100 * number / total:.1f} %)" if total else ""


def with_block(page: str, name: str, lines: Iterator[str]) -> str:
    """The page with new lines between the markers of a block. Raises `ValueError` if it has no markers."""
    block = re.compile(rf"(<!-- {name} -->\n).*(<!-- /{name} -->)", re.DOTALL)
    if not block.search(page):
        raise ValueError(f"{PAGE.name} has no <!-- {name} -->")
    content = "\n".join(lines)
    return block.sub(lambda markers: f"{markers[1]}\n{content}\n\n{markers[2]}", page)


@click.command(help=__doc__)
@click.argument("measured", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--commits", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=True)
@click.option("--others", is_flag=True, help="Write the tables of the other projects.")
def main(measured: tuple[Path, ...], commits: Path, others: bool) -> None:
    """Writes the tables into the page."""
    lines = commits.read_text(encoding="utf-8").splitlines()
    of_project = dict(line.split("\t")[:2] for line in lines if "\t" in line and not line.startswith("#"))
    rows = [msgspec.convert(row, Row) for file in measured for row in json.loads(file.read_text("utf-8"))]
    for row in rows:
        row.project = row.project.replace("+", "/", 1)
    rows.sort(key=lambda row: row.project.lower())
    try:
        counts = count_verdicts(rows, load_verdicts(VERDICTS.read_text(encoding="utf-8")))
    except ValueError as error:
        sys.exit(str(error))
    page = PAGE.read_text(encoding="utf-8")
    rules, projects = ("other rules", "other projects") if others else ("rules", "projects")
    page = with_block(page, rules, rules_table(counts))
    page = with_block(page, projects, projects_table(rows, of_project, counts))
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
