"""Locust's own command, as `brownout` starts it."""


def run() -> None:
    """Be Locust, with this process's arguments."""
    import signal
    import sys

    # A shell that starts us in the background has SIGINT ignored; by SIGINT we are asked to end gently.
    # This comes first, since the imports take seconds.
    signal.signal(signal.SIGINT, signal.default_int_handler)

    from locust.main import main

    from brownout_terms.streams import replace_unwritable

    replace_unwritable()
    sys.argv[0] = "locust"  # what its usage messages call themselves
    main()


if __name__ == "__main__":
    run()
