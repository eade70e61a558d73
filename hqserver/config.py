"""The values of the server's settings (`hqserver.settings`), and `hqserver.ini` that sets them.

HQueue's old names (`hqserver.activeTimeout`) are taken as well as its new ones (`active_timeout`). `%(here)s` in a
value is the folder of the file. `getConfig` answers only what the table marks as readable.
"""

from __future__ import annotations

import configparser
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from hqserver.core.kept import Folder
from hqserver.core.records import Settings
from hqserver.settings import IGNORED, SETTINGS, Security
from hqserver.wire.jobs import PLATFORMS


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mails go, and as whom."""

    host: str
    port: int
    sender: str
    security: Security = Security.NONE
    user: str = ""
    password: str = ""
    authorities: str = ""
    """A file of certificates to trust beside none other; empty: the system's."""


class BadSetting(ValueError):
    """A setting cannot be used. The text names the file, the key, the value and what is wanted."""


_MAIL_PORTS: Final = {Security.NONE: 25, Security.STARTTLS: 587, Security.TLS: 465}


@dataclass(frozen=True, slots=True)
class Config:
    """The values of all settings."""

    values: Mapping[str, Any]
    texts: Mapping[str, str]
    further: tuple[Folder, ...] = ()
    """Network folders of `network_folders.ini` beside the main one."""
    unknown: tuple[str, ...] = ()
    """Lines for the log about keys that mean nothing."""

    def __getitem__(self, key: str) -> Any:
        return self.values[key]

    def with_text(self, key: str, text: str) -> Config:
        """The same with another value of a setting. Raises ValueError."""
        return replace(self, values={**self.values, key: SETTINGS[key].read(text)}, texts={**self.texts, key: text})

    def readable(self, key: str) -> str | None:
        """What `getConfig` answers for a key, in its old or its new name; None for any other."""
        row = SETTINGS.get(key) or next((row for row in SETTINGS.values() if row.old_key == key and key), None)
        return self.texts[row.key] if row is not None and row.readable else None

    def farm_settings(self) -> Settings:
        """The part that decisions depend on."""
        lease = self["lease"]
        return Settings(
            lease=lease,
            lease_grace=lease * 0.02 + 30.0 if self["lease_grace"] is None else self["lease_grace"],
            heartbeat=self["heartbeat"],
            offline_after=3 * self["heartbeat"],
            abandon_after=self["active_timeout"],
            client_failure_limit=self["client_failure_limit"],
            reconnects_limit=self["reconnects_limit"],
            folders=self.folders(),
            automatic_notes=self["automatic_notes"],
            mail_from=self["error_email_from"] if self["smtp_server"] else "",
            mail_to=self["email_to"],
        )

    def folders(self) -> tuple[Folder, ...]:
        """The network folders that the files name; HQROOT first."""
        shared = {name: self[f"sharedNetwork.{name}"] for name in ("host", "path.windows")}
        mounts = {name: self[f"sharedNetwork.mount.{name}"] for name in PLATFORMS}
        unc = "\\\\{}\\{}".format(shared["host"], shared["path.windows"].strip("\\/")) if all(shared.values()) else ""
        root = self["hq_root"]
        main = Folder(
            0,
            "HQROOT",
            linux=mounts["linux"] or root,
            macosx=mounts["macosx"] or root,
            windows=unc or ("" if mounts["windows"] else root),
            windows_mount=mounts["windows"],
        )
        return (*((main,) if main.linux or main.macosx or main.windows or main.windows_mount else ()), *self.further)

    def mail_server(self) -> MailServer | None:
        """Where mails go; None when none are sent."""
        if not self["smtp_server"]:
            return None
        security: Security = self["smtp_security"]
        host, port = self["smtp_server"]
        return MailServer(
            host,
            port or _MAIL_PORTS[security],
            self["error_email_from"],
            security,
            self["smtp_user"],
            self["smtp_password"],
            self["smtp_ca"],
        )


def read_config(path: Path | None) -> Config:
    """The settings of a file; its absence, and None, mean all defaults. Raises BadSetting."""
    texts = {row.key: row.default for row in SETTINGS.values()}
    further: list[Folder] = []
    unknown: list[str] = []
    if path is not None:
        for file in (path, path.with_name(FOLDERS_FILE)):
            if file.exists():
                parser = _parsed(file)
                found, strange = _texts(parser, file)
                texts.update(found)
                unknown += strange
                if file.name == FOLDERS_FILE:
                    further += _further(parser, file)
    values = {}
    for key, text in texts.items():
        try:
            values[key] = SETTINGS[key].read(text)
        except ValueError:
            raise BadSetting(f"{path}: {key} must be {SETTINGS[key].wanted}, got {text!r}") from None
    if values["smtp_server"] and not values["error_email_from"]:
        raise BadSetting(f"{path}: error_email_from must be an address when there is a smtp_server, got ''")
    return Config(values, texts, tuple(further), tuple(unknown))


def _parsed(path: Path) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None, strict=True)
    try:
        parser.read_string(path.read_text(encoding="utf-8-sig"), source=str(path))
    except (OSError, configparser.Error, UnicodeDecodeError) as error:
        raise BadSetting(f"{path} cannot be read: {error}") from None
    return parser


def _texts(parser: configparser.ConfigParser, path: Path) -> tuple[dict[str, str], list[str]]:
    """What `[main]` sets, and HQueue's older sections before it; lines about what means nothing."""
    names = {name.lower(): row.key for row in SETTINGS.values() for name in (row.key, row.old_key) if name}
    found: dict[str, str] = {}
    strange: dict[str, None] = {}
    for section in ("DEFAULT", "server:main", "app:main", "main"):
        if section not in parser:
            continue
        for name, text in parser[section].items():
            if name in names:
                found[names[name]] = text.replace("%(here)s", str(path.parent))
            elif section == "main" or name in IGNORED:
                strange[f"{name} means nothing in {path}: {IGNORED.get(name, 'there is no such setting')}"] = None
    return found, list(strange)


def _further(parser: configparser.ConfigParser, path: Path) -> Iterator[Folder]:
    """A section for each further network folder, called like its variable. Raises BadSetting."""
    for section in parser.sections():
        if section in ("main", "app:main", "server:main"):
            continue
        texts = dict(parser[section])
        places = {key: texts.pop(key.replace("_", "."), "") or texts.pop(key, "") for key in _PLACES}
        if texts:
            raise BadSetting(f"{path}: [{section}] takes {', '.join(_PLACES)}, got {next(iter(texts))}")
        here = {key: text.replace("%(here)s", str(path.parent)) for key, text in places.items()}
        yield Folder(0, section, here["linux"], here["macosx"], here["windows"], here["windows_mount"])


FOLDERS_FILE: Final = "network_folders.ini"
_PLACES: Final = ("linux", "macosx", "windows", "windows_mount")
