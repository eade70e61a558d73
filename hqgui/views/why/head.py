"""The head of Why waiting: which job, how it stands and since when, what it needs, and checking again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QWidget

from hqgui.models.formats import ago
from hqgui.theme import look
from hqgui.tokens import INK
from hqgui.views.parts.buttons import Button
from hqgui.views.parts.labels import ElidedLabel, GlyphLabel, PlainLabel
from hqgui.views.parts.section import clear

_NARROW: Final = 1050


class Head(QFrame):
    """Two lines, and two buttons."""

    check_wanted = Signal()
    copy_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "bar")
        self._glyph = GlyphLabel("runnable", 14)
        self._name = ElidedLabel("", "text", 17, 600)
        self._id = PlainLabel("", "text3", 11, mono=True)
        self._status = PlainLabel("", "runnable")
        self._tags = QHBoxLayout()
        self._shown_tags: tuple[str, ...] = ()
        self._age = PlainLabel("", "text3", 11)
        self.again = Button(self.tr("Check again"), icon_name="rotate-cw", clicked=self.check_wanted.emit)
        self.copy = Button(self.tr("Copy as text"), icon_name="copy", clicked=self.copy_wanted.emit)
        self._first, self._second = QHBoxLayout(), QHBoxLayout()
        for widget in (self._glyph, self._name, self._id, self._status):
            self._first.addWidget(widget)
        self._first.addStretch(1)
        self._needs = PlainLabel(self.tr("Needs"), "text3")
        self._needs.hide()
        self._second.addWidget(self._needs)
        self._second.addLayout(self._tags)
        self._second.addStretch(1)
        self._buttons = QHBoxLayout()
        for button in (self._age, self.again, self.copy):
            self._buttons.addWidget(button)
        self._grid = QGridLayout(self)
        self._grid.setColumnStretch(0, 1)
        self._grid.addLayout(self._first, 0, 0)
        self._narrow: bool | None = None
        look().tie(self, self._measure)

    def _arrange(self) -> None:
        """The buttons stand beside both lines; where there is little room, beside the first."""
        narrow = self.width() < look().px(_NARROW)
        if narrow == self._narrow:
            return
        self._narrow = narrow
        for part in (self._buttons, self._second):
            self._grid.removeItem(part)
        self._grid.addLayout(self._second, 1, 0, 1, 2 if narrow else 1)
        self._grid.addLayout(self._buttons, 0, 1, 1 if narrow else 2, 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width."""
        super().resizeEvent(event)
        self._arrange()

    def _measure(self) -> None:
        px = look().px
        self._grid.setContentsMargins(px(24), px(14), px(24), px(14))
        self._grid.setHorizontalSpacing(px(14))
        self._grid.setVerticalSpacing(px(8))
        self._buttons.setSpacing(px(14))
        self._arrange()
        self._first.setSpacing(px(12))
        self._second.setSpacing(px(8))
        self._tags.setSpacing(px(6))
        for button in (self.again, self.copy):
            button.setMinimumHeight(px(26))

    def show_job(self, name: str, job: int, status: str, words: str) -> None:
        """Which job, and how it stands."""
        self._glyph.show_glyph(status)
        self._name.setText(name)
        self._id.setText(f"#{job}")
        self._status.setText(words)
        self._status.set_ink(INK.get(status, "text2"))

    def show_needs(self, tags: Sequence[str]) -> None:
        """What it needs."""
        if tuple(tags) == self._shown_tags:
            return
        self._shown_tags = tuple(tags)
        self._needs.setVisible(bool(tags))
        clear(self._tags)
        for text in tags:
            self._tags.addWidget(_Tag(text))

    def show_unchecked(self) -> None:
        """Nothing was answered yet."""
        self._age.setText("")

    def show_age(self, seconds: float | None) -> None:
        """How old what is shown is; None: it is being asked for."""
        if seconds is None:
            self._age.setText(self.tr("Checking…"))
        else:
            self._age.setText(self.tr("Checked {age}").replace("{age}", ago(seconds)))


class _Tag(QFrame):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.setProperty("role", "tag")
        self._row = QHBoxLayout(self)
        self._row.addWidget(ElidedLabel(text, "text2", 11))
        look().tie(self, self._measure)

    def _measure(self) -> None:
        px = look().px
        self.setFixedHeight(px(22))
        self._row.setContentsMargins(px(7), 0, px(7), 0)
