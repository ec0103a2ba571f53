"""`brownout completion`, as it is typed."""

from __future__ import annotations

import click

from brownout.commands.exit_codes import exit_codes
from brownout_terms.exits import Exit

SHELLS = ("bash", "zsh", "fish")
VARIABLE = "_BROWNOUT_COMPLETE"
"""By its presence click knows that a shell asks, not a person; derived from the name of the command."""


@click.command()
@click.argument("shell", type=click.Choice(SHELLS))
@exit_codes(Exit.PASSED, Exit.USAGE)
def completion(shell: str) -> None:
    """Print a script that completes brownout's commands and options in a shell.

    For bash, in ~/.bashrc: eval "$(brownout completion bash)". For zsh, in ~/.zshrc: eval "$(brownout
    completion zsh)". For fish: brownout completion fish > ~/.config/fish/completions/brownout.fish
    """
    from click.shell_completion import get_completion_class

    found = get_completion_class(shell)
    root = click.get_current_context().find_root().command
    if found is not None:
        click.echo(found(root, {}, "brownout", VARIABLE).source())


COMMANDS = [completion]
