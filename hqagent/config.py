"""The agent's settings: the command line, then `hqnode.ini`, then defaults.

`KEYS` is the table of `[main]`; the other sections hold a name and a value on each line: `[job_environment]`,
`[shells]`, `[path_mapping]`, `[progress]` and `[failure]`. `resources/hqnode.ini` explains each.
"""

from __future__ import annotations

import configparser
import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from hqagent.link import SERVER_PORT
from hqagent.patterns import ALWAYS, BadPattern, Patterns, failure_pattern, progress_pattern


class BadSetting(ValueError):
    """A setting cannot be used. The text names the file, the key, the value and what is wanted."""


DEFAULT_SERVER: Final = f"http://127.0.0.1:{SERVER_PORT}"
DEFAULT_PORT: Final = 5001
LOOPBACK: Final = "127.0.0.1"
DEFAULT_UMASK: Final = 0o022
DEFAULT_OUTPUT_LIMIT: Final = 100 << 20
_MB: Final = 1 << 20
_LARGEST: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class NodeFile:
    """What `hqnode.ini` says; None and nothing where it is silent."""

    server: str | None = None
    name: str | None = None
    cpus: int | None = None
    port: int | None = None
    """Of the agent's own XML-RPC."""
    address: str = LOOPBACK
    """On which it listens there."""
    mount: str | None = None
    """$HQROOT on this client, whatever the server says."""
    job_umask: int = DEFAULT_UMASK
    output_limit: int = DEFAULT_OUTPUT_LIMIT
    """Bytes of output that are kept of an attempt."""
    groups: Path | None = None
    terminate_users: frozenset[int] | None = frozenset()
    """User ids that may call `terminate()` on the port, beside root and the agent's own; None: anybody."""
    job_environment: Mapping[str, str] = field(default_factory=dict)
    shells: Mapping[str, str] = field(default_factory=dict)
    path_mapping: Mapping[str, str] = field(default_factory=dict)
    patterns: Patterns = field(default_factory=lambda: Patterns(ALWAYS, {}))
    unknown: tuple[str, ...] = ()
    """Sections and keys that mean nothing to this version."""


@dataclass(frozen=True, slots=True)
class _Key:
    wanted: str
    read: Callable[[str], Any]


def _whole(text: str) -> int:
    if not text.isdigit() or int(text) > _LARGEST:
        raise ValueError
    return int(text)


def _positive(text: str) -> int:
    if _whole(text) == 0:
        raise ValueError
    return int(text)


def _port(text: str) -> int:
    if _whole(text) > 65535:
        raise ValueError
    return int(text)


def _octal(text: str) -> int:
    if not 0 <= int(text, 8) <= 0o777:
        raise ValueError
    return int(text, 8)


def _megabytes(text: str) -> int:
    return _positive(text) * _MB


def _accounts(text: str) -> frozenset[int] | None:
    """User ids; None for everybody."""
    if text == "*":
        return None
    import pwd  # not on every system, on which this file is read nevertheless

    try:
        return frozenset(pwd.getpwnam(name).pw_uid for name in text.split())
    except KeyError:
        raise ValueError from None


def _address(text: str) -> str:
    return str(ipaddress.IPv4Address(text))


def _folder(text: str) -> Path:
    if not Path(text).is_absolute():
        raise ValueError
    return Path(text)


KEYS: Final[dict[str, _Key]] = {
    "server": _Key("the name or address of the server", str),
    "port": _Key("the server's port, a whole number from 0 to 65535", _port),
    "name": _Key("a name", str),
    "cpus": _Key("a whole number from 1 on", _positive),
    "auto_upgrade": _Key("0 or 1", _whole),
    "sharedNetwork.mount": _Key("a path", str),
    "client_port": _Key("a whole number from 0 to 65535", _port),
    "client_address": _Key("an IPv4 address of this machine, or 0.0.0.0 for all of them", _address),
    "job_umask": _Key("an octal number such as 022", _octal),
    "output_limit": _Key("a whole number of megabytes from 1 on", _megabytes),
    "terminate_users": _Key("names of accounts of this machine, with blanks between them, or *", _accounts),
    "cgroup": _Key("the whole path of a control group's folder", _folder),
}
"""The keys of `[main]`. `auto_upgrade` is HQueue's and changes nothing: whoever installs packages upgrades them."""
_SECTIONS: Final = ("main", "job_environment", "shells", "path_mapping", "progress", "failure")


def read_node_file(path: Path) -> NodeFile:
    """The settings of a file; its absence means all defaults. Raises BadSetting."""
    if not path.exists():
        return NodeFile()
    parser = configparser.ConfigParser(interpolation=None, delimiters=("=",), empty_lines_in_values=False)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    try:
        parser.read_string(path.read_text(encoding="utf-8-sig"), source=str(path))
    except (configparser.Error, UnicodeDecodeError, OSError) as error:
        raise BadSetting(f"{path} cannot be read: {error}") from None
    sections = {name: dict(parser.items(name)) for name in parser.sections()}
    texts = {name: text for name, text in sections.get("main", {}).items() if text.strip()}
    main = {name: _read(path, name, text.strip()) for name, text in texts.items() if name in KEYS}
    unknown = [f"[{name}]" for name in sections if name not in _SECTIONS]
    unknown += [name for name in sections.get("main", {}) if name not in KEYS]
    server = main.get("server")
    return NodeFile(
        server=_server_url(server, main.get("port", SERVER_PORT)) if server else None,
        name=main.get("name"),
        cpus=main.get("cpus"),
        port=main.get("client_port"),
        address=main.get("client_address", LOOPBACK),
        mount=main.get("sharedNetwork.mount"),
        job_umask=main.get("job_umask", DEFAULT_UMASK),
        output_limit=main.get("output_limit", DEFAULT_OUTPUT_LIMIT),
        groups=main.get("cgroup"),
        terminate_users=main.get("terminate_users", frozenset()),
        job_environment=sections.get("job_environment", {}),
        shells=_shells(path, sections.get("shells", {})),
        path_mapping=sections.get("path_mapping", {}),
        patterns=_patterns(path, sections),
        unknown=tuple(unknown),
    )


def _server_url(server: str, port: int) -> str:
    """A name or an address as HQueue has it, or a whole URL, which knows its port."""
    return server if "://" in server else f"http://{server}:{port}"


def _read(path: Path, name: str, text: str) -> Any:
    try:
        return KEYS[name].read(text)
    except ValueError:
        raise BadSetting(f"{path}: {name} must be {KEYS[name].wanted}, got {text!r}") from None


def _shells(path: Path, rows: Mapping[str, str]) -> Mapping[str, str]:
    for name, program in rows.items():
        if not Path(program).is_absolute():
            raise BadSetting(f"{path}: shell {name} must be the whole path of a program, got {program!r}")
    return rows


def _patterns(path: Path, sections: Mapping[str, Mapping[str, str]]) -> Patterns:
    def made(section: str, make: Callable[[str], re.Pattern[bytes]]) -> dict[str, re.Pattern[bytes]]:
        found = {}
        for name, text in sections.get(section, {}).items():
            try:
                found[name] = make(text)
            except BadPattern as problem:
                raise BadSetting(f"{path}: the pattern {name} {problem}") from None
        return found

    return Patterns((*ALWAYS, *made("progress", progress_pattern).values()), made("failure", failure_pattern))
