"""The threads as a list: unread dot, state, title, time, who wrote last and what."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QPoint, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QContextMenuEvent, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QTextLayout, QTextOption
from PySide6.QtWidgets import QAbstractItemView, QListView, QMenu, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from hqgui.models.flat_rows import AnyIndex
from hqgui.models.roles import Role
from hqgui.models.threads import ThreadCell, ThreadList
from hqgui.theme import look
from hqgui.views.parts.cell_paint import fit, with_opacity
from hqgui.views.parts.glyphs import glyph
from hqgui.views.parts.icons import paint_icon
from hqgui.views.parts.overlay_bar import OverlayBar
from hqgui.words import translate

HEIGHT: Final = 74
LOW: Final = 24
_LEAST_WITHIN: Final = 40
_STILL_MS: Final = 2_000
"""Rows stay where they are while the pointer is over them and moved so lately."""


class ThreadDelegate(QStyledItemDelegate):
    """Paints a thread; low rows have one line."""

    def __init__(self, view: ThreadRows, low: bool) -> None:
        super().__init__(view)
        self._view = view
        self._low = low

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:
        """All rows are of one height."""
        return QSize(1, look().row_height if self._low else look().px(HEIGHT))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        """Draw it."""
        view = self._view
        cell: ThreadCell = view.threads.cell(index)
        rect = QRect(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter, rect, index)
        (self._paint_low if self._low else self._paint_high)(painter, rect, cell)
        painter.restore()

    def _paint_ground(self, painter: QPainter, rect: QRect, index: AnyIndex) -> None:
        view, px = self._view, look().px
        if view.selectionModel().isSelected(index):
            active = view.hasFocus() or view.always_active
            painter.fillRect(rect, look().color("sel" if active else "selInactive"))
            painter.fillRect(QRect(0, rect.y(), px(2), rect.height()), look().color("accent"))
        elif index == view.hovered:
            painter.fillRect(rect, look().color("hover"))
        if not self._low:
            painter.fillRect(QRect(0, rect.bottom(), rect.width(), 1), look().color("line"))
        if index == view.currentIndex() and view.hasFocus() and not view.selectionModel().isSelected(index):
            painter.setPen(look().color("accent"))
            painter.drawRect(rect.adjusted(0, 0, -1, -1))

    def _paint_dot(self, painter: QPainter, x: int, middle: float, cell: ThreadCell) -> None:
        if cell.unread:
            size = look().px(7)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look().color("accent"))
            painter.drawEllipse(QRectF(x, middle - size / 2, size, size))

    def _paint_glyph(self, painter: QPainter, x: int, middle: float, cell: ThreadCell) -> None:
        size = look().px(12)
        with_opacity(painter, self._view.stale)
        pixmap = glyph(cell.glyph, size, self._view.devicePixelRatioF())
        painter.drawPixmap(x, round(middle - size / 2), pixmap)
        painter.setOpacity(1.0)

    def _paint_high(self, painter: QPainter, rect: QRect, cell: ThreadCell) -> None:
        px = look().px
        left, right = px(49), rect.right() - px(14)
        middle = rect.y() + px(19)
        self._paint_dot(painter, px(12), middle, cell)
        self._paint_glyph(painter, px(29), middle, cell)
        x = right - self._text(painter, rect, right, middle, cell.when, "text3", 11, 400, from_right=True)
        if cell.handled:
            x -= px(18)
            self._paint_handled(painter, x, middle)
        weight = 600 if cell.unread or not cell.handled else 400
        title, _ = fit(cell.title, max(0, x - left - px(10)), 12, weight)
        start = left + self._text(painter, rect, left, middle, title, self._ink("text"), 12, weight)
        self._paint_within(painter, rect, start + px(6), middle, cell, x - px(10))
        self._paint_preview(painter, QRect(left, rect.y() + px(31), right - left, px(38)), cell)

    def _paint_within(
        self, painter: QPainter, rect: QRect, x: float, middle: float, cell: ThreadCell, end: float
    ) -> None:
        """The tree of a frame, as far as there is room."""
        if cell.within and end - x > look().px(_LEAST_WITHIN):
            words, _ = fit(f"{translate('Notes', 'in')} {cell.within}", int(end - x), 11)
            self._text(painter, rect, x, middle, words, self._ink("text3"), 11, 400)

    def _paint_handled(self, painter: QPainter, x: float, middle: float) -> None:
        size = look().px(13)
        paint_icon(painter, "check-check", QRectF(x, middle - size / 2, size, size), look().hex("succeeded"))

    def _paint_preview(self, painter: QPainter, rect: QRect, cell: ThreadCell) -> None:
        """Two lines: who, in plain text colour, and what."""
        who = f"{cell.author}: " if cell.author else ""
        said, ink = cell.text, self._ink("text")
        if cell.draft:
            who, said, ink = f"{translate('Notes', 'Draft')}: ", cell.draft, "link"
        quiet = self._ink("text2")
        painter.setFont(look().font(11.5))
        layout = QTextLayout(f"{who}{said}", painter.font())
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        layout.setTextOption(option)
        layout.beginLayout()
        lines = []
        for _ in range(2):
            line = layout.createLine()
            if not line.isValid():
                break
            line.setLineWidth(rect.width())
            lines.append((line.textStart(), line.textLength()))
        layout.endLayout()
        text, y = f"{who}{said}", float(rect.y())
        for place, (start, length) in enumerate(lines):
            words = text[start:] if place == 1 else text[start : start + length]
            shown, _ = fit(words.strip(), rect.width(), 11.5)
            if place == 0 and who:
                head = shown[: len(who)]
                x = rect.x() + self._text(painter, rect, rect.x(), y + look().px(8), head, ink, 11.5, 400)
                self._text(painter, rect, x, y + look().px(8), shown[len(who) :], quiet, 11.5, 400)
            else:
                self._text(painter, rect, rect.x(), y + look().px(8), shown, quiet, 11.5, 400)
            y += look().px(17)

    def _paint_low(self, painter: QPainter, rect: QRect, cell: ThreadCell) -> None:
        px = look().px
        middle = rect.y() + rect.height() / 2
        right = rect.right() - px(12)
        self._paint_dot(painter, px(10), middle, cell)
        self._paint_glyph(painter, px(24), middle, cell)
        x = right - self._text(painter, rect, right, middle, cell.when, "text3", 11, 400, from_right=True) - px(12)
        if cell.handled:
            x -= px(16)
            self._paint_handled(painter, x, middle)
        room = min(px(230), max(px(60), (x - px(44)) // 3))
        title, _ = fit(cell.title, int(room), 12, 600 if cell.unread else 500)
        end = px(44) + self._text(
            painter, rect, px(44), middle, title, self._ink("text"), 12, 600 if cell.unread else 500
        )
        self._paint_within(painter, rect, end + px(6), middle, cell, px(44) + room)
        start = px(44) + room + px(12)
        writer = translate("Notes", "Draft") if cell.draft else cell.author or translate("Notes", "automatic")
        who, _ = fit(writer, px(90), 12)
        self._text(painter, rect, start, middle, who, "link" if cell.draft else self._ink("text2"), 12, 400)
        start += px(100)
        said, _ = fit(cell.draft or cell.text, max(0, int(x - start)), 12)
        self._text(painter, rect, start, middle, said, self._ink("text2"), 12, 400)

    def _ink(self, name: str) -> str:
        faint = {"text": "text2", "text2": "text3"}
        return faint.get(name, name) if self._view.stale else name

    def _text(
        self, painter: QPainter, rect: QRect, x: float, middle: float, text: str, ink: str, size: float, weight: int,
        from_right: bool = False,
    ) -> int:  # fmt: skip
        """One line of text around `middle`; answers its width."""
        painter.setFont(look().font(size, weight))
        painter.setPen(look().color(ink))
        metrics = painter.fontMetrics()
        width = metrics.horizontalAdvance(text)
        baseline = round(middle + (metrics.ascent() - metrics.descent()) / 2)
        painter.drawText(QPoint(round(x - width if from_right else x), baseline), text)
        return width


class ThreadRows(QListView):
    """The list."""

    opened = Signal(int)
    """A thread should be shown."""
    entered_thread = Signal(int)
    """Enter or a double click: go on to its page."""
    menu_wanted = Signal(QPoint)

    def __init__(self, name: str, low: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setObjectName("threads")
        self.stale = False
        self.always_active = False
        self.hovered = QPersistentModelIndex()
        self._anchor: tuple[QPersistentModelIndex, int] | None = None
        self._quiet = False
        self.setUniformItemSizes(True)
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setItemDelegate(ThreadDelegate(self, low))
        self._low = low
        self.bar = OverlayBar(self)
        self._still = QTimer(self, singleShot=True, interval=_STILL_MS)
        self._still.timeout.connect(lambda: self.hold(held=False))
        self.clicked.connect(self._open)  # a row may be the current one without being open
        self.activated.connect(self._enter)
        self.doubleClicked.connect(self._enter)
        look().tie(self, self._measure)

    def _measure(self) -> None:
        self.verticalScrollBar().setSingleStep(look().px(HEIGHT if not self._low else 3 * LOW))
        self.doItemsLayout()

    @property
    def threads(self) -> ThreadList:
        """The model."""
        model = self.model()
        assert isinstance(model, ThreadList)
        return model

    def show_threads(self, threads: ThreadList) -> None:
        """Show a list."""
        self.setModel(threads)
        for signal in (threads.rowsAboutToBeInserted, threads.rowsAboutToBeRemoved, threads.layoutAboutToBeChanged):
            signal.connect(self._remember_top)
        for signal in (threads.rowsInserted, threads.rowsRemoved, threads.layoutChanged):
            signal.connect(self._restore_top)
        self.selectionModel().currentChanged.connect(self._current_changed)

    def set_stale(self, stale: bool) -> None:
        """Whether what is shown is older than it should be."""
        if stale != self.stale:
            self.stale = stale
            self.viewport().update()

    # Which is open

    def _current_changed(self, now: QModelIndex, _before: QModelIndex) -> None:
        if not self._quiet:
            self._open(now)

    def _open(self, index: QModelIndex) -> None:
        thread = index.data(Role.ID) if index.isValid() else None
        if thread is not None:
            self.opened.emit(int(thread))

    def _enter(self, index: QModelIndex) -> None:
        thread = index.data(Role.ID)
        if thread is not None:
            self.opened.emit(int(thread))
            self.entered_thread.emit(int(thread))

    def show_open(self, thread: int | None) -> None:
        """Have a thread as the current one, without opening it again."""
        index = self.threads.index_of(thread) if thread is not None else QModelIndex()
        if index != self.currentIndex() or (index.isValid() and not self.selectionModel().isSelected(index)):
            self._quiet = True
            self.setCurrentIndex(index)
            if not index.isValid():
                self.clearSelection()
            self._quiet = False

    def selected_ids(self) -> tuple[int, ...]:
        """The threads that are selected, in the order of the rows."""
        rows = sorted(self.selectionModel().selectedRows(), key=lambda index: index.row())
        return tuple(int(index.data(Role.ID)) for index in rows if index.data(Role.ID) is not None)

    # Keeping still

    def _remember_top(self) -> None:
        if self._anchor is None and self.verticalScrollBar().value() > 0:
            index = self.indexAt(QPoint(2, 2))
            if index.isValid():
                self._anchor = QPersistentModelIndex(index), self.visualRect(index).y()

    def _restore_top(self) -> None:
        if self._anchor is None:
            return
        (top, y), self._anchor = self._anchor, None
        if top.isValid():
            self.executeDelayedItemsLayout()
            bar = self.verticalScrollBar()
            bar.setValue(bar.value() + self.visualRect(top).y() - y)

    def hold(self, held: bool) -> None:
        """Let rows keep their places."""
        if self.model() is not None:
            self.threads.hold(held)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """The pointer moved: rows stay for a while."""
        super().mouseMoveEvent(event)
        self._hover(self.indexAt(event.position().toPoint()))
        self.hold(held=True)
        self._still.start()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A press: nothing moves while a button is down."""
        self.hold(held=True)
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A release."""
        super().mouseReleaseEvent(event)
        self._still.start()

    def _hover(self, index: QModelIndex) -> None:
        if self.hovered != index:
            self.hovered = QPersistentModelIndex(index)
            self.viewport().update()

    def viewportEvent(self, event: QEvent) -> bool:
        """An event of the part that scrolls."""
        if event.type() == QEvent.Type.Leave:
            self._hover(QModelIndex())
            self._still.start(0)
        return super().viewportEvent(event)

    def popup(self, menu: QMenu, place: QPoint) -> None:
        """Open a menu; rows stay where they are as long as it is open."""
        self._still.stop()
        self.hold(held=True)
        menu.aboutToHide.connect(lambda: self.hold(held=False))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(place)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """A menu is asked for."""
        place = event.globalPos()
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            place = self.viewport().mapToGlobal(self.visualRect(self.currentIndex()).bottomLeft())
        self.menu_wanted.emit(place)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """It has the keyboard: Qt makes a row current then, but nobody asked to open it."""
        self._quiet = True
        super().focusInEvent(event)
        self._quiet = False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A key: Enter goes on to the page."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.activated.emit(self.currentIndex())
            return
        super().keyPressEvent(event)

    def keyboardSearch(self, search: str) -> None:
        """Single letters are shortcuts here, not a search."""
