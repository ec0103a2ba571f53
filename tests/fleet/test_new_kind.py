"""A kind of fleet that a stranger adds with one record in one file: the one that docs/fleets.md shows."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands.cli import ONE_EACH

DOCS = Path(__file__).parents[2] / "docs" / "fleets.md"
(SWARM,) = re.findall(r"```python\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)
LOCUSTFILE = """
import brownout.locust
from locust import HttpUser, task


class Visitor(HttpUser):
    @task
    def visit(self):
        self.client.get("/fetch")
"""


def brownout(folder: Path, *arguments: str, module: str = "brownout") -> tuple[int, str]:
    """The exit code and the output of a command that knows the new kind by its file alone."""
    (folder / "swarm_fleet.py").write_text(SWARM)
    environ = {**os.environ, "PYTHONPATH": str(folder), "BROWNOUT_FLEETS": "swarm_fleet", "COLUMNS": "200"}
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=folder,
        env=environ,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=50,
        check=False,
    )
    return done.returncode, done.stdout


@pytest.mark.parametrize("command", ["up", "run", "demo"])
def test_the_commands_offer_it_with_its_options(tmp_path: Path, command: str) -> None:
    output = brownout(tmp_path, command, "--help")[1]
    assert "[local|compose|k8s|swarm]" in output
    assert "swarm (tasks of a swarm)" in " ".join(output.split())
    assert "With --fleet swarm: where the tasks run." in output


def test_locust_offers_it_with_its_options(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(LOCUSTFILE)
    output = brownout(tmp_path, "-f", "mine.py", "--fleet", "none-such", module="locust")[1]
    assert "invalid choice: 'none-such' (choose from 'none', 'local', 'compose', 'k8s', 'swarm')" in output
    output = brownout(tmp_path, "-f", "mine.py", "--region", module="locust")[1]
    assert "argument --region: expected one argument" in output


def test_doctor_asks_its_own_questions(tmp_path: Path) -> None:
    output = brownout(tmp_path, "doctor")[1]
    assert "swarm fleet: something is missing\n miss  swarm: no manager answers\n" in output
    assert "→ start a manager" in output


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--policy", "full"], "--policy is for --fleet local and --fleet compose; this is --fleet swarm."),
        (["--workers", "2"], "--workers is for --fleet k8s; this is --fleet swarm."),
        (["--port", "80"], "--port is for --fleet k8s; this is --fleet swarm."),
        (["--spread", "10"], "Invalid value for '--spread': 10 is not in the range 0<=x<=9."),
    ],
)
def test_what_it_does_not_take_is_refused(tmp_path: Path, arguments: list[str], sentence: str) -> None:
    code, output = brownout(tmp_path, "run", "--fleet", "swarm", *arguments)
    assert code == 2
    assert sentence in output


def test_a_run_starts_it_with_its_settings(tmp_path: Path) -> None:
    flags = ("--fleet", "swarm", "--region", "there", *ONE_EACH, "--log-dir", "logs")
    code, output = brownout(tmp_path, "run", *flags, "--users", "1", "--run-time", "2s")
    assert code == 0, output
    assert "settings [('region', 'there'), ('spread', 2)]" in (tmp_path / "logs" / "fleet.log").read_text()
