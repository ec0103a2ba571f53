"""What a run was made with: versions, machine, command line."""

from __future__ import annotations

import json
import os
import platform
import socket
import sys
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from brownout_results.record.manifest import without_secrets
from brownout_terms.variables import TESTED

PACKAGES = ("brownout", "locust", "gevent", "numpy")


def origin() -> dict[str, Any]:
    """The part of run.json that does not depend on the run."""
    return {
        "versions": {"python": platform.python_version(), **{name: _version(name) for name in PACKAGES}},
        "platform": platform.platform(),
        "cpu_count": os.cpu_count(),
        "host": socket.gethostname(),
        "pid": os.getpid(),
        "command": without_secrets(sys.argv),
        **({"tested": json.loads(os.environ[TESTED])} if os.environ.get(TESTED) else {}),
    }


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
