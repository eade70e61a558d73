"""Submit, between its dialog and the server: where it could run, sending it, and going to what was submitted.

Nothing is sent but by the button. A file that is dropped on the window, and a job that is submitted again, open the
dialog and no more.
"""

from __future__ import annotations

from typing import Any, Final

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QDragEnterEvent, QDropEvent

from hqgui.actions import Outcome
from hqgui.actions.submitting import Sender, submitted
from hqgui.models.farm import FarmChanges
from hqgui.models.formats import one_line
from hqgui.models.submit import presets
from hqgui.models.submit.checking import jobs_in
from hqgui.models.submit.form import Form
from hqgui.models.submit.where import read_where
from hqgui.models.why.permitted import full_label
from hqgui.session import Session
from hqgui.tasks import spawn
from hqgui.troubles import LinkError
from hqgui.views.file_dialog import OpenDialog
from hqgui.views.main_window import MainWindow
from hqgui.views.navigation import Way
from hqgui.views.strips import Offer
from hqgui.views.submit.dialog import SubmitDialog
from hqgui.views.submit.reading import welcome, why_not_read
from hqgui.views.telling import call_attention
from hqgui.words import counted, translate
from hqserver.wire.statuses import FINISHED, JobStatus

_PRESETS: Final = "submit/presets"
_MOST_PARENTS: Final = 12


