"""Where the API server is, and how to prove who we are: from a kubeconfig, or inside the cluster.

Reading is left to the `kubernetes` library, which knows every kind of kubeconfig (tokens, client
certificates, exec plugins, OIDC, basic), in a thread, since plugins run programs. Talking is not: see api.py.
"""

from __future__ import annotations

import asyncio
import logging
import os
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

from brownout_fleet.model import FleetError
from brownout_terms.variables import NAMESPACE

logger = logging.getLogger(__name__)

TOKEN_FRESH_S = 10.0
"""A token is asked for again after this; the library then renews one that ends within five minutes."""

RELOAD_S = 300.0
"""Everything is read again after this, in the background: certificates and token files rotate on disk."""

NAMESPACE_FILE = Path("/var/run/secrets/kubernetes.io/serviceaccount/namespace")


@dataclass(frozen=True)
class Access:
    """A cluster, and us in it. `context` is None inside the cluster."""

    server: SplitResult
    namespace: str
    context: str | None
    tls: ssl.SSLContext | None
    server_name: str | None
    """The name in the server's certificate, where it is not the host's."""
    proxy: SplitResult | None
    configuration: Any
    """The library's, which renews the token when it is asked for it."""

    @property
    def kubectl(self) -> str:
        """The command that reaches the same cluster by hand."""
        return f"kubectl --context {self.context}" if self.context else "kubectl"

    @property
    def where(self) -> str:
        """The cluster in words."""
        return f'{self.server.geturl()} (context "{self.context}")' if self.context else self.server.geturl()

    def authorization(self) -> str | None:
        """The Authorization header; None with a client certificate. May run a program, so: in a thread."""
        for setting in self.configuration.auth_settings().values():
            if setting["in"] == "header" and setting["value"]:
                value = str(setting["value"])
                # The library says "bearer" inside a cluster; proxies have been seen to compare letters.
                return f"Bearer {value[7:]}" if value.startswith("bearer ") else value
        return None


class Credentials:
    """The access as it is now, renewed as it has to be."""

    def __init__(self, context: str | None = None, kubeconfig: str | None = None) -> None:
        self._context = context
        self._kubeconfig = kubeconfig
        self._access: Access | None = None
        self._header: str | None = None
        self._asked_at = self._loaded_at = 0.0
        self._lock = asyncio.Lock()
        self._reloading: asyncio.Task[None] | None = None

    @property
    def access(self) -> Access:
        """The access; `open` comes first."""
        if self._access is None:
            raise RuntimeError("the credentials have not been opened")
        return self._access

    async def open(self) -> Access:
        """Read everything. Raises FleetError with a sentence for the user."""
        async with self._lock:
            await self._load()
        return self.access

    async def authorization(self) -> str | None:
        """The Authorization header to send now."""
        now = time.monotonic()
        if now - self._loaded_at > RELOAD_S and (self._reloading is None or self._reloading.done()):
            self._reloading = asyncio.create_task(self._reload())
        if now - self._asked_at > TOKEN_FRESH_S:
            async with self._lock:
                if time.monotonic() - self._asked_at > TOKEN_FRESH_S:
                    await self._ask()
        return self._header

    async def renew(self, refused: str | None) -> bool:
        """Read everything again after a 401 to the header `refused`. False if that changed nothing."""
        async with self._lock:
            if self._header == refused:
                await self._load()
        return self._header != refused

    async def close(self) -> None:
        """End what runs in the background."""
        if self._reloading:
            self._reloading.cancel()
            await asyncio.gather(self._reloading, return_exceptions=True)

    async def _load(self) -> None:
        self._access = await asyncio.to_thread(load, self._context, self._kubeconfig)
        self._loaded_at = time.monotonic()
        await self._ask()

    async def _ask(self) -> None:
        self._header = await asyncio.to_thread(self.access.authorization)
        self._asked_at = time.monotonic()

    async def _reload(self) -> None:
        try:
            async with self._lock:
                await self._load()
        except FleetError as error:  # a file in the middle of its rotation; what we have is still valid
            logger.warning("credentials could not be read again: %s", error)
            self._loaded_at = time.monotonic()


