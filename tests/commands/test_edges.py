"""Click stays at the edge; what users type as a duration is the same everywhere; the Python API is light."""

import ast
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

import brownout
from brownout import errors
from brownout.cli import cli
from brownout.commands.option_types import Duration, PathOrDuration
from brownout_terms.durations import parse_duration
from brownout_terms.exits import Exit

PACKAGE = Path(brownout.__file__).parent


def imported(path: Path) -> set[str]:
    """The top-level packages that a module imports anywhere."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name.partition(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found


def test_only_the_commands_and_the_edge_import_click() -> None:
    users = {path for path in PACKAGE.rglob("*.py") if "click" in imported(path)}
    outside = {path for path in users if path.parent.name != "commands" and path.name != "cli.py"}
    assert users
    assert not outside


def test_the_python_api_imports_no_command_and_no_click() -> None:
    code = (
        "import sys, brownout; brownout.read, brownout.compare, brownout.FaultInjector, brownout.discover;"
        "found = [one for one in sys.modules if one == 'click' or one.startswith('brownout.commands')];"
        "sys.exit(', '.join(found) or None)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=50, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def commands(group: click.Group) -> list[click.Command]:
    """Every command, also those below groups."""
    found: list[click.Command] = []
    context = click.Context(group)
    for command in (group.get_command(context, name) for name in group.list_commands(context)):
        assert command is not None
        found += commands(command) if isinstance(command, click.Group) else [command]
    return found


def test_each_option_of_a_duration_takes_the_same_spellings() -> None:
    types = [
        option.type
        for command in commands(cli)
        for option in command.params
        if {"--during", "--recovery", "--run-time", "--skip", "--baseline"} & set(option.opts)
    ]
    durations = [one for one in types if isinstance(one, Duration | PathOrDuration)]
    assert len(durations) >= 9
    for one in durations:
        for text in ("20", "20s", "2.5s", "1m30s", "500ms", "1h30m"):
            assert one.convert(text, None, None) == parse_duration(text)
        with pytest.raises(click.BadParameter, match='"soon" is n'):
            one.convert("soon", None, None)


def test_a_usage_error_of_ours_is_shown_with_its_option_and_how_the_command_is_used(tmp_path: Path) -> None:
    result = CliRunner().invoke(cli, ["report", str(tmp_path / "none")])
    assert result.exit_code == Exit.USAGE
    assert "Usage: cli report" in result.output
    assert "Invalid value for RUN" in result.output


def test_each_error_of_ours_has_an_exit_code_and_all_are_one_family() -> None:
    family = [one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, Exception)]
    assert len(family) > 5
    assert all(issubclass(one, errors.BrownoutError) and isinstance(one.exit_code, Exit) for one in family)
