"""brownout-faults as others install it: its wheel, alone in an environment of its own."""

import json
import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest
import requests

from tests.backend.strangers import ITEMS

SOURCE = Path(__file__).parents[2] / "services" / "faults"

APPLICATION = f"""
from wsgiref.simple_server import make_server

from brownout_faults import FaultInjector


def respond(environ, start_response):
    start_response("200 OK", [("Content-Type", "application/json")])
    return [{ITEMS!r}]


server = make_server("127.0.0.1", 0, FaultInjector(respond))
print(server.server_port, flush=True)
server.serve_forever()
"""


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment in which the wheel is installed, and what it asks for."""
    folder = tmp_path_factory.mktemp("wheel")
    built = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(built, cwd=SOURCE, check=True, capture_output=True)
    (wheel,) = folder.glob("brownout_faults-*.whl")
    venv.create(folder / "venv", with_pip=True)
    python = folder / "venv" / "bin" / "python"
    installed = [str(python), "-m", "pip", "install", "--quiet", str(wheel)]
    subprocess.run(installed, check=True, capture_output=True, env=_clean())
    return python


def _clean() -> dict[str, str]:
    """The environment without what leads to this checkout."""
    return {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}


@pytest.mark.slow
def test_it_brings_msgspec_and_werkzeug_and_nothing_else(python: Path) -> None:
    listed = subprocess.run(
        [str(python), "-m", "pip", "list", "--format", "json"], check=True, capture_output=True, env=_clean()
    )
    names = {one["name"].lower() for one in json.loads(listed.stdout)} - {"pip", "setuptools"}
    assert names == {"brownout-faults", "msgspec", "werkzeug", "markupsafe"}


@pytest.mark.slow
def test_it_serves_an_application_and_makes_it_fail(python: Path, tmp_path: Path) -> None:
    application = tmp_path / "application.py"
    application.write_text(APPLICATION)
    with subprocess.Popen(
        [str(python), str(application)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=_clean()
    ) as server:
        try:
            assert server.stdout
            url = f"http://127.0.0.1:{int(server.stdout.readline())}"
            assert requests.get(url, timeout=10).content == ITEMS
            kinds = requests.get(f"{url}/faults/kinds", timeout=10).json()["kinds"]
            assert "latency" in [kind["kind"] for kind in kinds]
            put = requests.put(
                f"{url}/faults", json={"faults": [{"kind": "error", "status": 503}]}, timeout=10
            )
            assert put.status_code == 200
            assert requests.get(url, timeout=10).status_code == 503
            requests.put(f"{url}/faults", json={"faults": [{"kind": "reset"}]}, timeout=10)
            with pytest.raises(requests.ConnectionError):
                requests.get(url, timeout=10)
        finally:
            server.terminate()
