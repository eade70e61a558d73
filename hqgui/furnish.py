"""A window with all its parts: what stands beside tree, inspector and clients is added here, a row each.

A part is called once for each window. It adds what it has by the window's public ways (a panel of the lower dock, a tab
of the inspector, commands, something for the omnibox to find), and listens to the session and to the window's signals;
coroutines are its own (`hqgui.tasks.spawn`). The window knows none of its parts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from hqgui.folders_part import FoldersPart
from hqgui.noting import Noting
from hqgui.preferring import Preferring
from hqgui.propertying import Propertying
from hqgui.session import Session
from hqgui.settings import Settings
from hqgui.submissions import Submissions
from hqgui.supply_part import add_clients_and_supply
from hqgui.views.main_window import MainWindow
from hqgui.whys import Whys

PARTS: Final[tuple[Callable[[Session, MainWindow], object], ...]] = (
    add_clients_and_supply,
    FoldersPart,
    Noting,
    Whys,
    Submissions,
    Propertying,
    Preferring,
)
"""In the order of their panels, tabs and menu entries; the last one puts keys to work for all of them."""


def furnished(session: Session, settings: Settings, moving: bool = True) -> MainWindow:
    """A new window on a session, not yet shown. `moving`: whether anything may be animated."""
    window = MainWindow(session, settings, moving)
    for part in PARTS:
        part(session, window)
    window.memory.open_panel()
    return window
