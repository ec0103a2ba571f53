"""A service of a user's own, for tests: it stands alone, and has a helper in another session.

Answers /healthz, /pid (its own id and its helper's), /prices (what its dependency answers) and anything else
with 404. Arguments: the port; "deaf", if it is to ignore SIGTERM.
"""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Answering(BaseHTTPRequestHandler):
    """Answers GETs."""

    def do_GET(self) -> None:
        body = {"/healthz": b"{}", "/pid": json.dumps([os.getpid(), helper.pid]).encode()}.get(self.path)
        if self.path == "/prices":
            with urllib.request.urlopen(os.environ["PRICES_URL"], timeout=5) as answer:  # noqa: S310
                body = answer.read()
        self.send_response(404 if body is None else 200)
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        self.wfile.write(body or b"")


if "deaf" in sys.argv:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
HELPER = [sys.executable, "-S", "-c", "import time; time.sleep(300)"]
helper = subprocess.Popen(HELPER, start_new_session=True)
print("the shop opens", os.environ["PORT"])
ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Answering).serve_forever()
