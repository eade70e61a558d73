"""The heading of a table: quiet titles, short lines between them, an arrow at the sorted one, a menu of columns."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHeaderView, QWidget

from hqgui.theme import look
from hqgui.views.parts.cell_paint import PADDING
from hqgui.views.parts.icons import paint_icon
from hqgui.views.parts.labels import dot_rect


class Header(QHeaderView):
    """A heading that is painted whole, so that it costs one call for each section."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.lined_above = False
        self.setSectionsClickable(True)
        self.setSectionsMovable(True)
        self.setFirstSectionMovable(False)
        self.setHighlightSections(False)
        self.setStretchLastSection(False)
        self.setMinimumSectionSize(look().px(28))
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        look().tie(self, self._measure)

    def _measure(self) -> None:
        self.setFont(look().font(11, 500))
        self.setFixedHeight(look().px(24))
        self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it: the ground reaches to the edge."""
        painter = QPainter(self.viewport())
        ground = self.viewport().rect()
        painter.fillRect(ground, look().color("window"))
        painter.fillRect(0, ground.bottom(), ground.width(), 1, look().color("line"))
        if self.lined_above:
            painter.fillRect(0, 0, ground.width(), 1, look().color("line"))
        painter.end()
        super().paintEvent(event)

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        """Draw a heading."""
        painter.fillRect(rect, look().color("window"))
        painter.setPen(look().color("line"))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        if self.lined_above:
            painter.drawLine(rect.topLeft(), rect.topRight())
        if self.visualIndex(section) < self._last_visual():
            painter.drawLine(rect.right(), rect.y() + look().px(6), rect.right(), rect.bottom() - look().px(6))
        model = self.model()
        title = str(model.headerData(section, Qt.Orientation.Horizontal) or "")
        side = model.headerData(section, Qt.Orientation.Horizontal, Qt.ItemDataRole.TextAlignmentRole)
        right = bool(side is not None and int(side) & int(Qt.AlignmentFlag.AlignRight))
        self._paint_title(painter, rect.adjusted(look().px(PADDING), 0, -look().px(PADDING), 0), section, title, right)

    def _paint_title(self, painter: QPainter, rect: QRect, section: int, title: str, right: bool) -> None:
        is_sorted = self.isSortIndicatorShown() and self.sortIndicatorSection() == section
        arrow = look().px(12) if is_sorted else 0
        painter.setFont(look().font(11, 500))
        painter.setPen(look().color("text2"))
        metrics = painter.fontMetrics()
        room = max(rect.width() - (arrow + look().px(3) if arrow else 0), 0)
        shown = metrics.elidedText(title, Qt.TextElideMode.ElideRight, room + look().px(6))
        width = metrics.horizontalAdvance(shown)
        x = rect.right() + 1 - width - (arrow + look().px(1) if arrow else 0) if right else rect.x()
        painter.drawText(QRect(x, rect.y(), width + 2, rect.height() - 1), Qt.AlignmentFlag.AlignVCenter, shown)
        if is_sorted:
            down = self.sortIndicatorOrder() == Qt.SortOrder.DescendingOrder
            center = x + width + look().px(8)
            box = dot_rect(center, rect.center().y() + 0.5, look().px(9))
            paint_icon(painter, "chevron-down" if down else "chevron-up", box, look().hex("text2"))

    def _last_visual(self) -> int:
        return max((self.visualIndex(s) for s in range(self.count()) if not self.isSectionHidden(s)), default=0)
