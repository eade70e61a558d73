"""A part of a page under a quiet heading."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QLayout, QLayoutItem, QVBoxLayout, QWidget

from hqgui.theme import look
from hqgui.views.parts.labels import PlainLabel


def clear(layout: QLayout) -> None:
    """Take everything out of a layout."""
    while (item := layout.takeAt(0)) is not None:
        _discard(item)


def _discard(item: QLayoutItem) -> None:
    widget = item.widget()
    if widget is not None:
        widget.hide()
        widget.deleteLater()


class Section(QWidget):
    """A part with a quiet heading. `wide`: rows reach to the edges, because they have a padding of their own."""

    def __init__(self, title: str, wide: bool = False) -> None:
        super().__init__()
        self._wide = wide
        self.heading = QHBoxLayout()
        self.heading.addWidget(PlainLabel(title, "text2", 11, 600))
        self.detail = PlainLabel("", "text3", 11)
        self.heading.addWidget(self.detail)
        self.heading.addStretch(1)
        self.column = QVBoxLayout(self)
        self.column.addLayout(self.heading)
        look().tie(self, self._measure)

    def show_detail(self, text: str) -> None:
        """Quiet words after the heading; empty: none."""
        self.detail.setText(text)
        self.detail.setVisible(bool(text))

    def _measure(self) -> None:
        pad = look().px(8)
        outer, inner = (0, pad) if self._wide else (pad, 0)
        self.column.setContentsMargins(outer, 0, outer, 0)
        self.heading.setContentsMargins(inner, 0, inner, 0)
        self.column.setSpacing(look().px(6))
        self.heading.setSpacing(look().px(7))
