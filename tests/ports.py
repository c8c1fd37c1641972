"""Ports for the servers that tests start.

The system gives out ports above 32768 to every connection that anybody makes;
one that was free a moment ago may be somebody's before our server has it. So
these are from below, by chance, since several processes of tests look at once.
"""

import random
import socket
from contextlib import ExitStack

LOWEST, HIGHEST = 10_240, 32_000


def free_ports(count: int) -> list[int]:
    """Return ports that nobody listens on now, and that nobody is given without asking."""
    with ExitStack() as stack:
        found: list[int] = []
        while len(found) < count:
            probe = stack.enter_context(socket.socket())
            port = random.randint(LOWEST, HIGHEST)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            found.append(port)
        return found


def free_port() -> int:
    """Return one of them."""
    return free_ports(1)[0]
