"""The text filter: offers while one types, mistakes told, saved views, and the summary's states as filters."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from hqgui.models.job_filter import Chip, JobFilter
from hqgui.views.parts.buttons import Button
from hqgui.views.strips import Strip
from tests.gui.conftest import Opener
from tests.gui.windows import OpenWindow, settle
from tests.models.farm_rows import job_row


def _opened(open_window: Opener) -> OpenWindow:
    opened = open_window()
    opened.take(
        jobs=[
            job_row(1, name="lighting", submittedBy="anna", status="running"),
            job_row(2, name="comp", submittedBy="zoe", status="failed"),
            job_row(3, name="fx", submittedBy="zoe", status="runnable"),
        ]
    )
    opened.live()
    opened.show_all()
    opened.window.activateWindow()
    opened.window.filters.field.edit.setFocus()
    settle()
    return opened


def test_typing_offers_and_tab_takes(open_window: Opener) -> None:
    opened = _opened(open_window)
    field = opened.window.filters.field
    QTest.keyClicks(field.edit, "sta")
    assert field.popup.isVisible()
    assert field.popup.offers[0].text == "status:"
    QTest.keyClick(field.edit, Qt.Key.Key_Tab)
    assert field.text() == "status:"
    QTest.keyClicks(field.edit, "fa")
    QTest.keyClick(field.edit, Qt.Key.Key_Down)
    QTest.keyClick(field.edit, Qt.Key.Key_Return)
    assert field.text() == "status:failed "
    assert opened.session.tree.filter.text == "status:failed "
    assert opened.session.tree.rowCount() == 1
    QTest.keyClicks(field.edit, "by:")
    assert [one.text for one in field.popup.offers] == ["anna", "zoe"]
    QTest.keyClick(field.edit, Qt.Key.Key_Escape)
    assert not field.popup.isVisible()
    assert field.text() == "status:failed by:"


def test_a_mistake_keeps_what_is_shown_and_is_told(open_window: Opener) -> None:
    opened = _opened(open_window)
    field = opened.window.filters.field
    QTest.keyClicks(field.edit, "zoe")
    assert opened.session.tree.rowCount() == 2
    field.edit.setText("zoe stats:failed")
    assert opened.session.tree.filter.text == "zoe"
    assert not field.edit.accessibleDescription()
    field.show_error()
    assert "Did you mean status?" in field.edit.accessibleDescription()
    field.edit.setText("zoe status:failed")
    assert not field.edit.accessibleDescription()
    assert opened.session.tree.rowCount() == 1


def test_the_beginning_of_a_mistake_filters_no_more_once_it_is_called_one(open_window: Opener) -> None:
    opened = _opened(open_window)
    field, tree = opened.window.filters.field, opened.session.tree
    whole = tree.rowCount()
    QTest.keyClicks(field.edit, "stauts:failed")
    assert (tree.filter.text, tree.rowCount()) == ("stauts", 0)
    field.show_error()
    assert (tree.filter.text, tree.rowCount()) == ("", whole)
    assert field.text() == "stauts:failed", "what is typed stays"
    opened.window.filters.click_chip(0)
    assert field.text() == "stauts:failed"
    field.edit.setText("")
    QTest.keyClicks(field.edit, "zoe stauts:failed")
    field.show_error()
    assert tree.filter.text == "zoe"
    QTest.keyClick(field.edit, Qt.Key.Key_Escape)
    opened.window._set_filter(JobFilter(frozenset({Chip.ALL}), "status:failed"))
    assert field.text() == "status:failed"


def test_a_state_of_the_summary_is_a_filter(open_window: Opener) -> None:
    opened = _opened(open_window)
    opened.window.strip.jobs_wanted.emit("runnable")
    assert opened.window.filters.field.text() == "status:runnable"
    assert opened.session.tree.rowCount() == 1
    opened.window.strip.jobs_wanted.emit("")
    assert opened.session.tree.filter == JobFilter()


def test_views_are_saved_brought_back_and_forgotten(open_window: Opener) -> None:
    opened = _opened(open_window)
    views = opened.window.filters.views
    wanted = JobFilter(frozenset({Chip.ALL}), "by:zoe")
    opened.window._set_filter(wanted)
    popup = views.ask_name()
    popup.fields[0].setText("")
    assert not popup.yes.isEnabled()
    popup.fields[0].setText("Zoe’s & more")
    popup.take()
    opened.show_all()
    menu = views.menu_of_views()
    menu.actions()[0].trigger()
    assert opened.session.tree.filter == wanted
    assert opened.settings.value("filter/views")
    views.forget("Zoe’s & more")
    assert views.views == []


def test_a_view_is_renamed_replaced_and_each_change_is_taken_back(open_window: Opener) -> None:
    opened = _opened(open_window)
    views, strips = opened.window.filters.views, opened.window.strips
    everything = opened.session.tree.filter
    views.save("mine")
    views.save("others")
    popup = views.ask_new_name("mine")
    popup.fields[0].setText("others")
    assert popup.words.text() == "Another view is called that."
    popup.fields[0].setText("of today")
    popup.take()
    assert [view.name for view in views.views] == ["of today", "others"]
    opened.window._set_filter(JobFilter(frozenset({Chip.FAILED}), "by:zoe"))
    views.save("others")
    assert strips.texts[-1] == "Replaced the view others."
    _undo(opened)
    assert views.views[1].filter == everything
    views.forget("of today")
    assert [view.name for view in views.views] == ["others"]
    _undo(opened)
    assert [view.name for view in open_window().window.filters.views.views] == ["of today", "others"]


def _undo(opened: OpenWindow) -> None:
    strip = opened.window.findChildren(Strip)[-1]
    strip.findChildren(Button)[0].click()
    settle()
