"""The verdict: how many clients could take the job, what it waits for, and the one button that helps most."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from hqgui.models.formats import tooltip
from hqgui.models.why import below as why_below
from hqgui.models.why import words
from hqgui.models.why.answer import Why
from hqgui.models.why.below import Below
from hqgui.theme import look
from hqgui.views.parts.buttons import Button
from hqgui.views.parts.labels import GlyphLabel, PlainLabel

_LITTLE = 480
"""Where there is less room than that, the button stands below the words."""
_ROLES = {"warn-box": "warning", "ok-box": "succeeded", "fail-box": "failed"}


class VerdictWords(NamedTuple):
    """What a verdict shows."""

    role: str
    title: str
    words: str
    button: str
    tip: str


def verdict_of(
    why: Why, below: Below | None, now: float, groups: Callable[[int], str], clock: Callable[[int], str]
) -> VerdictWords:
    """The verdict with its best fix; where there is none, with the next step to one."""
    button = words.best_button(why, groups, clock)
    told, tip = words.explanation(why, now), words.tip(why.best_fix[1]) if why.best_fix is not None else ""
    if below is not None:
        told = why_below.words(below)
    if not button and below is not None:
        button = why_below.button(below)
    elif not button and words.needs_clients(why):
        button = words.edit_clients()
    return VerdictWords("ok-box" if words.is_well(why) else "warn-box", words.headline(why), told, button, tip)


class Verdict(QFrame):
    """A box with two lines and a button, which stands below them where it is narrow."""

    pressed = Signal()

    def __init__(self, narrow: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._narrow = narrow
        self._glyph = GlyphLabel("warning", 16)
        self._title = PlainLabel("", "text", 13, 600)
        self._words = PlainLabel("", "text2")
        for label in (self._title, self._words):
            label.setWordWrap(True)
        self.button = Button("", "primary", clicked=self.pressed.emit)
        self._lines = QVBoxLayout()
        self._lines.addWidget(self._title)
        self._lines.addWidget(self._words)
        self._row = QHBoxLayout(self)
        top = Qt.AlignmentFlag.AlignTop if narrow else Qt.AlignmentFlag.AlignVCenter
        self._row.addWidget(self._glyph, 0, top)
        self._row.addLayout(self._lines, 1)
        self._below = QHBoxLayout()
        self._below.addStretch(1)
        self._lines.addLayout(self._below)
        self._put_below(narrow)
        look().tie(self, self._measure)

    def _put_below(self, below: bool) -> None:
        """The button below the words, or beside them."""
        self._is_below = below
        if below:
            self._below.insertWidget(0, self.button)
        else:
            self._row.addWidget(self.button)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width."""
        super().resizeEvent(event)
        below = self._narrow or self.width() < look().px(_LITTLE)
        if below != self._is_below:
            self._put_below(below)

    def _measure(self) -> None:
        px = look().px
        self._row.setContentsMargins(px(16), px(11), px(14), px(11))
        self._row.setSpacing(px(14 if not self._narrow else 10))
        self._lines.setSpacing(px(3 if not self._narrow else 6))
        self.button.setMinimumHeight(px(26))

    def show_verdict(self, role: str, title: str, words: str, button: str, tip: str = "") -> None:
        """Show it; `role` is warn-box, ok-box or fail-box."""
        if self.property("role") != role:
            self.setProperty("role", role)
            self.style().unpolish(self)
            self.style().polish(self)
        self._glyph.show_glyph(_ROLES[role])
        self._title.setText(title)
        self._words.setText(words)
        self._words.setVisible(bool(words))
        self.button.setText(button.replace("&", "&&"))
        self.button.setAccessibleName(button)
        self.button.setToolTip(tooltip(tip))
        self.button.setVisible(bool(button))
        self.setAccessibleName(f"{title}. {words}")
        self.setAccessibleDescription(words)
