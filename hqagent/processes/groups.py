"""Control groups (cgroup v2): where the agent may make one for each attempt.

Only below a group that somebody has handed over: systemd marks the group of a unit with `Delegate=yes`, and an
administrator may name one in hqnode.ini. Elsewhere the tree belongs to others.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

_MARKS: Final = ("user.delegate", "trusted.delegate")


def delegated() -> Path | None:
    """The agent's own group, when that was delegated to it and the kernel can kill a group as a whole."""
    folder = own_group()
    if folder is None or not any(_mark(folder, name) == b"1" for name in _MARKS):
        return None
    return folder if usable(folder) else None


def own_group() -> Path | None:
    """The folder of the group that this process is in; None without cgroup v2."""
    try:
        rows = Path("/proc/self/cgroup").read_text().splitlines()
        mounts = Path("/proc/self/mountinfo").read_text().splitlines()
    except OSError:
        return None
    name = next((row.removeprefix("0::") for row in rows if row.startswith("0::")), None)
    root = next((row.split()[4] for row in mounts if " - cgroup2 " in row), None)
    return Path(f"{root}{name}") if name is not None and root is not None else None


def usable(folder: Path) -> bool:
    """Whether groups can be made here, and killed and frozen as one."""
    trial = folder / f"hq-{os.getpid()}-trial"
    try:
        trial.mkdir()
    except OSError:
        return False
    try:
        return all((trial / name).exists() for name in ("cgroup.kill", "cgroup.freeze"))
    finally:
        trial.rmdir()


def _mark(folder: Path, name: str) -> bytes:
    try:
        return os.getxattr(folder, name)
    except OSError:
        return b""
