"""A port for a server that wants its number before it listens."""

import random

from brownout_fleet.forwarder import listening_sockets
from brownout_fleet.model import PortTakenError

PORTS = range(10_000, 32_768)
"""Ports below those that Linux (32768) and macOS (49152) hand to outgoing connections and to servers on
port 0: one of those would soon be somebody else's."""

TRIES = 1000


def free_port() -> int:
    """A port on which nobody listens, at either loopback address. Raises PortTakenError.

    It is nobody's until the server has it, so it is drawn at random: two who ask at once get different ones.
    """
    draw = random.SystemRandom()  # whatever seeds the other one, as Hypothesis does
    for _ in range(TRIES):
        port = draw.choice(PORTS)
        try:
            sockets = listening_sockets(port, "PORT")
        except PortTakenError:
            continue
        for sock in sockets:
            sock.close()
        return port
    raise PortTakenError(f"{TRIES} ports from {PORTS[0]} to {PORTS[-1]} were tried, and all are taken")
