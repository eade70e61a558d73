"""What lies over the tree while it has nothing to show, and why it has nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QFrame, QSizePolicy, QVBoxLayout, QWidget

from hqgui.theme import look
from hqgui.views.parts.buttons import Button, IconButton
from hqgui.views.parts.labels import PlainLabel
from hqgui.views.parts.message import Message

_MAP: Final = (8, 2)
_LIT: Final = 5


class DashedMap(QWidget):
    """A frame map that waits for its first frame."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        look().tie(self, self._measure)

    def _measure(self) -> None:
        columns, rows = _MAP
        self.setFixedSize(look().px(columns * 18 - 4), look().px(rows * 18 - 4))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        size, step = look().px(13), look().px(18)
        for place in range(_MAP[0] * _MAP[1]):
            box = QRectF(place % _MAP[0] * step + 0.5, place // _MAP[0] * step + 0.5, size, size)
            if place == _LIT:
                painter.setPen(QPen(look().color("accent"), 1))
                painter.setBrush(look().color("sel"))
            else:
                pen = QPen(look().color("lineStrong"), 1)
                pen.setDashPattern([3, 2])
                painter.setPen(pen)
                painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box, 2, 2)


class Code(QFrame):
    """Lines of code with a button that copies them."""

    copy_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "code")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._lines: Sequence[Sequence[tuple[str, str]]] = ()
        self._copy = IconButton("copy", self.tr("Copy"), self._ask, ink="text", size=14, side=24, parent=self)
        look().tie(self, self._measure)

    def _measure(self) -> None:
        self.setFixedHeight(look().px(20 + 18 * len(self._lines)))

    def text(self) -> str:
        """The code."""
        return "\n".join("".join(text for text, _ in line) for line in self._lines)

    def show_lines(self, lines: Sequence[Sequence[tuple[str, str]]]) -> None:
        """Show lines of (text, ink)."""
        self._lines = lines
        self.setAccessibleName(self.text())
        self._measure()
        self.update()

    def _ask(self) -> None:
        self.copy_wanted.emit(self.text())

    def sizeHint(self) -> QSize:
        """The room that it would like."""
        return QSize(look().px(440), self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        super().paintEvent(event)
        px = look().px
        self._copy.move(self.width() - self._copy.width() - px(8), px(8))
        painter = QPainter(self)
        painter.setFont(look().font(11, mono=True))
        metrics = painter.fontMetrics()
        for row, line in enumerate(self._lines):
            x = float(px(13))
            y = px(10) + px(18) * row + (px(18) + metrics.ascent() - metrics.descent()) / 2
            for text, ink in line:
                painter.setPen(look().color(ink))
                painter.drawText(QPointF(x, y), text)
                x += metrics.horizontalAdvance(text)


def first_job_code(url: str) -> Sequence[Sequence[tuple[str, str]]]:
    """A first job as a script for any machine with Python, valid against the API."""
    return (
        (("import", "link"), (" xmlrpc.client ", "text"), ("as", "link"), (" x", "text")),
        (("x.ServerProxy(", "text"), (f'"{url}"', "succeeded"), (").newjob(", "text")),
        (
            ("  {", "text"),
            ('"name"', "succeeded"),
            (": ", "text"),
            ('"hello"', "succeeded"),
            (", ", "text"),
            ('"command"', "succeeded"),
            (": ", "text"),
            ('"hostname"', "succeeded"),
            ("})", "text"),
        ),
    )


class EmptyFarm(QWidget):
    """No job yet: how to make the first."""

    copy_wanted = Signal(str)
    submit_wanted = Signal()

    def __init__(self, url: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = PlainLabel("", "text3")
        self._code = Code()
        self._code.show_lines(first_job_code(url))
        self._code.copy_wanted.connect(self.copy_wanted)
        self._map = DashedMap()
        column = QVBoxLayout(self)
        column.addStretch(3)
        center = Qt.AlignmentFlag.AlignHCenter
        column.addWidget(self._map, 0, center)
        column.addSpacing(look().px(16))
        column.addWidget(PlainLabel(self.tr("No jobs on this farm yet"), "text", 16, 600), 0, center)
        column.addWidget(self._words, 0, center)
        column.addSpacing(look().px(12))
        self.submit = Button(self.tr("Submit the first job"), "primary", "plus", self.submit_wanted.emit)
        column.addWidget(self.submit, 0, center)
        column.addSpacing(look().px(10))
        self._how = PlainLabel(self.tr("or run this on any machine"), "text3")
        column.addWidget(self._how, 0, center)
        column.addSpacing(look().px(6))
        column.addWidget(self._code, 0, center)
        column.addStretch(4)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another size: where it is low, the drawing goes first, then the code."""
        super().resizeEvent(event)
        self._map.setVisible(self.height() >= look().px(320))
        self._code.setVisible(self.height() >= look().px(250))
        self._how.setVisible(self._code.isVisibleTo(self))

    def show_free(self, free: int) -> None:
        """How many clients wait for work."""
        if free == 0:
            self._words.setText(self.tr("No client is free; the first job waits for one."))
        elif free == 1:
            self._words.setText(self.tr("One client is free, so the first job starts at once."))
        else:
            words = self.tr("{n} clients are free, so the first job starts at once.")
            self._words.setText(words.replace("{n}", f"{free:,}"))


class Emptiness(QWidget):
    """Lies over a table's rows, below its heading, and shows one of the reasons or nothing."""

    clear_wanted = Signal()
    copy_wanted = Signal(str)

    def __init__(self, over: QWidget, url: str) -> None:
        super().__init__(over)
        self.setObjectName("emptiness")
        self._over = over
        self.farm = EmptyFarm(url, self)
        self.message = Message(self)
        self.message.pressed.connect(self.clear_wanted)
        self.farm.copy_wanted.connect(self.copy_wanted)
        over.installEventFilter(self)
        self.show_nothing()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Watch the other widget."""
        if event.type() == QEvent.Type.Resize:
            self._place()
        return False

    def _place(self) -> None:
        self.setGeometry(self._over.rect())
        for page in (self.farm, self.message):
            page.setGeometry(self.rect())

    def show_nothing(self) -> None:
        """There are rows."""
        self.hide()

    def show_empty_farm(self, free: int) -> None:
        """There is no job at all."""
        self.farm.show_free(free)
        self._show(self.farm)

    def show_words(self, title: str, words: str, button: str = "") -> None:
        """Another reason."""
        self.message.show_words(title, words, button)
        self._show(self.message)

    def _show(self, page: QWidget) -> None:
        self._place()
        self.farm.setVisible(page is self.farm)
        self.message.setVisible(page is self.message)
        self.show()
        self.raise_()
