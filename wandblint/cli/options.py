"""Options that several verbs share, their validation and completion."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

import click
from click.core import ParameterSource

from wandblint import __version__
from wandblint.infra.words import did_you_mean

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from wandblint.cli.option_values import Config

Decorated = TypeVar("Decorated", bound="Callable[..., object]")
Complete = Callable[[click.Context, click.Parameter, str], "list[CompletionItem]"]
LONGEST = 30
"""The most characters of values that leave room for the explanation next to them."""
CONFIDENCES = ("medium", "high")
HELP_OPTIONS = ["-h", "--help"]
VERSION_OPTIONS = ["-V", "--version"]
PATH = click.Path(readable=False)
"""A path, which the shell completes. The code that uses it reports what is wrong with it."""


def selectors(context: click.Context, parameter: click.Parameter, values: Iterable[str]) -> tuple[str, ...]:
    """Parses an option with names, such as those of rules, which may be repeated and may contain commas."""
    return tuple(selector for value in values for part in value.split(",") if (selector := part.strip()))


def ignores(
    context: click.Context, parameter: click.Parameter, values: Iterable[str]
) -> dict[str, list[str]]:
    """Parses an option with pairs `PATTERN:RULE`, which may be repeated and may contain commas."""
    by_pattern: dict[str, list[str]] = {}
    for pair in selectors(context, parameter, values):
        pattern, _, rule = pair.rpartition(":")
        if not pattern or not rule:
            message = f"`{pair}` is not PATTERN:RULE, such as `tests/*:WB101`"
            raise click.BadParameter(message, ctx=context, param=parameter)
        by_pattern.setdefault(pattern, []).append(rule)
    return by_pattern


def patterns(name: str, help_text: str) -> click.Option:
    """An option with patterns of files."""
    return click.Option([name], multiple=True, metavar="PATTERNS", callback=selectors, help=help_text)


def one_of(choices: Sequence[str]) -> Callable[[click.Context, click.Parameter, str], str]:
    """Checks that an option has one of a few values; the usage error has a did-you-mean hint."""

    def check(context: click.Context, parameter: click.Parameter, value: str) -> str:
        if value not in choices:
            message = f"`{value}` is not one of {', '.join(choices)}{did_you_mean(value, choices)}"
            raise click.BadParameter(message, ctx=context, param=parameter)
        return value

    return check


class WithVariable(click.Option):
    """An option that a variable of the environment sets, too."""

    def get_error_hint(self, ctx: click.Context | None) -> str:
        """Where a wrong value comes from."""
        source = ctx.get_parameter_source(self.name or "") if ctx is not None else None
        return str(self.envvar) if source is ParameterSource.ENVIRONMENT else f"'{self.opts[-1]}'"


def choice(name: str, choices: Sequence[str], help_text: str, variable: str | None = None) -> click.Option:
    """An option with a few values, the first of which is the default."""
    values = "|".join(choices)
    is_long = len(values) > LONGEST
    text = f"{help_text[:-1]}: {', '.join(choices)}." if is_long else help_text
    return WithVariable(
        [name],
        envvar=variable,
        show_envvar=True,
        default=choices[0],
        metavar=name.rpartition("-")[2].upper() if is_long else values,
        callback=one_of(choices),
        shell_complete=complete_from(choices),
        help=f"{text} [default: {choices[0]}]",
    )


def rules(name: str, help_text: str) -> click.Option:
    """An option that selects rules."""
    return click.Option(
        [name],
        multiple=True,
        metavar="RULES",
        callback=selectors,
        shell_complete=complete_rules,
        help=help_text,
    )


def plugins() -> click.Option:
    """`--plugin`, of every verb that uses rules."""
    return click.Option(
        ["--plugin"],
        multiple=True,
        metavar="PACK",
        callback=selectors,
        help="Import a rule pack, which runs its code. Can be repeated.",
    )


def complete_from(choices: Sequence[str]) -> Complete:
    """Completes a word from a list of choices."""

    def complete(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem  # noqa: PLC0415 (for shells only)

        return [CompletionItem(choice) for choice in choices if choice.startswith(incomplete)]

    return complete


def complete_rules(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Completes the last item of a list with commas from the codes and names of built-in rules."""
    from click.shell_completion import CompletionItem  # noqa: PLC0415 (for shells only)

    from wandblint.app import registry  # noqa: PLC0415 (it imports the rules)

    before, comma, word = incomplete.rpartition(",")
    return [
        CompletionItem(f"{before}{comma}{selector}", help=rule.summary)
        for rule in registry.rules()
        for selector in (rule.code, rule.name)
        if selector.startswith(word)
    ]


