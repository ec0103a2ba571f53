"""`brownout forward`: a port of a Kubernetes service on this machine, which survives its pods."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from brownout.commands.fleet_options import require
from brownout_fleet.builtin_kinds import KUBERNETES
from brownout_fleet.config import Kubernetes

if TYPE_CHECKING:
    from brownout_fleet.model import Replica
    from brownout_k8s.target import Ports


class PortPair(click.ParamType["Ports"]):
    """[LOCAL:]PORT."""

    name = "ports"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Ports:
        """Parse 5000, 8080:5000, 8080:http, :5000 (any free port here)."""
        require(KUBERNETES)
        from brownout_k8s.target import parse_ports

        try:
            return parse_ports(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


@click.command()
@click.argument("target")
@click.argument("ports", type=PortPair(), metavar="[LOCAL:]PORT")
@click.option("--namespace", help="[default: the context's]")
@click.option("--context", help="A kubeconfig context.  [default: the current one]")
def forward(target: str, ports: Ports, namespace: str | None, context: str | None) -> None:
    """Forward a local port to the ready pods of TARGET, and follow them, until Ctrl-C.

    TARGET is svc/NAME, deploy/NAME, pod/NAME, or labels such as app=client. Connections are spread over the
    pods that are ready; a pod that goes takes only what was in flight with it. As in:

        brownout forward svc/clientservice 5001:5000
    """
    import uvloop
    from rich.console import Console

    from brownout.up import describe
    from brownout_fleet.model import ReplicaEvent
    from brownout_k8s.forward import forward as run

    console = Console(highlight=False)

    def up(url: str, port: int, replicas: list[Replica]) -> None:
        console.print(f"{url} → {target}, port {port} of each ready pod", soft_wrap=True)
        for replica in replicas:
            console.print(f"  {replica.url} → {replica.name} alone ({replica.phase})", soft_wrap=True)
        console.print("Ctrl-C ends it.")

    def say(event: ReplicaEvent) -> None:
        console.print(describe(event), soft_wrap=True)

    uvloop.run(run(Kubernetes(namespace=namespace, context=context), target, ports, up, say))


COMMANDS = (forward,)
