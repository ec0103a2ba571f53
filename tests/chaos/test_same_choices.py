"""With a fixed seed two runs make the same choices: whom to kill, which requests fail, whose turn it is."""

from typing import Any

import requests

from brownout.compare_policies import order
from brownout.fault_experiment import FaultScenario, experiment_document
from brownout.fault_text import parse_fault
from brownout_chaos.kill_targets import targets
from tests.servers import gunicorn

FLEET = [
    {"name": f"backend-{n}", "service": "backend", "phase": "ready", "uid": str(n), "started_at": n}
    for n in range(9)
]


def choices(url: str, seed: int) -> list[Any]:
    """Everything that the harness chooses by chance in an experiment of --fault and --kill."""
    made = experiment_document(
        FaultScenario([parse_fault("error=50%,status=503")], kill="backend", seed=seed)
    )
    arguments = {
        one["provider"]["func"]: one["provider"]["arguments"]
        for one in made["method"]
        if one["provider"]["func"] in ("set_faults", "kill_replica")
    }
    killed = [one["name"] for one in targets(FLEET, **arguments["kill_replica"])]
    return [killed, hit(url, arguments["set_faults"]), order(["none", "full", "retry"], 5, seed)]


def hit(url: str, arguments: dict[str, Any]) -> list[int]:
    """The answers of a backend with these faults to forty requests, one after the other."""
    document = {"faults": arguments["faults"], "seed": arguments["seed"]}
    requests.delete(f"{url}/faults", timeout=5).raise_for_status()
    requests.put(f"{url}/faults", json=document, timeout=5).raise_for_status()
    return [requests.get(f"{url}/data", timeout=5).status_code for _ in range(40)]


def test_the_same_seed_gives_the_same_kill_the_same_faults_and_the_same_order() -> None:
    with gunicorn("brownout_backend.app:create_app()") as backend:
        first, again, other = (choices(backend.url, seed) for seed in (5, 5, 6))
    assert first == again
    assert all(one != another for one, another in zip(first[1:], other[1:], strict=True))
