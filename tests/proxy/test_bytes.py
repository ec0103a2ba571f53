"""What is no HTTP/1 through the fault proxy: TCP, HTTP/2 with prior knowledge, and long streams."""

import hashlib
import http.client
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.proxy.processes import DEADLINE_S, Proxy, dependency, proxy, started, web

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes((0, 0, 0, 4, 0, 0, 0, 0, 0))


def echo(sock: socket.socket) -> None:
    """Greet, then send back what comes."""
    sock.sendall(b"+")
    while data := sock.recv(65_536):
        sock.sendall(data)


@pytest.fixture(scope="module")
def running() -> Iterator[Proxy]:
    with dependency(echo) as port, proxy(f"tcp://127.0.0.1:{port}") as one:
        yield one


@pytest.fixture
def queue(running: Proxy) -> Iterator[Proxy]:
    yield running
    assert running.put().status_code == 200
    running.session.close()


def _turn(sock: socket.socket, data: bytes) -> bytes:
    sock.sendall(data)
    answer = b""
    while len(answer) < len(data) and (piece := sock.recv(65_536)):
        answer += piece
    return answer


def test_turns_are_counted_and_hit_one_by_one(queue: Proxy) -> None:
    before = queue.status()["requests"]
    with queue.connect() as sock:
        assert sock.recv(10) == b"+"
        assert _turn(sock, b"PING") == b"PING"
        queue.put({"kind": "latency", "ms": 150})
        began = time.monotonic()
        assert _turn(sock, b"SLOW") == b"SLOW"
        assert time.monotonic() - began >= 0.15
        queue.put({"kind": "cut", "after_bytes": 2})
        assert _turn(sock, b"LOST") == b"LO"
    assert queue.status()["requests"] - before == 3


@pytest.mark.parametrize(("kind", "error"), [("reset", ConnectionResetError), ("hang", None)])
def test_a_turn_that_gets_no_answer(queue: Proxy, kind: str, error: type[Exception] | None) -> None:
    queue.put({"kind": kind} | ({"limit_s": 0.2} if kind == "hang" else {}))
    with queue.connect() as sock:
        assert sock.recv(10) == b"+"
        if error:
            with pytest.raises(error):
                _turn(sock, b"PING")
        else:
            assert _turn(sock, b"PING") == b""


def test_a_narrow_line_slows_bytes_and_loses_none(queue: Proxy) -> None:
    queue.put({"kind": "bandwidth", "kb_per_second": 20})
    with queue.connect() as sock:
        sock.recv(10)
        began = time.monotonic()
        sent = os.urandom(8_000)
        assert _turn(sock, sent) == sent
        assert time.monotonic() - began > 0.3


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"kind": "error"}, '"error" answers in HTTP, and this dependency is TCP; name the dependency'),
        ({"kind": "truncate"}, "the length of a TCP answer is not known; use cut"),
        ({"kind": "reset", "match": {"path": "/a"}}, "paths, methods or headers, which a TCP connection"),
    ],
)
def test_a_fault_of_http_is_refused_unless_it_is_for_another_dependency(
    queue: Proxy, fault: dict[str, object], words: str
) -> None:
    refused = queue.put(fault)
    assert refused.status_code == 422
    assert words in refused.json()["detail"]
    assert queue.put({**fault, "match": {"dependency": "prices-of-others"}}).status_code == 200


def test_http_2_with_prior_knowledge_passes_with_tcp_faults() -> None:
    def mirror(sock: socket.socket) -> None:
        while data := sock.recv(65_536):
            sock.sendall(data)

    with dependency(mirror) as port, proxy(f"http://127.0.0.1:{port}") as front, front.connect() as sock:
        assert _turn(sock, PREFACE) == PREFACE
        front.put({"kind": "error"}, {"kind": "reset", "match": {"dependency": "pri*"}})
        with pytest.raises(ConnectionResetError):
            _turn(sock, b"frame")
        assert front.status()["injected"]["error"] == 0


