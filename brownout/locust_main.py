"""Locust's own command, with our rooms imported first.

Locust puts the working folder in front of the import path, and a user may well have a `services` there.
"""

import loadtest
import panel  # noqa: ICN001 - ours, not the library of that name
import results
import services

OURS = (loadtest, panel, results, services)


def run() -> None:
    """Be Locust, with this process's arguments."""
    import signal
    import sys

    from locust.main import main

    sys.argv[0] = "locust"  # what its usage messages call themselves
    # A shell that starts us in the background has SIGINT ignored; by SIGINT we are asked to end gently.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    main()


if __name__ == "__main__":
    run()
