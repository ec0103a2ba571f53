"""Samples the replicas named on the command line, in a process where gevent is in charge, as in Locust's.

    python -m tests.recorder.sampling SECONDS SERVICE=NAME=URL …

Prints one JSON object a line: a sample ("sample") or a breaker's transition ("transition").
"""

import json
import sys
from typing import Any

import gevent
import locust  # noqa: F401  # patches the process

from loadtest.recorder.clock import RunClock
from loadtest.recorder.sampler import Replica, Sampler
from results.run_folder import Sample


def tell(kind: str, content: dict[str, Any]) -> None:
    print(json.dumps({kind: content}), flush=True)


def tell_samples(samples: list[Sample]) -> None:
    for sample in samples:
        tell("sample", sample._asdict())


def main(seconds: float, replicas: list[Replica]) -> None:
    sampler = Sampler(
        lambda: replicas,
        RunClock(),
        tell_samples,
        lambda transition: tell("transition", dict(transition)),
    )
    greenlets = [gevent.spawn(sampler.list_replicas), gevent.spawn(sampler.sample)]
    gevent.joinall(greenlets, timeout=seconds)
    tell("states", sampler.circuit_states)


if __name__ == "__main__":
    named = (argument.split("=") for argument in sys.argv[2:])
    main(float(sys.argv[1]), [(service, name, url) for service, name, url in named])
