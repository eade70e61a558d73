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


def put_word(handle: int, slot: int, word: str) -> None:
    """Raises OSError, ValueError for a word that is too long."""
    half = word.encode().ljust(_HALF)
    if len(half) > _HALF:
        raise ValueError(f"{word!r} is longer than {_HALF} bytes")
    os.pwrite(handle, half + half, slot * _SIZE)


def word_in(handle: int, slot: int) -> str:
    """The word; empty when none was put there."""
    for _ in range(_LOOKS):
        data = os.pread(handle, _SIZE, slot * _SIZE)
        if data[:_HALF] == data[_HALF:]:
            break
    return data[:_HALF].rstrip(b" \0").decode(errors="replace")
