"""Asks where the farm is: finds a server on this machine, tests an address, says in plain words what is wrong."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from hqgui.models.formats import address_text
from hqgui.theme import look
from hqgui.views.banners import Spinner
from hqgui.views.parts.buttons import Button
from hqgui.views.parts.chips import LinkText
from hqgui.views.parts.focus_ring import FocusRing
from hqgui.views.parts.heights import fit_height
from hqgui.views.parts.labels import PlainLabel
from hqgui.views.parts.leaving import leave_by_keys

_MOST_RECENT = 4


class ConnectDialog(QDialog):
    """Open it with `open()`. It asks by signals and is told by the `show_...` methods."""

    test_wanted = Signal(str)
    """The address should be tried, and nothing else."""
    connect_wanted = Signal(str)
    """The farm at the address should be shown."""

    def __init__(
        self, address: str = "", recent: Sequence[str] = (), moving: bool = True, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Connect to a farm – Wrangler"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.field = QLineEdit(address)
        self.field.setAccessibleName(self.tr("Address of the server"))
        self.field.setPlaceholderText(self.tr("hq01, or http://hq01:5000"))
        self._test = Button(self.tr("Test"), clicked=lambda: self.test_wanted.emit(self.field.text()))
        self._said = QFrame()
        self._spinner = Spinner(moving)
        self._words = PlainLabel("", "text")
        self._words.setWordWrap(True)
        self.cancel = Button(self.tr("Close"), clicked=self.reject)
        self.go = Button(self.tr("Connect"), "primary", clicked=lambda: self.connect_wanted.emit(self.field.text()))
        self.go.setDefault(True)
        self._found = LinkText("")
        self._recent = {address: LinkText(address_text(address)) for address in recent[:_MOST_RECENT]}
        self._lay_out()
        self.ring = FocusRing(self)
        leave_by_keys(self)
        self.field.textChanged.connect(self._typed)
        self._found.clicked.connect(self._take_found)
        for known, link in self._recent.items():
            link.clicked.connect(lambda _=False, known=known: self._take(known))
        self._found_url = ""
        self._typed()

    def _lay_out(self) -> None:
        px = look().px
        self.setFixedWidth(px(480))
        body = QVBoxLayout()
        body.setContentsMargins(px(24), px(20), px(24), px(18))
        body.setSpacing(px(8))
        body.addWidget(PlainLabel(self.tr("Where is the farm?"), "text", 17, 600))
        words = PlainLabel(self.tr("Give the name or address of the machine on which hqserver runs."), "text3")
        words.setWordWrap(True)
        body.addWidget(words)
        body.addSpacing(px(6))
        row = QHBoxLayout()
        row.setSpacing(px(8))
        look().tie_font(self.field, 13)
        row.addWidget(self.field, 1)
        row.addWidget(self._test)
        body.addLayout(row)
        said = QHBoxLayout(self._said)
        said.setContentsMargins(px(12), px(9), px(12), px(9))
        said.setSpacing(px(10))
        said.addWidget(self._spinner, 0, Qt.AlignmentFlag.AlignTop)
        said.addWidget(self._words, 1)
        body.addWidget(self._said)
        self._said.hide()
        body.addWidget(self._found)
        self._found.hide()
        if self._recent:
            body.addSpacing(px(8))
            body.addWidget(PlainLabel(self.tr("Used before"), "text2", 11, 600))
            for link in self._recent.values():
                body.addWidget(link)
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(body)
        column.addStretch(1)
        column.addWidget(self._foot())

    def _foot(self) -> QFrame:
        px = look().px
        foot = QFrame()
        foot.setProperty("role", "foot")
        buttons = QHBoxLayout(foot)
        buttons.setContentsMargins(px(24), px(14), px(24), px(14))
        buttons.setSpacing(px(8))
        buttons.addStretch(1)
        for button in (self.cancel, self.go):
            button.setMinimumHeight(px(28))
            buttons.addWidget(button)
        return foot

    def _typed(self) -> None:
        there = bool(self.field.text().strip())
        self.go.setEnabled(there)
        self._test.setEnabled(there)
        self._said.hide()
        self._fit()

    def _take(self, address: str) -> None:
        self.field.setText(address)
        self.connect_wanted.emit(address)

    def _take_found(self) -> None:
        self._take(self._found_url)

    def _say(self, role: str, words: str, glyph: str) -> None:
        tint, ink = {"fail": ("failTint", "failed"), "ok": ("okTint", "succeeded"), "": ("base", "lineStrong")}[role]
        line = look().mixed(tint, ink, 0.5).name()
        radius = look().px(5)
        self._said.setStyleSheet(
            f"QFrame {{ background: {look().hex(tint)}; border: 1px solid {line}; border-radius: {radius}px; }}"
            "QLabel { background: transparent; border: none; }"
        )
        self._words.setText(words)
        self._said.show()
        self._spinner.show_glyph(glyph)
        self._fit()

    def _fit(self) -> None:
        fit_height(self)

    def show_trouble(self, words: str) -> None:
        """The address cannot be used, and why."""
        self._set_busy(busy=False)
        self._say("fail", words, "failed")
        self.field.setFocus()

    def show_success(self, words: str) -> None:
        """The address can be used."""
        self._set_busy(busy=False)
        self._say("ok", words, "succeeded")

    def show_busy(self, words: str) -> None:
        """It is being tried."""
        self._set_busy(busy=True)
        self._say("", words, "")

    def _set_busy(self, busy: bool) -> None:
        for button in (self.go, self._test):
            button.setEnabled(not busy and bool(self.field.text().strip()))

    def show_found(self, url: str, words: str) -> None:
        """A server was found on this machine."""
        self._found_url = url
        self._found.set_text(words)
        self._found.setVisible(bool(url))
        if not self.field.text().strip():
            self.field.setText(url)
        self._fit()

    def showEvent(self, event: QShowEvent) -> None:
        """It is shown: the field gets the keyboard."""
        super().showEvent(event)
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)
        self.field.selectAll()
        self._fit()
