"""`brownout up`: the fleet behind its stable ports, until Ctrl-C."""

from __future__ import annotations

import contextlib
import time

from rich import box
from rich.console import Console
from rich.table import Table

from services.fleet.config import FleetConfig
from services.fleet.launch import FleetProcess
from services.fleet.model import ReplicaEvent

PATHS = {"client": "/fetch", "backend": "/data"}
"""What a user calls on each of the two services."""


def run(config: FleetConfig) -> None:
    """Start the fleet, print where everything is, then what happens to the replicas, until interrupted."""
    console = Console()
    started = time.monotonic()
    with console.status("starting replicas"):
        fleet = FleetProcess(config)
    with fleet:
        console.print(url_table(fleet))
        seconds = time.monotonic() - started
        console.print(f"All ready in {seconds:.1f} s. Logs: {config.log_dir}")
        console.print("Try: ", f"curl {fleet.up.forwards[0].url}/fetch", " (Ctrl-C stops everything)", sep="")
        with contextlib.suppress(KeyboardInterrupt):
            follow(fleet, console)
        console.print("\nstopping")


def url_table(fleet: FleetProcess) -> Table:
    """One row a URL: the stable ports first, then each replica's own."""
    replicas = fleet.client.replicas()
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("name", "what", "URL"):
        table.add_column(heading, no_wrap=heading != "what")
    for forward in fleet.up.forwards:
        count = sum(1 for replica in replicas if replica.service == forward.service)
        what = f"stable port, spread over {count} replica{'s' * (count != 1)}"
        table.add_row(forward.service, what, forward.url + PATHS[forward.service])
    for replica in replicas:
        table.add_row(replica.name, "replica", replica.url)
    return table


def follow(fleet: FleetProcess, console: Console) -> None:
    """Print the replicas' ups and downs as they come; raises FleetError when the fleet process ends."""
    seen = len(fleet.client.replicas()) * 2  # each has appeared and become ready
    for event in fleet.client.watch(since=seen):
        console.print(describe(event), highlight=False)


def describe(event: ReplicaEvent) -> str:
    """An event as a line: time, name, what happened."""
    clock = time.strftime("%H:%M:%S", time.localtime(event.at))
    replica = event.replica
    details = {
        "appeared": f"starting (restart {replica.restarts})",
        "ready": f"ready at {replica.url}",
        "unready": f"not ready: {replica.reason}",
        "gone": f"gone: {replica.reason}",
    }
    return f"{clock}  {replica.name:<12} {details[event.kind]}"
