"""What the window remembers between starts: typed values in an ini file, written at once.

`KEYS` is the table: a key that is not in it cannot be stored. After a reload an ini file gives texts only, so every
value is read by its type; one that does not fit is as good as not there. Writing waits a moment, so that a drag of a
column border is one write, and happens in any case before the program ends or dies of an error that Python sees.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QByteArray, QObject, QSettings, QTimer, QUrl, Signal

ORGANISATION: Final = "hqfarm"
SAVE_AFTER_MS: Final = 300

KEYS: Final[Mapping[str, Any]] = {
    "view/theme": "system",
    "view/zoom": 1.0,
    "view/density": "default",
    "view/high_contrast": False,
    "view/fold_frames": True,
    "view/columns_version": 0,
    "filter/chips": [],
    "filter/views": [],
    "farm/url": "",
    "farm/recent": [],
    "farm/names": [],
    "keys/chosen": [],
    "submit/presets": [],
    "files/opened": "",
    "files/saved": "",
    "lower/panel": "clients",
    "notes/read": [],
    "notes/drafts": [],
    "notes/watched": [],
    "notes/notify": True,
    "notes/order": "latest",
    "notes/automatic": False,
    "notes/handled": True,
    "tray/user": "",
    "tray/user_map": [],
    "tray/notify": ["finished", "failed", "note", "machine"],
    "tray/quiet_from": 0,
    "tray/quiet_to": 0,
    "tray/quiet_until": 0.0,
    "tray/read": [],
    "tray/keep": "4h",
    "tray/panel": "system",
}
"""Each key and its default, which says its type too."""

BYTES: Final = frozenset(
    {
        "window/geometry",
        "window/state",
        "tree/header",
        "clients/header",
        "history/header",
        "groups/header",
        "members/header",
        "resources/header",
        "inspector/state",
        "notes/geometry",
        "notes/state",
    }
)
"""Keys of what Qt stores of a window's layout."""


def _truth(value: Any) -> bool:
    return value if isinstance(value, bool) else str(value).lower() in ("true", "1", "yes")


def _texts(value: Any) -> list[str]:
    if value is None:
        return []
    return [str(item) for item in value] if isinstance(value, list | tuple) else [str(value)] if value != "" else []


_READERS: Final[dict[type, Callable[[Any], Any]]] = {bool: _truth, int: int, float: float, str: str, list: _texts}


class Settings(QObject):
    """The values. `folder` is given by tests; else the user's own configuration folder is used."""

    changed = Signal(str)
    """The key that has another value now."""

    def __init__(self, folder: Path | None = None, program: str = "wrangler", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ini = _ini(folder, program)
        self._timer = QTimer(self, singleShot=True, interval=SAVE_AFTER_MS)
        self._timer.timeout.connect(self.save)

    @property
    def path(self) -> Path:
        """The file."""
        return Path(self._ini.fileName())

    def value(self, key: str) -> Any:
        """The value of a key of the table, or its default. Raises KeyError for another key."""
        default = KEYS[key]
        stored = self._ini.value(key)
        if stored is None:
            return list(default) if isinstance(default, list) else default
        try:
            return _READERS[type(default)](stored)
        except (TypeError, ValueError):
            return default

    def set(self, key: str, value: Any) -> None:
        """Remember a value. Raises KeyError for a key that is not in the table."""
        default = KEYS[key]
        wanted = _READERS[type(default)](value)
        if wanted == self.value(key):
            return
        self._ini.setValue(key, wanted)
        self._timer.start()
        self.changed.emit(key)

    def bytes_value(self, key: str) -> QByteArray:
        """The layout under a key, empty when there is none. Raises KeyError for a key that is not in the table."""
        if key not in BYTES:
            raise KeyError(key)
        stored = self._ini.value(key)
        return stored if isinstance(stored, QByteArray) else QByteArray()

    def set_bytes(self, key: str, value: QByteArray) -> None:
        """Remember a layout. Raises KeyError for a key that is not in the table."""
        if key not in BYTES:
            raise KeyError(key)
        if self.bytes_value(key) != value:
            self._ini.setValue(key, value)
            self._timer.start()

    def remember_farm(self, url: str, most: int = 8) -> None:
        """Put a farm's address before those that were used earlier."""
        earlier = [known for known in self.value("farm/recent") if known != url]
        self.set("farm/recent", [url, *earlier][:most])
        self.set("farm/url", url)

    def farm_name(self, url: str) -> str:
        """What somebody called the farm at an address; empty when nobody did."""
        named = dict(line.split(" ", 1) for line in self.value("farm/names") if " " in line)
        return str(named.get(url, ""))

    def farm_title(self, url: str) -> str:
        """What a farm is called here: as somebody named it, else its machine, with a port where two share that."""
        here = QUrl(url)
        shared = any(QUrl(known).host() == here.host() and known != url for known in self.value("farm/recent"))
        return self.farm_name(url) or (f"{here.host()}:{here.port()}" if shared else here.host())

    def name_farm(self, url: str, name: str) -> None:
        """Call the farm at an address something; an empty name: what its machine is called."""
        others = [line for line in self.value("farm/names") if line.partition(" ")[0] != url]
        self.set("farm/names", [*others, *([f"{url} {name.strip()}"] if name.strip() else [])])

    def forget_farm(self, url: str) -> None:
        """Let a farm go from those that were used."""
        self.name_farm(url, "")
        self.set("farm/recent", [known for known in self.value("farm/recent") if known != url])

    def save(self) -> None:
        """Write now what waits to be written."""
        self._timer.stop()
        self._ini.sync()


def _ini(folder: Path | None, program: str) -> QSettings:
    if folder is None:
        return QSettings(QSettings.Format.IniFormat, QSettings.Scope.UserScope, ORGANISATION, program)
    return QSettings(os.fspath(folder / f"{program}.ini"), QSettings.Format.IniFormat)
