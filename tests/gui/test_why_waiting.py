"""Why waiting on a real farm: what blocks a job is told, a button does what it says, permitted clients are edited."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from hqgui.feed_state import FeedState, Phase
from hqgui.gallery import why_scenes
from hqgui.models.client_store import ClientStore
from hqgui.models.job_columns import PLACE
from hqgui.models.job_filter import Chip, JobFilter
from hqgui.models.why import reasons
from hqgui.models.why.answer import read_why
from hqgui.models.why.copying import as_text
from hqgui.models.why.permitted import Draft, Mode
from hqgui.session import Session
from hqgui.views.main_window import MainWindow
from hqgui.views.why.window import WhyWindow
from hqgui.whys import Whys
from tests.farm.harness import RealFarm, real_farm
from tests.gui.test_care import drop
from tests.gui.windows import run_on_farm, until


@pytest.fixture(scope="module")
def farm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealFarm]:
    """A server with one agent of two cpus."""
    with real_farm(tmp_path_factory.mktemp("farm"), agents=1) as farm:
        yield farm


async def _live(session: Session, window: MainWindow) -> None:
    await until("the farm", lambda: session.feed.state.phase is Phase.LIVE and len(session.farm.clients))
    window._set_filter(JobFilter(frozenset({Chip.ALL})))


async def _opened(session: Session, window: MainWindow, job: int) -> WhyWindow:
    """Why waiting of a job, opened by the key W."""
    await until(f"row of job {job}", lambda: session.tree.index_of(job).isValid())
    window.go_to_job(job)
    window.tree.setFocus()
    window.navigation["why"].trigger()
    view = await until("the window", lambda: next(iter(_views(window)), None))
    assert isinstance(view, WhyWindow)
    await until("an answer", lambda: view.why)
    return view


def _views(window: MainWindow) -> list[WhyWindow]:
    return window.findChildren(WhyWindow)


def _has_row(session: Session, job: int) -> bool:
    return session.tree.index_of(job).isValid()


def _whys(window: MainWindow) -> Whys:
    return next(iter(window.findChildren(Whys)))


def test_a_disabled_client_is_enabled_and_that_is_taken_back(farm: RealFarm, tmp_path: Path) -> None:
    label = farm.hq.getClients()[0]["label"]

    async def script(session: Session, window: MainWindow) -> None:
        await _live(session, window)
        farm.hq.setdisabled(label, True)
        [job] = farm.hq.newjob({"name": "stuck", "command": "exec sleep 3600"})
        view = await _opened(session, window, job)
        await until("a reason", lambda: view.why and view.why.reasons[0].code == "disabled")
        assert view.verdict._title.text() == "No client can take this job: 0 of 1"
        assert view.verdict.button.text() == "Enable"
        tree = view.reasons
        node = tree.tree.nodes[0]
        assert isinstance(node.value, reasons.Reason)
        assert [cell.text for cell in node.cells[:2]] == ["Disabled", "1"]
        QTest.mouseClick(view.verdict.button, Qt.MouseButton.LeftButton)
        await until("it runs", lambda: farm.job(job, "status")["status"] == "running")
        await until("the window says so", lambda: view.verdict._title.text().startswith("It is on"))
        assert view.strips.texts == ["Enabled 1 client."]
        view.undo_wanted.emit()
        await until("it is disabled again", lambda: farm.hq.getClients()[0]["disabled"])
        farm.hq.setdisabled(label, False)
        farm.hq.cancelJobs([job])
        view.close()
        await until("nothing attends", lambda: not _whys(window).windows)

    run_on_farm(farm.url, tmp_path, script)


def test_permitted_clients_are_previewed_saved_and_taken_back(farm: RealFarm, tmp_path: Path) -> None:
    condition = {"type": "client", "name": "hostname", "op": "==", "value": "nowhere"}

    async def script(session: Session, window: MainWindow) -> None:
        await _live(session, window)
        [job] = farm.hq.newjob({"name": "choosy", "command": "true", "conditions": [condition]})
        view = await _opened(session, window, job)
        editor = view.editor
        assert (editor.draft.mode, editor.draft.checked) == (Mode.ONLY, frozenset())
        assert not editor.save.isEnabled()
        editor.rows.setFocus()
        editor.rows.setCurrentIndex(editor.rows.tree.index(0, 0))
        QTest.keyClick(editor.rows, Qt.Key.Key_Space)
        await until("its effect", lambda: editor.effect.known)
        assert (editor.effect.permitted, editor.effect.permitted_then) == (0, 1)
        assert (editor.effect.free, editor.effect.free_then) == (0, 1)
        assert farm.job(job, "conditions")["conditions"] == [condition]
        assert editor.save.text() == "Save 1 permitted client"
        session.feed.state_changed.emit(FeedState(Phase.RECONNECTING))
        assert view.verdict._title.text() == "It cannot be checked now"
        assert editor.is_touched, "what is checked stays"
        session.feed.state_changed.emit(FeedState(Phase.LIVE))
        await until("it is checked again", lambda: view.verdict._title.text().startswith("No client can take"))
        assert editor.save.text() == "Save 1 permitted client"
        QTest.mouseClick(editor.save, Qt.MouseButton.LeftButton)
        await until("it ran", lambda: farm.job(job, "status")["status"] == "succeeded")
        await until("a strip", lambda: view.strips.texts)
        view.undo_wanted.emit()
        await until("its conditions are as before", lambda: farm.job(job, "conditions")["conditions"] == [condition])
        view.close()

    run_on_farm(farm.url, tmp_path, script)


def test_it_opens_from_the_status_cell_the_omnibox_and_by_clients_that_are_dropped(
    farm: RealFarm, tmp_path: Path
) -> None:
    condition = {"type": "client", "name": "hostname", "op": "==", "value": "nowhere"}

    async def script(session: Session, window: MainWindow) -> None:
        await _live(session, window)
        [choosy] = farm.hq.newjob({"name": "choosy", "command": "true", "conditions": [condition]})
        [any_] = farm.hq.newjob({"name": "any", "command": "true", "resources": {"never": 1}})
        tree = window.tree
        for job in (choosy, any_):
            await until("its row", partial(_has_row, session, job))

        cell = tree.visualRect(session.tree.index_of(choosy, PLACE["status"]))
        QTest.mouseClick(tree.viewport(), Qt.MouseButton.LeftButton, pos=cell.center())
        view = await until("the window", lambda: next(iter(_views(window)), None))
        await until("an answer", lambda: view.why)
        assert view.job == choosy
        view.close()
        await until("it is closed", lambda: not _views(window))

        window.go_to_job(any_)
        window.open_omnibox()
        QTest.keyClicks(window.omnibox.field.edit, "why wai")
        QTest.keyClick(window.omnibox.field.edit, Qt.Key.Key_Return)
        view = await until("the window", lambda: next(iter(_views(window)), None))
        assert view.job == any_
        view.close()
        await until("it is closed", lambda: not _views(window))

        [client] = session.farm.clients.rows
        wanted = Draft(Mode.ONLY, frozenset({client}))
        data = session.clients.mimeData([session.clients.index_of(client)])
        for job in (choosy, any_):
            assert drop(tree.viewport(), tree.visualRect(session.tree.index_of(job)).center(), data)
            await until("the client is checked", lambda: [view.editor.draft for view in _views(window)] == [wanted])
            [view] = _views(window)
            assert view.editor.save.isEnabled()
            view.editor.revert.click()
            view.close()
            await until("it is closed", lambda: not _views(window))
        assert farm.job(choosy, "conditions")["conditions"] == [condition], "nothing is saved by dropping"
        assert not drop(tree.viewport(), QPoint(5, tree.viewport().height() - 5), data)
        farm.hq.cancelJobs([choosy, any_])
        await until("it ended", lambda: session.farm.jobs.value(any_, "status") == "cancelled")
        assert not drop(tree.viewport(), tree.visualRect(session.tree.index_of(any_)).center(), data)

    run_on_farm(farm.url, tmp_path, script)


def test_the_inspector_tells_it_too(farm: RealFarm, tmp_path: Path) -> None:
    async def script(session: Session, window: MainWindow) -> None:
        await _live(session, window)
        [job] = farm.hq.newjob({"name": "lacking", "command": "true", "resources": {"nothing": 1}})
        await until("its row", lambda: session.tree.index_of(job).isValid())
        window.go_to_job(job)
        whys = _whys(window)
        window.open_tab(whys.tab)
        await until("the page", lambda: whys.page.why)
        assert whys.page.verdict.button.text() == "Make the resource"
        QTest.mouseClick(whys.page.verdict.button, Qt.MouseButton.LeftButton)
        await until("it ran", lambda: farm.job(job, "status")["status"] == "succeeded")
        assert farm.hq.getResources()[0]["name"] == "nothing"
        await until("the page knows", lambda: whys.page.why and whys.page.why.status == "succeeded")
        window.undo_wanted.emit()
        await until("it is gone again", lambda: farm.hq.getResources() == [])

    run_on_farm(farm.url, tmp_path, script)


def test_a_tree_leads_to_the_first_job_below_it_that_waits(farm: RealFarm, tmp_path: Path) -> None:
    nowhere = [{"type": "client", "name": "os", "op": "==", "value": "macosx"}]

    async def script(session: Session, window: MainWindow) -> None:
        await _live(session, window)
        child = {"name": "1001", "command": "true", "conditions": nowhere}
        [root] = farm.hq.newjob({"name": "tree", "children": [child]})
        await until("the child's row", lambda: len(session.farm.jobs.family((root,))) == 2)
        view = await _opened(session, window, root)
        assert view.verdict.button.text() == "Why tree 1001 waits"
        assert view.verdict._words.text() == "tree 1001 waits for a machine."
        QTest.mouseClick(view.verdict.button, Qt.MouseButton.LeftButton)
        below = await until(
            "the child's window", lambda: next((one for one in _views(window) if one is not view), None)
        )
        await until("an answer", lambda: below.why)
        assert below.verdict.button.text() == "Edit permitted clients", "no button permits another system"
        QTest.mouseClick(below.verdict.button, Qt.MouseButton.LeftButton)
        assert below.focusWidget() is below.editor.rows
        below.close()
        view.close()
        farm.hq.cancelJobs([root])

    run_on_farm(farm.url, tmp_path, script)


def test_permitted_clients_are_not_guessed_before_the_server_has_said_them(qapp: QApplication) -> None:
    window = WhyWindow(48301, lambda: 0.0, moving=False)
    farm = why_scenes.farm()
    clients = ClientStore()
    clients.upsert(farm["clients"])
    window.show_farm(clients.rows, {row["id"]: row for row in farm["groups"]})
    editor = window.editor
    assert not [mode for mode, choice in editor.modes.items() if choice.isChecked() or choice.isEnabled()]
    assert not editor.rows.isEnabled()
    window.show_why(why_scenes.why(), "shot", frozenset({200, 201}))
    assert [mode for mode, choice in editor.modes.items() if choice.isChecked()] == [Mode.ONLY]
    assert editor.rows.isEnabled()
    window.close()


def test_a_client_with_a_hostile_name_is_text(qapp: QApplication) -> None:
    name = "<img src=x onerror=1>\u202egpj"
    row: dict[str, Any] = why_scenes.answer(verdict=name)
    row["reasons"][2]["items"][0]["label"] = name
    row["reasons"][0]["resource"]["name"] = name
    window = WhyWindow(1, lambda: 0.0, moving=False)
    window.show_farm({}, {2: {"id": 2, "name": name}})
    window.show_why(read_why(row), name, frozenset())
    window.show()
    shown = [window.windowTitle(), window.verdict.button.text(), as_text(window.why, name, 0.0)]  # type: ignore[arg-type]
    assert not any("\u202e" in text for text in shown)
    assert all("<img" in text for text in shown)
    window.close()
