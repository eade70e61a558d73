"""The front door: which requests come in, told from their first line and headers alone.

Pure functions for the server and for the agent's own door, whatever HTTP library stands in front of them. The order of
the rules is that of `_RULES`; the first that objects decides. They keep out what a web page can make a browser send (a
form, a script's fetch, a name that was bound to another address), since behind this door every call is a command.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

HEALTH_PATH: Final = b"/healthz"
RPC_PATHS: Final = frozenset({b"/", b"/RPC2"})
_RPC_TYPES: Final = frozenset({b"text/xml", b"application/xml"})
_LOCAL_FETCHES: Final = frozenset({b"same-origin", b"none"})
_ONCE_ONLY: Final = frozenset(
    {
        b"content-length",
        b"content-type",
        b"content-encoding",
        b"transfer-encoding",
        b"host",
        b"origin",
        b"sec-fetch-site",
    }
)
_MOST_LENGTH_DIGITS: Final = 18

OK: Final = 200


@dataclass(frozen=True, slots=True)
class DoorRules:
    """What may differ between one door and another."""

    body_limit: int
    allowed_hosts: frozenset[str] = frozenset()
    """Names by which callers may reach this door, beside addresses, `localhost` and `*.local`; in lower case."""
    allowed_origins: frozenset[bytes] = frozenset()
    hosts_hint: str = ""
    """What to do about a refused name."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """`status` 200: come in. Any other is the answer, with `text` for whoever reads it."""

    status: int
    text: str = ""
    is_health: bool = False
    length: int | None = None
    """Of the body, as announced; None: it comes in chunks."""
    packed: bool = False
    """Whether the body is gzip."""
    may_pack: bool = False
    """Whether the answer may be gzip."""
    leaves_body: bool = False
    """The body's length cannot be trusted or is too much to read: the connection must close after the answer."""


@dataclass(slots=True)
class _Request:
    """What the rules look at."""

    method: bytes
    path: bytes
    headers: Mapping[bytes, bytes]
    repeated: frozenset[bytes]
    identified: bool
    rules: DoorRules
    length: int | None = None


def judge(
    method: bytes,
    path: bytes,
    headers: Iterable[tuple[bytes, bytes]],
    rules: DoorRules,
    *,
    identified: bool = False,
) -> Verdict:
    """May this request come in?

    `path` is the request target exactly as it was sent; names of `headers` are in lower case. `identified`: the caller
    has shown a credential of ours, which no web page has.
    """
    if method == b"GET" and path == HEALTH_PATH:
        return _HEALTH
    found: dict[bytes, bytes] = {}
    repeated: set[bytes] = set()
    for name, value in headers:
        if name in found and name in _ONCE_ONLY:
            repeated.add(name)
        found[name] = value
    request = _Request(method, path, found, frozenset(repeated), identified, rules)
    for rule in _RULES:
        refusal = rule(request)
        if refusal is not None:
            return refusal
    return Verdict(
        OK,
        length=request.length,
        packed=found.get(b"content-encoding", b"").strip().lower() == b"gzip",
        may_pack=_takes_gzip(found.get(b"accept-encoding", b"")),
    )


_HEALTH: Final = Verdict(OK, is_health=True)


def _method(request: _Request) -> Verdict | None:
    if request.method == b"POST":
        return None
    return Verdict(405, "Only XML-RPC by POST is answered here, and GET /healthz.")


def _path(request: _Request) -> Verdict | None:
    return None if request.path in RPC_PATHS else Verdict(404, "XML-RPC is answered on / and /RPC2.")


def _length(request: _Request) -> Verdict | None:
    length = request.headers.get(b"content-length")
    coding = request.headers.get(b"transfer-encoding")
    if request.repeated & {b"content-length", b"transfer-encoding"} or (length is not None and coding is not None):
        return Verdict(400, "Send one Content-Length, or chunks, not both.", leaves_body=True)
    if coding is not None:
        return (
            None if coding.strip().lower() == b"chunked" else Verdict(400, "Only chunks are taken.", leaves_body=True)
        )
    if length is None:
        return Verdict(411, "Send a Content-Length.", leaves_body=True)
    digits = length.strip(b" \t")
    if not digits.isdigit() or len(digits) > _MOST_LENGTH_DIGITS:
        return Verdict(400, "Content-Length must be a whole number.", leaves_body=True)
    request.length = int(digits)
    if request.length > request.rules.body_limit:
        return too_large(request.rules)
    return None


def too_large(rules: DoorRules) -> Verdict:
    """The answer to a body beyond the limit, however it was announced."""
    return Verdict(413, f"The body is larger than {rules.body_limit} bytes.", leaves_body=True)


def _type(request: _Request) -> Verdict | None:
    kind = request.headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
    if kind not in _RPC_TYPES or b"content-type" in request.repeated:
        return Verdict(415, "Content-Type must be text/xml.")
    coding = request.headers.get(b"content-encoding", b"identity").strip().lower()
    if coding not in (b"identity", b"gzip") or b"content-encoding" in request.repeated:
        return Verdict(415, "Content-Encoding may be gzip only.")
    return None


def _origin(request: _Request) -> Verdict | None:
    origin = request.headers.get(b"origin")
    if origin is not None and (origin not in request.rules.allowed_origins or b"origin" in request.repeated):
        return Verdict(403, "Web pages may not call this server.")
    site = request.headers.get(b"sec-fetch-site")
    if site is not None and (site not in _LOCAL_FETCHES or b"sec-fetch-site" in request.repeated):
        return Verdict(403, "Web pages may not call this server.")
    return None


def _host(request: _Request) -> Verdict | None:
    """A page that bound its own name to our address still says its own name. Never trust that Origin equals Host."""
    if request.identified:
        return None
    host = request.headers.get(b"host")
    if host is None:
        return None
    if b"host" not in request.repeated and is_known_host(host.decode("latin-1"), request.rules.allowed_hosts):
        return None
    return Verdict(421, f"This server does not go by that name. {request.rules.hosts_hint}".strip())


_RULES: Final[tuple[Callable[[_Request], Verdict | None], ...]] = (_method, _path, _length, _type, _origin, _host)


@lru_cache(maxsize=256)
def is_known_host(host: str, allowed: frozenset[str]) -> bool:
    """Whether a `Host` header names an address, this machine, a name of the local link, or a name that was allowed."""
    name = _without_port(host.strip()).lower()
    if name.startswith("[") and name.endswith("]"):
        return _is_address(name[1:-1])
    name = name.removesuffix(".")
    return name == "localhost" or name.endswith(".local") or name in allowed or _is_address(name)


def _without_port(host: str) -> str:
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdigit() and port.isascii() and (name.endswith("]") or ":" not in name) else host


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _takes_gzip(accepted: bytes) -> bool:
    for part in accepted.lower().split(b","):
        coding, _, quality = part.partition(b";")
        if coding.strip() == b"gzip":
            return quality.replace(b" ", b"") not in (b"q=0", b"q=0.0", b"q=0.00", b"q=0.000")
    return False
