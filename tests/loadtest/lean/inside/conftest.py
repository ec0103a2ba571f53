"""What the files of this folder share."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from tests.conftest import nothing_left_behind
from tests.loadtest.lean.inside.app import application, served
from tests.loadtest.lean.inside.loads import KINDS, Load, Loads

__all__ = ["nothing_left_behind"]  # of the fixtures of all tests, the one that works under Locust's patches


@pytest.fixture(scope="module")
def app() -> Flask:
    return application()


@pytest.fixture(scope="module")
def url(app: Flask) -> Iterator[str]:
    with served(app) as url:
        yield url


@pytest.fixture(params=[*KINDS])
def kind(request: pytest.FixtureRequest) -> type[Any]:
    return KINDS[request.param]


@pytest.fixture
def loads(kind: type[Any], url: str) -> Iterator[Loads]:
    loads = Loads(kind, url)
    yield loads
    loads.close()


@pytest.fixture
def load(loads: Loads) -> Load:
    return loads()


@pytest.fixture
def unused_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port
