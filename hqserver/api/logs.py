"""Output logs as text: bytes become characters, from the whole log or from its end."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator
from typing import Final

from hqserver.outputs import Outputs
from hqserver.wire import cuts

LARGEST_LOG: Final = 64 << 20
"""Bytes that are answered at once."""
_PIECE: Final = 1 << 20
_LONGEST_CHARACTER: Final = 4


def log_text(outputs: Outputs, job: int, attempt: int, size: int, last: int | None) -> str:
    """A log as far as `size`, or its last characters. For a thread: it reads and decodes in pieces.

    Where bytes were cut, a line says so. Bytes that are no UTF-8 become U+FFFD, one for each wrong piece.
    """
    at = 0
    missing = outputs.extent(job, attempt).missing
    if last is not None:
        # One character more than asked for, since the first may be cut in its middle.
        at = max(size - min(_LONGEST_CHARACTER * (last + 1), LARGEST_LOG), 0)
    text = "".join(_pieces(outputs, (job, attempt), cuts.pieces(missing, size), at))
    return text if last is None else text[-last:]


def _pieces(
    outputs: Outputs, key: tuple[int, int], stretches: Iterable[tuple[int, int, bool]], at: int
) -> Iterator[str]:
    for begin, end, is_cut in stretches:
        if end <= at:
            continue
        if is_cut:
            yield cuts.mark(end - begin)
            continue
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        position = max(begin, at)
        while position < end and (data := outputs.read(*key, position, min(_PIECE, end - position))):
            yield decoder.decode(data)
            position += len(data)
        yield decoder.decode(b"", final=True)
