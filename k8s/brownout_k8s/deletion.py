"""Deletes a pod: that one, and no other that has its name by now."""

from __future__ import annotations

import asyncio
import random
from http import HTTPStatus
from typing import Any

from brownout_k8s.api import Api, ApiError
from brownout_k8s.backoff import backoff_s

WITHIN_S = 10.0
"""Time for which it is tried again; the last try may take an answer's time more."""

GONE = (HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)
"""The pod is gone, or another one has its name."""


def options(uid: str, grace_s: int) -> dict[str, Any]:
    """The body of the request: only the pod with this UID, with so long to end."""
    return {
        "apiVersion": "v1",
        "kind": "DeleteOptions",
        "gracePeriodSeconds": grace_s,
        "preconditions": {"uid": uid},
    }


async def delete_surely(api: Api, path: str, uid: str, grace_s: int, within_s: float = WITHIN_S) -> None:
    """Delete the pod, if it is still there, also by an API server that is in trouble at first.

    Raises ApiError.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + within_s
    failures = 0
    while True:
        try:
            await api.delete(path, options(uid, grace_s))
        except ApiError as error:
            failures += 1
            wait_s = backoff_s(failures, random.random())
            if error.status in GONE:
                return
            if _is_final(error.status) or loop.time() + wait_s > deadline:
                raise
            await asyncio.sleep(wait_s)
        else:
            return


def _is_final(status: int) -> bool:
    return HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR and status not in (
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.TOO_MANY_REQUESTS,
    )
