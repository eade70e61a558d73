"""The tray's popup, icon, menu and dialogs without a farm: what they show, what they ask for, by mouse and by keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import product
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from hqgui.gallery import tray_farm
from hqgui.models.tray.choices import TrayChoices
from hqgui.models.tray.facts import TrayFacts
from hqgui.models.tray.icon_state import Icon, IconState
from hqgui.models.tray.keeping import Keep
from hqgui.models.tray.machine import MachineFacts, RunningJob
from hqgui.models.tray.news import NewsKind
from hqgui.opening import Wish, read_wish
from hqgui.tray.my_farm import MyFarm
from hqgui.views.tray.icon import GRIDS, Panel, tray_icon, tray_pixmap
from hqgui.views.tray.manner import Manner
from hqgui.views.tray.menu import TrayMenu
from hqgui.views.tray.popup import TrayPopup
from hqgui.views.tray.preferences import TrayPreferences
from hqgui.views.tray.schedule import ScheduleDialog
from hqserver.wire.availability import Rule
from tests.gui.test_hostile_text import IMAGE, TEXTS, UNSEEN
from tests.gui.windows import settle
from tests.models.farm_rows import job_row


class Popup:
    """A popup, and what it asked for."""

    def __init__(self) -> None:
        self.window = TrayPopup()
        self.window.set_manner(Manner.PINNED)
        self.asked: list[tuple[Any, ...]] = []
        for name in ("action_wanted", "job_wanted", "note_wanted", "read_wanted", "submit_wanted", "pause_mine_wanted"):
            self._hear(self.window, name)
        for name in ("switch_wanted", "take_back_wanted", "keep_wanted", "give_back_wanted", "change_wanted"):
            self._hear(self.window.machine, name)
        self._hear(self.window.who, "answered")

    def _hear(self, widget: QWidget, name: str) -> None:
        getattr(widget, name).connect(lambda *values: self.asked.append((name, *values)))

    def show(self, facts: TrayFacts) -> None:
        self.window.show_facts(facts)
        self.window.fit()
        self.window.show()
        settle()

    def take(self) -> list[tuple[Any, ...]]:
        taken, self.asked = self.asked, []
        return taken


@pytest.fixture
def popup(qapp: QApplication) -> Iterator[Popup]:
    """One."""
    made = Popup()
    yield made
    made.window.close()
    made.window.deleteLater()
    settle()


def test_every_choice_about_the_machine_is_asked_for(popup: Popup) -> None:
    popup.show(tray_farm.facts())
    machine = popup.window.machine
    for keep in Keep:
        QTest.mouseClick(machine.keeps[keep], Qt.MouseButton.LeftButton)
    QTest.keyClick(machine.switch, Qt.Key.Key_Space)
    QTest.mouseClick(machine.change, Qt.MouseButton.LeftButton)
    assert popup.take() == [
        *(("keep_wanted", keep.value) for keep in Keep),
        ("switch_wanted", False),
        ("change_wanted",),
    ]
    popup.show(tray_farm.facts(machine=tray_farm.in_use()))
    QTest.keyClick(machine.after, Qt.Key.Key_Space)
    QTest.mouseClick(machine.now, Qt.MouseButton.LeftButton)
    assert popup.take() == [("take_back_wanted", False), ("take_back_wanted", True)]
    popup.show(tray_farm.facts(machine=tray_farm.mine()))
    QTest.mouseClick(machine.give_back, Qt.MouseButton.LeftButton)
    QTest.mouseClick(machine.switch, Qt.MouseButton.LeftButton)
    assert popup.take() == [("give_back_wanted",), ("switch_wanted", True)]


def test_a_job_is_acted_on_by_keyboard_alone(popup: Popup) -> None:
    popup.show(tray_farm.facts())
    rows = popup.window.jobs
    rows[0].setFocus()
    settle()
    assert [button.isVisible() for button in rows[0].buttons] == [True, False, False, True, True]
    for key in (Qt.Key.Key_P, Qt.Key.Key_O, Qt.Key.Key_R, Qt.Key.Key_Return):
        QTest.keyClick(rows[0], key)
    assert popup.take() == [
        ("action_wanted", "pause", 48_301),
        ("action_wanted", "output", 48_301),
        ("job_wanted", 48_301),
    ]
    QTest.keyClick(rows[0], Qt.Key.Key_Down)
    assert rows[1].hasFocus()
    QTest.keyClick(rows[1], Qt.Key.Key_R)
    QTest.keyClick(rows[1], Qt.Key.Key_N)
    assert rows[1].composer.field.hasFocus()
    QTest.keyClicks(rows[1].composer.field, "who has the plate? rpo")
    QTest.keyClick(rows[1].composer.field, Qt.Key.Key_Return)
    assert popup.take() == [("action_wanted", "retry", 48_302), ("note_wanted", 48_302, "who has the plate? rpo")]


def test_tab_goes_as_the_eye_does(popup: Popup) -> None:
    popup.show(tray_farm.facts(jobs=tray_farm.job_rows()[:2]))
    popup.show(tray_farm.facts())  # rows that are made later have their place, too
    window = popup.window
    window.activateWindow()
    window.machine.switch.setFocus()
    seen: list[QWidget] = []
    for _ in range(80):
        QTest.keyClick(QApplication.focusWidget() or window, Qt.Key.Key_Tab)
        focused = QApplication.focusWidget()
        assert focused is not None
        seen.append(focused)
        if focused is window.machine.switch:
            break
    rows = [widget for widget in seen if widget in window.jobs]
    assert rows == window.jobs[:6]
    news = [widget for widget in seen if widget in window.news]
    assert news == window.news[:3]
    order = [seen.index(widget) for widget in (window.lists.all, *rows, window.lists.mark, *news, window.submit)]
    assert order == sorted(order)
    assert seen.index(rows[0].buttons.note) < seen.index(rows[1])
    assert [row.lit for row in rows] == [False] * 6, "where the keyboard was is not taken for where it is"


def test_a_note_that_is_written_makes_room_for_itself(popup: Popup) -> None:
    popup.show(tray_farm.facts(jobs=tray_farm.job_rows()[:3]))
    before = popup.window.height()
    popup.window.jobs[1].open_note()
    settle()
    assert popup.window.height() > before
    popup.window.jobs[1].close_note()
    settle()
    assert popup.window.height() == before


def test_what_was_typed_outlives_news_and_escape(popup: Popup) -> None:
    popup.show(tray_farm.facts())
    row = popup.window.jobs[2]
    row.open_note()
    QTest.keyClicks(row.composer.field, "half a th")
    assert popup.window.is_used
    popup.show(tray_farm.facts())
    assert row.composer.field.text() == "half a th"
    QTest.keyClick(row.composer.field, Qt.Key.Key_Escape)
    row.open_note()
    assert row.composer.field.text() == "half a th"


def test_nothing_can_be_asked_of_a_server_that_is_away(popup: Popup) -> None:
    popup.show(tray_farm.facts(feed=tray_farm.LOST, machine=tray_farm.alone()))
    row = popup.window.jobs[0]
    row.setFocus()
    settle()
    QTest.keyClick(row, Qt.Key.Key_P)
    QTest.mouseClick(row.buttons.pause, Qt.MouseButton.LeftButton)
    assert popup.take() == []
    QTest.mouseClick(popup.window.machine.now, Qt.MouseButton.LeftButton)
    assert popup.take() == [("take_back_wanted", True)], "the machine can be taken back all the same"


def test_a_notification_is_read_and_opened_by_a_click(popup: Popup) -> None:
    popup.show(tray_farm.facts())
    QTest.mouseClick(popup.window.news[0], Qt.MouseButton.LeftButton)
    QTest.mouseClick(popup.window.lists.mark, Qt.MouseButton.LeftButton)
    assert popup.take() == [("read_wanted", "job 48302"), ("job_wanted", 48_302), ("read_wanted", None)]


def test_who_i_am_is_asked_and_answered(popup: Popup) -> None:
    popup.show(tray_farm.facts(users=frozenset(), login="render", jobs=[]))
    popup.window.focus_first()
    assert popup.window.who.field.hasFocus()
    assert not popup.window.who.go.isEnabled()
    QTest.keyClicks(popup.window.who.field, " jlee ")
    QTest.keyClick(popup.window.who.field, Qt.Key.Key_Return)
    assert popup.take() == [("answered", "jlee")]


@pytest.mark.parametrize("text", TEXTS, ids=("image", "long", "bidi", "control"))
def test_hostile_text_is_text_everywhere(popup: Popup, text: str) -> None:
    jobs = [{**row, "name": text, "waitingFor": text, "status": "failed"} for row in tray_farm.job_rows()]
    running = (RunningJob(7, text, text, 0.5, 60.0, 0.0),)
    row = tray_farm.client_row(status="busy", runningJobs=[7], hostname=text, outOfService=text)
    machine = MachineFacts(text, online=True, rows=(row,), running=running)
    shown = tray_farm.facts(jobs=jobs, machine=machine, farm=text, users=frozenset({text}), login=text, said=text)
    popup.show(shown)
    menu = TrayMenu()
    menu.show_facts(shown)
    for label in popup.window.findChildren(QLabel):
        assert label.textFormat() is Qt.TextFormat.PlainText
    for widget in popup.window.findChildren(QWidget):
        tip = widget.toolTip()
        assert IMAGE not in tip
        assert not set(tip) & set(UNSEEN)
        assert len(tip) < 20_000
        assert not set(widget.accessibleName()) & set(UNSEEN)
    assert len(menu.state.text()) < 1_200
    assert popup.window.width() == 400
    menu.menu.deleteLater()


def test_each_state_has_a_shape_of_its_own_at_each_size(qapp: QApplication) -> None:
    states = (Icon(IconState.IDLE), Icon(IconState.WORKING, 2), Icon(IconState.ATTENTION), Icon(IconState.OFFLINE))
    for size, panel in product(GRIDS, Panel):
        shapes = {_alpha(icon, size, panel) for icon in states}
        assert len(shapes) == len(states), (size, panel)
    assert tray_icon(states[0], Panel.TEMPLATE).isMask()
    assert not tray_icon(states[0], Panel.DARK).isMask()


def _alpha(icon: Icon, size: int, panel: Panel) -> bytes:
    """The shape alone, without colours."""
    image = tray_pixmap(icon, size, panel).toImage()
    return bytes(image.pixelColor(x, y).alpha() for y in range(size) for x in range(size))


@pytest.mark.parametrize("size", sorted(GRIDS))
def test_outer_edges_lie_on_the_pixel_grid(qapp: QApplication, size: int) -> None:
    image = tray_pixmap(Icon(IconState.IDLE), size, Panel.DARK).toImage()
    grid = GRIDS[size]
    middle = grid.edge + grid.side // 2
    assert image.pixelColor(grid.edge - 1, middle).alpha() == 0
    assert image.pixelColor(grid.edge, middle).alpha() == 255
    assert image.pixelColor(grid.edge + grid.side - 1, middle).alpha() == 255
    assert image.pixelColor(grid.edge + grid.side, middle).alpha() == 0


def test_the_menu_says_and_does_what_the_popup_does(qapp: QApplication) -> None:
    menu = TrayMenu()
    asked: list[Any] = []
    menu.keep_wanted.connect(asked.append)
    menu.available_wanted.connect(asked.append)
    menu.loud_wanted.connect(lambda kind, on: asked.append((kind, on)))
    menu.show_facts(tray_farm.facts())
    assert menu.available.isChecked()
    assert menu.rules.isChecked()
    assert menu.retry.isEnabled()
    assert menu.state.text() == "northlight, connected, 4 ms"
    menu.available.trigger()
    menu.keeps[Keep.TOMORROW].trigger()
    menu.finished.trigger()
    assert asked == [False, "tomorrow", (NewsKind.FINISHED.value, False)]
    menu.show_facts(tray_farm.facts(feed=tray_farm.LOST, machine=tray_farm.alone()))
    assert not menu.pause.isEnabled()
    assert menu.keep.isEnabled()
    menu.menu.deleteLater()


def test_preferences_give_back_what_they_were_given(qapp: QApplication) -> None:
    given = TrayChoices(
        "jlee", "root", frozenset({NewsKind.NOTE}), 22 * 60, 8 * 60 + 30, Keep.TOMORROW, "light", "dark", starts=True
    )
    dialog = TrayPreferences(given)
    assert dialog.chosen == given
    dialog.quiet.setChecked(False)
    assert (dialog.chosen.quiet_from, dialog.chosen.quiet_to) == (0, 0)
    dialog.reject()


@pytest.mark.parametrize(
    "rules",
    [
        (),
        (Rule(start=19 * 60, end=8 * 60),),
        (Rule(idle_minutes=20),),
        (Rule(start=60, end=120), Rule(days=(5, 6)), Rule(idle_minutes=15)),
    ],
)
def test_a_schedule_gives_back_what_it_was_given(qapp: QApplication, rules: tuple[Rule, ...]) -> None:
    dialog = ScheduleDialog(rules, datetime(2026, 11, 24, 14, 22))
    chosen: list[Any] = []
    dialog.rules_chosen.connect(chosen.append)
    dialog.save.click()
    assert chosen == [rules]


def test_wishes_are_read_with_care() -> None:
    wish = Wish("http://hq:5000", 7, output=True)
    assert read_wish(wish.as_message()) == wish
    assert wish.arguments() == ["--server", "http://hq:5000", "--job", "7", "--output"]
    assert read_wish(["x"]) == Wish()
    assert read_wish({"server": 7, "job": "7", "output": "yes"}) == Wish()
    assert not Wish("x").is_particular


def test_a_tray_holds_what_is_mine_whatever_comes() -> None:
    farm = MyFarm(lambda: frozenset({"jlee"}), "WS-jlee")
    farm.upsert(
        "jobs",
        [
            job_row(1, submittedBy="jlee"),
            job_row(2, submittedBy="dkim"),
            job_row(3, [1], submittedBy="jlee"),
            job_row(4, submittedBy="jlee"),
        ],
    )
    farm.upsert(
        "clients",
        [{"id": 1, "hostname": "ws-jlee", "status": "busy"}, {"id": 2, "hostname": "rnd-1", "status": "busy"}],
    )
    farm.upsert("groups", [{"id": 1, "name": "g"}])
    assert sorted(farm.jobs.row_of) == [1, 4]
    assert sorted(farm.clients.rows) == [1]
    assert farm.only() == {"users": ["jlee"], "hosts": ["WS-jlee"], "known": [1, 4]}
    farm.upsert("jobs", [job_row(4, [1], submittedBy="jlee"), {"id": 1, "waitingFor": "a licence"}])
    assert sorted(farm.jobs.row_of) == [1]
    assert farm.jobs.value(1, "waitingFor") == "a licence"


@pytest.mark.parametrize(("feed", "begins"), [("ASKING", True), ("LIVE", False)])
def test_that_nothing_is_queued_is_said_when_the_server_has_said_so(popup: Popup, feed: str, begins: bool) -> None:
    popup.show(tray_farm.facts(feed=getattr(tray_farm, feed), jobs=[]))
    said = " ".join(label.text() for label in popup.window.lists.findChildren(QLabel) if label.isVisible())
    assert ("when the server answers" in said, "Nothing of yours" in said) == (begins, not begins)
