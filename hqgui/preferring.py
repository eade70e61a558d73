"""A part of the window: preferences, about, and the file that helps to find a fault."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject

from hqgui.actions import Outcome
from hqgui.crashes import log_folder
from hqgui.diagnostics import bundle, versions
from hqgui.saving import save_now, trouble
from hqgui.session import Session
from hqgui.views.about_dialog import AboutDialog
from hqgui.views.file_dialog import SaveDialog
from hqgui.views.key_bindings import KeyBindings
from hqgui.views.main_window import MainWindow
from hqgui.views.navigation import Way
from hqgui.views.preferences import Preferences
from hqgui.views.preferences.dialog import Page


class Preferring(QObject):
    """Of one window. It comes last of all parts, because keys are put to work for what the others added."""

    def __init__(self, session: Session, window: MainWindow) -> None:
        super().__init__(window)
        self._session = session
        self._window = window
        self.dialog: Preferences | None = None
        add = window.menus.add_way
        add(Way("preferences", self.tr("Preferences…"), "Ctrl+,", self.open_preferences, menu="program"))
        add(Way("keys", self.tr("Keys…"), "Ctrl+F1", lambda: self.open_preferences(Page.KEYS), menu="program"))
        add(Way("about", self.tr("About Wrangler…"), "", self.open_about, menu="program"))
        window.settings.changed.connect(self._setting_changed)
        self.keys = KeyBindings(window.commands, window.navigation, window.settings, self)

    def open_preferences(self, page: Page = Page.LOOK) -> Preferences:
        """Show them, or bring them to the front."""
        if self.dialog is None:
            tree = self._session.tree
            url = self._session.link.url
            self.dialog = Preferences(self._window.settings, self.keys, tree.set_folding, url, self._window)
            self.dialog.farm_wanted.connect(self._window.farm_wanted)
            self.dialog.finished.connect(self._closed)
        self.dialog.open_page(page)
        self.dialog.show()
        self.dialog.raise_()
        self.dialog.activateWindow()
        return self.dialog

    def _closed(self) -> None:
        self.dialog = None

    def _setting_changed(self, key: str) -> None:
        """A farm has another name, or another one runs on the same machine: the window says which one it shows."""
        if key in ("farm/names", "farm/recent") and self._window.is_open:
            self._window.show_feed(self._session.feed.state)

    def open_about(self) -> AboutDialog:
        """Show what runs here."""
        dialog = AboutDialog(versions(self._server()), self._window)
        dialog.copy_wanted.connect(self._window.copy)
        dialog.bundle_wanted.connect(self.ask_where)
        dialog.open()
        return dialog

    def _server(self) -> str:
        welcome = self._session.welcome
        return "" if welcome is None else f"hqserver {welcome.version}"

    def ask_where(self) -> SaveDialog:
        """Ask where the diagnostics should go."""
        day = time.strftime("%Y-%m-%d", time.localtime(self._session.now()))
        dialog = SaveDialog(
            self.tr("Save diagnostics"), f"wrangler-diagnostics-{day}.zip", self._window.settings, self._window
        )
        dialog.path_chosen.connect(self.save)
        dialog.open()
        return dialog

    def save(self, path: str) -> None:
        """Write the diagnostics to a path; nothing for an empty one."""
        if not path:
            return
        try:
            save_now(Path(path), bundle(self._window.settings, log_folder(), self._farm(), self._server()))
        except OSError as error:
            words = self.tr("The diagnostics were not saved.")
            self._window.telling.tell(Outcome(words, trouble(error, path), failed=True))
            return
        self._window.telling.tell(Outcome(self.tr("Saved the diagnostics as {path}.").replace("{path}", path)))

    def _farm(self) -> dict[str, Any]:
        session = self._session
        state, welcome = session.feed.state, session.welcome
        return {
            "address": session.link.url,
            "connection": {"phase": state.phase.name, "words": state.words, "latency_ms": round(state.latency_ms, 1)},
            "server": None if welcome is None else {"version": welcome.version, "features": list(welcome.features)},
            "rows": {"jobs": len(session.farm.jobs), "clients": len(session.farm.clients.rows)},
        }
