"""Two hundred changes a second for a minute: nothing moves under the user's eyes, nothing that is typed is lost."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit

from hqgui.models.job_columns import PLACE
from hqgui.models.roles import Role, RowKind
from hqgui.views.farm_button import FarmState
from hqgui.views.priority_popup import PriorityPopup
from tests.gui.conftest import Opener
from tests.gui.windows import OpenWindow, settle
from tests.models.farm_rows import job_row

TREES = 120
FRAMES = 12
CHANGES_A_SECOND = 200
TICKS_A_SECOND = 10
SECONDS = 60
STATUSES = ("runnable", "running", "succeeded", "failed", "paused", "cancelled", "abandoned", "queued")


def _frame_id(tree: int, frame: int) -> int:
    return 10_000 + tree * 100 + frame


def _rows(trees: int = TREES, frames: int = FRAMES) -> Iterator[dict[str, Any]]:
    for tree in range(1, trees + 1):
        counts = {"runnable": frames}
        yield job_row(
            tree,
            status="queued",
            name=f"shot_{tree:03}",
            priority=tree % 10,
            childCount=frames,
            childCounts=counts,
            submittedBy=("anna", "ben")[tree % 2],
        )
        for frame in range(frames):
            yield job_row(_frame_id(tree, frame), [tree], name=f"frame {frame}", frame=frame)


class Weather:
    """Changes without end, the same for the same seed. `spared` are never removed."""

    def __init__(self, seed: int, spared: frozenset[int]) -> None:
        self._random = random.Random(seed)
        self._spared = spared
        self._new = 1_000_000
        self._added: list[int] = []

    def batch(self, size: int) -> tuple[list[dict[str, Any]], list[int]]:
        """Rows that changed or came, and ids that are gone."""
        rows, gone = [], []
        for _ in range(size):
            kind = self._random.random()
            if kind < 0.75:
                rows.append(self._frame())
            elif kind < 0.9:
                rows.append(self._tree())
            elif kind < 0.97:
                rows.append(self._newcomer())
            elif self._added:
                gone.append(self._added.pop(self._random.randrange(len(self._added))))
        return rows, gone

    def _frame(self) -> dict[str, Any]:
        tree, frame = self._random.randint(1, TREES), self._random.randrange(FRAMES)
        status = self._random.choice(STATUSES)
        return {"id": _frame_id(tree, frame), "status": status, "progress": self._random.random()}

    def _tree(self) -> dict[str, Any]:
        tree = self._random.randint(1, TREES)
        done = self._random.randrange(FRAMES)
        return {
            "id": tree,
            "priority": self._random.randrange(10),
            "overallProgress": done / FRAMES,
            "childCounts": {"succeeded": done, "running": FRAMES - done},
            "ETA": self._random.randrange(10_000),
        }

    def _newcomer(self) -> dict[str, Any]:
        self._new += 1
        self._added.append(self._new)
        parent = [self._random.randint(1, TREES)] if self._random.random() < 0.5 else []
        return job_row(self._new, parent, name=f"new {self._new}", priority=self._random.randrange(12))


class Eye:
    """What a user sees of a tree and must go on seeing."""

    def __init__(self, opened: OpenWindow) -> None:
        self._view = opened.window.tree
        self._tree = opened.session.tree
        self.resets = 0
        self._tree.modelReset.connect(self._count)

    def _count(self) -> None:
        self.resets += 1

    def top(self) -> int:
        """Id of the top visible row."""
        return int(self._view.indexAt(QPoint(40, 1)).siblingAtColumn(0).data(Role.ID))

    def selected(self) -> tuple[int, ...]:
        return tuple(sorted(self._view.selected_ids()))

    def expanded(self, *jobs: int) -> list[int]:
        """Those of these jobs that are unfolded on the screen."""
        return [job for job in jobs if self._view.isExpanded(self._tree.index_of(job))]


def _storm(
    opened: OpenWindow, weather: Weather, ticks: int, each: Callable[[int], None], spared: frozenset[int] = frozenset()
) -> None:
    for tick in range(ticks):
        opened.clock.now += 1 / TICKS_A_SECOND
        rows, gone = weather.batch(CHANGES_A_SECOND // TICKS_A_SECOND)
        opened.session.farm.upsert("jobs", [row for row in rows if row["id"] not in spared])
        opened.session.farm.remove("jobs", gone)
        opened.session.flush()
        QApplication.processEvents()
        each(tick)


def test_a_minute_of_two_hundred_changes_a_second_moves_nothing(open_window: Opener) -> None:
    opened = open_window(size=(900, 560))
    opened.take(jobs=_rows())
    opened.live()
    opened.show_all()
    view, tree = opened.window.tree, opened.session.tree
    unfolded = (30, 31, 32, 33)
    for job in unfolded:
        view.setExpanded(tree.reveal(job), True)
    opened.select(31, _frame_id(32, 3))
    view.scrollTo(tree.index_of(31), view.ScrollHint.PositionAtTop)
    view.verticalScrollBar().setValue(view.verticalScrollBar().value() + 7)
    settle()
    field = opened.window.filters.field.edit
    search = opened.window.clients.bar.field.edit
    search.setFocus()
    eye = Eye(opened)
    top, selected = eye.top(), eye.selected()
    assert top != ids_of_first(tree)
    assert view.verticalScrollBar().value() > 0
    assert selected == (31, _frame_id(32, 3))
    typed = "a line that somebody types while the farm is busy" * 20
    seen: list[tuple[int, int, tuple[int, ...], list[int]]] = []

    def look(tick: int) -> None:
        QTest.keyClicks(search, typed[tick])
        if (eye.top(), eye.selected(), eye.expanded(*unfolded)) != (top, selected, list(unfolded)):
            seen.append((tick, eye.top(), eye.selected(), eye.expanded(*unfolded)))

    ticks = SECONDS * TICKS_A_SECOND
    _storm(opened, Weather(3, frozenset()), ticks, look)
    assert seen == []
    assert eye.resets == 0
    assert search.text() == typed[:ticks]
    assert search.hasFocus()
    assert search.cursorPosition() == ticks
    assert field.text() == ""


def ids_of_first(tree: Any) -> int:
    """Id of the first row of the top level."""
    return int(tree.index(0, 0, QModelIndex()).data(Role.ID))


@pytest.mark.parametrize("key", ["status", "progress", "eta", "note", "name"])
def test_whatever_it_is_sorted_by(open_window: Opener, key: str) -> None:
    opened = open_window(size=(900, 560))
    opened.take(jobs=_rows())
    opened.live()
    opened.show_all()
    view, tree = opened.window.tree, opened.session.tree
    view.sort_by(PLACE[key], Qt.SortOrder.AscendingOrder)
    settle()
    chosen = ids_of_first(tree)
    opened.select(chosen)
    view.setExpanded(tree.index_of(chosen), True)
    view.verticalScrollBar().setValue(0)
    eye = Eye(opened)
    top = eye.top()
    tops: set[int] = set()
    _storm(opened, Weather(5, frozenset()), 60, lambda _: tops.add(eye.top()))
    assert tops == {top}
    assert eye.selected() == (chosen,)
    assert eye.expanded(chosen) == [chosen]
    assert eye.resets == 0


def test_a_priority_that_is_being_typed_stays_open(open_window: Opener) -> None:
    opened = open_window(size=(1400, 560))
    opened.take(jobs=_rows())
    opened.live()
    opened.show_all()
    view = opened.window.tree
    opened.select(40)
    asked: list[tuple[int, int]] = []
    opened.session.tree.priority_edited.connect(lambda job, value: asked.append((job, value)))
    view.setFocus()
    QTest.keyClick(view, Qt.Key.Key_F2)
    editor = view.findChild(QLineEdit)
    assert editor is not None
    QTest.keyClicks(editor, "1")
    top = Eye(opened).top()
    _storm(opened, Weather(9, frozenset()), 50, lambda _: None)
    assert view.findChild(QLineEdit) is editor
    QTest.keyClicks(editor, "7")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    settle()
    assert asked == [(40, 17)]
    assert Eye(opened).top() == top
    assert Eye(opened).selected() == (40,)


def test_a_priority_can_be_typed_where_its_column_is_not_shown(open_window: Opener) -> None:
    opened = open_window(size=(900, 560))
    opened.take(jobs=_rows())
    opened.live()
    opened.show_all()
    opened.select(40)
    view = opened.window.tree
    assert view.header().isSectionHidden(PLACE["priority"])
    asked: list[tuple[tuple[int, ...], int]] = []
    opened.window.priority_wanted.connect(lambda jobs, value: asked.append((jobs, value)))
    view.setFocus()
    QTest.keyClick(view, Qt.Key.Key_F2)
    popup = QApplication.activePopupWidget()
    assert isinstance(popup, PriorityPopup)
    QTest.keyClicks(popup.field, "17")
    QTest.keyClick(popup.field, Qt.Key.Key_Return)
    assert asked == [((40,), 17)]


def test_nothing_moves_under_an_open_menu(open_window: Opener) -> None:
    opened = open_window(size=(900, 560))
    opened.take(jobs=_rows())
    opened.live()
    opened.show_all()
    opened.select(40)
    view, tree = opened.window.tree, opened.session.tree
    opened.window._open_job_menu(view.viewport().mapToGlobal(QPoint(60, 60)))
    menu = QApplication.activePopupWidget()
    assert menu is not None
    before = [tree.index(row, 0).data(Role.ID) for row in range(50)]
    _storm(opened, Weather(11, frozenset()), 40, lambda _: None)
    assert [tree.index(row, 0).data(Role.ID) for row in range(50)] == before
    menu.close()
    settle()
    _storm(opened, Weather(12, frozenset()), 30, lambda _: None)
    assert [tree.index(row, 0).data(Role.ID) for row in range(50)] != before


def test_what_is_new_comes_into_sight_when_nobody_looks_at_anything(open_window: Opener) -> None:
    opened = open_window(size=(900, 560))
    opened.take(jobs=_rows())
    opened.live()
    opened.show_all()
    opened.take(jobs=[job_row(5_000, name="urgent", priority=99)])
    settle()
    assert Eye(opened).top() == 5_000


def test_what_was_found_folded_stays_folded(open_window: Opener) -> None:
    opened = open_window(size=(900, 560))
    opened.take(jobs=_rows())
    opened.live()
    opened.show_all()
    view, tree = opened.window.tree, opened.session.tree
    view.setExpanded(tree.reveal(1), True)
    settle()
    first = tree.index(0, 0, tree.index_of(1))
    assert first.data(Role.KIND) == RowKind.FOLD
    _storm(opened, Weather(4, frozenset()), 20, lambda _: None)
    assert not any(view.isExpanded(tree.index_of(job)) for job in range(2, 40) if tree.index_of(job).isValid())


def test_a_slow_answer_moves_no_button_beside_it(open_window: Opener) -> None:
    opened = open_window()
    opened.live()
    settle()
    farm = opened.window.toolbar.farm
    state = FarmState("hq01", ":5000", "4 ms")
    farm.show_state(state)
    wide = farm.sizeHint().width()
    farm.show_state(state._replace(detail="118 ms"))
    assert farm.sizeHint().width() == wide
