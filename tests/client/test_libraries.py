"""A library that is not made as we need it ends a service at its start, with a sentence and its version."""

from importlib import metadata
from pathlib import Path

import pytest

from tests.client.conftest import APP
from tests.servers import gunicorn

VERSIONS = {name: metadata.version(name) for name in ("gunicorn", "requests", "urllib3")}
UNFIT = "does not work with this service: "
GUNICORN = f"gunicorn {VERSIONS['gunicorn']} {UNFIT}"
URLLIB3 = f"urllib3 {VERSIONS['urllib3']} with requests {VERSIONS['requests']} {UNFIT}"
WORKER = "from gunicorn.workers.ggevent import GeventWorker"

SOCKETLESS = """
before = GeventWorker.__init__

def begin(self, *args, **kwargs):
    before(self, *args, **kwargs)
    del self.sockets

GeventWorker.__init__ = begin
"""


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (
            f"{WORKER}; GeventWorker.handle = lambda self, client: None",
            f"{GUNICORN}GeventWorker.handle has another number of arguments, 1 for 3; install one that does",
        ),
        (
            "from gunicorn.glogging import Logger; del Logger.setup",
            f"{GUNICORN}Logger has no setup; install one that does",
        ),
        (
            f"{WORKER}\n{SOCKETLESS}",
            f"{GUNICORN}its worker has no sockets; install one that does",
        ),
        (
            "from urllib3.connection import HTTPConnection; del HTTPConnection.is_connected",
            f"{URLLIB3}a connection has no property is_connected; install ones that do",
        ),
        (
            "from requests.adapters import HTTPAdapter; del HTTPAdapter.get_connection_with_tls_context",
            f"{URLLIB3}an adapter has no get_connection_with_tls_context; install ones that do",
        ),
    ],
)
def test_a_library_that_is_made_otherwise_ends_the_service_at_its_start(
    changed: str, message: str, tmp_path: Path
) -> None:
    (tmp_path / "sitecustomize.py").write_text(changed)
    with (
        pytest.raises(RuntimeError, match=r"exit code [1-9]") as ended,
        gunicorn(APP, env={"PYTHONPATH": str(tmp_path)}),
    ):
        pass
    assert message in str(ended.value)
    assert "Traceback" not in str(ended.value)
