"""What is painted beside and under the text of a thread's page: initials, states, lines, quotes, pills."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QTextBlock, QTextFragment

from hqgui.theme import look
from hqgui.views.parts.glyphs import paint_glyph

EARLIER: Final = "earlier:"
"""The address of the notes that are left out at the front."""
PAD: Final = 24
INDENT: Final = 38
_AVATAR: Final = 26
_AVATAR_INKS: Final = (
    "fRunning", "fPaused", "fSucceeded", "fRunnable", "fAbandoned", "link", "fFailed", "fCancelled",
)  # fmt: skip


class Mark(NamedTuple):
    """What is painted beside a block."""

    kind: str
    """`day`, `new`, `said`, `happened`, `quote`, or empty."""
    text: str = ""
    number: int = 0
    note: int = 0
    tip: str = ""


class Sheet(NamedTuple):
    """What is painted on: its width, how far quotes reach, and whether it is older than it should be."""

    painter: QPainter
    width: int
    right: int
    stale: bool


def paint_mark(sheet: Sheet, mark: Mark, block: QTextBlock, corner: QPointF) -> None:
    """Draw what belongs to a block whose lines begin at `corner`."""
    paint: dict[str, Callable[[], None]] = {
        "day": lambda: _rule(sheet, block, corner, "line"),
        "new": lambda: _rule(sheet, block, corner, "accent"),
        "said": lambda: _avatar(sheet, mark, corner),
        "happened": lambda: _event(sheet, mark, block, corner),
        "quote": lambda: _quote(sheet, block, corner),
    }
    if mark.kind in paint:
        paint[mark.kind]()


def _rule(sheet: Sheet, block: QTextBlock, corner: QPointF, ink: str) -> None:
    line = block.layout().lineAt(0)
    if not line.isValid():
        return
    text = line.naturalTextRect().translated(corner)
    y = round(text.center().y()) + 0.5
    gap, left, right = look().px(12), look().px(PAD), sheet.width - look().px(PAD)
    sheet.painter.setPen(QPen(look().color(ink), 1))
    sheet.painter.drawLine(QPointF(left, y), QPointF(text.left() - gap, y))
    sheet.painter.drawLine(QPointF(text.right() + gap, y), QPointF(right, y))


def _avatar(sheet: Sheet, mark: Mark, corner: QPointF) -> None:
    painter, size, ink = sheet.painter, look().px(_AVATAR), _AVATAR_INKS[mark.number]
    box = QRectF(look().px(PAD), corner.y() + look().px(1), size, size)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(look().mixed("base", ink, 0.2))
    painter.drawEllipse(box)
    painter.setPen(QColor(look().mixed("text2" if sheet.stale else "text", ink, 0.25)))
    painter.setFont(look().font(10, 600))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, mark.text)


def _event(sheet: Sheet, mark: Mark, block: QTextBlock, corner: QPointF) -> None:
    line = block.layout().lineAt(0)
    size = look().px(13)
    middle = corner.y() + (line.rect().center().y() if line.isValid() else size / 2)
    left = look().px(PAD) + (look().px(_AVATAR) - size) / 2
    paint_glyph(sheet.painter, mark.text, QRectF(left, middle - size / 2, size, size))


def _quote(sheet: Sheet, block: QTextBlock, corner: QPointF) -> None:
    left = look().px(PAD + INDENT)
    height = block.layout().boundingRect().height()
    ground = QRectF(left, corner.y(), sheet.right - left, height + 1)
    sheet.painter.fillRect(ground, look().color("field"))
    sheet.painter.fillRect(QRectF(left, corner.y(), look().px(2), height + 1), look().color("lineStrong"))


def pills(block: QTextBlock, corner: QPointF) -> Iterator[tuple[str, list[QRectF]]]:
    """Addresses of links in a block, and the boxes around them."""
    place = block.begin()
    while not place.atEnd():
        fragment = place.fragment()
        address = fragment.charFormat().anchorHref()
        if address and address != EARLIER:
            boxes = list(_boxes(block, fragment, corner))
            if boxes:
                yield address, boxes
        place += 1


def paint_pills(painter: QPainter, block: QTextBlock, corner: QPointF) -> None:
    """Draw what lies under the links of a block."""
    for _, boxes in pills(block, corner):
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look().mixed("base", "sel", 0.75))
        for box in boxes:
            painter.drawRoundedRect(box.adjusted(0.5, 0, -0.5, 0), look().px(3), look().px(3))


def paint_pill_glyph(painter: QPainter, name: str, box: QRectF) -> None:
    """Draw a link's glyph at the front of its first box; an empty name draws none."""
    size = look().px(11)
    if name:
        paint_glyph(painter, name, QRectF(box.x() + look().px(6), box.center().y() - size / 2, size, size))


def _boxes(block: QTextBlock, fragment: QTextFragment, corner: QPointF) -> Iterator[QRectF]:
    layout = block.layout()
    first = fragment.position() - block.position()
    last = first + fragment.length()
    for number in range(layout.lineCount()):
        line = layout.lineAt(number)
        start, end = max(first, line.textStart()), min(last, line.textStart() + line.textLength())
        if start >= end:
            continue
        left, right = _x(line, start), _x(line, end)
        rect = line.rect()
        high = line.ascent() + line.descent() + look().px(4)
        top = rect.y() + line.ascent() + line.descent() - high + look().px(2)
        yield QRectF(left, top, right - left, high).translated(corner)


def _x(line: Any, place: int) -> float:
    """`cursorToX` answers the place too in some versions."""
    found = line.cursorToX(place)
    return float(found[0] if isinstance(found, tuple) else found)
