"""An installation without extras: local fleets work, and what needs an extra says how to get it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers import ROOT

INSTALL = "pip install 'brownout[k8s]'"
NOT_INSTALLED = """
import sys


class Missing:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name.split(".")[0] in ("kubernetes", "chaosk8s", "aiohttp"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


sys.meta_path.insert(0, Missing)
"""


def brownout(folder: Path, *arguments: str) -> tuple[int, str]:
    """The exit code and the output of a command to whose processes these packages can't be imported."""
    (folder / "sitecustomize.py").write_text(NOT_INSTALLED)
    done = subprocess.run(
        [sys.executable, "-m", "brownout", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "COLUMNS": "200"},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=50,
        check=False,
    )
    return done.returncode, done.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ["run", "--fleet", "k8s"],
        ["run", "--fleet", "k8s", "--workers", "2"],
        ["up", "--fleet", "k8s"],
        ["demo", "--fleet", "k8s"],
        ["forward", "svc/clientservice", "5000"],
        ["workers", "3"],
    ],
)
def test_a_command_that_needs_it_says_how_to_install_it(tmp_path: Path, arguments: list[str]) -> None:
    code, output = brownout(tmp_path, *arguments)
    assert code == 2, output
    assert "the Python package kubernetes, which is not installed" in output
    assert INSTALL in output
    assert not (tmp_path / "results").exists()


def test_an_experiment_that_calls_chaosk8s_says_how_to_install_it(tmp_path: Path) -> None:
    experiment = ROOT / "chaos" / "experiments" / "pod-kill-lab.json"
    code, output = brownout(tmp_path, "run", "--experiment", str(experiment))
    assert code == 2, output
    assert "No module named 'chaosk8s'" in output
    assert f"Install it: {INSTALL}" in output
    assert not (tmp_path / "results").exists()


def test_compose_is_an_extra_too(tmp_path: Path) -> None:
    code, output = brownout(tmp_path, "run", "--fleet", "compose")
    assert code == 2, output
    assert "the Python package aiohttp, which is not installed" in output
    assert "pip install 'brownout[compose]'" in output


def test_doctor_says_so_and_the_local_fleet_counts_alone(tmp_path: Path) -> None:
    _, output = brownout(tmp_path, "doctor")
    assert "k8s fleet: something is missing\n miss  Python package kubernetes: not installed\n" in output
    assert f"→ {INSTALL}" in output
    assert "local fleet: " in output


def test_a_run_on_local_processes_needs_nothing_of_it(tmp_path: Path) -> None:
    code, output = brownout(
        tmp_path,
        *("run", "--backends", "1", "--clients", "1", "--client-port", "0", "--backend-port", "0"),
        *("--users", "1", "--run-time", "2s"),
    )
    assert code == 0, output
