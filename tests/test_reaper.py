"""Servers of tests end with pytest, however it ends."""

import signal
import subprocess
import sys

import psutil
import pytest

from tests.servers import ROOT, until

SESSION = """
import sys
from tests.reaper import reaper
from tests.servers import serve
with reaper(), serve([sys.executable, "-m", "tests.loadtest.target", "{fd}"], ready="/log") as server:
    print(server.process.pid, flush=True)
    sys.stdin.read()
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_server_ends_with_the_session_that_started_it(number: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SESSION], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as session:
        assert session.stdout
        server = psutil.Process(int(session.stdout.readline()))
        session.send_signal(number)
        until(lambda: not server.is_running() or server.status() == psutil.STATUS_ZOMBIE, "the server to end")
