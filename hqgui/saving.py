"""Writes a file whole or not at all, and says in plain words why a file can be neither written nor read.

What comes goes into a file beside the one that is wanted, which takes its place when all of it is on the disk. Disks
are written by a thread of their own, so that a slow one holds up no window.
"""

from __future__ import annotations

import asyncio
import errno
import os
import secrets
import stat
from collections.abc import AsyncIterable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from hqgui.models.formats import one_line
from hqgui.words import QT_TRANSLATE_NOOP, translate

T = TypeVar("T")
_WRITERS: Final = ThreadPoolExecutor(2, "write-files")
_LONGEST_STEM: Final = 40
_REASONS: Final[dict[int, tuple[str, str]]] = {
    errno.ENOENT: (
        QT_TRANSLATE_NOOP("Files", "there is no such file"),
        QT_TRANSLATE_NOOP("Files", "Choose another one."),
    ),
    errno.EISDIR: (QT_TRANSLATE_NOOP("Files", "it is a folder"), QT_TRANSLATE_NOOP("Files", "Choose a file.")),
    errno.ENOTDIR: (
        QT_TRANSLATE_NOOP("Files", "its folder is not there"),
        QT_TRANSLATE_NOOP("Files", "Choose another folder."),
    ),
    errno.ENAMETOOLONG: (
        QT_TRANSLATE_NOOP("Files", "its name is too long"),
        QT_TRANSLATE_NOOP("Files", "Use a shorter one."),
    ),
    errno.ENOSPC: (
        QT_TRANSLATE_NOOP("Files", "the disk is full"),
        QT_TRANSLATE_NOOP("Files", "Make room, or choose another folder."),
    ),
    errno.EDQUOT: (
        QT_TRANSLATE_NOOP("Files", "your share of the disk is full"),
        QT_TRANSLATE_NOOP("Files", "Make room, or choose another folder."),
    ),
    errno.EROFS: (
        QT_TRANSLATE_NOOP("Files", "nothing can be written to that disk"),
        QT_TRANSLATE_NOOP("Files", "Choose another folder."),
    ),
    errno.EACCES: (
        QT_TRANSLATE_NOOP("Files", "you have no permission"),
        QT_TRANSLATE_NOOP("Files", "Choose another folder, or ask for the permission."),
    ),
    errno.EINVAL: (
        QT_TRANSLATE_NOOP("Files", "it is no ordinary file"),
        QT_TRANSLATE_NOOP("Files", "Choose another one."),
    ),
}
"""What an error of the system means for who chose a file, and what they can do."""
_SAME: Final = {errno.EPERM: errno.EACCES}


def trouble(error: OSError, path: str | Path) -> str:
    """Which file, why not, and what to do."""
    known = _REASONS.get(_SAME.get(error.errno or 0, error.errno or 0))
    if known is not None:
        reason, fix = (translate("Files", words) for words in known)
    else:
        reason, fix = one_line(error.strerror or str(error)), translate("Files", "Try again, or choose another folder.")
    return f"{one_line(str(path), 200)}: {reason}. {fix}"


def why_not_written(path: Path) -> str:
    """Why nothing can be saved there, as far as that can be told before; empty when it can."""
    try:
        _ready(path)
    except OSError as error:
        return trouble(error, path)
    return ""


async def save(path: Path, pieces: AsyncIterable[bytes]) -> int:
    """Write all pieces to a file; its size. Until it is whole, nothing is changed. Raises OSError."""
    part = _Part(path)
    try:
        async for piece in pieces:
            await _in_thread(partial(part.file.write, piece))
        return await _in_thread(part.finish)
    except BaseException:
        part.drop()
        raise


def save_now(path: Path, data: bytes) -> None:
    """Write a small file, as `save` does. Raises OSError."""
    part = _Part(path)
    try:
        part.file.write(data)
        part.finish()
    except BaseException:
        part.drop()
        raise


class _Part:
    """The file beside the one that is wanted."""

    def __init__(self, path: Path) -> None:
        self._target = _ready(path)
        stem = self._target.stem[:_LONGEST_STEM]
        self._path = self._target.with_name(f".{stem}-{secrets.token_hex(4)}.part")
        self.file = self._path.open("xb")

    def finish(self) -> int:
        """Put it in the place of the other; its size."""
        self.file.flush()
        os.fsync(self.file.fileno())
        size = self.file.tell()
        self.file.close()
        with suppress(FileNotFoundError):
            self._path.chmod(stat.S_IMODE(self._target.stat().st_mode))
        self._path.replace(self._target)
        return size

    def drop(self) -> None:
        """Leave nothing of it."""
        with suppress(OSError):
            self.file.close()
        with suppress(OSError):
            self._path.unlink(missing_ok=True)


def _ready(path: Path) -> Path:
    """The file that would be written, beyond all links. Raises OSError when that cannot be."""
    target = Path(os.path.realpath(path))
    if not target.parent.is_dir():
        raise OSError(errno.ENOTDIR, "")
    if not os.access(target.parent, os.W_OK | os.X_OK):
        raise OSError(errno.EACCES, "")
    if target.is_dir():
        raise OSError(errno.EISDIR, "")
    if target.exists():
        if not target.is_file():
            raise OSError(errno.EINVAL, "")
        if not os.access(target, os.W_OK):
            raise OSError(errno.EACCES, "")
    return target


async def _in_thread(act: Callable[[], T]) -> T:
    """What it answers. Who is stopped meanwhile waits for its end all the same, so that nothing is written later."""
    work = asyncio.get_running_loop().run_in_executor(_WRITERS, act)
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        await asyncio.wait([work])
        raise
