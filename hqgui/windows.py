"""Which windows are open: one for each farm, and the dialog that asks for a farm where none is known.

A farm is another window with a session of its own, so nothing of one farm is ever shown in another's.
"""

from __future__ import annotations

import asyncio
from typing import Final

from PySide6.QtCore import QObject

from hqgui.actions import Outcome
from hqgui.errands import Errands
from hqgui.furnish import Furnishing
from hqgui.link import find_local_server, normal_url, probe
from hqgui.opening import Wish
from hqgui.session import Session
from hqgui.settings import Settings
from hqgui.tasks import FAILURES, spawn
from hqgui.theme import look
from hqgui.troubles import LinkError
from hqgui.views.connect_dialog import ConnectDialog
from hqgui.views.inspector import Tab
from hqgui.views.main_window import MainWindow
from hqgui.views.parts.icons import offer_to_style_sheet
from hqgui.views.parts.leaving import unasked
from hqgui.words import translate

GO_TO_SECONDS: Final = 30.0
"""How long a job that is to be shown may take to come."""
_LOOK_AGAIN_SECONDS: Final = 0.1
SUBMIT: Final = "submit"
"""Name of the way to the form for a new job."""


class Windows(QObject):
    """All windows of the program."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self.settings = settings
        self.farms: dict[str, MainWindow] = {}
        """Open windows by the address of their farm."""
        self.dialog: ConnectDialog | None = None
        self._sessions: dict[str, Session] = {}
        self._furnishing: dict[str, Furnishing] = {}
        FAILURES.append(self._failed)

    def dress(self) -> None:
        """Look as the settings say."""
        offer_to_style_sheet()
        value = self.settings.value
        look().choose(
            theme=value("view/theme"),
            zoom=value("view/zoom"),
            density=value("view/density"),
            high_contrast=value("view/high_contrast"),
        )

    def start(self, url: str = "") -> None:
        """Show the farm at `url`, else the one that was shown last, else ask for one."""
        last = url or self.settings.value("farm/url")
        try:
            self.show_farm(normal_url(last))
        except LinkError:
            self.ask_farm()

    def show_farm(self, url: str) -> MainWindow:
        """Open a window on a farm, or bring the one that is open to the front."""
        known = self.farms.get(url)
        if known is not None:
            known.show()
            known.raise_()
            known.activateWindow()
            return known
        self.settings.remember_farm(url)
        session = Session(url, self.settings)
        window = MainWindow(session, self.settings)
        Errands(session, window)
        furnishing = Furnishing(session, window)
        furnishing.done.connect(session.start)
        self._furnishing[url] = furnishing
        self._sessions[url] = session
        self.farms[url] = window
        window.farm_wanted.connect(self._farm_wanted)
        window.closed.connect(lambda: self._closed(url))
        window.show()
        furnishing.begin()
        return window

    def fulfil(self, wish: Wish) -> None:
        """Do what another program of ours wants: show a farm, a job of it, its output, the form for a new job."""
        url = wish.server or self.settings.value("farm/url")
        if not url:
            return
        try:
            window = self.show_farm(normal_url(url))
        except LinkError:
            return
        self._furnishing[window.session.link.url].finish()
        if wish.submit and SUBMIT in window.navigation:
            window.navigation[SUBMIT].trigger()
        if wish.job:
            spawn(self._go_to(url, window, wish), f"going to job {wish.job}")

    async def _go_to(self, url: str, window: MainWindow, wish: Wish) -> None:
        """The job may still be on its way; one that never comes is said."""
        session = self._sessions.get(normal_url(url))
        end = asyncio.get_running_loop().time() + GO_TO_SECONDS
        while session is not None and window.is_open and wish.job not in session.farm.jobs:
            if asyncio.get_running_loop().time() > end:
                words = translate("Windows", "There is no job {job} here.").replace("{job}", str(wish.job))
                window.tell(Outcome(words, failed=True))
                return
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)
        if session is not None and window.is_open:
            window.go_to_job(wish.job)
            if wish.output:
                window.open_tab(Tab.OUTPUT)

    def _farm_wanted(self, url: str) -> None:
        if url:
            self.show_farm(url)
        else:
            self.ask_farm()

    def _closed(self, url: str) -> None:
        self.settings.save()
        self.farms.pop(url, None)
        self._furnishing.pop(url, None)
        session = self._sessions.pop(url, None)
        if session is not None:
            spawn(_end(session), f"leaving {url}")

    # The dialog

    def ask_farm(self) -> ConnectDialog:
        """Ask where a farm is."""
        if self.dialog is not None:
            self.dialog.raise_()
            self.dialog.activateWindow()
            return self.dialog
        dialog = ConnectDialog(recent=self.settings.value("farm/recent"))
        self.dialog = dialog
        dialog.test_wanted.connect(lambda text: spawn(self._test(dialog, text), "testing an address"))
        dialog.connect_wanted.connect(lambda text: spawn(self._connect(dialog, text), "connecting"))
        dialog.finished.connect(self._dialog_closed)
        dialog.open()
        spawn(self._find(dialog), "looking for a server on this machine")
        return dialog

    def _dialog_closed(self) -> None:
        self.dialog = None

    async def _find(self, dialog: ConnectDialog) -> None:
        url = await find_local_server()
        if url is not None and dialog is self.dialog:
            dialog.show_found(url, translate("Connect", "There is a server on this machine."))

    async def _test(self, dialog: ConnectDialog, text: str) -> str:
        """The address, if a server answers there; the dialog says what was found."""
        dialog.show_busy(translate("Connect", "Asking…"))
        try:
            welcome = await probe(text)
        except LinkError as error:
            if dialog is self.dialog:
                dialog.show_trouble(error.words)
            return ""
        if dialog is not self.dialog:
            return ""
        if welcome.plain:
            words = translate("Connect", "An HQueue server, version {version}, answers in {n} ms. It will be polled.")
        else:
            words = translate("Connect", "hqserver {version} answers in {n} ms.")
        dialog.show_success(words.format(version=welcome.version, n=round(welcome.latency_ms)))
        return welcome.url

    async def _connect(self, dialog: ConnectDialog, text: str) -> None:
        url = await self._test(dialog, text)
        if url:
            self.show_farm(url)  # before the dialog goes: the program ends with its last window
            dialog.accept()

    # The end

    def close_all(self) -> None:
        """Close everything without asking; what is remembered is written."""
        with unasked():
            for window in [*self.farms.values(), *([self.dialog] if self.dialog is not None else [])]:
                window.close()
        self.settings.save()

    async def stop(self) -> None:
        """Close everything, leave all farms."""
        FAILURES.remove(self._failed)
        sessions = list(self._sessions.values())
        self._sessions.clear()
        self.close_all()
        for session in sessions:
            await session.stop()

    def _failed(self, what: str, error: BaseException) -> None:
        """A fault of the program itself: said where the user looks, and in the log."""
        for window in self.farms.values():
            window.tell_failure(what, error)


async def _end(session: Session) -> None:
    await session.stop()
    session.deleteLater()
