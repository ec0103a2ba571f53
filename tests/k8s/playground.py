"""A cluster whose pods are processes here: the lab under the fake API server, with Deployments that replace
what was killed (not if "unreplaced"), Services, and the rights of the Roles in k8s/roles.

    python -m tests.k8s.playground FOLDER [containers] [unreplaced]

writes FOLDER/NAME.kubeconfig for each account, prints a line when the lab is ready, and ends with standard
input. What it is not: no network of the pods' own (every pod has the address 127.0.0.1), no scheduler, no
kubelet.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import yaml
from aiohttp import ClientError, ClientSession, ClientTimeout, web

from brownout_fleet.forwarder import Forwarder, listening_sockets
from brownout_fleet.free_port import free_port
from brownout_fleet.model import Replica, ReplicaPhase
from brownout_fleet.roster import Roster
from tests.k8s.cluster import Cluster
from tests.k8s.documents import NAMESPACE, Address, Json, status, write_kubeconfig
from tests.servers import ROOT

ACCOUNTS = {
    "outside": ("outside",),
    "run": ("outside", "run"),
    "watch": ("watch",),
    "brownout": ("in-cluster/rbac", "outside"),
    "nobody": (),
}
"""Who has which Roles. The pods' own account also forwards: here it is outside of the cluster."""

AGENT, PANEL = 8090, 8089
READY_S = 30.0
LOG_BYTES = 2048
"""Of the end of a log, that a kubelet takes into a status."""


