"""Which part of a pane the keyboard goes to when the pane is given it.

Not by focus proxies: for Qt a widget that has one is itself a stop of Tab, before all that is in it, so Tab would pass
over whatever in it stands before the proxy. Proxies are for widgets whose first part is the one that is typed in.
"""

from __future__ import annotations

from typing import Final
from weakref import WeakKeyDictionary

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

_LEADS: Final[WeakKeyDictionary[QWidget, QWidget]] = WeakKeyDictionary()


def lead(pane: QWidget, to: QWidget) -> None:
    """From now on the keyboard of a pane goes to a part of it."""
    _LEADS[pane] = to


def give_keyboard(pane: QWidget, reason: Qt.FocusReason = Qt.FocusReason.OtherFocusReason) -> None:
    """Give it to the part that a pane leads to; to the pane itself where it leads nowhere."""
    while pane in _LEADS:
        pane = _LEADS[pane]
    pane.setFocus(reason)


def has_keyboard(pane: QWidget) -> bool:
    """Whether something in a pane has the keyboard of its window."""
    here: QWidget | None = pane.window().focusWidget()
    return here is not None and (here == pane or pane.isAncestorOf(here))
