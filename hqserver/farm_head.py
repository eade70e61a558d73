"""The running server: puts settings, store, farm, engine and web together, and takes them apart again."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import importlib.util
import logging
import os
import secrets
import signal
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NoReturn

import uvicorn

from hqserver import __version__, open_files
from hqserver.api.context import Context
from hqserver.auditing import Audit
from hqserver.backups import Backups
from hqserver.config import BadSetting, Config, read_config
from hqserver.core.records import Instant
from hqserver.core.restoring import restore
from hqserver.core.state import Changes
from hqserver.engine import Engine
from hqserver.error_taking import ErrorTaking
from hqserver.fencing import Fencing
from hqserver.history import History, Policy
from hqserver.log_room import LogRoom, live_logs
from hqserver.mailer import Mailer
from hqserver.outputs import Outputs
from hqserver.sessions import Sessions
from hqserver.space import Space
from hqserver.store.store import Store, StoreError
from hqserver.web import make_app
from hqserver.web_protocol import CarefulProtocol
from hqserver.wire.version import code_hash

log = logging.getLogger("hqserver")

_WARN_EVERY_SECONDS = 3600.0
_STOP_SECONDS = 10
_BACKLOG = 4096


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line said."""

    data: Path
    host: str
    port: int | None
    """None: what the settings say."""
    database: str | None
    config: Path
    open_farm: bool


def run(options: Options) -> int:
    """Run the server until it is told to stop; the answer is the exit code."""
    try:
        config = read_config(options.config)
        for line in config.unknown:
            log.warning("%s", line)
        if config["debug"]:
            logging.getLogger().setLevel(logging.DEBUG)
        _make_folder(options.data)
        files = open_files.allow_many()
        listener = _listen(options.host, config["port"] if options.port is None else options.port)
        with contextlib.closing(listener):
            config = config.with_text("port", str(listener.getsockname()[1]))
            store = Store.open(options.data, options.database or config["database"] or None)
            try:
                asyncio.run(_serve(options, config, store, listener, files))
            finally:
                store.close()
    except (BadSetting, StoreError, OSError) as error:
        log.error("%s", error)
        return 1
    return 0


def clock() -> Instant:
    """Now. The one place where the server reads its clocks."""
    return Instant(time.time(), time.monotonic())


def _make_folder(data: Path) -> None:
    try:
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise OSError(f"the folder --data {data} cannot be made: {error.strerror}") from None


