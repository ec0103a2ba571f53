"""HTTP/1 through the fault proxy: what passes, and what each fault does to it."""

import http.client
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.backend.binomial import interval
from tests.proxy.processes import DEADLINE_S, Proxy, dependency, proxy, read_all, web

GET = b"GET %b HTTP/1.1\r\nHost: shop\r\n\r\n"


@pytest.fixture(scope="module")
def running() -> Iterator[Proxy]:
    with dependency(web) as port, proxy(f"http://127.0.0.1:{port}") as one:
        yield one


@pytest.fixture
def prices(running: Proxy) -> Iterator[Proxy]:
    yield running
    assert running.put().status_code == 200
    running.session.close()


def client(prices: Proxy) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", prices.port, timeout=DEADLINE_S)


def test_requests_go_on_with_the_dependencys_host_over_one_connection(prices: Proxy) -> None:
    before = prices.status()
    connection = client(prices)
    for number in range(3):
        connection.request("POST", f"/v1?n={number}", b"body", {"Host": "shop", "X-Odd": "a b"})
        answer = connection.getresponse().read()
        assert f"POST /v1?n={number} HTTP/1.1\r\nHost: 127.0.0.1:".encode() in answer
        assert b"X-Odd: a b\r\n" in answer
        assert b"X-Brownout-Via: prices-" in answer
        assert answer.endswith(b"\r\n\r\nbody")
    connection.close()
    after = prices.status()
    assert after["requests"] - before["requests"] == 3
    assert after["connections_accepted"] - before["connections_accepted"] == 1


def test_pipelined_requests_are_answered_in_order_also_by_faults(prices: Proxy) -> None:
    prices.put({"kind": "error", "status": 503, "match": {"path": "/bad*"}})
    paths = [b"/a", b"/bad", b"/head", b"/204", b"/304", b"/early", b"/chunked", b"/bad", b"/z"]
    sent = b"".join(GET % path for path in paths).replace(b"GET /head", b"HEAD /head")
    answer = prices.exchange(sent)
    found = [piece[:3] for piece in answer.split(b"HTTP/1.1 ")[1:]]
    assert found == [b"200", b"503", b"200", b"204", b"304", b"103", b"200", b"200", b"503", b"200"]
    assert b"GET /z HTTP/1.1" in answer
    assert b"X-Sum: 3\r\n\r\n" in answer


def test_two_thousand_pipelined_requests_that_a_fault_answers_are_answered(prices: Proxy) -> None:
    prices.put({"kind": "error", "status": 500})
    assert prices.exchange(GET % b"/" * 2000).count(b"HTTP/1.1 500") == 2000


def test_a_chunked_body_with_trailers_goes_on(prices: Proxy) -> None:
    head = b"POST /up HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding: chunked\r\n\r\n"
    answer = prices.exchange(head + b"3\r\nabc\r\n0\r\nX-Sum: 3\r\n\r\n" + GET % b"/next")
    assert b"3\r\nabc\r\n0\r\nX-Sum: 3\r\n" in answer
    assert b"GET /next HTTP/1.1" in answer


def test_a_body_that_waits_for_100_continue_is_asked_for_by_the_dependency(prices: Proxy) -> None:
    with prices.connect() as sock:
        sock.sendall(b"POST /up HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n")
        assert sock.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        sock.sendall(b"body")
        sock.shutdown(socket.SHUT_WR)
        assert read_all(sock).endswith(b"\r\n\r\nbody")


def test_an_answer_without_a_length_ends_with_its_connection(prices: Proxy) -> None:
    assert prices.exchange(GET % b"/close").endswith(b"\r\n\r\nuntil the end")


def test_a_connection_that_changes_its_protocol_passes_as_it_is(prices: Proxy) -> None:
    with prices.connect() as sock:
        sock.sendall(b"GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nhel")
        answer = b""
        while not answer.endswith(b"\r\n\r\nhel"):
            answer += sock.recv(1000)
        assert answer.startswith(b"HTTP/1.1 101 ")
        sock.sendall(b"lo")
        assert sock.recv(100) == b"lo"


