"""A Toxiproxy as an injector: faults become toxics, and toxics end with their lease."""

import argparse
import json
import subprocess
import sys
from typing import Any

import pytest

from brownout_loadtest.injectors import injector

DRIVE = """
import gevent.monkey
gevent.monkey.patch_all()
import json, sys
import gevent
sys.path.insert(0, "")
from tests.proxy.toxiproxy_server import toxiproxy
from brownout_panel.desired import FAULTS, ReplicaFaults, faults
from brownout_panel.fault_kinds import KindsAnswer
from brownout_panel.links import link_to
from brownout_panel.replica_http import ForeignError, RefusalError

seen = {}
with toxiproxy() as server:
    server.toxics["prices"] = {name: {"name": name} for name in ("brownout-0-latency", "theirs")}
    url = f"toxiproxy://127.0.0.1:{server.server_port}/prices"

    def put(document, revision):
        with link_to(url) as link:
            return link.put("/faults", faults(document, revision).document, ReplicaFaults, 1.0)

    def names():
        return sorted(server.toxics["prices"])

    with link_to(url) as link:
        seen["kinds"] = [one["kind"] for one in link.get("/faults/kinds", KindsAnswer, 1.0).kinds]
        first = link.get("/faults", ReplicaFaults, 1.0)
    seen["met"] = names()
    sets = json.loads(sys.argv[1])
    answer = put({"faults": sets}, 7)
    seen["answer"] = [answer.revision, answer.faults == put({"faults": sets}, 7).faults, answer.words]
    seen["same life"] = answer.boot_id == first.boot_id
    seen["toxics"] = [one for name, one in sorted(server.toxics["prices"].items()) if name != "theirs"]
    seen["refused"] = []
    for wrong in json.loads(sys.argv[2]):
        try:
            put({"faults": [wrong]}, 8)
        except RefusalError as error:
            seen["refused"].append(str(error))
    seen["after refusals"] = len(names())
    server.toxics["prices"].clear()
    with link_to(url) as link:
        again = link.get("/faults", ReplicaFaults, 1.0)
    seen["lost"] = [again.boot_id != first.boot_id, again.faults]
    put({"faults": [{"kind": "reset"}], "lease_s": 0.3}, 9)
    seen["leased"] = names()
    with gevent.Timeout(10):
        while names():
            gevent.sleep(0.02)
    put({"faults": [{"kind": "reset"}]}, 10)
    put({"faults": []}, 11)
    seen["cleared"] = names()
    with link_to(url.replace("prices", "stock")) as link:
        try:
            link.get("/faults", ReplicaFaults, 1.0)
        except ForeignError as error:
            seen["foreign"] = str(error)
print(json.dumps(seen))
"""

FAULTS: list[dict[str, Any]] = [
    {"kind": "latency", "ms": 200, "jitter_ms": 50, "distribution": "uniform", "rate": 0.5},
    {"kind": "hang", "limit_s": 2.5, "rate": 0.1},
    {"kind": "reset", "rate": 0.2, "match": {"dependency": "pri*"}},
    {"kind": "bandwidth", "kb_per_second": 20},
    {"kind": "cut", "after_bytes": 1000},
    {"kind": "error", "match": {"dependency": "stock"}},
]
WRONG = {
    '{"kind": "error"}': "answers in HTTP, and Toxiproxy knows TCP only",
    '{"kind": "truncate"}': "cuts an answer in half",
    '{"kind": "latency", "ms": 9, "jitter_ms": 5, "distribution": "normal"}': "spreads its delays in a way",
    '{"kind": "reset", "match": {"path": "/v1"}}': "is for some paths, methods or headers",
    '{"kind": "bandwidth", "kb_per_second": 0.5}': "slower than 1 KB/s",
    '{"kind": "reset", "rate": 2}': "rate is 2; allowed: a number from 0 to 1",
}


def test_faults_become_toxics_and_end_with_their_lease() -> None:
    arguments = [json.dumps(FAULTS), json.dumps([json.loads(one) for one in WRONG])]
    done = subprocess.run(
        [sys.executable, "-c", DRIVE, *arguments], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert seen["kinds"] == ["bandwidth", "cut", "hang", "latency", "reset"]
    assert seen["met"] == ["theirs"]
    assert seen["answer"][:2] == [7, True]
    assert seen["same life"] is True
    assert [(one["type"], one["toxicity"], one["attributes"]) for one in seen["toxics"]] == [
        ("latency", 0.5, {"latency": 200, "jitter": 50}),
        ("timeout", 0.1, {"timeout": 2500}),
        ("reset_peer", 0.2, {"timeout": 0}),
        ("bandwidth", 1.0, {"rate": 20}),
        ("limit_data", 1.0, {"bytes": 1000}),
    ]
    assert all(words in told for words, told in zip(WRONG.values(), seen["refused"], strict=True))
    assert seen["after refusals"] == 6
    assert seen["lost"] == [True, []]
    assert seen["leased"] == ["brownout-0-reset_peer"]
    assert seen["cleared"] == []
    assert 'has no proxy "stock"' in seen["foreign"]


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://shop.example/api/", "https://shop.example/api"),
        ("http://shop", "http://shop"),
        ("http://[::1]:80", "http://[::1]:80"),
        ("toxiproxy://127.0.0.1:8474/prices", "toxiproxy://127.0.0.1:8474/prices"),
    ],
)
def test_any_url_may_be_an_injectors(text: str, url: str) -> None:
    assert injector(text) == url


@pytest.mark.parametrize(
    "text",
    [
        *("shop", "ftp://shop", "http://", "http://a b", "https://u:p@shop", "http://a?b=c", "http://a:b"),
        *("toxiproxy://a/b", "toxiproxy://a:1", "toxiproxy://a:1/b/c"),
    ],
)
def test_what_is_no_injectors_url_is_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="is not the URL of a service, such as http"):
        injector(text)
