"""A screen of its own with a window manager, and the window on it as its user has it: keys go in, pixels come out."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.farm.harness import wait_for

TOOLS = ("Xvfb", "openbox", "xdotool")


def missing_tools() -> str:
    """Programs that are needed and not there."""
    return ", ".join(tool for tool in TOOLS if shutil.which(tool) is None)


@dataclass
class Screen:
    """An X server that nobody sees."""

    display: str
    home: Path
    programs: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        """For programs on it; nothing of theirs lands in a real home folder."""
        kept = {name: value for name, value in os.environ.items() if name not in ("QT_QPA_PLATFORM", "WAYLAND_DISPLAY")}
        return kept | {
            "DISPLAY": self.display,
            "HOME": str(self.home),
            "XDG_CONFIG_HOME": str(self.home / "config"),
            "XDG_STATE_HOME": str(self.home / "state"),
        }

    @property
    def settings(self) -> Path:
        """What the window remembers."""
        return self.home / "config" / "hqfarm" / "wrangler.ini"

    @property
    def log(self) -> Path:
        """What the window logs."""
        return self.home / "state" / "hqgui" / "log" / "wrangler.log"

    def open(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Open the window's program."""
        program = subprocess.Popen(
            [sys.executable, "-m", "hqgui", *arguments],
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.programs.append(program)
        return program

    def do(self, *words: str) -> str:
        """Let xdotool do something; what it says."""
        result = subprocess.run(
            ["xdotool", *words], env=self.environment, capture_output=True, text=True, timeout=30, check=False
        )
        return result.stdout.strip()

    def window(self, title: str) -> str:
        """Wait for a window; its number."""
        found = wait_for(f"a window called {title}", lambda: self.do("search", "--onlyvisible", "--name", title), 60)
        number = str(found).split()[-1]
        self.do("windowactivate", "--sync", number)
        return number

    def size(self, window: str) -> tuple[int, int]:
        """Of a window."""
        lines = dict(line.split("=") for line in self.do("getwindowgeometry", "--shell", window).splitlines())
        return int(lines["WIDTH"]), int(lines["HEIGHT"])


@contextmanager
def screen(home: Path, size: str = "1600x1000x24") -> Iterator[Screen]:
    """A screen with a window manager; all that was started on it is ended."""
    reading, writing = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", size, "-nolisten", "tcp"],
        pass_fds=(writing,),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    with os.fdopen(reading) as told:
        number = told.readline().strip()
    made = Screen(f":{number}", home)
    manager = subprocess.Popen(["openbox"], env=made.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield made
    finally:
        for process in (*made.programs, manager, server):
            process.kill()
            process.wait()