def load(context: str | None, kubeconfig: str | None) -> Access:
    """Read the configuration: a kubeconfig, else the cluster around us, like kubectl. Raises FleetError."""
    files = kubeconfig or os.environ.get("KUBECONFIG") or "~/.kube/config"
    inside = context is None and kubeconfig is None and "KUBERNETES_SERVICE_HOST" in os.environ
    if not inside and not any(Path(one).expanduser().is_file() for one in files.split(os.pathsep)):
        raise FleetError(_no_config(files, "there is no such file"))  # before half a second of imports

    import yaml  # comes with kubernetes, which reads its files with it
    from kubernetes import client, config
    from kubernetes.config.kube_config import KubeConfigLoader, KubeConfigMerger

    configuration = client.Configuration()
    try:
        merged = KubeConfigMerger(files)
        if merged.config is None or not merged.config.value.get("contexts"):
            if inside:
                return _in_cluster(configuration)
            raise FleetError(_no_config(files, "there are no contexts in it"))
        chosen = _choose(merged.config, context)
        loader = KubeConfigLoader(merged.config, chosen, config_persister=merged.save_changes)
        with _complaints() as complaints:
            loader.load_and_set(configuration)
    except (config.ConfigException, yaml.YAMLError, OSError) as error:
        raise FleetError(_no_config(files, str(error))) from None
    if complaints:  # the library writes a failed plugin to the log and goes on without credentials
        raise FleetError(
            f'no credentials for context "{chosen}": {"; ".join(complaints)}\n\n'
            f"Try them: kubectl --context {chosen} auth whoami"
        )
    namespace = loader.current_context["context"].get("namespace") or "default"
    return _access(configuration, chosen, namespace)


def _choose(kubeconfig: Any, context: str | None) -> str:
    """The context to use; raises FleetError with those that there are."""
    names = [str(one["name"]) for one in kubeconfig.value["contexts"]]
    chosen = context or str(kubeconfig.value.get("current-context") or "")
    if chosen in names:
        return chosen
    there = ", ".join(f'"{name}"' for name in names)
    missing = f'has no context "{chosen}"' if chosen else "has no current context"
    raise FleetError(f"the kubeconfig {missing}; it has: {there}.\n\nChoose one with --context NAME.")


def _in_cluster(configuration: Any) -> Access:
    from kubernetes import config

    try:
        config.load_incluster_config(client_configuration=configuration)
        namespace = NAMESPACE_FILE.read_text().strip()
    except (config.ConfigException, OSError) as error:
        raise FleetError(
            f"this pod has no service account that can be used: {error}\n\n"
            "Its manifest needs a serviceAccountName, and automountServiceAccountToken: true."
        ) from None
    return _access(configuration, None, namespace)


def _access(configuration: Any, context: str | None, namespace: str) -> Access:
    server = urlsplit(configuration.host)
    proxy = configuration.proxy if not _bypasses(server.hostname or "") else None
    return Access(
        server=server,
        namespace=namespace,
        context=context,
        tls=_tls(configuration) if server.scheme == "https" else None,
        server_name=getattr(configuration, "tls_server_name", None),
        proxy=urlsplit(proxy) if proxy else None,
        configuration=configuration,
    )


def _tls(configuration: Any) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=configuration.ssl_ca_cert)
        # Python 3.13 refuses certificates that kubectl accepts, those of many clusters' own authorities.
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
        if configuration.cert_file:
            context.load_cert_chain(configuration.cert_file, configuration.key_file)
    except (OSError, ssl.SSLError) as error:
        raise FleetError(f"the kubeconfig's certificates can't be used: {error}") from None
    if not configuration.verify_ssl:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _bypasses(host: str) -> bool:
    """Whether the environment says that no proxy leads to `host`."""
    from urllib.request import proxy_bypass

    return bool(proxy_bypass(host))


def _no_config(files: str, why: str) -> str:
    return (
        f'no cluster is configured: "{files}" can\'t be used: {why}\n\n'
        "Name a kubeconfig in the variable KUBECONFIG, or make a cluster: minikube start"
    )


@contextmanager
def _complaints() -> Iterator[list[str]]:
    """What the library logs as an error meanwhile."""
    heard: list[str] = []

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            heard.append(record.getMessage())

    ear = Ear(logging.ERROR)
    logging.getLogger().addHandler(ear)
    try:
        yield heard
    finally:
        logging.getLogger().removeHandler(ear)


def experiment_variables(settings: Mapping[str, Any]) -> dict[str, str]:
    """Variables that lead the actions of chaosk8s to the fleet's pods: its context and its namespace."""
    access = load(settings.get("context"), None)
    context = {"KUBERNETES_CONTEXT": access.context} if access.context else {"CHAOSTOOLKIT_IN_POD": "true"}
    return {NAMESPACE: settings.get("namespace") or access.namespace, **context}
