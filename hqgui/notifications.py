"""Native notifications: over the desktop's notification service where there is one, else by whoever lends a balloon.

A notice has a key; another notice of the same key takes its place, so a tree of ten thousand frames has one. What the
person does with it comes back as `activated`. All texts are shown as they are: where the service reads markup, ours is
escaped. Nothing here decides whether somebody should be told; that is the business of who calls.

Qt's own D-Bus cannot make the types that the service asks for, so the bus is spoken to by a library of its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import html
import logging
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum, unique
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from hqgui.models.formats import one_line, several_lines
from hqgui.tasks import cancel, spawn

if TYPE_CHECKING:
    from jeepney.io.asyncio import DBusConnection, DBusRouter

_LOG: Final = logging.getLogger(__name__)
_SERVICE: Final = "org.freedesktop.Notifications"
_PATH: Final = "/org/freedesktop/Notifications"
CLICK: Final = "default"
"""The action of a click on the notice itself."""
_ANSWER_SECONDS: Final = 5.0
_LONGEST_TITLE: Final = 200
_LONGEST_BODY: Final = 1_000
_MOST_KEYS: Final = 500
"""Notices whose place is remembered."""


@unique
class Shown(StrEnum):
    """Where a notice went."""

    DESKTOP = "desktop"
    BALLOON = "balloon"
    NOWHERE = "nowhere"
    """There is neither: who calls has a list of its own."""


@dataclass(frozen=True, slots=True)
class Notice:
    """What somebody is told."""

    key: str
    """Notices of one key replace each other."""
    title: str
    body: str = ""
    actions: tuple[tuple[str, str], ...] = ()
    """Names and words of buttons, where the service has any."""
    glyph: str = ""
    """Name of the picture beside the text."""
    urgent: bool = False


class Notifications(QObject):
    """Shows notices. `picture` draws a glyph; `balloon` shows a notice where no service does, and says whether it did.

    Needs a running event loop. `close` before the program ends.
    """

    activated = Signal(str, str)
    """Key and action of a notice that somebody clicked; `CLICK` for the notice itself."""

    def __init__(
        self,
        program: str,
        desktop_entry: str,
        picture: Callable[[str], QImage] | None = None,
        balloon: Callable[[Notice], bool] | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._program = program
        self._desktop_entry = desktop_entry
        self._picture = picture
        self._balloon = balloon
        self._bus: _Bus | None = None
        self._connecting = asyncio.Lock()

    async def show(self, notice: Notice) -> Shown:
        """Show a notice in the place of the former one of its key; says where it went."""
        bus = await self._connected()
        if bus is not None:
            try:
                async with asyncio.timeout(_ANSWER_SECONDS):
                    await bus.notify(self._program, notice, self._hints(notice, bus.types))
                return Shown.DESKTOP
            except _LOST as error:
                _LOG.info("the notification service is gone: %s", error)
                await self.close()
        if self._balloon is not None and self._balloon(notice):
            return Shown.BALLOON
        return Shown.NOWHERE

    async def withdraw(self, key: str) -> None:
        """Take a notice away, if it is still there."""
        if self._bus is not None:
            try:
                async with asyncio.timeout(_ANSWER_SECONDS):
                    await self._bus.withdraw(key)
            except _LOST:
                await self.close()

    async def close(self) -> None:
        """Leave the bus."""
        bus, self._bus = self._bus, None
        if bus is not None:
            await bus.close()

    async def _connected(self) -> _Bus | None:
        async with self._connecting:
            if self._bus is not None and not self._bus.alive:
                await self.close()
            if self._bus is None and _may_have_a_bus():
                try:
                    async with asyncio.timeout(_ANSWER_SECONDS):
                        self._bus = await _Bus.open(self.activated.emit)
                except (ImportError, *_LOST) as error:
                    _LOG.info("no notification service here: %s", error)
            return self._bus

    def _hints(self, notice: Notice, types: Mapping[str, str]) -> dict[str, tuple[str, Any]]:
        hints: dict[str, tuple[str, Any]] = {
            "desktop-entry": ("s", self._desktop_entry),
            "urgency": ("y", 2 if notice.urgent else 1),
        }
        if self._picture is not None and notice.glyph:
            hints["image-data"] = (types["image"], _pixels(self._picture(notice.glyph)))
        return hints


_LOST: Final = (OSError, EOFError, TimeoutError, RuntimeError, ValueError, KeyError)
"""What the bus and its library raise when it is not there, goes away or answers an error."""


def _may_have_a_bus() -> bool:
    """No bus is ever started here: it belongs to a session, or there is none."""
    if sys.platform != "linux":
        return False
    if os.environ.get("DBUS_SESSION_BUS_ADDRESS"):
        return True
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    return bool(runtime) and Path(runtime, "bus").exists()


def _pixels(image: QImage) -> tuple[int, int, int, bool, int, int, bytes]:
    """A picture as the service takes it: width, height, bytes a line, whether it has alpha, bits, channels, data."""
    made = image.convertToFormat(QImage.Format.Format_RGBA8888)
    data = bytes(made.constBits())
    return made.width(), made.height(), made.bytesPerLine(), True, 8, 4, data


class _Bus:
    """The session's bus, and which of our notices stand on the desktop."""

    types: Final = {"image": "(iiibiiay)"}

    def __init__(self, connection: DBusConnection, router: DBusRouter, markup: bool, actions: bool) -> None:
        self._connection = connection
        self._router = router
        self._markup = markup
        self._actions = actions
        self._numbers: dict[str, int] = {}
        """Numbers that the service gave, by key; the newest last."""
        self._listening: asyncio.Task[None] | None = None

    @classmethod
    async def open(cls, activated: Callable[[str, str], object]) -> _Bus:
        """Find the service. Raises one of `_LOST`, or ImportError where the library is not installed."""
        from jeepney.io.asyncio import DBusRouter, open_dbus_connection

        connection = await open_dbus_connection("SESSION")
        router = DBusRouter(connection)
        try:
            (abilities,) = await _ask(router, "GetCapabilities")
        except BaseException:
            await _leave(connection, router)
            raise
        bus = cls(connection, router, markup="body-markup" in abilities, actions="actions" in abilities)
        bus._listening = spawn(bus._listen(activated), "listening to the notification service")
        return bus

    @property
    def alive(self) -> bool:
        """Whether it still listens."""
        return self._listening is not None and not self._listening.done()

    async def notify(self, program: str, notice: Notice, hints: Mapping[str, tuple[str, Any]]) -> None:
        """Show a notice. Raises one of `_LOST`."""
        title = one_line(notice.title, _LONGEST_TITLE)
        body = several_lines(notice.body, _LONGEST_BODY)
        if self._markup:
            body = html.escape(body, quote=False)
        buttons = [part for pair in ((CLICK, ""), *notice.actions) for part in pair] if self._actions else []
        former = self._numbers.pop(notice.key, 0)
        values = (program, former, "", title, body, buttons, dict(hints), -1)
        (self._numbers[notice.key],) = await _ask(self._router, "Notify", "susssasa{sv}i", values)
        while len(self._numbers) > _MOST_KEYS:
            del self._numbers[next(iter(self._numbers))]

    async def withdraw(self, key: str) -> None:
        """Take a notice away. Raises one of `_LOST`."""
        number = self._numbers.pop(key, 0)
        if number:
            await _ask(self._router, "CloseNotification", "u", (number,))

    async def _listen(self, activated: Callable[[str, str], object]) -> None:
        from jeepney import MatchRule, message_bus

        rule = MatchRule(type="signal", interface=_SERVICE, path=_PATH)
        queue: asyncio.Queue[Any] = asyncio.Queue(100)
        try:
            with self._router.filter(rule, queue=queue):
                await self._router.send_and_get_reply(message_bus.AddMatch(rule))
                while True:
                    self._take(await queue.get(), activated)
        except _LOST as error:
            _LOG.info("the notification service is heard no more: %s", error)

    def _take(self, message: Any, activated: Callable[[str, str], object]) -> None:
        from jeepney import HeaderFields

        member = message.header.fields.get(HeaderFields.member)
        keys = {number: key for key, number in self._numbers.items()}
        key = keys.get(message.body[0]) if message.body else None
        if key is None:
            return
        if member == "ActionInvoked":
            activated(key, str(message.body[1]))
        elif member == "NotificationClosed":
            del self._numbers[key]

    async def close(self) -> None:
        """Leave."""
        await cancel(self._listening)
        await _leave(self._connection, self._router)


async def _ask(router: DBusRouter, method: str, signature: str = "", values: tuple[Any, ...] = ()) -> tuple[Any, ...]:
    from jeepney import DBusAddress, DBusErrorResponse, MessageType, new_method_call
    from jeepney.io.common import RouterClosed

    address = DBusAddress(_PATH, bus_name=_SERVICE, interface=_SERVICE)
    try:
        reply = await router.send_and_get_reply(new_method_call(address, method, signature or None, values))
    except RouterClosed as error:
        raise EOFError("the session's bus is gone") from error
    if reply.header.message_type is MessageType.error:
        raise OSError(str(DBusErrorResponse(reply)))
    return tuple(reply.body)


async def _leave(connection: DBusConnection, router: DBusRouter) -> None:
    with contextlib.suppress(*_LOST):
        await router.__aexit__(None, None, None)
    with contextlib.suppress(*_LOST):
        await connection.close()
