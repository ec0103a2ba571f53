"""What both services share is copied, since each is deployable from its own folder; no copy may drift."""

from pathlib import Path

import pytest

SERVICES = Path(__file__).parents[1] / "services"


@pytest.mark.parametrize(
    ("backend", "client"),
    [
        ("backend/brownout_backend/gunicorn_worker.py", "gunicorn_worker.py"),
        ("backend/brownout_backend/logs.py", "logs.py"),
        ("backend/brownout_backend/loop_health.py", "loop_health.py"),
        ("backend/brownout_backend/server.py", "server.py"),
        ("backend/brownout_backend/telemetry.py", "telemetry.py"),
        ("faults/brownout_faults/problem.py", "problem.py"),
    ],
)
def test_backend_and_client_have_the_same(backend: str, client: str) -> None:
    one, other = SERVICES / backend, SERVICES / "client" / "brownout_client" / client
    assert one.read_bytes() == other.read_bytes(), f"copy one of the two: cp {one} {other}"
