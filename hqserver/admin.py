"""What an administrator does beside a running server: copies, checks, moving to another database, a service."""

from __future__ import annotations

import contextlib
import os
import pwd
import sys
from argparse import Namespace
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

from hqserver.backups import FOLDER
from hqserver.wire.units import exec_line, state_lines

WELL, WRONG, IMPOSSIBLE = 0, 1, 3
"""Exit codes: all is well, something is wrong with the data, it could not be done."""

_SYSTEM_UNITS: Final = Path("/etc/systemd/system")
_UNIT: Final = """\
[Unit]
Description=hqserver: the server of the render farm
Wants=network-online.target
After=network-online.target {after}

[Service]
Type=exec
ExecStart={command}
{account}{state}Restart=always
RestartSec=2
# A clean stop lets answers that are under way out. Whatever ends it: what it has acknowledged is on disk.
TimeoutStopSec=60
# The port is the server's own. If systemd kept it open, a call that was under way at a crash could be made twice.
UMask=0077
LimitNOFILE=65536

[Install]
WantedBy={target}
"""


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def _attempt(work: Callable[[], int]) -> int:
    from hqserver.store.errors import StoreError

    try:
        return work()
    except BrokenPipeError:
        raise
    except (StoreError, OSError) as error:
        sys.stderr.write(f"hqserver: {error}\n")
        return IMPOSSIBLE


@contextlib.contextmanager
def _as_owner(folder: Path) -> Iterator[None]:
    """With the rights of the folder's owner: what root writes in it, its server could not write later."""
    if os.geteuid() != 0 or not folder.is_dir():
        yield
        return
    owner = folder.stat()
    before = os.getegid()
    os.setegid(owner.st_gid)
    os.seteuid(owner.st_uid)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(before)


def backup(options: Namespace) -> int:
    """Write a copy of the database, while a server runs or not."""
    from hqserver.store.store import backup as write

    target: Path = options.file or options.data / FOLDER / f"hqserver-{datetime.now().astimezone():%Y-%m-%dT%H%M%S}.db"

    def work() -> int:
        if options.file is None and options.data.is_dir():  # a misspelled --data is not made
            target.parent.mkdir(exist_ok=True, mode=0o700)
        write(options.data, options.database, target)
        _say(f"{target} holds the whole database ({target.stat().st_size >> 10} kB), checked and on disk.")
        _say(f"Output logs are not in it: copy {options.data / 'logs'} too if they matter.")
        return WELL

    with _as_owner(options.data) if options.file is None else contextlib.nullcontext():
        return _attempt(work)


def check(options: Namespace) -> int:
    """Look at the database without changing it, while a server runs or not."""
    from hqserver.store.store import check as look

    def work() -> int:
        problems = look(options.data, options.database)
        for problem in problems:
            _say(problem)
        if problems:
            count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
            _say(f"{count}. A server starts all the same and puts damaged rows aside; to have them back,")
            _say("stop it and restore the newest copy: docs/guide/administrator.md says how.")
            return WRONG
        _say("The database is sound.")
        return WELL

    return _attempt(work)


def copy_database(options: Namespace) -> int:
    """Copy everything into another, empty database; the server must not run."""
    from hqserver.store.moving import copy_database as copy

    def work() -> int:
        for table, count in copy(options.data, options.database, options.to).items():
            if count:
                _say(f"{count:>10}  {table}")
        _say("All of it is copied. Start the server with --database and the new URL from now on; the output logs stay")
        _say(f"in {options.data}, which stays the server's folder.")
        return WELL

    with _as_owner(options.data):
        return _attempt(work)


def install_service(options: Namespace) -> int:
    """Write a unit of systemd, or show it; say what comes next."""
    system = not options.user

    def work() -> int:
        if sys.platform != "linux":
            sys.stderr.write(f"hqserver: services are installed on Linux (systemd) only, not on {sys.platform}\n")
            return IMPOSSIBLE
        if options.account is not None:
            try:
                pwd.getpwnam(options.account)
            except KeyError:
                sys.stderr.write(f"hqserver: --account: there is no account {options.account} on this machine\n")
                return IMPOSSIBLE
        folder = _SYSTEM_UNITS if system else _user_units()
        path = folder / "hqserver.service"
        text = unit_text(options, system=system)
        if options.dry_run:
            _say(f"would write {path}:\n\n{text}")
        else:
            folder.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            _say(f"wrote {path}")
        control = "systemctl" if system else "systemctl --user"
        _say("Then have it started now and with the machine:")
        _say(f"  {control} daemon-reload && {control} enable --now hqserver")
        if not system:
            _say("  loginctl enable-linger    (so that it runs while nobody is logged in)")
        _say(f"Its log: {options.data / 'hqserver.log'}, or journalctl {'' if system else '--user '}-u hqserver")
        return WELL

    return _attempt(work)


def unit_text(options: Namespace, *, system: bool) -> str:
    """The unit's file."""
    data = options.data.absolute()
    words = [sys.executable, "-m", "hqserver", "run", "--data", str(data), "--log-file"]
    words += ["--host", options.host, "--port", str(options.port)]
    if options.database is not None:
        words += ["--database", options.database]
    if options.open_farm:
        words.append("--open-farm")
    account = f"User={options.account}\n" if system and options.account is not None else ""
    return _UNIT.format(
        command=exec_line(words),
        account=account,
        state=state_lines(data) if system else "",
        after="local-fs.target remote-fs.target postgresql.service" if system else "",
        target="multi-user.target" if system else "default.target",
    )


def _user_units() -> Path:
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "systemd/user"
