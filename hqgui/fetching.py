"""Fetches outputs of jobs into files: to keep one or many where one says, or to read one in an editor.

A short one comes at once. Of a long one a strip tells how far it is, and stops it; what was stopped leaves no file.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices

from hqgui.actions import Outcome
from hqgui.inquiries import Piece, whole_output
from hqgui.many_outputs import outputs_as_zip
from hqgui.models.formats import bytes_text, count, file_name, one_line, percent
from hqgui.saving import save, trouble
from hqgui.session import Session
from hqgui.tailing import Tailing
from hqgui.tasks import answer, spawn
from hqgui.troubles import LinkError
from hqgui.views.file_dialog import SaveDialog
from hqgui.views.main_window import MainWindow
from hqgui.views.navigation import Way
from hqgui.views.strips import Strip
from hqgui.words import translate

LONG_BYTES: Final = 8 << 20
"""From this size on, progress is shown."""
MANY_JOBS: Final = 20
"""As many outputs come without a word of how far it is."""


class Fetching(QObject):
    """Of one window."""

    def __init__(self, session: Session, window: MainWindow, tailing: Tailing, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._window = window
        self._tailing = tailing
        self._fetching: set[asyncio.Task[None]] = set()
        view = window.inspector.output
        view.save_wanted.connect(lambda: self._start(self.save_as))
        view.open_wanted.connect(lambda: self._start(self.open))
        words = translate("Menus", "Save output…")
        window.add_way(Way("save_output", words, "", self.save_selected, in_table=True, menu="jobs"))

    def _start(self, fetch: Callable[[int, int | None], Coroutine[Any, Any, None]]) -> None:
        job = self._tailing.job
        if job is not None:
            self._go(fetch(job, self._tailing.attempt), f"fetching the output of job {job}")

    def _go(self, work: Coroutine[Any, Any, None], what: str) -> None:
        task = spawn(work, what)
        self._fetching.add(task)
        task.add_done_callback(self._fetching.discard)

    def save_selected(self) -> None:
        """Ask where the outputs of the selected jobs should go: one as a text, several together as a zip."""
        jobs = self._window.tree.selected_ids()
        if not jobs:
            self._tell(Outcome(translate("Actions", "Select a job first."), failed=True))
        elif len(jobs) == 1:
            self._go(self.save_as(jobs[0], None), f"fetching the output of job {jobs[0]}")
        else:
            self._go(self.save_together(jobs), f"fetching the outputs of {len(jobs)} jobs")

    def stop(self) -> None:
        """Fetch no more; nothing half is left."""
        for task in self._fetching:
            task.cancel()

    def _name(self, job: int, attempt: int | None) -> str:
        name = file_name(job, str(self._session.farm.jobs.value(job, "name")), "log")
        return name if attempt is None else f"{name.removesuffix('.log')}-{attempt}.log"

    async def save_as(self, job: int, attempt: int | None) -> None:
        """Ask where, and save it there. `attempt` None: the newest."""
        title, name = translate("Output", "Save log"), self._name(job, attempt)
        dialog = SaveDialog(title, name, self._window.settings, self._window)
        dialog.open()
        path = await answer(dialog.path_chosen)
        if path:
            self._tell(await self._written(job, attempt, Path(path)))

    async def save_together(self, jobs: Sequence[int]) -> None:
        """Ask where, and save the outputs of several jobs there."""
        dialog = SaveDialog(translate("Output", "Save outputs"), "outputs.zip", self._window.settings, self._window)
        dialog.open()
        path = await answer(dialog.path_chosen)
        if path:
            names = {job: self._name(job, None) for job in jobs}
            told = _Progress(self._window, Path(path))
            at = datetime.fromtimestamp(self._session.now(), UTC).astimezone()
            outputs = outputs_as_zip(self._session.link, names, at, lambda done: told.show_jobs(done, len(names)))
            self._tell(await self._kept(Path(path), outputs, told))

    async def open(self, job: int, attempt: int | None) -> None:
        """Show it in the program that this machine has for texts."""
        path = Path(tempfile.mkdtemp(prefix="hqgui-")) / self._name(job, attempt)
        outcome = await self._written(job, attempt, path)
        if outcome.failed:
            self._tell(outcome)
        elif not QDesktopServices.openUrl(QUrl.fromLocalFile(os.fspath(path))):
            words = translate("Output", "No program on this machine opens text files.")
            self._tell(Outcome(words, one_line(str(path), 200), failed=True))

    def _tell(self, outcome: Outcome) -> None:
        if self._window.is_open:
            self._window.tell(outcome)

    async def _written(self, job: int, attempt: int | None, path: Path) -> Outcome:
        told = _Progress(self._window, path)
        return await self._kept(path, told.pieces(whole_output(self._session.link, job, attempt)), told)

    async def _kept(self, path: Path, pieces: AsyncIterator[bytes], told: _Progress) -> Outcome:
        task = asyncio.current_task()
        told.stop = None if task is None else task.cancel
        not_saved = translate("Output", "The log was not saved.")
        try:
            size = await save(path, pieces)
        except LinkError as error:
            return Outcome(not_saved, error.words, failed=True)
        except OSError as error:
            return Outcome(not_saved, trouble(error, path), failed=True)
        finally:
            told.end()
        text = translate("Output", "Saved {size} to {path}.")
        return Outcome(text.format(size=bytes_text(size), path=one_line(str(path), 200)))


class _Progress:
    """A strip that tells how far one file is."""

    def __init__(self, window: MainWindow, path: Path) -> None:
        self._window = window
        self._name = one_line(path.name, 60)
        self._strip: Strip | None = None
        self.stop: Callable[[], object] | None = None

    async def pieces(self, output: AsyncIterator[Piece]) -> AsyncIterator[bytes]:
        """What is written, told of as it goes by."""
        async for piece in output:
            self._show(piece.place, piece.size)
            yield piece.data

    def _show(self, place: int, size: int) -> None:
        words = translate("Output", "Saving {name}: {share} of {size}")
        share = percent(place / max(size, 1), done=False)
        words = words.replace("{share}", share).replace("{size}", bytes_text(size)).replace("{name}", self._name)
        self._say(words, size >= LONG_BYTES)

    def show_jobs(self, done: int, jobs: int) -> None:
        """So many of the jobs are in the file."""
        words = translate("Output", "Saving {name}: {n} of {m} jobs")
        words = words.replace("{n}", count(done)).replace("{m}", count(jobs)).replace("{name}", self._name)
        self._say(words, done >= MANY_JOBS)

    def _say(self, words: str, at_length: bool) -> None:
        if self._strip is not None:
            self._strip.show_words(words)
        elif at_length and self._window.is_open:
            self._strip = self._window.strips.follow(words, self._stopped)

    def _stopped(self) -> None:
        self._strip = None
        if self.stop is not None:
            self.stop()
        self._window.tell(Outcome(translate("Output", "Stopped. {name} was not saved.").replace("{name}", self._name)))

    def end(self) -> None:
        """It is over, whichever way."""
        if self._strip is not None and self._window.is_open:
            self._strip.leave()
        self._strip = None
