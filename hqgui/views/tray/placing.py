"""Where the popup stands: beside the icon, on the side of the panel that looks into the screen, and whole."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QPoint, QRect, QSize


class Place(NamedTuple):
    """A place."""

    corner: QPoint
    """Top left."""
    grows_up: bool
    """What is added later moves its top, not its foot: that is held by the panel."""


def place_beside(anchor: QRect, size: QSize, screen: QRect, room: QRect, off: int) -> Place:
    """Beside the icon (or the pointer, where a desktop does not say where the icon is).

    `screen` is the whole screen, `room` what panels leave of it, `off` the distance from the icon and from the edges.
    """
    middle = anchor.center()
    edge = _edge_of(anchor, screen, room)
    x, y = middle.x() - size.width() // 2, middle.y() - size.height() // 2
    if edge == "top":
        y = anchor.bottom() + off
    elif edge == "bottom":
        y = anchor.top() - off - size.height()
    elif edge == "left":
        x = anchor.right() + off
    else:
        x = anchor.left() - off - size.width()
    corner = QPoint(
        _within(x, room.left() + off, room.right() + 1 - off - size.width()),
        _within(y, room.top() + off, room.bottom() + 1 - off - size.height()),
    )
    return Place(corner, edge == "bottom" or (edge != "top" and middle.y() > room.center().y()))


def _within(wanted: int, least: int, most: int) -> int:
    """What does not fit begins at the start: its head has the ways out."""
    return max(min(wanted, most), least)


def _edge_of(anchor: QRect, screen: QRect, room: QRect) -> str:
    """The edge of the screen along which the panel lies: the one that it takes room from, else the nearest."""
    middle = anchor.center()
    beyond = {
        "bottom": middle.y() > room.bottom(),
        "top": middle.y() < room.top(),
        "left": middle.x() < room.left(),
        "right": middle.x() > room.right(),
    }
    taken = [edge for edge, is_beyond in beyond.items() if is_beyond]
    far = {
        "bottom": screen.bottom() - anchor.bottom(),
        "top": anchor.top() - screen.top(),
        "left": anchor.left() - screen.left(),
        "right": screen.right() - anchor.right(),
    }
    return min(taken or far, key=far.__getitem__)
