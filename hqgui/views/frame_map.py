"""The frame map: a real table of small cells, so that keys, selection and screen readers come from Qt."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QModelIndex, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QFontMetrics, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from hqgui.models.flat_rows import AnyIndex
from hqgui.models.frame_map import COLUMNS, FrameMap, MapRow
from hqgui.theme import look
from hqgui.views.parts.cell_paint import STALE
from hqgui.views.parts.cells import cell_pixmap

_GAP: Final = 2
_MOST_ROWS: Final = 14
"""Rows that are shown without scrolling."""
_LARGEST: Final = 20
_FIRST_HEADING: Final = 17
_HEADING: Final = 22
"""A heading below cells stands a little away from them."""


class _Labels(QHeaderView):
    """The first frame of each row."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Vertical, parent)
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setMinimumSectionSize(1)
        self.setSectionsClickable(False)

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        """Draw a heading."""
        label = self.model().headerData(section, Qt.Orientation.Vertical)
        if rect.height() < look().px(12) and section % 2:
            return
        painter.setFont(look().font(10))
        painter.setPen(look().color("text3"))
        box = rect.adjusted(0, -look().px(4), 0, look().px(2))
        shown = painter.fontMetrics().elidedText(str(label or ""), Qt.TextElideMode.ElideLeft, rect.width())
        painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)


class _CellDelegate(QStyledItemDelegate):
    def __init__(self, parent: FrameMapView) -> None:
        super().__init__(parent)
        self._view = parent

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        """Draw it."""
        view = self._view
        heading = view.map.heading(index.row())
        if heading is not None:
            view.paint_heading(painter, option.rect, heading)
            return
        cell = view.map.cell(index)
        if cell is None:
            return
        size = view.cell_size
        corner = QRect(option.rect).topLeft()
        if view.stale:
            painter.setOpacity(STALE)
        painter.drawPixmap(corner, cell_pixmap(cell, size, view.devicePixelRatioF()))
        painter.setOpacity(1.0)
        selected = view.selectionModel().isSelected(index)
        if selected or index == view.currentIndex():
            painter.save()
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            cell_box = QRectF(corner.x(), corner.y(), size, size)
            painter.setPen(QPen(look().color("panel"), 1))
            painter.drawRoundedRect(cell_box.adjusted(-0.5, -0.5, 0.5, 0.5), size / 5, size / 5)
            painter.setPen(QPen(look().color("text"), 1.2))
            painter.drawRoundedRect(cell_box.adjusted(-1.6, -1.6, 1.6, 1.6), size / 4, size / 4)
            painter.restore()


class FrameMapView(QTableView):
    """The map."""

    looked_at = Signal(QModelIndex)
    """The cell under the pointer, or the current one."""
    opened = Signal(int)
    """A job of the map should be shown."""
    menu_wanted = Signal(QPoint)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Frame map"))
        self.stale = False
        self.cell_size = 12
        self._pitch = 14
        self.setVerticalHeader(_Labels(self))
        self.horizontalHeader().hide()
        self.horizontalHeader().setMinimumSectionSize(1)
        self.setShowGrid(False)
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        self.setItemDelegate(_CellDelegate(self))
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setStyleSheet("QTableView { background: transparent; } QHeaderView { background: transparent; }")
        self.viewport().setAutoFillBackground(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.entered.connect(self.looked_at)
        self.activated.connect(self._open)
        self.doubleClicked.connect(self._open)

    @property
    def map(self) -> FrameMap:
        """The model."""
        model = self.model()
        assert isinstance(model, FrameMap)
        return model

    def show_map(self, frames: FrameMap) -> None:
        """Show a model."""
        self.setModel(frames)
        self.selectionModel().currentChanged.connect(lambda now, _: self.looked_at.emit(now))
        for signal in (frames.rowsInserted, frames.rowsRemoved, frames.headings_changed):
            signal.connect(self.measure)
        look().tie(self, self.measure)

    def set_stale(self, stale: bool) -> None:
        """Whether what is shown is older than it should be."""
        if stale != self.stale:
            self.stale = stale
            self.viewport().update()

    def measure(self) -> None:
        """Give cells the size that the width allows, and the map the height that its rows need."""
        least_label = 0 if self.verticalHeader().isHidden() else look().px(28)
        small = self.map.cell_px < 12
        least, most = look().px(self.map.cell_px + _GAP), look().px(_LARGEST)
        gap = look().px(_GAP)
        pitch = min(max((self.width() - least_label + gap) // COLUMNS, look().px(8)), least if small else most)
        self._pitch, self.cell_size = pitch, pitch - gap
        spare = self.width() - COLUMNS * pitch + gap
        self.verticalHeader().setFixedWidth(max(least_label, min(spare, look().px(48))))
        self.verticalHeader().setDefaultSectionSize(pitch)
        self.horizontalHeader().setDefaultSectionSize(pitch)
        self.horizontalHeader().resizeSection(COLUMNS - 1, pitch - gap)
        self.verticalScrollBar().setSingleStep(pitch)
        self._measure_headings()
        rows = self.map.rowCount()
        most = _MOST_ROWS * (2 if small else 1)
        self.setFixedHeight(max(sum(map(self.verticalHeader().sectionSize, range(min(rows, most)))), pitch) + 1)
        wanted = Qt.ScrollBarPolicy.ScrollBarAlwaysOff if rows <= most else Qt.ScrollBarPolicy.ScrollBarAsNeeded
        self.setVerticalScrollBarPolicy(wanted)

    def _measure_headings(self) -> None:
        """A heading goes over all cells of its row."""
        self.clearSpans()
        frames = self.map
        for row in range(frames.rowCount()):
            if frames.heading(row) is not None:
                self.setSpan(row, 0, 1, COLUMNS)
                self.verticalHeader().resizeSection(row, look().px(_HEADING if row else _FIRST_HEADING))

    def paint_heading(self, painter: QPainter, rect: QRect, heading: MapRow) -> None:
        """The name of a layer, and how many frames it has."""
        metrics = QFontMetrics(look().font(11, 500))
        box = QRect(rect.left(), rect.bottom() - look().px(_FIRST_HEADING), rect.width(), look().px(_FIRST_HEADING))
        room = box.width() - QFontMetrics(look().font(11)).horizontalAdvance(heading.detail) - look().px(6)
        name = metrics.elidedText(heading.heading, Qt.TextElideMode.ElideMiddle, room)
        for text, weight, ink in ((name, 500, "text2"), (heading.detail, 400, "text3")):
            painter.setFont(look().font(11, weight))
            painter.setPen(look().color(ink))
            painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)
            box.setLeft(box.left() + painter.fontMetrics().horizontalAdvance(text) + look().px(6))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another size."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width() and self.model() is not None:
            self.measure()

    def sizeHint(self) -> QSize:
        """The room that it would like."""
        return QSize(look().px(368), self.height())

    def _open(self, index: QModelIndex) -> None:
        ids = self.map.ids_at(index)
        if ids:
            self.opened.emit(ids[0])

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """A menu is asked for."""
        self.menu_wanted.emit(event.globalPos())

    def selected_ids(self) -> tuple[int, ...]:
        """Jobs of the selected cells."""
        indexes = self.selectionModel().selectedIndexes()
        return tuple(dict.fromkeys(job for index in indexes for job in self.map.ids_at(index)))
