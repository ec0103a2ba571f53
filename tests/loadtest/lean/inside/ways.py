"""The ways to a server: TLS, IPv6, Unix sockets and proxies, and many users at once."""

from __future__ import annotations

import os
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import gevent
import gevent.ssl
import pytest
from gevent.baseserver import BaseServer
from gevent.pywsgi import WSGIServer
from gevent.server import StreamServer
from locust.env import Environment

from brownout_loadtest.lean import ConnectionPools, LeanHttpUser
from brownout_loadtest.outcomes import cause_of
from tests.k8s import certificates
from tests.loadtest.lean.inside.app import application, served

PROXY_VARIABLES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.fixture(autouse=True)
def no_proxy_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in PROXY_VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@contextmanager
def client_of(url: str, **settings: Any) -> Iterator[Any]:
    client = type("Visitor", (LeanHttpUser,), {"host": url, **settings})(Environment()).client
    try:
        yield client
    finally:
        client.close()


@contextmanager
def running(server: BaseServer) -> Iterator[BaseServer]:
    server.start()
    try:
        yield server
    finally:
        server.stop(timeout=0.2)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificates.authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def secure(authority: Path) -> Iterator[str]:
    context = gevent.ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificates.issue(authority.parent, "shop"))
    app = application()

    @app.route("/reused")
    def reused() -> str:
        from flask import request

        return str(request.environ["wsgi.input"].rfile.raw._sock.session_reused)

    with served(app, ssl_context=context) as url:
        yield url.replace("http:", "https:").replace("127.0.0.1", "localhost")


def test_tls_is_checked_only_where_it_is_asked_for(secure: str, authority: Path) -> None:
    with client_of(secure) as client:
        assert client.get("/fast").text == "This is a fast answer"
    with client_of(secure, insecure=False) as client:
        assert cause_of(client.get("/fast").error) == "tls failure"

    def knowing() -> ssl.SSLContext:
        context: ssl.SSLContext = gevent.ssl.create_default_context(cafile=str(authority))
        return context

    with client_of(secure, ssl_context_factory=staticmethod(knowing)) as client:
        assert client.get("/fast").text == "This is a fast answer"
    with client_of(
        secure.replace("localhost", "127.0.0.2"), ssl_context_factory=staticmethod(knowing)
    ) as client:
        assert cause_of(client.get("/fast").error) in {"tls failure", "connection refused"}


def test_the_next_connection_resumes_the_session_of_the_last(secure: str) -> None:
    with client_of(secure) as client:
        assert client.get("/reused").text == "False"
        client.close()
        assert client.get("/reused").text == "True"


def test_a_server_without_tls_is_no_secure_one() -> None:
    with served(application()) as url, client_of(url.replace("http:", "https:")) as client:
        answer = client.get("/fast")
        assert answer.status_code == 0
        assert cause_of(answer.error) == "tls failure"


def test_an_address_of_ipv6_is_asked() -> None:
    try:
        listener = socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError:
        pytest.skip("this machine has no IPv6")
    with running(WSGIServer(listener, application(), log=None)):
        with client_of(f"http://[::1]:{listener.getsockname()[1]}") as client:
            assert client.get("/fast").text == "This is a fast answer"
        listener.close()


def test_a_unix_socket_is_asked(tmp_path: Path) -> None:
    path = tmp_path / "app.sock"
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen()
    with running(WSGIServer(listener, application(), log=None, environ={"REMOTE_PORT": "0"})):
        with client_of("http+unix://" + str(path).replace("/", "%2F")) as client:
            assert client.get("/method").text == "GET"
            assert client.get("/echo", params={"a": "b"}).headers["Got-Query"] == "a=b"
        listener.close()


@pytest.mark.parametrize(
    ("login", "settings", "options"),
    [
        ("me:secret@", {}, {}),
        ("", {}, {"auth": ("me", "secret")}),
        ("", {}, {"headers": {"authorization": "Bearer secret"}}),
        ("", {"default_headers": {"Authorization": "Bearer secret"}}, {}),
    ],
    ids=["url", "call", "header", "default"],
)
def test_a_redirect_to_another_server_takes_no_login_along(
    login: str, settings: dict[str, Any], options: dict[str, Any]
) -> None:
    with (
        served(application()) as here,
        served(application()) as there,
        client_of(here.replace("//", f"//{login}"), **settings) as client,
    ):
        assert client.get("/away?to=/echo", **options).headers["Got-Authorization"]
        answer = client.get(f"/away?to={there}/echo", **options)
        assert (answer.status_code, answer.headers["Got-Authorization"]) == (200, "")
        assert client.get("/echo", **options).headers["Got-Authorization"]


