"""Users who ask as fast as they can, recorded."""

from __future__ import annotations

import brownout.locust  # noqa: F401
from bench.locustfiles.asking import Asker

__all__ = ["Asker"]
