"""A part of the window: the Properties tab, what stands there for several jobs, and changing them."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot

from hqgui.models.formats import one_line
from hqgui.models.job_details import whole
from hqgui.models.job_properties import editable, sums, told
from hqgui.session import Session
from hqgui.views.jobs.edit_dialog import EditDialog
from hqgui.views.jobs.property_table import PropertyTable
from hqgui.views.jobs.selection_page import SelectionPage
from hqgui.views.main_window import MainWindow
from hqgui.words import counted


class Propertying(QObject):
    """Of one window."""

    def __init__(self, session: Session, window: MainWindow) -> None:
        super().__init__(window)
        self._session = session
        self._window = window
        inspector = window.inspector
        self.table = PropertyTable()
        self.tab = inspector.add_tab(self.tr("Properties"), self.table)
        self.page = SelectionPage()
        inspector.set_several_page(self.page)
        window.add_asker("edit_jobs", self.ask)
        self.page.edit_wanted.connect(lambda: window.commands.ask("edit_jobs"))
        for table in (self.table, self.page.table):
            table.copy_wanted.connect(window.copy)
        inspector.job_changed.connect(self._refresh_one)
        inspector.tab_changed.connect(self._refresh_one)
        inspector.details_came.connect(self._refresh_one)
        window.tree.selection_moved.connect(self._selection_moved)
        session.flushed.connect(self._flushed)

    @Slot(object)
    def _flushed(self, _changes: object) -> None:
        self._refresh_one()
        if self.page.isVisible():
            self._show_several()

    def _refresh_one(self) -> None:
        inspector = self._window.inspector
        if inspector.tab == self.tab and inspector.job is not None:
            known = told(self._session.farm.jobs, [inspector.job], self._session.picture_time())
            self.table.show_told(whole(known, inspector.details, self._session.history.entries))

    def _selection_moved(self) -> None:
        several = len(self._window.tree.selected_ids()) > 1
        self._window.inspector.show_several(several)
        if several:
            self._show_several()

    def _show_several(self) -> None:
        jobs = self._window.tree.selected_ids()
        store = self._session.farm.jobs
        why_not = self._session.actions.why_not("edit_jobs", jobs)
        self.page.show_selection(sums(store, jobs), told(store, jobs, self._session.picture_time()), len(jobs), why_not)

    def ask(self, jobs: tuple[int, ...]) -> EditDialog:
        """Open the dialog for these jobs."""
        store = self._session.farm.jobs
        name = one_line(str(store.value(jobs[0], "name")), 60)
        title = name if len(jobs) == 1 else counted(len(jobs), self.tr("{n} job"), self.tr("{n} jobs"))
        words = self.tr("What you do not touch stays as it is. Commands that have started keep what they have.")
        dialog = EditDialog(title, words, editable(store, jobs), self._window)
        dialog.chosen.connect(lambda changes: self._change(jobs, dict(changes)))
        dialog.open()
        return dialog

    def _change(self, jobs: tuple[int, ...], changes: dict[str, object]) -> None:
        priority = changes.pop("priority", None)
        if priority is not None:
            self._window.priority_wanted.emit(jobs, priority)
        if changes:
            self._window.deed_wanted.emit("edit_jobs", jobs, changes)
