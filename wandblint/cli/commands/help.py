"""`wandblint help`: shows the help of the program or of a verb."""

from __future__ import annotations

import click

from wandblint.cli.options import HELP_OPTIONS, complete_from
from wandblint.cli.verbs import VERBS
from wandblint.infra.words import did_you_mean


class Help(click.Command):
    """The command."""

    def invoke(self, ctx: click.Context) -> int:
        """Prints the help and returns the exit code. Raises a usage error if there is no such verb."""
        program, verb = ctx.parent, ctx.params["verb"]
        assert program is not None, "a verb belongs to the program"
        assert isinstance(program.command, click.Group)
        if verb is None:
            click.echo(program.get_help())
            return 0
        if verb not in VERBS:
            raise click.UsageError(f"there is no verb `{verb}`{did_you_mean(verb, VERBS)}")
        command = program.command.get_command(program, verb)
        assert command is not None, "each verb has a command"
        click.echo(command.get_help(click.Context(command, parent=program, info_name=verb)))
        return 0


help = Help(  # noqa: A001 (the command of a verb has its name)
    "help",
    help="Show the help of a verb, or of wandblint.",
    context_settings={"help_option_names": HELP_OPTIONS},
    params=[
        click.Argument(["verb"], required=False, metavar="[VERB]", shell_complete=complete_from(list(VERBS)))
    ],
)
