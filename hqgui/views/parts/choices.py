"""Radio buttons and check boxes of the look: Qt's own, so that screen readers know them, drawn as the rest is."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QCheckBox, QRadioButton, QSizePolicy, QWidget

from hqgui.theme import look
from hqgui.views.parts.chips import look_width
from hqgui.views.parts.icons import paint_icon

_SIDE = 14
_GAP = 8


class Check(QCheckBox):
    """A thing that is on or off."""

    def __init__(self, text: str, on: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setChecked(on)
        _begin(self)

    def sizeHint(self) -> QSize:
        """The room that it would like."""
        return _room(self)

    def minimumSizeHint(self) -> QSize:
        """The room that it needs."""
        return _room(self)

    def hitButton(self, pos: QPoint) -> bool:
        """Its words count too."""
        return self.rect().contains(pos)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        _paint(self, look().px(3))


class Radio(QRadioButton):
    """One of several within one parent."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        _begin(self)

    def show_words(self, text: str) -> None:
        """Other words."""
        if text != self.text():
            self.setText(text)
            self.setAccessibleName(text)
            self.updateGeometry()

    def sizeHint(self) -> QSize:
        """The room that it would like."""
        return _room(self)

    def minimumSizeHint(self) -> QSize:
        """The room that it needs."""
        return _room(self)

    def hitButton(self, pos: QPoint) -> bool:
        """Its words count too."""
        return self.rect().contains(pos)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        _paint(self, None)


def _begin(button: QAbstractButton) -> None:
    button.setAccessibleName(button.text())
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
    button.setAttribute(Qt.WidgetAttribute.WA_Hover)
    look().tie_font(button, 12)


def _room(button: QAbstractButton) -> QSize:
    px = look().px
    return QSize(px(_SIDE + _GAP) + look_width(button.text(), 400) + px(2), px(22))


def _paint(button: QAbstractButton, radius: float | None) -> None:
    """A box with a check, or a ring with a dot when there is no radius."""
    painter = QPainter(button)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    side, on, enabled = look().px(_SIDE), button.isChecked(), button.isEnabled()
    box = QRectF(0.5, (button.height() - side) / 2 + 0.5, side - 1, side - 1)
    filled = "accentFill" if enabled else "lineStrong"
    edge = "accent" if enabled and button.underMouse() else filled if on else "lineStrong"
    painter.setPen(QPen(look().color(edge), 1))
    painter.setBrush(look().color(filled if on else "field"))
    rounded = box.width() / 2 if radius is None else radius
    painter.drawRoundedRect(box, rounded, rounded)
    if on and radius is None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look().color("onAccent"))
        inner = side * 0.29
        painter.drawEllipse(box.adjusted(inner, inner, -inner, -inner))
    elif on:
        paint_icon(painter, "check", box.adjusted(2, 2, -2, -2), look().hex("onAccent"))
    painter.setFont(button.font())
    painter.setPen(look().color("text" if enabled else "textDis"))
    left = look().px(_SIDE + _GAP)
    words = QRect(left, 0, button.width() - left, button.height())
    painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextHideMnemonic, button.text())
