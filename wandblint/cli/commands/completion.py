"""`wandblint completion`: prints the shell completion script."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from wandblint.cli.options import HELP_OPTIONS, complete_from, one_of

SHELLS = ("bash", "zsh", "fish")
VARIABLE = "_WANDBLINT_COMPLETE"
"""The variable in which the script asks for completions; click derives it from the program's name."""


def _completion(shell: str) -> int:
    completion_class = get_completion_class(shell)
    assert completion_class is not None, "click supports these shells"
    program = click.get_current_context().find_root().command
    click.echo(completion_class(program, {}, "wandblint", VARIABLE).source())
    return 0


completion = click.Command(
    "completion",
    callback=_completion,
    help="Print the shell completion script for SHELL: it completes verbs, options, rules and files.",
    epilog='\b\nbash  eval "$(wandblint completion bash)" in ~/.bashrc\n'
    'zsh   eval "$(wandblint completion zsh)" in ~/.zshrc, after compinit\n'
    "fish  wandblint completion fish > ~/.config/fish/completions/wandblint.fish",
    context_settings={"help_option_names": HELP_OPTIONS},
    params=[
        click.Argument(
            ["shell"], metavar="|".join(SHELLS), callback=one_of(SHELLS), shell_complete=complete_from(SHELLS)
        )
    ],
)
