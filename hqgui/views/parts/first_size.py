"""How large a window is when it opens for the first time."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QWidget

from hqgui.theme import look

_FRAME: Final = (8, 48)
"""Pixels for what a window manager puts around it: many let a window as large as the screen hang over its edge."""


def first_size(window: QWidget, width: int, height: int) -> QSize:
    """A size that is meant, in pixels at 100 %, as far as the window's screen has room for it and its frame."""
    screen = window.screen().availableSize()
    return QSize(
        min(look().px(width), screen.width() - _FRAME[0]),
        min(look().px(height), screen.height() - _FRAME[1]),
    )
