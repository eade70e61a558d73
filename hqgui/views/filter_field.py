"""The text filter: it offers how the text may go on, and says what is wrong with it, while it is typed.

A text that is not understood filters nothing: what was in force stays until it is. Words that were in force only
because they began what turned out to be wrong are let go: what was in force before them is again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from hqgui.models.roles import Cell, Tone
from hqgui.theme import look
from hqgui.views.parts.cell_table import Line, Lines, PlainColumn
from hqgui.views.parts.fields import SearchField
from hqgui.views.parts.labels import PlainLabel
from hqgui.words import capital

if TYPE_CHECKING:
    from hqserver.wire.filter_completion import Completion, Offer
    from hqserver.wire.filter_text import FilterError

FEWEST_LETTERS: Final = 2
"""Of a word before fields are offered for it unasked."""
MOST_SHOWN: Final = 9
ERROR_AFTER_MS: Final = 600
"""A text is not called wrong while it is still being typed."""
_COLUMNS: Final = (PlainColumn("text", 150), PlainColumn("help", 250, stretch=1))
_WIDTH: Final = 420

Offers = Callable[[str, int], "Completion"]
Check = Callable[[str], "FilterError | None"]


class OffersPopup(QFrame):
    """Lies under the field; the field keeps the keyboard."""

    chosen = Signal(object)
    """The `Offer` that was clicked."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._over = parent
        self._under: QWidget | None = None
        self.setObjectName("offers")
        self.offers: tuple[Offer, ...] = ()
        self._error = PlainLabel("", "failed", 11)
        self._error.setWordWrap(True)
        self.lines = Lines(self.tr("How the filter may go on"), _COLUMNS, 22)
        self.lines.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.lines.always_active = True
        self._hint = PlainLabel(self.tr("Tab takes the first, arrows choose"), "text3", 10)
        self._column = QVBoxLayout(self)
        for widget in (self._error, self.lines, self._hint):
            self._column.addWidget(widget)
        self.lines.clicked.connect(lambda index: self.chosen.emit(self.offers[index.row()]))
        look().tie(self, self._measure)
        self.hide()

    def _measure(self) -> None:
        px = look().px
        self._column.setContentsMargins(px(6), px(6), px(6), px(6))
        self._column.setSpacing(px(4))
        for label in (self._error, self._hint):
            label.setContentsMargins(px(6), px(1), px(6), px(1))
        if self._under is not None and self.isVisible():
            QTimer.singleShot(0, self, self._place)

    def show_what(self, offers: tuple[Offer, ...], error: str, under: QWidget) -> None:
        """Show offers and what is wrong; nothing of both closes it."""
        self.offers = offers[:MOST_SHOWN]
        if not self.offers and not error:
            self.hide()
            return
        self._error.setText(error)
        self._error.setVisible(bool(error))
        cells = [(Cell(one.text, weight=500), Cell(one.help, tone=Tone.SECONDARY)) for one in self.offers]
        self.lines.setColumnHidden(1, not any(one.help for one in self.offers))
        self.lines.show_lines([Line(place, pair) for place, pair in enumerate(cells)])
        self.lines.selectionModel().clear()
        self._hint.setVisible(bool(self.offers))
        self._under = under
        self._place()
        self.show()
        self.raise_()

    def _place(self) -> None:
        """Lie under the field, as large as what is shown."""
        if self._under is None:
            return
        width = min(look().px(_WIDTH), self._over.width() - look().px(8))
        self.setFixedWidth(width)
        self.setFixedHeight(self._height_for(width))
        place = self._under.mapTo(self._over, QPoint(0, self._under.height() + look().px(3)))
        self.move(min(place.x(), self._over.width() - width - look().px(4)), place.y())

    def _height_for(self, width: int) -> int:
        """Of what is shown now; a layout would tell what it was before."""
        margins = self._column.contentsMargins()
        room = width - margins.left() - margins.right()
        parts = [self._error.heightForWidth(room)] if self._error.isVisibleTo(self) else []
        if self.offers:
            parts += [self.lines.minimumHeight(), self._hint.sizeHint().height()]
        return margins.top() + margins.bottom() + sum(parts) + self._column.spacing() * (len(parts) - 1)

    @property
    def current(self) -> Offer | None:
        """The offer that was chosen with the arrows."""
        place = self.lines.current_id() if self.lines.selectionModel().hasSelection() else None
        return None if place is None or place >= len(self.offers) else self.offers[place]

    def step(self, by: int) -> None:
        """Choose the next or the one before."""
        if not self.offers:
            return
        chosen = self.current
        here = self.offers.index(chosen) if chosen is not None else (-1 if by > 0 else len(self.offers))
        self.lines.setCurrentIndex(self.lines.table.index((here + by) % len(self.offers), 0))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), look().color("raised"))
        painter.setPen(QPen(look().color("lineStrong"), 1))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))


