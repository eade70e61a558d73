"""A part of the window: saves what helps to find out what became of a job, for whoever looks into it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject

from hqgui.actions import Outcome
from hqgui.models.formats import file_name, one_line
from hqgui.saving import save_now, trouble
from hqgui.session import Session
from hqgui.tasks import spawn
from hqgui.troubles import LinkError
from hqgui.views.file_dialog import SaveDialog
from hqgui.views.main_window import MainWindow
from hqgui.views.navigation import Way
from hqgui.words import translate


class Reporting(QObject):
    """Of one window."""

    def __init__(self, session: Session, window: MainWindow) -> None:
        super().__init__(window)
        self._session = session
        self._window = window
        words = translate("Menus", "Save diagnostics…")
        window.add_way(Way("job_report", words, "", self.ask_where, in_table=True, menu="jobs"))

    def ask_where(self) -> SaveDialog | None:
        """Ask where the file should go; the dialog is open. None: no job is selected."""
        job = self._window.tree.current_id()
        if job is None:
            self._tell(Outcome(translate("Actions", "Select a job first."), failed=True))
            return None
        name = file_name(job, str(self._session.farm.jobs.value(job, "name")), "zip")
        dialog = SaveDialog(translate("Menus", "Save diagnostics of a job"), name, self._window.settings, self._window)
        dialog.path_chosen.connect(lambda path: self._chosen(job, path))
        dialog.open()
        return dialog

    def _chosen(self, job: int, path: str) -> None:
        if path:
            spawn(self._save(job, Path(path)), f"saving diagnostics of job {job}")

    async def _save(self, job: int, path: Path) -> None:
        self._tell(await self.saved(job, path))

    async def saved(self, job: int, path: Path) -> Outcome:
        """Write the file; what became of it."""
        # The module and what it needs are of no use at a start.
        from hqgui.job_report import job_report

        welcome = self._session.welcome
        program = "" if welcome is None else f"hqserver {welcome.version}"
        try:
            data = await job_report(self._session.link, job, program)
            save_now(path, data)
        except LinkError as error:
            return Outcome(translate("Outcome", "The diagnostics were not saved."), error.words, failed=True)
        except OSError as error:
            words = translate("Outcome", "The diagnostics were not saved.")
            return Outcome(words, trouble(error, path), failed=True)
        text = translate("Outcome", "Saved the diagnostics as {path}.").replace("{path}", one_line(str(path), 200))
        return Outcome(text)

    def _tell(self, outcome: Outcome) -> None:
        if self._window.is_open:
            self._window.tell(outcome)
