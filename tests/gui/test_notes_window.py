"""Notes as somebody uses them: pages of hostile text, drafts that stay, keys, and two people on a real farm."""

from __future__ import annotations

import xmlrpc.client
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt, QUrl
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from hqgui.actions.notes import not_added
from hqgui.feed_state import Phase
from hqgui.models.job_filter import Chip, JobFilter
from hqgui.models.search import HitKind, offers
from hqgui.models.thread_index import NoteChip
from hqgui.models.thread_page import Note, Said
from hqgui.models.thread_subject import Target
from hqgui.notifications import Notice
from hqgui.noting import Noting
from hqgui.session import Session
from hqgui.troubles import LinkError, Refusal, Trouble
from hqgui.views.confirm_dialog import ConfirmDialog
from hqgui.views.main_window import MainWindow
from hqgui.views.parts.buttons import Button
from tests.farm.harness import RealFarm, real_farm
from tests.gui.conftest import Opener
from tests.gui.test_hostile_text import BELL, BIDI, IMAGE, LONG, UNSEEN, _widget_faults
from tests.gui.windows import OpenWindow, run_on_farm, settle, until
from tests.models.farm_rows import job_row
from tests.models.note_rows import thread_row


def noting_of(window: MainWindow) -> Noting:
    """What has to do with notes in a window."""
    found = window.findChild(Noting)
    assert isinstance(found, Noting)
    return found


def _window(open_window: Opener) -> OpenWindow:
    return _filled(open_window())


def _filled(opened: OpenWindow) -> OpenWindow:
    opened.take(
        jobs=[job_row(7, name="beauty"), job_row(8, name="smoke", submittedBy="bert")],
        clients=[{"id": 3, "hostname": "rnd-142", "label": "rnd-142", "status": "busy", "runningJobs": []}],
        threads=[thread_row(1, jobId=7), thread_row(2, clientId=3), thread_row(3)],
    )
    opened.live()
    opened.show_all()
    return opened


@pytest.mark.parametrize("text", [IMAGE, LONG, BIDI, BELL], ids=("image", "long", "bidi", "controls"))
def test_whatever_a_note_says_is_text(open_window: Opener, text: str) -> None:
    opened = _window(open_window)
    opened.take(
        jobs=[job_row(7, name=text)],
        threads=[thread_row(1, jobId=7, latestNote=text, latestAuthor=text), thread_row(9, latestNote=text)],
    )
    noting = noting_of(opened.window)
    noting.open_thread(1)
    assert noting.page is not None
    notes = [Note(1, 1_799_990_000, f"{text}\n> {text}\n#7 {text}", text), Note(2, 1_799_990_001, text, "", True)]
    noting.page.reader.show_given(notes, read_until=0)
    settle()
    page = noting.page.browser.pane.text
    shown = page.toPlainText()
    assert [sign for sign in UNSEEN if sign in shown] == []
    if text in (IMAGE, LONG):
        assert shown.lower().count(text.lower()) >= 4  # what is told automatically begins with a capital letter
    assert page.loadResource(2, QUrl("file:///etc/hostname")) is None
    formats = [one for one in _formats(page.document()) if one.isImageFormat()]
    assert formats == []
    noting.page.browser.pane.composer.show_text(text)
    assert noting.page.browser.pane.composer.text.count("<") == text.count("<")
    noting.page.refresh()
    settle()
    assert list(_widget_faults(noting.page.browser)) == []
    model = noting.page.threads
    for row in range(model.rowCount()):
        index = model.index(row, 0)
        for role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            assert [sign for sign in UNSEEN if sign in str(index.data(role))] == []


def _formats(document: Any) -> Iterator[Any]:
    block = document.firstBlock()
    while block.isValid():
        place = block.begin()
        while not place.atEnd():
            yield place.fragment().charFormat()
            place += 1
        block = block.next()


