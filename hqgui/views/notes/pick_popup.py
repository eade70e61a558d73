"""A popup in which a job, a client, a thread's subject or a line of a log is picked by typing a part of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPoint, Signal
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QWidget

from hqgui.models.search import Hit
from hqgui.theme import look
from hqgui.views.omnibox import Omnibox


class PickPopup(Omnibox):
    """Opens above a widget, and grows upwards."""

    closed = Signal()

    def __init__(
        self,
        search: Callable[[str], Sequence[Hit]],
        name: str,
        hint: str,
        parent: QWidget | None = None,
        detailed: bool = True,
    ) -> None:
        super().__init__(search, parent)
        if not detailed:
            self._rows.columns.shown.discard("detail")
            self._rows.arrange_columns()
        self.setObjectName("pickPopup")
        self._hint_words = hint
        self._foot: QPoint | None = None
        self.setAccessibleName(name)
        self.field.edit.setAccessibleName(name)
        self.field.edit.setPlaceholderText(name)

    def _hint_for(self, text: str) -> str:
        return super()._hint_for(text) if text.strip() else self._hint_words

    def open_above(self, widget: QWidget) -> None:
        """Open above a widget, the left edges in line."""
        self._foot = widget.mapToGlobal(QPoint(0, -look().px(4)))
        self.open_over(widget)
        self._stand()

    def open_below(self, widget: QWidget) -> None:
        """Open below a widget, the right edges in line."""
        self.open_over(widget)
        self.move(self.x(), widget.mapToGlobal(QPoint(0, widget.height() + look().px(4))).y())

    def hideEvent(self, event: QHideEvent) -> None:
        """It closes."""
        super().hideEvent(event)
        self.closed.emit()

    def _find(self, text: str) -> None:
        super()._find(text)
        self._stand()

    def _stand(self) -> None:
        if self._foot is not None:
            top = max(self._foot.y() - self.height(), self.screen().availableGeometry().top())
            self.move(self._foot.x(), top)
