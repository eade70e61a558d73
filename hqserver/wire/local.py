"""Where the person at a machine finds its agents: Unix sockets on which each speaks XML-RPC, server or no server.

One socket an agent, `NAME.sock`, in the first folder of these that applies:

    $HQAGENT_SOCKETS          a folder that somebody named; then no other is looked at
    $RUNTIME_DIRECTORY        what systemd made for the service: /run/hqagent, or the same below the session's folder
    $XDG_RUNTIME_DIR/hqagent  an agent that a person started
    /run/hqagent              one that root started by hand
    /tmp/hqagent-UID          anybody else's

The functions are `local.getState`, `local.setOverride` and `local.takeBack` (`hqagent.local` says what they do). Who
may call them is told by the kernel, not by the caller: any person of this machine, but no job of the farm.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

GET_STATE: Final = "local.getState"
SET_OVERRIDE: Final = "local.setOverride"
TAKE_BACK: Final = "local.takeBack"

SUFFIX: Final = ".sock"
_NAME: Final = "hqagent"
_NAMED: Final = "HQAGENT_SOCKETS"
_SYSTEM: Final = Path("/run/hqagent")
_ROOT: Final = 0


def folder_for_agent(environment: Mapping[str, str], user: int) -> Path:
    """Where an agent of this user puts its socket."""
    given = environment.get(_NAMED) or environment.get("RUNTIME_DIRECTORY", "").partition(":")[0]
    if given:
        return Path(given)
    if environment.get("XDG_RUNTIME_DIR"):
        return Path(environment["XDG_RUNTIME_DIR"]) / _NAME
    return _SYSTEM if user == _ROOT else _own_folder(user)


def sockets(environment: Mapping[str, str], user: int) -> Iterator[Path]:
    """The sockets that agents of this machine may listen on, for a person; a stale one answers nobody.

    Only in folders that nobody else could have put there: root's, or the person's own.
    """
    places = [_SYSTEM, _own_folder(user)]
    if environment.get("XDG_RUNTIME_DIR"):
        places.insert(0, Path(environment["XDG_RUNTIME_DIR"]) / _NAME)
    if environment.get(_NAMED):
        places = [Path(environment[_NAMED])]
    for place in places:
        if is_trusted(place, user):
            yield from sorted(place.glob(f"*{SUFFIX}"))


def is_trusted(folder: Path, user: int) -> bool:
    """Whether this is a folder of the user's own, or one that root handed to a service of the machine."""
    try:
        found = folder.lstat()
    except OSError:
        return False
    open_to_all = found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    return stat.S_ISDIR(found.st_mode) and not open_to_all and (folder == _SYSTEM or found.st_uid in (user, _ROOT))


def _own_folder(user: int) -> Path:
    return Path("/tmp") / f"{_NAME}-{user}"  # noqa: S108 - looked at by `is_trusted` before it is used


def own_user() -> int:
    """The user id of this process; -1 on systems without."""
    return os.getuid() if hasattr(os, "getuid") else -1
