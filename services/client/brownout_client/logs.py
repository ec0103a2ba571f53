"""JSON logs on stdout, one object a line, each with the id of the request that it belongs to.

The level comes from the environment variable LOG_LEVEL; by default WARNING, so that a service under load
writes nothing.

This file is the same in every service: each is deployable from its own folder alone.
"""

import logging
import sys
from collections.abc import Mapping
from contextvars import ContextVar

from pythonjsonlogger.json import JsonFormatter

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
"""Id of the request that this thread or greenlet serves; None outside of one."""


def level(environ: Mapping[str, str]) -> str:
    """The level that LOG_LEVEL names, in any case. Raises ValueError for a name that is none."""
    name = environ.get("LOG_LEVEL", "WARNING")
    if name.upper() not in LEVELS:
        raise ValueError(f'LOG_LEVEL is "{name}"; allowed: {", ".join(LEVELS)}')
    return name.upper()


def configure(level: str) -> None:
    """Send every logger's records of `level` and above to stdout, in place of where they went before."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        JsonFormatter(
            "%(levelname)s %(name)s %(message)s",
            rename_fields={"levelname": "level", "name": "logger"},
            timestamp="time",
        )
    )
    handler.addFilter(_tag)
    logging.root.handlers[:] = [handler]
    logging.root.setLevel(level)


def _tag(record: logging.LogRecord) -> bool:
    current = request_id.get()
    if current is not None:
        record.request_id = current
    return True
