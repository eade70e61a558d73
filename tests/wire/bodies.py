"""Bodies of calls for tests: well-formed ones by the standard library, odd ones by hand."""

from __future__ import annotations

import xmlrpc.client
from typing import Any


def call(method: str, *arguments: Any) -> bytes:
    """As any Python script sends it."""
    return xmlrpc.client.dumps(arguments, method, allow_none=True).encode()


def with_value(value: str, method: str = "ping") -> bytes:
    """A call with one argument whose `<value>` holds this XML."""
    return (
        f"<?xml version='1.0'?><methodCall><methodName>{method}</methodName><params><param>"
        f"<value>{value}</value></param></params></methodCall>"
    ).encode()


def entity_chain(length: int = 24_200) -> bytes:
    """Entities that each name the next: 600 kB that overflow the stack of a parser which follows them."""
    links = "".join(f"<!ENTITY e{i} '&e{i + 1};'>" for i in range(length))
    return (
        f"<?xml version='1.0'?><!DOCTYPE x [{links}<!ENTITY e{length} 'x'>]>"
        "<methodCall><methodName>ping</methodName><params><param><value>&e0;</value></param></params></methodCall>"
    ).encode()


def quadratic_entities(size: int = 70_000, times: int = 110) -> bytes:
    """One large entity named many times."""
    return (
        f"<!DOCTYPE x [<!ENTITY big '{'x' * size}'>]><methodCall><methodName>ping</methodName><params><param>"
        f"<value>{'&big;' * times}</value></param></params></methodCall>"
    ).encode()


def nested(levels: int) -> bytes:
    """A list in a list in a list ..."""
    inside = "<value><array><data>" * levels + "</data></array></value>" * levels
    return (f"<methodCall><methodName>ping</methodName><params><param>{inside}</param></params></methodCall>").encode()