class Proxy:
    """A proxy that notes what it was asked, answers plain requests itself, and passes tunnels on."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.refuses = b""
        self.server = StreamServer(("127.0.0.1", 0), self.serve)

    @property
    def port(self) -> int:
        port: int = self.server.server_port
        return port

    def serve(self, sock: Any, _: Any) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            head += sock.recv(4096)
        self.asked.append(head.decode())
        if self.refuses:
            sock.sendall(self.refuses)
        elif head.startswith(b"CONNECT"):
            host, _, port = head.split()[1].decode().rpartition(":")
            onward = gevent.socket.create_connection((host, int(port)))
            sock.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            ways = [gevent.spawn(_pump, sock, onward), gevent.spawn(_pump, onward, sock)]
            gevent.joinall(ways, timeout=10, count=1)
            gevent.killall(ways)
            onward.close()
        else:
            sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nproxy")
        sock.close()


def _pump(source: Any, sink: Any) -> None:
    while data := source.recv(65536):
        sink.sendall(data)


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    proxy = Proxy()
    with running(proxy.server):
        yield proxy


def test_the_environment_names_the_proxy(proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", f"http://me:secret@127.0.0.1:{proxy.port}")
    with client_of("http://shop.example:8080") as client:
        assert client.get("/apples?n=1").text == "proxy"
    assert proxy.asked[0].startswith("GET http://shop.example:8080/apples?n=1 HTTP/1.1\r\n")
    assert "Proxy-Authorization: Basic bWU6c2VjcmV0" in proxy.asked[0]


def test_no_proxy_is_in_the_way_of_what_the_environment_excepts(
    proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy.port}")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with served(application()) as url, client_of(url) as client:
        assert client.get("/fast").text == "This is a fast answer"
    assert not proxy.asked


def test_a_tunnel_leads_through_the_proxy_to_tls(proxy: Proxy, secure: str) -> None:
    with client_of(secure, proxy_host="127.0.0.1", proxy_port=proxy.port) as client:
        assert client.get("/fast").text == "This is a fast answer"
        assert client.get("/fast").text == "This is a fast answer"
    assert [asked.split("\r\n")[0].split()[0] for asked in proxy.asked] == ["CONNECT"]
    assert "GET" not in proxy.asked[0]


def test_a_proxy_that_refuses_is_named(proxy: Proxy, secure: str) -> None:
    proxy.refuses = b"HTTP/1.1 407 Who are you\r\nContent-Length: 0\r\n\r\n"
    with client_of(secure, proxy_host="127.0.0.1", proxy_port=proxy.port) as client:
        error = client.get("/fast").error
    assert str(error) == f"the proxy 127.0.0.1:{proxy.port} refused a tunnel: HTTP/1.1 407 Who are you"


def test_a_proxy_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "socks5://127.0.0.1:1080")
    with (
        client_of("http://shop.example") as client,
        pytest.raises(ValueError, match="allowed: http://HOST:PORT"),
    ):
        client.get("/")


def test_users_of_one_pool_share_its_connections() -> None:
    app = application()
    pools = ConnectionPools()
    with served(app) as url:
        kind = type("Visitor", (LeanHttpUser,), {"host": url, "client_pool": pools})
        first, second = kind(Environment()), kind(Environment())
        for user in (first, second, second, first):
            assert user.client.get("/fast").ok
        pools.close()
    assert len(set(app.config["connections"])) == 1
    with pytest.raises(TypeError, match="client_pool is a str"):
        type("Visitor", (LeanHttpUser,), {"host": url, "client_pool": "mine"})(Environment())


def test_users_that_stop_leave_no_connection() -> None:
    """Twenty users run in Locust; when they have stopped, their sockets are closed."""
    from locust import task

    app = application()
    with served(app) as url:

        class Visitor(LeanHttpUser):
            host = url

            @task
            def visit(self) -> None:
                self.client.get("/fast")

        environment = Environment(user_classes=[Visitor])
        runner = environment.create_local_runner()
        before = len(os.listdir("/proc/self/fd")) if Path("/proc/self/fd").is_dir() else None
        runner.start(20, spawn_rate=20)
        with gevent.Timeout(20):
            while len(set(app.config["connections"])) < 20 or environment.stats.total.num_requests < 200:
                gevent.sleep(0.01)
        runner.quit()
        assert environment.stats.total.num_failures == 0
        if before is not None:
            with gevent.Timeout(5):
                while len(os.listdir("/proc/self/fd")) > before + 2:
                    gevent.sleep(0.01)
