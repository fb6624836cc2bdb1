"""The result of one project of a scan, from the exit code and the output of its process."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import NoReturn, TypeAlias

import msgspec

from wandblint import __version__
from wandblint.cli.exit_codes import CLEAN, FINDINGS, INCOMPLETE
from wandblint.infra.files import reason_of

MOST_PROBLEMS = 20
"""The most problems of a project in the output: one cause may be reported for every file."""


class ScanError(Exception):
    """The scan cannot start or continue; the results in its file stay."""


class ProjectResult(msgspec.Struct, frozen=True):
    """A project's findings as JSON objects, and its problems."""

    project: str
    status: str
    findings: list[Mapping[str, object]]
    seconds: float
    problems: list[str]

    def lines(self) -> Iterator[str]:
        """Yields the project's lines of the output file; the last one marks it as complete."""
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
"""Receives the result of each project once."""


def failed(project: str, problem: str, *more: str, seconds: float = 0.0) -> ProjectResult:
    """The result of a project that could not be linted."""
    return ProjectResult(project, "failed", [], seconds, [problem, *more])


def missing(folder: str) -> str:
    """Why a path is not a folder; empty if it is one."""
    if os.path.isdir(folder):
        return ""
    return "is not a folder" if os.path.lexists(folder) else "does not exist"


def check_in(folder: str, arguments: list[str]) -> NoReturn:
    """Runs `wandblint check` in a project's folder and ends the process."""
    try:
        os.chdir(folder)
    except OSError as error:
        print(f"error: cannot be entered: {reason_of(error)}", file=sys.stderr, flush=True)
        os._exit(INCOMPLETE)
    from wandblint.cli import run_and_end  # noqa: PLC0415 (it imports the verbs)

    run_and_end(["check", "--output-format=json-lines", "--jobs=1", "--quiet", *arguments])


def result_of(project: str, code: int | None, output: bytes, errors: bytes, seconds: float) -> ProjectResult:
    """The result of a process that was not killed by us; a negative code is the signal that killed it."""
    problems = _problems(errors)
    findings = _findings(output)
    # Python itself exits with 1 if it cannot start.
    if findings is None or code not in (FINDINGS if findings else CLEAN, INCOMPLETE):
        cause = f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"
        return failed(project, f"its process ended with {cause}", *problems, seconds=seconds)
    if code == INCOMPLETE:
        return ProjectResult(project, "incomplete", findings, seconds, problems)
    return ProjectResult(project, "done", findings, seconds, [])


def too_slow(project: str, timeout: int, errors: bytes, seconds: float) -> ProjectResult:
    """The result of a process that was killed after `timeout` seconds."""
    return failed(project, f"took longer than {timeout} seconds", *_problems(errors), seconds=seconds)


def _problems(errors: bytes) -> list[str]:
    """The first lines that a process printed to standard error, without blank ones."""
    lines = errors.decode("utf-8", "replace").splitlines()
    return [line.removeprefix("error: ") for line in lines if line.strip()][:MOST_PROBLEMS]


def _findings(output: bytes) -> list[Mapping[str, object]] | None:
    """The findings that a process printed; None if the output is incomplete or invalid."""
    if output and not output.endswith(b"\n"):
        return None
    try:
        return [json.loads(line) for line in output.splitlines()]
    except ValueError:
        return None
