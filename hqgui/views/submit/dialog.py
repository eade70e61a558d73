"""Submit: a form and the JSON that it makes, checked as one types, and where the jobs could run before they are sent.

It knows no network: `submit_wanted` carries what is to be sent, `where_wanted` asks where that could run.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from PySide6.QtCore import QMimeData, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QDragEnterEvent, QDropEvent, QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from hqgui.actions import Consequence
from hqgui.models.formats import tooltip
from hqgui.models.submit.form import Form, form_of, job_count, mistakes, specification
from hqgui.models.submit.presets import Preset
from hqgui.models.submit.ranges import BadRange
from hqgui.models.submit.where import Where
from hqgui.theme import look
from hqgui.views.confirm_dialog import ConfirmDialog
from hqgui.views.parts.chips import Tabs
from hqgui.views.parts.focus_ring import FocusRing
from hqgui.views.parts.leaving import Guard, leave_by_keys
from hqgui.views.submit.foot import Foot
from hqgui.views.submit.form_page import FormPage
from hqgui.views.submit.json_page import JsonPage
from hqgui.views.submit.presets_bar import PresetsButton
from hqgui.views.submit.reading import dropped_file, in_lines, read_file, welcome, written
from hqgui.words import counted

ASK_AFTER_MS = 300
_FORM, _JSON = 0, 1
_WIDTH, _HEIGHT = 600, 510
_MOST_TOLD = 3
"""Mistakes that are told in words; each is marked at its field."""


class _Written(NamedTuple):
    """What somebody wrote and another one took the place of."""

    tab: int
    form: Form
    given: Form
    """What the form was before they wrote in it."""
    preset: str
    text: str


class SubmitDialog(QDialog):
    """Modeless; open it with `show()`."""

    submit_wanted = Signal(object)
    """A specification (a dict or a list) should be submitted."""
    where_wanted = Signal(object)
    """Where this specification could run should be asked for."""
    presets_changed = Signal()
    file_wanted = Signal()
    """A file should be chosen, for `open_path`."""
    left = Signal()

    def __init__(self, farm: str, saved: Sequence[Preset] = (), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Submit job to {farm}").replace("{farm}", farm))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowFlag(Qt.WindowType.WindowContextHelpButtonHint, on=False)
        self.setAcceptDrops(True)
        self.is_open = True
        self._given = Form()
        """What the form was filled with, which is not lost with the dialog."""
        self._many: list[Any] | None = None
        """A list of specifications, which the form cannot show."""
        self._busy = False
        self._guard = Guard(self, self._is_unsent, self._ask_to_lose)
        self._build(saved)
        self._lay_out()
        self.ring = FocusRing(self)
        leave_by_keys(self)
        self._connect()
        self.resize(look().px(_WIDTH), look().px(_HEIGHT))
        self.show_form(Form())

    def _build(self, saved: Sequence[Preset]) -> None:
        self.tabs = Tabs(self.tr("Submit"))
        for title in (self.tr("Form"), self.tr("JSON")):
            self.tabs.addTab(title)
        self.preset = PresetsButton(saved)
        self.preset.bar.suggest = lambda: self.form_page.form.name
        self.form_page = FormPage()
        self.json_page = JsonPage()
        self._pages = QStackedWidget()
        self._pages.addWidget(self.form_page)
        self._pages.addWidget(self.json_page)
        self.foot = Foot()
        self.foot.close_button.clicked.connect(self.close)
        self.submit = self.foot.submit
        self.submit.clicked.connect(self._submit)

    def _lay_out(self) -> None:
        self._top = QHBoxLayout()
        self._top.addWidget(self.tabs)
        self._top.addStretch(1)
        self._top.addWidget(self.preset)
        rule = QFrame()
        rule.setProperty("role", "rule")
        rule.setFixedHeight(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._top)
        column.addWidget(rule)
        column.addWidget(self.preset.bar)
        column.addWidget(self._pages, 1)
        column.addWidget(self.foot)
        look().tie(self, self._measure)

    def _measure(self) -> None:
        px = look().px
        self.setMinimumSize(px(520), px(400))
        self._top.setContentsMargins(px(12), px(2), px(12), 0)

    def _connect(self) -> None:
        self.tabs.currentChanged.connect(self._tab_chosen)
        self.form_page.changed.connect(self._changed)
        self.json_page.checked.connect(self._changed)
        self.preset.taken.connect(self.take_preset)
        self.preset.saved_changed.connect(self.presets_changed)
        self.preset.file_wanted.connect(self.file_wanted)
        self.preset.bar.named.connect(self._save_named)
        self._soon = QTimer(self, singleShot=True, interval=ASK_AFTER_MS)
        self._soon.timeout.connect(self._ask_where)
        for keys, act in (
            ("Ctrl+Return", self._submit),
            ("Ctrl+Enter", self._submit),
            ("Ctrl+O", self.file_wanted.emit),
            ("Ctrl+1", lambda: self.tabs.setCurrentIndex(_FORM)),
            ("Ctrl+2", lambda: self.tabs.setCurrentIndex(_JSON)),
        ):
            action = QAction(self)
            action.setShortcut(keys)
            action.triggered.connect(lambda _on=False, act=act: act())
            self.addAction(action)

    def showEvent(self, event: QShowEvent) -> None:
        """It is shown: what is typed first gets the keyboard."""
        super().showEvent(event)
        first = self.form_page.name if self.tabs.currentIndex() == _FORM else self.json_page.text
        first.setFocus(Qt.FocusReason.OtherFocusReason)

    # What is shown

    def show_form(self, form: Form, preset: str = "") -> None:
        """Show a form, of a preset if it has a name."""
        self._given = form
        self._many = None
        self.preset.show_current(preset)
        self.form_page.show_form(form)
        if self.tabs.currentIndex() == _JSON:
            self._show_json()
        self._changed()

    def show_specification(self, spec: Any) -> None:
        """Show a specification from somewhere else: in the form where that can show it, else as JSON."""
        if isinstance(spec, dict):
            self.show_form(form_of(spec))
            if isinstance(spec.get("children"), list) and self.form_page.form.extra.get("children"):
                self.tabs.setCurrentIndex(_JSON)
            return
        self.show_text(json.dumps(spec, indent=2, ensure_ascii=False))

    def show_text(self, text: str) -> None:
        """Show a text that should be JSON, as it is."""
        self._show_tab(_JSON)
        self.json_page.show_text(text, self._known())

    def show_where(self, where: Where | None, trouble: str = "") -> None:
        """Where it could run; None while nobody knows."""
        self.foot.show_where(where, trouble)
        self.form_page.show_run_detail("" if where is None else where.short)

    def show_busy(self) -> None:
        """It is being sent."""
        self._busy = True
        self.foot.show_busy()

    def show_refusal(self, text: str, advice: str = "") -> None:
        """It was not taken, why, and what to do."""
        self._busy = False
        self._changed()
        self.foot.tell(text, is_wrong=True)
        self.foot.says.setToolTip(tooltip(text))
        if advice:
            self._soon.stop()
            self.foot.where.setText(advice)

    def _known(self) -> dict[str, object]:
        """What the form has, for fixes."""
        form = self.form_page.form
        return {"priority": form.priority, "cpus": form.cpus, "triesLeft": form.tries, "shell": form.shell}

    def _show_json(self) -> None:
        try:
            spec = specification(self.form_page.form)
        except BadRange:
            return
        self.json_page.show_text(written(spec), self._known())

    # What changes

    def _tab_chosen(self, tab: int) -> None:
        self.form_page.take_typed()
        if tab == _JSON:
            self._show_json()
        elif not self._take_json():
            self.tabs.blockSignals(True)  # noqa: FBT003
            self.tabs.setCurrentIndex(_JSON)
            self.tabs.blockSignals(False)  # noqa: FBT003
            return
        self._pages.setCurrentIndex(tab)
        (self.json_page.text if tab == _JSON else self.form_page.name).setFocus()
        self._changed()

    def _take_json(self) -> bool:
        """Bring the form up to date with the JSON; False where that cannot be."""
        self.json_page.check_now()
        spec = self.json_page.result.spec
        if self.json_page.result.mistakes or not isinstance(spec, dict):
            broken = self.tr("The form cannot show this: mend it first.")
            several = self.tr("The form shows one specification, and this is a list.")
            self.foot.tell(broken if self.json_page.result.mistakes else several, is_wrong=True)
            return False
        self.form_page.show_form(form_of(spec, self.form_page.form))
        return True

    def _changed(self) -> None:
        if self._busy:
            return
        found, jobs = self._state()
        begun = self.tabs.currentIndex() == _JSON or self.form_page.form != Form()
        if not begun:
            self.foot.tell(self.tr("A job needs a name and a command."))
        elif found:
            number = len(found)
            words = counted(
                number,
                self.tr("1 mistake keeps this from being submitted"),
                self.tr("{n} mistakes keep this from being submitted"),
            )
            is_told = number == 1 and self.tabs.currentIndex() == _FORM
            self.foot.tell(found[0] if is_told else words, is_wrong=True)
        else:
            spec = self.json_page.result.spec if self.tabs.currentIndex() == _JSON else None
            self.foot.tell(self.foot.jobs_words(jobs, len(spec) if isinstance(spec, list) else 1))
        self.foot.show_jobs(jobs, allowed=not found and jobs > 0)
        if not found:
            self._soon.start()
        else:
            self._soon.stop()
            several = begun and len(found) > 1 and self.tabs.currentIndex() == _FORM
            told = " ".join(found[:_MOST_TOLD]) if several else ""
            self.show_where(None, told)

    def _state(self) -> tuple[list[str], int]:
        """What is wrong, and how many jobs it makes."""
        if self.tabs.currentIndex() == _JSON:
            result = self.json_page.result
            return [finding.text for finding in result.findings if not finding.warns], result.jobs
        wrong = mistakes(self.form_page.form)
        self.form_page.show_mistakes(wrong if self.form_page.form != Form() else ())
        return [item.text for item in wrong], job_count(self.form_page.form)

    def wanted(self) -> Any:
        """What would be submitted; None while there are mistakes."""
        found, _ = self._state()
        if found:
            return None
        if self.tabs.currentIndex() == _JSON:
            return self.json_page.result.spec
        return specification(self.form_page.form)

    def _ask_where(self) -> None:
        spec = self.wanted()
        if spec is not None:
            self.where_wanted.emit(spec)

    def _submit(self) -> None:
        self.form_page.take_typed()
        if self.tabs.currentIndex() == _JSON:
            self.json_page.check_now()
        spec = self.wanted()
        if spec is not None and not self._busy:
            self.submit_wanted.emit(spec)

    # Presets and files

    def take_preset(self, preset: Preset) -> None:
        """Show a preset in the form."""
        self._put_aside()
        self._show_tab(_FORM)
        self.show_form(preset.form, preset.name)

    def _show_tab(self, tab: int) -> None:
        """Show a tab without bringing it up to date with the other one."""
        self.tabs.blockSignals(True)  # noqa: FBT003
        self.tabs.setCurrentIndex(tab)
        self.tabs.blockSignals(False)  # noqa: FBT003
        self._pages.setCurrentIndex(tab)

    def _put_aside(self) -> None:
        """Something else is about to be shown: what somebody wrote can be had back."""
        if self._is_unsent():
            written = _Written(
                self.tabs.currentIndex(),
                self.form_page.form,
                self._given,
                self.preset.current,
                self.json_page.text.toPlainText(),
            )
            self.preset.bring_written_back = lambda: self._bring_back(written)

    def _bring_back(self, written: _Written) -> None:
        self.preset.bring_written_back = None
        self._put_aside()
        self._show_tab(_FORM)
        self.show_form(written.form, written.preset)
        self._given = written.given
        if written.tab == _JSON:
            self.show_text(written.text)
            self.json_page.text.document().setModified(True)

    @property
    def saved(self) -> list[Preset]:
        """Presets of the user."""
        return self.preset.saved

    def _save_named(self, name: str) -> None:
        self.preset.keep(name, self.form_page.form)
        self.show_form(self.form_page.form, name)

    def open_path(self, path: str) -> None:
        """Show what a file holds."""
        text, trouble = read_file(path)
        if trouble:
            self.show_refusal(trouble)
        else:
            self._put_aside()
            self.show_text(in_lines(text))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """JSON may be dropped here."""
        welcome(event)

    def dropEvent(self, event: QDropEvent) -> None:
        """It is shown, never sent."""
        if welcome(event):
            self.show_dropped(event.mimeData())

    def show_dropped(self, data: QMimeData) -> None:
        """Show what a file holds that was dropped, or the text that was."""
        path = dropped_file(data)
        if path:
            self.open_path(path)
        else:
            self._put_aside()
            self.show_text(in_lines(data.text()))

    # Leaving

    def _is_unsent(self) -> bool:
        """Whether somebody wrote something here that is nowhere else."""
        self.form_page.take_typed()
        return self.form_page.form != self._given or self.json_page.text.document().isModified()

    def _ask_to_lose(self) -> ConfirmDialog:
        title = self.tr("Close without submitting?")
        words = self.tr("What was written here is not kept.")
        yes, no = self.tr("Close"), self.tr("Go on writing")
        asked = Consequence(asks=True, linked=0, title=title, subtitle=words, yes=yes, no=no)
        dialog = ConfirmDialog(asked, self)
        dialog.open()
        return dialog

    def let_go(self) -> None:
        """Close: it was submitted."""
        self._guard.let_go()
        self.close()

    def reject(self) -> None:
        """Escape, the button or the window's frame."""
        if self._guard.lets_go():
            super().reject()

    def done(self, result: int) -> None:
        """It is closed, whichever way."""
        if self.is_open:
            self.is_open = False
            self._soon.stop()
            self.left.emit()
        super().done(result)
