"""Commands for a load that is made by more than one machine."""

from __future__ import annotations

import hashlib
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from brownout.cluster.worker_request import WorkerRequest
from brownout.commands.fleet_options import require
from brownout_fleet.builtin_kinds import KUBERNETES
from brownout_fleet.fleet_kinds import FLEET_KINDS, kind_of
from brownout_fleet.kind import flags

F = TypeVar("F", bound=Callable[..., Any])

PORT = click.IntRange(0, 65535)
LOCUST_PORT = 5557
MOST_WORKERS = 256
CAN_MAKE_LOAD = [kind for kind in FLEET_KINDS.values() if kind.makes_load]


def worker_options(command: F) -> F:
    """The options of `brownout run` for workers in the cluster."""
    for option in (
        click.option(
            "--image", metavar="NAME", help="With --workers: the harness's image.  [default: the overlay's]"
        ),
        click.option(
            "--workers",
            type=click.IntRange(1, MOST_WORKERS),
            help=f"With {flags(CAN_MAKE_LOAD)}: make the load in the cluster, with this many Locust workers.",
        ),
    ):
        command = option(command)
    return command


def workers_of(count: int | None, image: str | None, kind: str) -> WorkerRequest | None:
    """The workers that are asked for. Raises click.UsageError where they mean nothing."""
    if count is None:
        if image is not None:
            raise click.UsageError("--image is for a run with --workers N.")
        return None
    if not kind_of(kind).makes_load:
        raise click.UsageError(
            f"--workers is for {flags(CAN_MAKE_LOAD)}; this is --fleet {kind}. "
            f"On this machine: -- --processes {count}"
        )
    return WorkerRequest(count, image)


@click.command()
@click.option("--master-host", required=True, metavar="HOST", help="Where Locust's master runs.")
@click.option(
    "--master-port",
    type=click.IntRange(1, 65535),
    default=LOCUST_PORT,
    show_default=True,
    envvar="BROWNOUT_MASTER_PORT",
    help="Its port.",
)
@click.option(
    "--locustfile", metavar="FILE", help="Users of your own; - asks the master.  [default: users of /fetch]"
)
def worker(master_host: str, master_port: int, locustfile: str | None) -> None:
    """Make load for a Locust master that runs elsewhere, until it ends."""
    from brownout.locust_process import LOCUSTFILE

    arguments = ["--worker", "--master-host", master_host, "--master-port", str(master_port)]
    main = "brownout.locust_guest" if locustfile == "-" else "brownout.locust_main"
    command = [sys.executable, "-P", "-m", main, "-f", locustfile or str(LOCUSTFILE), *arguments]
    sys.stdout.flush()
    os.execv(sys.executable, command)  # noqa: S606 - no shell; its signals are ours


@click.command(hidden=True)
@click.option("--port", type=PORT, default=8090, envvar="BROWNOUT_AGENT_PORT")
@click.option("--panel-port", type=PORT, default=8089, envvar="BROWNOUT_PANEL_PORT")
@click.option("--locust-port", type=PORT, default=LOCUST_PORT, envvar="BROWNOUT_MASTER_PORT")
@click.option("--key", required=True, envvar="BROWNOUT_AGENT_KEY", help="SHA-256 of the run's token, in hex.")
def agent(port: int, panel_port: int, locust_port: int, key: str) -> None:
    """Wait for the order of `brownout run --workers`, run it, and hand out the run folder."""
    from brownout.cluster.agent import Agent
    from brownout.cluster.agent_http import serving

    if not re.fullmatch(f"[0-9a-f]{{{hashlib.sha256().digest_size * 2}}}", key):
        raise click.BadParameter("it is no SHA-256 in hex", param_hint="--key")
    one = Agent(key, Path.cwd(), panel_port, locust_port)
    with serving(one, port):
        one.serve()


@click.command()
@click.argument("count", type=click.IntRange(0, MOST_WORKERS), required=False)
@click.option("--namespace", help="[default: the context's]")
@click.option(
    "--context", help="A kubeconfig context.  [default: the current one, or in a cluster that cluster]"
)
def workers(count: int | None, namespace: str | None, context: str | None) -> None:
    """Say how many workers k8s/overlays/distributed has, or set it to COUNT."""
    require(KUBERNETES)
    from brownout_k8s.scale import scale

    now = scale(count, namespace, context)
    click.echo(f"{now.wanted} workers wanted, {now.there} there")


COMMANDS: tuple[click.Command, ...] = (worker, agent, workers)
