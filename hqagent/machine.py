"""What the agent knows of its machine."""

from __future__ import annotations

import os
import platform
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import psutil

from hqserver.wire.agent import Machine

_SYSTEMS: Final = {"Linux": "linux", "Windows": "windows", "Darwin": "macosx"}
_ARCHITECTURES: Final = {"amd64": "x86_64", "aarch64": "arm64", "i386": "i686", "i586": "i686"}
_KB: Final = 1024


def architecture() -> str:
    """As HQCLIENTARCH has it: `linux-x86_64`, `macosx-arm64` ..."""
    machine = platform.machine().lower()
    return f"{_SYSTEMS.get(platform.system(), 'unknown')}-{_ARCHITECTURES.get(machine, machine)}"


def boot_id() -> str:
    """Another one after each start of the machine."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return str(int(psutil.boot_time()))


def machine(data: Path, cpus: int | None, gpus: tuple[str, ...], idle_minutes: Callable[[], int]) -> Machine:
    """The machine now; `cpus` is what it offers, by default all."""
    memory = psutil.virtual_memory()
    disk = psutil.disk_usage(str(data))
    return Machine(
        hostname=socket.gethostname(),
        platform=architecture(),
        cpus=cpus or os.cpu_count() or 1,
        cpu_speed=_speed(),
        memory=memory.total // _KB,
        memory_used=(memory.total - memory.available) // _KB,
        load=round(psutil.getloadavg()[0], 2),
        disk_free=disk.free // _KB,
        disk_total=disk.total // _KB,
        idle_minutes=idle_minutes(),
        gpus=gpus,
        utc_offset=time.localtime().tm_gmtoff // 60,
    )


def _speed() -> float:
    """MHz; 0 when nobody tells."""
    try:
        found = psutil.cpu_freq()
        return round(found.max or found.current, 1)
    except (OSError, NotImplementedError, AttributeError):  # where the system does not tell, psutil answers None
        return 0.0
