"""Answers are counted by how the pieces of a stream begin, whatever is in them."""

import pytest

from brownout_fleet.answers import Answers
from brownout_fleet.model import AnswerTotals

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"
MOVED = b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
UPGRADE = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"


@pytest.mark.parametrize(
    ("pieces", "counted", "redirects", "unreadable"),
    [
        ([], 0, 0, False),
        ([OK], 1, 0, False),
        ([OK] * 3, 3, 0, False),
        ([b"HTTP/1.0 404 Not Found\r\n\r\n"], 1, 0, False),
        ([b"HTTP/1.1 503 Service Unavailable\r\n\r\n"], 1, 0, False),
        ([HEAD, b"x" * 65_536, b"x" * 34_464, OK], 2, 0, False),
        ([HEAD, b'"HTTP/1.1 200 OK", it said', OK], 2, 0, False),
        ([MOVED, OK], 1, 1, False),
        ([MOVED, MOVED], 0, 2, False),
        ([CONTINUE, OK], 1, 0, False),
        ([CONTINUE + OK, OK], 2, 0, False),
        ([CONTINUE + CONTINUE + OK], 1, 0, False),
        ([UPGRADE, b"\x81\x05hello", b"\x81\x05hello"], 0, 0, True),
        ([OK, UPGRADE], 1, 0, True),
        ([b"\x16\x03\x03\x00\x7a", b"\x17\x03\x03"], 0, 0, True),
        ([b"\x00\x00\x12\x04\x00"], 0, 0, True),
    ],
)
def test_answers(pieces: list[bytes], counted: int, redirects: int, unreadable: bool) -> None:
    passed: list[bytes] = []
    answers = Answers()
    write = answers.counting(passed.append)

    for piece in pieces:
        write(piece)

    assert passed == pieces
    assert (answers.counted, answers.redirects, answers.is_unreadable) == (counted, redirects, unreadable)


def test_totals_add_up_what_connections_counted() -> None:
    one, other = Answers(), Answers()
    for piece in (OK, MOVED):
        one.take(piece)
    other.take(UPGRADE)

    assert AnswerTotals(5, 1, 2).plus([one, other]) == AnswerTotals(6, 2, 3)
