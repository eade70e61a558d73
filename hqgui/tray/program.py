"""The tray put together: icon, popup, menu, notifications, and the session of the farm that they show.

One farm is followed at a time; another one is another session. On a desktop without a tray the popup is a small window.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtGui import QCursor

from hqgui.autostart import Autostart, autostart
from hqgui.feed_state import FeedState
from hqgui.link import find_local_server, normal_url
from hqgui.local_agent import LocalAgents
from hqgui.models.tray.facts import TrayFacts, assemble, connection_of
from hqgui.models.tray.keeping import Keep
from hqgui.models.tray.news import NewsKind
from hqgui.notifications import Notice, Notifications, Shown
from hqgui.settings import Settings
from hqgui.tasks import FAILURES, spawn
from hqgui.theme import look
from hqgui.tray.dialogs import TrayDialogs
from hqgui.tray.errands import TrayErrands
from hqgui.tray.news_desk import Announcer
from hqgui.tray.session import TraySession
from hqgui.troubles import LinkError
from hqgui.views.parts.icons import offer_to_style_sheet
from hqgui.views.tray.manner import Manner
from hqgui.views.tray.menu import TrayMenu
from hqgui.views.tray.presence import TrayPresence, notice_picture
from hqgui.words import translate

if TYPE_CHECKING:
    from hqgui.views.tray.popup import TrayPopup

DESKTOP_ENTRY: Final = "org.hqfarm.tray"
SAID_MS: Final = 8_000
SHOWN_TICK_MS: Final = 1_000
HIDDEN_TICK_MS: Final = 60_000
"""Only the tooltip's time changes then."""
NO_TRAY_MS: Final = 4_000
"""How long a tray is waited for before a window takes its place."""
EVENING: Final = 18


