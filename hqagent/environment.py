"""The environment of a command: made from nothing, never the agent's own.

First what every program needs, from an allow-list; then HQueue's variables; then `[job_environment]` of hqnode.ini;
then what the specification says, which wins.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from hqserver.wire.agent import Start

SHELLS: Final = ("bash", "sh", "zsh", "dash", "ksh", "csh", "tcsh", "python3", "python")
"""Names that a specification may give as its shell."""
DEFAULT_SHELL: Final = "sh"
_PASSED: Final = ("HOME", "USER", "LOGNAME", "LANG", "TZ", "PATH")
_DEFAULT_PATH: Final = "/usr/local/bin:/usr/bin:/bin"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is the same for all jobs on this client."""

    server: str
    hq_root: str
    """As the server said when the agent registered; what an order says is newer."""
    client_folder: Path
    architecture: str
    own: Mapping[str, str]
    """The agent's environment, of which the allow-list passes some."""
    job_environment: Mapping[str, str] = field(default_factory=dict)
    shells: Mapping[str, str] = field(default_factory=dict)
    """Further shells of this client: name and program."""
    mount: str = ""
    """Of the main network folder on this client, whatever the server says."""
    map_paths: Callable[[str], str] = str
    """Gives the text with every path in it as it is called here."""


class NoShell(Exception):
    """The shell that a job wants is not to be had here; the text is for the status log."""


def environment_for(start: Start, around: Surroundings, folder: Path) -> dict[str, str]:
    """The variables of an attempt; `folder` is its own, in which its temporary files go."""
    own = around.own
    variables = {name: own[name] for name in _PASSED if name in own}
    variables.update((name, value) for name, value in own.items() if name.startswith("LC_"))
    variables.setdefault("PATH", _DEFAULT_PATH)
    variables.update({"HQROOT": around.hq_root, **start.folders})
    if around.mount:
        variables["HQROOT"] = around.mount
    variables.update(
        TMPDIR=str(folder / "tmp"),
        HQSERVER=around.server,
        JOBID=str(start.job),
        ROOTJOBID=str(start.root),
        HQHOSTS=",".join(start.hosts),
        HQCLIENT=str(around.client_folder),
        HQCLIENTARCH=around.architecture,
        HQ_ATTEMPT=str(start.attempt),
        HQ_CPUS=str(start.cpus),
    )
    variables.update(around.job_environment)
    variables.update((name, around.map_paths(value)) for name, value in start.environment.items())
    return variables


def shell_for(name: str, around: Surroundings, path: str) -> str:
    """Where the shell that a specification names is, on this client. Raises NoShell."""
    own = around.shells.get(name)
    if own is None:
        return shell_path(name, path, tuple(around.shells))
    if not os.access(own, os.X_OK):
        raise NoShell(f"shell {name} is {own} on this client, which cannot be run")
    return own


@functools.lru_cache(maxsize=64)
def shell_path(name: str, path: str, others: tuple[str, ...] = ()) -> str:
    """Where a shell of the list is. Raises NoShell."""
    wanted = name or DEFAULT_SHELL
    if wanted not in SHELLS:
        raise NoShell(f"shell {name!r} is not one of {', '.join((*SHELLS, *others))}")
    for folder in path.split(os.pathsep):
        candidate = Path(folder) / wanted
        if folder and os.access(candidate, os.X_OK) and candidate.is_file():
            return str(candidate)
    raise NoShell(f"shell {wanted} is not installed on this client")
