"""Pictures of notes: the browser in its states, the inspector's tab, the lower panel, menus and popups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QWidget

from hqgui.gallery.extras import output
from hqgui.gallery.stage import Stage, activate, settle
from hqgui.made_up import rows
from hqgui.made_up_notes import DRAFT, beauty_key, rnd_142
from hqgui.models.output import OutputBuffer
from hqgui.models.thread_index import NoteChip
from hqgui.models.thread_subject import Target
from hqgui.note_page import BrowserPage
from hqgui.noting import Noting

if TYPE_CHECKING:
    from hqgui.gallery.kit import Set


def noting_of(stage: Stage) -> Noting:
    """What has to do with notes in a stage's window."""
    found = stage.window.findChild(Noting)
    assert found is not None
    return found


def _page(stage: Stage) -> BrowserPage:
    noting = noting_of(stage)
    browser = noting.open_browser()
    browser.resize(stage.window.size())
    browser.first_layout()
    activate(browser)
    assert noting.page is not None
    return noting.page


def _open(at: Set) -> tuple[Stage, BrowserPage]:
    """The browser with the thread on `beauty_key` open, the last notes of it unread."""
    stage = at.stage()
    return stage, _with_thread(stage)


def _with_thread(stage: Stage) -> BrowserPage:
    page = _page(stage)
    job = stage.job("beauty_key")
    page.show_target(Target(job=job))
    thread = page.reader.begun_thread
    assert thread is not None
    notes = beauty_key(rows(0)["jobs"], thread.written)
    page.reader.show_given(notes, read_until=notes[-3].id)
    settle()
    return page


def _browser(at: Set) -> QWidget:
    _, page = _open(at)
    thread = page.reader.begun_thread
    assert thread is not None
    page.book.memory.unread(thread)
    page.browser.pane.composer.show_text(DRAFT)
    page.browser.pane.composer.setFocus()
    settle()
    page.browser.pane.text.to_end()
    settle()
    return page.browser


def _client(at: Set) -> QWidget:
    stage = at.stage()
    page = _page(stage)
    client = next(row["id"] for row in stage.session.farm.clients.rows.values() if row["label"] == "rnd-142")
    page.show_target(Target(client=client))
    page.reader.show_given(rnd_142(2_000))
    settle()
    return page.browser


def _unread(at: Set) -> QWidget:
    stage = at.stage()
    page = _page(stage)
    page.browser.show_chip(NoteChip.UNREAD)
    settle()
    return page.browser


def _all_read(at: Set) -> QWidget:
    stage = at.stage()
    page = _page(stage)
    page.book.memory.read_all(10_000)
    page.browser.show_chip(NoteChip.UNREAD)
    settle()
    return page.browser


def _nothing_found(at: Set) -> QWidget:
    _, page = _open(at)
    page.browser.search.edit.setText("nebula")
    page.browser.search_now()
    settle()
    return page.browser


def _empty(at: Set) -> QWidget:
    stage = at.stage(rows(16) | {"threads": []})
    page = _page(stage)
    return page.browser


def _lost(at: Set) -> QWidget:
    stage, page = _open(at)
    stage.lose(38, next_try=4)
    page.browser.pane.composer.show_text(DRAFT)
    settle()
    return page.browser


def _delete(at: Set) -> QWidget:
    stage, page = _open(at)
    thread = page.reader.begun_thread
    assert thread is not None
    dialog = stage.window.confirm(page.book.desk.removal([thread.id]))
    settle()
    return dialog


def _menu(at: Set) -> QWidget:
    _, page = _open(at)
    rows_of = page.browser.rows
    rect = rows_of.visualRect(rows_of.currentIndex())
    rows_of.menu_wanted.emit(rows_of.viewport().mapToGlobal(rect.center() + QPoint(20, 10)))
    settle()
    return page.browser


def _new_menu(at: Set) -> QWidget:
    _, page = _open(at)
    page.browser.new.click()
    settle()
    return page.browser


def _note_menu(at: Set) -> QWidget:
    stage, page = _open(at)
    pane = page.browser.pane
    spot = pane.text.viewport().mapToGlobal(QPoint(260, max(40, pane.text.viewport().height() - 220)))
    noting_of(stage).acts.open_note_menu(page.reader, page.reader.notes[-4].id, spot, pane)
    settle()
    return page.browser


def _link_menu(at: Set) -> QWidget:
    stage, page = _open(at)
    text = page.browser.pane.text
    spot = text.viewport().mapToGlobal(QPoint(260, max(40, text.viewport().height() - 200)))
    text.link_menu_wanted.emit(f"job:{stage.job('1042')}", spot)
    settle()
    return page.browser


def _pick(at: Set) -> QWidget:
    _, page = _open(at)
    page.browser.pane.composer.link_client_wanted.emit()
    popup = page.browser.findChild(QWidget, "pickPopup")
    assert popup is not None
    popup.field.edit.setText("rnd-14")  # type: ignore[attr-defined]
    settle()
    return page.browser


def _quote(at: Set) -> QWidget:
    stage, page = _open(at)
    buffer = OutputBuffer()
    buffer.append(output())
    noting_of(stage).acts.show_lines(stage.job("1042"), list(buffer.lines), page.browser.pane)
    settle()
    return page.browser


def _new(at: Set) -> QWidget:
    stage = at.stage()
    page = _page(stage)
    noting_of(stage).acts.target_wanted.emit(Target())
    settle()
    return page.browser


def _order(at: Set) -> QWidget:
    _, page = _open(at)
    page.browser.listing.sorting.click()
    settle()
    return page.browser


def _tab(at: Set) -> QWidget:
    stage = at.stage()
    stage.unfold("shot_010_lighting v023")
    stage.window.go_to_job(stage.job("beauty_key"))
    stage.window.tree.scrollToTop()
    noting = noting_of(stage)
    stage.window.open_tab(noting.tab)
    notes = beauty_key(rows(0)["jobs"], 2_000)
    noting.reader.show_given(notes, read_until=notes[-2].id)
    settle()
    return stage.window


def _panel(at: Set) -> QWidget:
    stage = at.stage()
    stage.unfold("shot_010_lighting v023")
    stage.window.lower_dock.open_panel("notes")
    settle()
    return stage.window


def _omnibox(at: Set) -> QWidget:
    stage = at.stage()
    stage.window.open_omnibox()
    stage.window.omnibox.field.edit.setText("memory")
    settle()
    return stage.window


PLAYS: Final = (
    ("notes", "The notes browser with a thread open", _browser),
    ("notes-client", "Notes on a client", _client),
    ("notes-unread", "What is unread", _unread),
    ("notes-all-read", "Nothing is unread", _all_read),
    ("notes-none-found", "A search that no note answers", _nothing_found),
    ("notes-empty", "A farm without notes", _empty),
    ("notes-lost", "Notes while the server is lost", _lost),
    ("notes-delete", "Asked before a thread is deleted", _delete),
    ("notes-menu", "The menu of a thread", _menu),
    ("notes-link-menu", "The menu of a link", _link_menu),
    ("notes-note-menu", "The menu of a note", _note_menu),
    ("notes-new-menu", "What a new note is about", _new_menu),
    ("notes-pick", "A client is linked", _pick),
    ("notes-quote", "A line of the log is quoted", _quote),
    ("notes-new", "A new note about nothing", _new),
    ("notes-order", "How threads are ordered", _order),
    ("notes-tab", "Notes in the inspector", _tab),
    ("notes-panel", "Notes in the lower panel", _panel),
    ("notes-omnibox", "Notes found by the omnibox", _omnibox),
)
