"""A web application that runs beside the test: what a client library is tried on."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import brotli
from flask import Flask, Response, redirect, request
from gevent.pywsgi import WSGIServer

ALL_METHODS = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]
ENCODERS = {"gzip": gzip.compress, "deflate": zlib.compress, "br": brotli.compress, "identity": bytes}


def application() -> Flask:
    """Make the application; `connections` of its config are the ports of those who asked."""
    app = Flask(__name__)
    asked: list[int] = []
    app.config["connections"] = asked

    @app.before_request
    def count() -> None:
        asked.append(int(request.environ["REMOTE_PORT"]))

    @app.route("/fast")
    def fast() -> str:
        return "This is a fast answer"

    @app.route("/status/<int:code>")
    def status(code: int) -> tuple[str, int]:
        return "", code

    @app.route("/method", methods=ALL_METHODS)
    def method() -> str:
        return request.method

    @app.route("/echo", methods=ALL_METHODS)
    def echo() -> Response:
        answer = Response(request.get_data(), content_type="application/octet-stream")
        for name in (
            "Content-Type",
            "Content-Length",
            "Transfer-Encoding",
            "X-Test",
            "Cookie",
            "Authorization",
        ):
            answer.headers[f"Got-{name}"] = request.headers.get(name, "")
        answer.headers["Got-Query"] = request.query_string.decode("latin-1")
        return answer

    @app.route("/form", methods=["POST", "PUT"])
    def form() -> str:
        uploads = {name: one.read().decode() for name, one in request.files.items()}
        return f"{sorted(request.form.items(multi=True))} {uploads}"

    @app.route("/encoded/<encoding>")
    def encoded(encoding: str) -> Response:
        content = ENCODERS[encoding](b"the body" * 100)
        return Response(content, headers={"Content-Encoding": encoding})

    _add_cookies_and_streams(app)
    return app


def _add_cookies_and_streams(app: Flask) -> None:
    @app.route("/login")
    def login() -> Response:
        answer = Response("welcome")
        answer.set_cookie("session", request.args["as"])
        answer.set_cookie("theme", "dark")
        return answer

    @app.route("/away", methods=ALL_METHODS)
    def away() -> Response:
        answer = redirect(request.args.get("to", "/echo"), int(request.args.get("code", 302)))
        assert isinstance(answer, Response)
        answer.set_cookie("way", "taken")
        return answer

    @app.route("/round")
    def around() -> Response:
        answer = redirect("/round")
        assert isinstance(answer, Response)
        return answer

    @app.route("/streamed/<int:parts>")
    def streamed(parts: int) -> Response:
        return Response((f"line {number}\n" for number in range(parts)), mimetype="text/plain")

    @app.route("/latin")
    def latin() -> Response:
        return Response("grün".encode("latin-1"), content_type="text/plain; charset=iso-8859-1")

    @app.route("/json")
    def json() -> dict[str, int]:
        return {"apples": 3}


@contextmanager
def served(app: Flask, **options: Any) -> Iterator[str]:
    """Serve an application, which keeps connections; its URL."""
    server = WSGIServer(("127.0.0.1", 0), app, log=None, **options)
    server.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.stop(timeout=0.2)