def test_a_page_that_goes_on_keeps_what_is_selected(open_window: Opener) -> None:
    opened = _window(open_window)
    noting = noting_of(opened.window)
    noting.open_thread(1)
    assert noting.page is not None
    notes = [Note(n, 1_799_990_000 + n, f"note {n} on @rnd-142", "dkim") for n in range(1, 60)]
    noting.page.reader.show_given(notes)
    page = noting.page.browser.pane.text
    settle()
    assert page.at_end
    cursor = page.textCursor()
    cursor.setPosition(10)
    cursor.setPosition(20, cursor.MoveMode.KeepAnchor)
    page.setTextCursor(cursor)
    chosen = cursor.selectedText()
    page.verticalScrollBar().setValue(0)
    noting.page.reader.show_given([*notes, Note(60, 1_799_990_060, "one more", "s.iyer")])
    settle()
    assert page.textCursor().selectedText() == chosen
    assert page.verticalScrollBar().value() == 0
    said = [item for item in page.items if isinstance(item, Said)]
    assert said[-1].who == "s.iyer"


def test_drafts_stay_with_what_they_are_about_and_outlive_the_window(qapp: QApplication, tmp_path: Path) -> None:
    opened = _filled(OpenWindow(tmp_path))
    noting = noting_of(opened.window)
    noting.open_target(Target(job=7))
    assert noting.page is not None
    composer = noting.page.browser.pane.composer
    QTest.keyClicks(composer.edit, "half a sentence")
    noting.open_target(Target(client=3))
    assert composer.text == ""
    QTest.keyClicks(composer.edit, "another")
    opened.enter(Phase.RECONNECTING)
    settle()
    assert composer.text == "another"
    assert not composer.add.isEnabled()
    opened.live()
    noting.open_target(Target(job=7))
    assert composer.text == "half a sentence"
    assert composer.add.isEnabled()
    opened.window.inspector.show_job(7)
    opened.window.open_tab(noting.tab)
    assert noting.pane.composer.text == "half a sentence"  # the same draft in the inspector
    opened.close()
    again = OpenWindow(tmp_path)
    noting = noting_of(again.window)
    noting.open_target(Target(job=7))
    assert noting.page is not None
    assert noting.page.browser.pane.composer.text == "half a sentence"
    again.close()


def test_keys_lead_to_notes(open_window: Opener) -> None:
    opened = _window(open_window)
    noting = noting_of(opened.window)
    opened.select(7)
    opened.window.tree.setFocus()
    QTest.keyClick(opened.window.tree, Qt.Key.Key_N)
    assert opened.window.inspector.tab == noting.tab
    assert noting.reader.target == Target(job=7)
    opened.window.clients.select([3])
    QTest.keyClick(opened.window.clients.rows, Qt.Key.Key_N)
    assert noting.page is not None
    assert noting.page.reader.target == Target(client=3)
    opened.window.tree.note_wanted.emit(7)
    assert noting.page.reader.target == Target(job=7)
    hits = [hit for hit in opened.window.finding.find("note 3") if hit.key == 3]
    assert hits
    noting.page.browser.rows.setFocus()


def test_a_line_of_the_output_is_quoted_in_the_note_on_its_job(open_window: Opener) -> None:
    opened = _window(open_window)
    noting = noting_of(opened.window)
    opened.window.inspector.show_job(7)
    log = opened.window.inspector.output.log
    log.setPlainText("first\nError: <b>no</b> texture\nlast")
    cursor = log.textCursor()
    cursor.movePosition(cursor.MoveOperation.Down)
    log.setTextCursor(cursor)
    menu = log.menu()
    next(action for action in menu.actions() if action.text() == "Quote in note").trigger()
    assert noting.pane.composer.text == "#7:\n> Error: <b>no</b> texture\n"
    assert opened.window.inspector.tab == noting.tab


def test_links_carry_the_menu_of_what_they_lead_to(open_window: Opener) -> None:
    opened = _window(open_window)
    noting = noting_of(opened.window)
    asked: list[tuple[str, tuple[int, ...]]] = []
    opened.window.action_wanted.connect(lambda name, ids: asked.append((name, ids)))
    noting.acts.open_link_menu("job:8", QPoint(10, 10), opened.window)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    next(action for action in menu.actions() if action.text().startswith("Cancel")).trigger()
    menu.close()
    assert asked == [("cancel", (8,))]
    noting.acts.go("job:8")
    assert opened.window.tree.current_id() == 8
    noting.acts.go("file:///etc/passwd")


