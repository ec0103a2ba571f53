"""A Locust or geventhttpclient that lacks what we use of it is named at the start, with those that work."""

import ast
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest

LOCUSTFILE = """
import sys
from locust import FastHttpUser, TaskSet, User, argument_parser, events, stats, task
from locust.event import EventHook
from geventhttpclient.client import HTTPClient, HTTPClientPool
from geventhttpclient.connectionpool import ConnectionPool
from geventhttpclient.useragent import UserAgent

def of_another_version(self, *args, **kwargs): ...

{planted}
import brownout.locust

class Visitor(FastHttpUser):
    @task
    def visit(self): ...
"""

LOCUST = {
    "TaskSet.execute_next_task": "del TaskSet.execute_next_task",
    "TaskSet.wait": "del TaskSet.wait",
    "User.start": "del User.start",
    "argument_parser.default_args_dict": "del argument_parser.default_args_dict",
    "stats.PERCENTILES_TO_REPORT": "del stats.PERCENTILES_TO_REPORT",
    "user.task.LOCUST_STATE_WAITING": "del sys.modules['locust.user.task'].LOCUST_STATE_WAITING",
    "StatsCSVFileWriter._percentile_fields": "del stats.StatsCSV._percentile_fields",
    "StatsCSVFileWriter._stats_history_data_rows": "del stats.StatsCSVFileWriter._stats_history_data_rows",
    "TaskSet._task_queue": "TaskSet.__init__ = of_another_version",
    "User._state": "User.__init__ = of_another_version",
    "EventHook._handlers": "EventHook.__init__ = of_another_version",
}
GEVENTHTTPCLIENT = {
    "HTTPClient._connection_pool": "HTTPClient.__init__ = of_another_version",
    "ConnectionPool.size": "ConnectionPool.__init__ = of_another_version",
    "UserAgent.clientpool": "UserAgent.__init__ = of_another_version",
    "HTTPClientPool.client_args": "HTTPClientPool.__init__ = of_another_version",
    "HTTPClientPool.get_client": "HTTPClientPool.get_client = lambda self, address: None",
}


def say(planted: str, folder: Path) -> tuple[int, str]:
    """Exit code and last line of the real `locust` whose libraries have been changed."""
    (folder / "locustfile.py").write_text(LOCUSTFILE.format(planted=planted))
    command = [sys.executable, "-m", "locust", "--headless", "--list"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=40, check=False)
    return done.returncode, done.stderr.strip()


@pytest.mark.parametrize("name", LOCUST)
def test_a_name_that_locust_lacks_is_told_with_the_versions_that_work(name: str, tmp_path: Path) -> None:
    code, said = say(LOCUST[name], tmp_path)
    assert code == 6
    assert said.endswith(
        f"locust: error: brownout does not work with Locust {version('locust')}, which has no {name}; "
        "Locust 2.46.1 to 2.47.0 work: pip install 'locust>=2.46.1,<=2.47.0'"
    )


@pytest.mark.parametrize("name", GEVENTHTTPCLIENT)
def test_a_name_that_geventhttpclient_lacks_is_told_as_well(name: str, tmp_path: Path) -> None:
    code, said = say(GEVENTHTTPCLIENT[name], tmp_path)
    assert code == 6
    assert f"does not work with geventhttpclient {version('geventhttpclient')}, which has no {name}" in said


def test_the_oldest_version_that_works_is_the_oldest_that_can_be_installed() -> None:
    root = Path(__file__).parents[2]
    wanted = tomllib.loads((root / "pyproject.toml").read_text())["project"]["dependencies"]
    assert "locust>=2.46.1" in wanted
    assert "LOCUST ?= 2.46.1 newest" in (root / "Makefile").read_text()


def test_nothing_is_said_of_versions_that_work(tmp_path: Path) -> None:
    code, said = say("", tmp_path)
    assert code == 0
    assert "brownout" not in said


def test_private_names_of_the_libraries_stand_in_their_modules_alone() -> None:
    room = Path(__file__).parents[2] / "loadtest"
    found = {
        f"{file.name}: {ast.unparse(node)}"
        for file in room.rglob("*.py")
        if not file.name.endswith("_seam.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Attribute) and node.attr.startswith("_") and not node.attr.startswith("__")
        if not (isinstance(node.value, ast.Name) and node.value.id in ("self", "cls"))
    }
    assert found == set()
