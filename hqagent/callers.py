"""Who is at the other end of a connection on this machine, as the kernel tells it.

Of a Unix socket: a person of this machine, or a job of the farm, or a service? Of a TCP connection: which account?
"""

from __future__ import annotations

import os
import pwd
import socket
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hqagent.processes import KEEPERS_COMMAND

_CREDENTIALS: Final = struct.Struct("3i")
_ADDRESS: Final = struct.Struct("=I")
_CONNECTIONS: Final = "/proc/net/tcp"
_FIRST_PERSON, _NOBODY, _ROOT = 1000, 65534, 0


@dataclass(frozen=True, slots=True)
class Stranger:
    """Somebody who has no say here, and why."""

    why: str


def caller_of(connection: socket.socket) -> str | Stranger:
    """The name of the person who called, as the kernel noted it when they connected."""
    told = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    process, user, _group = _CREDENTIALS.unpack(told)
    if user not in (_ROOT, os.getuid()) and (user < _FIRST_PERSON or user == _NOBODY):
        return Stranger(f"user {user} is no person of this machine, but an account of a service")
    if _is_of_a_job(process):
        return Stranger("a job of the farm has no say over the machine on which it runs")
    return name_of(user)


def user_of(connection: socket.socket) -> int | None:
    """The user id at the other end of a TCP connection over IPv4 on this machine; None when nobody tells.

    A row without an inode belongs to nobody any more, whatever its user id says: that end is closed.
    """
    ends = [_as_listed(*end) for end in (connection.getpeername(), connection.getsockname())]
    try:
        rows = Path(_CONNECTIONS).read_text().splitlines()
    except OSError:
        return None
    for fields in map(str.split, rows[1:]):
        if fields[1:3] == ends and fields[9] != "0":
            return int(fields[7])
    return None


def _as_listed(address: str, port: int) -> str:
    """As `/proc/net/tcp` writes an end: the address as the number that the machine holds."""
    (number,) = _ADDRESS.unpack(socket.inet_aton(address))
    return f"{number:08X}:{port:04X}"


def _is_of_a_job(process: int) -> bool:
    """Whether a keeper is above it: what a job leaves behind stays below its keeper, in whichever session."""
    seen: set[int] = set()
    while process > 0 and process not in seen:
        seen.add(process)
        try:
            folder = Path(f"/proc/{process}")
            if KEEPERS_COMMAND in (folder / "cmdline").read_bytes():
                return True
            process = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            break
    return False


def name_of(user: int) -> str:
    """An account's name, for people."""
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return f"user {user}"
