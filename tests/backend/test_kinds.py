"""Kinds of fault describe themselves, a stranger's like our own."""

import json
from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Literal

import pytest
from werkzeug.test import Client

from brownout_faults import (
    Fault,
    FaultInjector,
    described_kinds,
    register,
    registry,
    setting,
    write_fault,
    write_faults,
)
from brownout_faults.call import Call
from tests.backend.strangers import respond


class Stall(Fault, tag="stall"):
    """Send the answer in small pieces.

    More about it.
    """

    pause_ms: Annotated[int, setting("pause", "Time between two pieces.", unit="ms", ge=1, le=5000)] = 100
    every: Annotated[int, setting("piece", "Bytes at once.", ge=1)] = 10
    mode: Annotated[Literal["even", "odd"], setting("mode", "Which.", only_with="every")] = "even"
    loud: bool = False

    label = "stalls"
    phrase = "{pause_ms} stalls[ of {every} bytes] on {rate}"
    main_field = "pause_ms"
    example: ClassVar = {"pause_ms": 50}
    answers = False

    def inject(self, call: Call) -> None:
        call.wait(self.pause_ms / 1000)


@pytest.fixture
def stall() -> Iterator[None]:
    register(Stall)
    yield
    registry._KINDS.pop("stall")


def test_an_injector_describes_its_kinds() -> None:
    answer = Client(FaultInjector(respond)).get("/faults/kinds")
    assert answer.status_code == 200
    assert answer.json == {"kinds": described_kinds()}
    kinds = {kind["kind"]: kind for kind in described_kinds()}
    assert list(kinds) == [
        *("bandwidth", "corrupt", "cut", "error", "hang", "latency", "noop", "reset", "truncate")
    ]
    assert kinds["error"]["fields"][1] == {
        "name": "status",
        "option": "status",
        "label": "status",
        "help": "HTTP status code.",
        "type": "integer",
        "unit": None,
        "min": 400,
        "max": 599,
        "min_excluded": False,
        "nullable": False,
        "choices": [],
        "default": 500,
        "suggested": 503,
        "usual_max": None,
        "only_with": None,
    }


def test_the_description_can_only_be_read() -> None:
    answer = Client(FaultInjector(respond)).put("/faults/kinds", json={})
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD")
    assert answer.content_type == "application/problem+json"


def test_every_field_of_every_kind_says_what_it_is() -> None:
    for kind in described_kinds():
        assert kind["help"].endswith("."), kind
        for field in kind["fields"]:
            assert field["help"].endswith("."), field
            assert field["label"] != field["name"] or field["unit"] is None, field


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"kind": "error", "rate": 0.3, "status": 503}, "30 % errors 503"),
        ({"kind": "error"}, "100 % errors 500"),
        ({"kind": "error", "rate": 1 / 3, "retry_after_s": 2}, "33.3333 % errors 500 (Retry-After 2 s)"),
        ({"kind": "error", "rate": 0.001, "status": 503, "retry_after_s": None}, "0.1 % errors 503"),
        ({"kind": "latency", "ms": 200}, "200 ms latency"),
        (
            {"kind": "latency", "ms": 200, "jitter_ms": 50, "distribution": "normal", "rate": 0.5},
            "200 ms ± 50 ms latency on 50 %",
        ),
        ({"kind": "latency", "ms": 600_000, "rate": 0}, "600000 ms latency on 0 %"),
        ({"kind": "hang", "rate": 0.1, "limit_s": 2.5}, "10 % hangs"),
        ({"kind": "gone", "rate": 0.25, "ms": 3}, "25 % gone"),
        ({"kind": "error", "rate": "a lot"}, "a lot errors 500"),
        ({}, "100 % None"),
    ],
)
def test_a_fault_is_written_in_words(fault: dict[str, Any], words: str) -> None:
    assert write_fault(fault) == words
    assert write_fault(fault, described_kinds()) == words
    assert write_faults([fault, fault]) == f"{words}, {words}"


@pytest.mark.usefixtures("stall")
def test_a_kind_of_a_stranger_is_described_read_injected_counted_and_written() -> None:
    client = Client(FaultInjector(respond))
    described = json.loads(client.get("/faults/kinds").data)["kinds"][-1]
    assert (described["kind"], described["help"]) == ("stall", "Send the answer in small pieces.")
    assert {field["name"]: field["type"] for field in described["fields"]} == {
        "rate": "number",
        "pause_ms": "integer",
        "every": "integer",
        "mode": "choice",
        "loud": "boolean",
    }
    refused = client.put("/faults", json={"faults": [{"kind": "stall", "pause_ms": 0}]})
    assert "faults[0].pause_ms is 0; allowed: a whole number from 1 to 5000" in refused.get_data(as_text=True)
    refused = client.put("/faults", json={"faults": [{"kind": "stall", "every": 0}]})
    assert "faults[0].every is 0; allowed: a whole number from 1" in refused.get_data(as_text=True)
    refused = client.put("/faults", json={"faults": [{"kind": "stall", "loud": 1}]})
    assert "faults[0].loud is 1; allowed: true or false" in refused.get_data(as_text=True)
    stall = {"kind": "stall", "pause_ms": 1, "every": 5}
    assert client.put("/faults", json={"faults": [stall]}).status_code == 200
    client.get("/data")
    report = json.loads(client.get("/faults").data)
    assert (report["injected"]["stall"], report["words"]) == (1, "1 ms stalls of 5 bytes on 100 %")
    assert write_fault(stall) == "1 ms stalls of 5 bytes on 100 %"
    assert write_fault({"kind": "stall"}) == "100 ms stalls on 100 %"


@pytest.mark.usefixtures("stall")
def test_an_injector_from_before_a_kind_was_registered_takes_it_too() -> None:
    registry._KINDS.pop("stall")
    client = Client(FaultInjector(respond))
    assert client.put("/faults", json={"faults": [{"kind": "stall"}]}).status_code == 400
    register(Stall)
    client.put("/faults", json={"faults": [{"kind": "stall", "pause_ms": 1}]})
    client.get("/data")
    assert json.loads(client.get("/faults").data)["injected"]["stall"] == 1


class Other(Fault, tag="error"):
    """Take a name that is taken."""


class Shouted(Fault, tag="LOUD"):
    """Have a name that can't be typed."""


class Wordless(Fault, tag="wordless"):
    """Name a field that there is not."""

    phrase = "{rate} of {nothing}"


class Listed(Fault, tag="listed"):
    """Have a field that no form can show."""

    names: tuple[str, ...] = ()


class Needy(Fault, tag="needy"):
    """Have a field without a default."""

    size: int


class Wrong(Fault, tag="wrong"):
    """Have an example that is not allowed."""

    example: ClassVar = {"rate": 2}


@pytest.mark.parametrize(
    ("kind", "complaint"),
    [
        (Other, '"error" is registered already, by brownout_faults.kinds.error'),
        (Shouted, '"LOUD" must be named in lower-case letters'),
        (Wordless, 'the kind of fault "wordless" has no field "nothing"'),
        (Listed, 'the field "names" of the kind of fault "listed" can\'t be described'),
        (Needy, 'the field "size" of the kind of fault "needy" needs a default'),
        (Wrong, 'the example of the kind of fault "wrong" is wrong: Expected `float` <= 1.0 - at `$.rate`'),
    ],
)
def test_a_kind_that_can_not_be_used_is_refused_when_it_is_registered(
    kind: type[Fault], complaint: str
) -> None:
    before = registry.kinds()
    with pytest.raises(ValueError, match="kind of fault") as raised:
        register(kind)
    assert complaint in str(raised.value)
    assert registry.kinds() == before
