"""`wandblint completion`: the script by which a shell completes wandblint's words."""

from __future__ import annotations

from collections.abc import Sequence

import click
from click.shell_completion import CompletionItem, get_completion_class

from wandblint.cli.options import HELP_OPTIONS, one_of

SHELLS = ("bash", "zsh", "fish")
VARIABLE = "_WANDBLINT_COMPLETE"
"""Where the script asks the program for completions; click makes this name of the program's."""


def shells(context: click.Context, parameter: click.Parameter, incomplete: str) -> Sequence[CompletionItem]:
    """The shells whose names begin so."""
    return [CompletionItem(shell) for shell in SHELLS if shell.startswith(incomplete)]


def _completion(shell: str) -> int:
    kind = get_completion_class(shell)
    assert kind is not None, "click knows these shells"
    click.echo(kind(click.get_current_context().find_root().command, {}, "wandblint", VARIABLE).source())
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
        click.Argument(["shell"], metavar="|".join(SHELLS), callback=one_of(SHELLS), shell_complete=shells)
    ],
)
