"""What helps to find a fault: versions, settings, the end of the log and what the server says of itself, in one file.

Nothing in it gives access to anything: passwords and tokens in addresses and in the log are struck out, drafts of notes
and what was read are left out. It is text, so that whoever sends it can read it first.
"""

from __future__ import annotations

import json
import platform
import re
import zipfile
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import qVersion
from PySide6.QtGui import QGuiApplication

from hqgui import __version__
from hqgui.settings import KEYS, Settings

LOG_BYTES: Final = 256 << 10
_PRIVATE: Final = ("notes/drafts", "notes/read", "notes/watched")
_NAMES: Final = (
    r"(?:token|passw(?:or)?d|passphrase|secret|authorization|credential|api[_-]?key|access[_-]?key|private[_-]?key)"
)
"""What a name is made of that says so: `MY_API_TOKEN`, `--db-password`."""
_VALUE: Final = r"""(?:\\{0,9}"(?:[^"\\]|\\[^"])*\\{0,9}"|'[^']*'|\\{0,9}["']?[^\s"',;}]+)"""
_IN_ADDRESS: Final = re.compile(r"(?<=://)[^/\s\"']*@")
_SECRET: Final = re.compile(
    rf"(?i)({_NAMES}[\w.-]{{0,60}}\\*[\"']?\s*[:=]\s*)(?:(?:bearer|basic|digest)\s+)?({_VALUE})"
)
_OPTION: Final = re.compile(rf"(?i)((?<![\w-])--?[\w-]{{0,40}}{_NAMES}[\w-]{{0,40}}\s+)({_VALUE})")
_QUOTE: Final = re.compile(r"""\\*["']""")
_BEARER: Final = re.compile(r"(?i)\bbearer\s+\S+")


def without_secrets(text: str) -> str:
    """A text in which everything that opens a door is struck out."""
    text = _IN_ADDRESS.sub("•••@", text)
    return _BEARER.sub("bearer •••", _OPTION.sub(_struck, _SECRET.sub(_struck, text)))


def _struck(found: re.Match[str]) -> str:
    """A name without its value. What is in quotes stays in quotes, so that JSON remains JSON."""
    value = found[2]
    quote = _QUOTE.match(value)
    closed = quote is not None and len(value) > len(quote[0]) and value.endswith(quote[0])
    return f"{found[1]}{quote[0]}•••{quote[0]}" if quote is not None and closed else f"{found[1]}•••"


def versions(server: str = "") -> list[tuple[str, str]]:
    """What runs here, a line each: name and version."""
    found = [("Wrangler", __version__), ("Server", server or "–")]
    found += [(name, _version(name)) for name in ("PySide6-Essentials", "qasync")]
    app = QGuiApplication.instance()
    screen = QGuiApplication.primaryScreen() if app is not None else None
    pixels = f"{screen.size().width()}x{screen.size().height()} at {screen.devicePixelRatio():g}" if screen else "–"
    return [
        *found,
        ("Qt", qVersion() or "–"),
        ("Python", platform.python_version()),
        ("System", platform.platform(terse=True)),
        ("Display", f"{QGuiApplication.platformName() if app is not None else '–'}, {pixels}"),
    ]


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "–"


def settings_text(settings: Settings) -> str:
    """The settings, without what is private."""
    lines = [f"{key} = {settings.value(key)!r}" for key in KEYS if key not in _PRIVATE]
    return without_secrets("\n".join(lines) + "\n")


def log_end(folder: Path, program: str) -> str:
    """The end of the log; what is wrong with it instead when it cannot be read."""
    try:
        with (folder / f"{program}.log").open("rb") as file:
            file.seek(0, 2)
            file.seek(max(0, file.tell() - LOG_BYTES))
            return without_secrets(file.read().decode("utf-8", "replace"))
    except OSError as error:
        return f"no log: {error}\n"


def bundle(settings: Settings, folder: Path, farm: Mapping[str, Any], server: str = "") -> bytes:
    """The file: a zip of texts. `farm`: what is known of the farm, as JSON; `folder`: where the log is."""
    texts = {
        "versions.txt": "".join(f"{name}: {value}\n" for name, value in versions(server)),
        "settings.txt": settings_text(settings),
        "farm.json": without_secrets(json.dumps(farm, indent=2, default=str, ensure_ascii=False) + "\n"),
        "wrangler.log": log_end(folder, "wrangler"),
    }
    held = BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in texts.items():
            file.writestr(f"wrangler-diagnostics/{name}", text)
    return held.getvalue()
