"""A command whose help lists its options in groups with aligned explanations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

import click

OTHERS = "Help"
"""The heading of the options that every command has."""
WIDEST = 28
"""The column in which names of options end; after a longer name the explanation begins on the next line."""


class Grouped(click.Command):
    """Lists the options of `groups` below their headings, and options without a group under `OTHERS`."""

    groups: ClassVar[Mapping[str, Sequence[click.Option]]]

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes one section per group."""
        grouped = {option for group in self.groups.values() for option in group}
        others = [
            parameter
            for parameter in self.get_params(ctx)
            if isinstance(parameter, click.Option) and parameter not in grouped
        ]
        for heading, options in {**self.groups, OTHERS: others}.items():
            records = [record for option in options if (record := option.get_help_record(ctx))]
            with formatter.section(heading):
                # click aligns a section to its longest name: equal widths align all sections.
                formatter.write_dl([(names.ljust(WIDEST), text) for names, text in records], WIDEST)
