"""The number of workers of overlays/distributed, by the scale of their Deployment and nothing more of it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from brownout_fleet.model import FleetError
from brownout_k8s.access import Credentials
from brownout_k8s.api import Api, ApiError

DEPLOYMENT = "brownout-worker"


@dataclass(frozen=True)
class Scale:
    """Workers asked for, and there."""

    wanted: int
    there: int


def scale(count: int | None, namespace: str | None, context: str | None) -> Scale:
    """The scale as it is, or after it was set to `count`. Raises FleetError."""
    return asyncio.run(_scale(count, namespace, context))


async def _scale(count: int | None, namespace: str | None, context: str | None) -> Scale:
    credentials = Credentials(context)
    access = await credentials.open()
    namespace = namespace or access.namespace
    path = f"/apis/apps/v1/namespaces/{namespace}/deployments/{DEPLOYMENT}/scale"
    api = Api(credentials)
    try:
        document = await api.get(path)
        if count is not None:
            document["spec"]["replicas"] = count
            document = await api.put(path, document)
    except ApiError as error:
        if error.status != HTTPStatus.NOT_FOUND:
            raise
        raise FleetError(
            f'there is no deployment "{DEPLOYMENT}" in namespace "{namespace}".\n\n'
            f"Make it: {access.kubectl} -n {namespace} apply -k k8s/overlays/distributed"
        ) from None
    finally:
        await api.close()
    return _of(document)


def _of(document: dict[str, Any]) -> Scale:
    return Scale(document["spec"].get("replicas", 0), document.get("status", {}).get("replicas", 0))
