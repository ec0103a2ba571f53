"""The pods of one run in the cluster: made, awaited, reached through port-forwards, and deleted.

    python -m brownout_k8s.load_pods

A process of its own, like the fleet's: it reads one line of JSON from standard input (`LoadPodsConfig`),
prints one when the pods run (`LoadPodsUp`) or could not be brought up (`FleetFailed`), then one for each pod
that ends (`PodEnded`), and deletes them when standard input ends, however the process at its other end did.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import msgspec

from brownout_fleet.config import FleetFailed
from brownout_fleet.model import FleetError
from brownout_fleet.process import announce, read_from_parent
from brownout_k8s import load_pod_manifests
from brownout_k8s.access import Credentials
from brownout_k8s.api import Api, ApiError
from brownout_k8s.deletion import delete_surely
from brownout_k8s.listener import PodListener
from brownout_k8s.load_pod_ends import ends
from brownout_k8s.load_pods_config import LoadPodsConfig, LoadPodsUp, PodEnded
from brownout_k8s.pods import Pod
from brownout_k8s.tunnels import Tunnels
from brownout_k8s.watch import PodWatch
from brownout_terms.descriptors import raise_limit
from brownout_terms.exits import Exit

STUCK_S = 10.0
"""How long a pod may be stuck (an image that can't be pulled, no room) before it is taken to stay so."""

GONE_S = 15.0
"""Time for deleted pods to be gone. The cluster ends them by itself; this is to say so."""

GRACE_S = 1
"""What their containers get to end: nothing is left to write by then."""


class LoadPods:
    """A master and its workers."""

    def __init__(self, config: LoadPodsConfig, kubeconfig: str | None = None) -> None:
        self._config = config
        self._credentials = Credentials(config.context, kubeconfig)
        self._api: Api | None = None
        self._watch: PodWatch | None = None
        self._following: asyncio.Task[None] | None = None
        self._tunnels: Tunnels | None = None
        self._listeners: list[PodListener] = []
        self._namespace = ""
        self._making: set[asyncio.Task[Any]] = set()
        self._made = False
        self._changed = asyncio.Event()

    async def start(self) -> LoadPodsUp:
        """Make the pods and wait until all run. Raises FleetError; `stop` takes away what was made."""
        access = await self._credentials.open()
        self._namespace = self._config.namespace or access.namespace
        self._api = Api(self._credentials)
        query = {"labelSelector": f"{load_pod_manifests.LABEL}={self._config.run}"}
        self._watch = PodWatch(self._api, self._namespace, query, self._pod_changed, self._pod_changed)
        await self._watch.list()
        self._following = asyncio.create_task(self._watch.run())
        owner = await self._make(load_pod_manifests.master(self._config))
        master = await self._until(self._master_with_address, "the master to get an address")
        for number in range(self._config.workers):
            await self._make(load_pod_manifests.worker(self._config, number, master.status.pod_ip, owner))
        await self._until(self._all_running, "the workers to run")
        return await self._reach(owner["name"])

    async def report_ends(self, up: LoadPodsUp, report: Callable[[PodEnded], None]) -> None:
        """Tell of each pod that ends, once, as long as this runs."""
        reported: set[str] = set()
        while True:
            self._changed.clear()
            for name, ended in ends((up.master, *up.workers), self._pods).items():
                if name not in reported:
                    report(ended)
                    reported.add(name)
            await self._changed.wait()

    async def stop(self) -> None:
        """Delete the pods of this run, all and no others, and wait until they are gone."""
        for listener in self._listeners:
            listener.stop()
        if self._tunnels:
            await self._tunnels.stop()
        try:
            await asyncio.gather(*self._making, return_exceptions=True)
            if self._made:
                await self._delete_all()
        finally:
            if self._following:
                self._following.cancel()
                await asyncio.gather(self._following, return_exceptions=True)
            if self._api:
                await self._api.close()

    @property
    def _path(self) -> str:
        return f"/api/v1/namespaces/{self._namespace}/pods"

    @property
    def _pods(self) -> list[Pod]:
        assert self._watch is not None  # noqa: S101 - set by start() before anything asks
        return list(self._watch.pods.values())

    async def _make(self, manifest: dict[str, Any]) -> dict[str, Any]:
        """Create a pod; its metadata."""
        assert self._api is not None  # noqa: S101 - set by start() before anything is made
        self._made = True  # also when the answer is lost: the label finds it
        # Not cancelled half-way: what the server makes after that would be nobody's.
        making = asyncio.create_task(self._api.post(self._path, manifest))
        self._making.add(making)
        try:
            made = await asyncio.shield(making)
        except ApiError as error:
            raise FleetError(self._refused(error, manifest)) from None
        metadata: dict[str, Any] = made["metadata"]
        return metadata

    def _refused(self, error: ApiError, manifest: dict[str, Any]) -> str:
        account = manifest["spec"].get("serviceAccountName")
        kubectl = self._credentials.access.kubectl
        text = str(error)
        if error.status == HTTPStatus.NOT_FOUND and "namespaces" in text:
            return (
                f'there is no namespace "{self._namespace}".\n\nSee which there are: {kubectl} get namespaces'
            )
        if account and "serviceaccount" in text.lower():
            return (
                f'the namespace "{self._namespace}" has no service account "{account}", as which the master '
                f"runs.\n\nMake it: {kubectl} -n {self._namespace} apply -k k8s/roles/in-cluster"
            )
        return f"the pod {manifest['metadata']['name']} can't be made: {text}"

    async def _until(self, condition: Callable[[], Pod | None], what: str) -> Pod:
        """Wait until the condition gives a pod. Raises FleetError when a pod ends or is stuck, or time is
        up."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._config.start_timeout_s
        stuck_since: float | None = None
        while True:
            self._changed.clear()
            if found := condition():
                return found
            if over := next((pod for pod in self._pods if pod.over), None):
                text = f"\n\nThe end of its log:\n\n{over.log_end}" if over.log_end else ""
                raise FleetError(self._failure(over, f"ended at once: {over.why_ended}{text}"))
            stuck = next((pod for pod in self._pods if pod.stuck), None)
            stuck_since = (stuck_since or loop.time()) if stuck else None
            if stuck and stuck_since and loop.time() - stuck_since >= STUCK_S:
                raise FleetError(self._failure(stuck, f"does not start: {stuck.stuck}"))
            if loop.time() > deadline:
                waiting = next((pod for pod in self._pods if not pod.ready), None)
                why = (
                    f"{waiting.metadata.name} is not ready: {waiting.why_not_ready}"
                    if waiting
                    else "none came"
                )
                raise FleetError(f"waited {self._config.start_timeout_s:g} s in vain for {what}; {why}")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1.0):
                    await self._changed.wait()

    def _failure(self, pod: Pod, text: str) -> str:
        kubectl, name = self._credentials.access.kubectl, pod.metadata.name
        image = self._config.image or "brownout:latest"
        return (
            f'the pod {name} {text}\n\nIts image is "{image}"; another one: --image NAME. See the rest: '
            f"{kubectl} -n {self._namespace} get events --field-selector involvedObject.name={name}"
        )

    def _master_with_address(self) -> Pod | None:
        name = load_pod_manifests.name_of(self._config, "master")
        return next((pod for pod in self._pods if pod.metadata.name == name and pod.status.pod_ip), None)

    def _all_running(self) -> Pod | None:
        ready = [pod for pod in self._pods if pod.ready]
        return ready[0] if len(ready) == self._config.workers + 1 else None

    async def _reach(self, master: str) -> LoadPodsUp:
        tunnels = self._tunnels = Tunnels(self._credentials, self._namespace, lambda _pod, _words: None)
        tunnels.start()
        for port in (load_pod_manifests.AGENT_PORT, load_pod_manifests.PANEL_PORT):
            self._listeners.append(PodListener(master, _through(tunnels, master, port)))
            await self._listeners[-1].start()
        agent, panel = (listener.url for listener in self._listeners)
        workers = sorted(pod.metadata.name for pod in self._pods if pod.metadata.name != master)
        return LoadPodsUp(agent, panel, self._namespace, master, workers)

    async def _delete_all(self) -> None:
        assert self._watch is not None  # noqa: S101 - start() had it before it made anything
        with contextlib.suppress(ApiError):  # those that the watch has seen are known anyway
            await self._watch.list()
        results = await asyncio.gather(*(self._delete(pod) for pod in self._pods), return_exceptions=True)
        if failed := next((one for one in results if isinstance(one, BaseException)), None):
            raise failed
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(GONE_S):
                while self._pods:
                    self._changed.clear()
                    await self._changed.wait()

    async def _delete(self, pod: Pod) -> None:
        assert self._api is not None  # noqa: S101 - as above
        await delete_surely(self._api, f"{self._path}/{pod.metadata.name}", pod.metadata.uid, GRACE_S)

    def _pod_changed(self, _pod: Pod) -> None:
        self._changed.set()


def _through(tunnels: Tunnels, pod: str, port: int) -> Any:
    async def connect(upstream: Any) -> Any:
        return await tunnels.connect(upstream, pod, port)

    return connect


async def _serve(load_pods: LoadPods) -> None:
    up = await load_pods.start()
    announce(up)
    await load_pods.report_ends(up, announce)


async def run(config: LoadPodsConfig, lifeline: asyncio.Event) -> FleetFailed | None:
    """Start the pods, announce them, report those that end, and delete all when the lifeline ends."""
    load_pods = LoadPods(config)
    ended = asyncio.create_task(lifeline.wait())
    serving = asyncio.create_task(_serve(load_pods))
    try:
        await asyncio.wait({serving, ended}, return_when=asyncio.FIRST_COMPLETED)
        if serving.done():  # by an error alone
            await serving
    except FleetError as error:
        return FleetFailed(str(error))
    finally:
        serving.cancel()
        ended.cancel()
        await asyncio.gather(serving, ended, return_exceptions=True)
        await load_pods.stop()
    return None


async def main() -> int:
    """Run the load pods as standard input says; UNABLE after one that failed."""
    raise_limit()
    line, lifeline = await read_from_parent()
    try:
        failed = await run(msgspec.json.decode(line, type=LoadPodsConfig), lifeline)
    except FleetError as error:  # from the deletion
        failed = FleetFailed(str(error))
    if failed:
        announce(failed)
        sys.stderr.write(f"{failed.message}\n")  # its log: whoever started it may not listen any more
    return Exit.UNABLE if failed else Exit.PASSED


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
