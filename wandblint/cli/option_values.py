"""The values of the options of each verb, as click parses them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

STDIN = "-"
IDENTIFYING = frozenset({"json", "json-lines", "gitlab", "sarif"})
"""Formats with fingerprints of findings, which cost time to compute."""

FOR_PEOPLE = frozenset({"text", "concise", "grouped"})
"""Formats that stay valid if other lines are on standard output too."""


class Config(msgspec.Struct, frozen=True):
    """The values of `--config`: a settings file, if any, and settings that apply over it."""

    file: str | None = None
    tables: tuple[dict[str, Any], ...] = ()


class CheckOptions(msgspec.Struct, frozen=True):
    """The options of `check`."""

    paths: tuple[str, ...]
    select: tuple[str, ...]
    ignore: tuple[str, ...]
    extend_select: tuple[str, ...]
    per_file_ignores: dict[str, list[str]]
    output_format: str
    output: tuple[tuple[str, str], ...]
    output_file: str | None
    exit_zero: bool
    exit_non_zero_on_fix: bool
    statistics: bool
    min_confidence: str
    exclude: tuple[str, ...]
    extend_exclude: tuple[str, ...]
    force_exclude: bool
    include_markdown: bool
    diff_base: str | None
    baseline: str | None
    no_baseline: bool
    write_baseline: bool
    update_baseline: bool
    add_ignore: str | None
    ignore_noqa: bool
    fixable: tuple[str, ...]
    unfixable: tuple[str, ...]
    fix: bool
    unsafe_fixes: bool
    fix_only: bool
    diff: bool
    show_fixes: bool
    interactive: bool
    config: Config
    isolated: bool
    plugin: tuple[str, ...]
    show_settings: bool
    show_files: bool
    stdin_filename: str | None
    no_cache: bool
    jobs: int | None
    cache_dir: str | None
    color: str
    quiet: bool
    verbose: bool
    watch: bool
    explain_silence: str | None

    @property
    def settings(self) -> dict[str, Any]:
        """The settings that options give, by their names in settings files."""
        lists = {
            "exclude": [*self.exclude],
            "extend-exclude": [*self.extend_exclude],
            "fixable": [*self.fixable],
            "unfixable": [*self.unfixable],
            "per-file-ignores": self.per_file_ignores,
            "include-markdown": self.include_markdown,
        }
        return {name: value for name, value in lists.items() if value}

    @property
    def identifies(self) -> bool:
        """Whether a report needs fingerprints."""
        return not IDENTIFYING.isdisjoint({self.output_format, *(name for name, _ in self.output)})

    @property
    def fixes(self) -> bool:
        """Whether fixes are applied, or shown by `--diff`."""
        return self.fix or self.fix_only or self.diff or self.interactive

    @property
    def writes(self) -> bool:
        """Whether the run writes files other than reports and the cache."""
        records = self.write_baseline or self.update_baseline or self.add_ignore is not None
        return records or (self.fixes and not self.diff)

    @property
    def reads_stdin(self) -> bool:
        """Whether a file is read from standard input."""
        return STDIN in self.paths

    @property
    def stdin_path(self) -> Path:
        """The path of the file on standard input."""
        return Path(self.stdin_filename or "stdin.py")


class PredictionOptions(msgspec.Struct, frozen=True):
    """The options that all verbs that predict runs have."""

    config: Config
    isolated: bool
    no_cache: bool
    cache_dir: str | None
    jobs: int | None
    color: str
    quiet: bool


class ChartsOptions(PredictionOptions, frozen=True):
    """The options of `charts`."""

    paths: tuple[str, ...]
    output_format: str


class AuditOptions(PredictionOptions, frozen=True):
    """The options of `audit`."""

    path: str
    against: tuple[str, ...]
    expect_runs: int | None
    select: tuple[str, ...]
    ignore: tuple[str, ...]
    plugin: tuple[str, ...]
    output_format: str
    exit_zero: bool


class ScanOptions(msgspec.Struct, frozen=True):
    """The options of `scan`."""

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
    plugin: tuple[str, ...]
    no_cache: bool
    color: str
    quiet: bool

    @property
    def check_arguments(self) -> list[str]:
        """The arguments that `check` gets for each project."""
        arguments = [f"--min-confidence={self.min_confidence}"]
        for name, values in (
            ("--select", self.select),
            ("--ignore", self.ignore),
            ("--extend-select", self.extend_select),
            ("--plugin", self.plugin),
        ):
            arguments += [f"{name}={','.join(values)}"] if values else []
        arguments += ["--isolated"] if self.isolated else []
        arguments += ["--no-cache"] if self.no_cache else []
        return arguments
