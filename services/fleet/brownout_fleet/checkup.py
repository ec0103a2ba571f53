"""Results of the checks of `brownout doctor`, and checks of a command on this machine."""

from __future__ import annotations

import shutil
import subprocess
from typing import NamedTuple

COMMAND_TIMEOUT_S = 5.0


class CheckResult(NamedTuple):
    """Result of one check: what was found, and what to do when it is not `ok`."""

    name: str
    ok: bool
    found: str
    remedy: str = ""


class Output(NamedTuple):
    """Whether a command succeeded, and the first line of its output, or of its error."""

    ok: bool
    text: str


def output_of(command: list[str]) -> Output:
    if shutil.which(command[0]) is None:
        return Output(False, f"{command[0]} is not on PATH")
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=COMMAND_TIMEOUT_S,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired:
        return Output(False, f"`{' '.join(command)}` did not answer within {COMMAND_TIMEOUT_S:g} s")
    text = (done.stdout if done.returncode == 0 else done.stderr or done.stdout).strip()
    return Output(done.returncode == 0, text.splitlines()[0] if text else f"exit code {done.returncode}")


def command_finding(name: str, version: list[str], remedy: str) -> CheckResult:
    """Check that a command is installed, by asking for its version."""
    output = output_of(version)
    return CheckResult(name, output.ok, output.text, remedy)
