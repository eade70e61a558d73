"""How each key of a job specification is read: one row a key.

A reader takes the value and the path to it and gives what `JobSpec` holds, or raises `BadValue`; `complete` then joins
the keys that make one field together. What a key means is said in `hqserver.wire.jobs.KEYS`; a key that is marked there
as not acted on is refused by name, unless its value asks for nothing.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from hqserver.wire import values
from hqserver.wire.conditions import LIST_OPERATORS, NAMES, OPERATORS, Condition
from hqserver.wire.encoder import wire_date
from hqserver.wire.faults import BadValue, Code, shown
from hqserver.wire.jobs import (
    CHANGEABLE,
    DEFAULTS,
    KEYS,
    LARGEST_COMMAND,
    LARGEST_ENVIRONMENT,
    LARGEST_VARIABLE,
    LONGEST_NAME,
    PLATFORMS,
    Hook,
)
from hqserver.wire.statuses import MAIL_REASONS

LONGEST_DESCRIPTION: Final = 64 << 10
LONGEST_PATH: Final = 4096
LONGEST_LABEL: Final = 256
MOST_TAGS: Final = 1000
MOST_CONDITIONS: Final = 1000
LONGEST_CONDITION: Final = 512 << 10
"""20,000 clients by name."""
SHORTEST_LEASE: Final = 300.0
LONGEST_LEASE: Final = 7 * 86400.0
LARGEST_EXTRA: Final = 64 << 10
MOST_RESOURCES: Final = 100
MOST_HOSTS: Final = 10_000
LONGEST_ADDRESSES: Final = 16 << 10
_DEEPEST_EXTRA: Final = 32
_SHELL: Final = re.compile(r"[A-Za-z0-9_.+-]{0,64}").fullmatch
_PLATFORM_NAMES: Final = {**{name: name for name in PLATFORMS}, "macos": "macosx"}
_BETWEEN_HOSTS: Final = re.compile(r"[,;\s]+")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]").search
_NOTHING: Final[tuple[object, ...]] = ("", [], {})


@dataclass(frozen=True, slots=True)
class Row:
    """The field of `JobSpec` that a key fills, or the part of one that `complete` joins, and how it is read."""

    field: str
    read: Callable[[Any, str], Any]


def _name(value: object, path: str) -> str:
    return values.given_text(value, path, LONGEST_NAME)


def _command(value: object, path: str) -> str | dict[str, str]:
    """One text, or one for each platform; platforms without a text are the same as none."""
    if not isinstance(value, dict):
        if not isinstance(value, str):
            raise BadValue(path, f"must be a string, or a struct of strings for {_platforms()}, got {shown(value)}")
        return values.text(value, path, LARGEST_COMMAND, "bytes")
    commands: dict[str, str] = {}
    for name, text in value.items():
        platform = _PLATFORM_NAMES.get(name.lower())
        if platform is None:
            raise BadValue(f"{path}.{name[:60]}", f"is no platform ({_platforms()})")
        commands[platform] = "" if text is None else values.text(text, f"{path}.{name}", LARGEST_COMMAND, "bytes")
    return commands if any(commands.values()) else ""


def _platforms() -> str:
    return ", ".join(PLATFORMS)


def _shell(value: object, path: str) -> str:
    shell = values.text(value, path, LARGEST_COMMAND)
    if not _SHELL(shell):
        raise BadValue(path, f"must be the name of a shell, such as bash, got {shown(shell)}")
    return shell


def _environment(value: object, path: str) -> dict[str, str]:
    """Texts by name; numbers are taken as their text. An empty text stands for no variables."""
    if value == "":
        return {}
    if not isinstance(value, dict):
        raise BadValue(path, f"must be a struct of strings, got {shown(value)}")
    environment: dict[str, str] = {}
    size = 0
    for name, item in value.items():
        if not name or "=" in name:
            raise BadValue(path, f"has the name {shown(name)}: a variable's name is not empty and has no =")
        where = f"{path}.{name[:60]}"
        values.text(name, where, LARGEST_ENVIRONMENT)
        text = str(item) if type(item) in (int, float) else values.text(item, where, LARGEST_ENVIRONMENT)
        environment[name] = text
        bytes_ = len(name.encode()) + len(text.encode()) + 1
        if bytes_ > LARGEST_VARIABLE:
            problem = f"has {bytes_} bytes as NAME=value. No client can start a command with more than"
            raise BadValue(where, f"{problem} {LARGEST_VARIABLE}: pass it in a file", Code.TOO_LARGE)
        size += bytes_ + 1
    if size > LARGEST_ENVIRONMENT:
        raise BadValue(path, f"is larger than {LARGEST_ENVIRONMENT} bytes", Code.TOO_LARGE)
    return environment


def _priority(value: object, path: str) -> int:
    return values.whole_number(value, path, labelled=True)


def _cpus(value: object, path: str) -> int:
    return values.whole_number(value, path, 1)


def _tags(value: object, path: str) -> tuple[str, ...]:
    """A list of texts; one text stands for itself."""
    items = [value] if isinstance(value, str) else values.list_of_any(value, path, "strings")
    if len(items) > MOST_TAGS:
        raise BadValue(path, f"has {len(items)} tags. At most {MOST_TAGS} are taken.", Code.TOO_LARGE)
    tags = (values.text(item, f"{path}[{index}]", LONGEST_LABEL) for index, item in enumerate(items))
    return tuple(dict.fromkeys(tag for tag in tags if tag))


def conditions(value: object, path: str) -> tuple[Condition, ...]:
    """A list of conditions; an empty text stands for none."""
    items = [] if value == "" else values.list_of_any(value, path, "structs")
    if len(items) > MOST_CONDITIONS:
        raise BadValue(path, f"has {len(items)} conditions. At most {MOST_CONDITIONS} are taken.", Code.TOO_LARGE)
    return tuple(_condition(item, f"{path}[{index}]") for index, item in enumerate(items))


def _condition(value: object, path: str) -> Condition:
    if not isinstance(value, dict):
        raise BadValue(path, f"must be a struct of type, name, op and value, got {shown(value)}")
    values.one_of(value.get("type", "client"), f"{path}.type", ("client",))
    name = values.one_of(_trimmed(value.get("name")), f"{path}.name", NAMES)
    op = values.one_of(_trimmed(value.get("op")), f"{path}.op", OPERATORS)
    wanted = value.get("value")
    if isinstance(wanted, list) and op in LIST_OPERATORS:
        wanted = ",".join(
            values.text(item, f"{path}.value[{index}]", LONGEST_CONDITION) for index, item in enumerate(wanted)
        )
    return Condition(name, op, values.text(wanted, f"{path}.value", LONGEST_CONDITION).strip())


def _trimmed(value: object) -> object:
    return value.strip() if isinstance(value, str) else value


def _ids(value: object, path: str) -> tuple[int, ...]:
    return tuple(dict.fromkeys(values.ids(value, path)))


def _description(value: object, path: str) -> str:
    return values.text(value, path, LONGEST_DESCRIPTION)


def _label(value: object, path: str) -> str:
    return values.text(value, path, LONGEST_LABEL)


def _submitter(value: object, path: str) -> str | None:
    return values.text(value, path, LONGEST_LABEL) or None


def _frame(value: object, path: str) -> int | str:
    if isinstance(value, str):
        return values.text(value, path, LONGEST_LABEL)
    return values.whole_number(value, path, -values.LARGEST_COUNT)


def _path(value: object, path: str) -> str:
    return values.text(value, path, LONGEST_PATH)


def _lease(value: object, path: str) -> float:
    return values.number(value, path, SHORTEST_LEASE, LONGEST_LEASE)


def _seconds(value: object, path: str) -> float | None:
    """A limit of time; HQueue's -1 means that there is none, and so does 0."""
    seconds = values.number(value, path, -values.LARGEST_ID, values.LARGEST_ID)
    return seconds if seconds > 0 else None


