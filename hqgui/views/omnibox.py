"""The omnibox: type, and jobs, clients and actions that match are listed; Enter takes one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Final

from PySide6.QtCore import QPoint, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractItemView, QFrame, QVBoxLayout, QWidget

from hqgui.models.flat_rows import AnyIndex
from hqgui.models.roles import Cell, Tone
from hqgui.models.search import Hit, HitKind
from hqgui.theme import look
from hqgui.views.parts.cell_table import CellTable, Line, PlainColumn
from hqgui.views.parts.fields import SearchField
from hqgui.views.parts.labels import PlainLabel
from hqgui.views.parts.rows import Rows
from hqgui.words import QT_TRANSLATE_NOOP, translate

_COLUMNS: Final = (PlainColumn("title", 230, stretch=2), PlainColumn("detail", 300, stretch=1, right=True))
_TITLES: Final = {
    HitKind.JOB: QT_TRANSLATE_NOOP("Omnibox", "Jobs"),
    HitKind.CLIENT: QT_TRANSLATE_NOOP("Omnibox", "Clients"),
    HitKind.NOTE: QT_TRANSLATE_NOOP("Omnibox", "Notes"),
    HitKind.LINE: QT_TRANSLATE_NOOP("Omnibox", "Lines of the log"),
    HitKind.ACTION: QT_TRANSLATE_NOOP("Omnibox", "Actions"),
}
_WIDTH: Final = 560
_MOST_ROWS: Final = 16


class _Table(CellTable):
    """Headings cannot be chosen."""

    def flags(self, index: AnyIndex) -> Qt.ItemFlag:
        """Of a row."""
        if index.isValid() and self.lines[index.row()].key < 0:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable


class _Field(SearchField):
    """Hands the arrows on to the list."""

    moved = Signal(QKeyEvent)

    def _key(self, event: QKeyEvent) -> bool:
        if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            self.moved.emit(event)
            return True
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
            return True
        return super()._key(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it: no border, it stands in the popup's."""


class Omnibox(QFrame):
    """The popup."""

    chosen = Signal(Hit)

    def __init__(self, search: Callable[[str], Sequence[Hit]], parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("omnibox")
        self.setAccessibleName(self.tr("Search everything"))
        self._search = search
        self._hits: Sequence[Hit] = ()
        self.field = _Field(self.tr("Search everything"), self.tr("Job, client, #id, note, or an action"), "search")
        self._table = _Table(_COLUMNS, self)
        self._rows = Rows(self.tr("Found"), _COLUMNS)
        self._rows.setRootIsDecorated(False)
        self._rows.header().hide()
        self._rows.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self._rows.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._rows.always_active = True
        self._rows.setStyleSheet("QTreeView { background: transparent; }")
        self._rows.show_model(self._table)
        self._hint = PlainLabel("", "text3", 11)
        column = QVBoxLayout(self)
        self._column = column
        column.addWidget(self.field)
        column.addWidget(self._rows)
        column.addWidget(self._hint)
        self.field.text_changed.connect(self._find)
        self.field.moved.connect(self._rows.keyPressEvent)
        self.field.submitted.connect(lambda _: self._take())
        self.field.left.connect(self.close)
        self._rows.clicked.connect(lambda _: self._take())
        look().tie(self, self._measure)

    def _measure(self) -> None:
        px = look().px
        self._column.setContentsMargins(px(6), px(5), px(6), px(6))
        self._column.setSpacing(px(4))
        self._hint.setContentsMargins(px(9), px(2), px(9), px(2))

    def open_over(self, button: QWidget) -> None:
        """Open over the button that looks like its field."""
        self.field.edit.clear()
        width = min(look().px(_WIDTH), max(button.window().width() - look().px(24), look().px(240)))
        corner = button.mapToGlobal(QPoint(button.width() - width, -look().px(5)))
        self.setGeometry(QRect(corner, self.sizeHint()))
        self.setFixedWidth(width)
        self._find("")
        self.show()
        self.field.edit.setFocus()

    def _find(self, text: str) -> None:
        self._hits = self._search(text)
        lines: list[Line] = []
        places = {id(hit): place for place, hit in enumerate(self._hits)}
        for kind, hits in groupby(self._hits, key=lambda hit: hit.kind):
            lines.append(Line(-1, (Cell(translate("Omnibox", _TITLES[kind]), tone=Tone.DIM), Cell())))
            lines.extend(Line(places[id(hit)], _cells(hit)) for hit in hits)
        self._table.show(lines)
        rows = min(len(lines), _MOST_ROWS)
        self._rows.setFixedHeight(max(rows * look().row_height, 1))
        self._rows.setVisible(rows > 0)
        self._hint.setText(self._hint_for(text))
        self._hint.setVisible(not lines)
        if len(lines) > 1:
            self._rows.setCurrentIndex(self._table.index(1, 0))
        self.setFixedHeight(self._column.sizeHint().height())

    def _hint_for(self, text: str) -> str:
        if text.strip():
            return self.tr("Nothing is called that.")
        return self.tr("Type a part of a name, an id, or what you want to do.")

    def _take(self) -> None:
        place = self._rows.current_id()
        if place is not None and 0 <= place < len(self._hits):
            self.close()
            self.chosen.emit(self._hits[place])

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), look().color("raised"))
        painter.setPen(QPen(look().color("lineStrong"), 1))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        line = self.field.geometry().bottom() + look().px(2)
        painter.fillRect(QRect(1, line, self.width() - 2, 1), look().color("line"))


def _cells(hit: Hit) -> tuple[Cell, Cell]:
    return Cell(hit.title, glyph=hit.glyph, weight=500), Cell(hit.detail, tone=Tone.SECONDARY)
