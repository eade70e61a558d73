"""The server's settings: one table of keys, and `hqserver.ini` that sets them.

HQueue's old names (`hqserver.activeTimeout`) are taken as well as its new ones (`active_timeout`). `%(here)s` in a
value is the folder of the file. `getConfig` answers only what the table marks as readable.
"""

from __future__ import annotations

import configparser
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from hqserver.core.records import Settings


class BadSetting(ValueError):
    """A setting cannot be used. The text names the file, the key, the value and what is wanted."""


def _minutes(text: str) -> float:
    return float(text) * 60.0


def _days(text: str) -> float:
    days = float(text)
    if not 0.0 <= days <= 36_525.0:
        raise ValueError
    return days


@dataclass(frozen=True, slots=True)
class Setting:
    """A key of `hqserver.ini`: `read` makes its value from the text."""

    key: str
    default: str
    wanted: str
    meaning: str
    read: Callable[[str], Any] = str
    old_key: str = ""
    readable: bool = True
    """Whether `getConfig` answers it."""


SETTINGS: Final[dict[str, Setting]] = {
    row.key: row
    for row in (
        Setting("compat_version", "20.5.0", "a version", "what getVersion answers, for scripts that compare it"),
        Setting(
            "active_timeout",
            "5",
            "minutes",
            "silence after which a client's running jobs are shown as abandoned",
            _minutes,
            "hqserver.activeTimeout",
        ),
        Setting(
            "lease", "900", "seconds", "how long a client may be out of touch before its jobs run elsewhere", float
        ),
        Setting("heartbeat", "15", "seconds", "how often an idle client calls in", float),
        Setting(
            "history_days",
            "7",
            "days",
            "how long finished jobs are kept at hand after their last change; older ones are read from the database",
            _days,
        ),
        Setting(
            "history_jobs",
            "100000",
            "a whole number",
            "the most finished jobs that are kept at hand; beyond, the oldest are read from the database",
            int,
        ),
        Setting(
            "expire_jobs_days",
            "0",
            "days",
            "how long after their last change finished jobs are deleted, with their output; 0: never",
            _days,
            "hqserver.expireJobsDays",
        ),
        Setting("hq_root", "", "a path", "the main network folder: $HQROOT of every job"),
        Setting("farm_name", "", "a name", "what the windows call this farm; empty: the server's host name"),
        Setting(
            "allowed_hosts",
            "",
            "names, separated by commas",
            "other names by which callers may reach the server",
            readable=False,
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Config:
    """The values of all settings."""

    values: Mapping[str, Any]
    texts: Mapping[str, str]

    def __getitem__(self, key: str) -> Any:
        return self.values[key]

    def readable(self, key: str) -> str | None:
        """What `getConfig` answers for a key, in its old or its new name; None for any other."""
        row = SETTINGS.get(key) or next((row for row in SETTINGS.values() if row.old_key == key and key), None)
        return self.texts[row.key] if row is not None and row.readable else None

    def farm_settings(self) -> Settings:
        """The part that decisions depend on."""
        lease = self["lease"]
        return Settings(
            lease=lease,
            lease_grace=lease * 0.02 + 30.0,
            heartbeat=self["heartbeat"],
            offline_after=3 * self["heartbeat"],
            abandon_after=self["active_timeout"],
            hq_root=self["hq_root"],
        )


def read_config(path: Path | None) -> Config:
    """The settings of a file; its absence, and None, mean all defaults. Raises BadSetting."""
    texts = {row.key: row.default for row in SETTINGS.values()}
    if path is not None and path.exists():
        texts.update(_texts(path))
    values = {}
    for key, text in texts.items():
        try:
            values[key] = SETTINGS[key].read(text)
        except ValueError:
            raise BadSetting(f"{path}: {key} must be {SETTINGS[key].wanted}, got {text!r}") from None
    return Config(values, texts)


def _texts(path: Path) -> dict[str, str]:
    """What the file's `[main]` section (or HQueue's older `[app:main]`) sets."""
    parser = configparser.ConfigParser(defaults={"here": str(path.parent)}, strict=True)
    try:
        parser.read_string(path.read_text(encoding="utf-8"), source=str(path))
    except (configparser.Error, UnicodeDecodeError) as error:
        raise BadSetting(f"{path} cannot be read: {error}") from None
    names = {name.lower(): row.key for row in SETTINGS.values() for name in (row.key, row.old_key) if name}
    found: dict[str, str] = {}
    for section in ("app:main", "main"):
        if parser.has_section(section):
            for name, text in parser.items(section):
                if name in names:
                    found[names[name]] = text
    return found
