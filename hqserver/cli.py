"""The command line of the server: `hqserver run`, and what an administrator does beside it."""

from __future__ import annotations

import argparse
import contextlib
import ipaddress
import logging
import sys
from collections.abc import Callable, Sequence
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any, Final

import platformdirs

from hqserver import __version__
from hqserver.wire.console import while_read
from hqserver.wire.units import STATE

DEFAULT_HOST: Final = "127.0.0.1"
DEFAULT_PORT: Final = 5000
_LOG_BYTES: Final = 10 << 20
_LOG_FILES: Final = 10

_RUN = """\
Runs the server of a render farm until it is told to stop (SIGTERM or Ctrl+C).

Scripts talk to it by XML-RPC at http://HOST:PORT, just as they talk to HQueue. Everything that it writes is kept in
DIR: the database, the output logs of jobs, and hqserver.ini if you put one there. Its log goes to stderr.
"""

_RUN_EXAMPLES = """\
examples:
  hqserver run                                   one machine, data in the user's data folder
  hqserver run --data /srv/hq --port 5000        data somewhere else
  hqserver run --host 0.0.0.0 --open-farm        every machine of a trusted network may submit jobs
  hqserver run --database postgresql+psycopg://hq@db/hq
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program; its answer is the exit code: 0 well, 1 the server failed, 2 a wrong argument."""
    return while_read(lambda: _main(arguments))


def _main(arguments: Sequence[str] | None) -> int:
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.command is None:
        parser.print_help()
        return 2
    try:
        handler = _log_handler(options)
    except OSError as error:
        sys.stderr.write(f"hqserver: the log cannot be written to {options.data}: {error.strerror}\n")
        return 1
    logging.basicConfig(
        level=logging.DEBUG if options.verbose else logging.INFO,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        handlers=[handler],
    )
    if not options.verbose:
        logging.getLogger("alembic").setLevel(logging.WARNING)
        # Not a line for each broken request: how many come, strangers decide.
        logging.getLogger("uvicorn").setLevel(logging.ERROR)
    run = _COMMANDS[options.command]
    return run(parser, options)


class _PrivateLog(RotatingFileHandler):
    """Each new file is for the server's account alone: names of jobs and machines are nobody else's business."""

    def _open(self) -> TextIOWrapper:
        with contextlib.suppress(FileExistsError):
            Path(self.baseFilename).touch(mode=0o600, exist_ok=False)
        return super()._open()


