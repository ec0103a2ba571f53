"""pytest-brownout, in pytest processes of its own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from tests.commands.cli import alive
from tests.reaper import reaped
from tests.servers import serve, until

SHOP = Path(__file__).with_name("shop_for_pytest.py")
DEADLINE_S = 150.0
FILE = f"""
[service]
name = "shop"
command = "{sys.executable} {SHOP} shop {{port}}"
ready = "/healthz"
environment = {{ PRICES = "{{prices}}" }}

[dependencies.prices]
command = "{sys.executable} {SHOP} prices {{port}}"
ready = "/healthz"
"""
TESTS = """
import pytest

def test_checkout(brownout):
    run = brownout.load("/checkout", rate=30, seconds=3)
    assert run.availability >= 0.99

def test_prices_fail(brownout):
    with brownout.faults("prices", error=0.5):
        run = brownout.load("/checkout", rate=30, seconds=3)
    assert 0.2 < run.availability < 0.8
    with pytest.raises(AttributeError, match="availability"):
        run.availabilty
    assert run.availability >= 0.99
"""


@contextmanager
def pytest_process(folder: Path, tests: str, *options: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run pytest in a folder with this test file; its output goes to output.txt."""
    (folder / "test_it.py").write_text(tests)
    with (folder / "output.txt").open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", *options],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, "BROWNOUT_STATE_DIR": str(folder / "state")},
        )
    with reaped(process.pid, group=False):
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def finished(folder: Path, tests: str, *options: str) -> tuple[int, str]:
    """The exit code and the output of pytest."""
    with pytest_process(folder, tests, *options) as process:
        return process.wait(DEADLINE_S), (folder / "output.txt").read_text()


def test_importing_the_plugin_imports_nothing_else() -> None:
    """A session of pytest that does not use the fixture pays for one small module."""
    code = (
        "import sys, pytest; before = set(sys.modules); import brownout.pytest_plugin; "
        "print(sorted(set(sys.modules) - before))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=True
    )
    assert done.stdout.strip() == "['brownout', 'brownout.pytest_plugin']"


@pytest.mark.slow
def test_without_a_service_a_test_says_what_to_write(tmp_path: Path) -> None:
    """No brownout.toml and no target: the error names both ways."""
    (tmp_path / ".git").mkdir()
    code, output = finished(tmp_path, "def test_it(brownout):\n    pass\n")
    assert code == 1
    assert "brownout init" in output
    assert "--brownout-target" in output


@pytest.mark.slow
@pytest.mark.timeout(200)
def test_the_service_of_the_file_is_loaded_and_its_dependency_broken(tmp_path: Path) -> None:
    """A passing test passes, a failing one shows its figures and the report, and nothing stays."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "brownout.toml").write_text(FILE)
    code, output = finished(tmp_path, TESTS)
    assert "1 failed, 1 passed" in output, output
    assert code == 1
    (shown,) = re.findall(r"-+ brownout -+\n(.*?)\n(?:=|-)", output, re.DOTALL)
    assert "/checkout, 30 requests/s for 3 s, under" in shown
    assert re.search(r"availability +\S+ ?%", shown)
    (report,) = re.findall(r"report +(\S+)", shown)
    assert Path(report).is_relative_to(tmp_path / "results" / "runs")
    assert Path(report).exists()


@pytest.mark.slow
@pytest.mark.timeout(200)
def test_a_target_that_runs_already_is_loaded(tmp_path: Path) -> None:
    """`--brownout-target` needs no file."""
    (tmp_path / ".git").mkdir()
    with serve([sys.executable, "-m", "tests.loadtest.target", "{fd}"], ready="/log") as server:
        tests = "def test_it(brownout):\n    assert brownout.load('/x', users=3, seconds=2).requests > 5\n"
        code, output = finished(tmp_path, tests, "--brownout-target", server.url)
    assert code == 0, output


@pytest.mark.slow
@pytest.mark.timeout(200)
def test_nothing_stays_when_pytest_is_killed(tmp_path: Path) -> None:
    """SIGKILL of pytest ends the service, its proxies, the fleet and the load generator."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "brownout.toml").write_text(FILE)
    tests = (
        "from pathlib import Path\nimport time\n"
        "def test_it(brownout):\n    Path('up').touch()\n    time.sleep(100)\n"
    )
    with pytest_process(tmp_path, tests) as process:
        until((tmp_path / "up").exists, "the service", DEADLINE_S)
        family = psutil.Process(process.pid).children(recursive=True)
        assert len(family) >= 4
        process.send_signal(signal.SIGKILL)
        until(lambda: not [one for one in family if alive(one)], "all processes to end", 60.0)
