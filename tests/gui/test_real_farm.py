"""The window on a real server with a real agent: what is submitted is seen, what is wanted happens."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit

from hqgui.feed_state import Phase
from hqgui.models.job_filter import Chip, JobFilter
from hqgui.session import Session
from hqgui.views.confirm_dialog import ConfirmDialog
from hqgui.views.file_dialog import SaveDialog
from hqgui.views.inspector import Tab
from hqgui.views.main_window import MainWindow
from hqgui.views.priority_popup import PriorityPopup
from tests.farm.harness import RealFarm, real_farm
from tests.gui.windows import run_on_farm, until


@pytest.fixture(scope="module")
def farm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealFarm]:
    """A server with one agent of two cpus."""
    with real_farm(tmp_path_factory.mktemp("farm"), agents=1) as farm:
        yield farm


def _all(window: MainWindow) -> None:
    window._set_filter(JobFilter(frozenset({Chip.ALL})))


async def _seen(session: Session, job: int) -> None:
    await until(f"row of job {job}", lambda: session.tree.index_of(job).isValid())


async def _live(session: Session) -> None:
    await until("the farm", lambda: session.feed.state.phase is Phase.LIVE)


def _dialog(window: MainWindow) -> ConfirmDialog | None:
    return next((one for one in window.findChildren(ConfirmDialog) if one.isVisible()), None)


def test_a_job_is_seen_paused_resumed_and_cancelled(farm: RealFarm, tmp_path: Path) -> None:
    async def script(session: Session, window: MainWindow) -> None:
        await _live(session)
        _all(window)
        [job] = farm.hq.newjob({"name": "endless", "command": "echo begun; exec sleep 3600"})
        await _seen(session, job)
        window.go_to_job(job)
        await until("it runs", lambda: session.farm.jobs.value(job, "status") == "running")

        window.commands.ask("pause")
        await until("a strip", lambda: "Paused endless." in window.strips.texts)
        await until("it is paused", lambda: session.farm.jobs.value(job, "status") == "paused")
        window.commands.refresh()
        assert window.commands.actions["resume"].isEnabled()
        assert not window.commands.actions["pause"].isEnabled()

        window.undo_wanted.emit()
        await until("it goes on", lambda: farm.job(job, "status")["status"] == "running")
        await until("a strip", lambda: "1 job goes on." in window.strips.texts)

        window.commands.ask("cancel")
        dialog = await until("a question", lambda: _dialog(window))
        assert dialog.no.hasFocus()
        assert not dialog.yes.hasFocus()
        assert dialog.yes.text() == "Cancel 1 job"
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
        await until("the dialog to close", lambda: _dialog(window) is None)
        assert farm.job(job, "status")["status"] == "running"

        window.commands.ask("cancel")
        dialog = await until("a question", lambda: _dialog(window))
        dialog.yes.click()
        await until("it is cancelled", lambda: session.farm.jobs.value(job, "status") == "cancelled")
        assert farm.job(job, "status")["status"] == "cancelled"
        await until("a strip", lambda: "Cancelled endless." in window.strips.texts)

    run_on_farm(farm.url, tmp_path, script)


def test_output_history_and_command_of_the_job_that_is_shown(farm: RealFarm, tmp_path: Path) -> None:
    command = "echo line one; echo 'Error: no such texture'; printf 'tail without end'"

    async def script(session: Session, window: MainWindow) -> None:
        await _live(session)
        _all(window)
        [job] = farm.hq.newjob({"name": "talker", "command": command})
        await _seen(session, job)
        await until("it ends", lambda: session.farm.jobs.value(job, "status") == "succeeded")
        window.go_to_job(job)
        window.open_tab(Tab.OUTPUT)
        log = window.inspector.output.log
        await until("its output", lambda: log.toPlainText().endswith("tail without end"))
        assert log.toPlainText() == "line one\nError: no such texture\ntail without end"
        assert window.inspector.output.errors.isVisible()
        await until("its command", lambda: window.inspector._details is not None)
        assert (window.inspector._details or {})["command"] == command
        await until("its history", lambda: session.history.rowCount() >= 3)
        assert session.history.index(0, 1).data() == "Succeeded"

    run_on_farm(farm.url, tmp_path, script)


def test_another_attempt_is_read_from_its_beginning(farm: RealFarm, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    command = f"if [ -e {mark} ]; then echo second; exit 0; fi; touch {mark}; echo a long first line; exit 1"

    async def script(session: Session, window: MainWindow) -> None:
        await _live(session)
        _all(window)
        [job] = farm.hq.newjob({"name": "again", "command": command})
        await _seen(session, job)
        window.go_to_job(job)
        window.open_tab(Tab.OUTPUT)
        log = window.inspector.output.log
        await until("the first output", lambda: log.toPlainText() == "a long first line")
        await until("it failed", lambda: session.farm.jobs.value(job, "status") == "failed")
        window.commands.ask("reschedule")
        await until("the second output", lambda: log.toPlainText() == "second")

    run_on_farm(farm.url, tmp_path, script)


def test_undo_gives_each_of_five_hundred_jobs_its_own_priority_and_touches_nothing_that_was_changed_since(
    farm: RealFarm, tmp_path: Path
) -> None:
    async def script(session: Session, window: MainWindow) -> None:
        hq = farm.hq
        specs = [
            {"name": f"queue {n}", "command": "true", "priority": n % 7, "conditions": _NOWHERE} for n in range(500)
        ]
        jobs = [hq.newjob(spec)[0] for spec in specs[:50]]
        jobs += [
            hq.newjob({"name": "many", "priority": 3, "children": specs[50:]})[0],
        ]
        everyone = [*jobs, *hq.getJob(jobs[-1], ["children"])["children"]]
        former = {row["id"]: row["priority"] for row in hq.getJobs(everyone, ["id", "priority"])}
        assert len(former) == 501
        assert len(set(former.values())) > 3
        await _live(session)
        _all(window)
        await until("all rows", lambda: all(job in session.farm.jobs for job in everyone))
        before = window.strips.texts

        window.action_wanted.emit("raise_priority", tuple(jobs[:10]))
        await until("a strip", lambda: window.strips.texts != before)
        assert hq.getJob(jobs[0], ["priority"])["priority"] == former[jobs[0]] + 1
        window.priority_wanted.emit(tuple(jobs), 50)
        await until("all at 50", lambda: {row["priority"] for row in hq.getJobs(everyone, ["priority"])} == {50})
        await until("the window knows", lambda: all(session.farm.jobs.value(job, "priority") == 50 for job in everyone))

        someone = [everyone[3], everyone[-1], everyone[-2]]
        hq.setPriority(someone, 77)
        window.undo_wanted.emit()  # the setting to 50
        expected = former | {job: former[job] + 1 for job in jobs[:10]} | dict.fromkeys(someone, 77)

        def priorities() -> dict[int, int]:
            return {row["id"]: row["priority"] for row in hq.getJobs(everyone, ["id", "priority"])}

        await until("a strip", lambda: any("Three were changed since" in text for text in window.strips.texts))
        assert {
            job: (now, expected[job], former[job]) for job, now in priorities().items() if now != expected[job]
        } == {}
        await until("undone", lambda: priorities() == expected)
        await until("a strip", lambda: any("Three were changed since" in text for text in window.strips.texts))
        window.undo_wanted.emit()  # the raising
        await until("undone too", lambda: priorities() == former | dict.fromkeys(someone, 77))
        hq.cancelJobs(jobs)

    run_on_farm(farm.url, tmp_path, script)


_NOWHERE = [{"type": "client", "name": "hostname", "op": "==", "value": "no machine of this name"}]


def test_a_priority_is_typed_for_several_jobs_at_once(farm: RealFarm, tmp_path: Path) -> None:
    async def script(session: Session, window: MainWindow) -> None:
        await _live(session)
        _all(window)
        jobs = [farm.hq.newjob({"name": f"pair {n}", "conditions": _NOWHERE, "command": "true"})[0] for n in range(2)]
        for job in jobs:
            await _seen(session, job)
        window.asking.ask("set_priority", tuple(jobs))
        popup = QApplication.activePopupWidget()
        assert isinstance(popup, PriorityPopup)
        QTest.keyClicks(popup.field, "42")
        QTest.keyClick(popup.field, Qt.Key.Key_Return)
        await until("42", lambda: [farm.job(job, "priority")["priority"] for job in jobs] == [42, 42])
        farm.hq.cancelJobs(jobs)

    run_on_farm(farm.url, tmp_path, script)


def test_clients_are_disabled_and_enabled(farm: RealFarm, tmp_path: Path) -> None:
    async def script(session: Session, window: MainWindow) -> None:
        await _live(session)
        [client] = await until("the client", lambda: list(session.farm.clients.rows))
        await until("its row", lambda: session.clients.index_of(client).isValid())
        window.show_clients((client,))
        window.commands.ask("disable_client")
        await until("it is disabled", lambda: (farm.client("n1") or {})["disabled"])
        await until("the row", lambda: session.farm.clients.rows[client]["status"] == "disabled")
        window.undo_wanted.emit()
        await until("it is enabled", lambda: not (farm.client("n1") or {})["disabled"])

    run_on_farm(farm.url, tmp_path, script)


def test_a_lost_server_is_waited_for_and_what_changed_meanwhile_is_seen(tmp_path: Path) -> None:
    with real_farm(tmp_path) as farm:

        async def script(session: Session, window: MainWindow) -> None:
            await _live(session)
            _all(window)
            [job] = farm.hq.newjob({"name": "waits", "command": "true"})
            await _seen(session, job)
            window.go_to_job(job)
            typed = window.filters.field.edit
            farm.kill_server()
            await until("the loss", lambda: session.feed.state.phase is Phase.RECONNECTING)
            assert window.banner.isVisible()
            assert "Lost" in window.banner.accessibleName()
            assert session.tree.index_of(job).isValid()
            assert session.actions.why_not("pause", (job,)) != ""
            shown = session.picture_time()
            typed.setText("wai")
            farm.start_server()
            session.feed.try_now()
            await _live(session)
            assert session.picture_time() > shown
            assert not window.banner.isVisible()
            [further] = farm.hq.newjob({"name": "waits too", "command": "true"})
            await _seen(session, further)
            assert window.tree.current_id() == job
            assert typed.text() == "wai"

        run_on_farm(farm.url, tmp_path, script)


def test_nothing_of_the_window_is_left_when_it_closed(farm: RealFarm, tmp_path: Path) -> None:
    from hqgui.tasks import running

    async def script(session: Session, window: MainWindow) -> None:
        await _live(session)
        assert running()

    run_on_farm(farm.url, tmp_path, script)
    assert running() == ()


def test_a_megabyte_without_a_line_break_is_read_from_its_end_then_whole_and_saved(
    farm: RealFarm, tmp_path: Path
) -> None:
    command = "printf 'begin\\n'; head -c 1000000 /dev/zero | tr '\\0' y; printf '\\n\\000\\001\\377\\nend\\n'"

    async def script(session: Session, window: MainWindow) -> None:
        await _live(session)
        _all(window)
        [job] = farm.hq.newjob({"name": "../big & <b>log</b>", "command": command})
        await _seen(session, job)
        await until("it ends", lambda: session.farm.jobs.value(job, "status") == "succeeded")
        window.go_to_job(job)
        window.open_tab(Tab.OUTPUT)
        view = window.inspector.output
        await until("its end", lambda: view.log.toPlainText().endswith("␀␁\\xff\nend"))
        assert len(view.log.toPlainText()) < 300_000
        assert view._all.isVisible()
        await until("its size", lambda: "of 977 KB" in view._size.text())

        view.load_all_wanted.emit()
        await until("all of it", lambda: view.log.toPlainText().count("y") == 1_000_000)
        assert view.log.toPlainText().startswith("begin\n")
        assert max(map(len, view.log.toPlainText().split("\n"))) <= 4_096

        view.save_wanted.emit()
        dialog = await until("a question", lambda: window.findChild(SaveDialog))
        assert dialog.selectedFiles()[0].endswith(f"big____b_log__b-{job}.log")
        dialog.findChild(QLineEdit).setText(str(tmp_path / "kept.log"))
        assert dialog.selectedFiles() == [str(tmp_path / "kept.log")]
        dialog.accept()
        await until("a strip", lambda: any(text.startswith("Saved 977 KB") for text in window.strips.texts))
        assert (tmp_path / "kept.log").read_bytes() == b"begin\n" + b"y" * 1_000_000 + b"\n\x00\x01\xff\nend\n"

    run_on_farm(farm.url, tmp_path, script)


def test_all_of_a_long_log_is_searched_and_every_place_is_reached(farm: RealFarm, tmp_path: Path) -> None:
    """1.3 MB, of which the last quarter is loaded; what is looked for stands at its beginning, in its middle, at its end."""
    command = "echo NEEDLE one; seq 1 90000; echo a needle, two, a needle; seq 1 90000; echo last needle; seq 1 9"

    async def script(session: Session, window: MainWindow) -> None:
        await _live(session)
        _all(window)
        [job] = farm.hq.newjob({"name": "long", "command": command})
        await _seen(session, job)
        await until("its end", lambda: session.farm.jobs.value(job, "status") == "succeeded")
        window.go_to_job(job)
        window.open_tab(Tab.OUTPUT)
        view, finder = window.inspector.output, window.inspector.output.finder
        await until("the end of the log", lambda: view._buffer.lines and view._buffer.lines[-1].text == "9")
        assert view._state.shown_from > 900_000
        finder.field.edit.setText("needle")
        await until("all places", lambda: finder._words.text() == "4 of 4")
        assert not finder.hits.running
        assert finder.hits.complete

        def place() -> str:
            cursor = view.log.textCursor()
            return f"{finder._words.text()}: {cursor.block().text()[cursor.positionInBlock() :]}"

        def is_at(expected: str) -> bool:
            return place() == expected

        for expected in ("1 of 4: NEEDLE one", "2 of 4: needle, two, a needle", "3 of 4: needle", "4 of 4: needle"):
            finder.step()
            await until(expected, partial(is_at, expected))
            assert view.follow.isChecked() is False
            assert view.log.unseen == 0
            assert view.log.viewport().rect().contains(view.log.cursorRect())
        finder.step(backwards=True)
        await until("the place before", lambda: place() == "3 of 4: needle")
        assert view._state.is_part
        assert "of 1.01 MB" in view._size.text()

        bar, lines = view.log.verticalScrollBar(), len(view._buffer.lines)
        bar.setValue(bar.maximum())
        await until("more of the part", lambda: len(view._buffer.lines) > lines + 1000)
        assert view.log.unseen == 0, "what is read on is no news"

        view._all.click()
        await until("the end again", lambda: not view._state.is_part and view._buffer.lines[-1].text == "9")
        assert view.follow.isChecked()
        finder.field.edit.setText("no such thing")
        await until("nothing", lambda: finder._words.text() == "none")

    run_on_farm(farm.url, tmp_path, script)
