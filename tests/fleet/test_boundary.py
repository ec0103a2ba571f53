"""When a connection may change its replica: only after an exchange that was seen from first byte to last."""

import pytest

from brownout_fleet.boundary import Boundary

GET = b"GET /fetch HTTP/1.1\r\nHost: x\r\n\r\n"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\n"


def may_move(*steps: tuple[str, bytes]) -> bool:
    """The verdict on the last bytes sent; steps are ("sent", …) and ("received", …)."""
    boundary = Boundary()
    verdict = False
    for direction, data in steps:
        if direction == "sent":
            verdict = boundary.sent(data)
        else:
            boundary.received(data)
    return verdict


@pytest.mark.parametrize(
    ("steps", "verdict"),
    [
        pytest.param([("sent", GET)], False, id="the first request that is seen"),
        pytest.param([("sent", GET), ("received", HEAD + b"done"), ("sent", GET)], True, id="a whole answer"),
        pytest.param(
            [("sent", GET), ("received", HEAD), ("received", b"do"), ("received", b"ne"), ("sent", GET)],
            True,
            id="an answer in pieces",
        ),
        pytest.param([("sent", GET), ("received", HEAD + b"do"), ("sent", GET)], False, id="half an answer"),
        pytest.param(
            [("sent", GET), ("received", HEAD + b"done+"), ("sent", GET)], False, id="too long an answer"
        ),
        pytest.param(
            [("sent", GET), ("sent", GET), ("received", HEAD + b"done"), ("sent", GET)],
            False,
            id="pipelining",
        ),
        pytest.param(
            [("sent", GET), ("received", HEAD + b"done"), ("sent", b"rest of a body")],
            False,
            id="not a request",
        ),
        pytest.param(
            [("received", b"tail"), ("sent", GET), ("received", HEAD + b"done"), ("sent", GET)],
            True,
            id="seen from the middle of an earlier answer",
        ),
        pytest.param(
            [
                ("sent", GET),
                ("received", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
                ("sent", GET),
            ],
            False,
            id="chunked",
        ),
        pytest.param(
            [("sent", GET), ("received", b"HTTP/1.1 100 Continue\r\n\r\n" + HEAD + b"done"), ("sent", GET)],
            False,
            id="an interim answer",
        ),
    ],
)
def test_a_connection_moves_only_after_a_complete_exchange(
    steps: list[tuple[str, bytes]], verdict: bool
) -> None:
    assert may_move(*steps) is verdict


def test_pipelining_is_forgotten_after_one_exchange_on_its_own() -> None:
    whole = ("received", HEAD + b"done")
    assert not may_move(("sent", GET), ("sent", GET), whole, whole, ("sent", GET))
    assert may_move(("sent", GET), ("sent", GET), whole, whole, ("sent", GET), whole, ("sent", GET))
