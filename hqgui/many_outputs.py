"""The outputs of several jobs as one zip, made piece by piece: neither all of them nor one whole is ever held."""

from __future__ import annotations

import zipfile
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import datetime
from typing import IO, Final
from zipfile import ZipInfo

from hqgui.inquiries import whole_output
from hqgui.link import Link

_QUICKLY: Final = 1
"""How hard texts are pressed: they come on the thread that draws the window."""


class _Outbox:
    """A file that hands on what is written to it. It has no `seek`, so a zip says sizes behind what they belong to."""

    def __init__(self) -> None:
        self._held = bytearray()

    def write(self, data: bytes) -> int:
        """Take it in."""
        self._held += data
        return len(data)

    def flush(self) -> None:
        """Nothing waits for this."""

    def take(self) -> bytes:
        """What was written since the last time."""
        taken = bytes(self._held)
        self._held.clear()
        return taken


async def outputs_as_zip(
    link: Link, names: Mapping[int, str], at: datetime, begun: Callable[[int], object]
) -> AsyncIterator[bytes]:
    """A zip with what the newest attempt of each job wrote, under the name that the job has here. Raises LinkError.

    Jobs that wrote nothing are left out. `at`: the local time that files are given. `begun` is told how many jobs are
    done with, before each of them.
    """
    outbox = _Outbox()
    with zipfile.ZipFile(outbox, "w", zipfile.ZIP_DEFLATED, compresslevel=_QUICKLY) as archive:  # type: ignore[call-overload]
        for number, (job, name) in enumerate(names.items()):
            begun(number)
            async for data in _packed(archive, ZipInfo(name, at.timetuple()[:6]), link, job):
                yield data + outbox.take()
    yield outbox.take()


async def _packed(archive: zipfile.ZipFile, file: ZipInfo, link: Link, job: int) -> AsyncIterator[bytes]:
    """Packs one; yields after each piece, so that what is in the outbox leaves it."""
    packed: IO[bytes] | None = None
    try:
        async for piece in whole_output(link, job):
            if packed is None:
                file.compress_type = zipfile.ZIP_DEFLATED
                packed = archive.open(file, "w", force_zip64=True)
            packed.write(piece.data)
            yield b""
    finally:
        if packed is not None:
            packed.close()