def _log_handler(options: argparse.Namespace) -> logging.Handler:
    if not getattr(options, "log_file", False):
        return logging.StreamHandler(sys.stderr)
    options.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    return _PrivateLog(options.data / "hqserver.log", maxBytes=_LOG_BYTES, backupCount=_LOG_FILES - 1, encoding="utf-8")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="hqserver", description="The server of a render farm that speaks HQueue's API."
    )
    parser.add_argument("--version", action="version", version=f"hqserver {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    run = commands.add_parser(
        "run",
        help="run the server",
        description=_RUN,
        epilog=_RUN_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _name_data(run)
    run.add_argument("--host", default=DEFAULT_HOST, help="address to listen on (%(default)s)")
    run.add_argument(
        "--port",
        type=_port,
        help=f"port to listen on; 0: any free one (that of hqserver.ini, or {DEFAULT_PORT})",
    )
    run.add_argument("--config", metavar="FILE", type=Path, help="settings (DIR/hqserver.ini)")
    run.add_argument(
        "--open-farm",
        action="store_true",
        help="admit every caller that reaches the port, although a job is a command that runs on every client",
    )
    run.add_argument(
        "--log-file", action="store_true", help="log to DIR/hqserver.log, ten files of 10 MB at most, not to stderr"
    )
    _add_administration(commands)
    for command in commands.choices.values():
        command.add_argument("--verbose", action="store_true", help="log more")
    return parser


def _name_data(command: argparse.ArgumentParser, *, service: bool = False) -> None:
    """`service`: which folder it is without the argument depends on whose service it shall be."""
    usual = _default_data()
    where = f"/var/lib/hqserver; with --user {usual}" if service else str(usual)
    command.add_argument(
        "--data",
        metavar="DIR",
        type=Path,
        default=None if service else usual,
        help=f"folder of all its data ({where})".replace("%", "%%"),
    )
    command.add_argument("--database", metavar="URL", help="SQLAlchemy URL of the database (a SQLite file in DIR)")


def _add_administration(commands: Any) -> None:
    for name, text in _ADMINISTRATION.items():
        command = commands.add_parser(name, help=text.partition(".")[0].lower(), description=text)
        _name_data(command, service=name == "install-service")
        if name == "backup":
            command.add_argument("file", metavar="FILE", type=Path, nargs="?", help="the copy (DIR/backups/...)")
        elif name == "copy-database":
            command.add_argument("--to", metavar="URL", required=True, help="an empty database")
        elif name == "install-service":
            command.add_argument("--host", default=DEFAULT_HOST, help="address to listen on (%(default)s)")
            command.add_argument("--port", type=_port, default=DEFAULT_PORT, help="port to listen on (%(default)s)")
            command.add_argument("--open-farm", action="store_true", help="as in `hqserver run`")
            command.add_argument("--account", metavar="NAME", help="the account that it runs as (root)")
            place = command.add_mutually_exclusive_group()
            place.add_argument("--user", action="store_true", help="a service of your own session")
            place.add_argument("--system", action="store_true", help="a service of the machine (this is the default)")
            command.add_argument("--dry-run", action="store_true", help="show the unit and write nothing")


_ADMINISTRATION: Final = {
    "check": "Say what is wrong with the database. A server may run meanwhile; nothing is changed. "
    "Exit code 0: it is sound; 1: something is wrong; 3: it could not be looked at.",
    "backup": "Write a copy of the database. A server may run meanwhile. Exit code 0: the copy is whole and on disk; "
    "3: there is none.",
    "copy-database": "Copy everything into another database, to move from SQLite to PostgreSQL or back. The server "
    "must be stopped. Exit code 0: all is copied; 3: nothing is.",
    "install-service": "Have systemd run the server. Writes a unit and says what to do with it.",
}


def _default_data() -> Path:
    return Path(platformdirs.user_data_dir("hqserver", appauthor=False))


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"a port is a whole number from 0 to 65535, got {text!r}")
    return int(text)


def _run(parser: argparse.ArgumentParser, options: argparse.Namespace) -> int:
    _refuse_open_by_accident(parser, options)
    if options.config is not None and not options.config.is_file():
        parser.error(f"--config: there is no file {options.config}")
    # Not at the top: importing the database takes half a second that `--help` need not wait.
    from hqserver.farm_head import Options, run

    return run(
        Options(
            data=options.data,
            host=options.host,
            port=options.port,
            database=options.database,
            config=options.config or options.data / "hqserver.ini",
            open_farm=options.open_farm,
        )
    )


def _refuse_open_by_accident(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    if not _is_loopback(options.host) and not options.open_farm:
        parser.error(
            f"--host {options.host} can be reached from other machines, and whoever reaches it may run commands on "
            "every client. If that is what you want in this network, add --open-farm."
        )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _administer(name: str) -> Callable[[argparse.ArgumentParser, argparse.Namespace], int]:
    def run(parser: argparse.ArgumentParser, options: argparse.Namespace) -> int:
        from hqserver import admin

        if name == "install-service":
            _refuse_open_by_accident(parser, options)
            options.data = options.data or (_default_data() if options.user else STATE / "hqserver")

        work: Callable[[argparse.Namespace], int] = getattr(admin, name.replace("-", "_"))
        return work(options)

    return run


_COMMANDS: Final = {"run": _run, **{name: _administer(name) for name in _ADMINISTRATION}}