class Submissions(QObject):
    """All of one main window."""

    def __init__(self, session: Session, window: MainWindow) -> None:
        super().__init__(window)
        self._session = session
        self._window = window
        self._told: set[int] = set()
        """Jobs of which the user wants to hear that they ended."""
        self._shown: int | None = None
        """A job to go to as soon as its row comes."""
        words = translate("Menus", "Submit a job…")
        window.add_way(Way("submit", words, "Ctrl+N", self.open_empty, menu="program"))
        again = translate("Menus", "Submit again with changes…")
        window.add_way(Way("resubmit", again, "", self.open_again, in_table=True, menu="jobs"))
        window.toolbar.submit.clicked.connect(lambda _on=False: self.open_empty())
        window.emptiness.farm.submit_wanted.connect(self.open_empty)
        window.setAcceptDrops(True)
        window.installEventFilter(self)
        window.closed.connect(self._close)
        session.flushed.connect(self._flushed)
        self.dialogs: list[SubmitDialog] = []

    def open_empty(self) -> None:
        """An empty dialog."""
        self.open()

    def open(self, form: Form | None = None) -> SubmitDialog:
        """A dialog, empty or with a form."""
        saved = presets.read_stored(self._session.settings.value(_PRESETS))
        dialog = SubmitDialog(self._session.farm_name, saved, self._window)
        sender = Sender(self._session.link, self._session.user)
        self.dialogs.append(dialog)
        self._offer(dialog)
        dialog.submit_wanted.connect(lambda spec: spawn(self._send(dialog, sender, spec), "submitting"))
        dialog.where_wanted.connect(lambda spec: spawn(self._ask_where(dialog, spec), "asking where a job could run"))
        dialog.presets_changed.connect(lambda: self._session.settings.set(_PRESETS, presets.stored(dialog.saved)))
        dialog.file_wanted.connect(lambda: self.ask_file(dialog))
        dialog.left.connect(lambda: self.dialogs.remove(dialog))
        if form is not None:
            dialog.show_form(form)
        dialog.show()
        dialog.raise_()
        dialog.activateWindow()
        dialog.form_page.name.setFocus()
        return dialog

    def _offer(self, dialog: SubmitDialog) -> None:
        farm = self._session.farm
        groups = sorted((str(row["name"]) for row in farm.groups.values()), key=str.casefold)
        clients = sorted((full_label(row) for row in farm.clients.rows.values()), key=str.casefold)
        resources = sorted(str(row["name"]) for row in farm.resources.values())
        dialog.form_page.show_farm(groups, clients, resources)
        dialog.form_page.show_parents(self._parents())

    def _parents(self) -> list[tuple[int, str]]:
        """Selected jobs, then the user's own unfinished trees, the newest first."""
        jobs = self._session.farm.jobs
        chosen = list(self._window.tree.selected_ids())
        mine = [
            job
            for job in sorted(jobs.row_of, reverse=True)
            if not jobs.value(job, "parents")
            and jobs.value(job, "submittedBy") in self._session.actions.users
            and jobs.value(job, "status") not in FINISHED
        ]
        named = list(dict.fromkeys([*chosen, *mine]))[:_MOST_PARENTS]
        return [(job, str(jobs.value(job, "name"))) for job in named if job in jobs]

    # From elsewhere

    def open_again(self) -> None:
        """What the current job was submitted as, to change it and submit it again."""
        job = self._window.tree.current_id()
        if job is not None:
            spawn(self._open_again(job), f"asking what was submitted as job {job}")

    async def _open_again(self, job: int) -> None:
        try:
            spec, is_whole = await submitted(self._session.link, job)
        except LinkError as error:
            self._tell(Outcome(error.words, failed=True))
            return
        except KeyError:
            self._tell(Outcome(translate("Submit", "This job is gone."), failed=True))
            return
        dialog = self.open()
        dialog.show_specification(spec)
        if not is_whole:
            dialog.show_refusal(translate("Submit", "The tree is too large to be shown whole: this is a part of it."))

    def ask_file(self, dialog: SubmitDialog) -> OpenDialog:
        """Ask which file a dialog should show."""
        title, kinds = translate("Submit", "Open a specification"), translate("Submit", "JSON (*.json);;All files (*)")
        asked = OpenDialog(title, kinds, why_not_read, self._session.settings, dialog)
        asked.path_chosen.connect(lambda path: dialog.open_path(path) if path else None)
        asked.open()
        return asked

    def open_file(self, path: str) -> SubmitDialog:
        """What a file holds; nothing is sent."""
        dialog = self.open()
        dialog.open_path(path)
        return dialog

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Watch the window: JSON, as a file or as a text, may be dropped on it."""
        if event.type() == QEvent.Type.DragEnter and isinstance(event, QDragEnterEvent):
            return welcome(event)
        if event.type() == QEvent.Type.Drop and isinstance(event, QDropEvent) and welcome(event):
            self.open().show_dropped(event.mimeData())
            return True
        return False

    # To the server

    async def _ask_where(self, dialog: SubmitDialog, spec: Any) -> None:
        if "checkJob" not in self._session.actions.features:
            return
        try:
            answer = await self._session.link.call("checkJob", spec)
        except LinkError as error:
            if dialog.is_open:
                dialog.show_where(None, error.words)
            return
        if dialog.is_open and dialog.wanted() == spec:
            told = [f"{item['path']}: {item['problem']}" for item in answer["mistakes"]]
            dialog.show_where(read_where(answer), one_line("; ".join(told)))

    async def _send(self, dialog: SubmitDialog, sender: Sender, spec: Any) -> None:
        form = dialog.form_page.form
        dialog.show_busy()
        try:
            ids = await sender.send(spec, form.parent)
            if form.start_paused and ids:
                await self._session.link.call("pauseJobs", ids)
        except LinkError as error:
            if dialog.is_open:
                dialog.show_refusal(one_line(error.words), _advice(error))
            return
        jobs = jobs_in(spec)
        if form.tell:
            self._told.update(ids)
        if dialog.is_open:
            dialog.let_go()
        self._say_submitted(jobs, ids)

    def _say_submitted(self, jobs: int, ids: list[int]) -> None:
        if not self._window.is_open or not ids:
            return
        text = counted(jobs, translate("Submit", "Submitted {n} job."), translate("Submit", "Submitted {n} jobs."))
        first = ids[0]
        show = Offer(translate("Submit", "Show"), "external-link", lambda: self._window.go_to_job(first))
        self._window.strips.tell(text, offer=show)
        self._shown = first
        self._go_when_there()

    def _go_when_there(self) -> None:
        if self._shown is not None and self._shown in self._session.farm.jobs:
            job, self._shown = self._shown, None
            self._window.go_to_job(job)

    def _flushed(self, changes: FarmChanges) -> None:
        self._go_when_there()
        jobs = self._session.farm.jobs
        for job in [job for job in self._told & changes.jobs.changed if job in jobs]:
            status = jobs.value(job, "status")
            if status in FINISHED:
                self._told.discard(job)
                self._say_ended(str(jobs.value(job, "name")), status)

    def _say_ended(self, name: str, status: str) -> None:
        words = {
            JobStatus.SUCCEEDED: translate("Submit", "{name} has succeeded."),
            JobStatus.FAILED: translate("Submit", "{name} has failed."),
        }.get(JobStatus(status), translate("Submit", "{name} has ended."))
        self._tell(Outcome(words.replace("{name}", one_line(name, 60)), failed=status == JobStatus.FAILED))
        call_attention(self._window)

    def _tell(self, outcome: Outcome) -> None:
        if self._window.is_open:
            self._window.tell(outcome)

    def _close(self) -> None:
        for dialog in tuple(self.dialogs):
            dialog.close()


def _advice(error: LinkError) -> str:
    return translate("Submit", "Submit again: it is never taken twice.") if error.lost else ""
