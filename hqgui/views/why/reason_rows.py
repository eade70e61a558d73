"""The tree of reasons: a share bar and a button for each, below it groups and clients with a link each."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from PySide6.QtCore import QModelIndex, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import QHBoxLayout, QStyleOptionViewItem, QWidget

from hqgui.models.flat_rows import AnyIndex
from hqgui.models.formats import tooltip
from hqgui.models.keyed_tree import KeyedTree, Node
from hqgui.models.roles import EMPTY, Tone
from hqgui.models.why import reasons, words
from hqgui.models.why.answer import Fix, Why
from hqgui.theme import look
from hqgui.views.parts.bars import bar
from hqgui.views.parts.buttons import Button
from hqgui.views.parts.cell_paint import Manner, draw_text, fit, ink, paint_mark
from hqgui.views.parts.cell_table import PlainColumn
from hqgui.views.parts.rows import RowDelegate, Rows
from hqgui.words import translate

_COLUMNS: Final = (
    PlainColumn("reason", 300, stretch=1),
    PlainColumn("clients", 60, right=True),
    PlainColumn("share", 150, stretch=2),
    PlainColumn("clears", 150),
    PlainColumn("fix", 202, right=True),
)
_FIX: Final = reasons.COLUMNS.index("fix")
_BAR: Final = 170
_BUTTONS: Final = 2
_ROOM: Final = {"share": 680, "clears": 560}
"""Columns that are left out where there is less room than that: what can be done is always in sight."""
_WIDE: Final = 960
_NARROW: Final = 520
"""Below this reasons have less room, so that what can be done has enough."""
_HALF_WIDE: Final = 840


class _Heights(RowDelegate):
    """Reasons are higher than what is below them."""

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:
        """By depth."""
        return QSize(1, look().px(24 if index.parent().isValid() else 32))


class ReasonRows(Rows):
    """The tree."""

    fix_wanted = Signal(object)
    """A `Fix` should be done."""
    edit_wanted = Signal()
    """The permitted clients should be edited."""
    job_wanted = Signal(int)
    """A job that is in the way should be shown."""
    more_wanted = Signal(str)
    """All clients of a reason should be listed."""

    def __init__(self, clock: Callable[[int], str], parent: QWidget | None = None) -> None:
        super().__init__(translate("Why", "What blocks clients"), _COLUMNS, parent)
        self.setObjectName("reasonRows")
        self._clock = clock
        self.tree = KeyedTree(reasons.titles(0), {1, _FIX}, self)
        self.separate_roots = True
        self.cover("base")
        self.heading.lined_above = True
        self.heading.setSectionsClickable(False)
        self.setRootIsDecorated(True)
        self.setUniformRowHeights(False)
        self.setSelectionMode(self.SelectionMode.SingleSelection)
        self.setDragEnabled(False)
        self.setItemDelegate(_Heights(self))
        self.show_model(self.tree)
        self.activated.connect(self._activated)
        self._known: set[object] = set()

    def show_why(self, why: Why, now: float, opened: frozenset[str]) -> None:
        """Show an answer; the first reasons are unfolded when they come, later only by the user."""
        self.tree.show_titles(reasons.titles(why.total))
        self.tree.show(reasons.rows(why, now, opened))
        for place, node in enumerate(self.tree.nodes):
            self._set_buttons(node)
            if node.key not in self._known:
                self._known.add(node.key)
                self.setExpanded(self.tree.index_of(node), bool(node.children) and place < 2)
        self.doItemsLayout()

    def _set_buttons(self, node: Node) -> None:
        value = node.value
        assert isinstance(value, reasons.Reason)
        index = self.tree.index_of(node, _FIX)
        wanted: list[tuple[str, str, Fix | None]] = [
            (words.button(fix, self._clock), words.tip(fix), fix) for fix in reasons.buttons(value.line)
        ]
        if value.line.code == "condition":
            wanted = [(words.edit_clients(), "", None)]
        known = self.indexWidget(index)
        if isinstance(known, _Buttons) and known.wanted == [text for text, _, _ in wanted[:_BUTTONS]]:
            known.fixes = [fix for _, _, fix in wanted]
            return
        made = _Buttons(wanted[:_BUTTONS], self) if wanted else None
        self.setIndexWidget(index, made)  # type: ignore[arg-type]

    def pressed_button(self, fix: Fix | None) -> None:
        """A button in a row was pressed."""
        if fix is None:
            self.edit_wanted.emit()
        else:
            self.fix_wanted.emit(fix)

    def arrange_columns(self) -> None:
        """Give columns their widths; where there is little room, the fixes stay."""
        room = self.viewport().width() / look().zoom
        for key, least in _ROOM.items():
            (self.columns.shown.add if room >= least else self.columns.shown.discard)(key)
        self.columns.widths["reason"] = 150 if room < _NARROW else 300
        wide = room >= _WIDE
        clears = 230 if wide else 190 if room >= _HALF_WIDE else 150
        self.columns.widths.update(share=188 if wide else 172 if room >= _HALF_WIDE else 150, clears=clears)
        super().arrange_columns()

    def place_of_column(self, key: str) -> int:
        """Where a column begins, in pixels; 0 for one that is not shown."""
        place = next(number for number, column in enumerate(_COLUMNS) if column.key == key)
        return 0 if self.heading.isSectionHidden(place) else self.heading.sectionViewportPosition(place)

    # Painting

    def draw_cell(self, painter: QPainter, box: QRect, index: QModelIndex, key: str, manner: Manner) -> None:
        """Shares as bars, states of groups with their glyphs."""
        node = self.tree.node(index)
        cell = self.tree.cell(index)
        pad = look().px(8)
        if key == "share" and cell.segments:
            width, height = min(look().px(_BAR), box.width() - pad), look().px(8)
            place = box.y() + (box.height() - height) // 2
            painter.drawPixmap(box.x() + pad, place, bar(cell.segments, width, height, manner.ratio))
        elif key == "share" and node is not None and isinstance(node.value, reasons.Group):
            self._draw_states(painter, box.adjusted(pad, 0, 0, 0), node.value, manner)
        else:
            super().draw_cell(painter, box, index, key, manner)

    def _draw_states(self, painter: QPainter, box: QRect, group: reasons.Group, manner: Manner) -> None:
        x, end = box.x(), box.right()
        for glyph, text in group.states[:2]:
            shown, width = fit(text, max(0, end - x - look().px(18)))
            if not shown or x + look().px(30) > end:
                return
            paint_mark(painter, x, box, glyph, manner)
            x += look().px(18)
            draw_text(painter, x, box, shown, ink(Tone.SECONDARY, manner))
            x += width + look().px(16)

    # What is done

    def _activated(self, index: QModelIndex) -> None:
        node = self.tree.node(index)
        if node is None:
            return
        if isinstance(node.value, reasons.More):
            self.more_wanted.emit(node.value.code)
        elif isinstance(node.value, reasons.Reason):
            self._activate_reason(index, node.value)
        elif isinstance(node.value, reasons.Group | reasons.Client) and node.value.fixes:
            self.fix_wanted.emit(node.value.fixes[0])

    def _activate_reason(self, index: QModelIndex, reason: reasons.Reason) -> None:
        first = index.siblingAtColumn(0)
        if reason.line.code == "condition":
            self.edit_wanted.emit()
        elif reasons.buttons(reason.line):
            self.fix_wanted.emit(reason.line.fixes[0])
        else:
            self.setExpanded(first, not self.isExpanded(first))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click on a link does it; anywhere else it selects."""
        super().mouseReleaseEvent(event)
        index = self.indexAt(event.position().toPoint())
        node = self.tree.node(index) if event.button() == Qt.MouseButton.LeftButton else None
        if node is None or isinstance(node.value, reasons.Reason):
            return
        cell = self.tree.cell(index)
        if isinstance(node.value, reasons.More) or (index.column() == _FIX and cell is not EMPTY and cell.text):
            self._activated(index)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """The pointer is a hand over links."""
        super().mouseMoveEvent(event)
        index = self.indexAt(event.position().toPoint())
        node = self.tree.node(index)
        over = node is not None and (
            isinstance(node.value, reasons.More)
            or (
                index.column() == _FIX
                and bool(self.tree.cell(index).text)
                and not isinstance(node.value, reasons.Reason)
            )
        )
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.ArrowCursor)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space does what Enter does."""
        if event.key() == Qt.Key.Key_Space and self.currentIndex().isValid():
            self._activated(self.currentIndex())
            return
        super().keyPressEvent(event)

    def place_of(self, index: QModelIndex) -> QPoint:
        """On the screen."""
        return self.viewport().mapToGlobal(self.visualRect(index).bottomLeft())


class _Buttons(QWidget):
    """The buttons of a reason."""

    def __init__(self, wanted: list[tuple[str, str, Fix | None]], rows: ReasonRows) -> None:
        super().__init__()
        self.wanted = [text for text, _, _ in wanted]
        self.fixes = [fix for _, _, fix in wanted]
        row = self._row = QHBoxLayout(self)
        row.addStretch(1)
        for place, (text, tip, _) in enumerate(wanted):
            button = Button(text, "small", clicked=partial(self._press, rows, place))
            button.setToolTip(tooltip(tip))
            row.addWidget(button)
        look().tie(self, self._measure)

    def _press(self, rows: ReasonRows, place: int) -> None:
        rows.pressed_button(self.fixes[place])

    def _measure(self) -> None:
        px = look().px
        self._row.setContentsMargins(px(8), px(5), px(8), px(5))
        self._row.setSpacing(px(6))
