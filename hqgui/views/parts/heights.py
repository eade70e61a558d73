"""Heights of dialogs whose words wrap."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget


def fit_height(widget: QWidget) -> None:
    """Make a widget of fixed width as high as its words need there, not as high as they might need elsewhere."""
    layout = widget.layout()
    assert layout is not None, "a widget without a layout has no height of its own"
    layout.activate()
    width = widget.width()
    height = layout.totalHeightForWidth(width) if layout.hasHeightForWidth() else layout.sizeHint().height()
    widget.setFixedHeight(height)