def _listen(host: str, port: int) -> socket.socket:
    """Bind before anything else: a second server on the port ends here, before it touches the data."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named so that asyncio sees TCP and switches Nagle's algorithm off: 44 ms a call otherwise.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise OSError(
            f"cannot listen on {host} port {port}: {error.strerror}. Is another server running there?"
        ) from None
    return listener


async def _serve(options: Options, config: Config, store: Store, listener: socket.socket, files: int) -> None:
    """Load the farm, answer until a signal comes, then let what is under way finish."""
    loop = asyncio.get_running_loop()
    settings = replace(config.farm_settings(), agent_code=_agent_code())
    farm = restore(settings, store.load(), clock())
    _freeze_loaded_objects()
    engine = Engine(farm, Commits(store, loop), clock)
    logs = Path(config["job_logs_dir"] or options.data / "logs")
    outputs = Outputs(logs)
    log_room = LogRoom(logs, outputs, config["job_logs_mb"], config["least_free_mb"], lambda: live_logs(farm))
    sessions = Sessions(engine, outputs, __version__)
    engine.observers.append(lambda changes: remove_logs(outputs, changes))
    history = History(engine, store.recall, _policy(config))
    audit = Audit(engine, store.recall)
    space = Space(options.data, config["least_free_mb"], config["reserve_mb"], lambda: store.stalled)
    backups = Backups(options.data, config["backup_hour"], config["backup_keep"], store.backup, store.size)
    context = Context(
        engine=engine,
        sessions=sessions,
        history=history,
        outputs=outputs,
        config=config,
        epoch=secrets.token_hex(8),
        started_at=clock().wall,
        open_farm=options.open_farm,
        database=store.description,
        refusal=space.refusal,
    )
    server = _Server(_web_config(make_app(context), options, files))
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, _stop, server, engine, sessions)
    host, port = listener.getsockname()[:2]
    url = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    log.info(
        "hqserver %s answers on %s, %d jobs (and %d in history) and %d clients, data in %s",
        __version__,
        url,
        len(farm.jobs),
        len(farm.past),
        len(farm.clients),
        options.data,
    )
    chores = [
        loop.create_task(history.run()),
        loop.create_task(audit.run()),
        loop.create_task(space.watch()),
        loop.create_task(log_room.watch()),
        loop.create_task(backups.run(lambda: clock().wall)),
    ]
    if options.open_farm:
        chores.append(loop.create_task(_warn_of_open_farm(url)))
    mail_server = config.mail_server()
    if mail_server is not None:
        chores.append(loop.create_task(Mailer(engine, mail_server).run()))
    if config["fence_command"]:
        chores.append(loop.create_task(Fencing(engine, config["fence_command"]).run()))
    try:
        with ErrorTaking(engine).taking():
            space.look()
            await server.serve(sockets=[listener])
    finally:
        for chore in chores:
            chore.cancel()
        await asyncio.gather(*chores, return_exceptions=True)
        engine.close()
        history.close()
        audit.close()
        await engine.settled(engine.farm.revision)
        log.info("hqserver stopped; everything is on disk")


def _policy(config: Config) -> Policy:
    return Policy(config["history_days"], config["history_jobs"], config["expire_jobs_days"])


def _agent_code() -> str:
    """The version of the agent that came with this server; empty when none is installed here."""
    found = importlib.util.find_spec("hqagent")
    return code_hash(Path(found.origin).parent) if found is not None and found.origin else ""


class Commits:
    """The store's writer thread, as the engine sees it: callbacks come back to the event loop."""

    def __init__(self, store: Store, loop: asyncio.AbstractEventLoop) -> None:
        self._store = store
        self._loop = loop
        self._grown = 0

    def commit(self, changes: Changes, done: Callable[[], None]) -> None:
        """Rows are made here, on the loop, before anything can change again."""

        def committed() -> None:
            with contextlib.suppress(RuntimeError):  # the loop is gone, and with it everybody who would be told
                self._loop.call_soon_threadsafe(done)

        self._store.write(changes, committed, _die)
        self._grown += len(changes.new_jobs) + len(changes.log)
        if self._grown > _RECORDS_A_FREEZE:
            self._grown = 0
            gc.freeze()


class _Server(uvicorn.Server):
    """uvicorn without signal handlers of its own: the program has one way to stop."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Have the system keep more callers waiting than asyncio, which knows one number for both, takes in a turn."""
        await super().startup(sockets)
        for listener in sockets or ():
            listener.listen(_BACKLOG)

    @contextlib.contextmanager
    def capture_signals(self):  # type: ignore[no-untyped-def]
        yield


def _web_config(app: object, options: Options, files: int) -> uvicorn.Config:
    class Protocol(CarefulProtocol):
        most_connections = open_files.most_connections(files)

    return uvicorn.Config(
        app,  # type: ignore[arg-type]
        host=options.host,
        loop="asyncio",
        http=Protocol,
        ws="none",
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        date_header=False,
        proxy_headers=False,
        timeout_keep_alive=60,
        timeout_graceful_shutdown=_STOP_SECONDS,
        backlog=open_files.accepted_a_turn(files),
    )


def _stop(server: uvicorn.Server, engine: Engine, sessions: Sessions) -> None:
    log.info("stopping")
    server.should_exit = True
    engine.close()
    sessions.close()


async def _warn_of_open_farm(url: str) -> None:
    while True:
        log.warning(
            "this farm is open: whoever reaches %s may run commands on every client; keep it in a trusted network", url
        )
        await asyncio.sleep(_WARN_EVERY_SECONDS)


def remove_logs(outputs: Outputs, changes: Changes) -> None:
    """The output of jobs that are gone for good goes too."""
    for job in changes.removed_jobs:
        outputs.remove(job.id, len(job.attempts))


_RECORDS_A_FREEZE = 2000
"""New jobs and lines of logs live long, and a collector that goes through all of a large farm stops it for a second.

What refers to itself and is alive just then is not found any more: some ten objects for every open connection.
"""


def _freeze_loaded_objects() -> None:
    """What was loaded lives long: the collector need not look at it again and again."""
    gc.collect()
    gc.freeze()


def _die(error: BaseException) -> NoReturn:
    """A commit failed for good. RAM is ahead of the disk and nobody was told, so ending here loses nothing."""
    log.critical("the database cannot be written, so the server ends: %s", error)
    sys.stderr.flush()
    os._exit(70)