class FilterField(SearchField):
    """The field."""

    understood = Signal(str)
    """The text is another one, and can be looked for."""

    def __init__(self, check: Check, offers: Offers, parent: QWidget | None = None) -> None:
        super().__init__(self.tr("Filter jobs"), self.tr("Filter by name, user, tag, id"), hint="/", parent=parent)
        self._check = check
        self._offers = offers
        self.error: FilterError | None = None
        """What is wrong with the text."""
        self._in_force = ""
        """What was told last: the text, or one from before it became wrong."""
        self._popup: OffersPopup | None = None
        self._calm = QTimer(self, singleShot=True, interval=ERROR_AFTER_MS)
        self._calm.timeout.connect(self.show_error)
        self.text_changed.connect(self._text_changed)
        self.edit.cursorPositionChanged.connect(lambda *_: self._offer())

    @property
    def popup(self) -> OffersPopup:
        """What lies under the field; made when it is first needed."""
        if self._popup is None:
            self._popup = OffersPopup(self.window())
            self._popup.chosen.connect(self.take)
        return self._popup

    def _text_changed(self, text: str) -> None:
        self.error = self._check(text)
        self._calm.stop()
        if self.error is None:
            self._mark(wrong=False)
            self._enforce(text)
        else:
            self._calm.start()

    def _enforce(self, text: str) -> None:
        self._in_force = text
        self.understood.emit(text)

    def show_error(self) -> None:
        """Say now what is wrong with the text."""
        self._mark(wrong=self.error is not None)
        if self.error is not None:
            self._let_go(self.text(), self.error.at)
        self._offer()

    def _let_go(self, text: str, at: int) -> None:
        """Filter no more by the beginning of what is wrong from a place on."""
        if len(self._in_force.rstrip()) > at and text.startswith(self._in_force.rstrip()):
            before = text[:at].rstrip()
            self._enforce(before if self._check(before) is None else "")

    def _mark(self, wrong: bool) -> None:
        self.wrong = wrong
        words = sentence(self.error) if wrong and self.error is not None else ""
        self.edit.setAccessibleDescription(words)
        self.update()

    def _offer(self) -> None:
        """Show how the text may go on, if someone types it."""
        if not self.edit.hasFocus():
            return
        error = sentence(self.error) if self.wrong and self.error is not None else ""
        found = self._offers_now(FEWEST_LETTERS)
        if found or error or self._popup is not None:
            self.popup.show_what(found, error, self)

    def _offers_now(self, fewest: int) -> tuple[Offer, ...]:
        """What may stand at the cursor; fields only for a word of so many letters, since most words are no fields."""
        text, cursor = self.edit.text(), self.edit.cursorPosition()
        if self.edit.selectionStart() >= 0:
            return ()
        found = self._offers(text, cursor)
        if not found.field and cursor - found.start < fewest:
            return ()
        written = text[:cursor].lower()
        return tuple(one for one in found.offers if not written.endswith(one.text.lower()))

    def take(self, offer: Offer) -> None:
        """Write an offer where it belongs."""
        cursor = self.edit.cursorPosition()
        text = self.edit.text()
        start = self._offers(text, cursor).start
        end = "" if offer.text.endswith((":", "=", "<", ">")) else " "
        self.edit.setText(f"{text[:start]}{offer.text}{end}{text[cursor:].lstrip() if end else text[cursor:]}")
        self.edit.setCursorPosition(start + len(offer.text) + len(end))

    def _key(self, event: QKeyEvent) -> bool:
        if self._popup is not None and self._popup.isVisible():
            if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
                self._popup.step(1 if event.key() == Qt.Key.Key_Down else -1)
                return True
            offer = self._popup.current
            if event.key() == Qt.Key.Key_Tab and not event.modifiers() and self._popup.offers:
                self.take(offer or self._popup.offers[0])
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and offer is not None:
                self.take(offer)
                return True
            if event.key() == Qt.Key.Key_Escape:
                self._popup.hide()
                return True
        elif event.key() == Qt.Key.Key_Down:
            self.popup.show_what(self._offers_now(0), "", self)
            return True
        return super()._key(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Watch the other widget: without the keyboard there is nothing to offer."""
        if event.type() == QEvent.Type.FocusOut and self._popup is not None:
            self._popup.hide()
        return super().eventFilter(watched, event)


def sentence(error: FilterError) -> str:
    """What is wrong, as a sentence."""
    words = str(error)
    return capital(words)
