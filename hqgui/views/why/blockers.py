"""What blocks the whole job: a resource with its bar and holders, clients that are needed at the same time."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from hqgui.models.formats import count, duration, one_line, tooltip
from hqgui.models.why import words
from hqgui.models.why.answer import Fix, ReasonLine, Running, Why
from hqgui.theme import look
from hqgui.views.parts.buttons import Button
from hqgui.views.parts.labels import BarLabel, ElidedLabel, GlyphLabel, PlainLabel
from hqgui.views.parts.menu import Menu
from hqgui.views.parts.section import clear
from hqgui.words import counted, translate

_NARROW, _LITTLE = 640, 480
_BAR, _SHORT_BAR = 100, 20
"""The bar gives way to the words beside it."""
_LEFT, _GAP = 25, 8
"""Before the glyph, which stands under those of the table below, and between the parts of a line."""
_UNLIMITED = (1 << 24) - 1


class Blockers(QFrame):
    """A line for each reason of the job itself."""

    fix_wanted = Signal(object)
    job_wanted = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "box")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(1, 1, 1, 1)
        self._column.setSpacing(0)
        self.columns = (0, 0)
        """Where the columns of the table below begin that its lines stand under; 0: where there is room."""

    def align(self, share: int, clears: int) -> None:
        """Stand under the columns of the table below."""
        if (share, clears) != self.columns:
            self.columns = share, clears
            for line in self.findChildren(_Line):
                line.arrange()

    def show_why(self, why: Why, now: float) -> None:
        """Show the reasons of an answer."""
        clear(self._column)
        lines = [reason for reason in why.reasons if reason.of_job] if why.waits else []
        for place, reason in enumerate(lines):
            if place:
                rule = QFrame()
                rule.setProperty("role", "rule")
                rule.setFixedHeight(1)
                self._column.addWidget(rule)
            self._column.addWidget(_Line(reason, why, now, self))
        self.setVisible(bool(lines))


class _Line(QWidget):
    def __init__(self, reason: ReasonLine, why: Why, now: float, owner: Blockers) -> None:
        super().__init__()
        self._owner = owner
        self.setAccessibleName(words.sentence(reason.text))
        row = self._row = QHBoxLayout(self)
        row.addWidget(GlyphLabel(words.GLYPHS.get(reason.code, "event"), 13))
        self._title = ElidedLabel(words.job_title(reason, why.needs), weight=500)
        row.addWidget(self._title, 1)
        share, amount, detail = _figures(reason, why, now)
        bar = BarLabel(8, _BAR)
        bar.show_parts(share)
        self._bar, self._has_bar = bar, bool(share)
        row.addWidget(bar)
        self._amount = ElidedLabel(amount, "text2")
        self._detail = ElidedLabel(detail or words.clears(reason, now), "text2")
        self._right = QWidget()
        right = self._inner = QHBoxLayout(self._right)
        right.addStretch(1)
        for button in self._buttons(reason):
            right.addWidget(button)
        row.addWidget(self._amount)
        row.addWidget(self._detail, 1)
        row.addWidget(self._right)
        look().tie(self, self._measure)

    def _measure(self) -> None:
        px = look().px
        self.setFixedHeight(px(32))
        self._row.setContentsMargins(px(_LEFT), 0, px(8), 0)
        self._row.setSpacing(px(_GAP))
        self._inner.setContentsMargins(0, 0, 0, 0)
        self._inner.setSpacing(px(6))
        self.arrange()

    def arrange(self) -> None:
        """Stand under the columns of the table below; where there is little room, the words stay and the bar goes."""
        px, narrow = look().px, self.width() < look().px(_NARROW)
        share, clears = self._owner.columns
        self._bar.setVisible(self._has_bar and not narrow)
        self._detail.setVisible(self.width() >= px(_LITTLE))
        right = self._right.sizeHint().width()
        if narrow or not 0 < share < clears:
            self._title.setMinimumWidth(0)
            self._title.setMaximumWidth(_UNLIMITED)
            self._amount.setFixedWidth(px(78))
            self._detail.setFixedWidth(px(110 if narrow else 160))
            self._right.setFixedWidth(right)
            return
        used = px(_LEFT + 13 + _GAP)
        self._title.setFixedWidth(max(share + px(8) - used - px(_GAP), px(60)))
        room, words_ = clears - share - px(_GAP), self._amount.sizeHint().width()
        bar = min(px(_BAR), room - px(_GAP) - words_) if self._has_bar else 0
        bar = bar if bar >= px(_SHORT_BAR) else 0
        self._bar.setVisible(bool(bar))
        self._bar.setFixedWidth(bar)
        self._amount.setFixedWidth(max(room - (bar + px(_GAP) if bar else 0), px(40)))
        self._detail.setMinimumWidth(0)
        self._detail.setMaximumWidth(_UNLIMITED)
        self._right.setFixedWidth(right)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width."""
        super().resizeEvent(event)
        self.arrange()

    def _buttons(self, reason: ReasonLine) -> list[QWidget]:
        made: list[QWidget] = []
        resource = reason.resource
        if resource is not None and resource.holders:
            text = counted(
                resource.holder_count, translate("Why", "Show {n} holder"), translate("Why", "Show {n} holders")
            )
            button = Button(text, "small")
            button.clicked.connect(lambda: self._show_holders(button, resource.holders))
            made.append(button)
        made += [self._button(fix) for fix in reason.fixes[:2]]
        if not made:
            made.append(PlainLabel(translate("Why", words.NOTHING), "text3"))
        return made

    def _button(self, fix: Fix) -> Button:
        button = Button(words.button(fix), "small", clicked=lambda: self._owner.fix_wanted.emit(fix))
        button.setToolTip(tooltip(words.tip(fix)))
        return button

    def _show_holders(self, button: Button, holders: tuple[Running, ...]) -> None:
        menu = Menu(translate("Why", "Holders"), button)
        for job in holders:
            text = f"{one_line(job.name, 80)}  #{job.id}".replace("&", "&&")
            menu.addAction(text).triggered.connect(_emitter(self._owner.job_wanted.emit, job.id))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(button.mapToGlobal(button.rect().bottomLeft()))


def _emitter(emit: Callable[[int], None], job: int) -> Callable[[], None]:
    return lambda: emit(job)


def _figures(reason: ReasonLine, why: Why, now: float) -> tuple[tuple[tuple[str, float], ...], str, str]:
    """Parts of the bar, the amount beside it, and what is to be said; nothing for a reason without figures."""
    if reason.resource is not None and reason.resource.amount:
        share = min(1.0, reason.resource.in_use / reason.resource.amount)
        of = translate("Why", "{n} of {m}").replace("{n}", count(reason.resource.in_use))
        return (("full", share),), of.replace("{m}", count(reason.resource.amount)), ""
    if reason.code == "gathering":
        held = len(reason.held)
        of = translate("Why", "{n} of {m} held").replace("{n}", count(held)).replace("{m}", count(why.needs.min_hosts))
        names = [_held(item.label, item.since, now) for item in reason.held[:2]]
        return (("client-onhold", held / why.needs.min_hosts),), of, ", ".join(names)
    return (), "", ""


def _held(label: str, since: int | None, now: float) -> str:
    age = duration(max(0.0, now - since)) if since else ""
    words_ = translate("Why", "{client} held {time}") if age else translate("Why", "{client} held")
    return words_.replace("{client}", one_line(label, 60)).replace("{time}", age)
