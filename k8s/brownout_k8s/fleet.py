"""The fleet on Kubernetes: the pods that match are the replicas; nothing is created, and only kills delete.

Outside the cluster each pod is reached through tunnels (port-forward), inside it by its own address.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from http import HTTPStatus

import msgspec

from brownout_fleet.config import Kubernetes
from brownout_fleet.model import FleetError, NotRunningError, Replica, ReplicaEvent, ReplicaPhase
from brownout_fleet.relay import Upstream
from brownout_fleet.roster import Roster
from brownout_k8s import readiness
from brownout_k8s.access import Access, Credentials
from brownout_k8s.api import Api, ApiError
from brownout_k8s.deletion import GONE, options
from brownout_k8s.groups import Group, of_services
from brownout_k8s.listener import PodListener
from brownout_k8s.pods import Pod, replica
from brownout_k8s.tunnels import Tunnels
from brownout_k8s.watch import PodWatch

APPEAR_S = 5.0
"""How long a selector may match nothing before it is taken to be wrong."""


class KubernetesFleet:
    """Replicas as pods; see `Fleet` for the contract."""

    def __init__(
        self,
        settings: Kubernetes,
        roster: Roster,
        kubeconfig: str | None = None,
        groups: Mapping[str, Group] | None = None,
    ) -> None:
        """`groups` are the pods by service; None takes those of the settings' two selectors."""
        self._settings = settings
        self._groups = of_services(settings) if groups is None else groups
        self._roster = roster
        self._credentials = Credentials(settings.context, kubeconfig)
        self._api: Api | None = None
        self._access: Access | None = None
        self._tunnels: Tunnels | None = None
        self._namespace = ""
        self._watches: dict[str, PodWatch] = {}
        self._listeners: dict[str, PodListener] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._starting: set[asyncio.Task[None]] = set()
        self._changed = asyncio.Event()

    async def start(self) -> None:
        """Find the pods, wait until those that come up are ready; raises FleetError, having let go of all."""
        try:
            await self._start()
        except BaseException:
            await self.stop()
            raise

    async def _start(self) -> None:
        access = self._access = await self._credentials.open()
        self._namespace = self._settings.namespace or access.namespace
        api = self._api = Api(self._credentials)
        if access.context is not None:
            self._tunnels = Tunnels(self._credentials, self._namespace, self._roster.note, self._leaving)
            self._tunnels.start()
            self._roster.connect = self._connect
        self._watches = {
            service: self._watch_pods(api, service, group) for service, group in self._groups.items()
        }
        await asyncio.gather(*(watch.list() for watch in self._watches.values()))
        self._refuse_overlap()
        self._tasks = [asyncio.create_task(watch.run()) for watch in self._watches.values()]
        await self._await_ready()
        await self._try_tunnels()

    async def stop(self) -> None:
        """Let go of the pods, which stay as they are; nothing of ours is left when it returns."""
        for task in (*self._tasks, *self._starting):
            task.cancel()
        await asyncio.gather(*self._tasks, *self._starting, return_exceptions=True)
        for listener in self._listeners.values():
            listener.stop()
        if self._tunnels:
            await self._tunnels.stop()
        if self._api:
            await self._api.close()

    def replicas(self, service: str | None = None) -> list[Replica]:
        """The replicas of one service, or all, in the order of their names."""
        return self._roster.replicas(service)

    def watch(self, since: int = 0) -> AsyncIterator[ReplicaEvent]:
        """The events after number `since`, then the new ones as they come."""
        return self._roster.watch(since)

    async def kill(self, name: str) -> Replica:
        """Delete a pod; returns the replica that it was.

        The order names the pod's UID: a pod of the same name that came since is never hit. Raises
        UnknownReplicaError, NotRunningError, or FleetError when it is not allowed.
        """
        target = self._roster.get(name)
        uid = target.uid.partition("/")[0]
        assert self._api is not None  # noqa: S101 - start() has been called, or there were no replica
        path = f"/api/v1/namespaces/{self._namespace}/pods/{name}"
        try:
            await self._api.delete(path, options(uid, self._settings.grace_s))
        except ApiError as error:
            if error.status in GONE:
                raise NotRunningError(f"{name} is gone already; its place is being taken") from None
            raise
        return target

    def _watch_pods(self, api: Api, service: str, group: Group) -> PodWatch:
        def seen(pod: Pod) -> None:
            self._take(service, pod)

        return PodWatch(api, self._namespace, group.query, seen, lambda pod: self._gone(pod.metadata.name))

    def _take(self, service: str, pod: Pod) -> None:
        """A pod's new state, as the replica that it is."""
        self._changed.set()
        name = pod.metadata.name
        known = {one.name: one for one in self._roster.replicas()}.get(name)
        if known is None and (pod.over or (self._tunnels is None and not pod.status.pod_ip)):
            return
        if known and known.uid != pod.life and not pod.over:
            # A container ended and another one starts in its place: that is another life.
            ended = msgspec.structs.replace(known, phase=ReplicaPhase.GONE, reason=pod.why_ended)
            self._roster.put(ended)
            known = None
        was_ready = known is not None and known.phase in (ReplicaPhase.READY, ReplicaPhase.UNREADY)
        self._roster.put(replica(pod, service, self._url(pod), was_ready))
        if pod.over:
            self._gone(name, pod.why_ended)

    def _gone(self, name: str, reason: str = "deleted") -> None:
        """A pod that never comes back under its name."""
        self._changed.set()
        known = {one.name: one for one in self._roster.replicas()}.get(name)
        if known is None:
            return
        if known.phase is not ReplicaPhase.GONE:
            self._roster.put(msgspec.structs.replace(known, phase=ReplicaPhase.GONE, reason=reason))
        self._roster.forget(name)
        if listener := self._listeners.pop(name, None):
            listener.stop()
        if self._tunnels:
            self._tunnels.forget(name)

    def _url(self, pod: Pod) -> str:
        """The pod's own address in the cluster; outside, a port of ours that leads to it alone."""
        if self._tunnels is None:
            ip = pod.status.pod_ip
            return f"http://{f'[{ip}]' if ':' in ip else ip}:{self._settings.port}"
        name = pod.metadata.name
        if name not in self._listeners:
            listener = self._listeners[name] = PodListener(name, lambda factory: self._tunnel(factory, name))
            task = asyncio.ensure_future(listener.start())
            self._starting.add(task)
            task.add_done_callback(self._starting.discard)
        return self._listeners[name].url

    async def _connect(self, upstream: Callable[[], Upstream], target: Replica) -> Upstream:
        """What the forwarders call: straight into a tunnel, without a second hop through the pod's port."""
        return await self._tunnel(upstream, target.name)

    async def _tunnel(self, upstream: Callable[[], Upstream], name: str) -> Upstream:
        assert self._tunnels is not None  # noqa: S101 - there is no listener without
        return await self._tunnels.connect(upstream, name, self._settings.port)

    def _leaving(self, name: str) -> bool:
        return not any(
            pod.metadata.name == name and not pod.terminating and not pod.over
            for watch in self._watches.values()
            for pod in watch.pods.values()
        )

    # Coming up.

    def _pods(self) -> dict[str, list[Pod]]:
        return {service: list(watch.pods.values()) for service, watch in self._watches.items()}

    async def _await_ready(self) -> None:
        """Wait for the pods that come up; what is stuck is not waited for where another pod is ready."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        while True:
            pods = self._pods()
            left_s = began + self._settings.start_timeout_s - loop.time()
            if not readiness.pods_to_wait_for(pods) and not readiness.services_without_ready_pod(pods):
                return
            if service := readiness.stuck_service(pods):
                raise self._stuck(service, pods[service])
            empty = [service for service, group in pods.items() if not group]
            if empty:
                left_s = min(left_s, began + APPEAR_S - loop.time())
            if left_s <= 0:
                if empty:
                    raise await self._nothing_matches(empty[0])
                if lacking := readiness.services_without_ready_pod(pods):
                    raise self._stuck(lacking[0], pods[lacking[0]])
                return  # some are still on their way; the service answers
            self._changed.clear()
            try:
                async with asyncio.timeout(left_s):
                    await self._changed.wait()
            except TimeoutError:
                pass

    def _refuse_overlap(self) -> None:
        """Replicas are known by their names: a pod can't be one of two services."""
        groups = [{pod.metadata.name for pod in group} for group in self._pods().values()]
        if both := set.intersection(*groups) if len(groups) > 1 else set():
            matched = " and ".join(group.description for group in self._groups.values())
            raise FleetError(
                f"{', '.join(sorted(both))} matches both selectors: {matched}.\n\n"
                'If there is one service only, give the other an empty selector: --backend-selector ""'
            )

    def _stuck(self, service: str, pods: list[Pod]) -> FleetError:
        assert self._access is not None  # noqa: S101 - start() has read it
        worst = next((pod for pod in pods if pod.stuck), pods[0])
        return FleetError(
            f"no pod of the {service} gets ready:\n{readiness.describe_unready(pods)}\n\n"
            f"See why: {self._access.kubectl} -n {self._namespace} describe pod {worst.metadata.name}"
        )

    async def _nothing_matches(self, service: str) -> FleetError:
        """Why there is no pod: a namespace that does not exist lists none, without an error."""
        assert self._access is not None  # noqa: S101 - start() has read it
        assert self._api is not None  # noqa: S101
        kubectl, namespace = self._access.kubectl, self._namespace
        try:
            await self._api.get(f"/api/v1/namespaces/{namespace}")
        except ApiError as error:
            if error.status == HTTPStatus.NOT_FOUND:
                return FleetError(
                    f'there is no namespace "{namespace}".\n\nSee which there are: {kubectl} get namespaces; '
                    "choose one with --namespace NAME."
                )
        group = self._groups[service]
        return FleetError(
            f'no pod in namespace "{namespace}" matches {group.description}.\n\n'
            f"See what is there: {kubectl} -n {namespace} get pods --show-labels; "
            f"choose with {group.choose} and --namespace NAME."
        )

    async def _try_tunnels(self) -> None:
        """Open one tunnel a service, so that a right that is missing is said now and not by the load."""
        if self._tunnels is None:
            return
        for service in self._watches:
            ready = next(one for one in self._roster.replicas(service) if one.phase is ReplicaPhase.READY)
            try:
                await self._tunnel(_Silent, ready.name)  # type: ignore[arg-type]  # mypy takes the class for no factory
            except OSError as error:
                raise FleetError(f"can't forward a port to {ready.name}: {error}") from None


class _Silent(asyncio.Protocol):
    """Takes a tunnel and lets go of it."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.close()
