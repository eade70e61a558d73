"""Native notifications over a real bus: what the service is told, what clicks do, and what happens without a service."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator

import pytest
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication

from hqgui.notifications import CLICK, Notice, Notifications, Shown
from hqgui.tasks import run
from tests.gui.notification_service import Service, Told, private_bus
from tests.gui.windows import until

Script = Callable[[Notifications, Service, list[Told]], Awaitable[None]]


@pytest.fixture(scope="module")
def bus() -> Iterator[str]:
    """A bus that nobody else uses."""
    with private_bus() as address:
        yield address


@pytest.fixture
def on_bus(bus: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The session's bus is that one."""
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus)


def _live(qapp: QApplication, script: Script, *abilities: str) -> None:
    async def live() -> int:
        told: list[Told] = []
        service = await Service.start(told.append, abilities or ("body", "actions"))
        serving = asyncio.ensure_future(service.serve())
        notifications = Notifications("HQ tray", "org.hqfarm.tray", _picture)
        try:
            await script(notifications, service, told)
        finally:
            await notifications.close()
            await service.stop()
            serving.cancel()
        return 0

    assert run(qapp, live) == 0


def _picture(glyph: str) -> QImage:
    image = QImage(4, 4, QImage.Format.Format_ARGB32)
    image.fill(QColor("red"))
    return image


def test_a_notice_takes_the_place_of_the_former_one_of_its_key(qapp: QApplication, on_bus: None) -> None:
    async def script(notifications: Notifications, service: Service, told: list[Told]) -> None:
        one = Notice("tree 7", "1 frame failed", "No plate.", (("retry", "Retry"),), "failed", urgent=True)
        assert await notifications.show(one) is Shown.DESKTOP
        assert await notifications.show(Notice("tree 7", "2 frames failed")) is Shown.DESKTOP
        assert await notifications.show(Notice("tree 8", "1 frame failed")) is Shown.DESKTOP
        assert [(row.number, row.replaces, row.title) for row in told] == [
            (1, 0, "1 frame failed"),
            (1, 1, "2 frames failed"),
            (2, 0, "1 frame failed"),
        ]
        assert told[0].actions == (CLICK, "", "retry", "Retry")
        assert told[0].hints["urgency"] == 2
        assert told[0].hints["desktop-entry"] == "org.hqfarm.tray"
        assert told[0].hints["image-data"][:6] == (4, 4, 16, True, 8, 4)
        await service.dismiss(1)
        await until("it to be forgotten", lambda: "tree 7" not in notifications._bus._numbers)  # type: ignore[union-attr]
        await notifications.show(Notice("tree 7", "3 frames failed"))
        assert told[-1].replaces == 0
        await notifications.withdraw("tree 7")
        assert service.open == {2}

    _live(qapp, script)


def test_a_click_is_told_with_its_key(qapp: QApplication, on_bus: None) -> None:
    async def script(notifications: Notifications, service: Service, told: list[Told]) -> None:
        heard: list[tuple[str, str]] = []
        notifications.activated.connect(lambda key, action: heard.append((key, action)))
        await notifications.show(Notice("tree 7", "done"))
        await service.click(99, CLICK)
        await service.click(1, CLICK)
        await service.click(1, "retry")
        await until("both clicks", lambda: len(heard) == 2)
        assert heard == [("tree 7", CLICK), ("tree 7", "retry")]

    _live(qapp, script)


@pytest.mark.parametrize(
    ("abilities", "body"),
    [
        (("body", "body-markup"), "&lt;img src=//evil/x&gt; &amp; &lt;b&gt;⟨202E⟩&lt;/b&gt;"),
        (("body",), "<img src=//evil/x> & <b>⟨202E⟩</b>"),
    ],
)
def test_hostile_text_is_text(qapp: QApplication, on_bus: None, abilities: tuple[str, ...], body: str) -> None:
    async def script(notifications: Notifications, service: Service, told: list[Told]) -> None:
        await notifications.show(Notice("k", "a\nb\x1b[31m", "<img src=//evil/x> & <b>\u202e</b>", (("a", "A"),)))
        assert told[0].title == "a⏎b␛[31m"
        assert told[0].body == body
        assert told[0].actions == ()

    _live(qapp, script, *abilities)


def test_a_service_that_went_away_and_came_back_is_found_again(qapp: QApplication, on_bus: None) -> None:
    async def script(notifications: Notifications, service: Service, told: list[Told]) -> None:
        assert await notifications.show(Notice("k", "one")) is Shown.DESKTOP
        await service.stop()
        assert await notifications.show(Notice("k", "two")) is Shown.NOWHERE
        again = await Service.start(told.append)
        serving = asyncio.ensure_future(again.serve())
        assert await notifications.show(Notice("k", "three")) is Shown.DESKTOP
        assert [row.title for row in told] == ["one", "three"]
        await again.stop()
        serving.cancel()

    _live(qapp, script)


@pytest.mark.parametrize("address", ["", "unix:path=/nowhere/bus"])
def test_without_a_service_a_balloon_will_do(qapp: QApplication, monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)

    async def live() -> int:
        shown: list[Notice] = []
        notice = Notice("k", "one")
        with_balloon = Notifications("HQ tray", "x", balloon=lambda one: not shown.append(one))  # type: ignore[func-returns-value]
        assert await with_balloon.show(notice) is Shown.BALLOON
        assert shown == [notice]
        assert await Notifications("HQ tray", "x").show(notice) is Shown.NOWHERE
        return 0

    assert run(qapp, live) == 0
