"""The tray's icon on one sheet: each state, size and panel; and the notifications as a desktop shows them."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QWidget

from hqgui.models.tray.icon_state import Icon, IconState
from hqgui.notifications import Notice
from hqgui.theme import look
from hqgui.tokens import MODES
from hqgui.views.parts.glyphs import paint_glyph
from hqgui.views.tray.icon import Panel, tray_pixmap

_ROWS: Final = (
    (Icon(IconState.IDLE), "Idle", "Nothing of mine is queued"),
    (Icon(IconState.WORKING, 3), "Working", "Quarters fill with my progress"),
    (Icon(IconState.ATTENTION), "Attention", "A job of mine failed, or a note"),
    (Icon(IconState.ATTENTION, 3), "Attention, working", "Both at once"),
    (Icon(IconState.OFFLINE), "Offline", "No server, retrying"),
)
_PANELS: Final = (
    (Panel.DARK, MODES["dark"]["window"], "Dark panel"),
    (Panel.LIGHT, MODES["light"]["window"], "Light panel"),
    (Panel.TEMPLATE, "#26364D", "Template"),
)
_SIZES: Final = (16, 22, 32, 44, 64)
_LEFT, _TOP, _ROW, _PANEL, _GAP = 190, 46, 84, 258, 8


class IconSheet(QWidget):
    """The sheet."""

    def __init__(self) -> None:
        super().__init__()
        self.resize(QSize(_LEFT + len(_PANELS) * (_PANEL + _GAP) + 16, _TOP + len(_ROWS) * _ROW + 52))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), look().color("base"))
        for number, (_, name, words) in enumerate(_ROWS):
            top = _TOP + number * _ROW
            self._text(painter, QRect(20, top + 18, _LEFT - 30, 18), name, "text", 600)
            self._text(painter, QRect(20, top + 38, _LEFT - 20, 34), words, "text2", 400)
        for number, (panel, ground, name) in enumerate(_PANELS):
            self._paint_panel(painter, _LEFT + number * (_PANEL + _GAP), panel, ground, name)

    def _text(self, painter: QPainter, box: QRect, text: str, ink: str, weight: int) -> None:
        painter.setFont(look().font(11, weight))
        painter.setPen(look().color(ink))
        painter.drawText(box, Qt.TextFlag.TextWordWrap, text)

    def _paint_panel(self, painter: QPainter, left: int, panel: Panel, ground: str, name: str) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(ground))
        painter.drawRoundedRect(QRectF(left, _TOP, _PANEL, len(_ROWS) * _ROW), 6, 6)
        x = left + 12
        for size in _SIZES:
            painter.setFont(look().font(10))
            painter.setPen(look().color("text2"))
            painter.drawText(QRect(x - 12, 18, size + 24, 18), Qt.AlignmentFlag.AlignHCenter, f"{size} px")
            for number, (icon, _, _) in enumerate(_ROWS):
                pixmap = tray_pixmap(icon, size, panel)
                if panel is Panel.TEMPLATE:
                    pixmap = _as_the_system_shows(icon, size)
                painter.drawPixmap(x, _TOP + number * _ROW + (_ROW - size) // 2, pixmap)
            x += size + 14
        painter.setPen(look().color("text2"))
        painter.setFont(look().font(11))
        box = QRect(left, _TOP + len(_ROWS) * _ROW + 10, _PANEL, 20)
        painter.drawText(box, Qt.AlignmentFlag.AlignHCenter, name)


def _as_the_system_shows(icon: Icon, size: int) -> QPixmap:
    """A template has a shape alone; the system gives it its colour."""
    pixmap = tray_pixmap(icon, size, Panel.TEMPLATE)
    painter = QPainter(pixmap)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
    painter.fillRect(pixmap.rect(), QColor("#FFFFFF"))
    painter.end()
    return pixmap


class NoticeSheet(QWidget):
    """Notifications as a desktop shows them: the title, the text, the picture and the buttons that we give."""

    def __init__(self, notices: list[Notice]) -> None:
        super().__init__()
        self._notices = notices
        self.resize(QSize(480, 20 + len(notices) * 100))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), look().color("base"))
        for number, notice in enumerate(self._notices):
            box = QRectF(16.5, 14.5 + number * 100, 447, 88)
            painter.setPen(QPen(look().color("lineStrong"), 1))
            painter.setBrush(look().color("raised"))
            painter.drawRoundedRect(box, 8, 8)
            paint_glyph(painter, notice.glyph, QRectF(box.x() + 16, box.y() + 20, 22, 22))
            left, wide = round(box.x()) + 56, 380
            self._line(painter, QRect(left, round(box.y()) + 12, wide, 20), notice.title, "text", 600)
            self._line(painter, QRect(left, round(box.y()) + 33, wide, 20), notice.body, "text2", 400)
            words = "     ".join(words for _, words in notice.actions)
            self._line(painter, QRect(left, round(box.y()) + 58, wide, 20), words, "link", 500)

    def _line(self, painter: QPainter, box: QRect, text: str, ink: str, weight: int) -> None:
        painter.setFont(look().font(12, weight))
        painter.setPen(look().color(ink))
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, box.width())
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, shown)
