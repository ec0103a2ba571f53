"""`brownout.watch`: what a service's breakers and retries did, without ever raising into the service."""

import asyncio
import json
import os
import threading
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import flask
import pybreaker
import pytest
import tenacity
from purgatory import AsyncCircuitBreakerFactory, SyncCircuitBreakerFactory

from brownout_faults.watching import Watch

THREADS = 8


def fail() -> None:
    raise OSError("refused")


def quietly(call: Callable[..., Any], *arguments: Any) -> None:
    """Call what may fail as a service's dependency does."""
    with suppress(OSError, pybreaker.CircuitBreakerError, tenacity.RetryError):
        call(*arguments)


def breakers(watch: Watch) -> dict[str, list[str]]:
    """The states that each breaker went through, the present one last."""
    return {
        one["name"]: [*(entry["from"] for entry in one["transitions"]), one["state"]]
        for one in watch.document()["breakers"]
    }


def test_a_pybreakers_way_is_told_with_its_causes() -> None:
    """Each transition has a number, a moment, and what led to it."""
    watch = Watch()
    breaker = watch(pybreaker.CircuitBreaker(fail_max=2, reset_timeout=0, name="prices"))
    for call in (fail, fail, lambda: None):
        quietly(breaker.call, call)
    assert breakers(watch) == {"prices": ["closed", "open", "half-open", "closed"]}
    (told,) = watch.document()["breakers"]
    assert [entry["seq"] for entry in told["transitions"]] == [1, 2, 3]
    assert told["transitions"][0]["cause"] == "OSError"


def test_breakers_of_the_same_name_stay_two_and_one_watched_twice_stays_one() -> None:
    """A name belongs to one breaker."""
    watch = Watch()
    first, second = pybreaker.CircuitBreaker(), pybreaker.CircuitBreaker()
    for one in (first, second, first):
        watch(one, name="prices")
    first.open()
    assert breakers(watch) == {"prices": ["closed", "open"], "prices 2": ["closed"]}


def test_attempts_of_decorated_functions_and_retrying_objects_are_counted_in_threads() -> None:
    """Each call is one request, whoever makes it."""
    watch = Watch()

    @watch
    @tenacity.retry(stop=tenacity.stop_after_attempt(3))
    def decorated() -> None:
        fail()

    def calls() -> None:
        quietly(decorated)
        quietly(watch(tenacity.Retrying(stop=tenacity.stop_after_attempt(2))), fail)

    with ThreadPoolExecutor(THREADS) as pool:
        for done in [pool.submit(calls) for _ in range(50)]:
            done.result()
    assert watch.document()["retries"] == {"requests": 100, "attempts": 250}


def test_attempts_of_coroutines_are_counted_and_the_users_own_hook_is_called() -> None:
    """A `before` of the user's goes on, a coroutine as well."""
    watch, seen = Watch(), []

    async def before(state: tenacity.RetryCallState) -> None:
        seen.append(state.attempt_number)

    @watch
    @tenacity.retry(stop=tenacity.stop_after_attempt(2), before=before, reraise=True)
    async def ask() -> None:
        fail()

    with pytest.raises(OSError, match="refused"):
        asyncio.run(ask())
    assert seen == [1, 2]
    assert watch.document()["retries"] == {"requests": 1, "attempts": 2}


def test_circuits_of_a_purgatory_factory_are_told_by_their_names() -> None:
    """Those that were there before it was watched, too."""
    watch, factory = Watch(), SyncCircuitBreakerFactory(default_threshold=1)
    factory.get_breaker("stock")
    watch(factory)
    quietly(factory("prices")(fail))
    assert breakers(watch) == {"stock": ["closed"], "prices": ["closed", "open"]}


def test_circuits_of_an_async_purgatory_factory_are_told() -> None:
    """The factory for asyncio has the same listeners."""
    watch = Watch()
    factory = watch(AsyncCircuitBreakerFactory(default_threshold=1))

    async def ask() -> None:
        async with await factory.get_breaker("prices"):
            fail()

    quietly(asyncio.run, ask())
    assert breakers(watch) == {"prices": ["closed", "open"]}


@pytest.mark.parametrize("thing", [3, None, "prices", fail, object()])
def test_what_cannot_be_watched_is_returned_and_logged(
    thing: object, caplog: pytest.LogCaptureFixture
) -> None:
    """A service starts whatever it gives."""
    assert Watch()(thing, app=object()) is thing
    assert "it is not watched" in caplog.text


def test_flask_wsgi_asgi_and_a_port_answer_the_same_document() -> None:
    """However a service shows it, it is one document."""
    watch, app = Watch(), flask.Flask("shop")
    watch(pybreaker.CircuitBreaker(name="prices"), app=app)
    watch(pybreaker.CircuitBreaker(name="stock"), app=app, port=0)
    expected = watch.document()
    assert app.test_client().get("/breaker").json == expected
    other = flask.Flask("other")
    other.register_blueprint(watch.blueprint("/mine"))
    assert other.test_client().get("/mine").json == expected
    assert json.loads(b"".join(watch.wsgi({}, lambda *_: None))) == expected
    assert asyncio.run(answer_of(watch)) == expected
    with urllib.request.urlopen(f"http://127.0.0.1:{watch.serve(0)}/", timeout=5) as answer:
        assert json.load(answer) == expected
    watch.stop()


async def answer_of(watch: Watch) -> Any:
    """The document that the ASGI application sends."""
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request"}

    async def send(message: Any) -> None:
        sent.append(message)

    await watch.asgi({"type": "http", "path": "/breaker"}, receive, send)
    return json.loads(sent[-1]["body"])


def test_a_forked_process_is_another_one() -> None:
    """Workers that a server forks have breakers of their own, though the code ran before the fork."""
    watch = Watch()
    breaker = watch(pybreaker.CircuitBreaker(name="prices"))
    breaker.open()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, json.dumps(watch.document()).encode())
        os._exit(0)
    os.waitpid(child, 0)
    forked = json.loads(os.read(reading, 65536))
    os.close(reading)
    os.close(writing)
    assert forked["boot_id"] != watch.document()["boot_id"]
    assert [(one["state"], one["transitions"]) for one in forked["breakers"]] == [("open", [])]


def test_no_transition_is_lost_while_threads_flap_breakers_and_read() -> None:
    """Numbers have no gaps, whoever tells and whoever reads."""
    watch = Watch()
    mine = [watch(pybreaker.CircuitBreaker(name=f"dependency {number}")) for number in range(THREADS)]

    def flap(breaker: pybreaker.CircuitBreaker) -> None:
        for _ in range(40):
            breaker.open()
            breaker.close()
            watch.document()

    threads = [threading.Thread(target=flap, args=(breaker,)) for breaker in mine]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    for told in watch.document()["breakers"]:
        assert [entry["seq"] for entry in told["transitions"]] == list(range(1, 81))
