"""Short words between an agent and a keeper, in places of one file that are set aside: a full disk stops no cancel.

Each word stands twice, so a reader that comes in the middle of a write notices and looks again.
"""

import os

PID, LEASE, WISH, STATE = range(4)
STOPPED, GOING = "stopped", "going"
"""What a keeper says of its attempt after a pause and after the pause's end."""
_HALF = 32
_SIZE = 2 * _HALF
SPACE = 4 * _SIZE
_LOOKS = 1000


def fresh(slot: int, word: str) -> str:
    """What a file of slots holds in the beginning: one word."""
    return ("\0" * (slot * _SIZE) + _twice(word)).ljust(SPACE, "\0")


def put_word(handle: int, slot: int, word: str) -> None:
    """Raises OSError, ValueError for a word that is too long."""
    os.pwrite(handle, _twice(word).encode(), slot * _SIZE)


def _twice(word: str) -> str:
    half = word.ljust(_HALF)
    if len(half.encode()) != _HALF:
        raise ValueError(f"{word!r} is not in {_HALF} bytes")
    return half + half


def word_in(handle: int, slot: int) -> str:
    """The word; empty when none was put there."""
    for _ in range(_LOOKS):
        data = os.pread(handle, _SIZE, slot * _SIZE)
        if data[:_HALF] == data[_HALF:]:
            break
    return data[:_HALF].rstrip(b" \0").decode(errors="replace")
