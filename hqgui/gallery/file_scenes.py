"""Pictures of the dialogs that ask for a file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from PySide6.QtWidgets import QComboBox, QWidget

from hqgui.gallery.kit import Scene, Set
from hqgui.gallery.stage import settle
from hqgui.made_up import NOW_SECONDS
from hqgui.settings import Settings
from hqgui.views.file_dialog import FileDialog, OpenDialog, SaveDialog
from hqgui.views.submit.reading import why_not_read

_FILES: Final = {"1042-88-1.log": 23_100, "beauty_key.json": 2_310, "daily.json": 840, "notes.txt": 96}
_SHOWN: Final = "/mnt/hq/logs"
"""How the folder is called in pictures, which is another one each time."""


def _settings(at: Set, key: str) -> Settings:
    """Settings that remember a folder with files for a dialog."""
    folder = at.folder() / "logs"
    folder.mkdir()
    for place, (name, size) in enumerate(_FILES.items()):
        (folder / name).write_bytes(b"x" * size)
        os.utime(folder / name, (NOW_SECONDS - 4000 * place, NOW_SECONDS - 4000 * place))
    settings = Settings(folder.parent)
    settings.set(key, os.fspath(folder))
    return settings


def _shown(at: Set, dialog: FileDialog) -> FileDialog:
    at.show(dialog)
    settle()
    for combo in dialog.findChildren(QComboBox, "lookInCombo"):
        combo.setItemText(combo.currentIndex(), _SHOWN)
    settle()
    return dialog


def _save(at: Set) -> QWidget:
    dialog = SaveDialog("Save log", "1042-88-2.log", _settings(at, "files/saved"))
    return _shown(at, dialog)


def _replace(at: Set) -> QWidget:
    dialog = SaveDialog("Save log", "1042-88-1.log", _settings(at, "files/saved"))
    _shown(at, dialog).accept()
    settle()
    return dialog


def _open(at: Set) -> QWidget:
    dialog = OpenDialog(
        "Open a specification", "JSON (*.json);;All files (*)", why_not_read, _settings(at, "files/opened")
    )
    dialog.selectFile("weekly.json")
    _shown(at, dialog)
    dialog.field.setText("weekly.json")
    dialog.say(why_not_read(Path(_SHOWN, "weekly.json")))
    settle()
    return dialog


FILES: Final = (
    Scene("save-file", "Where a log is saved", _save),
    Scene("save-replace", "Asked before a file is replaced", _replace),
    Scene("open-file", "Which file is opened, and one that is not there", _open),
)