class Playground(Cluster):
    """The lab, running."""

    def __init__(self, folder: Path, containers: bool = False, replaces: bool = True) -> None:
        """With `containers`, pods that somebody makes are containers of their images, as a kubelet runs
        them. Unless it `replaces`, a pod that is gone stays so."""
        super().__init__()
        self._replaces = replaces
        self._containers = containers
        self._folder = folder
        self._names = itertools.count(1)
        self._processes: dict[str, asyncio.subprocess.Process] = {}
        self._ports: dict[str, dict[int, int]] = {}
        self._rosters = {"client": Roster(), "backend": Roster()}
        self._services: dict[str, Forwarder] = {}
        self._rights = {name: rights(roles) for name, roles in ACCOUNTS.items()}
        self.tokens = {f"token-of-{name}" for name in ACCOUNTS}
        self.scale = 2
        self.deleted = self._replace

    async def up(self) -> None:
        """Start everything, and wait until every pod is ready."""
        await self.start()
        for name in ACCOUNTS:
            write_kubeconfig(self.kubeconfig(name), self.port, f"token-of-{name}")
        for service, roster in self._rosters.items():
            self._services[service] = Forwarder(service, roster, listening_sockets(0, "--port"))
            await self._services[service].start()
        await asyncio.gather(*(self._run_service(s) for s in ("backend", "backend", "client", "client")))

    async def down(self) -> None:
        """End everything."""
        self.deleted = None
        for name in list(self._processes):
            await self._end(name, signal.SIGKILL)
        for service in self._services.values():
            await service.stop()
        await self.stop()

    def kubeconfig(self, account: str) -> Path:
        """The kubeconfig of one account."""
        return self._folder / f"{account}.kubeconfig"

    def url(self, service: str) -> str:
        """What the Service is in the cluster."""
        return self._services[service].url

    def address(self, name: str, port: int) -> Address | None:
        """Where a port of a pod really is."""
        real = self._ports.get(name, {}).get(port)
        return ("127.0.0.1", real) if real else None

    def terminate(self, name: str) -> None:
        """As a kubelet does: SIGTERM, and the pod is gone when its process is."""
        super().terminate(name)
        self.spawn(self._end_gently(name))

    async def _end_gently(self, name: str) -> None:
        await self._end(name, signal.SIGTERM)
        self.remove(name)

    # The Deployments and their pods.

    async def _run_service(self, service: str) -> None:
        """A pod of one of the two services, until it is ready."""
        name, port = f"{service}service-{next(self._names)}", free_port()
        self._ports[name] = {5000: port}
        pod = self.add(name, service, ("127.0.0.1", port), ready=False)
        package = f"brownout_{service}"
        command = ["-m", "gunicorn", "-c", f"python:{package}.server", "--bind", f"127.0.0.1:{port}"]
        variables = {"BACKEND_URL": self.url("backend")}
        await self._launch(name, [*command, f"{package}.app:create_app()"], variables, ROOT)
        await answers(f"http://127.0.0.1:{port}/readyz", self._processes[name], self._folder / f"{name}.log")
        if name in self.pods:
            self.change(name, ready=True)
            self._tell(service, name, pod, ReplicaPhase.READY)

    async def _replace(self, pod: Json) -> None:
        """The pod is gone: so is its process, and a Deployment brings another."""
        name, labels = pod["metadata"]["name"], pod["metadata"]["labels"]
        await self._end(name, signal.SIGKILL)
        if labels["app"] in self._rosters:
            self._tell(labels["app"], name, pod, ReplicaPhase.GONE)
            if self._replaces:
                await self._run_service(labels["app"])

    def _tell(self, service: str, name: str, pod: Json, phase: ReplicaPhase) -> None:
        url = f"http://127.0.0.1:{self._ports[name][5000]}"
        self._rosters[service].put(Replica(name, service, url, phase, pod["metadata"]["uid"], 0.0))

    async def _launch(self, name: str, arguments: list[str], variables: dict[str, str], cwd: Path) -> None:
        await self._spawn_process(name, [sys.executable, *arguments], {**os.environ, **variables}, cwd)

    async def _spawn_process(
        self, name: str, command: list[str], environment: dict[str, str], cwd: Path
    ) -> None:
        with (self._folder / f"{name}.log").open("ab") as log:
            self._processes[name] = await asyncio.create_subprocess_exec(
                *command,
                env=environment,
                cwd=cwd,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    async def _end(self, name: str, number: signal.Signals) -> None:
        process = self._processes.pop(name, None)
        if process is None:
            return
        if self._containers:
            remove = await asyncio.create_subprocess_exec("docker", "rm", "-f", name, stdout=2, stderr=2)
            await remove.wait()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        await process.wait()

    # Pods that somebody makes.

    async def _create(self, request: web.Request) -> web.Response:
        sent = await request.json()
        name = sent["metadata"]["name"]
        if name in self.pods:
            return web.json_response(
                status(409, "AlreadyExists", f'pods "{name}" already exists'), status=409
            )
        pod = self.add(name, sent["metadata"]["labels"]["app"], None, ready=False, phase="Pending")
        pod["metadata"] |= {key: sent["metadata"][key] for key in sent["metadata"] if key != "name"}
        pod["spec"] = sent["spec"]
        self.spawn(self._run_made(pod))
        return web.json_response(pod, status=201)

    async def _run_made(self, pod: Json) -> None:
        """What a kubelet does: run the container, say so, say how it ended."""
        name, (box,) = pod["metadata"]["name"], pod["spec"]["containers"]
        run = pod["metadata"]["labels"].get("brownout/run", name)
        ports = self._ports.setdefault(run, {5557: free_port(), AGENT: free_port(), PANEL: free_port()})
        self._ports[name] = ports
        work = self._folder / name
        (work / "tmp").mkdir(parents=True)
        variables = {one["name"]: one["value"] for one in box.get("env", [])} | {
            "HOME": str(work),
            "TMPDIR": str(work / "tmp"),
            "KUBECONFIG": str(self.kubeconfig("brownout")),
            "BROWNOUT_STATE_DIR": str(work / "state"),
            "BROWNOUT_MASTER_PORT": str(ports[5557]),
            "BROWNOUT_AGENT_PORT": str(ports[AGENT]),
            "BROWNOUT_PANEL_PORT": str(ports[PANEL]),
        }
        if "missing" in box["image"]:
            self.change(name, ready=False, phase="Pending", waiting=("ErrImagePull", "not found"))
            return
        if self._containers:
            await self._spawn_process(name, container(name, pod, variables), dict(os.environ), work)
        else:
            await self._launch(name, ["-P", "-m", "brownout", *box["args"]], variables, work)
        self.change(name, ready=True)
        code = await self._processes[name].wait()
        if name in self.pods:
            words = self._log_end(name, box) if code else ""
            end: Json = {"last_end": ("Error" if code else "Completed", code), "log_end": words}
            self.change(name, ready=False, phase="Failed" if code else "Succeeded", **end)

    def _log_end(self, name: str, box: Json) -> str:
        """What a kubelet writes into the status of a container that failed, if it is asked to."""
        if box.get("terminationMessagePolicy") != "FallbackToLogsOnError":
            return ""
        return (self._folder / f"{name}.log").read_bytes()[-LOG_BYTES:].decode(errors="replace")

    # Rights, and what the fake API server has no routes for.

    def judge(self, verb: str, path: str, authorization: str | None) -> Json | None:
        """The Status of a request that the account's Roles do not allow."""
        account = (authorization or "").removeprefix("Bearer token-of-")
        wanted = asked(verb, path)
        if missing := wanted - self._rights.get(account, wanted):
            denied, what = min(missing)
            text = f'{what} is forbidden: User "{account}" cannot {denied} resource "{what}" in the namespace'
            return status(403, "Forbidden", text)
        return super().judge(verb, path, authorization)

    @web.middleware
    async def _guard(self, request: web.Request, handler: Callable[..., Any]) -> web.StreamResponse:
        if request.method == "POST" and request.path.endswith("/pods"):
            verb, handler = "create", self._create
        elif request.path.endswith("/deployments/brownout-worker/scale"):
            verb, handler = ("update" if request.method == "PUT" else "get"), self._scale
        else:
            return await super()._guard(request, handler)
        refused = self.judge(verb, request.path_qs, request.headers.get("Authorization"))
        if refused:
            return web.json_response(refused, status=refused["code"])
        return cast(web.StreamResponse, await handler(request))

    async def _scale(self, request: web.Request) -> web.Response:
        if request.method == "PUT":
            self.scale = (await request.json())["spec"]["replicas"]
        document = {"kind": "Scale", "spec": {"replicas": self.scale}, "status": {"replicas": self.scale}}
        return web.json_response(document)


Rights = set[tuple[str, str]]


def container(name: str, pod: Json, variables: dict[str, str]) -> list[str]:
    """The command that runs a pod's container under the limits that its manifest asks for."""
    (box,) = pod["spec"]["containers"]
    whole, own = pod["spec"]["securityContext"], box["securityContext"]
    user = f"{whole['runAsUser']}:{whole['runAsGroup']}"
    config = variables["KUBECONFIG"]
    temporary = "/tmp"  # noqa: S108 - the container's own
    variables = variables | {"HOME": temporary, "TMPDIR": temporary, "KUBECONFIG": "/kubeconfig"}
    variables["BROWNOUT_STATE_DIR"] = f"{temporary}/state"
    return [
        *("docker", "run", "--rm", "--name", name, "--network", "host", "--user", user),
        *(["--read-only"] if own["readOnlyRootFilesystem"] else []),
        *(part for one in own["capabilities"]["drop"] for part in ("--cap-drop", one)),
        *([] if own["allowPrivilegeEscalation"] else ["--security-opt", "no-new-privileges"]),
        *(
            part
            for one in box["volumeMounts"]
            for part in ("--tmpfs", f"{one['mountPath']}:uid={whole['fsGroup']}")
        ),
        *("--volume", f"{config}:/kubeconfig:ro", "--workdir", box["workingDir"]),
        *(part for key, value in variables.items() for part in ("--env", f"{key}={value}")),
        *("--entrypoint", box["command"][0], box["image"], *box["args"]),
    ]


def rights(roles: tuple[str, ...]) -> Rights:
    """What the Roles in k8s/roles grant together: verb and resource."""
    granted: Rights = set()
    for role in roles:
        for one in yaml.safe_load_all((ROOT / "k8s/roles" / f"{role}.yaml").read_text()):
            for rule in one["rules"] if one["kind"] == "Role" else []:
                granted |= {(verb, what) for what in rule["resources"] for verb in rule["verbs"]}
    return granted


def asked(verb: str, path: str) -> Rights:
    """The rights that a request needs, as Kubernetes 1.35 and later see it."""
    parts = path.partition("?")[0].strip("/").split("/")
    if parts[-1] == "portforward":
        return {("get", "pods/portforward"), ("create", "pods/portforward")}
    if parts[-1] == "scale":
        return {(verb, f"{parts[-3]}/scale")}
    return {(verb, parts[-1] if parts[-1] == "pods" else parts[-2])}


async def answers(url: str, process: asyncio.subprocess.Process, log: Path) -> None:
    """Wait until it answers 200; if the process ends before that, the error quotes the process's output."""
    async with ClientSession(timeout=ClientTimeout(2)) as session, asyncio.timeout(READY_S):
        while process.returncode is None:
            with contextlib.suppress(ClientError, TimeoutError, OSError):
                async with session.get(url) as response:
                    if response.status == 200:
                        return
            await asyncio.sleep(0.05)
    output = await asyncio.to_thread(log.read_text)
    raise RuntimeError(f"exit code {process.returncode} before {url} answered:\n{output}")


async def main(folder: Path, *how: str) -> None:
    """Run until standard input ends."""
    loop = asyncio.get_running_loop()
    playground = Playground(folder, "containers" in how, "unreplaced" not in how)
    ended = asyncio.Event()
    loop.add_reader(sys.stdin.fileno(), lambda: None if os.read(sys.stdin.fileno(), 64) else ended.set())
    try:
        await playground.up()
        found = {"namespace": NAMESPACE, "client": playground.url("client")}
        sys.stdout.write(json.dumps(found) + "\n")
        sys.stdout.flush()
        await ended.wait()
    finally:
        await playground.down()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), *sys.argv[2:]))
