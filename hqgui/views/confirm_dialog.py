"""Asks before work is lost: what would happen, to whose jobs, in numbers. The safe button has the keyboard."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QFrame, QGridLayout, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from hqgui.actions.consequences import Consequence
from hqgui.models.formats import count
from hqgui.theme import look
from hqgui.views.parts.buttons import Button
from hqgui.views.parts.fields import IconLabel
from hqgui.views.parts.focus_ring import FocusRing
from hqgui.views.parts.heights import fit_height
from hqgui.views.parts.labels import BarLabel, ElidedLabel, GlyphLabel, PlainLabel
from hqgui.views.parts.leaving import leave_by_keys
from hqgui.views.parts.menu import plain

_MOST_TREES = 6


class ConfirmDialog(QDialog):
    """Open it with `open()`; `accepted` means yes."""

    def __init__(self, consequence: Consequence, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Wrangler"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._consequence = consequence
        self.no = Button(plain(consequence.no), clicked=self.reject)
        self.yes = Button(plain(consequence.yes), "danger", clicked=self.accept)
        self._typed = QLineEdit()
        self._body = QVBoxLayout()
        self._fill()
        self._lay_out()
        self.ring = FocusRing(self)
        leave_by_keys(self)

    def _fill(self) -> None:
        asked = self._consequence
        title = ElidedLabel(asked.title, "text", 17, 600)
        self._body.addWidget(title)
        if asked.subtitle:
            self._body.addWidget(ElidedLabel(asked.subtitle, "text3"))
        if asked.segments:
            bar = BarLabel(10)
            bar.show_parts(asked.segments)
            self._body.addSpacing(look().px(6))
            self._body.addWidget(bar)
            self._body.addSpacing(look().px(2))
        self._body.addLayout(self._lines())
        if asked.trees:
            self._body.addSpacing(look().px(6))
            self._body.addWidget(self._trees())
        if asked.type_count:
            self._body.addLayout(self._type_count())
        if asked.foot:
            self._body.addSpacing(look().px(4))
            self._body.addWidget(PlainLabel(asked.foot, "text3"))

    def _lines(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(look().px(8))
        grid.setVerticalSpacing(look().px(8))
        grid.setColumnMinimumWidth(1, look().px(36))
        grid.setColumnStretch(2, 1)
        for row, (status, number, words) in enumerate(self._consequence.lines):
            figure = PlainLabel(count(number), "text", weight=600)
            figure.setAlignment(Qt.AlignmentFlag.AlignRight)
            sentence = PlainLabel(words)
            sentence.setWordWrap(True)
            grid.addWidget(GlyphLabel(status, 13), row, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(figure, row, 1, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(sentence, row, 2)
        return grid

    def _trees(self) -> QFrame:
        box = QFrame()
        box.setProperty("role", "box")
        column = QVBoxLayout(box)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(0)
        trees = self._consequence.trees
        for place, (name, user, number, mine) in enumerate(trees[:_MOST_TREES]):
            if place:
                column.addWidget(_rule())
            column.addWidget(_TreeLine(name, self.tr("you") if mine else user, count(number), mine))
        if len(trees) > _MOST_TREES:
            column.addWidget(_rule())
            rest = sum(number for _, _, number, _ in trees[_MOST_TREES:])
            words = self.tr("{n} more trees").replace("{n}", count(len(trees) - _MOST_TREES))
            column.addWidget(_TreeLine(words, "", count(rest), mine=False, ink="text3"))
        return box

    def _type_count(self) -> QHBoxLayout:
        row = QHBoxLayout()
        wanted = str(self._consequence.linked)
        words = self.tr("Type {n} to go on").replace("{n}", wanted)
        self._typed.setAccessibleName(words)
        self._typed.setFixedWidth(look().px(90))
        self._typed.setFont(look().font())
        self._typed.textChanged.connect(lambda text: self.yes.setEnabled(text.strip().replace(",", "") == wanted))
        self.yes.setEnabled(False)
        row.addWidget(PlainLabel(words, "text2"))
        row.addWidget(self._typed)
        row.addStretch(1)
        return row

    def _lay_out(self) -> None:
        px = look().px
        self.setFixedWidth(px(500))
        top = QHBoxLayout()
        top.setContentsMargins(px(24), px(20), px(24), px(18))
        top.setSpacing(px(16))
        mark = IconLabel("triangle-alert", "failed", 24)
        top.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
        top.addLayout(self._body, 1)
        self._body.setSpacing(px(8))
        foot = QFrame()
        foot.setProperty("role", "foot")
        buttons = QHBoxLayout(foot)
        buttons.setContentsMargins(px(24), px(14), px(24), px(14))
        buttons.setSpacing(px(8))
        words = self.tr("Esc: {no}").replace("{no}", self._consequence.no.lower())
        buttons.addWidget(PlainLabel(words, "text3", 11))
        buttons.addStretch(1)
        for button in (self.no, self.yes):
            button.setMinimumHeight(px(28))
            buttons.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(top)
        column.addWidget(foot)

    def showEvent(self, event: QShowEvent) -> None:
        """It is shown: the safe button gets the keyboard."""
        super().showEvent(event)
        fit_height(self)
        self.no.setDefault(True)
        self.no.setFocus(Qt.FocusReason.OtherFocusReason)


class _TreeLine(QWidget):
    """A tree, whose it is, and how many jobs of it."""

    def __init__(self, name: str, user: str, number: str, mine: bool, ink: str = "text") -> None:
        super().__init__()
        self.setFixedHeight(look().px(27))
        row = QHBoxLayout(self)
        row.setContentsMargins(look().px(10), 0, look().px(10), 0)
        row.setSpacing(look().px(6))
        row.addWidget(ElidedLabel(name, ink, weight=500 if ink == "text" else 400), 1)
        if mine:
            row.addWidget(IconLabel("user", "text2", 12))
        row.addWidget(ElidedLabel(user, "text" if mine else "text3"))
        figure = PlainLabel(number)
        figure.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        figure.setMinimumWidth(look().px(38))
        row.addWidget(figure)


def _rule() -> QFrame:
    rule = QFrame()
    rule.setProperty("role", "rule")
    rule.setFixedHeight(1)
    return rule
