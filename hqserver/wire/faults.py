"""Fault codes, the one exception that carries them, and how the text of a fault is built.

A fault is read by the person whose script failed, so every text says which call, which argument, what is wrong and,
where there is one, what to do: `method: argument path: what is wrong, got value. Hint.` It never holds a traceback, a
path of the server or more than a glimpse of what was sent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import IntEnum, unique
from typing import Final

LONGEST_TEXT: Final = 300
LONGEST_VALUE: Final = 60
_LONGEST_PATH: Final = 120


@unique
class Code(IntEnum):
    """Every fault code that our programs answer: negative ones are XML-RPC's, positive ones are HTTP-like."""

    NOT_WELL_FORMED = -32700
    UNSUPPORTED_ENCODING = -32701
    INVALID_CHARACTER = -32702
    NOT_XML_RPC = -32600
    NO_SUCH_METHOD = -32601
    BAD_PARAMETERS = -32602
    OUR_BUG = -32603
    APPLICATION = -32500
    SYSTEM = -32400
    TRANSPORT = -32300
    NOT_AUTHENTICATED = 401
    FORBIDDEN = 403
    UNKNOWN = 404
    CONFLICT = 409
    SESSION_UNKNOWN = 410
    TOO_LARGE = 413
    IMPOSSIBLE = 422
    TOO_MANY = 429
    UNAVAILABLE = 503
    NO_SPACE = 507


MEANINGS: Final[dict[Code, str]] = {
    Code.NOT_WELL_FORMED: "the request is not well-formed XML",
    Code.UNSUPPORTED_ENCODING: "the request is in an encoding that is not taken",
    Code.INVALID_CHARACTER: "the request holds a character that XML cannot carry",
    Code.NOT_XML_RPC: "the request is XML, but no XML-RPC call",
    Code.NO_SUCH_METHOD: "there is no such method",
    Code.BAD_PARAMETERS: "an argument is missing or wrong",
    Code.OUR_BUG: "the server failed; the incident is in its log",
    Code.APPLICATION: "the call failed",
    Code.SYSTEM: "the operating system refused something",
    Code.TRANSPORT: "the connection failed",
    Code.NOT_AUTHENTICATED: "the credential is wrong or was revoked",
    Code.FORBIDDEN: "the caller may not do this",
    Code.UNKNOWN: "what is named does not exist",
    Code.CONFLICT: "it exists already, as something else",
    Code.SESSION_UNKNOWN: "the agent must say hello again",
    Code.TOO_LARGE: "more was sent or asked for than is served",
    Code.IMPOSSIBLE: "the request makes no sense as it stands",
    Code.TOO_MANY: "too many calls",
    Code.UNAVAILABLE: "the server starts, stops or cannot reach its database",
    Code.NO_SPACE: "the server has no disk space left",
}
"""What each code means, for the reference."""


class ApiFault(Exception):
    """A call is answered by a fault instead of a value. Never changes after it was made."""

    __slots__ = ("_code", "_text")

    def __init__(self, code: int, text: str) -> None:
        super().__init__(code, text)
        self._code = int(code)
        self._text = text

    @property
    def code(self) -> int:
        """The fault code."""
        return self._code

    @property
    def text(self) -> str:
        """The text for the person who reads it."""
        return self._text

    def __str__(self) -> str:
        return self._text

    def as_struct(self) -> dict[str, int | str]:
        """As XML-RPC carries it."""
        return {"faultCode": self._code, "faultString": self._text}


class BadValue(Exception):
    """A value inside an argument is wrong. `path` leads to it, argument first; the method's name is added later."""

    def __init__(self, path: str, problem: str, code: int = Code.BAD_PARAMETERS) -> None:
        super().__init__(f"{path}: {problem}")
        self.path = path
        self.problem = problem
        self.code = code

    def as_fault(self, method: str) -> ApiFault:
        """The fault that answers a call of `method`."""
        return ApiFault(self.code, fault_text(method, self.path, self.problem))


def fault_text(method: str, path: str, problem: str) -> str:
    """`method: path: problem`, without what is empty, cut at the longest text; of a long path the ends are told."""
    if len(path) > _LONGEST_PATH:
        path = f"{path[: _LONGEST_PATH // 3]}...{path[-_LONGEST_PATH // 2 :]}"
    return cut(": ".join(part for part in (method, path, problem) if part), LONGEST_TEXT)


def cut(text: str, longest: int) -> str:
    """The text, or its beginning with three dots."""
    return text if len(text) <= longest else text[: longest - 3] + "..."


def shown(value: object) -> str:
    """A glimpse of what was sent, at most `LONGEST_VALUE` characters: for containers their size, not what they hold."""
    if value is None:
        return "nil"
    if isinstance(value, str):
        text = repr(value[:LONGEST_VALUE])
        return text if len(value) <= LONGEST_VALUE >= len(text) else text[: LONGEST_VALUE - 4] + "...'"
    if isinstance(value, bytes):
        return f"base64 of {len(value)} bytes"
    if isinstance(value, Mapping):
        return f"a struct with {_count(len(value), 'member')}"
    if isinstance(value, Sequence):
        return f"a list of {_count(len(value), 'item')}"
    return cut(str(value), LONGEST_VALUE)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
