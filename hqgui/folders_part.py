"""Network folders: a window that asks the server for them, and sends what is changed."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, Final

from PySide6.QtCore import QObject

from hqgui.actions import Consequence
from hqgui.session import Session
from hqgui.tasks import answer, can_spawn, spawn
from hqgui.troubles import LinkError
from hqgui.views.care.folders_window import Folder, FoldersWindow
from hqgui.views.main_window import MainWindow
from hqgui.views.navigation import Way
from hqgui.words import translate

KEYS: Final = ("name", "linux", "macosx", "windows", "windowsMount")


class FoldersPart(QObject):
    """Of one window."""

    def __init__(self, session: Session, window: MainWindow) -> None:
        super().__init__(window)
        self._session = session
        self._window = window
        self.dialog: FoldersWindow | None = None
        words = translate("Menus", "Network folders…")
        window.add_way(Way("network_folders", words, "", self.open, menu="farm"))

    def open(self) -> FoldersWindow:
        """Open the window, or bring it to the front."""
        if self.dialog is not None:
            self.dialog.raise_()
            self.dialog.activateWindow()
            return self.dialog
        dialog = self.dialog = FoldersWindow(self._window)
        dialog.save_wanted.connect(lambda folder: self._start(self._save(folder), "saving a network folder"))
        dialog.delete_wanted.connect(lambda name: self._start(self._delete(name), "deleting a network folder"))
        dialog.finished.connect(self._closed)
        dialog.show()
        self._start(self._load(), "asking for network folders")
        return dialog

    def _closed(self) -> None:
        self.dialog = None

    def _start(self, work: Coroutine[Any, Any, None], name: str) -> None:
        if can_spawn():
            spawn(self._telling(work), name)
        else:
            work.close()

    async def _telling(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except LinkError as error:
            if self.dialog is not None:
                self.dialog.show_trouble(error.words)

    async def _load(self) -> None:
        rows = await self._session.link.call("getNetworkFolders")
        if self.dialog is not None:
            self.dialog.show_folders([Folder(*(str(row.get(key) or "") for key in KEYS)) for row in rows or ()])

    async def _save(self, folder: Folder) -> None:
        await self._session.link.call("setNetworkFolder", *folder)
        await self._load()

    async def _delete(self, name: str) -> None:
        asked = Consequence(
            asks=True,
            linked=1,
            title=translate("Folders", "Delete {name}?").replace("{name}", name),
            subtitle=translate("Folders", "Jobs that start from now on do not have this variable any more."),
            foot=translate("Folders", "What hqserver.ini says of this name, if anything, holds again."),
            yes=translate("Folders", "Delete it"),
            no=translate("Folders", "Keep it"),
        )
        if await answer(self._window.confirm(asked).finished):
            await self._session.link.call("deleteNetworkFolder", name)
            await self._load()
