"""What the launcher does before it makes keepers: it keeps some attempts at nothing, as a keeper would.

An interpreter writes to its own memory when it does a thing for the first times: it notes where methods are found, fits
its code to what passes through, and makes room. What the launcher has done so often is there already in each keeper
that is forked from it, in pages that they share; otherwise each keeper would have all that to itself.
"""

# ruff: noqa: PTH102, PTH104, PTH106, PTH108, PTH208
import os
import signal
import time

from hqagent.processes.family import reserve
from hqagent.processes.keeper import START_FIELDS, keep, make_bell
from hqagent.processes.slots import LEASE, fresh

PRACTICE = "practice-"
"""What the names of folders for it begin with."""
_ATTEMPTS = 10
"""CPython fits a function to its use at the ninth call."""
_LARGEST_EXIT = 4096
_WORK = "tmp"
_SECONDS = 60.0


def practise(folder: str, fallocate: object) -> None:
    """In this folder, which is made and removed. Where that is not possible, keepers are only larger."""
    bell = make_bell()
    try:
        os.mkdir(folder, 0o700)
        os.mkdir(f"{folder}/{_WORK}")
        for _ in range(_ATTEMPTS):
            _prepare(folder)
            keep(os.fsencode(folder), bell, fallocate)
            os.rename(f"{folder}/exit", f"{folder}/exit.new")
    except OSError:
        pass
    finally:
        os.close(signal.set_wakeup_fd(-1))
        os.close(bell)
        _remove(folder)


def _prepare(folder: str) -> None:
    """As the spool does it. Raises OSError, also when there is no room: a keeper would wait for that."""
    reserve(f"{folder}/exit", _LARGEST_EXIT)
    told = dict.fromkeys(START_FIELDS, "0")
    told |= {"quota": str(1 << 20), "group": "", "shell": "/bin/sh", "folder": f"{folder}/{_WORK}", "name": ""}
    until = time.clock_gettime(time.CLOCK_BOOTTIME) + _SECONDS
    text = fresh(LEASE, f"{until:.3f}") + "\0".join([*map(told.__getitem__, START_FIELDS), "A=b"])
    for name, content in (("script", "echo\n"), ("lock", text)):
        handle = os.open(f"{folder}/{name}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        try:
            os.write(handle, os.fsencode(content))
        finally:
            os.close(handle)


def _remove(folder: str) -> None:
    try:
        os.rmdir(f"{folder}/{_WORK}")
        for name in os.listdir(folder):
            os.unlink(f"{folder}/{name}")
        os.rmdir(folder)
    except OSError:
        pass
