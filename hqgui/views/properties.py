"""What is said of a job in two columns of labels and values; what is long gets a line of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QWidget

from hqgui.models.inspector import JobFacts, Property
from hqgui.theme import look
from hqgui.views.parts.buttons import IconButton
from hqgui.views.parts.chips import LinkText
from hqgui.views.parts.labels import ElidedLabel, PlainLabel
from hqgui.views.parts.section import Section, clear
from hqgui.words import translate

_MOST: Final = 6
"""Properties of a column."""
_MOST_LONG: Final = 3
_MOST_TAGS: Final = 6
_WIDE: Final = 330
"""From this width on there are two columns."""
_TAGS_BESIDE: Final = 3
"""So many tags stand in the right column; more get a line of their own."""


class _Line:
    """A label and what stands beside it, in a grid."""

    def __init__(self, title: str, value: QWidget) -> None:
        self.label = PlainLabel(title, "text3")
        self.value = value

    def belong_to(self, part: QWidget) -> None:
        """End with a part, placed or not; hidden until then."""
        for widget in (self.label, self.value):
            widget.setParent(part)

    def place(self, grid: QGridLayout, row: int, column: int, span: int = 1) -> None:
        grid.addWidget(self.label, row, column)
        grid.addWidget(self.value, row, column + 1, 1, span)
        for widget in (self.label, self.value):
            widget.show()

    def hide(self) -> None:
        for widget in (self.label, self.value):
            widget.hide()


class _Value(QWidget):
    """A text, which may begin with a link to a job and end with one that changes it."""

    def __init__(self, open_job: Callable[[int], None], edit: Callable[[], None]) -> None:
        super().__init__()
        self._job = 0
        self._link = LinkText("", lambda: open_job(self._job))
        self._text = ElidedLabel()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._link)
        row.addWidget(self._text, 1)
        self._edit = LinkText(translate("Overview", "Edit…"), edit, 11)
        row.addWidget(self._edit)

    def show_property(self, one: Property) -> None:
        self._job = one.job
        self._link.set_text(one.link or "–")
        self._link.setVisible(bool(one.link))
        self._text.setText(one.text)
        self._edit.setVisible(one.edited)


class _Command(QWidget):
    """A command, cut where it does not fit, with a button that copies all of it."""

    def __init__(self, copy: Callable[[], None]) -> None:
        super().__init__()
        self.text = ElidedLabel("", "text2", 11, mono=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.text, 1)
        row.addWidget(IconButton("copy", translate("Overview", "Copy command"), copy, "text3", 12, 22))


class Properties(Section):
    """The part."""

    copy_wanted = Signal(str)
    job_wanted = Signal(int)
    permitted_wanted = Signal()

    def __init__(self) -> None:
        super().__init__(translate("Overview", "Properties"))
        self.grid = QGridLayout()
        self.column.addLayout(self.grid)
        self._columns = [[self._property() for _ in range(_MOST)] for _ in range(2)]
        self._long = [self._property() for _ in range(_MOST_LONG)]
        self._tags_row = QHBoxLayout()
        tags = QWidget()
        tags.setLayout(self._tags_row)
        self._tags = _Line(translate("Overview", "Tags"), tags)
        self._full_command = ""
        command = _Command(lambda: self.copy_wanted.emit(self._full_command))
        self._command_text = command.text
        self._command = _Line(translate("Overview", "Command"), command)
        self._shape: tuple[object, ...] = ()
        self._facts: JobFacts | None = None
        self._narrow = False
        for line in self._lines():
            line.belong_to(self)
        look().tie(self, self._measure_grid)

    def _property(self) -> _Line:
        return _Line("", _Value(self.job_wanted.emit, self.permitted_wanted.emit))

    def _lines(self) -> Sequence[_Line]:
        return (*self._columns[0], *self._columns[1], *self._long, self._tags, self._command)

    def _measure_grid(self) -> None:
        px = look().px
        self.grid.setHorizontalSpacing(px(8))
        self.grid.setVerticalSpacing(0)
        self.grid.setColumnMinimumWidth(0, px(76))
        self.grid.setColumnMinimumWidth(2, px(66))
        self.grid.setColumnStretch(1, 10)
        self.grid.setColumnStretch(3, 12)
        for line in self._lines():
            line.label.setFixedHeight(px(22))
            line.value.setFixedHeight(px(22))
        self._tags_row.setContentsMargins(0, 0, 0, 0)
        self._tags_row.setSpacing(px(5))

    def show_facts(self, facts: JobFacts) -> None:
        """Show a job's properties."""
        self.column.setSpacing(look().px(2))
        groups = (*facts.properties, facts.long_properties)
        for lines, properties in zip((*self._columns, self._long), groups, strict=True):
            for line, one in zip(lines, properties, strict=False):
                line.label.setText(one.label)
                assert isinstance(line.value, _Value)
                line.value.show_property(one)
        self._full_command = facts.command
        self._command_text.setText(facts.command)
        shape = (*map(len, groups), facts.tags, bool(facts.command))
        self._facts = facts
        if shape != self._shape:
            self._shape = shape
            self._lay_out(facts)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another size: where it is narrow, the columns stand below each other."""
        super().resizeEvent(event)
        narrow = self.width() < look().px(_WIDE)
        if narrow != self._narrow:
            self._narrow = narrow
            if self._facts is not None:
                self._lay_out(self._facts)

    def _lay_out(self, facts: JobFacts) -> None:
        """Put what there is into the grid, without holes."""
        while self.grid.takeAt(0) is not None:
            pass
        for line in self._lines():
            line.hide()
        left, right = (lines[: len(there)] for lines, there in zip(self._columns, facts.properties, strict=True))
        beside = 0 < len(facts.tags) <= _TAGS_BESIDE and not self._narrow
        right = [*right[:3], *([self._tags] if beside else []), *right[3:]]
        wide = [self._tags] if facts.tags and not beside else []
        wide += [self._command] if facts.command else []
        wide += self._long[: len(facts.long_properties)]
        if self._narrow:
            left, right, wide = [], [], [*left, *right, *wide]
        for column, lines in ((0, left), (2, right)):
            for row, line in enumerate(lines):
                line.place(self.grid, row, column)
        self._fill_tags(facts.tags)
        for row, line in enumerate(wide, start=max(len(left), len(right))):
            line.place(self.grid, row, 0, 3)

    def _fill_tags(self, tags: Sequence[str]) -> None:
        clear(self._tags_row)
        for tag in tags[:_MOST_TAGS]:
            self._tags_row.addWidget(Tag(tag))
        self._tags_row.addStretch(1)


class Tag(QFrame):
    """A word in a box."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.setProperty("role", "tag")
        row = QHBoxLayout(self)
        row.setContentsMargins(look().px(5), 0, look().px(5), 0)
        row.addWidget(ElidedLabel(text, "text2", 11))
        self.setFixedHeight(look().px(18))
