"""A big switch: on, with a check mark, or off."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from hqgui.theme import look
from hqgui.views.parts.icons import paint_icon

_WIDTH, _HEIGHT, _KNOB = 52, 28, 22


class BigSwitch(QAbstractButton):
    """The switch. It shows what is, not what was clicked: `wanted` is for whoever listens to `clicked`."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._fill = "fSucceeded"
        self._on = False
        self.setAccessibleName(name)
        self.setProperty("ringRadius", _HEIGHT // 2 + 2)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        look().tie(self, self._measure)

    def _measure(self) -> None:
        self.setFixedSize(self.sizeHint())
        self.update()

    @property
    def is_on(self) -> bool:
        """What it shows."""
        return self._on

    def show_on(self, on: bool, fill: str = "fSucceeded") -> None:
        """Show on or off; `fill` is the token of its colour when on."""
        if (on, fill) != (self._on, self._fill):
            self._on, self._fill = on, fill
            self.update()
        words = self.tr("on") if on else self.tr("off")
        self.setAccessibleDescription(words)

    def sizeHint(self) -> QSize:
        """Its size."""
        return QSize(look().px(_WIDTH), look().px(_HEIGHT))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        px, height = look().px, self.height()
        ground = look().color(self._fill if self._on else "lineStrong")
        if not self.isEnabled():
            painter.setOpacity(0.5)
        painter.setBrush(ground)
        painter.drawRoundedRect(QRectF(self.rect()), height / 2, height / 2)
        knob, inset = px(_KNOB), (height - px(_KNOB)) / 2
        x = self.width() - knob - inset if self._on else inset
        painter.setBrush(look().color("onAccent"))
        painter.drawEllipse(QRectF(x, inset, knob, knob))
        if self._on:
            mark = px(13)
            paint_icon(painter, "check", QRectF(px(8), (height - mark) / 2, mark, mark), look().hex("onAccent"))
