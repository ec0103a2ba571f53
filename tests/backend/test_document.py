"""Any document at all, valid or broken in any way, through the injector's control endpoint."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.test import Client

from brownout_faults import FaultInjector
from brownout_faults.document import MAX_FAULTS, MAX_INTEGER
from brownout_faults.kinds.latency import MAX_MS
from tests.backend.strangers import ITEMS, respond

PROPERTY = settings(deadline=None, max_examples=60)
"""Without a deadline for an example: how fast it runs is up to whoever else uses the machine."""

rates = st.floats(0, 1)
integers = st.integers(0, MAX_INTEGER)
milliseconds = st.integers(0, MAX_MS)


def fault(kind: str, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """One kind of fault, with any of its fields left out."""
    return st.fixed_dictionaries({"kind": st.just(kind)}, optional={"rate": rates, **fields})


# Without those that close connections: there is no connection here (see test_servers.py).
faults: st.SearchStrategy[dict[str, Any]] = st.one_of(
    fault("noop"),
    fault("corrupt"),
    fault("error", status=st.integers(400, 599), retry_after_s=st.none() | st.integers(0, 86_400)),
    fault("latency", ms=milliseconds),
    st.fixed_dictionaries(
        {
            "kind": st.just("latency"),
            "jitter_ms": milliseconds,
            "distribution": st.sampled_from(["uniform", "normal", "pareto"]),
        },
        optional={"rate": rates, "ms": milliseconds},
    ),
)
documents = st.fixed_dictionaries(
    {"faults": st.lists(faults, max_size=MAX_FAULTS)},
    optional={
        "seed": st.none() | integers,
        "revision": st.none() | integers,
        "lease_s": st.none() | st.floats(1, 86_400),
    },
)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=10,
)


@st.composite
def mutated(draw: st.DrawFn) -> Any:
    """A valid document in which one value, anywhere, is replaced by anything, or a field is added."""
    document: dict[str, Any] = draw(documents)
    place = draw(st.sampled_from([document, *document["faults"]]))
    known = st.sampled_from(
        ["faults", "seed", "revision", "lease_s", "kind", "rate", "status", "ms", "limit_s"]
    )
    place[draw(known | st.text(max_size=10))] = draw(anything)
    return document


def client() -> Client:
    """A fresh injector with a fault set of its own."""
    client = Client(FaultInjector(respond))
    put(client, {"faults": [{"kind": "noop", "rate": 0.5}], "seed": 3, "revision": 4})
    return client


def put(client: Client, document: Any) -> Any:
    return client.put("/faults", data=json.dumps(document), content_type="application/json")


@PROPERTY
@given(documents)
def test_a_valid_document_is_answered_as_it_was_sent(document: dict[str, Any]) -> None:
    """And what is answered, sent again, means the same."""
    subject = client()
    report = put(subject, document).json
    for sent, in_force in zip(document["faults"], report["faults"], strict=True):
        assert {name: in_force[name] for name in sent} == sent
    for name in ("seed", "revision", "lease_s"):
        if document.get(name) is not None:
            assert report[name] == document[name]
    fields = ("faults", "seed", "revision", "lease_s")
    again = put(subject, {name: report[name] for name in fields}).json
    assert {name: again[name] for name in fields} == {name: report[name] for name in fields}


@PROPERTY
@given(mutated())
def test_a_mutated_document_is_either_in_force_or_refused_without_a_trace(document: Any) -> None:
    check(client(), json.dumps(document).encode())


@PROPERTY
@given(anything.map(json.dumps).map(str.encode) | st.binary(max_size=200))
def test_any_body_is_either_in_force_or_refused_without_a_trace(body: bytes) -> None:
    check(client(), body)


def check(subject: Client, body: bytes) -> None:
    before = subject.get("/faults").json
    response = subject.put("/faults", data=body, content_type="application/json")
    assert response.status_code in (200, 400, 422)
    if response.status_code != 200:
        assert response.content_type == "application/problem+json"
        assert subject.get("/faults").json == before


@PROPERTY
@given(st.integers(0, 200), st.binary(max_size=3), documents)
def test_a_damaged_document_is_either_in_force_or_refused_without_a_trace(
    at: int, damage: bytes, document: dict[str, Any]
) -> None:
    """Bytes are cut out or put in: broken JSON, doubled fields, halved numbers."""
    body = json.dumps(document).encode()
    check(client(), body[:at] + damage + body[at + 2 :])


def test_without_faults_the_application_is_as_it_was() -> None:
    subject = Client(FaultInjector(respond))
    assert subject.get("/items").data == ITEMS


def test_the_control_path_can_be_another_one() -> None:
    """And then the default one is the application's."""
    subject = Client(FaultInjector(respond, control_path="/_chaos", exempt=("/admin/*",)))
    assert subject.get("/faults").data == ITEMS
    assert subject.put("/_chaos", json={"faults": [{"kind": "error"}]}).status_code == 200
    assert subject.get("/items").status_code == 500
    assert subject.get("/admin/users").data == ITEMS
