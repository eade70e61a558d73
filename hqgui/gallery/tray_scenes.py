"""Pictures of the artists' tray: its popup in every state, its icon, its menu, its notifications."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QWidget

from hqgui.feed_state import FeedState
from hqgui.gallery import tray_farm as farm
from hqgui.gallery.kit import Scene, Set
from hqgui.gallery.stage import settle
from hqgui.gallery.tray_sheet import IconSheet, NoticeSheet
from hqgui.made_up import NOW_SECONDS
from hqgui.models.tray.choices import TrayChoices
from hqgui.models.tray.facts import TrayFacts
from hqgui.models.tray.machine import MachineFacts
from hqgui.models.tray.news import farm_wants
from hqgui.tray.news_desk import notice_of
from hqgui.views.menus import farms_menu
from hqgui.views.tray.manner import Manner
from hqgui.views.tray.menu import TrayMenu
from hqgui.views.tray.popup import TrayPopup
from hqgui.views.tray.preferences import TrayPreferences
from hqgui.views.tray.schedule import ScheduleDialog
from hqserver.wire.availability import Rule
from hqserver.wire.statuses import ClientStatus


def _popup(at: Set, shown: TrayFacts, before: Callable[[TrayPopup], None] | None = None) -> TrayPopup:
    popup = TrayPopup()
    popup.set_manner(Manner.PINNED)
    popup.show_facts(shown)
    at.show(popup)
    popup.fit()
    popup.setFocus()
    if before is not None:
        before(popup)
    settle()
    return popup


def _light_first(popup: TrayPopup) -> None:
    popup.jobs[0].light(on=True)


def _type_note(popup: TrayPopup) -> None:
    popup.jobs[2].open_note()
    popup.jobs[2].composer.field.setText("Free a licence after the review, please")
    popup.fit()


def _scene(before: Callable[[TrayPopup], None] | None = None, **values: Any) -> Callable[[Set], QWidget]:
    return lambda at: _popup(at, farm.facts(**{name: _made(value) for name, value in values.items()}), before)


def _made(value: Any) -> Any:
    return value() if callable(value) else value


def _stranger() -> MachineFacts:
    return MachineFacts(farm.HOST, online=True)


def _away() -> MachineFacts:
    return MachineFacts(farm.HOST, online=True, rows=(farm.client_row(status=ClientStatus.OFFLINE),))


def _off_hours() -> MachineFacts:
    row = farm.client_row(status=ClientStatus.UNAVAILABLE, idleTime=2)
    return MachineFacts(farm.HOST, online=True, rows=(row,))


def _unknown() -> MachineFacts:
    return MachineFacts(farm.HOST, online=False, rows=(farm.client_row(),))


def _farms(at: Set) -> QWidget:
    popup = _popup(at, farm.facts())
    used = [f"http://{farm.FARM}:5000", "http://hq02:5000"]
    menu = farms_menu(lambda: used, used[0], lambda _url: None, popup)
    menu.popup(popup.mapToGlobal(QPoint(28, 40)))
    settle()
    return popup


def _icons(at: Set) -> QWidget:
    return at.show(IconSheet())


def _menu(at: Set) -> QWidget:
    popup = QWidget()
    popup.resize(440, 420)
    at.show(popup)
    menu = TrayMenu(popup)
    menu.offer_popup(on=False)
    menu.name_quiet("Quiet until 18:00")
    menu.show_facts(farm.facts())
    menu.menu.popup(popup.mapToGlobal(QPoint(16, 14)))
    menu.menu.setActiveAction(menu.keep.menuAction())
    menu.keep.popup(menu.menu.mapToGlobal(menu.menu.actionGeometry(menu.keep.menuAction()).topRight()))
    at.others += [menu.keep, menu.menu]
    settle()
    return popup


def _notices(at: Set) -> QWidget:
    known = farm.known()
    opens = datetime(2026, 11, 24, 19, tzinfo=UTC)
    items = [*known.desk.items(), farm_wants(opens, NOW_SECONDS)]
    return at.show(NoticeSheet([notice_of(item) for item in items]))


def _preferences(at: Set) -> QWidget:
    return at.show(TrayPreferences(TrayChoices(login=farm.USER, quiet_from=19 * 60, quiet_to=9 * 60)))


def _schedule(at: Set) -> QWidget:
    rules = (Rule(start=19 * 60, end=8 * 60), Rule(idle_minutes=15))
    return at.show(ScheduleDialog(rules, datetime.fromtimestamp(NOW_SECONDS, UTC).astimezone().replace(tzinfo=None)))


_REFUSED: Final = "The server refused: no right to pause jobs of jlee."
TRAY: Final = (
    Scene("tray", "The tray's popup: my machine is available", _scene(_light_first)),
    Scene("tray-in-use", "My machine is in use by the farm", _scene(machine=farm.in_use)),
    Scene("tray-leaving", "My machine is mine after the frame that runs", _scene(machine=farm.leaving)),
    Scene("tray-mine", "My machine is mine for some hours", _scene(machine=farm.mine)),
    Scene("tray-off-hours", "The farm's hours have not begun", _scene(machine=_off_hours)),
    Scene("tray-offline", "No server; the agent here still obeys", _scene(feed=farm.LOST, machine=farm.alone)),
    Scene(
        "tray-connecting",
        "The server is asked for the first time",
        _scene(feed=farm.ASKING, jobs=[], machine=MachineFacts(farm.HOST, online=False)),
    ),
    Scene("tray-no-farm", "No farm was chosen yet", _scene(feed=FeedState(), farm="", jobs=[])),
    Scene("tray-unknown", "No server, and no agent here", _scene(feed=farm.LOST, machine=_unknown)),
    Scene("tray-no-agent", "The agent here does not run", _scene(machine=_away)),
    Scene("tray-stranger", "This machine is no client", _scene(machine=_stranger)),
    Scene("tray-no-jobs", "Nothing of mine", _scene(jobs=[])),
    Scene("tray-who", "Asked who I am", _scene(jobs=[], users=frozenset(), login="artist")),
    Scene("tray-icons", "The tray's icon, in each state, size and panel", _icons),
    Scene("tray-menu", "The tray's context menu", _menu),
    Scene("tray-farms", "The choice of farms in the tray", _farms),
    Scene("tray-refused", "What the server refused in the tray", _scene(said=_REFUSED, said_failed=True)),
    Scene("tray-notices", "What the tray says aloud", _notices),
    Scene("tray-preferences", "The tray's preferences", _preferences),
    Scene("tray-schedule", "When the farm may use this machine", _schedule),
    Scene("tray-note", "A note is written", _scene(_type_note, said="Resumed shot_014_lighting v008.")),
)
