"""The inspector's tab Why waiting: the verdict with its best fix and the reasons in a few lines."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from hqgui.models.formats import count, one_line
from hqgui.models.roles import EMPTY, Cell, Tone
from hqgui.models.why import words
from hqgui.models.why.answer import Fix, Why
from hqgui.models.why.below import Below
from hqgui.theme import look
from hqgui.views.parts.buttons import Button
from hqgui.views.parts.cell_table import Line, Lines, PlainColumn
from hqgui.views.parts.leading import lead
from hqgui.views.parts.message import Message
from hqgui.views.parts.overlay_bar import OverlayBar
from hqgui.views.why.verdict import Verdict, verdict_of

_COLUMNS = (PlainColumn("reason", 200, stretch=1), PlainColumn("clients", 56, right=True))


class WhyPage(QWidget):
    """Follows the job that the inspector shows."""

    fix_wanted = Signal(object)
    window_wanted = Signal()
    why_wanted = Signal(int)
    """Why another job waits."""
    clients_wanted = Signal()
    """The permitted clients should be edited."""

    def __init__(self, clock: Callable[[int], str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._clock = clock
        self.why: Why | None = None
        self._below: Below | None = None
        self.verdict = Verdict(narrow=True)
        self.lines = Lines(self.tr("Reasons"), _COLUMNS, 24)
        self.more = Button(self.tr("Open Why waiting"), clicked=self.window_wanted.emit)
        self._nothing = Message()
        self._something = QWidget()
        self._column = QVBoxLayout(self._something)
        self._column.addWidget(self.verdict)
        self._column.addWidget(self.lines)
        self._column.addWidget(self.more)
        self._column.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._bar = OverlayBar(self._scroll)
        self._something.setProperty("role", "panel")
        self._something.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._scroll.setWidget(self._something)
        column.addWidget(self._scroll)
        column.addWidget(self._nothing)
        lead(self, self.lines)
        self.verdict.pressed.connect(self._press)
        self.lines.activated.connect(lambda _: self.window_wanted.emit())
        self.lines.doubleClicked.connect(lambda _: self.window_wanted.emit())
        look().tie(self, self._measure)
        self.show_nothing(self.tr("Checking…"))

    def _measure(self) -> None:
        px = look().px
        self._column.setContentsMargins(px(12), px(12), px(12), px(12))
        self._column.setSpacing(px(10))

    def show_nothing(self, text: str) -> None:
        """There is nothing to tell, and why."""
        self.why = None
        self._scroll.hide()
        self._nothing.show_words("", text)
        self._nothing.show()

    def show_why(self, why: Why, now: float, groups: Callable[[int], str], below: Below | None = None) -> None:
        """An answer, and what waits below the job."""
        self.why, self._below = why, below
        self.verdict.show_verdict(*verdict_of(why, below, now, groups, self._clock))
        self.lines.show_lines(_lines(why, now))
        self._nothing.hide()
        self._scroll.show()

    def _press(self) -> None:
        if self.why is None:
            return
        if self.why.best_fix is not None:
            fix: Fix = self.why.best_fix[1]
            self.fix_wanted.emit(fix)
        elif self._below is not None:
            self.why_wanted.emit(self._below.first)
        elif words.needs_clients(self.why):
            self.clients_wanted.emit()


def _lines(why: Why, now: float) -> list[Line]:
    if not why.waits:
        return []
    listed = sorted((item for item in why.reasons if item.count), key=lambda item: -item.count)
    return [
        Line(
            place,
            (
                Cell(words.title(item), glyph=words.GLYPHS.get(item.code, "event")),
                Cell(count(item.count), tone=Tone.SECONDARY) if item.count else EMPTY,
            ),
            f"{one_line(item.text)}\n{words.clears(item, now)}",
        )
        for place, item in enumerate(listed)
    ]
