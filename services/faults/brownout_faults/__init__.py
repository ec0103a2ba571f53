"""Fault injection for any WSGI application, in one line:

    app.wsgi_app = FaultInjector(app.wsgi_app)

`GET`, `PUT` and `DELETE /faults` then read, replace and clear the fault set, one JSON document:

    {"faults": [{"kind": "error", "rate": 0.3, "status": 503},
                {"kind": "latency", "ms": 200, "jitter_ms": 50, "distribution": "normal"}],
     "seed": 42, "revision": 7, "lease_s": 30}

Of the faults that hit a request, all delays come first, one after the other, and then the first of the others
in the document's order answers it. `document.py` explains the fields, `kinds.py` lists the kinds of fault,
`noop.py` shows how to add one.

`FaultInjector(app, capacity=Capacity(Limits(concurrency=4, service_time_ms=100)))` also limits how many
requests are served at once (`capacity.py`): what makes an overload last.
"""

from .capacity import Capacity, Limits
from .middleware import FaultInjector

__all__ = ["Capacity", "FaultInjector", "Limits"]
