"""Ports for servers of the tests."""

import random
import socket

# Below the range from which the system gives ports to clients: there a port may be gone before the server has it, and
# two runs side by side may be given the same.
PORTS = range(20_000, 32_000)


def free_port() -> int:
    """A port that nobody uses now, and hardly anybody will before the server listens on it."""
    chance = random.SystemRandom()
    while True:
        port = chance.choice(PORTS)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
