"""A fake API server over real HTTP and websockets: pods, watches with versions, rights, port-forward.

kmock, the library for this, keeps no resource versions, sends no bookmarks, knows no label selectors and no
preconditions (0.8): what these tests are about. What is answered here follows a real API server's answers.
"""

from __future__ import annotations

import asyncio
import copy
import itertools
import json
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

from aiohttp import web

from tests.k8s.documents import (
    NAMESPACE,
    PORT,
    TOKEN,
    Address,
    Json,
    matches,
    now,
    pod_status,
    status,
    verb_of,
)
from tests.k8s.port_forward_server import FirstRequest, Forwarding


class Cluster:
    """The objects of one namespace, and the server over them. All on the event loop that started it."""

    def __init__(self) -> None:
        self.pods: dict[str, Json] = {}
        self.addresses: dict[str, Address | None] = {}
        """Where the server "in" each pod listens; None refuses."""
        self.objects: dict[str, Json] = {}
        """Other objects, by the path that gets them."""
        self.tokens = {TOKEN}
        self.denied: set[tuple[str, str]] = set()
        """Verb and resource of what is forbidden, as in ("delete", "pods")."""
        self.namespaces = {NAMESPACE}
        self.requests: list[tuple[float, str, str]] = []
        """Moment, verb and path of every request."""
        self.forwarding = Forwarding()
        self.deleted: Callable[[Json], Awaitable[None]] | None = None
        """What a controller does when a pod is gone."""
        self.gate: int | None = None
        """A status with which every request is answered, as by an API server in trouble."""
        self.watch_end_s: float | None = None
        self.told = 0
        """Changes that were written to watches."""
        self.port = 0
        self.tls: Path | None = None
        self._version = itertools.count(1000)
        self._log: list[tuple[int, str, Json]] = []
        self._oldest = 0
        self._changed = asyncio.Event()
        self._watches: set[asyncio.Transport] = set()
        self._uids = itertools.count(1)
        self._runner: web.AppRunner | None = None
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    # The server.

    async def start(self, tls: ssl.SSLContext | None = None) -> None:
        """Listen, on the same port as before if it was up before."""
        app = web.Application(middlewares=[self._guard])
        pods = "/api/v1/namespaces/{namespace}/pods"
        app.router.add_get("/api/v1/namespaces/{namespace}", self._get_namespace)
        app.router.add_get("/version", self._get_version)
        app.router.add_post("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", self._review)
        app.router.add_get(pods, self._list_or_watch)
        app.router.add_delete(pods + "/{name}", self._delete)
        app.router.add_get("/{path:api.*}", self._get_object)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        self._server = await asyncio.get_running_loop().create_server(
            lambda: FirstRequest(self), "127.0.0.1", self.port, ssl=tls, backlog=1024, reuse_address=True
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Go down without a word to anybody."""
        if self._server:
            self._server.close()
        self.cut_watches()
        self.cut_tunnels()
        if self._runner:
            await self._runner.cleanup()
        for task in self._tasks:
            task.cancel()

    # What happens in the cluster.

    def add(self, name: str, app: str, address: Address | None, ready: bool = True, **state: Any) -> Json:
        """A pod appears."""
        pod: Json = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {
                "name": name,
                "namespace": NAMESPACE,
                "uid": f"uid-{next(self._uids)}",
                "labels": {"app": app},
                "creationTimestamp": now(),
            },
            "spec": {"containers": [{"name": app, "ports": [{"name": "web", "containerPort": PORT}]}]},
            "status": pod_status(app, ready, **state),
        }
        self.pods[name] = pod
        self.addresses[name] = address
        self._record("ADDED", pod)
        return pod

    def change(self, name: str, ready: bool, **state: Any) -> None:
        """A pod's status changes."""
        pod = self.pods[name]
        pod["status"] = pod_status(pod["metadata"]["labels"]["app"], ready, **state)
        self._record("MODIFIED", pod)

    def terminate(self, name: str) -> None:
        """A pod gets its deletion timestamp."""
        pod = self.pods[name]
        pod["metadata"]["deletionTimestamp"] = now()
        self._record("MODIFIED", pod)

    def remove(self, name: str) -> None:
        """A pod is gone; the controller, if there is one, brings another."""
        pod = self.pods.pop(name, None)
        if pod is None:
            return
        self._record("DELETED", pod)
        if self.deleted:
            self.spawn(self.deleted(pod))

    def forget_history(self) -> None:
        """Compaction: versions up to now can't be watched from any more."""
        self._oldest = next(self._version)
        self._log.clear()

    def bookmark(self) -> None:
        """What the API server sends once a minute."""
        version = next(self._version)
        self._log.append(
            (version, "BOOKMARK", {"kind": "Pod", "metadata": {"resourceVersion": str(version)}})
        )
        self._wake()

    def cut_watches(self) -> None:
        """Break every open watch."""
        for transport in list(self._watches):
            transport.abort()

    def cut_tunnels(self, reset: bool = False) -> None:
        """Break every tunnel."""
        for pipe in list(self.forwarding.pipes):
            pipe.cut(reset)

    def count(self, verb: str) -> int:
        """Requests of one verb so far."""
        return sum(1 for _, asked, _ in self.requests if asked == verb)

    def _record(self, kind: str, pod: Json) -> None:
        version = next(self._version)
        pod["metadata"]["resourceVersion"] = str(version)
        self._log.append((version, kind, copy.deepcopy(pod)))
        self._wake()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    def spawn(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(cast(Any, work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # What is asked of it.

    @web.middleware
    async def _guard(self, request: web.Request, handler: Callable[..., Any]) -> web.StreamResponse:
        refused = self.judge(verb_of(request), request.path_qs, request.headers.get("Authorization"))
        if refused:
            return web.json_response(refused, status=refused["code"])
        return cast(web.StreamResponse, await handler(request))

    def judge(self, verb: str, path: str, authorization: str | None) -> Json | None:
        """The Status of a request that is refused before anything else is looked at."""
        self.requests.append((time.monotonic(), verb, path))
        if self.gate:
            return status(self.gate, "Trouble", "etcd is not there")
        if authorization not in {f"Bearer {token}" for token in self.tokens}:
            return status(401, "Unauthorized", "Unauthorized")
        resource = "pods/portforward" if "/portforward" in path else "pods"
        if path.count("/") < 5:
            resource = "namespaces"
        if (verb, resource) not in self.denied:
            return None
        text = (
            f'{resource} is forbidden: User "tester" cannot {verb} resource "{resource}" in API group "" '
            f'in the namespace "{NAMESPACE}"'
        )
        return status(403, "Forbidden", text)

    def web_protocol(self) -> asyncio.Protocol:
        """What speaks HTTP on a connection."""
        assert self._runner
        assert self._runner.server
        return self._runner.server()

    async def _get_version(self, _request: web.Request) -> web.Response:
        return web.json_response({"major": "1", "minor": "36", "gitVersion": "v1.36.0"})

    async def _review(self, request: web.Request) -> web.Response:
        asked = (await request.json())["spec"]["resourceAttributes"]
        resource = "/".join(part for part in (asked["resource"], asked["subresource"]) if part)
        return web.json_response({"status": {"allowed": (asked["verb"], resource) not in self.denied}})

    async def _get_object(self, request: web.Request) -> web.Response:
        if request.path in self.objects:
            return web.json_response(self.objects[request.path])
        *_, kind, name = request.path.split("/")
        return web.json_response(status(404, "NotFound", f'{kind} "{name}" not found'), status=404)

    def serve_app(self, app: str) -> None:
        """A Service and a Deployment over the pods with this label."""
        self.objects[f"/api/v1/namespaces/{NAMESPACE}/services/{app}"] = {
            "metadata": {"name": app},
            "spec": {
                "selector": {"app": app},
                "ports": [
                    {"name": "http", "port": 80, "targetPort": PORT},
                    {"name": "named", "port": 81, "targetPort": "web"},
                ],
            },
        }
        self.objects[f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments/{app}"] = {
            "metadata": {"name": app},
            "spec": {"selector": {"matchLabels": {"app": app}}},
        }

    async def _get_namespace(self, request: web.Request) -> web.Response:
        name = request.match_info["namespace"]
        if name not in self.namespaces:
            return web.json_response(status(404, "NotFound", f'namespaces "{name}" not found'), status=404)
        return web.json_response({"kind": "Namespace", "metadata": {"name": name}})

    async def _list_or_watch(self, request: web.Request) -> web.StreamResponse:
        if verb_of(request) == "watch":
            return await self._watch(request)
        present = self.pods.values() if request.match_info["namespace"] == NAMESPACE else []
        items = [pod for pod in present if matches(pod, request.query)]
        meta = {"resourceVersion": str(next(self._version))}
        return web.json_response({"kind": "PodList", "metadata": meta, "items": items})

    async def _watch(self, request: web.Request) -> web.StreamResponse:
        since = int(request.query["resourceVersion"])
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        if since < self._oldest:
            gone = {"type": "ERROR", "object": status(410, "Expired", f"too old resource version: {since}")}
            await response.write(json.dumps(gone).encode() + b"\n")
            return response
        transport = cast(asyncio.Transport, request.transport)
        self._watches.add(transport)
        ends = time.monotonic() + (self.watch_end_s or float(request.query["timeoutSeconds"]))
        try:
            async for change in self._changes(since, request.query, ends):
                await response.write(json.dumps(change).encode() + b"\n")
                self.told += 1
        finally:
            self._watches.discard(transport)
        return response

    async def _changes(self, since: int, query: Mapping[str, str], ends: float) -> AsyncIterator[Json]:
        while True:
            changed = self._changed
            for version, kind, pod in [entry for entry in self._log if entry[0] > since]:
                since = version
                if kind == "BOOKMARK" or matches(pod, query):
                    yield {"type": kind, "object": pod}
            left_s = ends - time.monotonic()
            try:
                await asyncio.wait_for(changed.wait(), left_s)
            except TimeoutError:
                return

    async def _delete(self, request: web.Request) -> web.Response:
        name, options = request.match_info["name"], await request.json()
        pod = self.pods.get(name)
        if pod is None:
            return web.json_response(status(404, "NotFound", f'pods "{name}" not found'), status=404)
        wanted = options.get("preconditions", {}).get("uid")
        if wanted and wanted != pod["metadata"]["uid"]:
            text = f"the UID in the precondition ({wanted}) does not match the UID in record"
            return web.json_response(status(409, "Conflict", text), status=409)
        if grace_s := options.get("gracePeriodSeconds", 30):
            self.terminate(name)
            asyncio.get_running_loop().call_later(grace_s, self.remove, name)
        else:
            self.remove(name)
        return web.json_response(pod)

    def address(self, name: str, port: int) -> Address | None:
        """Where a port of a pod really is; None refuses."""
        return self.addresses[name] if port == PORT else None


@asynccontextmanager
async def running(
    addresses: Iterable[tuple[str, str, Address | None]] = (), tls: ssl.SSLContext | None = None
) -> AsyncIterator[Cluster]:
    """A cluster with these pods: name, label app, address of the server in it."""
    cluster = Cluster()
    for name, app, address in addresses:
        cluster.add(name, app, address)
    await cluster.start(tls)
    try:
        yield cluster
    finally:
        await cluster.stop()
