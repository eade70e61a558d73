"""The agent's command line, and the agent put together: `hqagent run`."""

from __future__ import annotations

import argparse
import asyncio
import functools
import hashlib
import logging
import logging.handlers
import os
import signal
import sys
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import platformdirs

import hqagent
from hqagent import __version__
from hqagent.config import BadSetting, read_node_file
from hqagent.door import Door
from hqagent.environment import Surroundings
from hqagent.link import BadAddress
from hqagent.loop import Agent, Identity
from hqagent.machine import architecture, boot_id, machine
from hqagent.processes import platform_processes
from hqagent.processes.tools import graphics_processors
from hqagent.spool import Spool

log = logging.getLogger("hqagent")

_DESCRIPTION: Final = """\
Makes this machine a client of a render farm: calls in at the server, runs the commands of jobs, tells how they fare.

DIR holds everything that the agent writes: its identity, its log hqnode.log, the jobs that run, and hqnode.ini if you
put one there. On SIGTERM or Ctrl+C the agent leaves; jobs go on under their keepers, and the next agent that is started
with the same DIR takes them up again. With --end-jobs-on-exit they are ended first.
"""
_EXAMPLES: Final = """\
examples:
  hqagent run --server http://farm:5000
  hqagent run --server http://farm:5000 --data /var/lib/hqagent --cpus 16
  hqagent run --server http://farm:5000 --data /var/lib/hqagent-b --name b --cpus 8    a second client on one machine
"""
_JOB_UMASK: Final = 0o022
_DEFAULT_SERVER: Final = "http://127.0.0.1:5000"
_DEFAULT_PORT: Final = 5001
_LOG_BYTES: Final = 5 << 20


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program; its answer is the exit code: 0 well, 1 the agent failed, 2 a wrong argument."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.command is None:
        parser.print_help()
        return 2
    try:
        _open_folder(options.data, options.verbose)
        return asyncio.run(_run(options))
    except (BadSetting, BadAddress, NotImplementedError, OSError) as error:
        sys.stderr.write(f"hqagent: {error}\n")
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="hqagent", description="Makes a machine a client of a render farm.")
    parser.add_argument("--version", action="version", version=f"hqagent {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    run = commands.add_parser(
        "run",
        help="run the agent",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    data = Path(platformdirs.user_data_dir("hqagent", appauthor=False))
    run.add_argument("--server", metavar="URL", help=f"address of the server ({_DEFAULT_SERVER})")
    run.add_argument("--data", metavar="DIR", type=Path, default=data, help="folder of all its data (%(default)s)")
    run.add_argument("--name", help="client name, needed only for several clients on one machine")
    run.add_argument("--cpus", type=_positive, metavar="N", help="cpus that it offers (all)")
    run.add_argument("--port", type=_port, help=f"port of its own XML-RPC; 0: any free one ({_DEFAULT_PORT})")
    run.add_argument("--end-jobs-on-exit", action="store_true", help="end running jobs before leaving")
    run.add_argument("--verbose", action="store_true", help="log more")
    return parser


def _positive(text: str) -> int:
    if not text.isdigit() or not 0 < int(text) < 100_000:
        raise argparse.ArgumentTypeError(f"cpus are a whole number from 1 on, got {text!r}")
    return int(text)


def _port(text: str) -> int:
    if not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"a port is a whole number from 0 to 65535, got {text!r}")
    return int(text)


def _open_folder(data: Path, verbose: bool) -> None:
    """The folder, closed to others, and the log in it."""
    os.umask(0o077)
    data.mkdir(parents=True, exist_ok=True)
    file = logging.handlers.RotatingFileHandler(data / "hqnode.log", maxBytes=_LOG_BYTES, backupCount=3)
    logging.basicConfig(
        level=logging.DEBUG if verbose else logging.INFO,
        format="%(asctime)s %(levelname)s %(message)s",
        handlers=[logging.StreamHandler(sys.stderr), file],
    )


async def _run(options: argparse.Namespace) -> int:
    data: Path = options.data.resolve()
    node = read_node_file(data / "hqnode.ini")
    server = options.server or node.server or _DEFAULT_SERVER
    identity = Identity(
        _identity(data), boot_id(), options.name if options.name is not None else node.name or "", code_hash()
    )
    around = functools.partial(_surroundings, server, dict(node.job_environment))
    describe = functools.partial(machine, data, options.cpus or node.cpus, graphics_processors())
    agent = Agent(identity, server, Spool(data / "attempts"), platform_processes(_JOB_UMASK), around, describe)
    door = Door(agent.wake, agent.drain)
    port = options.port if options.port is not None else node.port
    agent.port = await door.open(_DEFAULT_PORT if port is None else port)
    (data / "hqnode.port").write_text(f"{agent.port}\n")
    (data / "hqnode.pid").write_text(f"{os.getpid()}\n")
    leaving: list[asyncio.Task[None]] = []
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(
            number, lambda: leaving.append(loop.create_task(_leave(agent, options.end_jobs_on_exit)))
        )
    await agent.run()
    door.close()
    log.info("hqagent stopped")
    return 0


async def _leave(agent: Agent, end_jobs: bool) -> None:
    if end_jobs:
        await agent.end_all(grace=2.0)
    agent.stop()


def _surroundings(server: str, job_environment: dict[str, str], hq_root: str) -> Surroundings:
    return Surroundings(
        server=server.rstrip("/"),
        hq_root=hq_root,
        client_folder=Path(hqagent.__file__).parent,
        architecture=architecture(),
        own=os.environ,
        job_environment=job_environment,
    )


def _identity(data: Path) -> str:
    """The agent's own id: made once for the folder."""
    path = data / "agent.id"
    if not path.exists():
        fresh = path.with_suffix(".new")
        fresh.write_text(uuid.uuid4().hex)
        fresh.replace(path)
    return path.read_text().strip()


def code_hash() -> str:
    """A hash of this agent's code: HQueue's `version` of a client."""
    found = hashlib.sha256()
    for path in sorted(Path(hqagent.__file__).parent.rglob("*.py")):
        found.update(path.read_bytes())
    return found.hexdigest()[:16]


if __name__ == "__main__":
    sys.exit(main())
