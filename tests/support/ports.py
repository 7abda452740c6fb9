"""Ports for servers of the tests."""

import random
import socket
from contextlib import ExitStack

# Below the range from which the system gives ports to clients: there a port may be gone before the server has it.
PORTS = range(20_000, 32_000)
# A server takes seconds until it listens: meanwhile nobody else may be given its port, in no process of this machine.
# What says so is a socket for UDP at the same number, which disturbs no server and is gone with the process.
_HELD: list[socket.socket] = []


def free_port(*, with_next: bool = False) -> int:
    """A port that nobody uses now, and that is given to nobody else while this process lives; or two in a row."""
    chance = random.SystemRandom()
    while True:
        port = chance.choice(PORTS)
        try:
            _HELD.extend(_held(port, port + 1 if with_next else port))
        except OSError:
            continue
        return port


def _held(first: int, last: int) -> list[socket.socket]:
    """What holds these ports; raises OSError when one of them is taken."""
    with ExitStack() as stack:
        held = [stack.enter_context(socket.socket(type=socket.SOCK_DGRAM)) for _ in range(first, last + 1)]
        for number, one in enumerate(held, start=first):
            one.bind(("127.0.0.1", number))
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", number))
        stack.pop_all()
    return held
