"""Short-lived programs that the agent asks about its machine."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

_NO_DEVICES: Final = "No devices were found"
_SECONDS, _KILL_SECONDS = 10.0, 1.0
_SOCKETS: Final = Path("/tmp/.X11-unix")  # noqa: S108 - where X servers listen, everywhere
_SOCKET: Final = re.compile(r"X(\d+)")


def graphics_processors() -> tuple[str, ...]:
    """As nvidia-smi names them; none where there is no nvidia-smi, or it does not answer."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return ()
    return names_of_processors(_told([program, "--query-gpu=name", "--format=csv,noheader"]))


def names_of_processors(told: str) -> tuple[str, ...]:
    """A name a line. What is in brackets is no name: `[GPU is lost]`, `[N/A]`, `[Unknown Error]`."""
    names = (line.strip() for line in told.splitlines())
    return tuple(name for name in names if name and not name.startswith("[") and name != _NO_DEVICES)


def idle_minutes() -> int:
    """Minutes since somebody last touched keyboard or mouse of this machine; -1 when nobody tells.

    Asked of every X11 display that lets us in. On other systems the answer is -1: nothing was tried there yet.
    """
    if sys.platform != "linux":
        return -1
    seconds = [found for display in _displays() if (found := _idle_seconds(display)) is not None]
    return int(min(seconds) // 60) if seconds else -1


def systemctl(*arguments: str, user: bool) -> str:
    """Have systemd do something; what it said when it refused, else nothing."""
    command = ["systemctl", *(["--user"] if user else []), *arguments]
    try:
        asked = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.SubprocessError) as error:
        return str(error)
    return "" if asked.returncode == 0 else (asked.stderr or asked.stdout).strip() or f"exit code {asked.returncode}"


def _displays() -> list[str]:
    try:
        found = [_SOCKET.fullmatch(entry.name) for entry in _SOCKETS.iterdir()]
    except OSError:
        found = []
    own = [os.environ["DISPLAY"]] if os.environ.get("DISPLAY") else []
    return list(dict.fromkeys([*own, *(f":{match[1]}" for match in found if match)]))


def _idle_seconds(display: str) -> float | None:
    probe = Path(__file__).with_name("idle_probe.py")
    told = _told([sys.executable, "-I", "-S", str(probe), display])
    try:
        return float(told)
    except ValueError:
        return None


def _told(command: Sequence[str]) -> str:
    """What a program prints; nothing when it fails or takes long.

    One that waits in the kernel for a broken driver, as nvidia-smi may, heeds no signal: it is left there.
    """
    try:
        asked = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            encoding="utf-8", errors="replace",
        )  # fmt: skip
    except OSError:
        return ""
    try:
        told, _ = asked.communicate(timeout=_SECONDS)
    except subprocess.TimeoutExpired:
        asked.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            asked.wait(_KILL_SECONDS)
        if asked.stdout is not None:
            asked.stdout.close()
        return ""
    return told if asked.returncode == 0 else ""
