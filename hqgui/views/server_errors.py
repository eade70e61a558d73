"""The errors that the server has counted, opened from the status bar."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from hqgui.models.formats import ago
from hqgui.models.roles import Cell, Tone
from hqgui.models.server_health import ServerError, ServerHealth
from hqgui.views.parts.buttons import Button
from hqgui.views.parts.cell_table import Line, PlainColumn
from hqgui.views.parts.list_popup import ListPopup
from hqgui.words import capital, counted, translate

_SHOWN: Final = 12
_COLUMNS: Final = (PlainColumn("time", 90), PlainColumn("count", 52), PlainColumn("text", 380, stretch=1))


def errors_words(health: ServerHealth) -> str:
    """`2 server errors`; empty for none."""
    if not health.errors:
        return ""
    one, many = translate("Errors", "{n} server error"), translate("Errors", "{n} server errors")
    return counted(len(health.errors), one, many)


def errors_popup(
    health: ServerHealth, now: float, copy: Callable[[str], object], parent: QWidget | None = None
) -> ListPopup:
    """The popup; its button copies all errors with what the server logged of them."""
    lines = [_line(place, error, now) for place, error in enumerate(health.errors[:_SHOWN])]
    nothing = translate("Errors", "The server has counted no errors.")
    popup = ListPopup(translate("Errors", "Server errors"), _COLUMNS, lines, nothing, 560, parent)
    if health.errors:
        button = Button(translate("Errors", "Copy all"), "small", clicked=lambda: copy(_as_text(health)))
        popup.column.addWidget(button, alignment=Qt.AlignmentFlag.AlignRight)
    return popup


def _line(place: int, error: ServerError, now: float) -> Line:
    first_line = error.message.strip().partition("\n")[0]
    when = Cell(ago(max(0.0, now - error.last)) if error.last else "", tone=Tone.DIM)
    count = Cell(f"{error.times} ×" if error.times > 1 else "", tone=Tone.DIM)
    return Line(place, (when, count, Cell(capital(first_line), glyph="failed")), error.message)


def _as_text(health: ServerHealth) -> str:
    return "\n\n".join(f"{error.times} x {error.message}\n{error.traceback}".strip() for error in health.errors)