def test_who_is_told_of_a_note_and_who_is_not(open_window: Opener) -> None:
    opened = _window(open_window)
    told: list[Notice] = []
    noting = noting_of(opened.window)
    noting.notices._show = told.append
    opened.take(threads=[thread_row(1, jobId=7, writtenId=50, latestNote="see <b>", latestAuthor="dkim")])
    assert [(one.title, one.body) for one in told] == [("dkim on beauty", "see <b>")]
    opened.take(threads=[thread_row(4, jobId=8, writtenId=51)])  # bert's
    assert len(told) == 1
    thread = opened.session.farm.threads.get(4)
    assert thread is not None
    noting.book.memory.watch(thread, on=True)
    opened.take(threads=[thread_row(4, jobId=8, writtenId=52)])
    assert len(told) == 2
    opened.settings.set("notes/notify", False)
    opened.take(threads=[thread_row(4, jobId=8, writtenId=53)])
    assert len(told) == 2
    opened.settings.set("notes/notify", True)
    opened.take(jobs=[job_row(n) for n in range(20, 24)], threads=[thread_row(n, jobId=n) for n in range(20, 24)])
    opened.take(threads=[thread_row(n, jobId=n, writtenId=60 + n) for n in range(20, 24)])
    assert told[-1].title == "4 new notes"


def test_what_a_tray_tells_the_window_does_not_tell_again(open_window: Opener) -> None:
    opened = _window(open_window)
    told: list[Notice] = []
    asked: list[str] = []
    noting = noting_of(opened.window)
    noting.notices._show = told.append
    noting.notices._tray_tells = lambda farm: not asked.append(farm)  # type: ignore[func-returns-value]
    opened.take(threads=[thread_row(4, jobId=8, writtenId=49)])
    watched = opened.session.farm.threads.get(4)
    assert watched is not None
    noting.book.memory.watch(watched, on=True)
    opened.take(threads=[thread_row(1, jobId=7, writtenId=50), thread_row(4, jobId=8, writtenId=51)])
    assert [one.key for one in told] == ["notes-4"], (
        "job 8 is not theirs: they watch it here, and a tray knows nothing of it"
    )
    assert asked == [opened.session.link.url]
    noting.notices._tray_tells = lambda _farm: False
    opened.take(threads=[thread_row(1, jobId=7, writtenId=52)])
    assert told[-1].key == "notes-1"


# A real farm


@pytest.fixture(scope="module")
def farm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealFarm]:
    """A server with an agent."""
    with real_farm(tmp_path_factory.mktemp("farm"), agents=1) as made:
        yield made


