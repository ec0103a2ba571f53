"""`brownout ARGUMENTS` in a process that ends when its standard input does: with pytest, however that ends.

python -m brownout.test_session.harness ARGUMENTS
"""

from __future__ import annotations

import os
import signal
import sys
import threading

from brownout.cli import main


def end_with_parent() -> None:
    """Wait for the end of the input, and end this process as SIGTERM does, with all that it has started."""
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    threading.Thread(target=end_with_parent, daemon=True).start()
    main()
