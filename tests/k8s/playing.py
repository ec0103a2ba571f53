"""The playground as a process of its own, for tests of commands."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from brownout_k8s.access import Credentials
from brownout_k8s.api import Api
from tests.servers import ROOT, until

STOP_S = 20.0


@dataclass(frozen=True)
class Cluster:
    """A cluster that runs, real or not, as one account may see it."""

    folder: Path
    namespace: str
    client: str

    def kubeconfig(self, account: str) -> Path:
        """For this account."""
        return self.folder / f"{account}.kubeconfig"

    def variables(self, account: str, home: Path) -> dict[str, str]:
        """What to add to a command's environment."""
        return {"KUBECONFIG": str(self.kubeconfig(account)), "BROWNOUT_STATE_DIR": str(home / "state")}

    def pods(self, selector: str = "") -> dict[str, str]:
        """UID by name."""
        return {
            pod["metadata"]["name"]: pod["metadata"]["uid"]
            for pod in pods(self.kubeconfig("outside"), self.namespace, selector)
        }

    def delete(self, pod: str) -> None:
        """As somebody else who may."""

        async def ask() -> None:
            async with api(self.kubeconfig("outside")) as there:
                await there.delete(f"/api/v1/namespaces/{self.namespace}/pods/{pod}", {})

        asyncio.run(ask())

    def await_no_pods_of_runs(self) -> None:
        """Wait until nothing is there but the services' pods."""
        try:
            until(lambda: not self.pods("app=brownout-run"), "the pods of runs to be gone", 60.0)
        except TimeoutError as error:
            left = pods(self.kubeconfig("outside"), self.namespace, "app=brownout-run")
            states = [(pod["metadata"], pod["status"]["phase"]) for pod in left]
            raise TimeoutError(f"{error}; left, and whether anybody has deleted them: {states}") from None


def pods(kubeconfig: Path, namespace: str, selector: str = "") -> list[dict[str, Any]]:
    """The pods' objects."""

    async def ask() -> Any:
        async with api(kubeconfig) as there:
            return await there.get(f"/api/v1/namespaces/{namespace}/pods", labelSelector=selector)

    items: list[dict[str, Any]] = asyncio.run(ask())["items"]
    return items


@asynccontextmanager
async def api(kubeconfig: Path) -> AsyncIterator[Api]:
    """The API with an account's rights."""
    credentials = Credentials(None, str(kubeconfig))
    await credentials.open()
    there = Api(credentials)
    try:
        yield there
    finally:
        await there.close()


@contextmanager
def playground(folder: Path, *how: str) -> Iterator[Cluster]:
    """A playground that is up."""
    with (folder / "playground.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.k8s.playground", str(folder), *how],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
        )
    assert process.stdin
    assert process.stdout
    try:
        line = process.stdout.readline()
        assert line, (folder / "playground.log").read_text()
        found = json.loads(line)
        yield Cluster(folder, found["namespace"], found["client"])
    finally:
        process.stdin.close()
        try:
            process.wait(STOP_S)
        finally:
            process.kill()
            process.wait()
            process.stdout.close()
