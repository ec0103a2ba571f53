"""Websocket frames and the upgrade, as bytes."""

import itertools
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brownout_k8s import handshake
from brownout_k8s.exchange import Exchange
from brownout_k8s.frames import BINARY, CLOSE, PING, FrameReader, Piece, ProtocolError, frame
from tests.k8s.kubelet import message, upgrade_answer


def read(data: bytes, cuts: list[int]) -> list[Piece]:
    """What a reader makes of `data`, cut at these places; pieces of one message put together again."""
    reader, pieces = FrameReader(), []
    edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    for begin, end in itertools.pairwise(edges):
        pieces += reader.feed(data[begin:end])
    return pieces


@settings(max_examples=40, deadline=None)
@given(
    payloads=st.lists(st.binary(min_size=1, max_size=300), max_size=5),
    sizes=st.sampled_from([0, 126, 65536]),
    cuts=st.lists(st.integers(0, 10**6), max_size=8),
)
def test_however_the_bytes_are_cut_the_same_data_comes_out(
    payloads: list[bytes], sizes: int, cuts: list[int]
) -> None:
    payloads = [*payloads, bytes(sizes)]
    data = b"".join(message(b"\0" + payload) for payload in payloads) + message(b"bye", CLOSE)
    pieces = read(data, cuts)
    assert b"".join(data for kind, data in pieces if kind == 0) == b"".join(payloads)
    assert pieces[-1] == (CLOSE, b"bye")


def test_a_message_in_several_frames_keeps_its_channel() -> None:
    first, last = b"\x02\x03\x01ab", b"\x80\x02cd"
    assert FrameReader().feed(first + message(b"?", PING) + last) == [(1, b"ab"), (PING, b"?"), (1, b"cd")]


@pytest.mark.parametrize(
    "data",
    [
        b"\x82\x81\0\0\0\0x",  # masked, which a server never does
        b"\xc2\x01x",  # a reserved bit
        b"\x80\x01x",  # the rest of a message that never began
        b"\x89\x7e\x01\x00",  # a control frame of 256 bytes
    ],
)
def test_what_is_no_frame_of_a_server_is_refused(data: bytes) -> None:
    with pytest.raises(ProtocolError):
        FrameReader().feed(data)


@pytest.mark.parametrize(
    ("size", "head"),
    [
        (5, b"\x82\x85"),
        (126, b"\x82\xfe\x00\x7e"),
        (65536, b"\x82\xff\x00\x00\x00\x00\x00\x01\x00\x00"),
    ],
)
def test_a_frame_of_ours_is_masked_by_its_key(size: int, head: bytes) -> None:
    payload = random.Random(size).randbytes(size)
    sent = frame(BINARY, payload, key=0x01020304)
    assert sent.startswith(head + b"\x01\x02\x03\x04")
    masked = sent[len(head) + 4 :]
    assert bytes(byte ^ (index % 4 + 1) for index, byte in enumerate(masked)) == payload


KEY = b"dGhlIHNhbXBsZSBub25jZQ=="  # the RFC's example


def test_the_proof_of_an_upgrade_is_the_one_of_the_rfc() -> None:
    assert handshake.accept(KEY) == b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="


def test_what_follows_an_upgrade_is_given_back() -> None:
    answer = upgrade_answer(KEY.decode())
    assert handshake.answer(answer[:-1], KEY) is None
    assert handshake.answer(answer + b"rest", KEY) == b"rest"


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (b"HTTP/1.1 403 Forbidden\r\nContent-Length: 17\r\n\r\n" + b'{"message": "no"}', "403: no"),
        (b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 4\r\n\r\noops", "502: oops"),
        (b"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n", "500: HTTP/1.1 500 Oh"),
        (b"SSH-2.0-OpenSSH\r\n\r\n", "no HTTP/1.1"),
        (upgrade_answer("another"), "without the right Sec-WebSocket-Accept"),
        (upgrade_answer(KEY.decode()).replace(b"v4.", b"v9."), "does not speak v4.channel.k8s.io"),
    ],
)
def test_a_refused_upgrade_is_told_in_words(answer: bytes, told: str) -> None:
    with pytest.raises(handshake.HandshakeRefusedError, match=told):
        handshake.answer(answer, KEY)


HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("sent", "received", "complete"),
    [
        ([], [], True),  # nothing was asked
        ([b"GET / HTTP/1.1\r\n\r\n"], [], False),
        ([b"GET / HTTP/1.1\r\n\r\n"], [HEAD + b"body"], True),
        ([b"GET / HTTP/1.1\r\n\r\n"], [HEAD + b"bo"], False),
        ([b"GET / HTTP/1.1\r\n\r\n"], [HEAD, b"body"], True),
        ([b"GET / HTTP/1.1\r\n\r\n"], [CHUNKED + b"4\r\nbody\r\n"], False),
        ([b"GET / HTTP/1.1\r\n\r\n"], [CHUNKED, b"4\r\nbody\r\n0\r\n\r\n"], True),
        ([b"POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\n", b"body"], [HEAD + b"body"], True),
        ([b"\x00\x01"], [b"\x02"], False),  # who knows
        ([], [b"220 mail ready"], False),
    ],
)
def test_an_exchange_is_complete_only_when_that_is_sure(
    sent: list[bytes], received: list[bytes], complete: bool
) -> None:
    exchange = Exchange()
    for data in sent:
        exchange.sent(data)
    for data in received:
        exchange.received(data)
    assert exchange.complete is complete


def test_the_next_request_makes_an_exchange_incomplete_again() -> None:
    exchange = Exchange()
    exchange.sent(b"GET /1 HTTP/1.1\r\n\r\n")
    exchange.received(HEAD + b"body")
    exchange.sent(b"GET /2 HTTP/1.1\r\n\r\n")
    assert not exchange.complete
    exchange.received(HEAD + b"body")
    assert exchange.complete
