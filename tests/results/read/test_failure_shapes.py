"""Which failures are one, and which are not."""

import pytest

from brownout_results.read.failure_shapes import first_of_each, shape_of, shape_of_name, shapes
from brownout_results.read.failures import Failure
from brownout_results.report.causes import causes

SAME = [
    (
        "HTTPError('500 Server Error: Internal Server Error for url: http://127.0.0.1:8000/item/1')",
        "HTTPError('500 Server Error: Internal Server Error for url: http://127.0.0.1:8000/item/9?page=2')",
    ),
    ("500 Server Error: x for url: /item/1", "500 Server Error: x for url: /other/abc"),
    ("BadStatusCode('http://h/a', code=500)", "BadStatusCode('http://h/b?q=1', code=500)"),
    ("order 17 not found", "order 9231 not found"),
    ("no user 550e8400-e29b-41d4-a716-446655440000", "no user 9f8b7c6d-0000-41d4-a716-446655440abc"),
    ("<HTTPConnection object at 0x7f3a2b>: refused", "<HTTPConnection object at 0x7f99ff>: refused"),
    ("trace deadbeef01234567", "trace 0123456789abcdef"),
    ("session a1B2c3D4e5 expired", "session Zz9Yy8Xx7w expired"),
    ("took 812 ms, at most 300 ms", "took 541 ms, at most 300 ms"),
    ("timed out after 5.01s", "timed out after 4.998s"),
    ("connect to 10.0.0.1:8080 failed", "connect to 10.0.0.27:9090 failed"),
    ("at 2024-01-02T03:04:05Z", "at 2025-11-12T13:14:15Z"),
]

OTHER = [
    ("HTTPError('500 Server Error: x for url: /a')", "HTTPError('503 Server Error: x for url: /a')"),
    ("BadStatusCode('http://h/a', code=500)", "BadStatusCode('http://h/a', code=502)"),
    ("got status 404 for item 7", "got status 500 for item 7"),
    ("Expected 200, got 503", "Expected 200, got 500"),
    ("[Errno 111] Connection refused", "[Errno 104] Connection reset"),
    ("[WinError 10061] refused", "[WinError 10054] refused"),
    ("404 Not Found", "410 Gone"),
    ("404", "500"),
    ("KeyError('name')", "KeyError('id')"),
    ("ReadTimeout: 5 s", "ConnectTimeout: 5 s"),
    ("fallback: circuit-open", "fallback: timeout"),
    ('{"message": "not found"}', '{"message": "no stock"}'),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_texts_that_differ_in_ids_are_one(one: str, other: str) -> None:
    assert shape_of(one) == shape_of(other)


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_texts_of_another_kind_are_two(one: str, other: str) -> None:
    found = shapes([one, other])

    assert found[one] != found[other]


def test_quotations_are_ids_where_many_texts_differ_in_nothing_else() -> None:
    names = ["ada", "bob", "cleo", "dora", "eve", "fay"]
    few, many = (shapes(f"user '{name}' is unknown" for name in names[:length]) for length in (2, 6))

    assert len(set(few.values())) == 2
    assert len(set(many.values())) == 1


def test_names_of_requests_keep_their_paths() -> None:
    assert shape_of_name("/item/1?page=2") == shape_of_name("/item/77?page=3")
    assert shape_of_name("/a") != shape_of_name("/b")
    assert shape_of_name("/v1/a") == shape_of_name("/v1/a")


def failed(item: int, times: int = 1) -> Failure:
    error = f"HTTPError('500 Server Error: Internal Server Error for url: http://h/item/{item}')"
    return Failure("GET", f"/item/{item}", error, times)


def test_468_failures_that_are_one_are_one_row_with_the_first_as_it_is() -> None:
    (row,) = causes([([failed(item) for item in range(468)], 1000)])

    assert row.cause.startswith(
        "HTTPError('500 Server Error: Internal Server Error for url: http://h/item/0')"
    )
    assert row.cause.endswith(" (and 467 more that differ only in numbers, ids or URLs)")
    assert row.where == "GET /item/0 (and 467 more that differ only in numbers, ids or URLs)"
    assert (row.counts, row.shares) == (["468"], ["46.80 %"])


def test_failures_of_one_shape_are_one_row_across_runs_and_others_stay() -> None:
    other = Failure("GET", "/item/1", "ReadTimeout('timed out')", 2)

    rows = causes([([failed(1, 3), failed(2, 4), other], 100), ([failed(3, 50)], 100)])

    assert [row.counts for row in rows] == [["7", "50"], ["2", "0"]]
    assert rows[1].cause == "ReadTimeout('timed out')"
    assert causes([([], 0)]) == []


def test_a_failure_with_other_urls_in_another_run_has_no_other_reason() -> None:
    texts = [failed(item).error for item in (5, 1, 2)] + ["boom"]

    assert [*first_of_each(texts).values()] == [texts[0], texts[0], texts[0], "boom"]
