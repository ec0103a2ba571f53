"""docs/commands.md has every command and option; UPDATE_DOCS=1 writes it from what the commands declare."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import click
from click.testing import CliRunner

from brownout.cli import cli
from brownout.commands import COMMANDS, HIDDEN

PAGE = Path(__file__).parents[2] / "docs" / "commands.md"
FOLDER = Path(__file__).parents[2] / "brownout" / "commands"

HEAD = """# Commands

Every command and option, as `brownout COMMAND --help` shows them. This page is made by
`UPDATE_DOCS=1 pytest tests/commands/test_commands_documented.py`.

Durations are typed as `20`, `20s`, `2.5s`, `500ms`, `1m30s` or `1h30m`, and shares as `30%` or `0.3`.
What each exit code means, also for commands that do not list them: [exit codes](thresholds.md#exit-codes).
"""


def commands(group: click.Group, prefix: str = "brownout") -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None, name
        if isinstance(command, click.Group):
            yield from commands(command, f"{prefix} {name}")
        else:
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


def test_the_list_of_commands_has_every_command_that_is_not_hidden() -> None:
    modules = {one.module for one in COMMANDS.values()} | set(HIDDEN.values())
    declared = [one for module in modules for one in import_module(f"brownout.commands.{module}").COMMANDS]
    assert {one.name for one in declared if not one.hidden} == {*COMMANDS}
    assert {one.name for one in declared if one.hidden} == {*HIDDEN}
    assert modules == {
        path.stem for path in FOLDER.glob("*.py") if "\nCOMMANDS" in path.read_text("utf-8")
    } - {"__init__"}


def test_the_list_of_commands_cuts_no_line_off() -> None:
    result = CliRunner().invoke(cli, ["--help"])
    lines = [line.split(None, 1) for line in result.output.partition("Commands:\n")[2].splitlines()]
    assert dict(lines) == {name: one.line for name, one in COMMANDS.items()}


def test_a_misspelt_command_gets_the_right_one_named() -> None:
    result = CliRunner().invoke(cli, ["reprot"])
    assert result.exit_code == 2
    assert "report" in result.output.partition("reprot")[2]


def test_the_list_of_commands_needs_nothing_that_is_slow_to_import() -> None:
    """Nothing but click and the standard library, so that it is there at once."""
    code = "from brownout.cli import cli; cli(['--help'], standalone_mode=False)"
    code += "; import sys; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=50, check=True
    )
    assert "Usage: " in done.stdout
    roots = {name.partition(".")[0] for name in done.stdout.splitlines()[-1].split()}
    unknown = roots - sys.stdlib_module_names - {"__main__", "click"}
    assert {name for name in unknown if not name.startswith("_")} == {"brownout", "brownout_terms"}


def test_every_command_and_option_says_what_it_does() -> None:
    for name, command in commands(cli):
        assert command.help, name
        for param in command.params:
            if isinstance(param, click.Option) and not param.hidden:
                assert param.help, f"{name} {param.opts[0]}"
