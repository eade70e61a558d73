"""What the tray's dialogs are made of: boxes to check, times of day, a foot with two buttons."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QTime
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QFrame,
    QHBoxLayout,
    QLayout,
    QLineEdit,
    QTimeEdit,
    QVBoxLayout,
    QWidget,
)

from hqgui.theme import look
from hqgui.views.parts.buttons import Button
from hqgui.views.parts.choices import Check

SIDE: Final = 24
"""Space beside a dialog's content, at 100 %."""


def check(words: str, on: bool) -> Check:
    """A box to check."""
    return Check(words, on)


def time_of_day(minute: int, name: str) -> QTimeEdit:
    """A time of day, in minutes after midnight."""
    edit = QTimeEdit(QTime(minute // 60, minute % 60))
    edit.setDisplayFormat("HH:mm")
    edit.setAccessibleName(name)
    look().tie_font(edit)
    indent(edit)
    return edit


def indent(edit: QAbstractSpinBox) -> None:
    """Let what is typed begin where it does in other fields; a style sheet cannot."""
    line = edit.findChild(QLineEdit)
    assert line is not None
    look().tie(edit, lambda: line.setTextMargins(look().px(6), 0, 0, 0))


def minutes(edit: QTimeEdit) -> int:
    """What it shows, in minutes after midnight."""
    return edit.time().hour() * 60 + edit.time().minute()


def body_over_foot(dialog: QWidget, body: QLayout, buttons: list[Button]) -> None:
    """Lay a dialog out: its content over a foot with its buttons."""
    px = look().px
    body.setContentsMargins(px(SIDE), px(18), px(SIDE), px(16))
    foot = QFrame()
    foot.setProperty("role", "foot")
    row = QHBoxLayout(foot)
    row.setContentsMargins(px(SIDE), px(12), px(SIDE), px(12))
    row.setSpacing(px(8))
    row.addStretch(1)
    for button in buttons:
        row.addWidget(button)
    column = QVBoxLayout(dialog)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    column.addLayout(body)
    column.addWidget(foot)
