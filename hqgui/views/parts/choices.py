"""Radio buttons and check boxes of the look."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from hqgui.theme import look
from hqgui.views.parts.chips import look_width
from hqgui.views.parts.icons import paint_icon

_SIDE = 14
_GAP = 8


class Choice(QAbstractButton):
    """One of several (`exclusive`, within one parent), or a thing that is on or off."""

    def __init__(self, text: str, exclusive: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._round = exclusive
        self.setText(text)
        self.setAccessibleName(text)
        self.setCheckable(True)
        self.setAutoExclusive(exclusive)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        look().tie(self, self._measure)

    def _measure(self) -> None:
        self.setFont(look().font())
        self.updateGeometry()
        self.update()

    def show_words(self, text: str) -> None:
        """Other words."""
        if text != self.text():
            self.setText(text)
            self.setAccessibleName(text)
            self.updateGeometry()

    def sizeHint(self) -> QSize:
        """The room that it would like."""
        px = look().px
        return QSize(px(_SIDE + _GAP) + look_width(self.text(), 400) + px(2), px(22))

    def minimumSizeHint(self) -> QSize:
        """The room that it needs."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        side, on = look().px(_SIDE), self.isChecked()
        box = QRectF(0.5, (self.height() - side) / 2 + 0.5, side - 1, side - 1)
        filled = "accentFill" if self.isEnabled() else "lineStrong"
        painter.setPen(QPen(look().color(filled if on else "lineStrong"), 1))
        painter.setBrush(look().color(filled if on else "field"))
        radius = box.width() / 2 if self._round else look().px(3)
        painter.drawRoundedRect(box, radius, radius)
        if on and self._round:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look().color("onAccent"))
            inner = side * 0.29
            painter.drawEllipse(box.adjusted(inner, inner, -inner, -inner))
        elif on:
            paint_icon(painter, "check", box.adjusted(2, 2, -2, -2), look().hex("onAccent"))
        painter.setFont(self.font())
        painter.setPen(look().color("text" if self.isEnabled() else "textDis"))
        left = look().px(_SIDE + _GAP)
        painter.drawText(QRect(left, 0, self.width() - left, self.height()), Qt.AlignmentFlag.AlignVCenter, self.text())
