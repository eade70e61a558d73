"""What stands at the window's right: the inspector of jobs or the one of clients, whichever pane was used last."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QDockWidget, QStackedWidget, QWidget


class _Handle(QStackedWidget):
    """The handles of both, of one height."""

    def sizeHint(self) -> QSize:
        """A dock asks its handle for its height before the handle is laid out."""
        shown = self.currentWidget()
        return super().sizeHint() if shown is None else shown.sizeHint()

    def minimumSizeHint(self) -> QSize:
        """As high as what is shown."""
        return QSize(0, self.sizeHint().height())


class Side:
    """Puts a second widget beside the one that a dock holds."""

    def __init__(self, dock: QDockWidget, other: QWidget, other_handle: QWidget) -> None:
        first, handle = dock.widget(), dock.titleBarWidget()
        assert first is not None, "the dock holds something"
        assert handle is not None, "the dock has a handle of its own"
        self._pages = QStackedWidget()
        self._handles = _Handle()
        self._dock = dock
        dock.setTitleBarWidget(self._handles)
        dock.setWidget(self._pages)
        for page, bar in ((first, handle), (other, other_handle)):
            self._pages.addWidget(page)
            self._handles.addWidget(bar)
        self.show_first()

    def shows_other(self) -> bool:
        """Whether the second one is shown."""
        return self._pages.currentIndex() == 1

    def show_first(self) -> None:
        """Show what the dock held first."""
        self._choose(0)

    def show_other(self) -> None:
        """Show what was put beside it."""
        self._choose(1)

    def _choose(self, place: int) -> None:
        self._pages.setCurrentIndex(place)
        self._handles.setCurrentIndex(place)
