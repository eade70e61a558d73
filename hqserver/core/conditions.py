"""The rule of conditions: may this client run a job with these conditions?

Host names are compared without case, and a short name fits the full one. All conditions must hold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from hqserver.core.records import Client
from hqserver.wire.conditions import LIST_OPERATORS, Condition


def holds(conditions: Iterable[Condition], client: Client, groups: Iterable[str]) -> bool:
    """Whether the client fulfils every condition; `groups` are the names of its groups."""
    names = tuple(groups)
    return all(_holds(condition, client, names) for condition in conditions)


def _holds(condition: Condition, client: Client, groups: tuple[str, ...]) -> bool:
    wanted = _values(condition)
    found = any(_MATCHES[condition.name](value, client, groups) for value in wanted)
    return found is not (condition.op in ("!=", "not_in"))


def _values(condition: Condition) -> list[str]:
    if condition.op in LIST_OPERATORS:
        return [value.strip() for value in condition.value.split(",") if value.strip()]
    return [condition.value.strip()]


def _same_host(wanted: str, hostname: str) -> bool:
    a, b = wanted.casefold(), hostname.casefold()
    return a == b or (("." in a) != ("." in b) and a.partition(".")[0] == b.partition(".")[0])


def _hostname_and_name(wanted: str, client: Client) -> bool:
    host, colon, name = wanted.partition(":")
    return _same_host(host, client.hostname) and (not colon or name == client.name)


def _system(platform: str) -> str:
    system = platform.partition("-")[0].casefold()
    return "macosx" if system == "macos" else system


_MATCHES: Final[dict[str, Callable[[str, Client, tuple[str, ...]], bool]]] = {
    "hostname": lambda wanted, client, _: _same_host(wanted, client.hostname),
    "hostname:name": lambda wanted, client, _: _hostname_and_name(wanted, client),
    "group": lambda wanted, _, groups: wanted in groups,
    "os": lambda wanted, client, _: _system(wanted) == _system(client.machine.platform),
}