@pytest.mark.parametrize(
    ("match", "hit", "spared"),
    [
        ({"path": "/v1/*"}, "/v1/items?a=b", "/v2/items"),
        ({"dependency": "prices", "path": "/v1/[ab]"}, "/v1/a", "/v1/c"),
        ({"method": "get", "header": {"x-tenant": "a*"}}, "/", None),
        (None, "/", None),
    ],
)
def test_a_fault_hits_the_requests_that_it_is_for(
    prices: Proxy, match: dict[str, object] | None, hit: str, spared: str | None
) -> None:
    fault = {"kind": "error", "status": 502} | ({"match": match} if match else {})
    assert prices.put(fault).status_code == 200
    headers = {"X-Tenant": "acme"}
    assert prices.session.get(prices.url + hit, headers=headers, timeout=DEADLINE_S).status_code == 502
    if spared:
        assert prices.session.get(prices.url + spared, timeout=DEADLINE_S).status_code == 200


@pytest.mark.parametrize(
    "match", [{"dependency": "stock"}, {"path": "/other"}, {"header": {"X-Tenant": "z*"}}]
)
def test_a_fault_for_other_requests_hits_none_and_is_not_counted(
    prices: Proxy, match: dict[str, object]
) -> None:
    before = prices.status()["injected"]["error"]
    prices.put({"kind": "error", "match": match})
    assert prices.session.get(prices.url, timeout=DEADLINE_S).status_code == 200
    assert prices.status()["injected"]["error"] == before


def test_the_nth_matching_request_meets_the_same_number_whatever_comes_between(prices: Proxy) -> None:
    def hits(others: int) -> list[int]:
        prices.put(
            {"kind": "latency", "ms": 0, "rate": 0.1},
            {"kind": "error", "rate": 0.5, "match": {"path": "/v1"}},
            seed=7,
            revision=100 + others,
        )
        found = []
        for _ in range(20):
            for _ in range(others):
                prices.session.get(f"{prices.url}/else", timeout=DEADLINE_S)
            found.append(prices.session.get(f"{prices.url}/v1", timeout=DEADLINE_S).status_code)
        return found

    assert hits(0) == hits(2)


def test_a_reset_a_hang_and_a_cut_close_the_connection_each_in_its_way(prices: Proxy) -> None:
    prices.put({"kind": "reset"})
    with pytest.raises(ConnectionResetError):
        prices.exchange(GET % b"/")
    prices.put({"kind": "hang", "limit_s": 0.2})
    began = time.monotonic()
    assert prices.exchange(GET % b"/") == b""
    assert time.monotonic() - began >= 0.2
    prices.put({"kind": "cut", "after_bytes": 7})
    assert prices.exchange(GET % b"/").endswith(b"\r\n\r\nGET / H")
    prices.put({"kind": "truncate"})
    head, _, half = prices.exchange(GET % b"/").partition(b"\r\n\r\n")
    assert len(half) == int(head.rpartition(b" ")[2]) // 2


def test_a_narrow_line_and_a_delay_take_their_time_and_end_when_the_faults_do(prices: Proxy) -> None:
    prices.put({"kind": "bandwidth", "kb_per_second": 1}, {"kind": "latency", "ms": 100})
    began = time.monotonic()
    assert len(prices.session.post(prices.url, b"x" * 200, timeout=DEADLINE_S).content) > 200
    assert time.monotonic() - began > 0.3
    prices.put({"kind": "latency", "ms": 60_000}, lease_s=0.3)
    began = time.monotonic()
    assert prices.session.get(prices.url, timeout=DEADLINE_S).status_code == 200
    assert 0.2 < time.monotonic() - began < 10


@pytest.mark.parametrize("workers", [1, 8])
def test_as_many_requests_are_hit_as_the_rate_says(prices: Proxy, workers: int) -> None:
    prices.put({"kind": "error", "status": 503, "rate": 0.3})
    each = GET % b"/" * (2400 // workers)
    with ThreadPoolExecutor(workers) as pool:
        answers = list(pool.map(prices.exchange, [each] * workers))
    assert sum(answer.count(b"HTTP/1.1 200") for answer in answers) > 0
    hits = sum(answer.count(b"HTTP/1.1 503") for answer in answers)
    low, high = interval(2400, 0.3, 0.999)
    assert low <= hits <= high


def test_what_only_wsgi_can_do_and_what_is_wrong_is_refused_and_changes_nothing(prices: Proxy) -> None:
    assert prices.put({"kind": "error"}, revision=50).json()["revision"] == 50
    answer = prices.put({"kind": "error", "match": {"pth": "/"}})
    assert answer.status_code == 400
    assert 'faults[0].match has the unknown field "pth"' in answer.json()["detail"]
    assert prices.session.get(f"{prices.control}/faults", timeout=DEADLINE_S).json()["revision"] == 50
