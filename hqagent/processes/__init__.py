"""Processes: the only part of the agent that starts, signals or watches any.

`platform_processes` answers the implementation for this system; the interface is `Processes`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol

KEEPERS_COMMAND: Final = b"hqagent/processes/launcher.py"
"""In the command line of every keeper, and of nothing else."""


class Processes(Protocol):
    """What the agent needs of an operating system."""

    def get_ready(self, place: Path) -> None:
        """Do beforehand what the first launch in a folder below this place would wait for. Raises OSError."""

    def launch(self, folder: Path) -> int:
        """Start a keeper on an attempt's folder; answers its process id. Raises OSError."""

    def group(self, name: str) -> str:
        """Make a control group for an attempt; its folder, or nothing where the agent was given none."""

    def keeper(self, folder: Path) -> int | None:
        """The process id of the keeper that holds this folder; None when there is none."""

    def nudge(self, keeper: int, folder: Path) -> None:
        """Have a keeper look at the wish in its folder."""

    def bury(self, folder: Path) -> bool:
        """Make sure that no keeper starts the attempt in this folder any more; False when one holds it."""

    def kill(self, keeper: int) -> None:
        """Kill a keeper, and wait until it is gone; what it kept is left to `sweep`."""

    def sweep(self, folder: Path) -> None:
        """End whatever still runs of the attempt in this folder although its keeper is gone."""

    def watch(self, keeper: int, gone: Callable[[], None]) -> None:
        """Call `gone` on the event loop when a keeper has ended."""

    def close(self) -> None:
        """Let go; keepers go on."""


def not_yet() -> str:
    """Why jobs cannot be run on this system; empty where they can."""
    system: str = sys.platform
    if system == "linux":
        return ""
    return f"hqagent does not run jobs on {system} yet; it is tried on Linux only"


def platform_processes(groups: Path | None = None) -> Processes:
    """The implementation for this system; `groups`: the control group in which it may make others.

    Raises NotImplementedError where nobody has tried one.
    """
    if problem := not_yet():
        raise NotImplementedError(problem)
    from hqagent.processes.groups import delegated
    from hqagent.processes.posix import LinuxProcesses

    return LinuxProcesses(groups or delegated())
