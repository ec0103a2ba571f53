"""Applications that are not ours, made faulty in one line, under servers that are not the services' own.

`python -m tests.backend.strangers SERVER FD` serves one on an inherited listening socket.
"""

import sys
from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

ITEMS = b'{"items": ["apple", "pear", "plum"]}'


def shop() -> WSGIApplication:
    """A Flask application."""
    from flask import Flask, Response

    from brownout_faults import FaultInjector

    app = Flask("shop")

    @app.get("/items")
    @app.get("/metrics")
    def items() -> Response:
        return Response(ITEMS, mimetype="application/json")

    app.wsgi_app = FaultInjector(app.wsgi_app)
    return app


def respond(_: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """A bare WSGI callable."""
    start_response("200 OK", [("Content-Type", "application/json")])
    return [ITEMS]


def stall() -> WSGIApplication:
    from brownout_faults import FaultInjector

    return FaultInjector(respond)


def werkzeug(fd: int) -> None:
    """Flask's development server, which is Werkzeug's, with threads."""
    from werkzeug.serving import make_server

    make_server("127.0.0.1", 0, shop(), threaded=True, fd=fd).serve_forever()


def pywsgi(fd: int) -> None:
    from gevent import monkey

    monkey.patch_all()
    import socket

    from gevent.pywsgi import WSGIServer

    WSGIServer(socket.socket(fileno=fd), stall(), log=None).serve_forever()


def wsgiref(fd: int) -> None:
    import socket
    from socketserver import ThreadingMixIn
    from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

    class Server(ThreadingMixIn, WSGIServer):
        daemon_threads = True

    server = Server(("127.0.0.1", 0), WSGIRequestHandler, bind_and_activate=False)
    server.socket.close()
    server.socket = socket.socket(fileno=fd)
    server.server_name, server.server_port = server.socket.getsockname()
    server.setup_environ()
    server.set_app(stall())
    server.serve_forever()


if __name__ == "__main__":
    {"werkzeug": werkzeug, "pywsgi": pywsgi, "wsgiref": wsgiref}[sys.argv[1]](int(sys.argv[2]))
