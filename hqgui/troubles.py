"""What can go wrong between the window and a server, in plain words.

`LinkError` is what every call of `hqgui.link` raises: its `trouble` is for programs, its `words` are for the person at
the window and say what to do. A refusal by the server itself (`Refusal`) carries the server's own words.
"""

from __future__ import annotations

from enum import StrEnum, unique
from typing import Final

from hqgui.words import translate


@unique
class Trouble(StrEnum):
    """Kinds of trouble."""

    ADDRESS = "address"
    """The text is no address."""
    NO_HOST = "no host"
    REFUSED = "refused"
    NO_ANSWER = "no answer"
    CUT = "cut"
    TLS = "tls"
    PROXY = "proxy"
    NOT_HQUEUE = "not hqueue"
    FORBIDDEN = "forbidden"
    SERVER = "server"
    UNREADABLE = "unreadable"
    REFUSAL = "refusal"
    """The server understood and said no."""


class LinkError(Exception):
    """A call did not succeed; `words` say why."""

    def __init__(self, trouble: Trouble, words: str) -> None:
        super().__init__(words)
        self.trouble = trouble
        self.words = words

    @property
    def lost(self) -> bool:
        """Whether the server is out of reach, so that trying again may help."""
        return self.trouble is not Trouble.REFUSAL


class Refusal(LinkError):
    """The server answered a fault."""

    def __init__(self, code: int, words: str) -> None:
        super().__init__(Trouble.REFUSAL, words)
        self.code = code


_TROUBLES: Final = {
    "HostNotFoundError": Trouble.NO_HOST,
    "ConnectionRefusedError": Trouble.REFUSED,
    "TimeoutError": Trouble.NO_ANSWER,
    "OperationCanceledError": Trouble.NO_ANSWER,
    "RemoteHostClosedError": Trouble.CUT,
    "TemporaryNetworkFailureError": Trouble.CUT,
    "NetworkSessionFailedError": Trouble.CUT,
    "UnknownNetworkError": Trouble.CUT,
    "SslHandshakeFailedError": Trouble.TLS,
    "ProxyConnectionRefusedError": Trouble.PROXY,
    "ProxyConnectionClosedError": Trouble.PROXY,
    "ProxyNotFoundError": Trouble.PROXY,
    "ProxyTimeoutError": Trouble.PROXY,
    "ProxyAuthenticationRequiredError": Trouble.PROXY,
    "UnknownProxyError": Trouble.PROXY,
    "ProtocolUnknownError": Trouble.ADDRESS,
    "ProtocolInvalidOperationError": Trouble.NOT_HQUEUE,
    "ProtocolFailure": Trouble.NOT_HQUEUE,
}
"""Names of Qt's network errors."""


def network_error(error: str, detail: str, host: str, port: int, seconds: float) -> LinkError:
    """What Qt's network says, worded; `error` is its name there. `seconds`: how long was waited."""
    trouble = _TROUBLES.get(error, Trouble.CUT)
    return LinkError(trouble, words_for(trouble, host, port, detail, seconds))


def words_for(trouble: Trouble, host: str, port: int, detail: str = "", seconds: float = 0.0) -> str:
    """A sentence or two for a trouble with a server."""
    texts = {
        Trouble.NO_HOST: translate(
            "Link", "There is no machine named {host}. Check the spelling, or use the machine's IP address."
        ),
        Trouble.REFUSED: translate(
            "Link", "{host} is there, but no server listens on port {port}. Is hqserver running, and on this port?"
        ),
        Trouble.NO_ANSWER: translate(
            "Link", "{host} did not answer within {seconds} s. It may be off, or a firewall may block port {port}."
        ),
        Trouble.CUT: translate("Link", "The connection to {host} was lost: {detail}."),
        Trouble.TLS: translate(
            "Link", "No secure connection to {host}: {detail}. Should the address begin with http://?"
        ),
        Trouble.PROXY: translate("Link", "The proxy of this machine does not let {host} through: {detail}."),
        Trouble.NOT_HQUEUE: translate(
            "Link", "Something answers on {host}:{port}, but it is no HQueue server. Check the port."
        ),
        Trouble.FORBIDDEN: translate("Link", "{host} does not admit this machine: {detail}"),
        Trouble.SERVER: translate("Link", "The server on {host} has a problem of its own: {detail}"),
        Trouble.UNREADABLE: translate("Link", "The server on {host} answered something that cannot be read: {detail}."),
        Trouble.ADDRESS: translate("Link", "“{detail}” is no address of a server. Try hq01 or http://hq01:5000."),
        Trouble.REFUSAL: "{detail}",
    }
    values = {"host": host, "port": port, "detail": detail.rstrip("."), "seconds": round(seconds)}
    return texts[trouble].format(**values)


def http_error(status: int, text: str, host: str, port: int) -> LinkError:
    """What an HTTP status other than 200 means."""
    if status in (401, 403, 407, 421):
        trouble = Trouble.FORBIDDEN
    elif status in (500, 502, 503, 504, 507):
        trouble = Trouble.SERVER
    else:
        trouble = Trouble.NOT_HQUEUE
    first_line = text.strip().splitlines()[0][:200] if text.strip() else f"HTTP {status}"
    return LinkError(trouble, words_for(trouble, host, port, f"HTTP {status}" if "<" in first_line else first_line))
