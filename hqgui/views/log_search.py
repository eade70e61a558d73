"""Search in a log: the field, how many places there are, and the way from one to the next.

What is loaded is searched here at once. Where that is not all of the log, the server is asked for the rest, and a place
that is not loaded is wanted by its byte.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from hqgui.models.formats import count
from hqgui.models.output import Match, OutputBuffer
from hqgui.models.output_hits import Found, Hits, found, match_at
from hqgui.views.log_text import LogText
from hqgui.views.parts.buttons import IconButton
from hqgui.views.parts.fields import SearchField
from hqgui.views.parts.labels import PlainLabel

_SEARCH_AFTER_MS = 120
_NOTHING = Found((), (), ())


class LogSearch(QObject):
    """Of one log."""

    wanted = Signal(str)
    """All of the log should be searched for a text; empty: no more."""
    place_wanted = Signal(int)
    """The part of the log with this byte should be loaded."""
    hits_changed = Signal(Hits)

    def __init__(self, log: LogText) -> None:
        super().__init__(log)
        self._log = log
        self._buffer = OutputBuffer()
        self._found = _NOTHING
        self._current: Match | None = None
        self._coming: int | None = None
        """A byte that was asked for and is not loaded yet."""
        self._asked = ""
        self._whole = True
        self.hits = Hits()
        self.field = SearchField(self.tr("Search in output"), self.tr("Search"), "search", height=26)
        self._words = PlainLabel("", "text3", 11)
        self._up = IconButton(
            "chevron-up", self.tr("Previous match"), lambda: self.step(backwards=True), size=14, side=20
        )
        self._down = IconButton("chevron-down", self.tr("Next match"), self.step, size=14, side=20)
        for widget in (self._words, self._up, self._down):
            self.field.add(widget)
            widget.hide()
        self._later = QTimer(self, singleShot=True, interval=_SEARCH_AFTER_MS)
        self._later.timeout.connect(self._search)
        self.field.text_changed.connect(self._typed)
        self.field.submitted.connect(lambda back: self.step(backwards=back))

    def _typed(self) -> None:
        self._coming = None
        self._later.start()

    def show_buffer(self, buffer: OutputBuffer) -> None:
        """Search in other lines from now on."""
        self._buffer = buffer
        self._current = None
        if self.field.text():
            self._search()

    def forget(self) -> None:
        """The log is of another job: what was found elsewhere is of no use."""
        self._coming = None
        self.stop()
        self._take(Hits())

    def refresh(self, dropped: int = 0) -> None:
        """The lines have changed, and so many have left at the front."""
        if self._current is not None and dropped:
            line = self._current.line - dropped
            self._current = Match(line, self._current.column) if line >= 0 else None
        if self.field.text():
            self._later.start()

    def show_reach(self, whole: bool) -> None:
        """Whether everything that can be searched is loaded."""
        if whole != self._whole:
            self._whole = whole
            self.refresh()

    def cancel(self) -> None:
        """Stop, and be content with what was found."""
        self.wanted.emit("")
        self.show_hits(self.hits._replace(running=False, complete=False))

    def stop(self) -> None:
        """Ask no further."""
        if self._asked:
            self._asked = ""
            self.wanted.emit("")

    def _search_all(self, text: str) -> None:
        if text != self._asked:
            self._asked = text
            self._take(Hits(running=True, complete=False))
            self.wanted.emit(text)

    @property
    def text(self) -> str:
        """What is searched for."""
        return self.field.text()

    def show_hits(self, hits: Hits) -> None:
        """What the server has found until now."""
        self._take(hits)
        self._show()

    def _take(self, hits: Hits) -> None:
        self.hits = hits
        self.hits_changed.emit(hits)

    def _search(self) -> None:
        text = self.text
        if text and not self._whole:
            self._search_all(text)
        elif text != self._asked:
            self.stop()
            self._take(Hits())
        self._find()
        if self._current not in self._found.matches:
            matches = self._found.matches
            self._current = matches[-1 if self._log.follow else 0] if matches else None
        self._show()

    def _find(self) -> None:
        self._found = found(self._buffer, self.text, self.hits)

    def step(self, backwards: bool = False) -> None:
        """Go to the next place."""
        self._find()
        place = self._found.step(self._current, backwards)
        if isinstance(place, int):
            self._coming = place
            self.place_wanted.emit(place)
            return
        self._current = place
        self._log.set_follow(on=False)
        self._show()

    def arrived(self) -> None:
        """What was wanted is loaded."""
        offset, self._coming = self._coming, None
        self._find()
        if offset is not None:
            self._current = match_at(self._buffer, self._found.matches, self.hits, offset)
        self._show()

    def _show(self) -> None:
        self._find()
        text, places = self.text, self._found
        for widget in (self._words, self._up, self._down):
            widget.setVisible(bool(text))
        more = "+" if not self.hits.complete else ""
        words = self.tr("{n} of {m}").format(n=count(places.number(self._current)), m=count(places.total) + more)
        nothing = self.tr("…") if self.hits.running else self.tr("none")
        self._words.setText(words if places.total else nothing)
        self._log.show_matches(places.matches, len(text), self._current)
