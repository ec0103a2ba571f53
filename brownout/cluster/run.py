"""`brownout run --fleet k8s --workers N`: runs the load in the cluster and fetches the run folder."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from rich.console import Console

from brownout import experiment
from brownout.cluster import not_connected
from brownout.cluster.load_pods import LoadPodsProcess
from brownout.cluster.order import Order, key_of
from brownout.cluster.remote import RemoteLocust
from brownout.cluster.worker_request import WorkerRequest
from brownout.errors import LoadNotStartedError
from brownout.locust_process import LOCUSTFILE
from brownout.run import RunInterrupts, Settings, failed_to_start, follow, judge
from brownout_fleet.config import FleetConfig, Kubernetes
from brownout_fleet.launch import new_token
from brownout_k8s.load_pods_config import LoadPodsConfig
from brownout_panel import panel_address
from brownout_results.record import check_out

MARGIN_S = 3600
"""What a run may take beside its run time before the cluster ends its pods: pulling images, waiting,
fetching."""

LIFETIME_S = 6 * 3600
"""The same, of a run without a run time."""

SERVICE_URL = "http://clientservice:{port}"
"""The client service as pods see it, unless --target says otherwise."""


def run(settings: Settings, workers: WorkerRequest, console: Console) -> int:
    """Run the load in the cluster, show its progress, fetch the run folder, and judge it.

    Raises FleetError, RunFolderError or BrownoutError; the pods are deleted in any case.
    """
    check_out(settings.out)
    fleet = settings.fleet
    assert fleet is not None  # noqa: S101 - the options see to it
    token = new_token()
    pods_log = _log(fleet)
    with ExitStack() as stack:
        with console.status(f"starting a master and {workers.count} workers in the cluster"):
            load_pods = stack.enter_context(
                LoadPodsProcess(load_pods_config(settings, fleet, workers, token), pods_log)
            )
            locust = RemoteLocust(load_pods.up, token, load_pods.ended)
            placed = locust.order(order(settings, fleet, workers))
        stack.enter_context(_announced(f"{load_pods.up.panel}/panel", token))
        conductor: experiment.Conductor | None = None
        if placed:
            conductor = experiment.Conductor(Path(placed), console, settings.policy)
        interrupts = RunInterrupts(locust.stop_gently, locust.kill)
        with interrupts.caught():
            follow(settings, locust, interrupts, console, conductor)
            code = locust.wait()
            folder = locust.fetch(settings.out)
    if folder is None and interrupts.count:
        raise KeyboardInterrupt
    if folder is None:
        log = pods_log.with_name("locust-in-cluster.log")
        log.write_text(locust.output(), encoding="utf-8")
        if reason := not_connected.why(locust.output(), load_pods.up.workers, log):
            raise LoadNotStartedError(reason)
        raise failed_to_start(locust.output(), code, log, settings.locustfile)
    result = judge(settings, folder, bool(interrupts.count), console, code)
    return experiment.judged(folder, result, console) if settings.experiment else result


def load_pods_config(
    settings: Settings, fleet: FleetConfig, workers: WorkerRequest, token: str
) -> LoadPodsConfig:
    """The pods to start."""
    k8s = fleet.settings_as(Kubernetes)
    lifetime_s = int(settings.run_time_s) + MARGIN_S if settings.run_time_s else LIFETIME_S
    return LoadPodsConfig(
        run=secrets.token_hex(4),
        key=key_of(token),
        workers=workers.count,
        lifetime_s=lifetime_s,
        namespace=k8s.namespace,
        context=k8s.context,
        image=workers.image,
        locustfile_from_master=settings.locustfile != LOCUSTFILE,
    )


def order(settings: Settings, fleet: FleetConfig, workers: WorkerRequest) -> Order:
    """Return the order for the agent, with the content of files that the cluster does not have."""
    k8s = fleet.settings_as(Kubernetes)
    own = settings.locustfile if settings.locustfile != LOCUSTFILE else None
    planned = settings.experiment
    return Order(
        locust=list(settings.locust),
        label=settings.label,
        run_time_s=settings.run_time_s,
        target=settings.target or SERVICE_URL.format(port=k8s.port),
        workers=workers.count,
        client_selector=k8s.client_selector,
        backend_selector=k8s.backend_selector,
        port=k8s.port,
        locustfile=own.read_text(encoding="utf-8") if own else None,
        experiment=(planned.path.name, planned.document) if planned else None,
    )


def _log(fleet: FleetConfig) -> Path:
    folder = Path(fleet.log_dir)
    folder.mkdir(parents=True, exist_ok=True)
    return folder / "load-pods.log"


@contextmanager
def _announced(panel: str, token: str) -> Iterator[None]:
    """Announce the panel in the cluster to other terminals on this machine."""
    try:
        path = panel_address.announce(panel, token)
    except OSError:
        path = None
    try:
        yield
    finally:
        if path:
            with contextlib.suppress(OSError):
                path.unlink()
