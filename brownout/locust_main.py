"""Locust's own command, as `brownout` starts it."""


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
