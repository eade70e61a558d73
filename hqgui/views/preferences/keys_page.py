"""The page of keys: everything that a key does, and which key; a click and a key press change it."""

from __future__ import annotations

from typing import Final

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QKeySequenceEdit, QVBoxLayout, QWidget

from hqgui.models.keymap import Binding, Keymap
from hqgui.models.roles import Cell, Tone
from hqgui.theme import look
from hqgui.views.key_bindings import KeyBindings
from hqgui.views.parts.buttons import Button
from hqgui.views.parts.cell_table import CellTable, Line, PlainColumn
from hqgui.views.parts.fields import SearchField
from hqgui.views.parts.labels import PlainLabel
from hqgui.views.parts.rows import Rows

_COLUMNS: Final = (
    PlainColumn("what", 240, stretch=1),
    PlainColumn("where", 90),
    PlainColumn("keys", 130),
)


class KeysPage(QWidget):
    """The page."""

    def __init__(self, keys: KeyBindings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._keys = keys
        self._map = keys.keymap
        self._shown: list[Binding] = []
        self.search = SearchField(self.tr("Find an action or a key"), self.tr("Find an action or a key"), "search")
        self.table = CellTable(_COLUMNS, self)
        self.rows = Rows(self.tr("Keys"), _COLUMNS)
        self.rows.setRootIsDecorated(False)
        self.rows.header().hide()
        self.rows.cover("base")
        self.rows.show_model(self.table)
        self.field = QKeySequenceEdit()
        self.field.setAccessibleName(self.tr("New keys"))
        self.field.setMaximumSequenceLength(1)
        look().tie_font(self.field, 12)
        self.none = Button(self.tr("No key"), "small", clicked=lambda: self._choose(""))
        self.before = Button(self.tr("Reset"), "small", clicked=self._restore)
        self.all_before = Button(self.tr("Reset all"), "small", clicked=self._restore_all)
        self.said = PlainLabel("", "text3", 11)
        self.said.setWordWrap(True)
        self._lay_out()
        self.search.text_changed.connect(lambda _: self._fill())
        self.rows.selectionModel().currentChanged.connect(lambda *_: self._show_chosen())
        self.field.editingFinished.connect(self._pressed)
        self._fill()

    def _lay_out(self) -> None:
        self._tools = QHBoxLayout()
        self._tools.addWidget(PlainLabel(self.tr("Press the new keys"), "text2"))
        for widget in (self.field, self.none, self.before):
            self._tools.addWidget(widget)
        self._tools.addStretch(1)
        self._tools.addWidget(self.all_before)
        self._column = QVBoxLayout(self)
        self._column.addWidget(self.search)
        self._column.addWidget(self.rows, 1)
        self._column.addLayout(self._tools)
        self._column.addWidget(self.said)
        look().tie(self, self._measure)

    def _measure(self) -> None:
        px = look().px
        self._column.setContentsMargins(px(24), px(14), px(24), px(12))
        self._column.setSpacing(px(8))
        self._tools.setSpacing(px(8))
        self.field.setFixedWidth(px(120))
        self.said.setMinimumHeight(px(16))

    @property
    def chosen(self) -> Binding | None:
        """The row that is current."""
        index = self.rows.currentIndex()
        return self._shown[index.row()] if index.isValid() and index.row() < len(self._shown) else None

    def choose(self, name: str) -> None:
        """Go to a row."""
        place = next((place for place, one in enumerate(self._shown) if one.name == name), None)
        if place is not None:
            self._go_to(place)

    def _go_to(self, place: int) -> None:
        """Select a row. Said in full, since a plain one would unselect it while Ctrl is held, as it is for new keys."""
        model = self.rows.selectionModel()
        flags = model.SelectionFlag
        model.setCurrentIndex(self.table.index(place, 0), flags.ClearAndSelect | flags.Rows)

    def _fill(self) -> None:
        terms = self.search.text().casefold().split()
        every = self._map.bindings.values()
        self._shown = [one for one in every if all(term in self._text(one).casefold() for term in terms)]
        self.table.show([Line(place, self._cells(one)) for place, one in enumerate(self._shown)])
        self._show_chosen()

    def _text(self, one: Binding) -> str:
        return f"{one.words} {one.group} {native(self._map.keys(one.name))}"

    def _cells(self, one: Binding) -> tuple[Cell, ...]:
        mine = self._map.is_chosen(one.name)
        keys = native(self._map.keys(one.name)) or "–"
        return (
            Cell(one.words, weight=500),
            Cell(one.group, tone=Tone.DIM),
            Cell(keys, weight=600 if mine else 400, tone=Tone.NORMAL if mine else Tone.SECONDARY),
        )

    def _show_chosen(self) -> None:
        one = self.chosen
        for widget in (self.field, self.none):
            widget.setEnabled(one is not None)
        self.before.setEnabled(one is not None and self._map.is_chosen(one.name))
        self.all_before.setEnabled(bool(self._map.written()))
        self.field.blockSignals(True)  # noqa: FBT003
        self.field.setKeySequence(QKeySequence(self._map.keys(one.name) if one is not None else ""))
        self.field.blockSignals(False)  # noqa: FBT003

    def _pressed(self) -> None:
        one = self.chosen
        keys = self.field.keySequence().toString(QKeySequence.SequenceFormat.PortableText)
        if one is not None and keys != self._map.keys(one.name):
            self._choose(keys)

    def _choose(self, keys: str) -> None:
        one = self.chosen
        if one is None:
            return
        if self._map.why_not(one.name, keys):
            words = self.tr(
                "{keys} would be taken from every field that one types in. Use Ctrl, Alt or a function key."
            )
            self.said.set_ink("failed")
            self.said.setText(words.replace("{keys}", native(keys)))
            self._show_chosen()
            return
        self._save(self._map.choose(one.name, keys))

    def _restore(self) -> None:
        one = self.chosen
        if one is not None:
            lost = self._map.holders(one.keys, one.name)
            self._map.restore(one.name)
            self._save(lost)

    def _restore_all(self) -> None:
        self._map.restore()
        self._save([])

    def _save(self, lost: list[Binding]) -> None:
        self._keys.save(self._map)
        self.said.set_ink("text3")
        words = self.tr("{names} has no key now.") if len(lost) == 1 else self.tr("{names} have no key now.")
        self.said.setText(words.replace("{names}", ", ".join(one.words for one in lost)) if lost else "")
        here = self.rows.currentIndex().row()
        self._fill()
        if 0 <= here < len(self._shown):
            self._go_to(here)

    @property
    def keymap(self) -> Keymap:
        """What is shown."""
        return self._map


def native(keys: str) -> str:
    """Keys as this system writes them."""
    return QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)