def test_a_dependency_that_is_down_is_a_reset_and_counted_as_that() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with proxy(f"http://127.0.0.1:{port}") as front:
        with pytest.raises(ConnectionResetError):
            front.exchange(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        status = front.status()
        assert (status["upstream_failed"], status["requests"]) == (1, 1)
        assert "refused" in status["upstream_error"]
        looked = front.session.get(f"{front.control}/upstream", timeout=DEADLINE_S)
        assert looked.status_code == 503
        assert f"can't be reached at http://127.0.0.1:{port}" in looked.json()["detail"]


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"upstream": "ftp://a"}, '"ftp://a" is not the URL of a dependency; allowed: http://HOST'),
        ({"upstream": "tcp://a"}, '"tcp://a" is not the URL of a dependency'),
        ({"upstream": "http://127.0.0.1:{port}", "port": "{port}"}, "which is its own proxy"),
        ({"upstream": "http://localhost:{port}", "port": "{port}"}, "which is its own proxy"),
    ],
)
def test_what_can_not_be_proxied_is_refused_before_any_request(config: dict[str, str], words: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        port = sock.getsockname()[1]
    filled: dict[str, object] = {key: value.replace("{port}", str(port)) for key, value in config.items()}
    if "port" in filled:
        filled["port"] = port
    with started({"dependency": "prices", **filled}) as (process, line):
        assert words in json.loads(line)["error"]
        assert process.wait(DEADLINE_S) == 1


def test_a_loop_of_two_proxies_is_reset_counted_and_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        port = sock.getsockname()[1]
    with proxy(f"http://127.0.0.1:{port}") as first, proxy(first.url, port=port) as second:
        with pytest.raises(ConnectionResetError):
            second.exchange(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert second.status()["looped"] == 1


@pytest.mark.slow
def test_a_killed_proxy_is_there_again_at_the_same_port() -> None:
    with dependency(web) as port:
        with proxy(f"http://127.0.0.1:{port}") as first:
            first.exchange(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            os.kill(first.process.pid, signal.SIGKILL)
            first.process.wait(DEADLINE_S)
        with proxy(f"http://127.0.0.1:{port}", port=first.port) as second:
            assert second.exchange(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").startswith(b"HTTP/1.1 200")


def test_a_long_stream_passes_whole_and_is_not_held(tmp_path: Path) -> None:
    """The service reads slowly at first, so that a proxy without back-pressure would hold all of it."""
    size, piece = 48_000_000, os.urandom(1_000_000)

    def stream(sock: socket.socket) -> None:
        sock.recv(65_536)
        sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
        for _ in range(size // len(piece)):
            sock.sendall(piece)

    with dependency(stream) as port, proxy(f"http://127.0.0.1:{port}") as front:
        memory = psutil.Process(front.process.pid).memory_info
        front.put()
        before = memory().rss
        connection = http.client.HTTPConnection("127.0.0.1", front.port, timeout=DEADLINE_S)
        connection.request("GET", "/")
        answer = connection.getresponse()
        digest, most = hashlib.sha256(answer.read(1_000_000)), memory().rss
        while data := answer.read(1_000_000):
            digest.update(data)
            most = max(most, memory().rss)
        connection.close()
        assert digest.digest() == hashlib.sha256(piece * (size // len(piece))).digest()
        assert most - before < 16_000_000


def test_tls_to_the_dependency_is_verified(tmp_path: Path) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", str(key)),
            *("-out", str(certificate), "-days", "2", "-subj", "/CN=localhost"),
            *("-addext", "subjectAltName=DNS:localhost"),
        ],
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    def secure(sock: socket.socket) -> None:
        with context.wrap_socket(sock, server_side=True) as wrapped:
            web(wrapped)

    get = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
    with dependency(secure) as port:
        with proxy(f"https://localhost:{port}", ca_file=str(certificate)) as one, one.connect() as sock:
            sock.sendall(get)
            assert b"Host: localhost:" in sock.recv(65_536)
        with proxy(f"https://localhost:{port}") as strict:
            with pytest.raises(ConnectionResetError):
                strict.exchange(get)
            assert "certificate" in strict.status()["upstream_error"]


@pytest.mark.slow
def test_a_proxy_ends_with_whoever_started_it() -> None:
    code = (
        "import subprocess, sys, os\n"
        "p = subprocess.Popen([sys.executable, '-P', '-m', 'brownout_fleet.proxy'], stdin=subprocess.PIPE,"
        " stdout=subprocess.PIPE)\n"
        'p.stdin.write(b\'{"dependency": "a", "upstream": "http://127.0.0.1:9"}\\n\'); p.stdin.flush()\n'
        "p.stdout.readline(); print(p.pid, flush=True); os.kill(os.getpid(), 9)"
    )
    starter = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, timeout=60)
    pid = int(starter.stdout)
    deadline = time.monotonic() + DEADLINE_S
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline
        time.sleep(0.02)
