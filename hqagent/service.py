"""`hqagent install-service`: the agent as a service of this machine, started with it and started again when it ends.

A unit of systemd. Its process alone is ended when the service stops (`KillMode=process`), so an upgrade or a restart
disturbs no job; and it gets its control group for itself (`Delegate=yes`), in which each attempt has one of its own.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hqagent.processes.tools import systemctl
from hqserver.wire.units import exec_line, name_part, state_lines

_SYSTEM_UNITS: Final = Path("/etc/systemd/system")
_RUNNING: Final = Path("/run/systemd/system")
_TEMPLATE: Final = """\
[Unit]
Description=hqagent: runs jobs of the render farm{of_name}
Wants=network-online.target
After=network-online.target remote-fs.target

[Service]
Type=exec
ExecStart={command}
{account}{state}Restart=always
RestartSec=5
# Jobs go on when the agent is stopped, upgraded or killed: their keepers see them through.
KillMode=process
# Each job gets a control group below this one.
Delegate=yes
UMask=0077
# The socket on which the person at this machine speaks to the agent.
RuntimeDirectory=hqagent
RuntimeDirectoryMode=0755
RuntimeDirectoryPreserve=yes

[Install]
WantedBy={target}
"""


class NoService(Exception):
    """This machine has no services that we know how to install. The text is for the person who asked."""


@dataclass(frozen=True, slots=True)
class Service:
    """What is to be installed. `account` None: whoever asks, as a service of their own session."""

    arguments: Sequence[str]
    data: Path
    name: str = ""
    account: str | None = None

    @property
    def unit(self) -> str:
        """The unit's name."""
        return f"hqagent-{name_part(self.name)}.service" if self.name else "hqagent.service"

    @property
    def folder(self) -> Path:
        """Where the unit stands."""
        if self.account is not None:
            return _SYSTEM_UNITS
        return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "systemd/user"

    def text(self) -> str:
        """The unit's file."""
        words = [sys.executable, "-m", "hqagent", "run", *self.arguments, "--data", str(self.data)]
        return _TEMPLATE.format(
            of_name=f" ({self.name.replace('%', '%%')})" if self.name else "",
            command=exec_line(words),
            account=f"User={self.account}\n" if self.account is not None else "",
            state=state_lines(self.data) if self.account is not None else "",
            target="multi-user.target" if self.account is not None else "default.target",
        )


def install(service: Service, start: bool) -> list[str]:
    """Write the unit, and have it started now and with the machine. Answers what was done, a line each.

    Raises NoService, OSError.
    """
    if sys.platform != "linux":
        raise NoService(f"services on {sys.platform} are not installed yet: this was tried on Linux only")
    if service.account is not None:
        _see_that_it_is_there(service.account)
    path = service.folder / service.unit
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(service.text())
    done = [f"wrote {path}"]
    if not _RUNNING.exists():
        return [*done, "systemd does not run on this machine, so nothing was started"]
    if not start:
        return [
            *done,
            f"start it with: systemctl {'' if service.account is not None else '--user '}enable --now {service.unit}",
        ]
    for words in (("daemon-reload",), ("enable", "--now", service.unit)):
        problem = systemctl(*words, user=service.account is None)
        if problem:
            raise NoService(f"wrote {path}, but systemctl {' '.join(words)} failed: {problem}")
    return [*done, f"{service.unit} runs, and starts with the machine"]


def _see_that_it_is_there(account: str) -> None:
    import pwd  # not on every system on which this file can be read

    try:
        pwd.getpwnam(account)
    except KeyError:
        raise NoService(f"--account: there is no account {account} on this machine") from None
