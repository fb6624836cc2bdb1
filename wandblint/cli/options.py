"""Kinds of options: lists with commas, and choices that say what may have been meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

import click

COLORS = ("auto", "always", "never")


def selectors(context: click.Context, parameter: click.Parameter, given: Iterable[str]) -> tuple[str, ...]:
    """The codes, prefixes and names of an option that may be repeated and may hold commas."""
    return tuple(word for value in given for part in value.split(",") if (word := part.strip()))


class Choice(click.Choice[str]):
    """A choice with a did-you-mean."""

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The value, which must be one of the choices."""
        if value not in self.choices:
            allowed = ", ".join(self.choices)
            self.fail(
                f"`{value}` is none of {allowed}{did_you_mean(value, self.choices)}",
                param,
                ctx,
            )
        return value


def did_you_mean(word: str, known: Iterable[str], before: str = "") -> str:
    """`; did you mean ...?`, or nothing where no known word is near; `before` is written before it."""
    nearest = difflib.get_close_matches(word, list(known), n=1)
    return f"; did you mean `{before}{nearest[0]}`?" if nearest else ""
