"""Preferences, keys, about."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QWidget

from hqgui.gallery.kit import Scene, Set, normal
from hqgui.gallery.stage import settle
from hqgui.preferring import Preferring
from hqgui.views.about_dialog import AboutDialog
from hqgui.views.preferences.dialog import Page

_VERSIONS: Final = (
    ("Wrangler", "1.4.0"),
    ("Server", "hqserver 1.4.0"),
    ("PySide6-Essentials", "6.11.1"),
    ("qasync", "0.28.0"),
    ("Qt", "6.11.1"),
    ("Python", "3.11.7"),
    ("System", "Linux-6.1-x86_64"),
    ("Display", "xcb, 2560x1440 at 1"),
)


def _preferences(page: Page) -> Callable[[Set], QWidget]:
    def play(at: Set) -> QWidget:
        stage = normal(at)
        settings = stage.window.settings
        for url in ("http://hq02:5000", "http://render.example:8000", stage.session.link.url):
            settings.remember_farm(url)
        settings.name_farm("http://render.example:8000", "Cloud")
        settings.set("keys/chosen", ["eject=", "reschedule=Ctrl+Shift+E"])
        part = stage.window.findChild(Preferring)
        assert isinstance(part, Preferring)
        dialog = part.open_preferences(page)
        dialog.keys.choose("reschedule")
        settle()
        return stage.window

    return play


def _key_taken(at: Set) -> QWidget:
    """A key was given to another action, which takes it from the one that had it."""
    window = _preferences(Page.KEYS)(at)
    part = window.findChild(Preferring)
    assert isinstance(part, Preferring)
    keys = part.open_preferences(Page.KEYS).keys
    keys.field.setKeySequence(QKeySequence("Ctrl+P"))
    keys.field.editingFinished.emit()
    settle()
    return window


def _about(at: Set) -> QWidget:
    stage = normal(at)
    AboutDialog(_VERSIONS, stage.window).open()
    settle()
    return stage.window


PREFERENCES: Final = (
    Scene("preferences", "Preferences: look", _preferences(Page.LOOK)),
    Scene("preferences-notices", "Preferences: what the desktop is told", _preferences(Page.NOTICES)),
    Scene("preferences-keys", "Preferences: keys", _preferences(Page.KEYS)),
    Scene("preferences-key-taken", "Preferences: a key is taken from another action", _key_taken),
    Scene("preferences-farms", "Preferences: farms", _preferences(Page.FARMS)),
    Scene("about", "About", _about),
)
