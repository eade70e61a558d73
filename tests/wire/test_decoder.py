"""What the decoder takes, what it refuses, and with which fault."""

from __future__ import annotations

import subprocess
import sys
import xmlrpc.client
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hqserver.wire.codec import (
    LARGEST_TAG,
    Limits,
    RequestDecoder,
    decode_request,
    decode_response,
    encode_fault,
    encode_request,
    encode_response,
)
from hqserver.wire.faults import ApiFault
from tests.wire import bodies

HEAD = "<methodCall><methodName>ping</methodName>"
PARAM = "<param><value>a</value></param>"

REFUSED: dict[str, tuple[bytes, int, str]] = {
    "X1 empty body": (b"", -32700, "empty"),
    "X3 no call": (b"<html></html>", -32600, "<html>"),
    "X5 no method name": (b"<methodCall><params/></methodCall>", -32600, "<params>"),
    "X5 nothing in the call": (b"<methodCall></methodCall>", -32600, "<methodName> is missing"),
    "X7 long method name": (f"<methodCall><methodName>{'a' * 1_000_000}</methodName></methodCall>".encode(), -32600, "256"),
    "X7 method name with a space": (b"<methodCall><methodName>a b</methodName></methodCall>", -32600, "'a b'"),
    "X11 two blocks of params": (f"{HEAD}<params/><params/></methodCall>".encode(), -32600, "<params>"),
    "X11 two values in a param": (
        f"{HEAD}<params><param><value>a</value><value>b</value></param></params></methodCall>".encode(), -32600, "<value>",
    ),
    "X11 two types in a value": (bodies.with_value("<int>1</int><int>2</int>"), -32600, "<int>"),
    "a param without a value": (f"{HEAD}<params><param></param></params></methodCall>".encode(), -32600, "missing"),
    "an array without data": (bodies.with_value("<array></array>"), -32600, "<data> is missing"),
    "a member without a name": (bodies.with_value("<struct><member><value>1</value></member></struct>"), -32600, "<name>"),
    "a member without a value": (bodies.with_value("<struct><member><name>a</name></member></struct>"), -32600, "missing"),
    "text beside a type": (bodies.with_value("abc<int>1</int>"), -32600, "'abc'"),
    "text behind a type": (bodies.with_value("<int>1</int>abc"), -32600, "'abc'"),
    "text in a struct": (bodies.with_value("<struct>abc</struct>"), -32600, "'abc'"),
    "an element in a number": (bodies.with_value("<int>1<b/></int>"), -32600, "<b>"),
    "X13 a harmless entity": (
        b'<!DOCTYPE methodCall [<!ENTITY e "x">]><methodCall><methodName>ping</methodName></methodCall>',
        -32700, "DTD not allowed",
    ),
    "X13 an external document type": (b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><methodCall/>', -32700, "DTD not allowed"),
    "X15 the chain in UTF-16": (bodies.entity_chain(100).decode().encode("utf-16"), -32701, "UTF-8"),
    "X15 UTF-16 without a mark": (bodies.entity_chain(100).decode().encode("utf-16-le"), -32701, "UTF-8"),
    "X15 UTF-16 big end first": (bodies.entity_chain(100).decode().encode("utf-16-be"), -32701, "UTF-8"),
    "X15 UTF-32": (bodies.call("ping").decode().encode("utf-32"), -32701, "UTF-8"),
    "another encoding": (b"<?xml version='1.0' encoding='cp1252'?><methodCall/>", -32701, "cp1252"),
    "UTF-7": (b"<?xml version='1.0' encoding='utf-7'?><methodCall/>", -32701, "utf-7"),
    "X17 quadratic entities": (bodies.quadratic_entities(), -32700, "DTD not allowed"),
    "X19 XInclude": (
        b'<methodCall xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="/etc/passwd"/></methodCall>',
        -32600, "<xi:include>",
    ),
    "an entity that nobody declared": (bodies.with_value("&e;"), -32700, "entity"),
    "X21 a byte that is no UTF-8": (bodies.with_value("ab").replace(b"ab", b"a\xffb"), -32702, "0xFF"),
    "half a character at the end": (b"<methodCall><methodName>\xc3", -32702, ""),
    "X23 raw ESC": (bodies.with_value("<string>\x1b[0m</string>"), -32702, "character U+001B cannot be sent in XML; use base64"),
    "X23 ESC as a reference": (bodies.with_value("<string>&#27;</string>"), -32702, "U+001B"),
    "X23 ESC as a hexadecimal reference": (bodies.with_value("<string>&#x1B;</string>"), -32702, "U+001B"),
    "X23 NUL as a reference": (bodies.with_value("<string>&#0;</string>"), -32702, "U+0000"),
    "X23 raw NUL": (bodies.with_value("<string>a\0b</string>"), -32702, "U+0000"),
    "a surrogate": (bodies.with_value("ab").replace(b"ab", b"\xed\xa0\x80"), -32702, "0xED"),
    "U+FFFE": (bodies.with_value("\ufffe"), -32702, ""),
    "X27 a member twice": (
        bodies.with_value("<struct>" + "<member><name>a</name><value>1</value></member>" * 2 + "</struct>"),
        -32602, "argument 1.a: stands twice",
    ),
    "X29 an unknown type": (bodies.with_value("<foo>1</foo>"), -32600, "<foo>"),
    "X31 a number of 4301 digits": (bodies.with_value(f"<int>{'1' * 4301}</int>"), -32602, "64 bits"),
    "a number with a space": (bodies.with_value("<int> 1</int>"), -32602, "64 bits"),
    "a number with an underscore": (bodies.with_value("<int>1_0</int>"), -32602, "64 bits"),
    "a number in other digits": (bodies.with_value("<int>٣</int>"), -32602, "64 bits"),
    "an empty number": (bodies.with_value("<int/>"), -32602, "64 bits"),
    "X33 2^63": (bodies.with_value(f"<i8>{2**63}</i8>"), -32602, "64 bits"),
    "X33 -2^63-1": (bodies.with_value(f"<i8>{-(2**63) - 1}</i8>"), -32602, "64 bits"),
    "X35 nan": (bodies.with_value("<double>nan</double>"), -32602, "finite"),
    "X35 inf": (bodies.with_value("<double>inf</double>"), -32602, "finite"),
    "X35 1e999": (bodies.with_value("<double>1e999</double>"), -32602, "finite"),
    "a boolean in words": (bodies.with_value("<boolean>true</boolean>"), -32602, "0 or 1"),
    "X37 no date": (bodies.with_value("<dateTime.iso8601>rm -rf</dateTime.iso8601>"), -32602, "rm -rf"),
    "a date that never was": (bodies.with_value("<dateTime.iso8601>20260230T00:00:00</dateTime.iso8601>"), -32602, "date"),
    "bad base64": (bodies.with_value("<base64>a*==</base64>"), -32602, "base64"),
    "base64 with something behind it": (bodies.with_value("<base64>YQ==YQ==</base64>"), -32602, "base64"),
    "a nil that is none": (bodies.with_value("<nil>1</nil>"), -32602, "nil"),
    "something behind the end": (bodies.call("ping") + b"<methodCall/>", -32700, "well-formed"),
    "text behind the end": (bodies.call("ping") + b"x", -32700, "well-formed"),
    "an end that is missing": (bodies.call("ping")[:-20], -32700, "well-formed"),
    "no XML": (b'{"method": "ping"}', -32700, "well-formed"),
    "too deep": (bodies.nested(65), -32600, "deeper than 64"),
    "an endless tag": (b"<methodCall a='" + b"x" * (LARGEST_TAG + 1), -32600, "larger than"),
    "an endless comment": (b"<!--" + b"x" * (LARGEST_TAG + 1), -32600, "larger than"),
    "an answer instead of a call": (encode_response(True), -32600, "<methodResponse>"),
}  # fmt: skip


@pytest.mark.parametrize("row", REFUSED)
@pytest.mark.parametrize("slice_size", [7, 32 << 10], ids=["small pieces", "large pieces"])
def test_what_is_refused(row: str, slice_size: int) -> None:
    body, code, words = REFUSED[row]
    with pytest.raises(ApiFault) as caught:
        fed_in_slices(body, slice_size)
    assert (caught.value.code, words in caught.value.text) == (code, True), caught.value.text
    assert len(caught.value.text) <= 300


def fed_in_slices(body: bytes, size: int) -> tuple[str, list[object]]:
    decoder = RequestDecoder()
    for start in range(0, len(body), size):
        decoder.feed(body[start : start + size])
    return decoder.close()


TAKEN: dict[str, tuple[bytes, list[object]]] = {
    "X25 CR raw and as a reference": (bodies.with_value("<string>a\r\nb&#13;\nc</string>"), ["a\nb\r\nc"]),
    "X39 a bare value": (bodies.with_value("text"), ["text"]),
    "X39 an empty value": (bodies.with_value(""), [""]),
    "X39 space is text too": (bodies.with_value(" \n "), [" \n "]),
    "no params": (f"{HEAD}</methodCall>".encode(), []),
    "empty params": (f"{HEAD}<params/></methodCall>".encode(), []),
    "space everywhere": (
        f"\n<methodCall>\n <methodName>ping</methodName>\n\t<params> {PARAM}\n{PARAM} </params>\n</methodCall>\n".encode(),
        ["a", "a"],
    ),
    "X19 a style sheet": (b'<?xml-stylesheet href="file:///etc/passwd"?>' + bodies.call("ping", 1).split(b"?>")[1], [1]),
    "a comment": (bodies.with_value("<int>1<!-- one -->2</int>"), [12]),
    "CDATA": (bodies.with_value("<string><![CDATA[<&>]]></string>"), ["<&>"]),
    "a byte order mark": (b"\xef\xbb\xbf" + bodies.call("ping", "é"), ["é"]),
    "ISO-8859-1": (
        b"<?xml version='1.0' encoding='ISO-8859-1'?>" + bodies.with_value("é").decode().split("?>")[1].encode("latin-1"), ["é"],
    ),
    "US-ASCII": (b"<?xml version='1.0' encoding='us-ascii'?>" + bodies.with_value("e").split(b"?>")[1], ["e"]),
    "largest and smallest": (bodies.with_value(f"<i8>{2**63 - 1}</i8>"), [2**63 - 1]),
    "every name of a number": (
        bodies.with_value(
            "<array><data>"
            + "".join(f"<value><{t}>+7</{t}></value>" for t in ("int", "i4", "i8", "i1", "i2", "ex:i8", "ex:i1", "ex:i2"))
            + "</data></array>"
        ),
        [[7] * 8],
    ),
    "doubles": (bodies.with_value("<double>-1.5E-3</double>"), [-0.0015]),
    "booleans": (bodies.with_value("<boolean>1</boolean>"), [True]),
    "nil": (bodies.with_value("<nil/>"), [None]),
    "Java's nil": (bodies.with_value("<ex:nil/>"), [None]),
    "a date": (bodies.with_value("<dateTime.iso8601>20261124T13:05:07</dateTime.iso8601>"), [datetime(2026, 11, 24, 13, 5, 7)]),
    "a date with dashes and a zone": (
        bodies.with_value("<dateTime.iso8601>2026-11-24T13:05:07+02:00</dateTime.iso8601>"), [datetime(2026, 11, 24, 11, 5, 7)],
    ),
    "a date with Z": (bodies.with_value("<dateTime.iso8601>2026-11-24T13:05:07Z</dateTime.iso8601>"), [datetime(2026, 11, 24, 13, 5, 7)]),
    "base64 in lines": (bodies.with_value("<base64>\nAAEC\n/w==\n</base64>"), [b"\0\1\2\xff"]),
    "an empty struct and an empty list": (
        bodies.with_value("<array><data><value><struct/></value><value><array><data/></array></value></data></array>"), [[{}, []]],
    ),
    "just deep enough": (bodies.nested(2), [[[]]]),
}  # fmt: skip


@pytest.mark.parametrize("row", TAKEN)
@pytest.mark.parametrize("slice_size", [1, 32 << 10], ids=["single bytes", "large pieces"])
def test_what_is_taken(row: str, slice_size: int) -> None:
    body, arguments = TAKEN[row]
    assert fed_in_slices(body, slice_size) == ("ping", arguments)


def test_64_levels_are_taken() -> None:
    method, arguments = decode_request(bodies.nested(64))
    levels = 0
    inside = arguments
    while inside:
        assert isinstance(inside[0], list)
        inside = inside[0]
        levels += 1
    assert (method, levels) == ("ping", 64)


def test_too_many_values() -> None:
    body = bodies.call("ping", list(range(100)))
    assert decode_request(body, Limits(values=101))[1] == [list(range(100))]
    with pytest.raises(ApiFault) as caught:
        decode_request(body, Limits(values=100))
    assert caught.value.code == 413


def test_too_many_bytes() -> None:
    body = bodies.call("ping")
    decode_request(body, Limits(size=len(body)))
    with pytest.raises(ApiFault) as caught:
        decode_request(body, Limits(size=len(body) - 1))
    assert caught.value.code == 413


def test_the_fault_leads_to_the_value() -> None:
    inner = "<struct><member><name>priority</name><value><int>x</int></value></member></struct>"
    children = f"<array><data><value>0</value><value>{inner}</value></data></array>"
    body = bodies.with_value(
        f"<struct><member><name>children</name><value>{children}</value></member></struct>", "newjob"
    )
    with pytest.raises(ApiFault) as caught:
        decode_request(body)
    assert caught.value.text.startswith("newjob: argument 1.children[1].priority: must be a whole number")


def test_large_texts_in_small_pieces_stay_linear() -> None:
    """A text of many megabytes is no large tag."""
    text = "x" * (3 << 20)
    assert fed_in_slices(bodies.call("ping", text), 16 << 10) == ("ping", [text])


ENTITY_CHAIN_IN_A_CHILD = """
from hqserver.wire.codec import RequestDecoder, decode_response
from hqserver.wire.faults import ApiFault
from tests.wire.bodies import entity_chain
for read in (lambda body: RequestDecoder().feed(body), decode_response):
    try:
        read(entity_chain())
    except ApiFault as fault:
        print(fault.code, fault.text)
"""


def test_the_chain_of_entities_that_crashes_a_plain_parser() -> None:
    """In a process of its own: a parser that follows the chain takes its process with it."""
    done = subprocess.run([sys.executable, "-c", ENTITY_CHAIN_IN_A_CHILD], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "-32700 DTD not allowed in XML-RPC\n" * 2), done.stderr[-500:]


scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"))
    | st.binary()
    | st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31)).map(lambda moment: moment.replace(microsecond=0))
)
names = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=5)
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4))


