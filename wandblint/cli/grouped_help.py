"""A command whose help lists its options in groups, their explanations below one another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

import click

OTHERS = "Help"
"""Where the options stand that every command has."""
WIDEST = 28
"""The names of options end here; what explains a longer one begins in the next line."""


class Grouped(click.Command):
    """The options of `groups`, by their headings; those of no group stand under `OTHERS`."""

    groups: ClassVar[Mapping[str, Sequence[click.Option]]]

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes a section a group."""
        grouped = {option for group in self.groups.values() for option in group}
        others = [one for one in self.get_params(ctx) if isinstance(one, click.Option) and one not in grouped]
        for heading, options in {**self.groups, OTHERS: others}.items():
            records = [record for option in options if (record := option.get_help_record(ctx))]
            with formatter.section(heading):
                # A section is as wide as its longest name: the same width keeps the sections in line.
                formatter.write_dl([(names.ljust(WIDEST), does) for names, does in records], WIDEST)
