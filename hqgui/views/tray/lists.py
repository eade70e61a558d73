"""The two lists of the tray's popup, which scroll together: my jobs, and what happened."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from hqgui.models.formats import count
from hqgui.models.tray.facts import TrayFacts
from hqgui.theme import look
from hqgui.views.parts.chips import LinkText
from hqgui.views.parts.labels import PlainLabel
from hqgui.views.tray.job_row import JobRow
from hqgui.views.tray.lines import PAD, NewsRow

_NEWS_SHOWN: Final = 5


def rule() -> QFrame:
    """A line between two parts."""
    line = QFrame()
    line.setProperty("role", "rule")
    line.setFixedHeight(1)
    return line


class ListsPart(QScrollArea):
    """The lists. Rows are made when they are first needed, and kept."""

    action_wanted = Signal(str, int)
    """pause, resume, retry or output of a job."""
    job_wanted = Signal(int)
    """Open Wrangler there; 0: just open it."""
    note_wanted = Signal(int, str)
    read_wanted = Signal(object)
    """A key, or None for all."""
    reshaped = Signal()
    """It would like another height."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.jobs: list[JobRow] = []
        self.news: list[NewsRow] = []
        self._count = PlainLabel("", "text2", 11)
        self.all = LinkText(self.tr("All in Wrangler"), lambda: self.job_wanted.emit(0), 11)
        self._nothing = PlainLabel("", "text2", 11)
        self._nothing.setWordWrap(True)
        self.mark = LinkText(self.tr("Mark read"), lambda: self.read_wanted.emit(None), 11)
        self._no_news = PlainLabel(self.tr("Nothing has happened yet."), "text2", 11)
        self._lay_out()
        look().tie(self, self._measure)

    def _lay_out(self) -> None:
        self._jobs_list, self._news_list = QVBoxLayout(), QVBoxLayout()
        self._jobs_head = self._heading(self.tr("My jobs"), self._count, self.all)
        self._news_head = self._heading(self.tr("Notifications"), None, self.mark)
        inner = QWidget()
        self._inner = QVBoxLayout(inner)
        for part in (self._jobs_head, self._nothing, self._jobs_list, rule(), self._news_head, self._no_news):
            if isinstance(part, QWidget):
                self._inner.addWidget(part)
            else:
                self._inner.addLayout(part)
        self._inner.addLayout(self._news_list)
        self._inner.addStretch(1)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(inner)
        self.viewport().setAutoFillBackground(False)
        inner.setAutoFillBackground(False)

    def _heading(self, title: str, detail: QWidget | None, link: QWidget) -> QHBoxLayout:
        row = QHBoxLayout()
        row.addWidget(PlainLabel(title, "text2", 11, 600))
        if detail is not None:
            row.addWidget(detail)
        row.addStretch(1)
        row.addWidget(link)
        return row

    def _measure(self) -> None:
        px = look().px
        for heading in (self._jobs_head, self._news_head):
            heading.setContentsMargins(px(PAD), px(8), px(PAD), px(4))
            heading.setSpacing(px(7))
        for words in (self._nothing, self._no_news):
            words.setContentsMargins(px(PAD), px(2), px(PAD), px(10))
        for listed in (self._inner, self._jobs_list, self._news_list):
            listed.setContentsMargins(0, 0, 0, 0)
            listed.setSpacing(0)
        self._news_list.setContentsMargins(0, 0, 0, px(6))

    def wanted_height(self) -> int:
        """As high as it is without scrolling."""
        self._inner.activate()
        return self._inner.totalMinimumSize().height()

    def show_facts(self, facts: TrayFacts) -> None:
        """Show how things stand."""
        self._show_jobs(facts)
        self._show_news(facts)

    def _show_jobs(self, facts: TrayFacts) -> None:
        stale, acts = not facts.connection.shown_online, facts.connection.online
        while len(self.jobs) < len(facts.jobs):
            row = JobRow()
            row.action_wanted.connect(self.action_wanted)
            row.note_wanted.connect(self.note_wanted)
            row.pressed.connect(lambda row=row: self.job_wanted.emit(row.job))
            row.reshaped.connect(self.reshaped)
            self._jobs_list.addWidget(row)
            self.setTabOrder(self.jobs[-1].last_stop if self.jobs else self.all, row)
            self.jobs.append(row)
        for place, row in enumerate(self.jobs):
            row.setVisible(place < len(facts.jobs))
            if place < len(facts.jobs):
                row.show_line(facts.jobs[place], acts, stale)
        self._count.setText(count(facts.job_count) if facts.job_count else "")
        self._nothing.setVisible(not facts.jobs)
        self._nothing.setText(self._nothing_words(facts))

    def _nothing_words(self, facts: TrayFacts) -> str:
        if not facts.farm:
            return self.tr("Choose a farm first: its name is at the top.")
        if not facts.user:
            return self.tr("Say who you are, and your jobs appear here.")
        connection = facts.connection
        begins = connection.dot == "waiting" and not connection.trouble
        if begins or not connection.shown_online:
            return self.tr("Your jobs appear here when the server answers.")
        words = self.tr("Nothing of yours is queued. What you submit as {user} appears here.")
        return words.replace("{user}", facts.user)

    def _show_news(self, facts: TrayFacts) -> None:
        lines = facts.news[:_NEWS_SHOWN]
        while len(self.news) < len(lines):
            row = NewsRow()
            row.pressed.connect(lambda row=row: self._news_pressed(row))
            self._news_list.addWidget(row)
            self.setTabOrder(self.news[-1] if self.news else self.mark, row)
            self.news.append(row)
        for place, row in enumerate(self.news):
            row.setVisible(place < len(lines))
            if place < len(lines):
                row.show_line(lines[place])
        self._no_news.setVisible(not lines)
        self.mark.setVisible(bool(facts.unread))

    def _news_pressed(self, row: NewsRow) -> None:
        self.read_wanted.emit(row.key)
        if row.job:
            self.job_wanted.emit(row.job)

    @property
    def is_used(self) -> bool:
        """Whether somebody points at a job or types: nothing moves under them then."""
        return any(row.isVisible() and (row.lit or row.is_writing) for row in self.jobs)
