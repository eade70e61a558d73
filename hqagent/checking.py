"""`hqagent check`: what is wrong on this machine, in plain words, before a job finds out."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import socket
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from hqagent.config import DEFAULT_SERVER, BadSetting, NodeFile, read_node_file
from hqagent.environment import DEFAULT_SHELL, NoShell, shell_for
from hqagent.link import BadAddress, Link, LinkError
from hqagent.processes import platform_processes
from hqagent.processes.groups import delegated
from hqagent.processes.tools import graphics_processors, idle_minutes
from hqagent.running import NODE_FILE, Options, surroundings
from hqserver.wire.faults import ApiFault

_LEAST_ROOM: Final = 1 << 30
_OWN_FILES: Final = ("agent.lock", "agent.id", "attempts", "hqnode.log", "hqnode.port", "hqnode.pid", "override")
_MOST_SKEW: Final = 30.0
"""Seconds by which clocks may differ before somebody should be told; nothing is decided by them."""
_PATIENCE: Final = 10.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `good` None: neither good nor bad, only worth knowing."""

    good: bool | None
    text: str

    def __str__(self) -> str:
        return f"{'note' if self.good is None else 'ok' if self.good else 'BAD':<5}{self.text}"


@dataclass(frozen=True, slots=True)
class Subject:
    """What is checked."""

    options: Options
    node: NodeFile

    @property
    def server(self) -> str:
        """Its address, from the command line, from hqnode.ini, or by default."""
        return self.options.server or self.node.server or DEFAULT_SERVER


def check(options: Options) -> Iterator[Finding]:
    """Look at everything, one thing after the other; a wrong hqnode.ini ends it."""
    path = options.data / NODE_FILE
    try:
        node = read_node_file(path)
    except BadSetting as problem:
        yield Finding(good=False, text=str(problem))
        return
    yield Finding(
        None if not path.exists() else True, f"{path} {'is read' if path.exists() else 'is not there: defaults hold'}"
    )
    for word in node.unknown:
        yield Finding(good=False, text=f"{word} in {path} means nothing to this version; is it misspelled?")
    subject = Subject(options, node)
    for look in _LOOKS:
        yield from look(subject)


def _system(subject: Subject) -> Iterator[Finding]:
    try:
        platform_processes(subject.node.groups).close()
    except NotImplementedError as problem:
        yield Finding(good=False, text=str(problem))
    else:
        yield Finding(good=True, text=f"jobs can be run on {sys.platform}")


def _folder(subject: Subject) -> Iterator[Finding]:
    folder = subject.options.data
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not os.access(there, os.W_OK | os.X_OK):
        who = f"user {os.getuid()}" if hasattr(os, "getuid") else "this user"
        yield Finding(
            good=False, text=f"{there} is not writable for {who}: give it the folder, or another one with --data"
        )
        return
    foreign = [path for path in map(folder.joinpath, _OWN_FILES) if path.exists() and not os.access(path, os.W_OK)]
    if foreign:
        owner = foreign[0].stat().st_uid
        words = f"{foreign[0]} is not writable for user {os.getuid()}: it belongs to user {owner}"
        yield Finding(
            good=False, text=f"{words}, as whom an agent ran here before; give the whole folder to one account"
        )
        return
    room = shutil.disk_usage(there).free
    if room < _LEAST_ROOM:
        yield Finding(good=False, text=f"{folder} has {room >> 20} MB left on its disk: output of jobs will be cut")
    else:
        yield Finding(good=True, text=f"{folder} is writable, {room >> 30} GB left on its disk")


def _own_name(subject: Subject) -> Iterator[Finding]:
    name = socket.gethostname()
    address = _address(name)
    if address is None:
        yield Finding(good=False, text=f"this machine's own name {name} does not resolve: add it to DNS or /etc/hosts")
    else:
        yield Finding(good=True, text=f"this machine's name {name} is {address}")


def _server(subject: Subject) -> Iterator[Finding]:
    try:
        link = Link(subject.server)
    except BadAddress as problem:
        yield Finding(good=False, text=str(problem))
        return
    host = urlsplit(link.url).hostname or ""
    address = _address(host)
    if address is None:
        yield Finding(good=False, text=f"the server's name {host} does not resolve: is it spelled right?")
        return
    yield from asyncio.run(_answers(link, host, address))


async def _answers(link: Link, host: str, address: str) -> list[Finding]:
    try:
        async with asyncio.timeout(_PATIENCE):
            with contextlib.closing(link):
                answer = await link.ask("getServerTime")
                info = await link.ask("getServerInfo")
    except (LinkError, TimeoutError) as error:
        problem = str(error) or f"{link.url} ({address}) does not answer within {_PATIENCE:.0f} s"
        return [Finding(good=False, text=f"{problem}: does hqserver run there, and does a firewall let us through?")]
    except ApiFault as fault:
        return [Finding(good=False, text=f"{link.url} answers, but is no server of ours: {fault.text}")]
    version = info.get("version", "?") if isinstance(info, dict) else "?"
    found = [Finding(good=True, text=f"the server {host} ({address}) answers, version {version}")]
    if isinstance(answer, datetime):
        skew = time.time() - answer.replace(tzinfo=UTC).timestamp()
        words = f"this machine's clock is {abs(skew):.0f} s {'ahead of' if skew > 0 else 'behind'} the server's"
        found.append(
            Finding(good=False, text=f"{words}: jobs run all the same, but dates of files will confuse people")
            if abs(skew) > _MOST_SKEW
            else Finding(good=True, text="this machine's clock agrees with the server's")
        )
    return found


def _shells(subject: Subject) -> Iterator[Finding]:
    around = surroundings(subject.server, subject.node, "")
    path = around.own.get("PATH", os.defpath)
    for name in dict.fromkeys((DEFAULT_SHELL, "bash", *subject.node.shells)):
        try:
            yield Finding(good=True, text=f"shell {name} is {shell_for(name, around, path)}")
        except NoShell as problem:
            yield Finding(good=False, text=f"{problem}: jobs that ask for it will fail here")


def _mount(subject: Subject) -> Iterator[Finding]:
    rows = [("sharedNetwork.mount", subject.node.mount)] if subject.node.mount else []
    rows += [(f"path mapping {prefix}", target) for prefix, target in subject.node.path_mapping.items()]
    for what, folder in rows:
        there = Path(str(folder)).is_dir()
        yield Finding(
            good=there, text=f"{what}: {folder} {'is there' if there else 'is no folder here: is it mounted?'}"
        )


def _extras(subject: Subject) -> Iterator[Finding]:
    group = subject.node.groups or delegated()
    yield Finding(None, f"control groups: {group or 'none delegated; trees of processes are followed instead'}")
    yield Finding(None, f"graphics processors: {', '.join(graphics_processors()) or 'nvidia-smi names none'}")
    idle = idle_minutes()
    yield Finding(None, f"idle for {idle} minutes" if idle >= 0 else "idle time is unknown: no X11 display lets us ask")


def _address(name: str) -> str | None:
    try:
        return str(socket.getaddrinfo(name, None, proto=socket.IPPROTO_TCP)[0][4][0])
    except OSError:
        return None


_LOOKS: Final[tuple[Callable[[Subject], Iterator[Finding]], ...]] = (
    _system, _folder, _own_name, _server, _shells, _mount, _extras,
)  # fmt: skip
