"""Whether two addresses lead to the same server: one says `hq01`, another `hq01.studio`, a third `127.0.0.1`."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from typing import Final

from PySide6.QtCore import QUrl

_SECONDS: Final = 3.0
_HERE: Final = "here"


class SameMachine:
    """Compares addresses, and remembers what the names in them stand for."""

    def __init__(self) -> None:
        self._known: dict[str, frozenset[str]] = {}

    async def servers(self, one: str, other: str) -> bool:
        """Whether two URLs are of one server. A name that nobody can look up now is what it is called."""
        left, right = QUrl(one), QUrl(other)
        if left.port(_usual(left)) != right.port(_usual(right)):
            return False
        if left.host().lower() == right.host().lower():
            return True
        return bool(await self._stands_for(left.host()) & await self._stands_for(right.host()))

    async def _stands_for(self, name: str) -> frozenset[str]:
        if name not in self._known:
            own, found = await _addresses(socket.gethostname()), await _addresses(name)
            here = any(_is_loopback(address) or address in own for address in found)
            if not found:
                return frozenset({name.lower()})
            self._known[name] = frozenset({_HERE}) if here else found
        return self._known[name]


def _usual(url: QUrl) -> int:
    return 443 if url.scheme() == "https" else 80


def _is_loopback(address: str) -> bool:
    return ipaddress.ip_address(address.partition("%")[0]).is_loopback


async def _addresses(name: str) -> frozenset[str]:
    try:
        async with asyncio.timeout(_SECONDS):
            found = await asyncio.get_running_loop().getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except (OSError, TimeoutError, UnicodeError):
        return frozenset()
    return frozenset(str(entry[4][0]) for entry in found)
