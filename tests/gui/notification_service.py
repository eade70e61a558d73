"""A desktop's notification service for tests, on a bus of its own: it remembers what it was told, and can be clicked.

As a program (`python -m tests.gui.notification_service FILE`) it writes each notice as a line of JSON, and each line
that comes in on standard input (`NUMBER ACTION`) is a click.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jeepney import (
    DBusAddress,
    HeaderFields,
    MessageType,
    message_bus,
    new_error,
    new_method_return,
    new_signal,
)
from jeepney.io.asyncio import DBusConnection, DBusRouter, Proxy, open_dbus_connection

NAME = "org.freedesktop.Notifications"
_HERE = DBusAddress("/org/freedesktop/Notifications", interface=NAME)


@dataclass(frozen=True)
class Told:
    """One call of `Notify`."""

    number: int
    replaces: int
    title: str
    body: str
    actions: tuple[str, ...]
    hints: dict[str, Any] = field(default_factory=dict)


class Service:
    """The service on one connection."""

    def __init__(self, connection: DBusConnection, abilities: tuple[str, ...], told: Callable[[Told], object]) -> None:
        self._connection = connection
        self._abilities = abilities
        self._told = told
        self._numbers = 0
        self.open: set[int] = set()

    @classmethod
    async def start(cls, told: Callable[[Told], object], abilities: tuple[str, ...] = ("body", "actions")) -> Service:
        """Take the service's name."""
        connection = await open_dbus_connection("SESSION")
        async with DBusRouter(connection) as router:
            await Proxy(message_bus, router).RequestName(NAME)
        return cls(connection, abilities, told)

    async def serve(self) -> None:
        """Answer until the bus ends."""
        while True:
            try:
                message = await self._connection.receive()
            except (EOFError, OSError):
                return
            if message.header.message_type is MessageType.method_call:
                await self._connection.send(self._answer(message))

    def _answer(self, message: Any) -> Any:
        member = message.header.fields.get(HeaderFields.member)
        if member == "GetCapabilities":
            return new_method_return(message, "as", (list(self._abilities),))
        if member == "GetServerInformation":
            return new_method_return(message, "ssss", ("tests", "hqfarm", "1", "1.2"))
        if member == "CloseNotification":
            self.open.discard(message.body[0])
            return new_method_return(message)
        if member != "Notify":
            return new_error(message, "org.freedesktop.DBus.Error.UnknownMethod")
        _, replaces, _, title, body, actions, hints, _ = message.body
        if not replaces:
            self._numbers += 1
        number = replaces or self._numbers
        self.open.add(number)
        plain = {name: value for name, (_, value) in hints.items()}
        self._told(Told(number, replaces, title, body, tuple(actions), plain))
        return new_method_return(message, "u", (number,))

    async def click(self, number: int, action: str) -> None:
        """Somebody clicks."""
        await self._connection.send(new_signal(_HERE, "ActionInvoked", "us", (number, action)))

    async def dismiss(self, number: int) -> None:
        """Somebody closes it."""
        self.open.discard(number)
        await self._connection.send(new_signal(_HERE, "NotificationClosed", "uu", (number, 2)))

    async def stop(self) -> None:
        """Leave the bus."""
        await self._connection.close()


@contextmanager
def private_bus() -> Iterator[str]:
    """A session's bus of its own; its address."""
    program = shutil.which("dbus-daemon")
    assert program is not None, "dbus-daemon is not installed: ./hq test installs it"
    bus = subprocess.Popen(
        [program, "--session", "--nofork", "--print-address=1"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert bus.stdout is not None
    try:
        yield bus.stdout.readline().decode().strip()
    finally:
        bus.terminate()
        bus.wait()
        bus.stdout.close()


async def _clicks(service: Service) -> None:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        number, _, action = line.decode().strip().partition(" ")
        await service.click(int(number), action)


async def _main(path: Path) -> None:
    def write(told: Told) -> None:
        hints = {name: value for name, value in told.hints.items() if name != "image-data"}
        with path.open("a") as lines:
            lines.write(json.dumps({**told.__dict__, "hints": hints}) + "\n")

    service = await Service.start(write)
    path.open("a").close()
    clicks = asyncio.ensure_future(_clicks(service))
    await service.serve()
    clicks.cancel()
    os._exit(0)


if __name__ == "__main__":
    asyncio.run(_main(Path(sys.argv[1])))
