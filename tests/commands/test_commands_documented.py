"""docs/commands.md has every command and option; UPDATE_DOCS=1 writes it from what the commands declare."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import click

from brownout.cli import cli

PAGE = Path(__file__).parents[2] / "docs" / "commands.md"

HEAD = """# Commands

Every command and option, as `brownout COMMAND --help` shows them. This page is made by
`UPDATE_DOCS=1 pytest tests/commands/test_commands_documented.py`.

Durations are typed as `20`, `20s`, `2.5s`, `500ms`, `1m30s` or `1h30m`, and shares as `30%` or `0.3`.
"""


def commands(group: click.Group, prefix: str = "brownout") -> Iterator[tuple[str, click.Command]]:
    for name, command in sorted(group.commands.items()):
        if isinstance(command, click.Group):
            yield from commands(command, f"{prefix} {name}")
        elif not command.hidden:
            yield f"{prefix} {name}", command


def cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


def section(name: str, command: click.Command) -> str:
    above = click.Context(cli, info_name="brownout", **cli.context_settings)
    context = click.Context(command, info_name=name, parent=above)
    params = command.get_params(context)
    usage = " ".join(command.collect_usage_pieces(context))
    paragraphs = [" ".join(one.split()) for one in re.split(r"\n\s*\n", command.help or "")]
    options = [one for one in params if isinstance(one, click.Option)]
    records = [one.get_help_record(context) for one in options]
    rows = [f"| `{one[0].replace('|', chr(92) + '|')}` | {cell(one[1])} |" for one in records if one]
    table = ["| option | meaning |", "| --- | --- |", *rows]
    return "\n".join([f"## {name}", "", f"`{name} {usage}`", "", "\n\n".join(paragraphs), "", *table])


def page() -> str:
    return HEAD + "\n" + "\n\n".join(section(name, command) for name, command in commands(cli)) + "\n"


def test_every_command_and_option_is_documented_as_it_is() -> None:
    if os.environ.get("UPDATE_DOCS"):
        PAGE.write_text(page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page()


def test_every_command_and_option_says_what_it_does() -> None:
    for name, command in commands(cli):
        assert command.help, name
        for param in command.params:
            if isinstance(param, click.Option) and not param.hidden:
                assert param.help, f"{name} {param.opts[0]}"