def reports(
    formats: Mapping[str, str],
) -> Callable[[click.Context, click.Parameter, Iterable[str]], tuple[tuple[str, str], ...]]:
    """Parses an option `FORMAT=FILE` that may be repeated into pairs of format and file.

    `formats` maps the formats to usual file names.
    """

    def check(
        context: click.Context, parameter: click.Parameter, values: Iterable[str]
    ) -> tuple[tuple[str, str], ...]:
        by_file: dict[str, str] = {}
        for value in values:
            name, _, file = value.partition("=")
            if name not in formats or not file:
                message = f"`{value}` is not FORMAT=FILE; the formats are {', '.join(formats)}"
                example = f"{name}={formats[name]}" if name in formats else f"sarif={name}"
                hint = did_you_mean(name, formats) if file else f"; did you mean `{example}`?"
                raise click.BadParameter(message + hint, ctx=context, param=parameter)
            if file in by_file:
                message = f"`{file}` cannot hold two reports ({by_file[file]} and {name})"
                raise click.BadParameter(message, ctx=context, param=parameter)
            by_file[file] = name
        return tuple((name, file) for file, name in by_file.items())

    return check


class _OneVariable(click.Path):
    """A path or a setting; a variable of the environment holds one of them, in which blanks mean nothing."""

    def split_envvar_value(self, rv: str) -> Sequence[str]:
        """The only value."""
        return [rv]


def _configuration(context: click.Context, parameter: click.Parameter, values: Iterable[str]) -> Config:
    """Parses `--config`: a file, and settings in TOML. An existing file is never taken for settings."""
    from wandblint.cli.option_values import Config  # noqa: PLC0415 (msgspec)
    from wandblint.sources.toml import TomlError, parse_toml  # noqa: PLC0415 (few runs need it)

    files, tables = [], []
    for value in values:
        if "=" not in value or os.path.exists(value):
            files.append(value)
            continue
        try:
            tables.append(parse_toml(value.encode("utf-8", "surrogateescape")))
        except TomlError as error:
            message = f"`{value}` is neither a file nor TOML: {error}"
            raise click.BadParameter(message, ctx=context, param=parameter) from error
    if len(files) > 1:
        message = f"only one file can be given, but {' and '.join(files)} are"
        raise click.BadParameter(message, ctx=context, param=parameter)
    return Config(files[0] if files else None, tuple(tables))


def settings_options() -> list[click.Option]:
    """`--config` and `--isolated`, of every verb that reads settings."""
    return [
        WithVariable(
            ["--config"],
            envvar="WANDBLINT_CONFIG",
            show_envvar=True,
            multiple=True,
            type=_OneVariable(readable=False),
            metavar="FILE|TOML",
            callback=_configuration,
            help="Settings file instead of the project's own, or a setting such as 'src = [\"lib\"]', which "
            "applies over the file. Can be repeated.",
        ),
        click.Option(["--isolated"], is_flag=True, help="Read no settings file."),
    ]


def no_cache(help_text: str = "Read every file again, and cache nothing.") -> click.Option:
    """`--no-cache`, of every verb that uses the cache."""
    return WithVariable(
        ["-n", "--no-cache"], envvar="WANDBLINT_NO_CACHE", show_envvar=True, is_flag=True, help=help_text
    )


def exit_zero() -> click.Option:
    """`--exit-zero`, of every verb that reports findings."""
    return click.Option(["-e", "--exit-zero"], is_flag=True, help="Exit with 0 even if there are findings.")


def version_option() -> Callable[[Decorated], Decorated]:
    """`--version`."""
    return click.version_option(__version__, *VERSION_OPTIONS, message="wandblint %(version)s")


def cache_dir() -> click.Option:
    """`--cache-dir`, of every verb that uses the cache."""
    return WithVariable(
        ["--cache-dir"],
        envvar="WANDBLINT_CACHE_DIR",
        show_envvar=True,
        type=PATH,
        metavar="DIR",
        help="Folder of the cache. [default: .wandblint_cache in the project]",
    )


def jobs() -> click.Option:
    """`--jobs`, of every verb that reads many files."""
    return click.Option(
        ["-j", "--jobs"],
        type=click.IntRange(min=1),
        metavar="N",
        help="Number of processes. [default: the available processors]",
    )


def color() -> click.Option:
    """`--color`, of every verb."""
    return choice(
        "--color", ("auto", "always", "never"), "Colors: auto follows NO_COLOR, FORCE_COLOR and the terminal."
    )
