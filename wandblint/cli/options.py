"""Kinds of options: lists with commas, and choices; and what may have been meant."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

Complete = Callable[[click.Context, click.Parameter, str], "list[CompletionItem]"]
LONGEST = 30
"""So many characters of values leave room for the explanation beside them."""
CONFIDENCES = ("medium", "high")
ARGUMENTS = "wandblint.arguments"
"""Where click's context keeps the words of the command line."""
HELP_OPTIONS = ["-h", "--help"]
PATH = click.Path(readable=False)
"""Completed by the shell. What is wrong with a path is said where it is used."""


def selectors(context: click.Context, parameter: click.Parameter, given: Iterable[str]) -> tuple[str, ...]:
    """The codes, prefixes and names of an option that may be repeated and may hold commas."""
    return tuple(word for value in given for part in value.split(",") if (word := part.strip()))


def one_of(choices: Sequence[str]) -> Callable[[click.Context, click.Parameter, str], str]:
    """Checks that an option has one of a few values; the usage error says what may have been meant."""

    def check(context: click.Context, parameter: click.Parameter, given: str) -> str:
        if given not in choices:
            words = f"`{given}` is not one of {', '.join(choices)}{did_you_mean(given, choices)}"
            raise click.BadParameter(words, ctx=context, param=parameter)
        return given

    return check


def choice(name: str, choices: Sequence[str], explained: str) -> click.Option:
    """An option with a few values, of which the first is the default."""
    values = "|".join(choices)
    is_long = len(values) > LONGEST
    listed = f"{explained[:-1]}: {', '.join(choices)}." if is_long else explained
    return click.Option(
        [name],
        default=choices[0],
        metavar=name.rpartition("-")[2].upper() if is_long else values,
        callback=one_of(choices),
        shell_complete=beginning(choices),
        help=f"{listed} [default: {choices[0]}]",
    )


def rules(name: str, explained: str) -> click.Option:
    """An option that names rules."""
    return click.Option(
        [name],
        multiple=True,
        metavar="RULES",
        callback=selectors,
        shell_complete=complete_rules,
        help=explained,
    )


def beginning(choices: Sequence[str]) -> Complete:
    """Completes a word to those of the choices that begin with it."""

    def complete(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem  # noqa: PLC0415 (for shells only)

        return [CompletionItem(one) for one in choices if one.startswith(incomplete)]

    return complete


def complete_rules(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """The codes and names of built-in rules that the last word of a list with commas may become."""
    from click.shell_completion import CompletionItem  # noqa: PLC0415 (for shells only)

    from wandblint.app import registry  # noqa: PLC0415 (the rules are imported when they are asked for)

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
    """Checks an option of `FORMAT=FILE` that may be repeated; gives the pairs.

    `formats` are the names, each with the usual name of a file.
    """

    def check(
        context: click.Context, parameter: click.Parameter, given: Iterable[str]
    ) -> tuple[tuple[str, str], ...]:
        found: dict[str, str] = {}
        for pair in given:
            name, _, file = pair.partition("=")
            if name not in formats or not file:
                words = f"`{pair}` is not FORMAT=FILE; the formats are {', '.join(formats)}"
                meant = f"{name}={formats[name]}" if name in formats else f"sarif={name}"
                hint = did_you_mean(name, formats) if file else f"; did you mean `{meant}`?"
                raise click.BadParameter(words + hint, ctx=context, param=parameter)
            if file in found:
                words = f"`{file}` cannot hold two reports ({found[file]} and {name})"
                raise click.BadParameter(words, ctx=context, param=parameter)
            found[file] = name
        return tuple((name, file) for file, name in found.items())

    return check


def cache_dir() -> click.Option:
    """`--cache-dir`, which every verb has that knows the cache."""
    return click.Option(
        ["--cache-dir"],
        type=PATH,
        metavar="DIR",
        help="Folder of the cache. [default: .wandblint_cache in the project]",
    )


def jobs() -> click.Option:
    """`--jobs`, which every verb has that reads many files."""
    return click.Option(
        ["-j", "--jobs"],
        type=click.IntRange(min=1),
        metavar="N",
        help="Number of processes. [default: the available processors]",
    )


def color() -> click.Option:
    """`--color`, which every verb has."""
    return choice(
        "--color",
        ("auto", "always", "never"),
        "Colors: auto follows NO_COLOR, FORCE_COLOR and the terminal.",
    )


def did_you_mean(word: str, known: Iterable[str], before: str = "") -> str:
    """`; did you mean ...?`, or nothing where no known word is near; `before` is written before it."""
    import difflib  # noqa: PLC0415 (of mistakes only)

    nearest = difflib.get_close_matches(word, list(known), n=1)
    return f"; did you mean `{before}{nearest[0]}`?" if nearest else ""
