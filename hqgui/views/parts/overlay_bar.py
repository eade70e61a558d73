"""A scroll bar that lies over the rows it scrolls, so that heading and rows reach to the edge."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QAbstractScrollArea, QScrollBar

from hqgui.theme import look

WIDTH = 11


class OverlayBar(QScrollBar):
    """Mirrors a view's own vertical scroll bar, which stays hidden and in charge."""

    shown_changed = Signal()
    """It came or went: the rows have more or less room."""

    def __init__(self, view: QAbstractScrollArea) -> None:
        super().__init__(Qt.Orientation.Vertical, view)
        self._view = view
        self._own = view.verticalScrollBar()
        view.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._own.rangeChanged.connect(self._follow)
        self._own.valueChanged.connect(self.setValue)
        self.valueChanged.connect(self._own.setValue)
        view.viewport().installEventFilter(self)
        self.setVisible(False)
        look().tie(self, self._place)

    @property
    def room(self) -> int:
        """What it takes of the width; 0 while everything is in sight."""
        return look().px(WIDTH) if self._own.maximum() > self._own.minimum() else 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Watch the viewport."""
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Move):
            self._place()
        return False

    def _follow(self, low: int, high: int) -> None:
        self.setRange(low, high)
        self.setPageStep(self._own.pageStep())
        self.setSingleStep(self._own.singleStep())
        self.setValue(self._own.value())
        if self.isHidden() != (high <= low):
            self.setVisible(high > low)
            self.raise_()
            self.shown_changed.emit()

    def _place(self) -> None:
        area, width = self._view.viewport().geometry(), look().px(WIDTH)
        self.setGeometry(area.right() + 1 - width, area.y(), width, area.height())
        self.setPageStep(self._own.pageStep())
