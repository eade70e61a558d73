"""Chips, tabs and segments: things of which one or several are on, painted alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QSizePolicy, QTabBar, QWidget

from hqgui.models.formats import tooltip
from hqgui.theme import look
from hqgui.views.parts.buttons import ToolButton
from hqgui.views.parts.glyphs import glyph


class Chip(ToolButton):
    """A filter that is on or off, with a count; it looks like a pill."""

    def __init__(self, text: str, glyph_name: str = "", small: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._size, self._height = (11, 22) if small else (12, 24)
        self.setText(text)
        self.setAccessibleName(text)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._glyph = glyph_name
        self._count = ""
        self._counted = True
        look().tie(self, self._measure)

    def show_counted(self, on: bool) -> None:
        """The number is shown or, where there is little room, left to the tooltip."""
        if on != self._counted:
            self._counted = on
            self.updateGeometry()
            self.update()

    def width_counted(self, on: bool) -> int:
        """What it needs with or without its number."""
        width = look().px(22) + self.fontMetrics().horizontalAdvance(self.text())
        if self._count and on:
            width += look().px(6) + look_width(self._count, 400, self._size)
        return width + (look().px(17) if self._glyph else 0)

    def show_count(self, count: str) -> None:
        """The number after the text."""
        if count != self._count:
            self._count = count
            self.setAccessibleName(f"{self.text()} {count}".strip())
            self.setToolTip(tooltip(self.accessibleName()))
            self.updateGeometry()
            self.update()

    def _measure(self) -> None:
        self.setFont(look().font(self._size, 500))
        self.setFixedHeight(look().px(self._height))
        self.updateGeometry()
        self.update()

    def show_words(self, text: str, shown: str = "") -> None:
        """Other words. `shown`: what is seen of them where there is little room; the tooltip has all."""
        if text != self.accessibleName() or (shown or text) != self.text():
            self.setText(shown or text)
            self.setAccessibleName(text)
            self.setToolTip(tooltip(text) if shown else "")
            self.updateGeometry()

    def sizeHint(self) -> QSize:
        """The room that it would like."""
        return QSize(self.width_counted(self._counted), look().px(self._height))

    def minimumSizeHint(self) -> QSize:
        """The room that it needs."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        on, here = self.isChecked(), self.underMouse() and self.isEnabled()
        pill = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(look().color("accent" if on else "lineStrong"), 1))
        painter.setBrush(look().color("sel" if on else "btnHover" if here else "window"))
        painter.drawRoundedRect(pill, pill.height() / 2, pill.height() / 2)
        x = look().px(11)
        if self._glyph:
            size = look().px(11)
            painter.drawPixmap(
                x, (self.height() - size) // 2, glyph(self._glyph, size, self.devicePixelRatioF(), _dim(self))
            )
            x += look().px(17)
        x = _text(painter, x, self, self.text(), look().font(self._size, 500), "text" if on else "text2")
        if self._counted:
            _text(painter, x + look().px(6), self, self._count, look().font(self._size), "text2" if on else "text3")


def _dim(widget: QWidget) -> QColor | None:
    return None if widget.isEnabled() else look().color("textDis")


def look_width(text: str, weight: int, size: float = 12) -> int:
    """Width of a text in the window's font."""
    return QFontMetrics(look().font(size, weight)).horizontalAdvance(text)


def _text(painter: QPainter, x: int, widget: QWidget, text: str, font: QFont, ink: str) -> int:
    painter.setFont(font)
    painter.setPen(look().color(ink if widget.isEnabled() else "textDis"))
    width = painter.fontMetrics().horizontalAdvance(text)
    painter.drawText(QRect(x, 0, width + 2, widget.height()), Qt.AlignmentFlag.AlignVCenter, text)
    return x + width


_TAB_PADDINGS: Final = (20, 16, 12, 8)
_TAB_MANNERS: Final = (
    *((True, 12, padding) for padding in _TAB_PADDINGS),
    *((False, 12, padding) for padding in (12, 8)),
    *((False, 11, padding) for padding in (10, 7)),
)
"""From roomy to narrow: whether numbers are shown, size of the type, pixels around a name."""
_BADGE: Final = 16
"""Height of a number that asks for attention, and its least width."""
_UNLIMITED: Final = 1 << 16
"""Around a tab's words, both sides together; the first that fits."""


