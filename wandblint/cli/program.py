"""The program and its verbs. `check` is the default: `wandblint scripts/` is `wandblint check scripts/`."""

from __future__ import annotations

import importlib
import os
from typing import TYPE_CHECKING

import click

from wandblint.cli.options import HELP_OPTIONS, VERSION_OPTIONS, version_option
from wandblint.cli.verbs import VERBS

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

SUFFIXES = (".py", ".pyw", ".ipynb")
"""The suffixes of files that can be linted."""
PLANNED = ("server",)
"""Reserved names of future verbs: a path of this name needs `./`."""
_OWN_OPTIONS = (*HELP_OPTIONS, *VERSION_OPTIONS)


class Program(click.Group):
    """The verbs, each imported when it is used."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parses the verb, which is `check` unless the first argument is a verb, and its arguments."""
        completes_first_word = ctx.resilient_parsing and not args
        if not completes_first_word and (not args or args[0] not in (*VERBS, *PLANNED, *_OWN_OPTIONS)):
            if not ctx.resilient_parsing:
                _check_path(args[:1])
            args = ["check", *args]
        return super().parse_args(ctx, [_normalize(argument) for argument in args])

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The verbs."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command:
        """The command of a verb."""
        if cmd_name in PLANNED:
            raise click.UsageError(
                f"the verb `{cmd_name}` does not exist yet; write a path of this name as ./{cmd_name}"
            )
        module = cmd_name.replace("-", "_")
        command = getattr(importlib.import_module(f"wandblint.cli.commands.{module}"), module)
        assert isinstance(command, click.Command)
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Completes the first argument: a verb, an option of `check` or a path."""
        from click.shell_completion import CompletionItem  # noqa: PLC0415 (for shells only)

        check = self.get_command(ctx, "check")
        if incomplete.startswith("-"):
            return check.shell_complete(click.Context(check, parent=ctx), incomplete)
        verbs = [
            CompletionItem(verb, help=text) for verb, text in VERBS.items() if verb.startswith(incomplete)
        ]
        # Shells drop the items before one that completes files.
        return [CompletionItem(incomplete, type="file"), *verbs]

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes the verbs, and the options of `check`, which need no verb."""
        with formatter.section("Verbs"):
            formatter.write_dl(list(VERBS.items()))
        check = self.get_command(ctx, "check")
        check.format_options(click.Context(check, parent=ctx), formatter)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes the examples of `check`."""
        self.get_command(ctx, "check").format_epilog(ctx, formatter)


def _check_path(first: list[str]) -> None:
    """Raises a usage error for a mistyped verb, so that its options are not taken for options of `check`."""
    if not first or first[0].startswith("-") or os.path.lexists(first[0]):
        return
    from wandblint.cli.workflows.projects import meant_verb, unusable  # noqa: PLC0415 (for mistakes only)

    if meant_verb(first[0]):
        raise click.UsageError(unusable(first[0]) or "")


def _normalize(argument: str) -> str:
    """Rewrites an argument that click would misread.

    An option with an optional value would take the next argument as its value. A file whose name begins with
    a dash, as pre-commit passes it, would be an option.
    """
    if argument == "--add-ignore":
        return "--add-ignore="
    is_file = argument.startswith("-") and argument.endswith(SUFFIXES) and os.path.exists(argument)
    return os.path.join(os.curdir, argument) if is_file else argument


@click.group(
    cls=Program,
    context_settings={"help_option_names": HELP_OPTIONS},
    options_metavar="",
    subcommand_metavar="[VERB] [OPTIONS] [PATHS]...",
)
@version_option()
def program() -> None:
    """Reports what your Weights & Biases dashboard will lack, before you start the run."""
