"""Options that several verbs share, their validation and completion."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import click

from wandblint.infra.words import did_you_mean

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

Complete = Callable[[click.Context, click.Parameter, str], "list[CompletionItem]"]
LONGEST = 30
"""The most characters of values that leave room for the explanation next to them."""
CONFIDENCES = ("medium", "high")
ARGUMENTS = "wandblint.arguments"
"""The key of the command line's arguments in click's context."""
HELP_OPTIONS = ["-h", "--help"]
PATH = click.Path(readable=False)
"""A path, which the shell completes. The code that uses it reports what is wrong with it."""


def selectors(context: click.Context, parameter: click.Parameter, values: Iterable[str]) -> tuple[str, ...]:
    """Parses an option with names, such as those of rules, which may be repeated and may contain commas."""
    return tuple(selector for value in values for part in value.split(",") if (selector := part.strip()))


def one_of(choices: Sequence[str]) -> Callable[[click.Context, click.Parameter, str], str]:
    """Checks that an option has one of a few values; the usage error has a did-you-mean hint."""

    def check(context: click.Context, parameter: click.Parameter, value: str) -> str:
        if value not in choices:
            message = f"`{value}` is not one of {', '.join(choices)}{did_you_mean(value, choices)}"
            raise click.BadParameter(message, ctx=context, param=parameter)
        return value

    return check


def choice(name: str, choices: Sequence[str], help_text: str) -> click.Option:
    """An option with a few values, the first of which is the default."""
    values = "|".join(choices)
    is_long = len(values) > LONGEST
    text = f"{help_text[:-1]}: {', '.join(choices)}." if is_long else help_text
    return click.Option(
        [name],
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


def cache_dir() -> click.Option:
    """`--cache-dir`, of every verb that uses the cache."""
    return click.Option(
        ["--cache-dir"],
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
