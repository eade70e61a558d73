"""The button that says which farm is shown and how the connection stands: a dot, a name, an address, a latency."""

from __future__ import annotations

from typing import Final, NamedTuple

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolButton, QWidget

from hqgui.models.formats import one_line
from hqgui.theme import look
from hqgui.views.parts.buttons import ToolButton
from hqgui.views.parts.chips import look_width
from hqgui.views.parts.icons import paint_icon

_LONG_LATENCY: Final = "999 ms"


class FarmState(NamedTuple):
    """What the button shows."""

    name: str
    address: str = ""
    detail: str = ""
    """Latency while live, else a word for the state."""
    dot: str = "live"
    """live: filled; waiting: a hollow ring; offline: slashed."""


class FarmButton(ToolButton):
    """Opens the menu of farms."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = FarmState("")
        self._short = False
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Farm"))
        look().tie(self, self._measure)

    def _measure(self) -> None:
        self.setFixedHeight(look().px(26))
        self.updateGeometry()
        self.update()

    def show_state(self, state: FarmState) -> None:
        """Show another farm or state."""
        state = state._replace(name=one_line(state.name, 60), address=one_line(state.address, 80))
        if state != self._state:
            self._state = state
            self.setAccessibleName(f"{self.tr('Farm')} {state.name}, {state.detail}")
            self.updateGeometry()
            self.update()

    def show_short(self, short: bool) -> None:
        """Leave the address out where there is little room."""
        if short != self._short:
            self._short = short
            self.updateGeometry()

    def _parts(self) -> list[tuple[str, int, str]]:
        state = self._state
        warn = state.dot != "live"
        parts = [(state.name, 500, "text")]
        address = state.address
        if address.startswith(f"{state.name}:"):
            address = address[len(state.name) :]
        if address not in ("", state.name) and not self._short and not warn:
            parts.append((address, 400, "text3"))
        if state.detail:
            parts.append((state.detail, 400, "runnable" if warn else "text2" if self._short else "text3"))
        return parts

    def full_width(self) -> int:
        """What it needs with everything."""
        state = self._state
        words = sum(look_width(text, 500) for text in (state.name, state.address, state.detail))
        return words + look().px(80)

    def sizeHint(self) -> QSize:
        """The room that it would like."""
        words = sum(look_width(text, weight) + look().px(9) for text, weight, _ in self._parts())
        return QSize(words + self._spare() + look().px(27 + 24), look().px(26))

    def _spare(self) -> int:
        """Room for a longer latency, so that nothing beside it moves when that changes."""
        state = self._state
        live = state.dot == "live" and state.detail
        return max(0, look_width(_LONG_LATENCY, 400) - look_width(state.detail, 400)) if live else 0

    def minimumSizeHint(self) -> QSize:
        """The room that it needs."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        px, height = look().px, self.height()
        painter.setPen(QPen(look().color("lineStrong"), 1))
        painter.setBrush(look().color("btnHover" if self.underMouse() else "btn"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), px(5), px(5))
        self._paint_dot(painter, px(15), height / 2)
        x = px(27)
        for text, weight, ink in self._parts():
            painter.setFont(look().font(12, weight))
            painter.setPen(look().color("text2" if ink == "text3" else ink))
            width = painter.fontMetrics().horizontalAdvance(text)
            painter.drawText(QRect(x, 0, width + 2, height), Qt.AlignmentFlag.AlignVCenter, text)
            x += width + px(9)
        box = QRectF(self.width() - px(21), (height - px(9)) / 2 + 0.5, px(9), px(9))
        paint_icon(painter, "chevron-down", box, look().hex("text2"))

    def _paint_dot(self, painter: QPainter, x: float, y: float) -> None:
        size = 8.5 * look().zoom
        box = QRectF(x - size / 2, y - size / 2, size, size)
        live = self._state.dot == "live"
        ink = look().color("fSucceeded" if live else "runnable" if self._state.dot == "waiting" else "failed")
        if live:
            halo = 3 * look().zoom
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look().mixed("btn", "fSucceeded", 0.3))
            painter.drawEllipse(box.adjusted(-halo, -halo, halo, halo))
            painter.setBrush(ink)
            painter.drawEllipse(box)
            return
        painter.setPen(QPen(ink, 2 * look().zoom))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(box.adjusted(1, 1, -1, -1))
        if self._state.dot == "offline":
            painter.drawLine(box.bottomLeft(), box.topRight())
