"""The result of one project in a scan, from what its process left."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import NoReturn, TypeAlias

import msgspec

from wandblint import __version__
from wandblint.cli.exit_codes import CLEAN, FINDINGS, INCOMPLETE

MOST_PROBLEMS = 20
"""A project keeps so many problems: one cause may be reported for every file."""


class ScanError(Exception):
    """The scan cannot begin or go on; the results in its file stay."""


class ProjectResult(msgspec.Struct, frozen=True):
    """A project's findings as JSON objects, and what went wrong."""

    project: str
    status: str
    findings: list[Mapping[str, object]]
    seconds: float
    problems: list[str]

    def lines(self) -> Iterator[str]:
        """The lines that it is written as; the last one says that it is whole."""
        for finding in self.findings:
            yield json.dumps({"kind": "finding", "project": self.project, **finding})
        yield json.dumps(
            {
                "kind": "project",
                "project": self.project,
                "status": self.status,
                "findings": len(self.findings),
                "seconds": round(self.seconds, 3),
                "problems": self.problems,
                "wandblint": __version__,
            }
        )


Deliver: TypeAlias = Callable[[ProjectResult], None]
"""Takes the result of each project once."""


def failed(project: str, problem: str, *more: str, seconds: float = 0.0) -> ProjectResult:
    """The result of a project of which nothing is known."""
    return ProjectResult(project, "failed", [], seconds, [problem, *more])


def missing(folder: str) -> str:
    """Why a path is no folder to lint; empty if it is one."""
    if os.path.isdir(folder):
        return ""
    return "is not a folder" if os.path.lexists(folder) else "does not exist"


def check_in(folder: str, arguments: list[str]) -> NoReturn:
    """The rest of a project's process: `wandblint check` in its folder."""
    try:
        os.chdir(folder)
    except OSError as error:
        print(f"error: cannot be entered: {(error.strerror or '').lower()}", file=sys.stderr, flush=True)
        os._exit(INCOMPLETE)
    from wandblint.cli import run_and_end  # noqa: PLC0415 (it imports the verbs)

    run_and_end(["check", "--output-format=json-lines", "--jobs=1", "--quiet", *arguments])


def result_of(project: str, code: int | None, output: bytes, errors: bytes, seconds: float) -> ProjectResult:
    """The result of a process that ended by itself; a negative code is the signal that killed it."""
    problems = _problems(errors)
    findings = _findings(output)
    # Python itself exits with 1 where it cannot start.
    if findings is None or code not in (FINDINGS if findings else CLEAN, INCOMPLETE):
        cause = f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"
        return failed(project, f"its process ended with {cause}", *problems, seconds=seconds)
    if code == INCOMPLETE:
        return ProjectResult(project, "incomplete", findings, seconds, problems)
    return ProjectResult(project, "done", findings, seconds, [])


def too_slow(project: str, limit: int, errors: bytes, seconds: float) -> ProjectResult:
    """The result of a process that was killed after `limit` seconds."""
    return failed(project, f"took longer than {limit} seconds", *_problems(errors), seconds=seconds)


def _problems(errors: bytes) -> list[str]:
    """What a process printed to standard error, without blank lines."""
    lines = errors.decode("utf-8", "replace").splitlines()
    return [line.removeprefix("error: ") for line in lines if line.strip()][:MOST_PROBLEMS]


def _findings(output: bytes) -> list[Mapping[str, object]] | None:
    """The findings that a process printed; None where it did not print all of them."""
    if output and not output.endswith(b"\n"):
        return None
    try:
        return [json.loads(line) for line in output.splitlines()]
    except ValueError:
        return None