@given(st.lists(values, max_size=3))
def test_what_is_encoded_is_decoded(arguments: list[object]) -> None:
    assert decode_request(encode_request("m", arguments)) == ("m", arguments)


@given(values)
def test_answers_come_back(value: object) -> None:
    assert decode_response(encode_response(value)) == value


@given(st.binary(max_size=300), st.integers(1, 9))
def test_any_bytes_give_a_call_or_a_fault(body: bytes, size: int) -> None:
    outcome(body, size)


FRAGMENTS = [
    *(f"<{tag}>" for tag in ("methodCall", "methodName", "params", "param", "value", "array", "data", "struct", "member")),
    *(f"</{tag}>" for tag in ("methodCall", "methodName", "params", "param", "value", "array", "data", "struct", "member")),
    "<name>", "</name>", "<int>", "</int>", "<double>", "</double>", "<base64>", "</base64>", "<nil/>", "<string>", "</string>",
    "<!DOCTYPE a>", "<!--", "-->", "<![CDATA[", "]]>", "<?a", "?>", "&#0;", "&lt;", "&e;", "1", "a", " ", "\n", "\0", "\xff", "é",
]  # fmt: skip


@given(st.lists(st.sampled_from(FRAGMENTS), max_size=40).map("".join), st.integers(1, 50))
def test_any_pieces_of_xml_give_a_call_or_a_fault(text: str, size: int) -> None:
    outcome(text.encode("latin-1" if "\xff" in text else "utf-8"), size)


