"""`python -m bench`: every benchmark, one after the other."""

import pkgutil
import subprocess
import sys
from pathlib import Path

HELPERS = {
    "__main__",
    "alike",
    "bare_relay",
    "figures",
    "load",
    "panel_throughput",
    "panel_transitions",
    "views",
    "worlds",
    "written_histories",
    "written_runs",
}


def main() -> int:
    """Run each benchmark in a process of its own; the number of those that failed."""
    failed = 0
    for module in pkgutil.iter_modules([str(Path(__file__).parent)]):
        if module.name not in HELPERS:
            print(f"bench.{module.name}", flush=True)
            failed += (
                subprocess.run([sys.executable, "-m", f"bench.{module.name}"], check=False).returncode != 0
            )
    return failed


sys.exit(main())