def _hosts(value: object, path: str) -> tuple[Condition, ...]:
    """Host names, or `host:name`, in a text separated by commas or blanks, or in a list."""
    names = [name for text in _texts(value, path) for name in _BETWEEN_HOSTS.split(text) if name]
    what = "hostname:name" if any(":" in name for name in names) else "hostname"
    return (Condition(what, "in", ",".join(names)),) if names else ()


def _hostgroups(value: object, path: str) -> tuple[Condition, ...]:
    """Names of client groups, which may hold blanks."""
    names = [name.strip() for text in _texts(value, path) for name in text.split(",") if name.strip()]
    return (Condition("group", "in", ",".join(names)),) if names else ()


def _texts(value: object, path: str) -> list[str]:
    """One text, or a list of some."""
    items = [value] if isinstance(value, str) else values.list_of_any(value, path, "strings")
    if len(items) > MOST_CONDITIONS:
        raise BadValue(path, f"has {len(items)} items. At most {MOST_CONDITIONS} are taken.", Code.TOO_LARGE)
    where = (path,) if isinstance(value, str) else (f"{path}[{index}]" for index in range(len(items)))
    return [values.text(item, place, LONGEST_CONDITION) for item, place in zip(items, where, strict=True)]


def _host_count(value: object, path: str) -> int:
    return values.whole_number(value, path, 1, MOST_HOSTS)


