"""The server's settings: one table of keys, and `hqserver.ini` that sets them.

HQueue's old names (`hqserver.activeTimeout`) are taken as well as its new ones (`active_timeout`). `%(here)s` in a
value is the folder of the file. `getConfig` answers only what the table marks as readable.
"""

from __future__ import annotations

import configparser
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum, unique
from pathlib import Path
from typing import Any, Final

from hqserver.core.kept import Folder
from hqserver.core.records import Settings
from hqserver.wire.jobs import PLATFORMS


@unique
class Security(StrEnum):
    """How the connection to the mail server is protected."""

    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"


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


def _minutes(text: str) -> float:
    return float(text) * 60.0


def _megabytes(text: str) -> int:
    if not 0 <= int(text) <= 1 << 30:
        raise ValueError
    return int(text) << 20


def _hour(text: str) -> int:
    if not 0 <= int(text) <= 23:
        raise ValueError
    return int(text)


def _positive(text: str) -> int:
    if int(text) < 1:
        raise ValueError
    return int(text)


def _days(text: str) -> float:
    days = float(text)
    if not 0.0 <= days <= 36_525.0:
        raise ValueError
    return days


def _optional_seconds(text: str) -> float | None:
    if not text.strip():
        return None
    seconds = float(text)
    if not 0 <= seconds < math.inf:
        raise ValueError(text)
    return seconds


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


_MAIL_PORTS: Final = {Security.NONE: 25, Security.STARTTLS: 587, Security.TLS: 465}


def _port(text: str) -> int:
    number = int(text)
    if not 0 <= number <= 65535:
        raise ValueError(text)
    return number


_FLAGS: Final = {"0": False, "1": True, "false": False, "true": True}


def _flag(text: str) -> bool:
    word = text.strip().lower()
    if word not in _FLAGS:
        raise ValueError(text)
    return _FLAGS[word]


def _mail_host(text: str) -> tuple[str, int] | None:
    """Host and port, 0 for the usual one; None for none."""
    host, colon, port = text.strip().partition(":")
    return (host, _port(port) if colon else 0) if host else None


def _list(text: str) -> tuple[str, ...]:
    return tuple(item.strip() for item in text.split(",") if item.strip())


_SHARED_NETWORK: Final = tuple(
    Setting(f"sharedNetwork.{name}", "", wanted, meaning, str, f"hqserver.sharedNetwork.{name}")
    for name, wanted, meaning in (
        ("host", "a host name", "the file server of the main network folder, for its UNC path"),
        ("path.linux", "a path", "where the folder is on a file server with Linux; only told to scripts"),
        ("path.windows", "a share", "the share's name; empty: Windows clients use the drive"),
        ("path.macosx", "a path", "where the folder is on a file server with macOS; only told to scripts"),
        ("mount.linux", "a path", "$HQROOT on Linux"),
        ("mount.windows", "a drive", "the drive on Windows workstations, such as H:"),
        ("mount.macosx", "a path", "$HQROOT on macOS"),
    )
)

IGNORED: Final = {
    "hqserver.upgradepriority": "the server does not send code to clients",
    "sqlalchemy.default.url": "this server has a database of its own; `database` names another",
    "sqlalchemy.default.pool_size": "there is no pool to be filled",
    "sqlalchemy.default.max_overflow": "there is no pool to be filled",
}
"""Keys of HQueue that mean nothing here, and why."""

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
        Setting(
            "lease_grace",
            "",
            "seconds, or nothing",
            "how long after the end of a lease its job runs elsewhere: clocks differ, and killing takes its time;"
            " empty: 2 % of the lease and 30 seconds",
            _optional_seconds,
        ),
        Setting(
            "client_failure_limit",
            "3",
            "a whole number",
            "how many jobs of one root job may fail on a client before it gets no more of them; 0: any number",
            int,
        ),
        Setting(
            "reconnects_limit",
            "3",
            "a whole number",
            "how often a client may connect anew within 10 minutes before it gets no new jobs for a minute, then for"
            " two, four ... up to 30; 0: any number",
            int,
        ),
        Setting("heartbeat", "15", "seconds", "how often an idle client calls in", float),
        Setting(
            "least_free_mb",
            "1024",
            "a whole number of megabytes",
            "free room on the server's disk below which nothing new is taken",
            _megabytes,
        ),
        Setting(
            "reserve_mb",
            "64",
            "a whole number of megabytes",
            "a file that is laid aside, and given up when the disk is full all the same",
            _megabytes,
        ),
        Setting(
            "backup_hour",
            "3",
            "an hour from 0 to 23",
            "when the nightly copy of the database is written, in the server's own time zone",
            _hour,
        ),
        Setting("backup_keep", "3", "a whole number from 1 on", "how many nightly copies are kept", _positive),
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
        Setting("port", "5000", "a port", "where the server listens", _port, "hqserver.port"),
        Setting("database", "", "an SQLAlchemy URL", "the database; empty: a SQLite file", readable=False),
        Setting("job_logs_dir", "", "a folder", "where the output of jobs is kept; empty: logs in the data folder"),
        Setting(
            "job_logs_mb",
            "0",
            "a whole number of megabytes",
            "how much room the output of all jobs together may take; beyond, the oldest logs give theirs back; 0: half"
            " of the disk",
            _megabytes,
        ),
        Setting("debug", "0", "0 or 1", "log more", _flag),
        Setting("automatic_notes", "1", "0 or 1", "write notes about root jobs and clients", _flag),
        Setting("smtp_server", "", "host or host:port", "the mail server; empty: no mail is sent", _mail_host),
        Setting("smtp_security", "none", "none, starttls or tls", "how the connection to it is protected", Security),
        Setting("smtp_user", "", "a name", "as whom to log in there; empty: not at all", readable=False),
        Setting("smtp_password", "", "a password", "with which", readable=False),
        Setting("smtp_ca", "", "a file", "certificates to trust there; empty: the system's", readable=False),
        Setting("error_email_from", "", "an address", "sender of all mails"),
        Setting("email_to", "", "addresses, separated by commas", "who gets mails about errors of the server", _list),
        Setting("hq_root", "", "a path", "the main network folder where nothing below says otherwise"),
        *_SHARED_NETWORK,
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
        parser.read_string(path.read_text(encoding="utf-8"), source=str(path))
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
