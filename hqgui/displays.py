"""Whether a window can be opened here: asked before anything of Qt is imported."""

from __future__ import annotations

import importlib.util
import os
import sys


def why_no_window() -> str:
    """Why no window can be opened here; empty when one can."""
    if importlib.util.find_spec("PySide6") is None:
        return "Qt is not installed here. Install the package with its extra “gui”."
    has_display = any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))
    if sys.platform not in ("darwin", "win32") and not has_display:
        return "there is no display here: neither DISPLAY nor WAYLAND_DISPLAY is set."
    return ""
