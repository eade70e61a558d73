"""Submit on a real farm: what is typed is sent, once; what is dropped is shown and not sent; where it could run is told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from hqgui.actions.submitting import Sender, submitted
from hqgui.feed_state import Phase
from hqgui.models.job_filter import Chip, JobFilter
from hqgui.models.submit.presets import built_in
from hqgui.session import Session
from hqgui.submissions import Submissions
from hqgui.troubles import LinkError, Trouble
from hqgui.views.main_window import MainWindow
from hqgui.views.submit.dialog import SubmitDialog
from tests.farm.harness import RealFarm, real_farm
from tests.gui.windows import run_on_farm, until

ALL = list(range(1, 200))
"""The ids of whatever there may be on this farm."""


@pytest.fixture(scope="module")
def farm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealFarm]:
    """A server with one agent of two cpus."""
    with real_farm(tmp_path_factory.mktemp("farm"), agents=1) as farm:
        yield farm


async def _live(session: Session, window: MainWindow) -> Submissions:
    await until("the farm", lambda: session.feed.state.phase is Phase.LIVE and len(session.farm.clients))
    window._set_filter(JobFilter(frozenset({Chip.ALL})))
    return next(iter(window.findChildren(Submissions)))


def test_frames_are_typed_and_submitted(farm: RealFarm, tmp_path: Path) -> None:
    async def script(session: Session, window: MainWindow) -> None:
        submissions = await _live(session, window)
        window.navigation["submit"].trigger()
        (dialog,) = submissions.dialogs
        page = dialog.form_page
        assert not dialog.submit.isEnabled()
        QTest.keyClicks(page.name, "typed")
        QTest.keyClicks(page.command.edit, "echo frame $FRAME")
        QTest.keyClicks(page.frames, "1-5x2")
        assert dialog.submit.text() == "Submit 4 jobs"
        await until("where it could run", lambda: "1 of 1 client could run it" in dialog.foot.where.text())
        QTest.keyClicks(page.tags.edit, "quick,")
        QTest.mouseClick(dialog.submit, Qt.MouseButton.LeftButton)
        await until("it is sent", lambda: not submissions.dialogs)
        assert not [one for one in window.findChildren(SubmitDialog) if one.isVisible()]
        assert window.strips.texts == ["Submitted 4 jobs."]
        job = await until("its row", lambda: window.inspector.job)
        row = farm.job(job, "name", "children", "submittedBy")
        assert (row["name"], len(row["children"])) == ("typed", 3)
        children = farm.hq.getJobs(row["children"], ["command", "frame", "tags"])
        assert [(child["command"], child["frame"]) for child in children] == [
            (f"echo frame {frame}", frame) for frame in (1, 3, 5)
        ]
        assert children[0]["tags"] == ["quick"]
        await until("it ran", lambda: farm.job(job, "status")["status"] == "succeeded")

    run_on_farm(farm.url, tmp_path, script)


def test_json_is_checked_mended_and_submitted(farm: RealFarm, tmp_path: Path) -> None:
    async def script(session: Session, window: MainWindow) -> None:
        submissions = await _live(session, window)
        dialog = submissions.open()
        dialog.tabs.setCurrentIndex(1)
        dialog.json_page.text.setPlainText('{"name": "mended",\n "command": "true",\n "priority": "high"}')
        title = dialog.json_page._title
        await until("a mistake", lambda: title.text() == "Line 3: priority must be a whole number.")
        assert not dialog.submit.isEnabled()
        QTest.mouseClick(dialog.json_page.fix, Qt.MouseButton.LeftButton)
        assert dialog.submit.isEnabled()
        dialog.tabs.setCurrentIndex(0)
        assert dialog.form_page.name.text() == "mended"
        QTest.keyClick(dialog, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
        await until("it is sent", lambda: not submissions.dialogs)
        assert len([job for job in farm.hq.getJobs(ALL, ["name"]) if job["name"] == "mended"]) == 1

    run_on_farm(farm.url, tmp_path, script)


def _drop(window: MainWindow, data: QMimeData) -> Qt.DropAction:
    """Drop something that may be moved; what was done with it."""
    copied, moved, none = Qt.DropAction.CopyAction, Qt.DropAction.MoveAction, Qt.KeyboardModifier.NoModifier
    place, button = QPoint(50, 50), Qt.MouseButton.LeftButton
    enter = QDragEnterEvent(place, copied | moved, data, button, none)
    drop = QDropEvent(place, copied | moved, data, button, none)
    for event in (enter, drop):
        event.setDropAction(moved)
        event.ignore()
        QApplication.sendEvent(window, event)
    return drop.dropAction() if drop.isAccepted() else Qt.DropAction.IgnoreAction


def test_what_is_dropped_is_shown_and_never_sent(farm: RealFarm, tmp_path: Path) -> None:
    path = tmp_path / "film.json"
    path.write_text(json.dumps({"name": "dropped", "command": "true"}), encoding="utf-8")

    async def script(session: Session, window: MainWindow) -> None:
        submissions = await _live(session, window)
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path))])
        assert _drop(window, data) == Qt.DropAction.CopyAction  # not moved: who drags it would remove it
        (dialog,) = submissions.dialogs
        assert '"dropped"' in dialog.json_page.text.toPlainText()
        await until("where it could run", lambda: "could run it" in dialog.foot.where.text())
        dialog.close()
        await until("it is closed", lambda: not submissions.dialogs)
        assert not [job for job in farm.hq.getJobs(ALL, ["name"]) if job["name"] == "dropped"]
        data.clear()
        data.setText('  [{"name": "a text", "command": "true"}]')
        _drop(window, data)
        assert submissions.dialogs[0].wanted() == [{"name": "a text", "command": "true"}]
        data.setText("17 shot_010")
        assert _drop(window, data) == Qt.DropAction.IgnoreAction
        assert len(submissions.dialogs) == 1

    run_on_farm(farm.url, tmp_path, script)


def test_a_job_is_submitted_again_with_changes(farm: RealFarm, tmp_path: Path) -> None:
    spec = {
        "name": "again",
        "priority": 3,
        "children": [
            {"name": str(n), "command": f"draw {n}; exit 1", "frame": n, "cpus": 1, "priority": 3} for n in (1, 2, 3)
        ],
    }

    async def script(session: Session, window: MainWindow) -> None:
        submissions = await _live(session, window)
        [job] = farm.hq.newjob(spec)
        await until("its row", lambda: session.tree.index_of(job).isValid())
        window.go_to_job(job)
        window.navigation["resubmit"].trigger()
        dialog = await until("the dialog", lambda: next(iter(submissions.dialogs), None))
        assert isinstance(dialog, SubmitDialog)
        await until("what was submitted", lambda: dialog.form_page.name.text() == "again")
        form = dialog.form_page.form
        assert (form.frames, form.command, form.priority) == ("1-3", "draw $FRAME; exit 1", 3)
        dialog.form_page.name.selectAll()
        QTest.keyClicks(dialog.form_page.name, "changed")
        dialog.submit.click()
        await until("it is sent", lambda: not submissions.dialogs)
        assert len([row for row in farm.hq.getJobs(ALL, ["name"]) if row["name"] == "changed"]) == 1
        [hidden, _] = await submitted(session.link, job)
        assert hidden["children"] == [
            {"name": str(n), "priority": 3, "command": f"draw {n}; exit 1", "frame": n} for n in (1, 2, 3)
        ]

    run_on_farm(farm.url, tmp_path, script)


def test_a_lost_answer_never_submits_twice(farm: RealFarm, tmp_path: Path) -> None:
    class Lossy:
        """A server whose first answer is lost on the way."""

        def __init__(self, session: Session) -> None:
            self.session = session
            self.lost = 0

        async def call(self, method: str, *arguments: object) -> Any:
            answer = await self.session.link.call(method, *arguments)
            if not self.lost:
                self.lost += 1
                raise LinkError(Trouble.CUT, "cut")
            return answer

    async def script(session: Session, window: MainWindow) -> None:
        await _live(session, window)
        sender = Sender(Lossy(session))
        for spec in ({"name": "once", "command": "true"}, [{"name": "once"}, {"name": "once"}]):
            sender.server.lost = 0  # type: ignore[attr-defined]
            with pytest.raises(LinkError):
                await sender.send(spec)
            first = await sender.send(spec)
            assert await sender.send(spec) == first
        named = [row["id"] for row in farm.hq.getJobs(ALL, ["id", "name"]) if row["name"] == "once"]
        assert len(named) == 3
        other = Sender(session.link, "ana")
        assert await other.send({"name": "once", "command": "true"}) != first
        [above] = await other.send({"name": "above", "submittedBy": "bo"})
        [below] = await other.send([{"name": "below"}], above)
        assert farm.job(above, "submittedBy") == farm.job(below, "submittedBy") == {"submittedBy": "bo"}
        assert [farm.job(one, "submittedBy")["submittedBy"] for one in await other.send([{"name": "a"}])] == ["ana"]

    run_on_farm(farm.url, tmp_path, script)


def test_presets_are_saved_and_found_again(farm: RealFarm, tmp_path: Path) -> None:
    async def script(session: Session, window: MainWindow) -> None:
        submissions = await _live(session, window)
        dialog = submissions.open()
        QTest.keyClicks(dialog.form_page.name, "<b>mine</b>")
        QTest.keyClicks(dialog.form_page.command.edit, "true")
        dialog.preset.bar.ask("", "")
        QTest.keyClick(dialog.preset.bar.name, Qt.Key.Key_Return)
        assert dialog.preset.text().startswith("From preset: <b>mine</b>")
        dialog.close()
        again = submissions.open()
        assert [preset.name for preset in again.saved] == ["<b>mine</b>"]
        again.take_preset(again.saved[0])
        assert again.form_page.command.text == "true"
        again.preset.delete_current()
        assert again.preset.saved == []
        again.preset.bring_back()
        assert [preset.name for preset in again.preset.saved] == ["<b>mine</b>"]
        again.preset.delete_current()
        again.close()
        assert submissions.open().saved == []

    run_on_farm(farm.url, tmp_path, script)


def test_what_was_written_is_had_back_after_a_preset_or_a_file_took_its_place(qtbot: QtBot, tmp_path: Path) -> None:
    dialog = SubmitDialog("farm")
    qtbot.addWidget(dialog)
    frames = built_in()[1]

    def back() -> Any:
        return dialog.preset.bring_written_back

    dialog.take_preset(frames)
    assert back() is None, "nobody wrote anything"
    QTest.keyClicks(dialog.form_page.name, "typed")
    written = dialog.form_page.form
    (tmp_path / "job.json").write_text('{"name": "filed", "command": "hostname"}')
    dialog.open_path(str(tmp_path / "job.json"))
    assert "filed" in dialog.json_page.text.toPlainText()
    back()()
    assert (dialog.form_page.form, dialog.preset.current) == (written, frames.name)
    assert dialog._is_unsent(), "and is asked about before it is lost"
    dialog.show_text('[{"name": "a", "command": "true"}, {"name": "b", "command": "true"}]')
    dialog.json_page.check_now()
    assert dialog.foot.says.text() == "2 trees, 2 jobs"
    dialog.show_text('{"name": "by hand"')
    QTest.keyClicks(dialog.json_page.text, "x")
    dialog.take_preset(frames)
    back()()
    assert dialog.json_page.text.toPlainText() == 'x{"name": "by hand"'
    assert dialog._is_unsent()
    dialog.let_go()
