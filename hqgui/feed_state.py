"""How the connection to a farm stands: what the feed tells and views show."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, unique


@unique
class Phase(StrEnum):
    """How the connection stands."""

    IDLE = "idle"
    CONNECTING = "connecting"
    """Never connected yet; `words` say why an attempt failed."""
    LOADING = "loading"
    LIVE = "live"
    RECONNECTING = "reconnecting"
    """Lost; what is shown is as old as `since` says."""


@dataclass(frozen=True, slots=True)
class FeedState:
    """How the connection stands, for banner, dot and status bar. Times are seconds of this machine's clock."""

    phase: Phase = Phase.IDLE
    since: float = 0.0
    """When the phase began; of RECONNECTING when the server was lost."""
    next_try: float | None = None
    words: str = ""
    plain: bool = False
    """The server has none of our extensions and is polled."""
    latency_ms: float = 0.0
    last_news: float = 0.0
