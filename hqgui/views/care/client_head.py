"""The head of a client in the inspector: its name, how it stands, and what is done to it most."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from hqgui.models.client_facts import ClientFacts
from hqgui.models.formats import count
from hqgui.theme import look
from hqgui.views.parts.action_button import ActionButton
from hqgui.views.parts.buttons import Button, IconButton
from hqgui.views.parts.chips import LinkText
from hqgui.views.parts.labels import ElidedLabel, GlyphLabel, PlainLabel
from hqserver.wire.statuses import ClientStatus


class ClientPath(QWidget):
    """The way back to the job, the id, and a button that copies the name. It is the dock's handle too."""

    back_wanted = Signal()
    copy_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.back = LinkText(self.tr("Back to the job"), self.back_wanted.emit, 11)
        self._id = PlainLabel("", "text2", 11, mono=True)
        self.copy = IconButton("copy", self.tr("Copy host name"), self.copy_wanted.emit, "text3", 12, 22)
        self._row = QHBoxLayout(self)
        self._row.addWidget(self.back)
        self._row.addStretch(1)
        self._row.addWidget(self._id)
        self._row.addWidget(self.copy)
        look().tie(self, self._measure)

    def _measure(self) -> None:
        px = look().px
        self._row.setContentsMargins(px(13), px(9), px(10), 0)
        self._row.setSpacing(px(4))
        self.setFixedHeight(px(32))

    def sizeHint(self) -> QSize:
        """A dock asks its handle for its height before the handle is laid out."""
        return QSize(super().sizeHint().width(), look().px(32))

    def show_facts(self, facts: ClientFacts | None) -> None:
        """Show whose head it is."""
        self._id.setText("" if facts is None else f"#{facts.id}")


class ClientHead(QWidget):
    """Name, state, availability, actions."""

    menu_wanted = Signal()

    def __init__(self, enable: QAction, disable: QAction, wake: QAction, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._glyph = GlyphLabel("", 16)
        self._name = ElidedLabel("", "text", 16, 600)
        self._state = ElidedLabel("", "text3")
        self._selected = PlainLabel("", "text2", 11, 500)
        self._selected.hide()
        self._standing = PlainLabel("", "text2")
        self._standing.setWordWrap(True)
        self._title = QHBoxLayout()
        self._title.addWidget(self._glyph)
        self._title.addWidget(self._name)
        self._title.addWidget(self._state, 1)
        self._title.addWidget(self._selected)
        self.enable = ActionButton(enable, "power", framed=True)
        self.disable = ActionButton(disable, "power-off", framed=True)
        self.wake = Button(wake.text(), "small", clicked=wake.trigger)
        self._wake = wake
        wake.changed.connect(self._wake_changed)
        self.more = Button(self.tr("More"), "small", "ellipsis", self.menu_wanted.emit)
        self._buttons = QHBoxLayout()
        for button in (self.enable, self.disable, self.wake):
            self._buttons.addWidget(button)
        self._buttons.addStretch(1)
        self._buttons.addWidget(self.more)
        self._column = QVBoxLayout(self)
        self._column.addLayout(self._title)
        self._column.addWidget(self._standing)
        self._column.addLayout(self._buttons)
        look().tie(self, self._measure)

    def _measure(self) -> None:
        px = look().px
        self._column.setContentsMargins(px(13), px(2), px(15), px(8))
        self._column.setSpacing(px(6))
        self._title.setSpacing(px(7))
        self._buttons.setSpacing(px(6))

    def _wake_changed(self) -> None:
        self.wake.setEnabled(self._wake.isEnabled())
        self.wake.setToolTip(self._wake.toolTip())

    def show_selected(self, number: int) -> None:
        """How many clients are selected: what is pressed here is done to all of them."""
        several = number if number > 1 else 0
        self._selected.setText(self.tr("{n} selected").replace("{n}", count(several)) if several else "")
        self._selected.setVisible(several > 0)
        self.enable.show_number(several)
        self.disable.show_number(several)
        self.wake.setText(f"{self._wake.text()} {count(several)}" if several else self._wake.text())

    def set_stale(self, stale: bool) -> None:
        """Whether what is shown is older than it should be."""
        self._glyph.set_stale(stale)

    def show_facts(self, facts: ClientFacts) -> None:
        """Show a client."""
        self._glyph.show_glyph(facts.sign)
        self._name.setText(facts.label)
        self._state.setText(facts.state)
        self._standing.setText(facts.standing.text)
        disabled = facts.status == ClientStatus.DISABLED
        self.enable.setVisible(disabled)
        self.disable.setVisible(not disabled)
