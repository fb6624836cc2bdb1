"""What the command line says, as values."""

from __future__ import annotations

from pathlib import Path

import msgspec

STDIN = "-"
IDENTIFYING = frozenset({"json", "json-lines", "gitlab", "sarif"})
"""Formats that hold the fingerprints of findings, which cost what the others do not need."""

FOR_PEOPLE = frozenset({"text", "concise", "grouped"})
"""Formats that other lines on standard output do not break."""


class Options(msgspec.Struct, frozen=True):
    """What it says to `check`."""

    paths: tuple[str, ...]
    select: tuple[str, ...]
    ignore: tuple[str, ...]
    extend_select: tuple[str, ...]
    output_format: str
    output: tuple[tuple[str, str], ...]
    exit_zero: bool
    statistics: bool
    min_confidence: str
    force_exclude: bool
    include_markdown: bool
    diff_base: str | None
    baseline: str | None
    no_baseline: bool
    write_baseline: bool
    update_baseline: bool
    add_ignore: str | None
    fix: bool
    unsafe_fixes: bool
    fix_only: bool
    diff: bool
    show_fixes: bool
    interactive: bool
    config: str | None
    isolated: bool
    show_settings: bool
    show_files: bool
    stdin_filename: str | None
    no_cache: bool
    jobs: int | None
    cache_dir: str | None
    color: str
    quiet: bool
    watch: bool

    @property
    def identifies(self) -> bool:
        """Whether some report holds fingerprints."""
        return not IDENTIFYING.isdisjoint({self.output_format, *(name for name, _ in self.output)})

    @property
    def fixes(self) -> bool:
        """Whether fixes are carried out, or shown."""
        return self.fix or self.fix_only or self.diff or self.interactive

    @property
    def writes(self) -> bool:
        """Whether files change, other than reports and the cache."""
        remembers = self.write_baseline or self.update_baseline or self.add_ignore is not None
        return remembers or (self.fixes and not self.diff)

    @property
    def reads_stdin(self) -> bool:
        """Whether a file comes from standard input."""
        return STDIN in self.paths

    @property
    def stdin_path(self) -> Path:
        """The path that the file from standard input stands for."""
        return Path(self.stdin_filename or "stdin.py")


class ForecastOptions(msgspec.Struct, frozen=True):
    """What it says to verbs that read a project and lint nothing."""

    config: str | None
    isolated: bool
    no_cache: bool
    cache_dir: str | None
    jobs: int | None
    color: str
    quiet: bool


class ChartsOptions(ForecastOptions, frozen=True):
    """What it says to `charts`."""

    paths: tuple[str, ...]
    output_format: str


class AuditOptions(ForecastOptions, frozen=True):
    """What it says to `audit`."""

    path: str
    against: tuple[str, ...]
    expect_runs: int | None
    select: tuple[str, ...]
    ignore: tuple[str, ...]
    output_format: str
    exit_zero: bool


class ScanOptions(msgspec.Struct, frozen=True):
    """What it says to `scan`."""

    repos: tuple[str, ...]
    output: str
    executor: str | None
    retry: bool
    jobs: int | None
    timeout: int
    select: tuple[str, ...]
    ignore: tuple[str, ...]
    extend_select: tuple[str, ...]
    min_confidence: str
    isolated: bool
    no_cache: bool
    color: str
    quiet: bool

    @property
    def passed_on(self) -> list[str]:
        """The words of them that each project's `check` is given."""
        words = [f"--min-confidence={self.min_confidence}"]
        for name, rules in (
            ("--select", self.select),
            ("--ignore", self.ignore),
            ("--extend-select", self.extend_select),
        ):
            words += [f"{name}={','.join(rules)}"] if rules else []
        words += ["--isolated"] if self.isolated else []
        words += ["--no-cache"] if self.no_cache else []
        return words
