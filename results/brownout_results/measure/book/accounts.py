"""Every account of a run's book. To add one, add a declaration to ACCOUNTS.

The book on screen, in the report, in summary.json and its schema, and the run's validity follow from it.
"""

from __future__ import annotations

from collections.abc import Sequence

from brownout_results.read.run_folder import Run

from . import proofs, replicas, witnesses
from .account import Account, Witness

LOST = 0.01
"""Share of the requests (failures, arrivals) that may be missing in one count: beyond it a figure could be
wrong by more than what a threshold is usually about."""

ANY = 1.0
"""Nothing makes the run invalid: a user may end itself, and what it sent until then counts."""

ACCOUNTS: Sequence[Account[Run]] = [
    Account(
        name="requests",
        meaning="requests in Locust's totals, in the record, answered through the forwarder, and answered "
        "by the replicas of the client",
        unit="requests",
        witnesses=[
            Witness("Locust", witnesses.requests_of_locust),
            Witness("recorded", witnesses.requests_recorded),
            Witness("forwarder", replicas.forwarded),
            Witness("client replicas", replicas.answered),
        ],
        bound_share=LOST,
    ),
    Account(
        name="failures",
        meaning="failures in Locust's totals, in Locust's table of failures, and in the record",
        unit="requests",
        witnesses=[
            Witness("Locust", witnesses.failures_of_locust),
            Witness("Locust's table", witnesses.failures_in_table),
            Witness("recorded", witnesses.failures_recorded),
        ],
        bound_share=LOST,
    ),
    Account(
        name="exceptions",
        meaning="exceptions of tasks and users that Locust counted, and those in its table",
        unit="exceptions",
        witnesses=[
            Witness("Locust", witnesses.exceptions_of_locust),
            Witness("its table", witnesses.exceptions_in_table),
        ],
        bound_share=LOST,
    ),
    Account(
        name="causes",
        meaning="requests that were not ok, and the causes recorded of them",
        unit="requests",
        witnesses=[
            Witness("outcomes", witnesses.not_ok),
            Witness("causes", witnesses.causes),
        ],
        bound_share=LOST,
    ),
    Account(
        name="arrivals",
        meaning="arrivals offered, and those that started or were dropped",
        unit="arrivals",
        witnesses=[
            Witness("offered", witnesses.arrivals_offered),
            Witness("started or dropped", witnesses.arrivals_accounted_for),
        ],
        bound_share=LOST,
    ),
    Account(
        name="users",
        meaning="users asked for and users alive, in the seconds in which none was started or stopped",
        unit="user-seconds",
        witnesses=[
            Witness("asked for", witnesses.users_asked),
            Witness("alive", witnesses.users_alive),
        ],
        bound_share=ANY,
    ),
    Account(
        name="faults",
        meaning="faults set, read back from every replica, and injected",
        unit="fault sets",
        witnesses=[
            Witness("set", proofs.faults_set),
            Witness("read back", proofs.faults_read_back),
            Witness("injected", proofs.faults_injected),
        ],
    ),
    Account(
        name="kills",
        meaning="kills asked for, and replicas that ended and came back as another",
        unit="kills",
        witnesses=[
            Witness("asked for", proofs.kills_asked),
            Witness("proven", proofs.kills_proven),
        ],
    ),
    Account(
        name="seconds",
        meaning="seconds that passed by the monotonic clock, by run.json, and in the record",
        unit="s",
        witnesses=[
            Witness("passed", witnesses.seconds_passed),
            Witness("run.json", witnesses.seconds_of_manifest),
            Witness("recorded", witnesses.seconds_recorded),
        ],
        slack=2.0,
        bound_share=LOST,
    ),
    Account(
        name="processes",
        meaning="processes that were to make the load or carry it, and those that did so until the end",
        unit="processes",
        witnesses=[
            Witness("expected", witnesses.workers_expected),
            Witness("lived to the end", witnesses.workers_finished),
        ],
    ),
]
