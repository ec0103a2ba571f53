"""A port for a server that wants its number before it listens."""

import random
import socket

PORTS = range(10_000, 32_768)
"""Below those that Linux (from 32768) and macOS (from 49152) hand to outgoing connections and to servers on
port 0: one of those would soon be somebody else's."""

LOOPBACK = "127.0.0.1"


def free_port() -> int:
    """A port of the loopback address that nobody listens on. Raises OSError if there is none.

    It is nobody's until the server has it, so it is drawn at random: two who ask at once get different ones.
    """
    draw = random.SystemRandom()  # whatever seeds the other one, as Hypothesis does
    for port in draw.sample(PORTS, len(PORTS)):
        try:
            socket.create_server((LOOPBACK, port)).close()
        except OSError:
            continue
        return port
    raise OSError(f"every port from {PORTS.start} to {PORTS.stop - 1} of {LOOPBACK} is taken")
