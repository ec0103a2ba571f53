"""Fault injection for any WSGI or ASGI application, in one line:

    app.wsgi_app = FaultInjector(app.wsgi_app)
    app.add_middleware(ASGIFaultInjector)

`GET`, `PUT` and `DELETE /faults` then read, replace and clear the fault set, one JSON document:

    {"faults": [{"kind": "error", "rate": 0.3, "status": 503},
                {"kind": "latency", "ms": 200, "jitter_ms": 50, "distribution": "normal"}],
     "seed": 42, "revision": 7, "lease_s": 30}

Of the faults that hit a request, all delays come first, one after the other, and then the first of the others
in the document's order answers it. `document.py` explains the fields.

`GET /faults/kinds` describes each kind of fault: its fields, their bounds, units and defaults.
`kinds/noop.py` shows how to add one; `register` makes one known that is not part of this package.

`FaultInjector(app, capacity=Capacity(Limits(concurrency=4, service_time_ms=100)))` also limits how many
requests are served at once (`capacity.py`): what makes an overload last.

`watch(breaker)` shows the service's own breakers and retries (`watching/`).
"""

from . import effects
from .asgi import ASGIFaultInjector
from .capacity import Capacity, Limits
from .fault import Fault, setting
from .middleware import FaultInjector
from .registry import register
from .watching import watch
from .writing import described_kinds, write_fault, write_faults

__all__ = [
    "ASGIFaultInjector",
    "Capacity",
    "Fault",
    "FaultInjector",
    "Limits",
    "described_kinds",
    "effects",
    "register",
    "setting",
    "watch",
    "write_fault",
    "write_faults",
]
