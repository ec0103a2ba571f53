"""`brownout forward`: a port of a Kubernetes service on this machine, which survives its pods."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from brownout.commands.fleet_options import command_fleet, require
from brownout.commands.project_context import project_of
from brownout.commands.project_options import project_options
from brownout.project.fleet import kind_of
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
@project_options
@click.argument("target", required=False)
@click.argument("ports", type=PortPair(), metavar="[LOCAL:]PORT", required=False)
@click.option("--namespace", help="[default: the context's]")
@click.option("--context", help="A kubeconfig context.  [default: the current one]")
def forward(target: str | None, ports: Ports | None, namespace: str | None, context: str | None) -> None:
    """Forward a local port to the ready pods of TARGET, and follow them, until Ctrl-C.

    TARGET is svc/NAME, deploy/NAME, pod/NAME, or labels such as app=client. Connections are spread over the
    pods that are ready; a pod that goes takes only what was in flight with it. As in:

        brownout forward svc/clientservice 5001:5000

    Without TARGET it is the service of brownout.toml: its pods, or its processes behind their stable port and
    the proxies of its dependencies, without a load.
    """
    project = project_of()
    service = project.file.service if project else None
    if target is None and service and service.kubernetes:
        pods_port = (project.file.fleet.get("port") if project else None) or Kubernetes().port
        target, ports = service.kubernetes, PortPair().convert(f"{service.port}:{pods_port}", None, None)
    if target is None and project and kind_of(project) == "command":
        from brownout.up import serve

        return serve(command_fleet(service.port if service else 0))
    if target is None or ports is None:
        raise click.UsageError(
            "say what to forward, as in: brownout forward svc/clientservice 5001:5000, or describe your "
            "service in a brownout.toml: brownout init"
        )
    return _forward(target, ports, namespace, context)


def _forward(target: str, ports: Ports, namespace: str | None, context: str | None) -> None:
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
