"""The inspector's head: where the job stands, its name, its bar, and what is most asked about it."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from hqgui.models.formats import count
from hqgui.models.inspector import JobFacts
from hqgui.theme import look
from hqgui.views.parts.buttons import IconButton
from hqgui.views.parts.chips import LinkText, look_width
from hqgui.views.parts.fields import IconLabel
from hqgui.views.parts.labels import BarLabel, ElidedLabel, GlyphLabel, PlainLabel, show_stale

_STEPS = 3
"""Steps of the path that are shown, the nearest ones."""


class PathRow(QWidget):
    """Names of what is above, each a link; then id, copy and pin. It is the dock's handle too."""

    job_wanted = Signal(int)
    copy_wanted = Signal()
    pinned = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._links = [LinkText("", size=11) for _ in range(_STEPS)]
        self._arrows = [IconLabel("chevron-right", "text3", 9) for _ in range(_STEPS)]
        self._ids: list[int] = []
        self._top = PlainLabel("", "text3", 11)
        self._id = PlainLabel("", "text2", 11, mono=True)
        self.copy = IconButton("copy", self.tr("Copy id"), self.copy_wanted.emit, "text3", 12, 22)
        self.pin = IconButton("pin", self.tr("Keep showing this job"), None, "text3", 12, 22)
        self.pin.setCheckable(True)
        self.pin.toggled.connect(self._pin)
        self._row = QHBoxLayout(self)
        self._row.addWidget(self._top)
        for place, (link, arrow) in enumerate(zip(self._links, self._arrows, strict=True)):
            link.clicked.connect(lambda _=False, place=place: self.job_wanted.emit(self._ids[place]))
            self._row.addWidget(link)
            self._row.addWidget(arrow)
        self._row.addStretch(1)
        self._row.addWidget(self._id)
        buttons = QHBoxLayout()
        buttons.setSpacing(0)
        buttons.addWidget(self.copy)
        buttons.addWidget(self.pin)
        self._row.addLayout(buttons)
        look().tie(self, self._measure)

    def _measure(self) -> None:
        px = look().px
        self._row.setContentsMargins(px(13), px(9), px(10), 0)
        self._row.setSpacing(px(4))
        self.setFixedHeight(px(32))

    def sizeHint(self) -> QSize:
        """A dock asks its handle for its height before the handle is laid out."""
        return QSize(super().sizeHint().width(), look().px(32))

    def _pin(self, on: bool) -> None:
        self.pin.set_icon("pin", self.tr("Follow the selection") if on else self.tr("Keep showing this job"))
        self.pinned.emit(on)

    def show_facts(self, facts: JobFacts | None) -> None:
        """Show where a job stands."""
        path = facts.path[-_STEPS:] if facts is not None else ()
        self._ids = [job for job, _ in path]
        for place in range(_STEPS):
            there = place < len(path)
            self._links[place].set_text(path[place][1] if there else "–")
            self._links[place].setVisible(there)
            self._arrows[place].setVisible(there)
        self._top.setText(self.tr("Job tree") if facts is not None and not path else "")
        self._top.setVisible(bool(self._top.text()))
        self._id.setText("" if facts is None else f"#{facts.id}")
        for widget in (self._id, self.copy, self.pin):
            widget.setVisible(facts is not None)


class InspectorHead(QWidget):
    """Name, bar and figures."""

    failed_wanted = Signal()
    retry_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._glyph = GlyphLabel("", 16)
        self._name = ElidedLabel("", "text", 16, 600)
        self._kind = ElidedLabel("", "text3", 11)
        self._bar = BarLabel()
        self._percent = PlainLabel("", "text", weight=600)
        self._eta = _Pair(self.tr("ETA"))
        self._elapsed = _Pair(self.tr("Elapsed"))
        self._octagon = GlyphLabel("failed", 12)
        self._failed = PlainLabel("", "failed", weight=500)
        self._retry = LinkText(self.tr("Retry"), self.retry_wanted.emit)
        self._title = QHBoxLayout()
        self._figures = QHBoxLayout()
        self._title.addWidget(self._glyph)
        self._title.addWidget(self._name)
        self._title.addWidget(self._kind, 1)
        for figure in (self._percent, self._eta, self._elapsed):
            self._figures.addWidget(figure)
        self._figures.addStretch(1)
        failures = QHBoxLayout()
        failures.setSpacing(look().px(5))
        failures.addWidget(self._octagon)
        failures.addWidget(self._failed)
        self._figures.addLayout(failures)
        self._figures.addWidget(self._retry)
        self._shown: JobFacts | None = None
        self._column = QVBoxLayout(self)
        self._column.addLayout(self._title)
        self._column.addWidget(self._bar)
        self._column.addLayout(self._figures)
        look().tie(self, self._measure)

    def _measure(self) -> None:
        px = look().px
        self._column.setContentsMargins(px(13), px(2), px(15), px(11))
        self._column.setSpacing(px(5))
        self._title.setContentsMargins(0, 0, 0, px(3))
        self._title.setSpacing(px(7))
        self._figures.setSpacing(px(13))

    def set_stale(self, stale: bool) -> None:
        """Whether what is shown is older than it should be."""
        show_stale(self, stale)

    def show_facts(self, facts: JobFacts) -> None:
        """Show a job."""
        self._glyph.show_glyph(facts.status)
        self._name.setText(facts.name)
        self._kind.setText(facts.kind_text)
        self._bar.show_parts(facts.segments)
        self._percent.setText(facts.percent)
        self._shown = facts
        words = self.tr("{n} failed").replace("{n}", count(facts.failed)) if facts.failed else ""
        self._failed.setText(words)
        for widget in (self._octagon, self._failed, self._retry):
            widget.setVisible(bool(facts.failed))
        self._fit()

    def _fit(self) -> None:
        """Show the times that there is room for, the rest of them last."""
        if self._shown is None:
            return
        facts, gap = self._shown, self._figures.spacing()
        room = self.width() - look().px(28) - self._percent.sizeHint().width()
        if facts.failed:
            fixed = (self._octagon, self._failed, self._retry)
            room -= sum(widget.sizeHint().width() + gap for widget in fixed)
        for pair, text in ((self._eta, facts.eta), (self._elapsed, facts.elapsed)):
            room -= pair.width_for(text) + gap if text else 0
            pair.show_value(text if room >= 0 else "")

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another size."""
        super().resizeEvent(event)
        self._fit()

    def set_enabled(self, retry: str) -> None:
        """Why the failed ones cannot be tried again; empty when they can."""
        self._retry.setEnabled(not retry)


class _Pair(QWidget):
    """A dim word and its value."""

    def __init__(self, word: str) -> None:
        super().__init__()
        self._word = PlainLabel(word, "text3")
        self._value = PlainLabel()
        self._row = QHBoxLayout(self)
        self._row.addWidget(self._word)
        self._row.addWidget(self._value)
        look().tie(self, self._measure)

    def _measure(self) -> None:
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(look().px(4))

    def width_for(self, text: str) -> int:
        """The room that it needs with a value."""
        return self._word.sizeHint().width() + self._row.spacing() + look_width(text, 400)

    def show_value(self, text: str) -> None:
        self._value.setText(text)
        self.setVisible(bool(text))
