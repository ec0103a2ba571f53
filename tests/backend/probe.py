"""A small service of its own, to see what the shared serving layer does with any application."""

import socket
import time

from flask import Flask, request

from brownout_backend.telemetry import Telemetry


def create_app() -> Flask:
    app = Flask("probe")

    @app.get("/fast")
    def fast() -> str:
        return "fast"

    @app.get("/slow")
    def slow() -> str:
        time.sleep(float(request.args["s"]))
        return "slow"

    @app.get("/bug")
    def bug() -> str:
        raise RuntimeError("a bug")

    @app.get("/nodelay")
    def nodelay() -> str:
        connection = request.environ["gunicorn.socket"]
        return str(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))

    app.wsgi_app = Telemetry(app.wsgi_app, service="probe", routes=("/fast", "/slow"))
    return app
