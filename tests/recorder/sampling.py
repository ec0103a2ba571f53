"""Samples the replicas named on the command line, in a process where gevent is in charge, as in Locust's.

    python -m tests.recorder.sampling SAMPLES SERVICE=NAME=URL …

Ends after so many samples of each. Prints one JSON object a line: a sample ("sample"), a transition of a
breaker ("transition"), at the end the states of the breakers ("states").
"""

import json
import sys
from typing import Any

import gevent
import locust  # noqa: F401  # patches the process

from brownout_loadtest.recorder.clock import RunClock
from brownout_loadtest.recorder.sampler import Replica, Sampler
from brownout_results.record import Sample

DEADLINE_S = 20.0
told: list[int] = []


def tell(kind: str, content: dict[str, Any]) -> None:
    print(json.dumps({kind: content}), flush=True)


def tell_samples(samples: list[Sample]) -> None:
    told.append(len(samples))
    for sample in samples:
        tell("sample", sample._asdict())


def main(count: int, replicas: list[Replica]) -> None:
    sampler = Sampler(
        lambda: replicas,
        RunClock(),
        tell_samples,
        lambda transition: tell("transition", dict(transition)),
    )
    greenlets = [gevent.spawn(sampler.list_replicas), gevent.spawn(sampler.sample)]
    with gevent.Timeout(DEADLINE_S):
        while len(told) < count:
            gevent.sleep(0.01)
    gevent.killall(greenlets)
    tell("states", sampler.circuit_states)


if __name__ == "__main__":
    named = (argument.split("=") for argument in sys.argv[2:])
    main(int(sys.argv[1]), [(service, name, url) for service, name, url in named])
