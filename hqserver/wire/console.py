"""What the command lines of server, agent and window have in common: how they end when nobody reads on."""

from __future__ import annotations

import os
import select
import sys
from collections.abc import Callable
from typing import Final

NOBODY_READS: Final = 128 + 13
"""The exit code that a shell gives to what SIGPIPE ended."""


def while_read(program: Callable[[], int]) -> int:
    """Run a program; its exit code. Where its output is read no further, as by `| head`, it ends without a word."""
    try:
        code = program()
    except BrokenPipeError:
        if _is_taken() and not _has_no_reader():
            raise
        return NOBODY_READS
    except SystemExit:  # by which the parser of arguments leaves, once it has written its help
        if _is_taken():
            raise
        return NOBODY_READS
    return code if _is_taken() else NOBODY_READS


def _is_taken() -> bool:
    """Whether all that waited to be written could be. If not it is dropped: the interpreter would try, and complain."""
    if sys.stdout is None:
        return True
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
        return False
    return True


def _has_no_reader() -> bool:
    """Whether the output is a pipe without an end: where nothing waits to be written, only the system knows."""
    if sys.stdout is None or not hasattr(select, "poll"):
        return False
    poll = select.poll()
    poll.register(sys.stdout.fileno(), select.POLLOUT)
    return any(found & select.POLLERR for _, found in poll.poll(0))
