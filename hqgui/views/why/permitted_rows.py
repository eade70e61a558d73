"""Groups and clients to check: a box for each, partly filled where a group is checked in part."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QModelIndex, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QWidget

from hqgui.models.flat_rows import AnyIndex
from hqgui.models.keyed_tree import KeyedTree, Node
from hqgui.theme import look
from hqgui.views.parts.cell_paint import Manner, draw_text, fit
from hqgui.views.parts.cell_table import PlainColumn
from hqgui.views.parts.icons import paint_icon
from hqgui.views.parts.rows import Rows
from hqgui.words import translate

_COLUMNS: Final = (
    PlainColumn("name", 204, stretch=1),
    PlainColumn("state", 120),
    PlainColumn("memory", 78, right=True),
    PlainColumn("free", 84, right=True),
)
_BOX: Final = 14
_MEMORY_ROOM: Final = 410


def paint_box(painter: QPainter, rect: QRectF, state: Qt.CheckState, enabled: bool) -> None:
    """A check box."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    on = state != Qt.CheckState.Unchecked
    fill = "accentFill" if on and enabled else "field"
    painter.setPen(QPen(look().color("accentFill" if on and enabled else "lineStrong"), 1))
    painter.setBrush(look().color(fill))
    painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), look().px(3), look().px(3))
    if on:
        inner = rect.adjusted(2, 2, -2, -2)
        name = "check" if state == Qt.CheckState.Checked else "minus"
        paint_icon(painter, name, inner, look().hex("onAccent" if enabled else "textDis"))
    painter.restore()


class PermittedRows(Rows):
    """The tree of groups and clients."""

    checked = Signal(object, bool)
    """Ids of clients, and whether they are checked from now on."""
    more_wanted = Signal(int)
    """All clients of a group should be listed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(translate("Why", "Groups and clients"), _COLUMNS, parent)
        self.setObjectName("permittedRows")
        titles = (
            translate("Why", "Group or client"),
            translate("Why", "State"),
            translate("Why", "Memory"),
            translate("Why", "Free now"),
        )
        self.tree = KeyedTree(titles, {2, 3}, self)
        self.cover("base")
        self.heading.lined_above = True
        self.heading.setSectionsClickable(False)
        self.setRootIsDecorated(True)
        self.setDragEnabled(False)
        self.show_model(self.tree)
        self.usable = True
        """Whether checks may be changed."""

    def show_rows(self, rows: Sequence[Node], unfold: bool) -> None:
        """Show these rows; `unfold`: all groups, because they were narrowed down."""
        first = not self.tree.nodes
        self.tree.show(rows)
        for node in self.tree.nodes:
            index = self.tree.index_of(node)
            if unfold or (first and (node.check != Qt.CheckState.Unchecked or len(self.tree.nodes) == 1)):
                self.setExpanded(index, True)  # noqa: FBT003
        self.viewport().update()

    def arrange_columns(self) -> None:
        """Give columns their widths; what is gained stays where there is little room."""
        room = self.viewport().width() / look().zoom
        (self.columns.shown.add if room >= _MEMORY_ROOM else self.columns.shown.discard)("memory")
        super().arrange_columns()

    # Painting

    def draw_cell(self, painter: QPainter, box: QRect, index: QModelIndex, key: str, manner: Manner) -> None:
        """The box before the name, and what is gained in its own colour."""
        node = self.tree.node(index)
        if node is None:
            return
        if key == "name" and node.check is not None:
            paint_box(painter, QRectF(self._box(box)), node.check, self.usable)
            box = box.adjusted(look().px(_BOX + 6), 0, 0, 0)
        cell = self.tree.cell(index)
        if key == "free" and cell.text:
            pad = look().px(8)
            shown, width = fit(cell.text, box.width() - 2 * pad, weight=cell.weight)
            draw_text(painter, box.right() + 1 - pad - width, box, shown, look().color("succeeded"), cell.weight)
            return
        super().draw_cell(painter, box, index, key, manner)

    def _paint_ground(self, painter: QPainter, rect: QRect, index: AnyIndex, selected: bool, depth: int) -> None:
        node = self.tree.node(index)
        if not selected and node is not None and self._gains(node):
            painter.fillRect(rect, look().color("okTint"))
            painter.fillRect(QRect(0, rect.y(), look().px(2), rect.height()), look().color("succeeded"))
            return
        super()._paint_ground(painter, rect, index, selected, depth)

    def _gains(self, node: Node) -> bool:
        return len(node.cells) > 3 and bool(node.cells[3].text)

    def _box(self, cell: QRect) -> QRect:
        side = look().px(_BOX)
        return QRect(cell.x() + look().px(8), cell.y() + (cell.height() - side) // 2, side, side)

    # Checking

    def _toggle(self, node: Node | None) -> None:
        if node is None:
            return
        if node.key == "more":
            self.more_wanted.emit(int(node.value))
        elif self.usable and node.check is not None:
            self.checked.emit(node.value, node.check != Qt.CheckState.Checked)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click on a box checks it; on `more` it shows the rest."""
        super().mouseReleaseEvent(event)
        place = event.position().toPoint()
        index = self.indexAt(place)
        node = self.tree.node(index)
        if node is None or event.button() != Qt.MouseButton.LeftButton or index.column() != 0:
            return
        depth = 2 if index.parent().isValid() else 1
        left = self.header().sectionViewportPosition(0) + depth * self.indentation()
        near = left <= place.x() <= left + look().px(_BOX + 16)
        if near or node.key == "more":
            self._toggle(node)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space checks what is selected."""
        if event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
            chosen = self.selectionModel().selectedRows() or [self.currentIndex()]
            for node in [self.tree.node(index) for index in chosen]:
                self._toggle(node)
            return
        super().keyPressEvent(event)
