"""The command line: commands, the workflows that they start, and `scan`. May import everything else.

No module imports the linter before a verb needs it.
"""

from __future__ import annotations

import errno
import gc
import os
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import NoReturn

import click

from wandblint.cli.exit_codes import INCOMPLETE
from wandblint.cli.program import program
from wandblint.infra.secrets import masked
from wandblint.infra.words import did_you_mean

_NOT_WRITTEN = frozenset({errno.EBADF, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.ENOSPC})
"""The errors of an output that cannot be written, for example on a full disk."""

INTERRUPTED = 130
"""The exit code of a program that Ctrl-C ended: 128 plus the number of the signal."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs wandblint: 0 clean, 1 findings, 2 the tool could not do all of its work, 130 interrupted.

    Without `arguments`, uses those of the process and ends the process.
    """
    if arguments is None:
        run_and_end(sys.argv[1:])
    return _code_of(lambda: _program(list(arguments)))


def run_and_end(arguments: list[str]) -> NoReturn:
    """Runs wandblint and ends the process."""
    end_with(lambda: _program(arguments))


def end_with(work: Callable[[], int]) -> NoReturn:
    """Does the work of a verb and ends the process with its exit code."""
    # Trees have no reference cycles, so collecting garbage would free nothing.
    gc.disable()
    signal.signal(signal.SIGTERM, _terminate)
    code = _code_of(work)
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):  # the reader has closed the pipe, or `_run` has reported it
            stream.flush()
    # Python's own exit frees all objects, which costs large projects half a second, and after Ctrl-C the exit
    # handlers of process pools interfere with each other.
    os._exit(code)


def _program(arguments: list[str]) -> int:
    return int(program.main(arguments, prog_name="wandblint", standalone_mode=False) or 0)


def _code_of(work: Callable[[], int]) -> int:
    """The exit code of work; reports what it raises."""
    try:
        code = work()
        with suppress(BrokenPipeError):
            sys.stdout.flush()
        return code
    except click.NoSuchOption as error:
        # click suggests every similar option in alphabetical order; we suggest the nearest.
        hint = did_you_mean(error.option_name, error.possibilities or ())
        _fail(f"no such option: {error.option_name}{hint}")
        return error.exit_code
    except click.ClickException as error:
        _fail(error.format_message())
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except Exception as error:
        if isinstance(error, OSError) and error.filename is None and error.errno in _NOT_WRITTEN:
            from wandblint.infra.files import reason_of  # noqa: PLC0415 (for a full disk only)

            # Every other file has a message of its own.
            _fail(f"standard output cannot be written: {reason_of(error)}")
            return INCOMPLETE
        import traceback  # noqa: PLC0415 (for crashes only)

        # Python's own exit code for a crash is 1, which means findings here.
        click.echo(masked(traceback.format_exc()), err=True, nl=False)
        _fail("wandblint crashed; please report the lines above, this is a bug in wandblint")
        return INCOMPLETE


def _terminate(number: int, _: object) -> None:
    """Ends the process by a signal, and leaves no temporary files."""
    from wandblint.infra.files import remove_unfinished  # noqa: PLC0415 (few runs write files)

    remove_unfinished()
    signal.signal(number, signal.SIG_DFL)
    signal.raise_signal(number)


def _fail(message: str) -> None:
    from wandblint.cli.console import fail  # noqa: PLC0415 (--version needs no reports)

    fail(message)
