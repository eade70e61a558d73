"""A button for a `QAction`: icon and words side by side, words only where there is room."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QAction, QFont, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolButton, QWidget

from hqgui.models.formats import count
from hqgui.theme import look
from hqgui.views.parts.buttons import ToolButton
from hqgui.views.parts.icons import paint_icon

_PAD = 8
_GAP = 7


class ActionButton(ToolButton):
    """Shows an action; it is enabled when the action is and tells its tooltip."""

    def __init__(
        self,
        action: QAction,
        icon_name: str,
        arrow: bool = False,
        framed: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        """`framed`: it stands among small buttons and looks like them."""
        super().__init__(parent)
        self._framed = framed
        self._icon_name = icon_name
        self._arrow = arrow
        self._words = True
        self._number = 0
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setDefaultAction(action)
        self.setAccessibleName(action.text().replace("&", ""))
        if arrow:
            self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        look().tie(self, self._measure)

    def _measure(self) -> None:
        self.setFixedHeight(look().px(22 if self._framed else 28))
        self.updateGeometry()

    def show_words(self, on: bool) -> None:
        """Words beside the icon, or the icon alone."""
        if on != self._words:
            self._words = on
            self.updateGeometry()
            self.update()

    def show_number(self, number: int) -> None:
        """On how many it acts, where that is not seen beside it; 0: say nothing of it."""
        if number != self._number:
            self._number = number
            self.setAccessibleName(self.shown_text().replace("&", ""))
            self.updateGeometry()
            self.update()

    def shown_text(self) -> str:
        """The words that it shows."""
        return f"{self.text()} {count(self._number)}" if self._number else self.text()

    def width_with_words(self) -> int:
        """What it needs with its words."""
        return self._width(words=True)

    def _width(self, words: bool) -> int:
        px = look().px
        width = px(2 * _PAD + 16) + (px(16) if self._arrow else 0)
        return width + (px(_GAP) + QFontMetrics(self._font()).horizontalAdvance(self.shown_text()) if words else 0)

    def sizeHint(self) -> QSize:
        """The room that it would like."""
        return QSize(self._width(self._words), look().px(22 if self._framed else 28))

    def _font(self) -> QFont:
        return look().font(11 if self._framed else 12, 500)

    def minimumSizeHint(self) -> QSize:
        """The room that it needs."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        px, height = look().px, self.height()
        here = self.isEnabled() and (self.underMouse() or self.isDown())
        if self._framed:
            painter.setPen(QPen(look().color("lineStrong" if self.isEnabled() else "line"), 1))
            painter.setBrush(look().color("btnHover" if here else "btn"))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), px(4), px(4))
        elif here:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look().color("btnHover"))
            painter.drawRoundedRect(QRectF(self.rect()), px(5), px(5))
        ink = "text" if self.isEnabled() else "textDis"
        x = px(_PAD)
        box = QRectF(x + px(2), (height - px(12)) / 2, px(12), px(12))
        paint_icon(painter, self._icon_name, box, look().hex(ink))
        x += px(16)
        if self._words:
            x += px(_GAP)
            painter.setFont(self._font())
            painter.setPen(look().color(ink))
            width = painter.fontMetrics().horizontalAdvance(self.shown_text())
            painter.drawText(QRect(x, 0, width + 2, height), Qt.AlignmentFlag.AlignVCenter, self.shown_text())
            x += width
        if self._arrow:
            box = QRectF(x + px(7), (height - px(9)) / 2 + 0.5, px(9), px(9))
            paint_icon(painter, "chevron-down", box, look().hex("text2" if self.isEnabled() else "textDis"))
