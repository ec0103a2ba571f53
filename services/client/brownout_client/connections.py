"""urllib3's pooled connections, asked in a cheaper way whether they are still open.

All that is used of urllib3 and requests beyond their documentation stands here; `check` holds it to the
installed versions.
"""

import inspect
import select
from importlib import metadata
from typing import cast

import requests
from gevent import monkey
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

_poll = monkey.get_original("select", "poll")


class _Checked(HTTPConnection):
    """A pooled connection that is asked without waiting whether the backend has closed it.

    urllib3 asks before each call, by a `poll` that gevent makes a trip to its loop: the call would queue up
    behind every other request that is ready, which under load costs more than the call's own work.
    """

    @property
    def is_connected(self) -> bool:
        """Whether the connection is open, and nothing has come on it that nobody asked for."""
        if self.sock is None:
            return False
        poll = _poll()
        poll.register(self.sock, select.POLLIN)
        return not poll.poll(0)


class _CheckedTLS(_Checked, HTTPSConnection):
    pass


def check() -> None:
    """Raise ValueError, naming the versions, if these libraries are not made as `pool` needs them."""
    if not isinstance(inspect.getattr_static(HTTPConnection, "is_connected", None), property):
        raise _unfit("a connection has no property is_connected")
    if not hasattr(HTTPConnectionPool, "ConnectionCls"):
        raise _unfit("a pool has no ConnectionCls")
    if not hasattr(HTTPAdapter, "get_connection_with_tls_context"):
        raise _unfit("an adapter has no get_connection_with_tls_context")


def pool(
    adapter: HTTPAdapter, request: requests.PreparedRequest, verify: bool | str | None
) -> HTTPConnectionPool:
    """Return the adapter's pool of connections for requests like this one; they check themselves."""
    made = cast(HTTPConnectionPool, adapter.get_connection_with_tls_context(request, verify))
    made.ConnectionCls = _CheckedTLS if isinstance(made, HTTPSConnectionPool) else _Checked
    return made


def _unfit(reason: str) -> ValueError:
    versions = f"urllib3 {metadata.version('urllib3')} with requests {metadata.version('requests')}"
    return ValueError(
        f"{versions} does not work with this service: {reason}; "
        "install ones that do, such as urllib3 2.8.0 with requests 2.34.2"
    )
