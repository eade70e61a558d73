"""For how long somebody keeps their machine to themselves: the choices, when each ends, and how that is said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum, unique
from typing import Final

from hqgui.models import formats
from hqgui.words import QT_TRANSLATE_NOOP, translate

MORNING: Final = 8
"""The hour at which tomorrow begins."""


@unique
class Keep(StrEnum):
    """The choices."""

    HOUR = "1h"
    FOUR_HOURS = "4h"
    TOMORROW = "tomorrow"
    UNTIL_SAID = "until said"


@dataclass(frozen=True, slots=True)
class _Choice:
    button: str
    """Beside others in the popup."""
    menu: str
    until: Callable[[datetime], datetime | None]


def _tomorrow(now: datetime) -> datetime:
    """Of who asks before the morning it is this morning that they mean."""
    morning = now.replace(hour=MORNING, minute=0, second=0, microsecond=0)
    return morning if now.hour < MORNING - 2 else morning + timedelta(days=1)


_CHOICES: Final[dict[Keep, _Choice]] = {
    Keep.HOUR: _Choice(
        QT_TRANSLATE_NOOP("Tray", "Mine for 1 h"),
        QT_TRANSLATE_NOOP("Tray", "For 1 hour"),
        lambda now: now + timedelta(hours=1),
    ),
    Keep.FOUR_HOURS: _Choice(
        QT_TRANSLATE_NOOP("Tray", "For 4 h"),
        QT_TRANSLATE_NOOP("Tray", "For 4 hours"),
        lambda now: now + timedelta(hours=4),
    ),
    Keep.TOMORROW: _Choice(
        QT_TRANSLATE_NOOP("Tray", "Until tomorrow"), QT_TRANSLATE_NOOP("Tray", "Until tomorrow 08:00"), _tomorrow
    ),
    Keep.UNTIL_SAID: _Choice(
        QT_TRANSLATE_NOOP("Tray", "Until I say so"), QT_TRANSLATE_NOOP("Tray", "Until I say so"), lambda now: None
    ),
}


def button_words(keep: Keep) -> str:
    """On a button."""
    return translate("Tray", _CHOICES[keep].button)


def menu_words(keep: Keep) -> str:
    """In a menu."""
    return translate("Tray", _CHOICES[keep].menu)


def ends_at(keep: Keep, now: float, zone: tzinfo | None = None) -> float | None:
    """Seconds since the epoch at which it ends by itself; None: it does not. Local time unless a zone is given."""
    here = datetime.fromtimestamp(now, zone) if zone is not None else datetime.fromtimestamp(now, UTC).astimezone()
    until = _CHOICES[keep].until(here)
    if until is not None and zone is None:
        until = until.replace(tzinfo=None).astimezone()  # tomorrow may have another offset from UTC
    return None if until is None else until.timestamp()


def until_words(until: float | None, now: float, zone: tzinfo | None = None) -> str:
    """`Mine until 18:20`, `Mine until tomorrow 08:00`, `Mine until you say so`."""
    if until is None:
        return translate("Tray", "Mine until you say so")
    then, today = (_local(moment, zone) for moment in (until, now))
    days = (then.date() - today.date()).days
    time = f"{then:%H:%M}"
    if days == 1:
        time = translate("Tray", "tomorrow {time}").replace("{time}", time)
    elif days > 1:
        time = f"{formats.when(int(until), until, zone)}, {then.day}.{then.month}."
    return translate("Tray", "Mine until {time}").replace("{time}", time)


def _local(moment: float, zone: tzinfo | None) -> datetime:
    return (
        datetime.fromtimestamp(moment, zone) if zone is not None else datetime.fromtimestamp(moment, UTC).astimezone()
    )
