"""The table of pictures: a name, what is seen, and how the window gets there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QWidget

from hqgui.gallery import notes_scenes, submit_scenes, why_scenes
from hqgui.gallery.asking_scenes import ASKING
from hqgui.gallery.care_scenes import CARE
from hqgui.gallery.connection_scenes import CONNECTION
from hqgui.gallery.extras import many_jobs, no_jobs, nobody
from hqgui.gallery.file_scenes import FILES
from hqgui.gallery.finding_scenes import FINDING
from hqgui.gallery.kit import COMMAND, Scene, Set, normal
from hqgui.gallery.legend import LegendSheet
from hqgui.gallery.output_scenes import OUTPUT
from hqgui.gallery.preferences_scenes import PREFERENCES
from hqgui.gallery.properties_scenes import PROPERTIES
from hqgui.gallery.stage import settle
from hqgui.gallery.tray_scenes import TRAY
from hqgui.made_up import NOW_SECONDS
from hqgui.models.job_filter import Chip, JobFilter


def _wrangler(at: Set) -> QWidget:
    return normal(at).window


def _nothing_selected(at: Set) -> QWidget:
    return at.stage().window


def _many_selected(at: Set) -> QWidget:
    stage = normal(at)
    tree = stage.window.tree
    for name in ("shot_020_lighting v011", "shot_051_crowd_sim v002", "shot_032_fx_pyro v004"):
        stage.select(name)
    tree.setFocus()
    settle()
    return stage.window


def _leaf(at: Set) -> QWidget:
    stage = normal(at)
    stage.window.go_to_job(stage.job("1042"))
    stage.window.inspector.show_details(stage.job("1042"), {"command": COMMAND.replace("1061", "1042")})
    stage.window.tree.scrollToTop()
    settle()
    return stage.window


def _times(at: Set) -> QWidget:
    stage = normal(at)
    stage.window.inspector.overview.map_part.modes.chosen.emit(1)
    stage.window.inspector.overview.map_part.modes.choose(1)
    settle()
    return stage.window


def _large_map(at: Set) -> QWidget:
    stage = at.stage(many_jobs(4, 2_400))
    stage.window.go_to_job(stage.job("shot_0001_lighting v002"))
    settle()
    return stage.window


def _empty_farm(at: Set) -> QWidget:
    return at.stage(no_jobs()).window


def _no_clients(at: Set) -> QWidget:
    return at.stage(nobody()).window


def _filtered(at: Set) -> QWidget:
    stage = at.stage()
    stage.window.filters.filter_wanted.emit(JobFilter(frozenset({Chip.FAILED}), "ocean v019"))
    settle()
    return stage.window


def _many(at: Set) -> QWidget:
    stage = at.stage(many_jobs(at.trees))
    stage.window.filters.filter_wanted.emit(JobFilter(frozenset({Chip.ALL})))
    bar = stage.window.tree.verticalScrollBar()
    bar.setValue(bar.maximum() // 3)
    settle()
    return stage.window


def _confirm(action: str, *names: str) -> Callable[[Set], QWidget]:
    def play(at: Set) -> QWidget:
        stage = at.stage()
        jobs = [stage.job(name) for name in names]
        dialog = stage.window.confirm(stage.session.actions.consequence(action, jobs))
        settle()
        return dialog

    return play


def _strips(at: Set) -> QWidget:
    stage = normal(at)
    strips = stage.window.strips
    strips.tell("Priority 8 set on shot_020_lighting v011.", icon="chevrons-up", offer=stage.offer("Undo", "undo-2"))
    strips.tell("Paused 12 of 14.", "Two had already finished.", failed=True, offer=stage.offer("Show the two", ""))
    strips.tell("The server refused: no right to delete jobs of jlee.", failed=True)
    settle()
    return stage.window


def _activity(at: Set) -> QWidget:
    stage = normal(at)
    log = stage.window.telling.activity
    log.note(NOW_SECONDS - 1900, "Cancelled shot_014_lighting v008.", failed=False)
    log.note(NOW_SECONDS - 640, "Paused 12 of 14. Two had already finished.", failed=False)
    log.note(NOW_SECONDS - 75, "no right to delete jobs of jlee", failed=True)
    stage.window.toolbar.bell.click()
    settle()
    return stage.window


def _menu(at: Set) -> QWidget:
    stage = normal(at)
    menu = stage.window.toolbar.menu_button.menu()
    menu.popup(stage.window.toolbar.menu_button.mapToGlobal(QPoint(0, 28)))
    view = stage.window.menus.view.menu
    menu.setActiveAction(view.menuAction())
    settle()
    return stage.window


def _job_menu(at: Set) -> QWidget:
    stage = normal(at)
    tree = stage.window.tree
    rect = tree.visualRect(tree.currentIndex())
    tree.menu_wanted.emit(tree.viewport().mapToGlobal(rect.center() + QPoint(40, 6)))
    settle()
    return stage.window


def _client_menu(at: Set) -> QWidget:
    stage = normal(at)
    client = next(row["id"] for row in stage.session.farm.clients.rows.values() if row["label"] == "rnd-142")
    stage.window.clients.select([client])
    clients = stage.window.clients.rows
    rect = clients.visualRect(clients.currentIndex())
    clients.menu_wanted.emit(clients.viewport().mapToGlobal(rect.center() + QPoint(40, 6)))
    settle()
    return stage.window


def _columns_menu(at: Set) -> QWidget:
    stage = normal(at)
    stage.window.filters.columns.click()
    settle()
    return stage.window


def _farms_menu(at: Set) -> QWidget:
    stage = normal(at)
    farm = stage.window.toolbar.farm
    farm.menu().popup(farm.mapToGlobal(QPoint(0, farm.height() + 2)))
    settle()
    return stage.window


def _priority(at: Set) -> QWidget:
    stage = normal(at)
    stage.window.tree.edit_priority()
    settle()
    return stage.window


def _legend(at: Set) -> QWidget:
    return at.show(LegendSheet())


SCENES: Final = (
    Scene("wrangler", "The window in the middle of a day", _wrangler),
    Scene("nothing-selected", "Nothing selected", _nothing_selected),
    Scene("many-selected", "Several trees selected", _many_selected),
    Scene("frame", "A frame that failed", _leaf),
    Scene("map-times", "The frame map coloured by time", _times),
    Scene("map-large", "The frame map of 2,400 frames", _large_map),
    *OUTPUT,
    Scene("priority", "The priority edited in place", _priority),
    Scene("strips", "Results of actions", _strips),
    Scene("activity", "What happened lately", _activity),
    *FINDING,
    Scene("menu", "The main menu", _menu),
    Scene("menu-job", "The menu of a job", _job_menu),
    Scene("menu-client", "The menu of a client", _client_menu),
    Scene("menu-columns", "The choice of columns", _columns_menu),
    Scene("menu-farm", "The choice of farms", _farms_menu),
    Scene("filtered", "Filtered to nothing", _filtered),
    Scene("many", "100,000 jobs", _many),
    Scene("empty-farm", "A farm without jobs", _empty_farm),
    Scene("no-clients", "A farm without clients", _no_clients),
    *CONNECTION,
    Scene(
        "confirm-cancel",
        "Asked before work is lost",
        _confirm("cancel", "shot_020_lighting v011", "shot_051_crowd_sim v002", "shot_012_ocean v018"),
    ),
    Scene("confirm-eject", "Asked before running frames lose their machines", _confirm("eject", "beauty_key")),
    Scene("confirm-delete", "Asked before jobs are deleted", _confirm("delete", "shot_010_lighting v023")),
    *FILES,
    *PROPERTIES,
    *PREFERENCES,
    *CARE,
    *ASKING,
    Scene("legend", "The language of states", _legend),
    *(Scene(*play) for play in (*why_scenes.PLAYS, *submit_scenes.PLAYS)),
    *TRAY,
    *(Scene(*play) for play in notes_scenes.PLAYS),
)


def chosen(names: list[str]) -> Iterator[Scene]:
    """Scenes by their names, all for none. Raises ValueError for a name that there is not."""
    known = {scene.name: scene for scene in SCENES}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise ValueError(f"no picture is named {unknown[0]!r}; there are {', '.join(known)}")
    yield from (known[name] for name in names) if names else SCENES