def _resources(value: object, path: str) -> dict[str, int]:
    """Amounts by name; an amount of 0 is the same as none. An empty text or list stands for none too."""
    if value in ("", []):
        return {}
    if not isinstance(value, dict):
        raise BadValue(path, f"must be a struct of amounts by name, got {shown(value)}")
    if len(value) > MOST_RESOURCES:
        raise BadValue(path, f"has {len(value)} names. At most {MOST_RESOURCES} are taken.", Code.TOO_LARGE)
    amounts: dict[str, int] = {}
    for name, item in value.items():
        values.given_text(name, path, LONGEST_LABEL)
        amount = values.whole_number(item, f"{path}.{name[:60]}")
        if amount:
            amounts[name] = amount
    return amounts


def _addresses(value: object, path: str) -> tuple[str, ...]:
    """Mail addresses in a text separated by commas, or in a list."""
    found = []
    for text in _texts(value, path):
        values.text(text, path, LONGEST_ADDRESSES)
        for item in text.split(","):
            address = item.strip()
            if address and (_CONTROL(address) or "@" not in address[1:-1]):
                raise BadValue(path, f"must be mail addresses separated by commas, got {shown(address)}")
            found += [address] if address else []
    return tuple(dict.fromkeys(found))


def _reasons(value: object, path: str) -> tuple[str, ...]:
    """Statuses and events in a text separated by commas, or in a list."""
    words = (word.strip() for text in _texts(value, path) for word in text.split(","))
    return tuple(dict.fromkeys(values.one_of(word, path, MAIL_REASONS) for word in words if word))


def _stub(value: object, path: str) -> str:
    return str(value) if type(value) is int else values.text(value, path, LONGEST_LABEL)


def _stubs(value: object, path: str) -> tuple[str, ...]:
    items = [value] if isinstance(value, str) else values.list_of_any(value, path, "strings")
    stubs = (_stub(item, f"{path}[{index}]") for index, item in enumerate(items))
    return tuple(dict.fromkeys(stub for stub in stubs if stub))


