"""The rule of conditions: may this client run a job with these conditions?

Host names are compared without case, and a short name fits the full one. All conditions must hold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from hqserver.core.records import Client
from hqserver.wire.conditions import Condition, listed


class Hosts(NamedTuple):
    """The hosts that a condition names."""

    name: str
    """`hostname` or `hostname:name`."""
    values: tuple[str, ...]

    def short_names(self) -> list[str]:
        """Under which short names they are found."""
        return [short_name(value.partition(":")[0] if self.name == _WITH_NAME else value) for value in self.values]


def holds(conditions: Iterable[Condition], client: Client, groups: Iterable[str]) -> bool:
    """Whether the client fulfils every condition; `groups` are the names of its groups."""
    names = tuple(groups)
    return all(one_holds(condition, client, names) for condition in conditions)


def one_holds(condition: Condition, client: Client, groups: tuple[str, ...]) -> bool:
    """Whether it fulfils this one."""
    if condition.name in _OF_HOSTS:
        wanted = _by_short_name(condition).get(short_name(client.hostname), ())
    else:
        wanted = _values(condition)
    found = any(_MATCHES[condition.name](value, client, groups) for value in wanted)
    return found is not is_negative(condition)


@lru_cache(maxsize=512)
def _values(condition: Condition) -> tuple[str, ...]:
    return tuple(values(condition))


@lru_cache(maxsize=512)
def _by_short_name(condition: Condition) -> dict[str, tuple[str, ...]]:
    """What a condition of hosts compares with, by the short names of the hosts: a list may name thousands of them."""
    found: dict[str, tuple[str, ...]] = {}
    for value in values(condition):
        host = short_name(value.partition(":")[0] if condition.name == _WITH_NAME else value)
        found[host] = (*found.get(host, ()), value)
    return found


def is_negative(condition: Condition) -> bool:
    """Whether the clients that it names are those that it refuses."""
    return condition.op in ("!=", "not_in")


def named_hosts(conditions: Iterable[Condition]) -> Iterator[Hosts]:
    """What tells single clients apart in these conditions."""
    return (Hosts(item.name, tuple(values(item))) for item in conditions if item.name in _OF_HOSTS)


def names(hosts: Hosts, client: Client) -> bool:
    """Whether the client is one of them."""
    return any(_MATCHES[hosts.name](value, client, ()) for value in hosts.values)


def values(condition: Condition) -> list[str]:
    """What it compares with."""
    return listed(condition.op, condition.value)


def short_name(host: str) -> str:
    """A host's name without its domain and without case."""
    return host.casefold().partition(".")[0]


def system(platform: str) -> str:
    """The operating system in HQCLIENTARCH: `linux`, `windows` or `macosx`."""
    found = platform.partition("-")[0].casefold()
    return "macosx" if found == "macos" else found


def _same_host(wanted: str, hostname: str) -> bool:
    a, b = wanted.casefold(), hostname.casefold()
    return a == b or (("." in a) != ("." in b) and a.partition(".")[0] == b.partition(".")[0])


def _hostname_and_name(wanted: str, client: Client) -> bool:
    host, colon, name = wanted.partition(":")
    return _same_host(host, client.hostname) and (not colon or name == client.name)


_WITH_NAME: Final = "hostname:name"
_OF_HOSTS: Final = ("hostname", _WITH_NAME)

_MATCHES: Final[dict[str, Callable[[str, Client, tuple[str, ...]], bool]]] = {
    "hostname": lambda wanted, client, _: _same_host(wanted, client.hostname),
    _WITH_NAME: lambda wanted, client, _: _hostname_and_name(wanted, client),
    "group": lambda wanted, _, groups: wanted in groups,
    "os": lambda wanted, client, _: system(wanted) == system(client.machine.platform),
}
