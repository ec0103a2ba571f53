"""Several processes at one address each have faults of their own: refused, with what to do."""

import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from brownout_panel.control import Control
from brownout_panel.errors import NobodyConfirmedError, NotClearedError
from brownout_panel.model import ApplyState
from tests.panel.fleet import Fleet, Timeline, await_state, controlling, status_of, until
from tests.servers import Server, serve

ERRORS = [{"kind": "error", "rate": 1.0}]
APP = "brownout_backend.app:create_app()"


def processes(server: Server) -> int:
    """How many answer, as many connections at once find."""
    with ThreadPoolExecutor(16) as callers:
        answers = callers.map(requests.get, [f"{server.url}/faults"] * 64)
        return len({answer.json()["boot_id"] for answer in answers})


@pytest.mark.parametrize(
    "options",
    [
        # Connections are kept alive: each of them always reaches the same.
        pytest.param(["-w", "3", "--threads", "4"], id="threads"),
        pytest.param(["-w", "3"], id="sync", marks=pytest.mark.slow),
        pytest.param(["-w", "2", "-k", "gevent"], id="gevent", marks=pytest.mark.slow),
    ],
)
def test_faults_are_refused_or_found_out_whether_connections_are_kept_or_not(options: list[str]) -> None:
    command = [sys.executable, "-m", "gunicorn", *options, "--bind", "fd://{fd}", APP]
    with serve(command, ready="/readyz") as server:
        until(lambda: processes(server) > 1, "a second process to answer", 20)
        fleet, note = Fleet(), Timeline()
        fleet.put("backend-0", server.url)
        with controlling(fleet, note) as control:
            refusal = refusal_of(control)
            if refusal:
                assert "several processes answer at its address" in refusal
                assert "gunicorn -w 1 --threads 16" in refusal
            else:  # one of them has had all the luck
                until(lambda: note.of("fault-lost"), "another process to answer", 20)
                await_state(control, "backend-0", ApplyState.REFUSED)
            assert "several processes" in str(note.of("fault-lost")[-1]["reason"])
            with pytest.raises(NotClearedError, match="in 30 s at most") as not_cleared:
                control.clear_faults("cli", wait_s=0.5)
            assert "the others keep their faults until the lease ends" in str(not_cleared.value)
            server.stop()  # which ends its faults
            fleet.gone("backend-0")
            await_state(control, "backend-0", ApplyState.PENDING)


def refusal_of(control: Control) -> str:
    """Why setting faults is refused; "" if it is not."""
    try:
        control.set_faults({"faults": ERRORS}, "cli")
    except NobodyConfirmedError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("options", [["-w", "1", "--threads", "4"], ["-w", "1"], ["-w", "1", "-k", "gevent"]])
def test_one_process_is_never_taken_for_several(options: list[str]) -> None:
    command = [sys.executable, "-m", "gunicorn", *options, "--bind", "fd://{fd}", APP]
    with serve(command, ready="/readyz") as server:
        fleet, note = Fleet(), Timeline()
        fleet.put("backend-0", server.url)
        with controlling(fleet, note) as control:
            for _ in range(5):
                control.set_faults({"faults": ERRORS}, "cli")
                assert status_of(control, "backend-0").state is ApplyState.APPLIED
                control.clear_faults("cli")
        assert note.of("fault-lost") == []
