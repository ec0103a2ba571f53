"""`brownout worker`: workers of one machine that have the locustfile from their master."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pytest

from brownout_fleet.free_port import free_port
from tests.commands.cli import started
from tests.loadtest.runs import locust, target

USERS = """
import brownout.locust
from locust import FastHttpUser, task


class Mine(FastHttpUser):
    @task
    def fetch(self):
        self.client.get("/fetch")
"""


def test_what_is_in_the_machine_s_temporary_folder_is_not_their_locustfile_nor_touched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Locust writes it there by its own name, over another worker's that is just being read."""
    users = tmp_path / "my_users.py"
    users.write_text(USERS)
    shared = tmp_path / "shared"
    (shared / users.name).mkdir(parents=True)  # what writes there fails
    monkeypatch.setenv("TMPDIR", str(shared))
    port = free_port()
    with target() as server, ExitStack() as stack:
        load = ["--headless", "--host", server.url, "-t1", "--expect-workers=2", f"--master-bind-port={port}"]
        master = stack.enter_context(locust(tmp_path, "--master", *load, locustfile=users))
        workers = []
        for name in ("a", "b"):
            (tmp_path / name).mkdir()
            place = ("--master-host", "127.0.0.1", "--master-port", str(port), "--locustfile", "-")
            workers.append(stack.enter_context(started("worker", *place, cwd=tmp_path / name)))
        master.says("2 workers connected")
        assert master.finish() == 0
        for worker in workers:
            assert worker.wait() == 0, worker.output
    assert [path.name for path in shared.iterdir()] == [users.name]