class Tray(QObject):
    """The program."""

    def __init__(
        self,
        settings: Settings,
        wrangler: Settings | None = None,
        starts: Autostart | None = None,
        agents: LocalAgents | None = None,
        host: str | None = None,
    ) -> None:
        super().__init__()
        self.settings = settings
        self._wrangler = wrangler
        """What Wrangler remembers: the farm that a first start shows."""
        way = autostart() if starts is None else starts
        self.dialogs = TrayDialogs(settings, way, lambda: self.session, self._farm_title, self)
        self._agents = agents
        self._host = host
        self.ended = asyncio.Event()
        self.session: TraySession | None = None
        self.errands: TrayErrands | None = None
        self._announcer: Announcer | None = None
        self.facts = TrayFacts()
        self._order: tuple[int, ...] = ()
        self._said, self._said_failed = "", False
        self._popup: TrayPopup | None = None
        self.menu = TrayMenu(self)
        self.presence = TrayPresence(self.menu.menu, settings.value("tray/panel"), self)
        self.notifications = Notifications("HQ tray", DESKTOP_ENTRY, notice_picture, self.presence.balloon, self)
        self._forget_said = QTimer(self, singleShot=True, interval=SAID_MS)
        self._tick = QTimer(self, interval=HIDDEN_TICK_MS)
        self._no_tray = QTimer(self, singleShot=True, interval=NO_TRAY_MS)
        self._connect()
        FAILURES.append(self._failed)

    def _connect(self) -> None:
        menu = self.menu
        menu.open_wanted.connect(self.open_popup)
        menu.available_wanted.connect(lambda on: self._do(lambda it: it.let_farm_use(on)))
        menu.rules_wanted.connect(lambda on: self._do(lambda it: it.follow_rules(on)))
        menu.keep_wanted.connect(lambda keep: self._do(lambda it: it.keep(keep)))
        menu.take_back_wanted.connect(lambda now: self._do(lambda it: it.take_back(now)))
        menu.pause_wanted.connect(lambda: self._do(lambda it: it.pause_all()))
        menu.retry_wanted.connect(lambda: self._do(lambda it: it.retry_all(self.facts.failed_jobs)))
        menu.loud_wanted.connect(self._be_loud)
        menu.quiet_wanted.connect(self._be_quiet)
        menu.wrangler_wanted.connect(lambda: self._open_job(0))
        menu.submit_wanted.connect(lambda: self._do(lambda it: it.submit()))
        menu.preferences_wanted.connect(lambda: self._ask(self.dialogs.open_preferences))
        menu.quit_wanted.connect(self.ended.set)
        self.presence.clicked.connect(self.toggle_popup)
        self.presence.balloon_clicked.connect(lambda key: self.notifications.activated.emit(key, "default"))
        self.presence.found.connect(self._tray_found)
        dialogs = self.dialogs
        dialogs.farm_chosen.connect(self.follow)
        dialogs.rules_chosen.connect(lambda rules: self._do(lambda it: it.change_rules(rules)))
        dialogs.user_chosen.connect(self._answered)
        dialogs.changed.connect(self._choices_changed)
        dialogs.told.connect(self.tell)
        self._forget_said.timeout.connect(self._forget)
        self._tick.timeout.connect(self.refresh)
        self._no_tray.timeout.connect(self._stand_as_window)

    def _do(self, act: Callable[[TrayErrands], None], leave: bool = False) -> None:
        if leave:
            self._leave_popup()
        if self.errands is not None:
            act(self.errands)

    @property
    def popup(self) -> TrayPopup:
        """Made when it is wanted for the first time: a tray that nobody opens is so much smaller."""
        if self._popup is None:
            from hqgui.views.tray.popup import TrayPopup

            self._popup = TrayPopup()
            self._connect_popup(self._popup)
        return self._popup

    @property
    def _is_open(self) -> bool:
        return self._popup is not None and self._popup.isVisible()

    def _connect_popup(self, popup: TrayPopup) -> None:
        popup.action_wanted.connect(lambda action, job: self._do(lambda it: it.act(action, job)))
        popup.job_wanted.connect(self._open_job)
        popup.note_wanted.connect(lambda job, text: self._do(lambda it: it.write_note(job, text)))
        popup.read_wanted.connect(self._mark_read)
        popup.pause_mine_wanted.connect(lambda: self._do(lambda it: it.pause_all()))
        popup.submit_wanted.connect(lambda: self._do(lambda it: it.submit(), leave=True))
        popup.pin_wanted.connect(self._pin)
        popup.menu_wanted.connect(self.menu.menu.popup)
        popup.farms_wanted.connect(lambda place: self.dialogs.open_farms(place, popup))
        popup.retry_wanted.connect(self._try_now)
        popup.closed.connect(self._popup_closed)
        popup.who.answered.connect(self._answered)
        machine = popup.machine
        machine.switch_wanted.connect(lambda on: self._do(lambda it: it.let_farm_use(on)))
        machine.take_back_wanted.connect(lambda now: self._do(lambda it: it.take_back(now)))
        machine.keep_wanted.connect(lambda keep: self._do(lambda it: it.keep(keep)))
        machine.give_back_wanted.connect(lambda: self._do(lambda it: it.give_back()))
        machine.change_wanted.connect(lambda: self._ask(self.dialogs.ask_rules))

    def _farm_title(self, url: str) -> str:
        """As it was named in Wrangler, if it was."""
        named = self._wrangler.farm_name(url) if self._wrangler is not None else ""
        return named or self.settings.farm_title(url)

    def _ask(self, ask: Callable[[], None]) -> None:
        """A dialog takes the popup's place."""
        self._leave_popup()
        ask()

    def _choices_changed(self) -> None:
        self._dress()
        self.presence.choose_panel(self.settings.value("tray/panel"))
        self.refresh()

    # Life

    def start(self, url: str = "") -> None:
        """Show the icon and follow the farm at `url`, else the last one, else look for one."""
        offer_to_style_sheet()
        self._dress()
        self.presence.start()
        self._tick.start()
        last = url or self.settings.value("farm/url")
        if not last and self._wrangler is not None:
            last = self._wrangler.value("farm/url")
        try:
            self.follow(normal_url(last))
        except LinkError:
            self.refresh()
            spawn(self._find(), "looking for a server on this machine")

    def _dress(self) -> None:
        value = self.settings.value
        look().choose(theme=value("view/theme"), zoom=value("view/zoom"), high_contrast=value("view/high_contrast"))

    async def _find(self) -> None:
        url = await find_local_server()
        if self.session is None:
            if url is not None:
                self.follow(url)
            else:
                self._ask(self.dialogs.ask_farm)

    def follow(self, url: str) -> None:
        """Follow the farm at an address."""
        if self.session is not None:
            if self.session.link.url == url:
                return
            spawn(self._end(self.session), "leaving a farm")
        if self._announcer is not None:
            self._announcer.stop()
            self._announcer.deleteLater()
        self.settings.remember_farm(url)
        session = TraySession(
            url, self.settings, host=self._host, agents=self._agents, farm_title=self._farm_title, parent=self
        )
        self.session = session
        self.errands = TrayErrands(session, self.settings, session)
        self.errands.told.connect(self.tell)
        announcer = self._announcer = Announcer(session, self.settings, self.notifications, session)
        announcer.job_wanted.connect(self._open_job)
        announcer.popup_wanted.connect(self.open_popup)
        announcer.retry_wanted.connect(lambda job: self._do(lambda it: it.act("retry", job)))
        announcer.keep_wanted.connect(lambda: self._do(lambda it: it.keep(Keep.HOUR.value)))
        session.changed.connect(self.refresh)
        session.look(self._is_open)
        session.start()
        self.refresh()

    async def _end(self, session: TraySession) -> None:
        await session.stop()
        session.deleteLater()

    async def stop(self) -> None:
        """Leave."""
        FAILURES.remove(self._failed)
        self._tick.stop()
        self._no_tray.stop()
        if self._announcer is not None:
            self._announcer.stop()
        if self.session is not None:
            await self.session.stop()
        await self.notifications.close()
        self.dialogs.close()
        if self._popup is not None:
            self._popup.close()
        self.presence.leave()
        self.settings.save()

    def _failed(self, what: str, error: BaseException) -> None:
        words = translate("Tray", "The tray has a fault: {what}. The log says more.")
        self.tell(words.replace("{what}", what), failed=True)

    # What is shown

    @Slot()
    def refresh(self) -> None:
        """Show how things stand."""
        session = self.session
        if session is None:
            self.facts = TrayFacts(connection=connection_of(FeedState(), 0.0, ""))
        else:
            known = session.known()
            known.said, known.said_failed = self._said, self._said_failed
            known.order = self._order if self._is_open and self.popup.is_used else ()
            known.pinned = self._is_open and self.popup.manner is Manner.PINNED
            if self._announcer is not None:
                loud = self._announcer.loudness()
                known.loud, known.quiet = loud.kinds, loud.quiet
            self.facts = assemble(known, session.now(), session.local_now())
            self._order = tuple(line.id for line in self.facts.jobs)
        self.presence.show_icon(self.facts.icon, self.facts.tip)
        if self._is_open:
            self.popup.show_facts(self.facts)
        self._refresh_menu()

    def _refresh_menu(self) -> None:
        self.menu.show_facts(self.facts)
        self.menu.name_quiet(translate("Tray", "Quiet until {time}").replace("{time}", f"{self._evening():%H:%M}"))

    def tells_notes(self, farm: object) -> bool:
        """Whether this tray tells of notes on what is its person's on the farm at an address."""
        session = self.session
        return session is not None and farm == session.link.url and session.online and self._says(NewsKind.NOTE)

    def _says(self, kind: NewsKind) -> bool:
        return self._announcer is not None and kind in self._announcer.loudness().kinds

    def tell(self, words: str, failed: bool = False) -> None:
        """Say what came of something: in the popup, for a while. What failed is said aloud while that is closed."""
        self._said, self._said_failed = words, failed
        if words:
            self._forget_said.start()
            if failed and not self._is_open:
                spawn(self._say_aloud(words), "saying what failed")
        self.refresh()

    async def _say_aloud(self, words: str) -> None:
        title = translate("Tray", "That did not work")
        if await self.notifications.show(Notice("tray", title, words, urgent=True)) is Shown.NOWHERE:
            self.open_popup()

    def _forget(self) -> None:
        self._said = ""
        self.refresh()

    # The popup

    def toggle_popup(self) -> None:
        """Open it, or close it."""
        if self._is_open and self.popup.manner is not Manner.WINDOW:
            self.popup.close()
        else:
            self.open_popup()

    @Slot()
    def open_popup(self) -> None:
        """Open it beside the icon; where there is no tray, as a window."""
        self._tick.setInterval(SHOWN_TICK_MS)
        if self.session is not None:
            self.session.look(on=True)
        self.refresh()
        self.popup.show_facts(self.facts)
        if self.popup.manner is Manner.WINDOW:
            self.popup.fit()
            self.popup.show()
            self.popup.raise_()
            self.popup.activateWindow()
            self.popup.focus_first()
        else:
            self.popup.open_at(self.presence.place, QCursor.pos())

    def _popup_closed(self) -> None:
        self._tick.setInterval(HIDDEN_TICK_MS)
        if self.session is not None:
            self.session.look(on=False)
            self.session.remember()

    def _leave_popup(self) -> None:
        """Something else comes to the front."""
        if self._is_open and self.popup.manner is Manner.POPUP:
            self.popup.close()

    def _pin(self, on: bool) -> None:
        place = self.popup.pos()
        self.popup.set_manner(Manner.PINNED if on else Manner.POPUP)
        self.popup.move(place)
        self.popup.show()
        self.refresh()

    def _tray_found(self, there: bool) -> None:
        self.menu.offer_popup(not there or self.presence.place.isEmpty())
        if not there:
            self._no_tray.start()
        else:
            self._no_tray.stop()
            if self._popup is not None and self._popup.manner is Manner.WINDOW:
                self.popup.close()
                self.popup.set_manner(Manner.POPUP)

    def _stand_as_window(self) -> None:
        """This desktop has no tray."""
        self.popup.set_manner(Manner.WINDOW)
        self.open_popup()

    # Wishes that need no server

    def _open_job(self, job: int) -> None:
        self._do(lambda it: it.open_job(job), leave=True)

    def _mark_read(self, key: str | None) -> None:
        if self.session is not None:
            self.session.news.mark_read(None if key is None else [key])
            self.session.remember()
            self.refresh()
        if self._announcer is not None:
            spawn(self._announcer.withdraw_read(), "taking notifications away")

    def _try_now(self) -> None:
        if self.session is not None:
            self.session.feed.try_now()

    def _answered(self, user: str) -> None:
        self.settings.set("tray/user", user)
        if self.session is not None:
            spawn(self.session.other_person(), "following somebody else")
        self.refresh()

    def _be_loud(self, kind: str, on: bool) -> None:
        kinds = [name for name in self.settings.value("tray/notify") if name != kind]
        self.settings.set("tray/notify", [*kinds, kind] if on else kinds)
        self.refresh()

    def _evening(self) -> datetime:
        """The next 18:00; at night the next 09:00."""
        now = datetime.now(UTC).astimezone()
        evening = now.replace(hour=EVENING, minute=0, second=0, microsecond=0)
        if now < evening:
            return evening
        return (now + timedelta(days=1)).replace(hour=9, minute=0, second=0, microsecond=0)

    def _be_quiet(self, on: bool) -> None:
        self.settings.set("tray/quiet_until", self._evening().timestamp() if on else 0.0)
        self.refresh()