ROWS: Final[dict[str, Row]] = {
    "name": Row("name", _name),
    "command": Row("command", _command),
    "shell": Row("shell", _shell),
    "childrenIds": Row("children_ids", _ids),
    "parentIds": Row("parent_ids", _ids),
    "priority": Row("priority", _priority),
    "cpus": Row("cpus", _cpus),
    "environment": Row("environment", _environment),
    "triesLeft": Row("tries_left", values.whole_number),
    "tags": Row("tags", _tags),
    "conditions": Row("conditions", conditions),
    "description": Row("description", _description),
    "submittedBy": Row("submitted_by", _submitter),
    "submissionKey": Row("submission_key", _label),
    "frame": Row("frame", _frame),
    "output": Row("output", _path),
    "lease": Row("lease", _lease),
    "host": Row("host", _hosts),
    "hostgroup": Row("hostgroup", _hostgroups),
    "minHosts": Row("min_hosts", _host_count),
    "maxHosts": Row("max_hosts", _host_count),
    "resources": Row("resources", _resources),
    "maxTime": Row("max_time", _seconds),
    "noOutputTimeout": Row("no_output_timeout", _seconds),
    "emailTo": Row("email_to", _addresses),
    "emailReasons": Row("email_reasons", _reasons),
    "stubId": Row("stub_id", _stub),
    "childStubIds": Row("child_stub_ids", _stubs),
    **{hook.value: Row(hook, _command) for hook in Hook},
}
"""Every key that is acted on, `children` apart: nested specifications are walked by `hqserver.wire.spec_check`."""

_JOINED: Final = frozenset({"host", "hostgroup", "min_hosts", *Hook})


def complete(fields: dict[str, Any]) -> None:
    """Join the fields that belong together into those of `JobSpec`. Raises BadValue when they contradict each other."""
    if _JOINED.isdisjoint(fields):
        return
    hooks = {hook: text for hook in Hook if (text := fields.pop(hook, ""))}
    if hooks:
        fields["hooks"] = hooks
    places = fields.pop("host", ()) + fields.pop("hostgroup", ())
    if places:
        fields["conditions"] = fields.get("conditions", ()) + places
    least = fields.get("min_hosts", 1)
    most = fields.setdefault("max_hosts", least)
    if most < least:
        raise BadValue("minHosts", f"must not be larger than maxHosts, got {least} and {most}")


def changes(value: object, path: str) -> dict[str, Any]:
    """Some fields of `JobSpec` with new values, from a struct of keys that may be changed; nil: as by default."""
    if not isinstance(value, dict):
        raise BadValue(path, f"must be a struct of attributes, got {shown(value)}")
    found: dict[str, Any] = {}
    for key, item in value.items():
        values.one_of(key, path, CHANGEABLE)
        row = ROWS[key]
        found[row.field] = DEFAULTS[row.field] if item is None else row.read(item, f"{path}.{key}")
    return found


def refuse_unless_nothing(key: str, value: object) -> None:
    """A documented key that is not acted on yet is refused by name: to leave it out would be to lie."""
    if value not in _NOTHING:
        raise BadValue(key, f"is not supported by this version, got {shown(value)}. Leave it out: {KEYS[key].meaning}.")


def kept(value: object, path: str) -> object:
    """A value that nobody documented, as JSON can keep it. Raises BadValue when it is too large or too deep."""
    left = [LARGEST_EXTRA]
    return _kept(value, path, _DEEPEST_EXTRA, left)


def _kept(value: object, path: str, depth: int, left: list[int]) -> object:
    if depth == 0:
        raise BadValue(path, f"is nested deeper than {_DEEPEST_EXTRA} levels", Code.TOO_LARGE)
    left[0] -= len(value) if isinstance(value, str | bytes) else 8
    if left[0] < 0:
        raise BadValue(path, f"is larger than {LARGEST_EXTRA} characters", Code.TOO_LARGE)
    if isinstance(value, Mapping):
        return {_kept_text(name, path): _kept(item, path, depth - 1, left) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_kept(item, path, depth - 1, left) for item in value]
    if isinstance(value, datetime):
        return wire_date(value)
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    return _kept_text(value, path) if isinstance(value, str) else value


def _kept_text(value: str, path: str) -> str:
    return values.text(value, path, LARGEST_EXTRA)
