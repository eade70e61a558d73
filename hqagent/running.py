"""`hqagent run`: the agent put together, in a folder that is its own while it runs."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import functools
import logging
import os
import re
import shutil
import signal
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import hqagent
from hqagent.attempts import Rules
from hqagent.config import DEFAULT_PORT, DEFAULT_SERVER, BadSetting, NodeFile, read_node_file
from hqagent.door import Door
from hqagent.environment import Surroundings
from hqagent.link import whole_address
from hqagent.local import Person
from hqagent.log import open_log
from hqagent.loop import Agent, Identity
from hqagent.machine import architecture, boot_id, machine
from hqagent.override import Clock, OverrideKeeper
from hqagent.paths import mapper
from hqagent.processes import platform_processes
from hqagent.processes.tools import graphics_processors, idle_minutes
from hqagent.spool import Spool
from hqserver.wire import local
from hqserver.wire.error_log import ErrorLog
from hqserver.wire.version import code_hash

log = logging.getLogger("hqagent")

CODE: Final = Path(hqagent.__file__).parent

NODE_FILE: Final = "hqnode.ini"
_ID: Final = re.compile(r"([0-9a-f]{32}) (\d+)\n", re.ASCII)
_ATTEMPTS: Final = "attempts"
_SOCKET_NAME: Final = 12
"""How much of the agent's id names its socket: their paths are short."""
_IDLE_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line said; None where it was silent."""

    data: Path
    server: str | None = None
    name: str | None = None
    cpus: int | None = None
    port: int | None = None
    end_jobs_on_exit: bool = False
    verbose: bool = False


class Idleness:
    """For how long nobody used this machine, asked now and then: the question starts a program."""

    def __init__(self) -> None:
        self.minutes = -1

    async def follow(self) -> None:
        """Ask again and again, beside everything else."""
        while True:
            self.minutes = await asyncio.to_thread(idle_minutes)
            await asyncio.sleep(_IDLE_SECONDS)


def run(options: Options) -> int:
    """Run until told to stop; the exit code. Raises BadSetting, BadAddress, NotImplementedError, OSError."""
    os.umask(0o077)
    options.data.mkdir(parents=True, exist_ok=True)
    with _own(options.data):
        errors = ErrorLog()
        open_log(options.data, options.verbose, errors)
        return asyncio.run(_run(options, errors))


@contextlib.contextmanager
def _own(data: Path):  # type: ignore[no-untyped-def]
    """The folder is one agent's. Raises BadSetting when another runs in it."""
    handle = os.open(data / "agent.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BadSetting(
                f"another agent runs in {data} already; a second one here needs a --data and a --name of its own"
            ) from None
        yield
    finally:
        os.close(handle)


async def _run(options: Options, errors: ErrorLog) -> int:
    data = options.data.resolve()
    node = read_node_file(data / NODE_FILE)
    for word in node.unknown:
        log.warning("%s means nothing in %s", word, data / NODE_FILE)
    server = whole_address(options.server or node.server or DEFAULT_SERVER)
    identity = Identity(
        own_id(data), boot_id(), options.name if options.name is not None else node.name or "", code_hash(CODE)
    )
    idleness = Idleness()
    agent = Agent(
        identity,
        server,
        Spool(data / _ATTEMPTS),
        platform_processes(node.groups),
        functools.partial(surroundings, server, node),
        functools.partial(machine, data, options.cpus or node.cpus, graphics_processors(), lambda: idleness.minutes),
        OverrideKeeper(data / "override", identity.boot, _clock),
        Rules(node.patterns, node.job_umask, node.output_limit),
        errors,
    )
    door = Door(agent.wake, agent.drain, Person(agent).functions(), node.terminate_users)
    port = options.port if options.port is not None else node.port
    agent.port = await door.open(DEFAULT_PORT if port is None else port, node.address)
    await _open_for_people(door, identity.agent)
    _note(data / "hqnode.port", agent.port)
    _note(data / "hqnode.pid", os.getpid())
    leaving: list[asyncio.Task[None]] = []
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(
            number, lambda: leaving.append(loop.create_task(_leave(agent, options.end_jobs_on_exit)))
        )
    following = loop.create_task(idleness.follow())
    await agent.run()
    following.cancel()
    door.close()
    log.info("hqagent stopped")
    return 0


async def _leave(agent: Agent, end_jobs: bool) -> None:
    if end_jobs:
        await agent.end_all(grace=2.0)
    agent.stop()


async def _open_for_people(door: Door, agent: str) -> None:
    """Without it the farm works, and so does this agent: only the person at this machine has to ask the server."""
    folder = local.folder_for_agent(os.environ, local.own_user())
    try:
        former = os.umask(0o022)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        finally:
            os.umask(former)
        if not local.is_trusted(folder, local.own_user()):
            raise PermissionError(f"{folder} belongs to somebody else, or others may write there")
        await door.open_for_people(folder / f"{agent[:_SOCKET_NAME]}{local.SUFFIX}")
    except OSError as error:
        log.warning("the person at this machine cannot speak to this agent: %s", error)


def _clock() -> Clock:
    return Clock(time.clock_gettime(time.CLOCK_BOOTTIME), time.time())


def _note(path: Path, number: int) -> None:
    """For outside tools; a full disk is no reason not to look after the jobs that run."""
    try:
        path.write_text(f"{number}\n")
    except OSError as error:
        log.warning("%s cannot be written: %s", path, error)


def surroundings(server: str, node: NodeFile, hq_root: str) -> Surroundings:
    """What all jobs of this client have in common."""
    return Surroundings(
        server=server,
        hq_root=hq_root,
        mount=node.mount or "",
        client_folder=Path(hqagent.__file__).parent,
        architecture=architecture(),
        own=dict(os.environ),
        job_environment=node.job_environment,
        shells=node.shells,
        map_paths=mapper(node.path_mapping),
    )


def own_id(data: Path) -> str:
    """The agent's own id: made once for the folder, and anew when a power cut or a hand has damaged it.

    A folder that was copied, as a second client is often made, is another agent: the file knows its own inode.
    """
    path = data / "agent.id"
    if path.exists():
        found = _ID.fullmatch(path.read_text(errors="replace"))
        if found and int(found[2]) == path.stat().st_ino:
            return found[1]
        if found:
            log.warning(
                "%s is a copy: this agent gets an id of its own, and leaves alone what ran in the other folder", path
            )
            shutil.rmtree(data / _ATTEMPTS, ignore_errors=True)
        else:
            log.warning("%s is damaged: this agent gets a new id, and the jobs of the old one run again", path)
    fresh, own = path.with_suffix(".new"), uuid.uuid4().hex
    with fresh.open("w") as file:
        file.write(f"{own} {os.fstat(file.fileno()).st_ino}\n")
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    return own
