"""Options of `check` that contradict one another."""

from __future__ import annotations

from collections.abc import Iterator

from wandblint.cli.option_values import CheckOptions


def contradiction_of(options: CheckOptions) -> str | None:
    """The first contradiction, as a message; None if there is none."""
    contradictions = (*_of_standard_input(options), *_of_files(options), *_of_output(options))
    return next((message for contradicts, message in contradictions if contradicts), None)


def _of_standard_input(options: CheckOptions) -> Iterator[tuple[bool, str]]:
    reads = options.reads_stdin
    yield reads and len(options.paths) > 1, "`-` reads one file and cannot be combined with other paths"
    yield options.stdin_filename is not None and not reads, "--stdin-filename needs the path `-`"
    yield (
        options.diff_base is not None and reads,
        "--diff-base compares files and cannot be used with `-`",
    )
    yield (
        options.add_ignore is not None and reads,
        "--add-ignore changes files and cannot be used with `-`",
    )
    yield (
        options.interactive and reads,
        "--interactive asks on standard input and cannot be used with `-`",
    )
    yield (
        options.watch and (reads or options.writes),
        "--watch cannot be combined with `-` or with options that change files",
    )
    yield (
        options.explain_silence is not None
        and (options.watch or reads or options.fixes or options.writes or options.diff_base is not None),
        "--explain-silence reports no findings: use it without `-`, --watch, --diff-base, or fixes",
    )


def _of_files(options: CheckOptions) -> Iterator[tuple[bool, str]]:
    reason = options.add_ignore
    yield (
        (reason or "").splitlines() not in ([], [reason]),
        "--add-ignore: the reason must be a single line",
    )
    yield (
        options.fixes and (reason is not None or options.write_baseline),
        "apply fixes first, then ignore the remaining findings",
    )
    yield (
        reason is not None and options.ignore_noqa,
        "--add-ignore writes comments and cannot be combined with --ignore-noqa",
    )
    yield (
        options.no_baseline and bool(options.baseline or options.write_baseline or options.update_baseline),
        "--no-baseline cannot be combined with other baseline options",
    )


def _of_output(options: CheckOptions) -> Iterator[tuple[bool, str]]:
    yield options.quiet and options.verbose, "--quiet and --verbose contradict each other"
    yield (
        options.output_file in {file for _, file in options.output},
        f"`{options.output_file}` cannot hold two reports (--output-file and --output)",
    )
