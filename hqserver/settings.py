"""The table of the server's settings: each key, its default, what it wants and what it means.

`hqserver.config` reads `hqserver.ini` with it; the sample file is made from it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum, unique
from typing import Any, Final

_LONGEST_SECONDS: Final = 366 * 86_400.0


@unique
class Security(StrEnum):
    """How the connection to the mail server is protected."""

    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"


def _seconds(text: str) -> float:
    """Never nothing: every client would be late at every moment."""
    seconds = float(text)
    if not 0 < seconds <= _LONGEST_SECONDS:
        raise ValueError(text)
    return seconds


def _minutes(text: str) -> float:
    return _seconds(text) * 60.0


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
            "minutes, more than 0",
            "silence after which a client's running jobs are shown as abandoned",
            _minutes,
            "hqserver.activeTimeout",
        ),
        Setting(
            "lease",
            "900",
            "seconds, more than 0",
            "how long a client may be out of touch before its jobs run elsewhere",
            _seconds,
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
        Setting(
            "fence_command",
            "",
            "a command of the shell",
            "what switches the machine of a silent client off, of which HQ_HOSTNAME, HQ_CLIENT and HQ_ADDRESS tell:"
            " exit code 0 proves that nothing runs there, so its jobs need not wait for the end of their leases;"
            " empty: none",
            readable=False,
        ),
        Setting("heartbeat", "15", "seconds, more than 0", "how often an idle client calls in", _seconds),
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
