"""What the tray asks in dialogs: which farm, which schedule, which preferences."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QPoint, Signal

from hqgui.autostart import Autostart
from hqgui.link import probe
from hqgui.models.formats import address_text
from hqgui.models.tray.choices import TrayChoices
from hqgui.models.tray.facts import my_rules
from hqgui.models.tray.keeping import Keep
from hqgui.models.tray.news import NewsKind
from hqgui.settings import Settings
from hqgui.tasks import spawn
from hqgui.tray.session import TraySession
from hqgui.troubles import LinkError
from hqgui.words import translate

if TYPE_CHECKING:
    from hqgui.views.connect_dialog import ConnectDialog
    from hqgui.views.tray.popup import TrayPopup
    from hqgui.views.tray.preferences import TrayPreferences
    from hqgui.views.tray.schedule import ScheduleDialog

    Dialog = ConnectDialog | ScheduleDialog | TrayPreferences

# What is in dialogs is imported when one is opened: a tray that nobody touches is so much smaller.

_KINDS: Final = {kind.value: kind for kind in NewsKind}


def loud_kinds(settings: Settings) -> frozenset[NewsKind]:
    """What is said aloud."""
    return frozenset(_KINDS[name] for name in settings.value("tray/notify") if name in _KINDS)


def usual_keep(settings: Settings) -> Keep:
    """For how long a machine that is taken back is kept."""
    given = settings.value("tray/keep")
    return Keep(given) if given in set(Keep) else Keep.FOUR_HOURS


class TrayDialogs(QObject):
    """The dialogs; one of a kind is open at a time."""

    farm_chosen = Signal(str)
    rules_chosen = Signal(object)
    user_chosen = Signal(str)
    changed = Signal()
    """Other preferences hold now."""
    told = Signal(str, bool)

    def __init__(
        self,
        settings: Settings,
        starts: Autostart,
        session: Callable[[], TraySession | None],
        farm_title: Callable[[str], str],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._settings = settings
        self._starts = starts
        self._session = session
        self._farm_title = farm_title
        self._open: dict[type[Dialog], Dialog] = {}

    def _show(self, dialog: Dialog) -> None:
        kind = type(dialog)
        self._open[kind] = dialog
        dialog.finished.connect(lambda _: self._open.pop(kind, None))
        dialog.open()
        dialog.activateWindow()

    def _raise(self, kind: type[Dialog]) -> bool:
        known = self._open.get(kind)
        if known is not None:
            known.raise_()
            known.activateWindow()
        return known is not None

    def close(self) -> None:
        """Close what is open."""
        for dialog in list(self._open.values()):
            dialog.close()

    # Which farm

    def open_farms(self, place: QPoint, over: TrayPopup) -> None:
        """The farms that were used, and the way to another one."""
        from hqgui.views.menus import farms_menu

        session = self._session()
        here = session.link.url if session is not None else ""
        menu = farms_menu(
            lambda: self._settings.value("farm/recent"), here, self._farm_wanted, over, self._name_and_address
        )
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(place)

    def _name_and_address(self, url: str) -> str:
        title = self._farm_title(url)
        return f"{title}  ({address_text(url)})"

    def _farm_wanted(self, url: str) -> None:
        if url:
            self.farm_chosen.emit(url)
        else:
            self.ask_farm()

    def ask_farm(self) -> None:
        """Ask where the farm is."""
        from hqgui.views.connect_dialog import ConnectDialog

        if self._raise(ConnectDialog):
            return
        dialog = ConnectDialog(recent=self._settings.value("farm/recent"))
        dialog.setWindowTitle(translate("Tray", "Connect to a farm – HQ tray"))
        dialog.test_wanted.connect(lambda text: spawn(self._test(dialog, text), "testing an address"))
        dialog.connect_wanted.connect(lambda text: spawn(self._connect_to(dialog, text), "connecting"))
        self._show(dialog)

    async def _test(self, dialog: ConnectDialog, text: str) -> str:
        dialog.show_busy(translate("Connect", "Asking…"))
        try:
            welcome = await probe(text)
        except LinkError as error:
            if dialog in self._open.values():
                dialog.show_trouble(error.words)
            return ""
        if dialog not in self._open.values():
            return ""
        words = translate("Connect", "hqserver {version} answers in {n} ms.")
        dialog.show_success(words.format(version=welcome.version, n=round(welcome.latency_ms)))
        return welcome.url

    async def _connect_to(self, dialog: ConnectDialog, text: str) -> None:
        url = await self._test(dialog, text)
        if url:
            self.farm_chosen.emit(url)
            dialog.accept()

    # Which schedule

    def ask_rules(self) -> None:
        """Ask when the farm may use this machine."""
        from hqgui.views.tray.schedule import ScheduleDialog

        session = self._session()
        if session is None or self._raise(ScheduleDialog):
            return
        now = datetime.fromtimestamp(session.now(), UTC).astimezone().replace(tzinfo=None)
        dialog = ScheduleDialog(my_rules(session.known().machine), now)
        dialog.rules_chosen.connect(self.rules_chosen)
        self._show(dialog)

    # Which preferences

    def open_preferences(self) -> None:
        """Open the preferences."""
        from hqgui.views.tray.preferences import TrayPreferences

        if not self._raise(TrayPreferences):
            dialog = TrayPreferences(self.choices())
            dialog.accepted_choices.connect(self.choose)
            self._show(dialog)

    def choices(self) -> TrayChoices:
        """What is chosen now."""
        value, session = self._settings.value, self._session()
        return TrayChoices(
            user=value("tray/user"),
            login=session.login if session is not None else "",
            loud=loud_kinds(self._settings),
            quiet_from=value("tray/quiet_from"),
            quiet_to=value("tray/quiet_to"),
            keep=usual_keep(self._settings),
            theme=value("view/theme"),
            panel=value("tray/panel"),
            starts=self._starts.is_on(),
        )

    def choose(self, chosen: TrayChoices) -> None:
        """Remember other choices, and go by them."""
        before = self.choices()
        values = {
            "tray/notify": sorted(kind.value for kind in chosen.loud),
            "tray/quiet_from": chosen.quiet_from,
            "tray/quiet_to": chosen.quiet_to,
            "tray/keep": chosen.keep.value,
            "tray/panel": chosen.panel,
            "view/theme": chosen.theme,
        }
        for key, value in values.items():
            self._settings.set(key, value)
        if chosen.starts != before.starts:
            self._start_with_session(chosen.starts)
        if chosen.user != before.user:
            self.user_chosen.emit(chosen.user)
        self.changed.emit()

    def _start_with_session(self, on: bool) -> None:
        try:
            self._starts.set(on)
        except OSError as error:
            self.told.emit(str(error), True)  # noqa: FBT003 - a signal's argument
