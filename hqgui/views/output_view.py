"""The inspector's Output: search, follow, counts of errors and warnings, the log, and what can be done with it."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from hqgui.models.formats import bytes_text, count, percent
from hqgui.models.output import Edit, LineKind, OutputBuffer
from hqgui.theme import look
from hqgui.views.attempts_button import AttemptsButton
from hqgui.views.log_search import LogSearch
from hqgui.views.log_text import LogText
from hqgui.views.parts.buttons import Button, IconButton
from hqgui.views.parts.chips import Chip, LinkText
from hqgui.views.parts.labels import ElidedLabel, GlyphLabel
from hqgui.views.parts.message import Message
from hqgui.words import counted

_SEARCH_AFTER_MS = 120
_WIDE = 350


class TailState(NamedTuple):
    """What is shown beside the lines."""

    size: int = 0
    """Bytes in all."""
    shown_from: int = 0
    """Bytes that were left out at the front."""
    live: bool = False
    attempt: int = 0
    words: str = ""
    """Trouble."""
    is_part: bool = False
    """A part in the middle is shown."""
    searchable: bool = False
    """What is not loaded can be searched."""


class OutputView(QWidget):
    """The output of one job."""

    load_all_wanted = Signal()
    save_wanted = Signal()
    open_wanted = Signal()
    left = Signal()
    """Escape in the search: the table should have the keyboard again."""
    end_wanted = Signal()
    """The end of the log should be shown again."""
    more_wanted = Signal()
    """The part that is shown should go on."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._buffer = OutputBuffer()
        self._marks = (0, 0)
        """Errors and warnings."""
        self._state = TailState()
        self.log = LogText()
        self.finder = LogSearch(self.log)
        self.search = self.finder.field
        self.follow = Button(self.tr("Follow"), "toggle", "arrow-down-to-line")
        self.follow.setCheckable(True)
        self.follow.setChecked(True)
        self.wrap = IconButton("wrap-text", self.tr("Wrap long lines"))
        self.wrap.setCheckable(True)
        self.wrap.setChecked(True)
        self.errors = Chip("", "failed", small=True)
        self.warnings = Chip("", "warning", small=True)
        self._size = ElidedLabel("", "text3", 11)
        self._all = LinkText(self.tr("Load all"), self._link_pressed, 11)
        self._all.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.empty = Message()
        self._stack = QStackedWidget()
        self._stack.addWidget(self.log)
        self._stack.addWidget(self.empty)
        self._unseen = Button("", "primary", "arrow-down-to-line", lambda: self.follow.setChecked(True), self.log)
        self._unseen.hide()
        self.log.installEventFilter(self)
        self._dot = GlyphLabel("live", 10)
        self._live = ElidedLabel("", "text2", 11)
        self.attempts = AttemptsButton()
        self._open = Button(self.tr("Open in editor"), "small", "external-link", self.open_wanted.emit)
        self._save = Button(self.tr("Save log"), "small", "save", self.save_wanted.emit)
        self._lay_out()
        self.search.left.connect(self.left)
        self.finder.hits_changed.connect(lambda _: self._show_size())
        self.follow.toggled.connect(self._follow_toggled)
        self.log.follow_changed.connect(self._follow_changed)
        self.log.unseen_changed.connect(self._show_unseen)
        self.wrap.toggled.connect(self._set_wrap)
        self.errors.clicked.connect(lambda: self._jump(LineKind.ERROR))
        self.warnings.clicked.connect(lambda: self._jump(LineKind.WARNING))
        self.show_nothing("", "")

    def _lay_out(self) -> None:
        self._bar, self._chips = QHBoxLayout(), QHBoxLayout()
        self._bar.addWidget(self.search, 1)
        self._bar.addWidget(self.follow)
        self._bar.addWidget(self.wrap)
        for widget in (self.errors, self.warnings):
            self._chips.addWidget(widget)
        self._chips.addStretch(1)
        self._chips.addWidget(self._size)
        self._chips.addWidget(self._all)
        self._foot = QFrame()
        self._foot.setProperty("role", "foot")
        self._foot_row = QHBoxLayout(self._foot)
        self._foot_row.addWidget(self._dot)
        self._foot_row.addWidget(self._live, 1)
        self._foot_row.addWidget(self.attempts)
        self._foot_row.addWidget(self._open)
        self._foot_row.addWidget(self._save)
        self._tools = QWidget()
        tools = QVBoxLayout(self._tools)
        tools.addLayout(self._bar)
        tools.addLayout(self._chips)
        self._tools_column = tools
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._tools)
        column.addWidget(self._stack, 1)
        column.addWidget(self._foot)
        look().tie(self, self._measure)

    def _measure(self) -> None:
        px = look().px
        self._tools_column.setContentsMargins(px(12), px(8), px(12), px(8))
        self._tools_column.setSpacing(px(6))
        self._bar.setSpacing(px(6))
        self._chips.setSpacing(px(6))
        self._foot_row.setContentsMargins(px(16), px(6), px(12), px(6))
        self._foot_row.setSpacing(px(6))
        self._place_unseen()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another size."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Where it is narrow, buttons keep their icons alone and chips their numbers."""
        px = look().px
        self.follow.show_words(self.width() >= px(_WIDE))
        self._show_marks(short=False)
        self._chips.invalidate()  # a layout within another keeps what it knew until that is laid out again
        self._show_marks(short=self._chips.sizeHint().width() > self._tools.width() - px(24))
        buttons = sum(button.width_with_words() for button in (self._open, self._save))
        buttons += self.attempts.sizeHint().width() if self.attempts.has_choice else 0
        words = self._live.sizeHint().width() + (px(16) if self._dot.isVisibleTo(self) else 0)
        self._open.show_words(words + buttons + px(54) <= self.width())

    # What is shown

    def show_nothing(self, title: str, words: str) -> None:
        """Say why there is no output."""
        self.log.forget()
        self._buffer = OutputBuffer()
        self.empty.show_words(title, words)
        self._stack.setCurrentWidget(self.empty)
        self._tools.hide()
        self._show_foot(something=False)

    def _show_foot(self, something: bool) -> None:
        """What is at the foot: without output only the way to that of another attempt."""
        for widget in (self._live, self._open, self._save):
            widget.setVisible(something)
        self._dot.setVisible(something and self._state.live and not self._state.words)
        self._foot.setVisible(something or self.attempts.has_choice)

    def show_buffer(self, buffer: OutputBuffer, follow: bool = True) -> None:
        """Show the lines of a buffer, from its end or its beginning; edits of it follow through `apply`."""
        self._buffer = buffer
        self.log.forget()
        if follow:
            self._state = self._state._replace(is_part=False)
        self.log.set_follow(follow)
        self._stack.setCurrentWidget(self.log)
        self._tools.show()
        self._show_foot(something=True)
        self.apply(Edit(lines=tuple(buffer.lines)))
        self.log.set_unseen(0)
        self.finder.show_buffer(buffer)

    def apply(self, edit: Edit, news: bool = True) -> None:
        """Bring the lines up to date. `news`: they were written since, and not only read on."""
        self.log.apply(edit, news)
        self._count_marks()
        self.finder.refresh(edit.dropped)

    def _count_marks(self) -> None:
        kinds = [line.kind for line in self._buffer.lines if not line.joined]
        self._marks = kinds.count(LineKind.ERROR), kinds.count(LineKind.WARNING)
        self._fit()

    def _show_marks(self, short: bool) -> None:
        errors, warnings = self._marks
        words = (
            counted(errors, self.tr("{n} error"), self.tr("{n} errors")),
            counted(warnings, self.tr("{n} warning"), self.tr("{n} warnings")),
        )
        for chip, number, text in zip((self.errors, self.warnings), self._marks, words, strict=True):
            chip.show_words(text, count(number) if short else "")
            chip.setVisible(number > 0)

    def show_state(self, state: TailState) -> None:
        """Size, and whether more comes."""
        self._state = state
        self.finder.show_reach(not state.searchable or not (state.shown_from or state.is_part))
        self._show_size()
        if state.words:
            self._live.setText(state.words)
        else:
            self._live.setText(self.tr("Live") if state.live else self._ended())
        self._show_foot(something=self._stack.currentWidget() is self.log)
        self._live.set_ink("runnable" if state.words else "text2")
        self._fit()

    def _ended(self) -> str:
        if self.attempts.has_choice:
            return self.tr("Ended")
        return self.tr("Ended, attempt {n}").format(n=self._state.attempt)

    def _show_size(self) -> None:
        """How much of the log is shown, or how far it has been searched, and what to do about that."""
        state, hits = self._state, self.finder.hits
        size = bytes_text(state.size)
        if hits.running:
            share = hits.searched / state.size if state.size else 0.0
            words, link = self.tr("Searched {share} of {size}"), self.tr("Stop")
            words = words.format(share=percent(min(share, 1.0), done=False), size=size)
        elif state.is_part:
            words = self.tr("From {start} of {size}").format(start=bytes_text(state.shown_from), size=size)
            link = self.tr("To the end")
        elif state.shown_from:
            words = self.tr("Last {shown} of {size}").format(shown=bytes_text(state.size - state.shown_from), size=size)
            link = self.tr("Load all")
        else:
            words, link = size if state.size else "", ""
        self._size.setText(words)
        self._all.set_text(link)
        self._all.setVisible(bool(link))

    def _link_pressed(self) -> None:
        if self.finder.hits.running:
            self.finder.cancel()
        elif self._state.is_part:
            self.end_wanted.emit()
        else:
            self.load_all_wanted.emit()

    def _follow_toggled(self, on: bool) -> None:
        """Following is at the end of the log, which is not here while a part is shown."""
        if on and self._state.is_part:
            self.end_wanted.emit()
        else:
            self.log.set_follow(on)

    def _follow_changed(self, on: bool) -> None:
        """The end of what is shown has come into sight, or gone."""
        if on and self._state.is_part:
            self.log.set_follow(on=False)
            self.more_wanted.emit()
        else:
            self.follow.setChecked(on)

    def _show_unseen(self, number: int) -> None:
        self._unseen.setVisible(number > 0)
        if number > 0:
            words = self.tr("%n new line(s)", "", number) if number > 1 else self.tr("1 new line")
            self._unseen.setText(words.replace("line(s)", "lines"))
            self._place_unseen()

    def _place_unseen(self) -> None:
        self._unseen.adjustSize()
        room = self.log.rect()
        self._unseen.move(
            (room.width() - self._unseen.width()) // 2, room.height() - self._unseen.height() - look().px(12)
        )
        self._unseen.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Watch the log: what lies over its foot moves with that."""
        if event.type() == QEvent.Type.Resize:
            self._place_unseen()
        return False

    def _set_wrap(self, on: bool) -> None:
        modes = LogText.LineWrapMode
        self.log.setLineWrapMode(modes.WidgetWidth if on else modes.NoWrap)

    def _jump(self, kind: LineKind) -> None:
        for chip in (self.errors, self.warnings):
            chip.setChecked(False)
        self.log.go_to_kind(kind)
