"""How many files and connections the server may have open at a time.

A connection is an open file. A server that accepts more than it may open cannot write the output of jobs any more, and
an event loop that is refused a file for a connection tries all the others of its turn; so both are bounded before.
"""

from __future__ import annotations

import resource
from typing import Final

_MOST: Final = 1 << 20
_MOST_ACCEPTED_A_TURN: Final = 256


def allow_many() -> int:
    """Raise the limit that this process begins with to the one that it may give itself; answers it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MOST if hard == resource.RLIM_INFINITY else hard
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return wanted


def most_connections(limit: int) -> int:
    """How many connections are kept, so that some turns of new ones and the server's own files still fit."""
    return max(limit * 3 // 4, 1)


def accepted_a_turn(limit: int) -> int:
    """How many connections are taken in one turn of the event loop; refused ones are closed some turns later."""
    return max(min(limit // 16, _MOST_ACCEPTED_A_TURN), 1)