def test_two_people_write_and_see_each_other(farm: RealFarm, tmp_path: Path) -> None:
    other = xmlrpc.client.ServerProxy(farm.url, allow_none=True)

    async def script(session: Session, window: MainWindow) -> None:
        await until("the farm", lambda: session.feed.state.phase is Phase.LIVE)
        window._set_filter(JobFilter(frozenset({Chip.ALL})))
        noting = noting_of(window)
        told: list[Notice] = []
        noting.notices._show = told.append
        spec = {"name": "beauty", "command": "true", "submittedBy": "anna", "conditions": _NOWHERE}
        [job] = farm.hq.newjob(spec)
        await until("the job", lambda: job in session.farm.jobs)
        other.addNote("rocks are published", None, job, None)
        thread = await until("the thread", lambda: session.farm.threads.of_job.get(job))
        await until("it is unread", lambda: thread in noting.book.index.unread())
        noting.open_thread(thread)
        page = noting.page
        assert page is not None
        text = page.browser.pane.text
        await until("the note", lambda: "rocks are published" in text.toPlainText())
        await until("it is read", lambda: thread not in noting.book.index.unread())

        composer = page.browser.pane.composer
        QTest.keyClicks(composer.edit, f"using them in #{job}")
        QTest.keyClick(composer.edit, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
        await until("mine", lambda: "using them in" in text.toPlainText())
        await until("the composer is free again", lambda: composer.text == "")
        assert noting.book.memory.draft(f"j{job}") == ""
        [row] = farm.hq.getNoteThreads([thread], ["notes"], ["text", "author"])
        notes = row["notes"]
        assert notes[0]["author"].startswith("anonymous@")
        assert notes[1]["author"] == session.user == "anna"
        assert [note["text"] for note in notes] == ["rocks are published", f"using them in #{job}"]

        other.addNote("see <b>there</b>", thread, None, None)
        await until("theirs", lambda: "see <b>there</b>" in text.toPlainText())
        assert farm.job(job, "latestNote")["latestNote"] == "see <b>there</b>"

        noting.acts.mark_handled([thread], handled=True)
        await until("it is handled", lambda: session.farm.threads.rows[thread].handled)
        page.browser.search.edit.setText("rocks published")
        await until("found by an earlier note", lambda: list(page.threads.ids) == [thread])

        noting.acts.delete_threads([thread], page.browser)
        dialog = await until("a question", lambda: page.browser.findChild(ConfirmDialog))
        assert dialog.no.hasFocus() or not dialog.isActiveWindow()
        dialog.reject()
        assert other.threadExists(thread)
        await until("the dialog is gone", lambda: page.browser.findChild(ConfirmDialog) is None)
        noting.acts.delete_threads([thread], page.browser)
        dialog = await until("a question", lambda: page.browser.findChild(ConfirmDialog))
        dialog.yes.click()
        await until("it is gone", lambda: thread not in session.farm.threads)
        assert not other.threadExists(thread)

    with other:
        run_on_farm(farm.url, tmp_path, script)


_NOWHERE = [{"type": "client", "name": "hostname", "op": "==", "value": "no machine of this name"}]


def test_a_free_thread_and_one_on_a_client_begin_here(farm: RealFarm, tmp_path: Path) -> None:
    async def script(session: Session, window: MainWindow) -> None:
        await until("the farm", lambda: session.feed.state.phase is Phase.LIVE)
        noting = noting_of(window)
        [client] = await until("the client", lambda: list(session.farm.clients.rows))
        noting.open_target(Target())
        page = noting.page
        assert page is not None
        composer = page.browser.pane.composer
        QTest.keyClicks(composer.edit, "power works on Friday")
        composer.add.click()
        await until("its page", lambda: "power works on Friday" in page.browser.pane.text.toPlainText())
        assert page.reader.target is not None
        assert page.reader.target.thread in session.farm.threads.rows
        assert page.browser.head._title.text() == "power works on Friday"
        assert page.browser.strips.texts == [], "the note itself is seen"
        noting.open_target(Target(client=client))
        QTest.keyClicks(composer.edit, "needs a new fan")
        composer.add.click()
        await until("the note column", lambda: session.farm.clients.rows[client]["latestNote"] == "needs a new fan")
        await until("the composer is free again", lambda: composer.text == "")

    run_on_farm(farm.url, tmp_path, script)


def test_a_search_that_finds_nothing_under_a_chip_says_so_and_looks_everywhere(open_window: Opener) -> None:
    opened = _window(open_window)
    noting = noting_of(opened.window)
    browser = noting.open_browser()
    browser.show_chip(NoteChip.CLIENTS)
    browser.search.edit.setText("beauty")
    browser.search_now()
    settle()
    nothing = browser.listing.nothing
    assert nothing.isVisible()
    assert "“Clients”" in nothing._words.text()
    QTest.mouseClick(nothing._button, Qt.MouseButton.LeftButton)
    assert browser.search.text() == "beauty"
    assert [browser.rows.threads.index(row, 0).data() for row in range(browser.rows.threads.rowCount())] == ["beauty"]
    browser.search.edit.setText("nowhere at all")
    browser.search_now()
    settle()
    assert nothing.isVisible()
    QTest.mouseClick(nothing._button, Qt.MouseButton.LeftButton)
    assert browser.search.text() == ""


def test_notes_of_a_job_open_with_the_keyboard_in_the_threads_or_where_the_first_is_written(
    open_window: Opener,
) -> None:
    opened = open_window()
    opened.take(
        jobs=[job_row(7, name="beauty"), job_row(8, name="smoke")], threads=[thread_row(1, jobId=7, writtenId=0)]
    )
    opened.live()
    opened.show_all()
    noting = noting_of(opened.window)
    noting.open_target(Target(job=8), write=False)
    assert noting.browser is not None
    assert noting.browser.rows.isHidden() or not noting.browser.rows.isVisible()
    assert noting.browser.focusWidget() is noting.browser.pane.composer.edit
    noting.open_target(Target(job=7), write=False)
    assert noting.browser.focusWidget() is noting.browser.rows


def test_what_can_be_linked_is_offered_before_anything_is_typed(open_window: Opener) -> None:
    opened = _window(open_window)
    opened.take(
        jobs=[job_row(7, name="beauty", status="succeeded"), job_row(8, name="smoke"), job_row(9, parents=[8])],
        clients=[{"id": 4, "hostname": "rnd-15", "label": "rnd-15", "status": "busy", "runningJobs": []}],
    )
    farm = opened.session.farm
    assert [hit.title for hit in offers(HitKind.JOB, farm)] == ["smoke", "beauty"]
    assert [hit.title for hit in offers(HitKind.CLIENT, farm)] == ["rnd-15", "rnd-142"]


def test_notes_from_before_the_start_are_not_told_of_as_if_they_came_now(open_window: Opener) -> None:
    opened = open_window()
    book = noting_of(opened.window).book
    book.memory.begin(0)
    came: list[int] = []
    book.arrived.connect(lambda threads: came.extend(one.id for one in threads))
    opened.session.farm.upsert("threads", [thread_row(1, writtenId=5), thread_row(2, writtenId=6)])
    opened.live()
    opened.session.flush()
    assert came == []
    assert book.unread == 2
    opened.take(threads=[thread_row(2, writtenId=9)])
    assert came == [2]


def test_a_click_on_the_thread_that_has_the_keyboard_opens_it(open_window: Opener) -> None:
    opened = _window(open_window)
    browser = noting_of(opened.window).open_browser()
    browser.rows.setFocus()
    settle()
    first = browser.rows.threads.index(0, 0)
    assert browser.rows.currentIndex() == first
    assert browser.unopened.isVisible()
    QTest.mouseClick(browser.rows.viewport(), Qt.MouseButton.LeftButton, pos=browser.rows.visualRect(first).center())
    assert not browser.unopened.isVisible()
    assert browser.head._title.text() == first.data()


def test_the_first_note_of_a_page_is_seen_and_not_told_of_on_top_of_it(open_window: Opener) -> None:
    opened = _window(open_window)
    noting = noting_of(opened.window)
    opened.window.go_to_job(8)
    opened.window.open_tab(noting.tab)
    settle()
    noting.reader.show_given(())
    settle()
    noting.pane.text.verticalScrollBar().setMaximum(100)  # as it may be while the page is not seen
    noting.reader.show_given([Note(1, 1_799_990_000, "see #7 and @rnd-142 please, " * 4, "me")])
    settle()
    assert not any(button.isVisible() for button in noting.pane.text.findChildren(Button))


def test_what_was_said_of_a_lost_server_leaves_when_it_is_back(open_window: Opener) -> None:
    opened = _window(open_window)
    noting = noting_of(opened.window)
    browser = noting.open_browser()
    browser.activateWindow()
    settle()
    lost = LinkError(Trouble.NO_ANSWER, "it does not answer")
    refused = Refusal(403, "you may not")
    for error in (lost, refused):
        noting._tell(not_added(error).outcome)
    opened.window.tell(not_added(lost).outcome)
    assert [len(strips.texts) for strips in (browser.strips, opened.window.strips)] == [2, 1]
    opened.enter(Phase.RECONNECTING)
    opened.live()
    assert browser.strips.texts == ["you may not What you typed is kept."]
    assert opened.window.strips.texts == []


def test_a_narrow_browser_says_what_its_thread_is_about(open_window: Opener) -> None:
    opened = _window(open_window)
    noting = noting_of(opened.window)
    noting.open_thread(1)
    browser = noting.browser
    assert browser is not None
    browser.resize(1600, 900)
    settle()
    head = browser.head
    assert all(one.isVisible() for one in (head.watch, head.handled, head.copy, head.more, head.unread))
    browser.resize(720, 460)
    settle()
    assert not any(one.isVisible() for one in (head.watch, head.handled, head.unread))
    assert head.more.isVisible()
    assert head._title.width() >= head._title.fontMetrics().horizontalAdvance("beauty")
