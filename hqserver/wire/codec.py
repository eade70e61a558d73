"""XML-RPC as bytes: the hardened decoder of calls and answers, and the encoder beside it.

Server, agent and windows all read with this file and never with the standard library's parser, which a request of
600 kB can crash. The rules, each with a test:

* No document type, so no entities of any kind; UTF-8, US-ASCII or ISO-8859-1 only.
* The grammar is a table (`hqserver.wire.grammar`): what it does not name at this place is refused.
* Whole numbers within 64 bits, finite numbers, dates that exist, clean base64, no member twice in a struct.
* Bounded depth, number of values and size of a tag, because each of them costs somebody else's time or memory.

A decoder is fed with pieces of any size and does work in proportion to them: a reader of a large body feeds slices and
lets others in between. Texts, numbers, `bytes`, naive UTC `datetime`, lists, dicts and None come out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final
from xml.parsers import expat

from hqserver.wire.encoder import encode_fault, encode_request, encode_response, encode_response_parts
from hqserver.wire.faults import ApiFault, Code, fault_text, shown
from hqserver.wire.grammar import (
    ANSWER,
    CALL,
    CONTAINER_END,
    FAULT_END,
    METHOD_END,
    NAME_END,
    NO_VALUE_END,
    SCALAR_END,
    STRING_END,
    TEXT_VALUE_END,
    TOO_EARLY,
    VALUE_END,
    BadScalar,
    Shape,
)
from hqserver.wire.values import DEEPEST_VALUE

__all__ = [
    "Limits",
    "RequestDecoder",
    "ResponseDecoder",
    "decode_request",
    "decode_response",
    "encode_fault",
    "encode_request",
    "encode_response",
    "encode_response_parts",
]

ENCODINGS: Final = frozenset({"utf-8", "us-ascii", "iso-8859-1"})
LARGEST_TAG: Final = 64 << 10


@dataclass(frozen=True, slots=True)
class Limits:
    """What is read at most: levels of lists and structs, values, bytes."""

    depth: int = DEEPEST_VALUE
    values: int = 2_000_000
    size: int = 64 << 20


_METHOD_NAME: Final = re.compile(r"[A-Za-z0-9_.:/]{1,256}").fullmatch
_CHARACTER_REFERENCE: Final = re.compile(rb"&#(?:x([0-9A-Fa-f]{1,8})|([0-9]{1,10}));?")
_SPACE: Final = " \t\r\n"
_LINE_END: Final = ["\n"]
_UTF_16_STARTS: Final = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0")

_INVALID_TOKEN, _PARTIAL_CHARACTER, _BAD_REFERENCE = 4, 6, 14
_ENCODING_ERRORS: Final = frozenset({18, 19})
"""Error numbers of expat."""


class _Decoder:
    """Walks a document along its shapes. Raises ApiFault for the first thing that is wrong, and is of no use then."""

    __slots__ = (
        "_afters", "_container", "_containers", "_fed", "_is_fault", "_limits", "_method", "_name", "_names",
        "_parser", "_previous", "_shape", "_texts", "_top", "_value", "_values",
    )  # fmt: skip

    def __init__(self, document: Shape, limits: Limits) -> None:
        self._limits = limits
        self._shape = document
        self._afters: list[Shape] = []
        self._texts: list[str] = []
        self._top: list[object] = []
        self._container: list[object] | dict[str, object] = self._top
        self._containers: list[tuple[list[object] | dict[str, object], str]] = []
        self._name = ""
        self._names: dict[str, str] = {}
        self._value: object = None
        self._values = 0
        self._method = ""
        self._is_fault = False
        self._fed = 0
        self._previous = b""
        parser = self._parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.ordered_attributes = True
        parser.XmlDeclHandler = self._declaration
        parser.StartDoctypeDeclHandler = self._document_type
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._texts.append

    def feed(self, data: bytes) -> None:
        """Read on. The work is in proportion to `data`."""
        if self._fed < 2:
            self._refuse_utf_16((self._previous + data)[:2])
        if self._fed + len(data) > self._limits.size:
            raise self._fault(Code.TOO_LARGE, f"the body is larger than {self._limits.size} bytes")
        self._parse(data)
        self._fed += len(data)
        self._previous = data
        if self._fed - self._parser.CurrentByteIndex > LARGEST_TAG:
            raise self._fault(Code.NOT_XML_RPC, f"a tag, comment or the like is larger than {LARGEST_TAG} bytes")

    def _finish(self) -> None:
        """The document is over; the cycle of parser and decoder is cut, so both go at once."""
        if not self._fed:
            raise self._fault(Code.NOT_WELL_FORMED, "the body is empty")
        self._parse(b"", final=True)
        del self._parser

    def _parse(self, data: bytes, final: bool = False) -> None:
        try:
            self._parser.Parse(data, final)
        except expat.ExpatError as error:
            raise self._xml_fault(error, data) from None

    def _declaration(self, _version: str, encoding: str | None, _standalone: int) -> None:
        if encoding is not None and encoding.lower() not in ENCODINGS:
            problem = f"the encoding {shown(encoding)} is not taken. Send UTF-8."
            raise self._fault(Code.UNSUPPORTED_ENCODING, problem)

    def _document_type(self, *_: object) -> None:
        raise self._fault(Code.NOT_WELL_FORMED, "DTD not allowed in XML-RPC")

    def _refuse_utf_16(self, start: bytes) -> None:
        if start.startswith(_UTF_16_STARTS) or start in (b"\xff", b"\xfe"):
            raise self._fault(Code.UNSUPPORTED_ENCODING, "UTF-16 and UTF-32 are not taken. Send UTF-8.")

    def _start(self, tag: str, _attributes: Any) -> None:
        try:
            shape, after = self._shape[tag]
        except KeyError:
            raise self._misplaced(f"<{tag[:40]}>") from None
        if self._texts:
            self._only_space()
        self._afters.append(after)
        self._shape = shape
        if shape.opens is not None:
            self._open(shape.opens())

    def _end(self, _tag: str) -> None:
        shape = self._shape
        self._shape = self._afters.pop()
        end = shape.end
        if end <= TEXT_VALUE_END:
            self._place(self._typed() if end == VALUE_END else self._text())
        elif end == NO_VALUE_END:
            if self._texts:
                self._only_space()
        elif end == STRING_END:
            self._value = self._text()
        elif end == NAME_END:
            name = self._text()
            self._name = self._names.setdefault(name, name)
        else:
            self._rare_end(shape)

    def _rare_end(self, shape: Shape) -> None:
        end = shape.end
        if end == SCALAR_END:
            self._value = self._scalar(shape)
        elif end == CONTAINER_END:
            self._only_space()
            self._value = self._container
            self._container, self._name = self._containers.pop()
        elif end == METHOD_END:
            self._method = self._method_name()
        elif end == FAULT_END:
            self._only_space()
            self._is_fault = True
        elif end == TOO_EARLY:
            raise self._fault(Code.NOT_XML_RPC, f"{self._path()}: {shape.meaning} is missing")

    def _text(self) -> str:
        """What stood since the last tag."""
        texts = self._texts
        text = texts[0] if len(texts) == 1 else "".join(texts)
        texts.clear()
        return text

    def _only_space(self) -> None:
        """Between tags that hold no text, only space may stand."""
        if self._texts != _LINE_END and "".join(self._texts).strip(_SPACE):
            raise self._misplaced(f"the text {shown(''.join(self._texts).strip(_SPACE))}")
        self._texts.clear()

    def _typed(self) -> object:
        if self._texts:
            self._only_space()
        return self._value

    def _place(self, value: object) -> None:
        """Put a complete value where it belongs."""
        self._values += 1
        if self._values > self._limits.values:
            raise self._fault(Code.TOO_LARGE, f"there are more than {self._limits.values} values")
        container = self._container
        if type(container) is list:
            container.append(value)
        elif self._name in container:
            raise self._fault(Code.BAD_PARAMETERS, f"{self._path()}: stands twice in its struct")
        else:
            container[self._name] = value  # type: ignore[call-overload]

    def _open(self, container: list[object] | dict[str, object]) -> None:
        self._containers.append((self._container, self._name))
        if len(self._containers) > self._limits.depth:
            raise self._fault(Code.NOT_XML_RPC, f"lists and structs are nested deeper than {self._limits.depth}")
        self._container = container

    def _scalar(self, shape: Shape) -> object:
        assert shape.read is not None
        try:
            return shape.read(self._text())
        except BadScalar as problem:
            raise self._fault(Code.BAD_PARAMETERS, f"{self._path()}: {problem}") from None

    def _method_name(self) -> str:
        name = self._text()
        if not _METHOD_NAME(name):
            problem = f"the method name must be 1 to 256 letters, digits and _ . : / signs, got {shown(name)}"
            raise self._fault(Code.NOT_XML_RPC, problem)
        return name

    def _path(self) -> str:
        """Where the value that is being read stands: `argument 1.children[3].priority`."""
        inside = [*self._containers, (self._container, self._name)][1:]
        steps = [f".{name}" if isinstance(container, dict) else f"[{len(container)}]" for container, name in inside]
        return f"argument {len(self._top) + 1}{''.join(steps)}"

    def _misplaced(self, what: str) -> ApiFault:
        return self._fault(Code.NOT_XML_RPC, f"{what} stands where {self._shape.meaning} may stand")

    def _fault(self, code: Code, problem: str) -> ApiFault:
        return ApiFault(code, fault_text(self._method, "", problem))

    def _xml_fault(self, error: expat.ExpatError, data: bytes) -> ApiFault:
        """What expat could not read, told apart: the encoding, a character, or the document itself."""
        place = f"line {error.lineno} column {error.offset + 1}"
        at = max(self._parser.ErrorByteIndex - self._fed + len(self._previous), 0)
        around = (self._previous + data)[at : at + 16]
        if error.code in _ENCODING_ERRORS:
            return self._fault(Code.UNSUPPORTED_ENCODING, f"the encoding is not taken ({place}). Send UTF-8.")
        if error.code == _BAD_REFERENCE:
            return self._fault(Code.INVALID_CHARACTER, f"{_referenced(around)} ({place})")
        if error.code == _PARTIAL_CHARACTER or (error.code == _INVALID_TOKEN and _is_no_character(around)):
            return self._fault(Code.INVALID_CHARACTER, f"{_unreadable(around)} ({place})")
        problem = f"the body is not well-formed XML: {expat.ErrorString(error.code)} ({place})"
        return self._fault(Code.NOT_WELL_FORMED, problem)


def _is_no_character(around: bytes) -> bool:
    return around[:1] >= b"\x80" or (around[:1] < b" " and around[:1] not in (b"\t", b"\n", b"\r"))


def _unreadable(around: bytes) -> str:
    if around[:1] >= b"\x80" or not around:
        return f"byte 0x{around[:1].hex().upper()} is no character of the declared encoding. Send UTF-8."
    return f"character U+{around[0]:04X} cannot be sent in XML; use base64"


def _referenced(around: bytes) -> str:
    found = _CHARACTER_REFERENCE.match(around)
    if not found:
        return "a character reference names no character that XML can carry; use base64"
    code = int(found[1], 16) if found[1] else int(found[2])
    return f"character U+{code:04X} cannot be sent in XML; use base64"


class RequestDecoder(_Decoder):
    """Reads a call, piece by piece."""

    __slots__ = ()

    def __init__(self, limits: Limits = Limits()) -> None:
        super().__init__(CALL, limits)

    def close(self) -> tuple[str, list[object]]:
        """The method's name and its arguments. Raises ApiFault when the call is not complete."""
        self._finish()
        return self._method, self._top


class ResponseDecoder(_Decoder):
    """Reads an answer, piece by piece."""

    __slots__ = ()

    def __init__(self, limits: Limits = Limits(size=1 << 30, values=50_000_000)) -> None:
        super().__init__(ANSWER, limits)

    def close(self) -> object:
        """The answer. Raises ApiFault with the other side's code and text when it answered a fault."""
        self._finish()
        if self._is_fault:
            raise _fault_of(self._top[0])
        return self._top[0]


def _fault_of(value: object) -> ApiFault:
    """The fault in an answer, whatever the other side made of it."""
    members = value if isinstance(value, dict) else {}
    code, text = members.get("faultCode"), members.get("faultString")
    return ApiFault(
        code if type(code) is int else Code.APPLICATION, text if isinstance(text, str) else str(value)[:300]
    )


def decode_request(data: bytes, limits: Limits = Limits()) -> tuple[str, list[object]]:
    """The method's name and the arguments of a call."""
    decoder = RequestDecoder(limits)
    decoder.feed(data)
    return decoder.close()


def decode_response(data: bytes) -> object:
    """The answer in these bytes. Raises ApiFault for a fault and for what is no answer."""
    decoder = ResponseDecoder()
    decoder.feed(data)
    return decoder.close()
