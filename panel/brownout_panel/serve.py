"""The panel's own web server, for runs without Locust's page; and what both have in common."""

from __future__ import annotations

import socket

from flask import Flask, redirect
from gevent.pool import Pool
from gevent.pywsgi import WSGIServer
from werkzeug.wrappers import Response

from brownout_panel.api import add_panel
from brownout_panel.guard import Guard, Rules
from brownout_panel.panel import Panel


class PanelServer:
    """Serves a panel on a port of its own until it is stopped. Raises OSError if the port is taken."""

    def __init__(
        self, panel: Panel, host: str, port: int, token: str, allowed_hosts: tuple[str, ...]
    ) -> None:
        app = Flask("panel", static_folder=None)
        add_panel(app, panel)

        @app.get("/")
        def root() -> Response:
            return redirect("panel/")

        rules = Rules(token=token, bound_to=host, allowed_hosts=allowed_hosts)
        # In a pool, so that `stop` knows them: an event stream would go on for good.
        self._server = WSGIServer((host, port), Guard(app.wsgi_app, rules), log=None, spawn=Pool())
        self._server.start()
        set_no_delay(self._server)

    @property
    def port(self) -> int:
        """The port that is listened on."""
        return int(self._server.server_port)

    def stop(self) -> None:
        """Close the port; requests under way get a second, then they are cut off."""
        self._server.stop(timeout=1)


def set_no_delay(server: WSGIServer) -> None:
    """Send small answers at once: gevent leaves it to the system, which may wait for 40 ms.

    Connections inherit it from the socket that is listened on.
    """
    server.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
