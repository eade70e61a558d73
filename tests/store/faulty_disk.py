"""SQLite's own calls of write(2) in this process: counted, and made to fail for lack of room where a test wants it.

SQLite lets the system calls of its `unix` file layer be replaced, so what fails here goes the very way that a full disk
goes: part of the bytes is taken, then the next call says ENOSPC.
"""

from __future__ import annotations

import _sqlite3
import ctypes
import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

_POSITIONED = ctypes.CFUNCTYPE(
    ctypes.c_ssize_t, ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int64, use_errno=True
)
_AT_THE_END = ctypes.CFUNCTYPE(ctypes.c_ssize_t, ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t, use_errno=True)
_SET = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p)


class _Vfs(ctypes.Structure):
    """`sqlite3_vfs`, as far as `xSetSystemCall`."""

    _fields_ = (
        ("iVersion", ctypes.c_int),
        ("szOsFile", ctypes.c_int),
        ("mxPathname", ctypes.c_int),
        ("pNext", ctypes.c_void_p),
        ("zName", ctypes.c_char_p),
        ("pAppData", ctypes.c_void_p),
        ("methods", ctypes.c_void_p * 13),
        ("xSetSystemCall", ctypes.c_void_p),
    )


def _library() -> ctypes.CDLL | None:
    """The SQLite that this Python uses; None where it cannot be reached."""
    for name in ("libsqlite3.so.0", getattr(_sqlite3, "__file__", None), None):
        try:
            library = ctypes.CDLL(name)
            library.sqlite3_libversion.restype = ctypes.c_char_p
            if library.sqlite3_libversion().decode() == sqlite3.sqlite_version:
                return library
        except (OSError, AttributeError):
            continue
    return None


class FaultyDisk:
    """What SQLite writes. `fails` is the number of the call, from 1 on, that finds no room; 0: none does."""

    def __init__(self, fails: int = 0) -> None:
        self.fails = fails
        self.calls = 0
        self.failed_in = ""
        """How the name of the file ends whose write failed."""
        self._full = False

    def take(self, file: int, buffer: int, size: int, offset: int | None) -> int:
        """One call: as many bytes as there is room for; -1 with errno for none."""
        self.calls += 1
        if self._full:
            self._full = False
            ctypes.set_errno(errno.ENOSPC)
            return -1
        if self.calls == self.fails:
            self.failed_in = Path(f"/proc/self/fd/{file}").readlink().name
            if size == 1:
                ctypes.set_errno(errno.ENOSPC)
                return -1
            size //= 2
            self._full = True
        data = ctypes.string_at(buffer, size)
        try:
            return os.write(file, data) if offset is None else os.pwrite(file, data, offset)
        except OSError as error:
            ctypes.set_errno(error.errno or errno.EIO)
            return -1


@contextmanager
def faulty_disk(fails: int = 0) -> Iterator[FaultyDisk]:
    """Whatever SQLite writes in this process meanwhile goes through it."""
    library = _library()
    if library is None:
        pytest.skip("the SQLite of this Python is built in such a way that its system calls cannot be replaced")
    library.sqlite3_vfs_find.restype = ctypes.POINTER(_Vfs)
    vfs = library.sqlite3_vfs_find(b"unix")
    replace = _SET(vfs.contents.xSetSystemCall)
    disk = FaultyDisk(fails)
    positioned = _POSITIONED(disk.take)
    at_the_end = _AT_THE_END(lambda file, buffer, size: disk.take(file, buffer, size, None))
    calls: dict[bytes, Any] = {b"pwrite": positioned, b"pwrite64": positioned, b"write": at_the_end}
    try:
        for name, call in calls.items():
            replace(vfs, name, ctypes.cast(call, ctypes.c_void_p))
        yield disk
    finally:
        for name in calls:
            replace(vfs, name, None)