@given(st.data())
def test_a_damaged_call_gives_a_call_or_a_fault(data: st.DataObject) -> None:
    body = bytearray(bodies.call("newjob", {"name": "a", "children": [{"priority": 5}, None, 1.5, b"\0"]}))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(body) - 1))
        body[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    assert outcome(bytes(body), 17) == outcome(bytes(body), 1 << 16)


def outcome(body: bytes, size: int) -> object:
    """The call, or the fault's code: anything else is a failure of the test."""
    try:
        return repr(fed_in_slices(body, size))
    except ApiFault as fault:
        assert len(fault.text) <= 300
        return fault.code


def test_a_fault_comes_back_as_a_fault() -> None:
    with pytest.raises(ApiFault) as caught:
        decode_response(encode_fault(ApiFault(404, "no job 17 <here>")))
    assert (caught.value.code, caught.value.text) == (404, "no job 17 <here>")


def test_the_standard_library_reads_our_faults() -> None:
    with pytest.raises(xmlrpc.client.Fault) as caught:
        xmlrpc.client.loads(encode_fault(ApiFault(404, "no job 17")).decode())
    assert (caught.value.faultCode, caught.value.faultString) == (404, "no job 17")


@pytest.mark.parametrize(
    "body",
    [
        b"<methodResponse/>",
        b"<methodResponse><params/></methodResponse>",
        b"<methodResponse><params><param><value>1</value></param><param><value>2</value></param></params></methodResponse>",
        bodies.call("ping"),
        bodies.entity_chain(10),
    ],
)
def test_what_is_no_answer(body: bytes) -> None:
    with pytest.raises(ApiFault) as caught:
        decode_response(body)
    assert caught.value.code < -32000


def test_a_fault_of_another_shape_is_a_fault() -> None:
    body = b"<methodResponse><fault><value>went wrong</value></fault></methodResponse>"
    with pytest.raises(ApiFault) as caught:
        decode_response(body)
    assert "went wrong" in caught.value.text


def test_dates_with_a_zone_are_sent_in_utc() -> None:
    zone = timezone(timedelta(hours=2))
    assert decode_response(encode_response(datetime(2026, 11, 24, 13, 5, 7, tzinfo=zone))) == datetime(
        2026, 11, 24, 11, 5, 7
    )
    assert decode_response(encode_response(datetime(2026, 11, 24, 13, 5, 7, tzinfo=UTC))) == datetime(
        2026, 11, 24, 13, 5, 7
    )
