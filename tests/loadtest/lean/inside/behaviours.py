"""The lean client does what FastHttpUser's does: each behaviour is asked of both."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from locust.env import Environment
from locust.exception import StopTest

from tests.loadtest.lean.inside.loads import Load, Loads


@pytest.fixture(autouse=True)
def nothing_left_behind() -> None:
    """Look for nothing: FastHttpUser leaves its connections open. Other files hold the lean one to it."""


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"])
def test_each_method_is_sent_as_it_is_called(load: Load, method: str) -> None:
    answer = getattr(load.client, method.lower())("/echo" if method == "OPTIONS" else "/method")
    assert answer.status_code == 200
    assert answer.ok
    assert answer.text == ("" if method in ("HEAD", "OPTIONS") else method)
    (event,) = load.events
    assert event["request_type"] == method
    assert event["exception"] is None
    assert event["response_length"] == len(answer.content)
    assert load.client.get("/method").text == "GET", "the connection goes on"


@pytest.mark.parametrize(
    ("options", "content_type", "body"),
    [
        (
            {"data": {"a": "1 2", "b": "ü"}},
            "application/x-www-form-urlencoded; charset=utf-8",
            b"a=1+2&b=%C3%BC",
        ),
        ({"data": "täxt"}, "text/plain; charset=utf-8", "täxt".encode()),
        ({"data": b"\x00\x01"}, "application/octet-stream", b"\x00\x01"),
        ({"json": {"a": [1]}}, "application/json", b'{"a": [1]}'),
        (
            {"json": {"a": 1}, "headers": {"content-type": "application/vnd.shop"}},
            "application/vnd.shop",
            b'{"a": 1}',
        ),
        ({}, "", b""),
    ],
)
def test_a_body_goes_out_with_its_type_and_length(
    load: Load, options: dict[str, Any], content_type: str, body: bytes
) -> None:
    answer = load.client.post("/echo", **options)
    assert answer.content == body
    assert answer.headers["Got-Content-Type"] == content_type
    assert answer.headers["Got-Content-Length"] == str(len(body))


def test_json_is_what_the_answers_request_says_was_sent(load: Load) -> None:
    answer = load.client.post("/echo", json={"foo": "bar"}, headers={"X-Test": "hello"})
    assert answer.request.body == '{"foo": "bar"}'
    assert answer.request.headers.get("X-Test") == "hello"
    assert answer.request.headers.get("Content-Type") == "application/json"
    assert answer.request.url == answer.url == load.user.host + "/echo"


def test_files_go_out_as_a_form_with_parts(load: Load) -> None:
    answer = load.client.post(
        "/form", data={"who": "me"}, files={"paper": ("paper.txt", "its words", "text/plain")}
    )
    assert answer.text == "[('who', 'me')] {'paper': 'its words'}"


def test_parameters_are_added_to_the_query(load: Load) -> None:
    answer = load.client.get("/echo?first=1", params={"second": "2 3", "third": ["x", "y"]})
    assert answer.headers["Got-Query"] == "first=1&second=2+3&third=x&third=y"


def test_an_absolute_url_is_asked_as_it_stands(load: Load) -> None:
    assert load.client.get(f"{load.user.host}/method").text == "GET"


def test_a_path_that_is_no_ascii_is_escaped(load: Load) -> None:
    answer = load.client.get("/echo?name=grün und blau")
    assert answer.headers["Got-Query"] == "name=gr%C3%BCn%20und%20blau"


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "identity"])
def test_an_encoded_body_is_decoded(load: Load, encoding: str) -> None:
    answer = load.client.get(f"/encoded/{encoding}")
    assert answer.content == b"the body" * 100
    assert load.events[0]["response_length"] == 800


def test_text_is_decoded_as_its_type_says(load: Load) -> None:
    assert load.client.get("/latin").text == "grün"
    assert load.client.get("/json").json() == {"apples": 3}


def test_cookies_come_back_until_they_are_replaced(load: Load) -> None:
    load.client.get("/login?as=one")
    assert load.client.get("/echo").headers["Got-Cookie"] == "session=one; theme=dark"
    load.client.get("/login?as=two")
    assert load.client.get("/echo").headers["Got-Cookie"] == "session=two; theme=dark"


@pytest.mark.parametrize(
    ("code", "method", "lands_as", "body"),
    [
        (301, "POST", "GET", b""),
        (302, "POST", "GET", b""),
        (303, "PUT", "GET", b""),
        (302, "HEAD", "HEAD", b""),
        (307, "POST", "POST", b"carried"),
        (308, "PUT", "PUT", b"carried"),
    ],
)
def test_a_redirect_is_followed_within_one_request(
    load: Load, code: int, method: str, lands_as: str, body: bytes
) -> None:
    answer = load.client.request(method, f"/away?code={code}", data=None if method == "HEAD" else "carried")
    assert answer.status_code == 200
    assert answer.content == body
    if lands_as != "HEAD":
        assert load.client.request(lands_as, "/method").text == lands_as
    assert answer.headers["Got-Cookie"] == "way=taken"
    assert (load.events[0]["name"], load.events[0]["request_type"]) == (f"/away?code={code}", method)
    assert load.events[0]["url"] == f"{load.user.host}/away?code={code}"


def test_a_redirect_is_an_answer_where_none_is_followed(load: Load) -> None:
    answer = load.client.get("/away", allow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (302, "/echo")
    assert "location" not in load.client.get("/away").headers


def test_redirects_end_at_the_limit(loads: Loads) -> None:
    load = loads(max_redirects=3)
    answer = load.client.get("/round")
    assert "Redirection limit reached (3)" in str(answer.error) + str(getattr(answer.error, "original", ""))
    assert len(load.failed) == 1


def test_basic_auth_is_taken_from_the_url_or_the_call(loads: Loads, url: str) -> None:
    load = loads(url.replace("//", "//locust:m%40nace@"))
    assert load.client.get("/echo").headers["Got-Authorization"] == "Basic bG9jdXN0Om1AbmFjZQ=="
    answer = load.client.get("/echo", auth=("other", "one"))
    assert answer.headers["Got-Authorization"] == "Basic b3RoZXI6b25l"


def test_default_headers_go_with_every_request_and_give_way(loads: Loads) -> None:
    load = loads(default_headers={"X-Test": "always"})
    assert load.client.get("/echo").headers["Got-X-Test"] == "always"
    assert load.client.get("/echo", headers={"x-test": "now"}).headers["Got-X-Test"] == "now"


@pytest.mark.parametrize("status", [200, 204, 206, 304, 400, 404, 500, 503])
def test_a_status_of_400_and_more_is_a_failure(load: Load, status: int) -> None:
    answer = load.client.get(f"/status/{status}")
    assert answer.status_code == status
    assert bool(load.failed) is (status >= 400)
    if load.failed:
        assert repr(load.failed[0]) == f"LocustBadStatusCode(code={status})"


def test_no_connection_is_an_answer_without_status(loads: Loads, unused_port: int) -> None:
    load = loads(f"http://127.0.0.1:{unused_port}")
    answer = load.client.get("/", headers={"X-Test": "hello"})
    assert (answer.status_code, answer.content, answer.text) == (0, None, None)
    assert isinstance(answer.error, ConnectionRefusedError)
    assert load.failed == [answer.error]
    assert answer.request.headers.get("X-Test") == "hello"


def test_the_name_and_the_context_are_told(load: Load) -> None:
    load.client.get("/fast?id=7", name="an id", context={"shop": "north"})
    with load.client.rename_request("group"):
        load.client.get("/fast?id=8")
    load.client.get("/fast?id=9")
    assert [event["name"] for event in load.events] == ["an id", "group", "/fast?id=9"]
    assert load.events[0]["context"] == {"shop": "north"}
    assert load.stats.get("an id", "GET").num_requests == 1


def test_the_context_of_the_user_is_told(loads: Loads) -> None:
    load = loads(context=lambda _: {"user": "me", "as": "guest"})
    load.client.get("/fast", context={"as": "host"})
    assert load.events[0]["context"] == {"user": "me", "as": "host"}


def test_a_streamed_answer_is_timed_until_its_head_and_read_as_it_comes(load: Load) -> None:
    answer = load.client.get("/streamed/50", stream=True)
    assert load.events[0]["response_length"] == 0
    assert "".join(answer.iter_content(chunk_size=7)) == "".join(f"line {number}\n" for number in range(50))
    assert list(load.client.iter_lines("/streamed/3")) == ["line 0", "line 1", "line 2"]
    assert load.client.get("/streamed/2", stream=True).content == b"line 0\nline 1\n"
    assert load.client.get("/fast").text == "This is a fast answer"


def test_a_user_keeps_its_connection_and_shares_it_with_none(loads: Loads, app: Flask) -> None:
    load, other = loads(), loads()
    app.config["connections"].clear()
    for one in (load, load, other, load, other):
        one.client.get("/fast")
    ports = app.config["connections"]
    assert ports[0] == ports[1] == ports[3] != ports[2] == ports[4]


def test_a_user_needs_a_host(kind: type[Any]) -> None:
    with pytest.raises(StopTest, match="base host"):
        type("Nowhere", (kind,), {})(Environment())
