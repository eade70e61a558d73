"""Where the tray's popup opens: at a panel on each edge of the screen, in its corners, and on the second screen."""

from __future__ import annotations

from itertools import product

import pytest
from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from hqgui.gallery import tray_farm
from hqgui.views.tray.manner import Manner
from hqgui.views.tray.placing import Place, place_beside
from hqgui.views.tray.popup import TrayPopup
from tests.gui.windows import settle

SCREENS = (QRect(0, 0, 1280, 800), QRect(1920, -200, 2560, 1440))
POPUP = QSize(400, 620)
OFF, PANEL, ICON = 6, 28, 22


def _desk(screen: QRect, edge: str) -> QRect:
    """What a panel at an edge leaves of a screen."""
    cut = {"left": (PANEL, 0, 0, 0), "top": (0, PANEL, 0, 0), "right": (0, 0, -PANEL, 0), "bottom": (0, 0, 0, -PANEL)}
    return screen.adjusted(*cut[edge])


def _icon(screen: QRect, edge: str, share: float) -> QRect:
    """An icon in that panel, so far along it."""
    along = QPoint(
        screen.left() + round((screen.width() - ICON) * share), screen.top() + round((screen.height() - ICON) * share)
    )
    inset = (PANEL - ICON) // 2
    x = {"left": screen.left() + inset, "right": screen.right() + 1 - inset - ICON}.get(edge, along.x())
    y = {"top": screen.top() + inset, "bottom": screen.bottom() + 1 - inset - ICON}.get(edge, along.y())
    return QRect(x, y, ICON, ICON)


def _stands(place: Place) -> QRect:
    return QRect(place.corner, POPUP)


@pytest.mark.parametrize(("edge", "share"), list(product(("left", "top", "right", "bottom"), (0.0, 0.3, 1.0))))
@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("takes_room", [True, False])
def test_it_is_whole_and_beside_the_panel(edge: str, share: float, screen: QRect, takes_room: bool) -> None:
    room = _desk(screen, edge) if takes_room else screen
    icon = _icon(screen, edge, share)
    place = place_beside(icon, POPUP, screen, room, OFF)
    stands = _stands(place)
    assert room.adjusted(OFF, OFF, -OFF, -OFF).contains(stands)
    if takes_room or share == 0.3:
        assert not stands.intersects(icon)
        gap = {
            "left": stands.left() - icon.right(),
            "top": stands.top() - icon.bottom(),
            "right": icon.left() - stands.right(),
            "bottom": icon.top() - stands.bottom(),
        }[edge]
        assert 0 < gap <= OFF + PANEL
        assert place.grows_up is (edge == "bottom" or (edge != "top" and share > 0.5))


def test_without_an_icons_place_it_is_at_the_pointer() -> None:
    screen = SCREENS[0]
    place = place_beside(QRect(1100, 795, 1, 1), POPUP, screen, _desk(screen, "bottom"), OFF)
    assert place.grows_up
    assert _stands(place).right() == screen.right() - OFF


def test_what_is_higher_than_the_screen_begins_at_its_top() -> None:
    screen = QRect(0, 0, 800, 480)
    place = place_beside(_icon(screen, "bottom", 1.0), POPUP, screen, _desk(screen, "bottom"), OFF)
    assert place.corner.y() == OFF


def test_at_the_foot_of_the_screen_it_grows_upwards(qapp: QApplication) -> None:
    popup = TrayPopup()
    popup.show_facts(tray_farm.facts(jobs=[]))
    room = popup.screen().availableGeometry()
    popup.open_at(QRect(room.right() - 30, room.bottom() - 24, 22, 22), QPoint())
    settle()
    foot = popup.geometry().bottom()
    before = popup.height()
    popup.show_facts(tray_farm.facts())
    settle()
    assert popup.manner is Manner.POPUP
    assert popup.height() > before
    assert popup.geometry().bottom() == foot
    popup.close()
    popup.deleteLater()
    settle()


def test_a_double_click_opens_it_and_a_later_click_elsewhere_closes_it(qapp: QApplication) -> None:
    popup = TrayPopup()
    popup.show_facts(tray_farm.facts(jobs=[]))
    now = 100.0
    popup.clock = lambda: now
    popup.open_at(QRect(10, 10, 22, 22), QPoint())
    settle()
    outside = QPoint(-20, -20)
    now += 0.1
    QTest.mouseClick(popup, Qt.MouseButton.LeftButton, pos=outside)
    settle()
    assert popup.isVisible()
    now += 5
    QTest.mouseClick(popup, Qt.MouseButton.LeftButton, pos=outside)
    settle()
    assert not popup.isVisible()
    popup.deleteLater()
    settle()


@pytest.mark.parametrize("manner", [Manner.PINNED, Manner.WINDOW])
def test_a_window_that_grows_stays_on_the_screen(qapp: QApplication, manner: Manner) -> None:
    popup = TrayPopup()
    popup.set_manner(manner)
    popup.show_facts(tray_farm.facts(jobs=[]))
    popup.fit()
    popup.show()
    settle()
    room = popup.screen().availableGeometry()
    popup.move(room.left() + 40, room.bottom() - popup.frameGeometry().height())
    settle()
    popup.show_facts(tray_farm.facts())
    settle()
    assert room.contains(popup.frameGeometry())
    assert popup.x() == room.left() + 40
    popup.close()
    popup.deleteLater()
    settle()
