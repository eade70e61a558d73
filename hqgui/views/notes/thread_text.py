"""The notes of one thread as a page: days, writers, texts with links, automatic notes, the line over what is new.

Everything is put in by `QTextCursor.insertText` with character formats; no note is ever read as markup, and nothing is
ever loaded. What stands beside or around the text (initials, glyphs, pills, lines) is painted, so the text that is
selected, copied and read aloud is what was written.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from PySide6.QtCore import QPoint, QPointF, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFontMetricsF,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
)
from PySide6.QtWidgets import QTextBrowser, QWidget

from hqgui.models.formats import tooltip
from hqgui.models.note_text import Paragraph, Run, RunKind
from hqgui.models.thread_page import Day, Earlier, Happened, Item, New, Said
from hqgui.theme import look
from hqgui.views.notes.page_paint import (
    EARLIER,
    INDENT,
    PAD,
    Mark,
    Sheet,
    paint_mark,
    paint_pill_glyph,
    paint_pills,
    pills,
)
from hqgui.views.parts.overlay_bar import OverlayBar
from hqgui.words import counted, translate

_WIDEST: Final = 640
_SPACE: Final = "\u00a0"


class ThreadText(QTextBrowser):
    """The page. `glyph_of` says which glyph an address has now."""

    link_wanted = Signal(str)
    """An address was activated: `job:17`, `client:3`."""
    link_menu_wanted = Signal(str, QPoint)
    note_menu_wanted = Signal(int, QPoint)
    """A menu for a note, 0 where there is none."""
    earlier_wanted = Signal()
    resized = Signal()

    def __init__(self, glyph_of: Callable[[str], str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("threadText")
        self.setAccessibleName(self.tr("Notes"))
        self._glyph_of = glyph_of
        self._items: tuple[Item, ...] = ()
        self._marks: list[Mark] = []
        self._stale = False
        self._first = True
        self.setOpenLinks(False)
        self.setUndoRedoEnabled(False)
        self.setFrameShape(QTextBrowser.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
            | Qt.TextInteractionFlag.LinksAccessibleByMouse
            | Qt.TextInteractionFlag.LinksAccessibleByKeyboard
        )
        self.setMouseTracking(True)
        self.bar = OverlayBar(self)
        self.anchorClicked.connect(self._activated)
        self._later = QTimer(self, singleShot=True, interval=0)
        self._later.timeout.connect(self.to_end)
        look().tie(self, self._measure)

    def loadResource(self, type: int, name: QUrl | str) -> Any:  # noqa: A002
        """Nothing is loaded, whatever a text says."""
        return None

    def _measure(self) -> None:
        self.setFont(look().font(13))
        self._rebuild()

    # What is shown

    @property
    def items(self) -> Sequence[Item]:
        """What is shown."""
        return self._items

    def show_items(self, items: tuple[Item, ...], to_end: bool = False) -> None:
        """Show these; where they only go on, what is there stays as it is. `to_end`: with the end in sight."""
        if items != self._items:
            former, self._items = self._items, items
            end = to_end or self.at_end
            if former and items[: len(former)] == former:
                self._append(items[len(former) :])
            else:
                self._rebuild()
            self._fit()
            if end:
                self.to_end()
                self._later.start()
        elif to_end:
            self.to_end()
            self._later.start()
        self.viewport().update()

    def set_stale(self, stale: bool) -> None:
        """Whether what is shown is older than it should be."""
        if stale != self._stale:
            self._stale = stale
            self._rebuild()

    @property
    def at_end(self) -> bool:
        """Whether the end is in sight."""
        bar = self.verticalScrollBar()
        return bar.value() >= bar.maximum() - look().px(8)

    def to_end(self) -> None:
        """Have the end in sight."""
        self.verticalScrollBar().setValue(self.verticalScrollBar().maximum())

    def _rebuild(self) -> None:
        place, end = self.verticalScrollBar().value(), self.at_end
        self.clear()
        self._marks = []
        self._first = True
        self._append(self._items)
        self._fit()
        self.verticalScrollBar().setValue(self.verticalScrollBar().maximum() if end else place)

    def _append(self, items: Sequence[Item]) -> None:
        cursor = QTextCursor(self.document())
        cursor.beginEditBlock()
        for item in items:
            cursor.movePosition(QTextCursor.MoveOperation.End)
            self._put(cursor, item)
        cursor.endEditBlock()

    def _put(self, cursor: QTextCursor, item: Item) -> None:
        if isinstance(item, Day):
            self._begin(cursor, Mark("day", item.text), 14, 0, centered=True)
            cursor.insertText(item.text, self._style("text3", 11))
        elif isinstance(item, New):
            self._begin(cursor, Mark("new"), 14, 0, centered=True)
            cursor.insertText(translate("Notes", "New"), self._style("accent", 11, 600))
        elif isinstance(item, Earlier):
            self._begin(cursor, Mark(""), 8, 0, centered=True)
            words = translate("Notes", "Show the note before"), translate("Notes", "Show {n} notes before")
            cursor.insertText(counted(item.number, *words), self._link(EARLIER, "link"))
        elif isinstance(item, Said):
            self._put_said(cursor, item)
        else:
            self._put_happened(cursor, item)

    def _put_said(self, cursor: QTextCursor, item: Said) -> None:
        self._begin(cursor, Mark("said", item.initials, item.color, item.id, item.moment), 14, INDENT)
        cursor.insertText(item.who, self._style("text", 12.5, 600))
        cursor.insertText(f"{_SPACE}{_SPACE}{item.when}", self._style("text3", 11))
        for place, line in enumerate(item.lines):
            self._put_line(cursor, line, item.id, 13, "text", 3 if not place else 1)

    def _put_happened(self, cursor: QTextCursor, item: Happened) -> None:
        for place, line in enumerate(item.lines):
            mark = Mark("happened" if not place else "", item.glyph, 0, item.id, item.moment)
            self._begin(cursor, mark, 12 if not place else 1, INDENT)
            self._put_runs(cursor, line.runs, 11.5, "text3")
            if not place:
                cursor.insertText(f"{_SPACE}{_SPACE}{item.when}", self._style("text3", 11))

    def _put_line(self, cursor: QTextCursor, line: Paragraph, note: int, size: float, ink: str, above: int) -> None:
        if line.quoted:
            self._begin(cursor, Mark("quote", note=note), above, INDENT + 14)
            cursor.insertText("".join(run.text for run in line.runs), self._style("text2", 11, mono=True))
            return
        self._begin(cursor, Mark("", note=note), above, INDENT)
        self._put_runs(cursor, line.runs, size, ink)

    def _put_runs(self, cursor: QTextCursor, runs: Sequence[Run], size: float, ink: str) -> None:
        for run in runs:
            if run.kind is RunKind.TEXT:
                cursor.insertText(run.text, self._style(ink, size))
            else:
                cursor.insertText(f"{self._room()}{run.text}{_SPACE}", self._link(run.address, "link", size, 500))

    def _room(self) -> str:
        """Spaces as wide as a pill's glyph."""
        one = max(1.0, QFontMetricsF(look().font(13, 500)).horizontalAdvance(_SPACE))
        return _SPACE * math.ceil(look().px(21) / one)

    def _begin(self, cursor: QTextCursor, mark: Mark, above: int, indent: int, centered: bool = False) -> None:
        shape = QTextBlockFormat()
        px = look().px
        shape.setTopMargin(px(above))
        shape.setLeftMargin(px(indent))
        shape.setLineHeight(128, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
        if centered:
            shape.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            shape.setLeftMargin(0)
        else:
            shape.setRightMargin(self._beside())
        if self._first:
            self._first = False
            cursor.setBlockFormat(shape)
        else:
            cursor.insertBlock(shape)
        self._marks.append(mark)
        cursor.block().setUserState(len(self._marks) - 1)

    def _beside(self) -> int:
        """What is left free at the right: lines are no longer than eyes like."""
        px = look().px
        return max(px(PAD), self.viewport().width() - px(2 * PAD + INDENT + _WIDEST))

    def _style(self, ink: str, size: float, weight: int = 400, mono: bool = False) -> QTextCharFormat:
        style = QTextCharFormat()
        style.setFont(look().font(size, weight, mono))
        faint = {"text": "text2", "text2": "text3", "accent": "text3", "link": "text3"}
        style.setForeground(look().color(faint.get(ink, ink) if self._stale else ink))
        return style

    def _link(self, address: str, ink: str, size: float = 12, weight: int = 400) -> QTextCharFormat:
        style = self._style(ink, size, weight)
        style.setAnchor(True)
        style.setAnchorHref(address)
        style.setFontUnderline(False)
        return style

    def _fit(self) -> None:
        """Short pages stand at the foot, over the composer."""
        px = look().px
        frame = self.document().rootFrame()
        shape = frame.frameFormat()
        shape.setLeftMargin(px(PAD))
        shape.setRightMargin(px(PAD))
        shape.setBottomMargin(px(12))
        shape.setTopMargin(px(10))
        frame.setFrameFormat(shape)
        spare = self.viewport().height() - self.document().size().height()
        if spare > 1:
            shape.setTopMargin(px(10) + int(spare) - 1)
            frame.setFrameFormat(shape)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another size: other margins."""
        end = self.at_end
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._set_margins()
        self._fit()
        if end:
            self.to_end()
        self.resized.emit()

    def _set_margins(self) -> None:
        beside = self._beside()
        cursor = QTextCursor(self.document())
        cursor.beginEditBlock()
        block = self.document().firstBlock()
        while block.isValid():
            shape = block.blockFormat()
            if shape.alignment() != Qt.AlignmentFlag.AlignHCenter:
                shape.setRightMargin(beside)
                cursor.setPosition(block.position())
                cursor.setBlockFormat(shape)
            block = block.next()
        cursor.endEditBlock()

    # Links and menus

    def _activated(self, url: QUrl) -> None:
        address = url.toString()
        if address == EARLIER:
            self.earlier_wanted.emit()
        else:
            self.link_wanted.emit(address)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """A menu is asked for: of the link there, else of the note."""
        keyboard = event.reason() == QContextMenuEvent.Reason.Keyboard
        place = self.cursorRect().bottomLeft() if keyboard else event.pos()
        address = self.textCursor().charFormat().anchorHref() if keyboard else self.anchorAt(place)
        spot = self.viewport().mapToGlobal(place)
        if address and address != EARLIER:
            self.link_menu_wanted.emit(address, spot)
        else:
            self.note_menu_wanted.emit(self.note_at(self.cursorForPosition(place).block()), spot)

    def note_at(self, block: QTextBlock) -> int:
        """The note that a block belongs to; 0 for none."""
        mark = self._mark(block)
        return 0 if mark is None else mark.note

    def _mark(self, block: QTextBlock) -> Mark | None:
        state = block.userState()
        return self._marks[state] if 0 <= state < len(self._marks) else None

    def tip_at(self, place: QPoint) -> str:
        """When a note was written, exactly."""
        mark = self._mark(self.cursorForPosition(place).block())
        return "" if mark is None else tooltip(mark.tip)

    # Painting

    def _visible(self) -> Iterator[tuple[QTextBlock, QPointF]]:
        """Blocks in sight, and where their lines begin on the viewport."""
        offset = self.verticalScrollBar().value()
        block = self.cursorForPosition(QPoint(1, 1)).block().previous()
        if not block.isValid():
            block = self.document().firstBlock()
        layout = self.document().documentLayout()
        while block.isValid():
            layout.blockBoundingRect(block)
            corner = block.layout().position() - QPointF(0, offset)
            if corner.y() > self.viewport().height():
                return
            yield block, corner
            block = block.next()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it: what lies under the text first."""
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        blocks = list(self._visible())
        width = self.viewport().width()
        sheet = Sheet(painter, width, width - self._beside(), self._stale)
        for block, corner in blocks:
            mark = self._mark(block)
            if mark is not None:
                paint_mark(sheet, mark, block, corner)
            paint_pills(painter, block, corner)
        painter.end()
        super().paintEvent(event)
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for block, corner in blocks:
            for address, boxes in pills(block, corner):
                paint_pill_glyph(painter, self._glyph_of(address), boxes[0])
