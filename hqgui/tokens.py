"""The look's values as tables: colours for dark and light, and which of them stands for which status.

`INK` colours are for glyphs and coloured words, `FILL` colours for bars and cells. Everything else in the window takes
its colours from here by name, so a value is changed in one place.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

DARK: Final[Mapping[str, str]] = {
    "window": "#1C1F25",
    "panel": "#191C21",
    "base": "#15171B",
    "raised": "#262A32",
    "field": "#111317",
    "hover": "#1E2127",
    "btn": "#292D35",
    "btnHover": "#323741",
    "sel": "#2A3258",
    "selInactive": "#262A34",
    "line": "#292D35",
    "lineStrong": "#3A404B",
    "text": "#E4E7EC",
    "text2": "#A9B0BC",
    "text3": "#8A92A0",
    "textDis": "#5F6673",
    "link": "#A6B2FF",
    "accent": "#8B9BFF",
    "accentFill": "#5364DA",
    "accentFillHover": "#6072E6",
    "onAccent": "#FFFFFF",
    "danger": "#C5432A",
    "dangerHover": "#D6523A",
    "onDanger": "#FFFFFF",
    "running": "#3EAFF7",
    "succeeded": "#4DA88B",
    "failed": "#F56A3E",
    "runnable": "#F6BC3A",
    "queued": "#8B99AB",
    "paused": "#E4BDE4",
    "cancelled": "#C6C2BB",
    "abandoned": "#9A7C58",
    "track": "#2B3038",
    "fRunning": "#3EAFF7",
    "fSucceeded": "#3F8F76",
    "fFailed": "#F56A3E",
    "fRunnable": "#F6BC3A",
    "fQueued": "#4A5361",
    "fPaused": "#CFA6D0",
    "fCancelled": "#B3AFA8",
    "fAbandoned": "#6F5A41",
    "onFail": "#1A0D08",
    "onPause": "#2C2230",
    "failTint": "#33201B",
    "warnTint": "#2F2918",
    "infoTint": "#172836",
    "okTint": "#16231F",
}

LIGHT: Final[Mapping[str, str]] = {
    "window": "#F0F1F4",
    "panel": "#F7F8FA",
    "base": "#FFFFFF",
    "raised": "#FFFFFF",
    "field": "#FFFFFF",
    "hover": "#F2F4F8",
    "btn": "#FFFFFF",
    "btnHover": "#F2F4F8",
    "sel": "#DCE2FF",
    "selInactive": "#E7EAF0",
    "line": "#E1E4E9",
    "lineStrong": "#C2C8D1",
    "text": "#1A1E25",
    "text2": "#4A525F",
    "text3": "#626A78",
    "textDis": "#9AA1AD",
    "link": "#3A48C2",
    "accent": "#4A59D6",
    "accentFill": "#4A59D6",
    "accentFillHover": "#3D4BC2",
    "onAccent": "#FFFFFF",
    "danger": "#B5351F",
    "dangerHover": "#9E2B17",
    "onDanger": "#FFFFFF",
    "running": "#0C5F9E",
    "succeeded": "#12795A",
    "failed": "#A0300D",
    "runnable": "#8F6300",
    "queued": "#677080",
    "paused": "#85396A",
    "cancelled": "#4A4843",
    "abandoned": "#6B5337",
    "track": "#E4E7EC",
    "fRunning": "#3C9BE0",
    "fSucceeded": "#4FA585",
    "fFailed": "#D9531E",
    "fRunnable": "#F2B22E",
    "fQueued": "#C3CAD4",
    "fPaused": "#D9A6D8",
    "fCancelled": "#B9B4AC",
    "fAbandoned": "#80623C",
    "onFail": "#FFFFFF",
    "onPause": "#4A2040",
    "failTint": "#FDECE6",
    "warnTint": "#FCF3DA",
    "infoTint": "#E5F1FB",
    "okTint": "#E3F3EC",
}

HIGH_CONTRAST: Final[Mapping[str, Mapping[str, str]]] = {
    "dark": {"line": "#6B7380", "lineStrong": "#6B7380"},
    "light": {"line": "#7F8795", "lineStrong": "#7F8795"},
}
"""What replaces the quiet lines for who needs to see them."""

MODES: Final[Mapping[str, Mapping[str, str]]] = {"dark": DARK, "light": LIGHT}

INK: Final[Mapping[str, str]] = {
    "runnable": "runnable",
    "queued": "queued",
    "running": "running",
    "paused": "paused",
    "pausing": "paused",
    "resuming": "running",
    "succeeded": "succeeded",
    "failed": "failed",
    "cancelled": "cancelled",
    "abandoned": "abandoned",
    "client-available": "succeeded",
    "client-busy": "running",
    "client-onhold": "paused",
    "client-disabled": "cancelled",
    "client-unavailable": "queued",
    "client-offline": "failed",
    "upgrade": "runnable",
    "warning": "runnable",
    "danger": "failed",
    "event": "text3",
    "live": "running",
    "note": "text3",
    "link": "text3",
    "filter": "text3",
    "machine": "text3",
    "key": "runnable",
    "group": "text2",
}
"""Colour of a glyph; for what is not here `text2`."""

FILL: Final[Mapping[str, str]] = {
    "runnable": "fRunnable",
    "queued": "track",
    "running": "fRunning",
    "resuming": "fRunning",
    "pausing": "fPaused",
    "paused": "fPaused",
    "succeeded": "fSucceeded",
    "failed": "fFailed",
    "cancelled": "fCancelled",
    "abandoned": "fAbandoned",
    "client-busy": "fRunning",
    "client-available": "fSucceeded",
    "client-onhold": "fPaused",
    "client-unavailable": "fQueued",
    "client-disabled": "fCancelled",
    "client-offline": "fFailed",
    "full": "fRunnable",
}
"""Colour of a part of a bar or of a cell of the map; for what is not here `fQueued`."""

ZOOMS: Final = (0.85, 1.0, 1.15, 1.3, 1.5)
ROW_HEIGHTS: Final[Mapping[str, int]] = {"compact": 22, "default": 24, "comfortable": 28}
"""Height of a row of a table, in pixels at 100 %."""
