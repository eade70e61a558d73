"""Changes properties of one job or of many: a field that is not touched changes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QFrame, QGridLayout, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from hqgui.models.job_properties import Editable, EditError, typed
from hqgui.theme import look
from hqgui.views.parts.buttons import Button
from hqgui.views.parts.focus_ring import FocusRing
from hqgui.views.parts.heights import fit_height
from hqgui.views.parts.labels import PlainLabel
from hqgui.views.parts.leaving import leave_by_keys
from hqgui.words import QT_TRANSLATE_NOOP, translate

_TITLES: Final = {
    "priority": QT_TRANSLATE_NOOP("Properties", "Priority"),
    "triesLeft": QT_TRANSLATE_NOOP("Properties", "Tries left"),
    "cpus": QT_TRANSLATE_NOOP("Properties", "CPUs"),
    "maxTime": QT_TRANSLATE_NOOP("Properties", "Time limit, in seconds"),
    "tags": QT_TRANSLATE_NOOP("Properties", "Tags, by commas"),
    "description": QT_TRANSLATE_NOOP("Properties", "Description"),
}
_WIDE: Final = ("tags", "description")


class EditDialog(QDialog):
    """Open it with `open()`."""

    chosen = Signal(object)
    """What was changed: attribute -> value, in the types of the API."""

    def __init__(self, title: str, words: str, fields: Sequence[Editable], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Edit properties – Wrangler"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._fields = {one.name: one for one in fields}
        self.edits = {one.name: self._edit(one) for one in fields}
        self.said = PlainLabel("", "failed", 11)
        self.said.setWordWrap(True)
        self.no = Button(self.tr("Close"), clicked=self.reject)
        self.yes = Button(self.tr("Change"), "primary", clicked=self._take)
        self.yes.setDefault(True)
        self._lay_out(title, words)
        self.ring = FocusRing(self)
        leave_by_keys(self)
        self._check()
        fit_height(self)

    def _edit(self, one: Editable) -> QLineEdit:
        edit = QLineEdit(one.text)
        edit.setAccessibleName(translate("Properties", _TITLES[one.name]))
        edit.setPlaceholderText(translate("Properties", "(various)") if one.various else "")
        look().tie_font(edit, 12)
        if one.name not in _WIDE:
            edit.setFixedWidth(look().px(110))
        edit.textEdited.connect(lambda _: self._check())
        return edit

    def _lay_out(self, title: str, words: str) -> None:
        px = look().px
        self.setFixedWidth(px(460))
        body = QVBoxLayout()
        body.setContentsMargins(px(24), px(20), px(24), px(16))
        body.setSpacing(px(8))
        body.addWidget(PlainLabel(title, "text", 17, 600))
        hint = PlainLabel(words, "text3")
        hint.setWordWrap(True)
        body.addWidget(hint)
        body.addSpacing(px(4))
        grid = QGridLayout()
        grid.setHorizontalSpacing(px(14))
        grid.setVerticalSpacing(px(8))
        grid.setColumnMinimumWidth(0, px(130))
        grid.setColumnStretch(1, 1)
        self.labels = {name: PlainLabel(translate("Properties", _TITLES[name]), "text2") for name in self.edits}
        for row, (name, edit) in enumerate(self.edits.items()):
            side = Qt.AlignmentFlag(0) if name in _WIDE else Qt.AlignmentFlag.AlignLeft
            grid.addWidget(self.labels[name], row, 0)
            grid.addWidget(edit, row, 1, side)
        body.addLayout(grid)
        body.addWidget(self.said)
        foot = QFrame()
        foot.setProperty("role", "foot")
        buttons = QHBoxLayout(foot)
        buttons.setContentsMargins(px(24), px(12), px(24), px(12))
        buttons.setSpacing(px(8))
        buttons.addStretch(1)
        buttons.addWidget(self.no)
        buttons.addWidget(self.yes)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(body)
        column.addWidget(foot)

    @property
    def changes(self) -> Mapping[str, Any]:
        """What was touched, as values. Raises EditError."""
        touched = {
            name: edit.text()
            for name, edit in self.edits.items()
            if edit.isModified() and (edit.text() != self._fields[name].text or self._fields[name].various)
        }
        return {name: typed(name, text) for name, text in touched.items()}

    def _check(self) -> None:
        try:
            changes = self.changes
        except EditError as error:
            self._mark(error.name)
            label = translate("Properties", _TITLES[error.name]).partition(",")[0]
            self.said.setText(f"{label}: {error}")
            self.yes.setEnabled(False)
            return
        self._mark("")
        self.said.setText("")
        self.yes.setEnabled(bool(changes))

    def _mark(self, wrong: str) -> None:
        for name, label in self.labels.items():
            label.set_ink("failed" if name == wrong else "text2")

    def _take(self) -> None:
        changes = self.changes
        self.accept()
        self.chosen.emit(changes)
