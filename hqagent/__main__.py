"""The agent's command line: `hqagent run`, `hqagent check`, `hqagent install-service`.

What runs the agent is imported when it is known that this system can: elsewhere not even that would work.
"""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import platformdirs

from hqagent import __version__
from hqagent.config import DEFAULT_PORT, DEFAULT_SERVER, BadSetting
from hqagent.link import BadAddress
from hqagent.processes import not_yet
from hqagent.service import NoService, Service, install
from hqserver.wire.console import while_read
from hqserver.wire.units import STATE, name_part

if TYPE_CHECKING:
    from hqagent.running import Options

_DESCRIPTION: Final = """\
Makes this machine a client of a render farm: calls in at the server, runs the commands of jobs, tells how they fare.

DIR holds everything that the agent writes: its identity, its log hqnode.log, the jobs that run, and hqnode.ini if you
put one there. On SIGTERM or Ctrl+C the agent leaves; jobs go on under their keepers, and the next agent that is started
with the same DIR takes them up again. With --end-jobs-on-exit they are ended first, and run again elsewhere.
"""
_EXAMPLES: Final = """\
examples:
  hqagent run --server http://farm:5000
  hqagent run --server http://farm:5000 --data /var/lib/hqagent --cpus 16
  hqagent run --server http://farm:5000 --data /var/lib/hqagent-b --name b --cpus 8    a second client on one machine
"""
_CHECK: Final = """\
Looks at what a client needs and says what is wrong, in plain words: the server, names, the clock, folders, shells.
The exit code is 0 when nothing is wrong, else 1.
"""
_SERVICE: Final = """\
Has systemd start the agent with this machine, and again whenever it ends. As root: a service of the machine, run by
--account. Otherwise a service of your own session. Jobs go on when the service is stopped or restarted.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program; its answer is the exit code: 0 well, 1 something failed, 2 a wrong argument."""
    return while_read(lambda: _main(arguments))


def _main(arguments: Sequence[str] | None) -> int:
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.command is None:
        parser.print_help()
        return 2
    if problem := not_yet():
        sys.stderr.write(f"hqagent: {problem}\n")
        return 1
    act: Callable[[argparse.Namespace], int] = options.act
    try:
        return act(options)
    except (BadSetting, BadAddress, NoService, NotImplementedError, OSError) as error:
        sys.stderr.write(f"hqagent: {error}\n")
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="hqagent", description="Makes a machine a client of a render farm.")
    parser.add_argument("--version", action="version", version=f"hqagent {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    raw = argparse.RawDescriptionHelpFormatter
    runs = commands.add_parser(
        "run", help="run the agent", description=_DESCRIPTION, epilog=_EXAMPLES, formatter_class=raw
    )
    checks = commands.add_parser(
        "check", help="say what is wrong on this machine", description=_CHECK, formatter_class=raw
    )
    installs = commands.add_parser(
        "install-service", help="start it with this machine", description=_SERVICE, formatter_class=raw
    )
    for command, act in ((runs, _run), (checks, _check), (installs, _install)):
        _add_common(command, service=command is installs)
        command.set_defaults(act=act)
    for command in (runs, installs):
        command.add_argument("--end-jobs-on-exit", action="store_true", help="end running jobs before leaving")
    runs.add_argument("--verbose", action="store_true", help="log more")
    installs.add_argument("--account", help="the account that runs it, for a service of the machine (whoever asks)")
    installs.add_argument("--print", action="store_true", help="only print the unit")
    installs.add_argument("--no-start", action="store_true", help="install it, but do not start it now")
    return parser


def _add_common(command: argparse.ArgumentParser, *, service: bool) -> None:
    """`service`: which folder it is without the argument depends on whose service it shall be."""
    usual = _usual_data()
    where = f"{usual}; of a service of the machine /var/lib/hqagent" if service else str(usual)
    command.add_argument("--server", metavar="URL", help=f"address of the server ({DEFAULT_SERVER})")
    command.add_argument(
        "--data",
        metavar="DIR",
        type=Path,
        default=None if service else usual,
        help=f"folder of all its data ({where})".replace("%", "%%"),
    )
    command.add_argument("--name", help="client name, needed only for several clients on one machine")
    command.add_argument("--cpus", type=_positive, metavar="N", help="cpus that it offers (all)")
    command.add_argument("--port", type=_port, help=f"port of its own XML-RPC; 0: any free one ({DEFAULT_PORT})")


def _usual_data() -> Path:
    return Path(platformdirs.user_data_dir("hqagent", appauthor=False))


def _positive(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 100_000:
        raise argparse.ArgumentTypeError(f"cpus are a whole number from 1 on, got {text!r}")
    return int(text)


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"a port is a whole number from 0 to 65535, got {text!r}")
    return int(text)


def _options(told: argparse.Namespace) -> Options:
    from hqagent.running import Options

    return Options(
        data=told.data,
        server=told.server,
        name=told.name,
        cpus=told.cpus,
        port=told.port,
        end_jobs_on_exit=getattr(told, "end_jobs_on_exit", False),
        verbose=getattr(told, "verbose", False),
    )


def _run(told: argparse.Namespace) -> int:
    from hqagent.running import run

    return run(_options(told))


def _check(told: argparse.Namespace) -> int:
    from hqagent.checking import check

    good = True
    for finding in check(_options(told)):
        sys.stdout.write(f"{finding}\n")
        good = good and finding.good is not False
    return 0 if good else 1


def _install(told: argparse.Namespace) -> int:
    account = told.account or _machine_account()
    name = told.name or ""
    usual = STATE / (f"hqagent-{name_part(name)}" if name else "hqagent") if account is not None else _usual_data()
    service = Service(_service_arguments(told), (told.data or usual).absolute(), name, account)
    if told.print:
        sys.stdout.write(service.text())
        return 0
    for line in install(service, start=not told.no_start):
        sys.stdout.write(f"{line}\n")
    return 0


def _machine_account() -> str | None:
    """Root installs for the machine; anybody else for their own session."""
    return getpass.getuser() if hasattr(os, "geteuid") and os.geteuid() == 0 else None


def _service_arguments(told: argparse.Namespace) -> list[str]:
    given = {"--server": told.server, "--name": told.name, "--cpus": told.cpus}
    given["--port"] = told.port
    words = [word for name, value in given.items() if value is not None for word in (name, str(value))]
    return [*words, "--end-jobs-on-exit"] if told.end_jobs_on_exit else words


if __name__ == "__main__":
    sys.exit(main())
