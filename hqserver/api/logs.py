"""Output logs as text: bytes become characters, from the whole log or from its end."""

from __future__ import annotations

import codecs
from typing import Final

from hqserver.outputs import Outputs

LARGEST_LOG: Final = 64 << 20
"""Bytes that are answered at once."""
_PIECE: Final = 1 << 20
_LONGEST_CHARACTER: Final = 4


def log_text(outputs: Outputs, job: int, attempt: int, size: int, last: int | None) -> str:
    """A log as far as `size`, or its last characters. For a thread: it reads and decodes in pieces.

    Bytes that are no UTF-8 become U+FFFD, one for each wrong piece, as everywhere.
    """
    at = 0
    if last is not None:
        # One character more than asked for, since the first may be cut in its middle.
        at = max(size - min(_LONGEST_CHARACTER * (last + 1), LARGEST_LOG), 0)
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    pieces = []
    while at < size and (data := outputs.read(job, attempt, at, min(_PIECE, size - at))):
        pieces.append(decoder.decode(data))
        at += len(data)
    pieces.append(decoder.decode(b"", final=True))
    text = "".join(pieces)
    return text if last is None else text[-last:]
