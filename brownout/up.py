"""`brownout up`: the fleet behind its stable ports and Locust's web UI, until Ctrl-C."""

from __future__ import annotations

import contextlib
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import requests
from rich import box
from rich.console import Console
from rich.table import Table

from brownout.locust_process import LOCUSTFILE, LocustProcess
from brownout.panel_client import PanelClient
from brownout.project.start import start_fleet
from brownout.run_end import signal_name
from brownout_fleet.config import FleetConfig
from brownout_fleet.forwarder import listening_sockets
from brownout_fleet.free_port import free_port
from brownout_fleet.launch import FleetProcess, new_log_dir
from brownout_fleet.model import FleetError, Replica, ReplicaEvent

PANEL_S = 2.0
PATHS = {"client": "/fetch", "backend": "/data"}
"""What a user calls on each of the two services."""


@dataclass(frozen=True)
class UpSettings:
    """What is started besides Locust, and what Locust loads."""

    fleet: FleetConfig | None
    """None if the service runs elsewhere, at `target`."""
    target: str | None = None
    locustfile: Path = LOCUSTFILE
    load: Sequence[str] = ()
    """Arguments of Locust that brownout.toml has."""


def run(settings: UpSettings, web_port: int, locust: Sequence[str]) -> None:
    """Start the fleet and Locust, print where everything is, then what happens, until interrupted.

    `locust` are arguments of Locust's own. Raises FleetError.
    """
    console = Console()
    started = time.monotonic()
    # Held until Locust starts, so that a taken port is said before anything runs.
    (reserved, *others) = listening_sockets(web_port or free_port(), "--web-port")
    web_url = f"http://127.0.0.1:{reserved.getsockname()[1]}"
    with ExitStack() as stack:
        fleet = None
        if settings.fleet:
            with console.status("starting replicas"):
                fleet = stack.enter_context(start_fleet(settings.fleet))
        for sock in (reserved, *others):
            sock.close()
        log_dir = Path(settings.fleet.log_dir) if settings.fleet else new_log_dir()
        log_dir.mkdir(parents=True, exist_ok=True)
        target = settings.target or (fleet and fleet.up.target) or ""
        arguments = ["-f", str(settings.locustfile), "--host", target, *settings.load]
        web = ["--web-host", "127.0.0.1", "--web-port", web_url.rpartition(":")[2]]
        process = stack.enter_context(
            LocustProcess([*arguments, *web, *locust], log_dir / "locust.log", fleet)
        )
        if fleet:
            console.print(url_table(fleet, web_url))
            console.print(f"All replicas ready in {time.monotonic() - started:.1f} s. Logs: {log_dir}")
        path = lab_path("client", fleet.client.replicas()) if fleet else ""
        console.print("Try: ", f"curl {target}{path}", " (Ctrl-C stops everything)", sep="")
        with contextlib.suppress(KeyboardInterrupt), while_running(process):
            with console.status("starting Locust"):
                await_page(web_url, process)
            panel = await_panel(process)  # its URL knows of a --web-base-path
            console.print(f"Locust is ready: {panel.url.removesuffix('/panel') if panel else web_url}")
            if panel:
                console.print(f"Control panel:   {panel_address(panel, locust)}", soft_wrap=True)
            follow(fleet, console) if fleet else process.await_end()
        console.print("\nstopping")


def serve(config: FleetConfig) -> None:
    """Start the fleet without a load, print where everything is, then what happens, until interrupted."""
    console = Console()
    with console.status("starting replicas"):
        starting = start_fleet(config)
    with starting as fleet:
        console.print(url_table(fleet))
        console.print(f"Ctrl-C stops everything. Logs: {config.log_dir}")
        with contextlib.suppress(KeyboardInterrupt):
            follow(fleet, console)
        console.print("\nstopping")


@contextlib.contextmanager
def while_running(process: LocustProcess) -> Iterator[None]:
    """Leave the block when Locust ends. Raises FleetError with why it has."""
    main = threading.main_thread().ident
    has_ended, is_left = threading.Event(), threading.Event()

    def watch() -> None:
        process.await_end()
        if main and not is_left.is_set():
            has_ended.set()
            signal.pthread_kill(main, signal.SIGTERM)  # the command line turns it into KeyboardInterrupt

    threading.Thread(target=watch, daemon=True).start()
    try:
        yield
    except KeyboardInterrupt:
        if has_ended.is_set():
            code = process.await_end()
            how = f"killed by {signal_name(-code)}" if code < 0 else f"with exit code {code}"
            raise FleetError(
                f"Locust has ended, {how}, and all else with it. Its last words:\n\n{process.tail()}"
            ) from None
        raise
    finally:
        is_left.set()


def await_page(url: str, process: LocustProcess) -> None:
    """Wait until Locust's page answers; raises FleetError with what it printed if it ends before."""
    while process.is_running:
        with contextlib.suppress(requests.RequestException):
            requests.get(url, timeout=5)
            return
        time.sleep(0.05)
    raise FleetError(f"Locust ended before its page was up:\n\n{process.tail()}")


def await_panel(process: LocustProcess) -> PanelClient | None:
    """The panel, which is announced when its page answers; None if that can't be written."""
    deadline = time.monotonic() + PANEL_S
    while (panel := process.panel) is None and process.is_running and time.monotonic() < deadline:
        time.sleep(0.05)
    return panel


def panel_address(panel: PanelClient, locust: Sequence[str]) -> str:
    """The page's URL; with the token if Locust listens on more than loopback, where its pages ask for it."""
    elsewhere = any(argument.partition("=")[0] == "--web-host" for argument in locust)
    return f"{panel.url}/?token={panel.token}" if elsewhere else f"{panel.url}/"


def url_table(fleet: FleetProcess, web_url: str | None = None) -> Table:
    """One row a URL: Locust's page and the stable ports first, then each replica's own."""
    replicas = fleet.client.replicas()
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("name", "what", "URL"):
        table.add_column(heading, no_wrap=heading != "what")
    if web_url:
        table.add_row("Locust", "web UI: start a load, watch it", web_url)
    for forward in fleet.up.forwards:
        count = sum(1 for replica in replicas if replica.service == forward.service)
        what = f"stable port, spread over {count} replica{'s' * (count != 1)}"
        table.add_row(forward.name, what, forward.url + lab_path(forward.service, replicas))
    for replica in replicas:
        table.add_row(replica.name, kind_of_replica(replica), replica.url)
    return table


def kind_of_replica(replica: Replica) -> str:
    """Say what a replica is, in a few words."""
    if replica.dependency is None:
        return "replica"
    return f"fault proxy of {replica.dependency}" if replica.service == "backend" else "dependency"


def lab_path(service: str, replicas: Sequence[Replica]) -> str:
    """Return what a user calls on a service of the lab; nothing is known of a user's own."""
    is_lab = any(one.service == service and one.contract == "lab" for one in replicas)
    return PATHS[service] if is_lab else ""


def follow(fleet: FleetProcess, console: Console) -> None:
    """Print the replicas' ups and downs as they come; raises FleetError when the fleet process ends."""
    for event in fleet.client.watch(since=fleet.up.seq):
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
        "tunnel": f"port-forward {replica.reason}",
    }
    return f"{clock}  {replica.name:<12} {details[event.kind]}"
