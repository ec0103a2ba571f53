"""Events are numbered, resume after a break, and wait for nobody."""

import pytest

from panel.stream import Ring, Stream


def ids(chunk: bytes) -> list[str]:
    return [line[4:].decode() for line in chunk.splitlines() if line.startswith(b"id: ")]


def ring_of(count: int, size: int = 10) -> Ring:
    ring = Ring("boot", size)
    for number in range(count):
        ring.append("second", {"t": number})
    return ring


def test_a_reader_who_comes_back_gets_exactly_what_it_missed() -> None:
    ring = ring_of(5)
    place = ring.place_after("boot-3")
    assert place is not None
    read = ring.read(place)
    assert read is not None
    assert ids(read[0]) == ["boot-4", "boot-5"]
    assert ring.read(read[1]) == (b"", 5)


@pytest.mark.parametrize(
    "last", ["other-3", "boot-6", "boot--1", "boot-", "", "nonsense", "boot-²", "boot-1"]
)
def test_an_id_that_is_unknown_or_too_old_has_no_place(last: str) -> None:
    assert ring_of(5, size=3).place_after(last) is None


def test_a_reader_who_falls_behind_the_ring_is_told_to_get_everything_anew() -> None:
    stream = Stream(Ring("boot", 3))
    reader = stream.read(None)
    assert next(reader).startswith(b"retry:")
    stream.publish("second", {"t": 0})
    assert ids(next(reader)) == ["boot-1"]
    for number in range(4):
        stream.publish("second", {"t": number})
    chunk = next(reader)
    assert b"event: resync\n" in chunk
    assert ids(chunk) == ["boot-5"]
    assert list(reader) == []


def test_a_reader_with_an_unknown_id_is_told_to_get_everything_anew() -> None:
    chunks = list(Stream(Ring("boot")).read("old-7"))
    assert b"event: resync\n" in chunks[-1]


def test_a_quiet_stream_shows_that_it_lives() -> None:
    reader = Stream(Ring("boot"), heartbeat_s=0.01).read(None)
    next(reader)
    assert next(reader).startswith(b":")
    assert next(reader).startswith(b":")
    reader.close()
