"""Labels that show text as text: never markup, whatever a job is called."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from hqgui.models.formats import one_line
from hqgui.theme import look
from hqgui.views.parts.bars import paint_bar
from hqgui.views.parts.cell_paint import with_opacity
from hqgui.views.parts.glyphs import glyph


class PlainLabel(QLabel):
    """A label of the look's type: `ink` is the token of its colour."""

    def __init__(
        self,
        text: str = "",
        ink: str = "text",
        size: float = 12,
        weight: int = 400,
        mono: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setOpenExternalLinks(False)
        self.setText(text)
        self.setProperty("ink", ink)
        look().tie_font(self, size, weight, mono)

    def set_ink(self, ink: str) -> None:
        """Change the colour."""
        if self.property("ink") != ink:
            self.setProperty("ink", ink)
            self.style().unpolish(self)
            self.style().polish(self)


class ElidedLabel(PlainLabel):
    """One line of foreign text that gives way: it ends in an ellipsis and tells the whole in its tooltip."""

    def __init__(
        self,
        text: str = "",
        ink: str = "text",
        size: float = 12,
        weight: int = 400,
        mono: bool = False,
        middle: bool = False,
        parent: QWidget | None = None,
        whole: bool = False,
    ) -> None:
        """`whole`: it says nothing where it cannot say all."""
        super().__init__("", ink, size, weight, mono, parent)
        self._whole = whole
        self._mode = Qt.TextElideMode.ElideMiddle if middle else Qt.TextElideMode.ElideRight
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setText(text)

    def setText(self, text: str) -> None:
        """Show `text` on one line, control and direction marks made visible."""
        super().setText(one_line(text))
        self.updateGeometry()

    def minimumSizeHint(self) -> QSize:
        """The room that it needs."""
        return QSize(self.fontMetrics().horizontalAdvance("M…"), super().sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        painter = QPainter(self)
        painter.setFont(self.font())
        painter.setPen(self.palette().color(self.foregroundRole()))
        shown = self.fontMetrics().elidedText(self.text(), self._mode, self.width())
        if self._whole and shown != self.text():
            return
        painter.drawText(self.rect(), self.alignment() | Qt.TextFlag.TextSingleLine, shown)


class GlyphLabel(QWidget):
    """A status glyph."""

    def __init__(self, name: str = "", size: int = 13, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._size = size
        self._stale = False
        look().tie(self, self._measure)

    def _measure(self) -> None:
        self.setFixedSize(look().px(self._size), look().px(self._size))
        self.update()

    def show_glyph(self, name: str) -> None:
        """Show another glyph."""
        if name != self._name:
            self._name = name
            self.update()

    def set_stale(self, stale: bool) -> None:
        """Whether what is shown is older than it should be."""
        if stale != self._stale:
            self._stale = stale
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        if self._name:
            painter = QPainter(self)
            with_opacity(painter, self._stale)
            painter.drawPixmap(0, 0, glyph(self._name, look().px(self._size), self.devicePixelRatioF()))


class BarLabel(QWidget):
    """A bar by state that takes the width it is given."""

    def __init__(self, height: int = 8, width: int | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._height = height
        self._width = width
        self._parts: tuple[tuple[str, float], ...] = ()
        self._stale = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        look().tie(self, self._measure)

    def _measure(self) -> None:
        self.setFixedHeight(look().px(self._height))
        if self._width is not None:
            self.setFixedWidth(look().px(self._width))
        self.update()

    def show_parts(self, parts: tuple[tuple[str, float], ...]) -> None:
        """Show (status, share) parts in bar order."""
        if parts != self._parts:
            self._parts = parts
            self.update()

    def set_stale(self, stale: bool) -> None:
        """Whether what is shown is older than it should be."""
        if stale != self._stale:
            self._stale = stale
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        painter = QPainter(self)
        with_opacity(painter, self._stale)
        paint_bar(painter, self.rect(), self._parts)


def show_stale(part: QWidget, stale: bool) -> None:
    """Show all glyphs and bars of a part as those of an old picture, or not."""
    for glyph_label in part.findChildren(GlyphLabel):
        glyph_label.set_stale(stale)
    for bar in part.findChildren(BarLabel):
        bar.set_stale(stale)


class UnreadDot(QWidget):
    """The mark of what is unread."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._on = False
        look().tie(self, lambda: self.setFixedSize(look().px(8), look().px(8)))

    def show_on(self, on: bool) -> None:
        """Whether it is seen."""
        if on != self._on:
            self._on = on
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        if self._on:
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look().color("accent"))
            painter.drawEllipse(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))


def dot_rect(center_x: float, center_y: float, size: float) -> QRectF:
    """The square around a point."""
    return QRectF(center_x - size / 2, center_y - size / 2, size, size)