class Tabs(QTabBar):
    """Tabs with a line under the current one and a dim count after the name."""

    def __init__(self, name: str, height: int = 32, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._height = height
        self.setAccessibleName(name)
        self.setDrawBase(False)
        self.setExpanding(False)
        self.setUsesScrollButtons(False)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setElideMode(Qt.TextElideMode.ElideRight)
        self._counts: dict[int, str] = {}
        self._badges: dict[int, str] = {}
        self._counted = True
        self._padding, self._size, self._longest = _TAB_PADDINGS[0], 12, _UNLIMITED
        look().tie(self, self._measure)

    def _measure(self) -> None:
        self.setFont(look().font(self._size, 500))
        self.setFixedHeight(look().px(self._height))
        self.updateGeometry()

    def fit(self, room: int) -> None:
        """Where there is too little room: draw tabs together, leave numbers out, write smaller, shorten the longest."""
        before = self._padding, self._size, self._counted, self._longest
        for counted, size, padding in _TAB_MANNERS:
            self._counted, self._size, self._padding, self._longest = counted, size, padding, _UNLIMITED
            if self.width_counted(counted) <= room:
                break
        else:
            self._longest = self._shortened(room)
        if (self._padding, self._size, self._counted, self._longest) != before:
            self._measure()
            self._lay_out_anew()

    def _shortened(self, room: int) -> int:
        """How long the longest names may be so that all fit."""
        widths = sorted(look_width(self.tabText(tab), 500, self._size) for tab in range(self.count()))
        left = room - self.count() * look().px(self._padding)
        for place, width in enumerate(widths):
            share = left // (len(widths) - place)
            if width > share:
                return max(share, look().px(16))
            left -= width
        return _UNLIMITED

    def _lay_out_anew(self) -> None:
        for tab in range(self.count()):
            text = self.tabText(tab)
            self.setTabText(tab, text)  # Qt asks for the sizes again
            self.setTabToolTip(tab, text if look_width(text, 500, self._size) > self._longest else "")
        self.updateGeometry()

    def show_count(self, tab: int, count: str) -> None:
        """The number after a tab's name."""
        if self._counts.get(tab, "") != count:
            self._counts[tab] = count
            self.setAccessibleTabName(tab, f"{self.tabText(tab)} {count}".strip())
            self.setTabText(tab, self.tabText(tab))
            self.updateGeometry()
            self.update()

    def show_badge(self, tab: int, badge: str, words: str = "") -> None:
        """A number that asks for attention, behind the other; `words` say what it counts."""
        if self._badges.get(tab, "") != badge:
            self._badges[tab] = badge
            name = f"{self.tabText(tab)} {self._counts.get(tab, '')}".strip()
            self.setAccessibleTabName(tab, f"{name}, {badge} {words}" if badge else name)
            self.setTabText(tab, self.tabText(tab))
            self.updateGeometry()
            self.update()

    def show_counted(self, on: bool) -> None:
        """Numbers are shown or, where there is little room, left out."""
        if on != self._counted:
            self._counted = on
            self._lay_out_anew()

    def width_counted(self, on: bool) -> int:
        """What all tabs need with or without their numbers."""
        counts = [self._counts.get(tab, "") if on else "" for tab in range(self.count())]
        return sum(self._width(tab, count) for tab, count in enumerate(counts))

    def _width(self, index: int, count: str) -> int:
        width = min(look_width(self.tabText(index), 500, self._size), self._longest) + look().px(self._padding)
        return width + (look_width(count, 400) + look().px(7) if count else 0) + self._badge_width(index)

    def _badge_width(self, index: int) -> int:
        badge = self._badges.get(index, "")
        return look().px(7) + max(look_width(badge, 600, 10) + look().px(8), look().px(_BADGE)) if badge else 0

    def _count(self, index: int) -> str:
        return self._counts.get(index, "") if self._counted else ""

    def tabSizeHint(self, index: int) -> QSize:
        """The room for a tab's name and count."""
        return QSize(self._width(index, self._count(index)), look().px(self._height))

    def minimumTabSizeHint(self, index: int) -> QSize:
        """Tabs do not shrink."""
        return self.tabSizeHint(index)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        painter = QPainter(self)
        for index in range(self.count()):
            rect = self.tabRect(index)
            rect.setTop(rect.bottom() + 1 - look().px(32))
            current = index == self.currentIndex()
            x = rect.x() + look().px(self._padding) // 2
            painter.setFont(look().font(self._size, 500))
            painter.setPen(look().color("text" if current else "text2"))
            metrics = painter.fontMetrics()
            name = metrics.elidedText(self.tabText(index), Qt.TextElideMode.ElideRight, self._longest)
            width = metrics.horizontalAdvance(name)
            count = self._count(index)
            middle = Qt.AlignmentFlag.AlignVCenter
            painter.drawText(QRect(x, rect.y(), width + 2, rect.height()), middle, name)
            if current:
                whole = width + (look_width(count, 400) + look().px(7) if count else 0) + self._badge_width(index)
                thick = look().px(2)
                line = QRect(x - look().px(2), rect.bottom() + 1 - thick, whole + look().px(4), thick)
                painter.fillRect(line, look().color("accent"))
            painter.setFont(look().font(11))
            painter.setPen(look().color("text3"))
            after = QRect(x + width + look().px(7), rect.y(), rect.width(), rect.height())
            painter.drawText(after, middle, count)
            end = after.x() + look_width(count, 400) if count else x + width
            self._paint_badge(painter, index, end, rect)

    def _paint_badge(self, painter: QPainter, index: int, x: int, rect: QRect) -> None:
        wide = self._badge_width(index)
        if not wide:
            return
        gap, high = look().px(7), look().px(_BADGE)
        box = QRectF(x + gap, rect.y() + (rect.height() - high) / 2, wide - gap, high)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look().color("accentFill"))
        painter.drawRoundedRect(box, high / 2, high / 2)
        painter.setFont(look().font(10, 600))
        painter.setPen(look().color("onAccent"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self._badges[index])
        painter.restore()


class Segments(QWidget):
    """A row of joined buttons of which one is on."""

    chosen = Signal(int)

    def __init__(self, name: str, texts: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        for place, text in enumerate(texts):
            button = _Segment(text, place, len(texts), self)
            self._group.addButton(button, place)
            row.addWidget(button)
        self._group.buttons()[0].setChecked(True)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._group.idClicked.connect(self.chosen)

    def choose(self, place: int) -> None:
        """Switch one on."""
        self._group.button(place).setChecked(True)


class _Segment(ToolButton):
    def __init__(self, text: str, place: int, of: int, parent: QWidget) -> None:
        super().__init__(parent)
        self.setText(text)
        self.setAccessibleName(text)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._first, self._last = place == 0, place == of - 1
        look().tie(self, self._measure)

    def _measure(self) -> None:
        self.setFont(look().font(11, 500))
        width = self.fontMetrics().horizontalAdvance(self.text()) + look().px(17)
        self.setFixedSize(width, look().px(20))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        on = self.isChecked()
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        box.setLeft(box.left() - (0 if self._first else 8))
        box.setRight(box.right() + (0 if self._last else 8))
        painter.setPen(QPen(look().color("lineStrong"), 1))
        painter.setBrush(look().color("sel" if on else "btnHover" if self.underMouse() else "window"))
        painter.drawRoundedRect(box, look().px(4), look().px(4))
        if not self._last:
            painter.drawLine(self.rect().topRight(), self.rect().bottomRight())
        painter.setFont(self.font())
        painter.setPen(look().color("text" if on else "text2"))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text())


class LinkText(ToolButton):
    """A word that does something: looks like a link, is a button to keyboard and screen reader."""

    def __init__(
        self, text: str, clicked: Callable[[], object] | None = None, size: float = 12, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._size = size
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._ink = "link"
        self.set_text(text)
        if clicked is not None:
            self.clicked.connect(lambda _on=False: clicked())
        look().tie(self, self._measure)

    def set_text(self, text: str) -> None:
        """Show other words."""
        if text != self.text() or not self.accessibleName():
            self.setText(text)
            self.setAccessibleName(text)
            self.updateGeometry()

    def _measure(self) -> None:
        self.setFont(look().font(self._size))
        self.setFixedHeight(look().px(20))

    def sizeHint(self) -> QSize:
        """The room that it would like."""
        return QSize(self.fontMetrics().horizontalAdvance(self.text()) + 1, look().px(20))

    def minimumSizeHint(self) -> QSize:
        """The room that it needs."""
        return QSize(min(self.sizeHint().width(), look().px(24)), look().px(20))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        painter = QPainter(self)
        font = self.font()
        font.setUnderline(self.underMouse() and self.isEnabled())
        painter.setFont(font)
        painter.setPen(look().color(self._ink if self.isEnabled() else "textDis"))
        shown = painter.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter, shown)
