"""What both services share is copied, since each is deployable from its own folder; no copy may drift."""

from pathlib import Path

import pytest

SERVICES = Path(__file__).parents[1] / "services"


@pytest.mark.parametrize("name", ["logs.py", "server.py", "telemetry.py"])
def test_backend_and_client_have_the_same(name: str) -> None:
    backend, client = (SERVICES / service / name for service in ("backend", "client"))
    assert backend.read_bytes() == client.read_bytes(), f"copy one of the two: cp {backend} {client}"
