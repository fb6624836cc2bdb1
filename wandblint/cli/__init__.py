"""The command line: a module a verb. Nothing here imports the linter before a verb needs it."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import NoReturn

import click

from wandblint.cli.options import did_you_mean
from wandblint.cli.program import program

INTERRUPTED = 130
"""The exit code of a program that Ctrl-C ended: 128 and the number of the signal."""

CRASHED = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs wandblint: 0 clean, 1 findings, 2 the tool could not do all of its work, 130 interrupted.

    Without `arguments` those of the process count, and it ends.
    """
    if arguments is None:
        run_and_end(sys.argv[1:])
    return _run(list(arguments))


def run_and_end(arguments: list[str]) -> NoReturn:
    """The same, and the process ends with the run."""
    # Trees hold no cycles: collecting would look at all in vain.
    gc.disable()
    code = _run(arguments)
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):  # whoever read it has gone away
            stream.flush()
    # Taking everything apart first, as Python does, costs large projects half a second, and after Ctrl-C the
    # ends of pools of processes trip over each other.
    os._exit(code)


def _run(given: list[str]) -> int:
    try:
        return int(program.main(given, prog_name="wandblint", standalone_mode=False) or 0)
    except click.NoSuchOption as error:
        # click names every option that is a little like it, in the order of the alphabet.
        _fail(
            f"no such option: {error.option_name}{did_you_mean(error.option_name, error.possibilities or ())}"
        )
        return error.exit_code
    except click.ClickException as error:
        _fail(error.format_message())
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except Exception:
        import traceback  # noqa: PLC0415 (of mistakes only)

        # Python's own exit code for a crash is 1, which here means findings.
        traceback.print_exc()
        _fail("wandblint crashed; please report the lines above, this is a bug in wandblint")
        return CRASHED


def _fail(message: str) -> None:
    from wandblint.cli.console import fail  # noqa: PLC0415 (what it needs is not imported for --version)

    fail(message)
