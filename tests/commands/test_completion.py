"""Shells complete the commands and options."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands.cli import run


def completed(shell: str, **words: str) -> str:
    """What the command answers to a shell that asks."""
    environment = {**os.environ, "_BROWNOUT_COMPLETE": f"{shell}_complete", **words}
    code = "import sys; sys.argv[0] = 'brownout'; from brownout.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=30, check=True
    )
    return done.stdout


def test_commands_options_and_choices_are_completed() -> None:
    """A shell that asks gets the names that begin so, of commands, options and values."""
    assert completed("bash", COMP_WORDS="brownout comp", COMP_CWORD="1").split() == [
        "plain,compare",
        "plain,compare-policies",
        "plain,completion",
    ]
    assert "plain,--abort" in completed("bash", COMP_WORDS="brownout run --ab", COMP_CWORD="2").split()
    assert "fish" in completed("fish", COMP_WORDS="brownout completion ", COMP_CWORD="f")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_each_shell_is_one_that_it_takes(shell: str, tmp_path: Path) -> None:
    """The printed script names the command, and a shell that is installed finds no fault in it."""
    code, output = run("completion", shell, cwd=tmp_path)
    assert code == 0, output
    assert "_BROWNOUT_COMPLETE" in output
    if program := shutil.which(shell):
        script = tmp_path / "script"
        script.write_text(output)
        subprocess.run([program, "-n", str(script)], check=True, timeout=30)


def test_a_shell_that_there_is_not_is_refused(tmp_path: Path) -> None:
    """An unknown shell is an error of usage that names the known ones."""
    code, output = run("completion", "tcsh", cwd=tmp_path)
    assert code == 2
    assert "'bash', 'zsh', 'fish'" in output
