"""Every method, also those that are not written yet: whatever is sent, a clear fault or an answer, and the next call works.

The table of methods says what there is, and the example of each what good arguments are; each argument is then replaced
by things that scripts and attackers send.
"""

from __future__ import annotations

import asyncio
import functools
import xmlrpc.client
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

import pytest

from hqserver.api import dispatch
from hqserver.api.context import ADMITTED, Caller, Context
from hqserver.api.methods import all_methods
from hqserver.api.registry import REQUIRED, Argument, Method
from hqserver.wire.agent import Hello, Machine
from hqserver.wire.codec import Limits, decode_request
from hqserver.wire.encoder import Encoded, encode_request, encode_response, encoded
from hqserver.wire.faults import LONGEST_TEXT, ApiFault, Code
from hqserver.wire.roles import Role
from tests.compat.server import LocalServer, join, local_server

METHODS = {name: method for name, method in all_methods().items() if method.role is not Role.AGENT}
CODES = {int(code) for code in Code} - {Code.OUR_BUG, Code.UNAVAILABLE}
MANY = 100_000

ODD: list[Any] = [
    None, True, False, 0, 1, -1, 7, 999_999, 2**31, 2**63 - 1, -(2**63), 1.5, 1e300, "", " ", "x", "7", "-7", "7 (Medium)",
    "' OR 1=1; --", "../../etc/passwd", "%s%n{0}${HOME}", "<img src=file:///etc/passwd>", "\u202egpj.exe", "渲染 🎬",
    "line\nline", "a" * 100_000, [], [None], [1, None], ["x"], [[]], [{}], [7, 7], ["__class__", "name"], {}, {"a": 1},
    {"__class__": "x"}, b"\x00\xff", datetime(2026, 11, 24, 13, 5, 7),
]  # fmt: skip
IDS = Encoded([encoded(number) for number in range(1, MANY + 1)])
TEXTS = Encoded([encoded("x")] * MANY)
CALLER = Caller("me", ADMITTED)
LIMITS = Limits()


class _Recorder:
    """Stands for `hq` in an example: keeps the arguments."""

    def __init__(self) -> None:
        self.arguments: tuple[Any, ...] = ()

    def __getattr__(self, name: str) -> _Recorder:
        return self

    def __call__(self, *arguments: Any) -> None:
        self.arguments = arguments


def good_arguments(method: Method) -> list[Any]:
    """Those of its example; what is left out there is nil."""
    recorder = _Recorder()
    eval(method.example, {"hq": recorder})
    return [*recorder.arguments, *[None] * (len(method.arguments) - len(recorder.arguments))]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalServer]:
    """With jobs, clients, groups, notes and a resource, so that the ids of the examples name something."""
    with local_server(tmp_path_factory.mktemp("outputs")) as running:
        hq: Any = running.hq
        hq.newjob([{"name": f"job {number}", "command": "x"} for number in range(30)])
        for number in range(8):
            running.inside(functools.partial(_hello, number))
            hq.addNote("note", None, number + 1, None)
            hq.addNote("note", None, None, None)
            hq.createClientGroup(f"group {number}")
        hq.createResource("nuke", 12, True)
        yield running


def _hello(number: int, context: Context) -> None:
    hello = Hello(1, f"agent {number}", "boot", "", 5001, "1", Machine(f"node{number}", "linux-x86_64", 4))
    join(context, hello, f"session {number}")


async def call(context: Context, method: Method, arguments: list[Any]) -> None:
    """A call, as it comes off the wire, is answered, or refused for a reason; what is refused changed nothing."""
    name, values = decode_request(encode_request(method.name, arguments), LIMITS)
    before = context.farm.revision
    try:
        encode_response(await dispatch.answer(METHODS, context, CALLER, name, values))
    except ApiFault as fault:
        assert fault.code in CODES, (arguments, fault)
        assert fault.text.startswith(method.name), (arguments, fault)
        assert "Traceback" not in fault.text
        assert len(fault.text) <= LONGEST_TEXT
        assert context.farm.revision == before, (arguments, fault)


def try_all(server: LocalServer, method: Method, values: Sequence[Any], takes: Callable[[Argument], bool]) -> None:
    """Each argument of this kind is replaced by each of the values; then the server still answers."""
    good = good_arguments(method)

    async def tried() -> None:
        for place, argument in enumerate(method.arguments):
            if takes(argument):
                for value in values:
                    await call(server.context, method, [*good[:place], value, *good[place + 1 :]])

    asyncio.run_coroutine_threadsafe(tried(), server._loop).result(timeout=120)
    assert server.hq.ping() is True


@pytest.mark.parametrize("name", METHODS)
def test_any_value_for_any_argument(server: LocalServer, name: str) -> None:
    try_all(server, METHODS[name], ODD, lambda argument: True)


@pytest.mark.parametrize("name", METHODS)
def test_missing_and_surplus_arguments(server: LocalServer, name: str) -> None:
    method = METHODS[name]
    good = good_arguments(method)
    required = sum(argument.default is REQUIRED for argument in method.arguments)
    for arguments in ([good[:count] for count in range(required)], [[*good, None], [*good, 1, 2]]):
        for some in arguments:
            with pytest.raises(xmlrpc.client.Fault) as caught:
                getattr(server.hq, name)(*some)
            assert caught.value.faultCode == Code.BAD_PARAMETERS
            assert f"got {len(some)}" in caught.value.faultString


TAKE_LISTS = [
    name for name, method in METHODS.items() if any(item.kind.wire_type == "array" for item in method.arguments)
]


ALL_IDS_OF = ("getJobs", "cancelJobs", "getClients", "getNoteThreads")
"""Of others ten thousand show in the normal run that they are taken or refused; the long run sends all to each."""


@pytest.mark.parametrize(
    "name", [name if name in ALL_IDS_OF else pytest.param(name, marks=pytest.mark.long) for name in TAKE_LISTS]
)
def test_a_hundred_thousand_ids(server: LocalServer, name: str) -> None:
    try_all(server, METHODS[name], [IDS], lambda argument: argument.kind.wire_type == "array")


@pytest.mark.parametrize("name", TAKE_LISTS)
def test_ten_thousand_ids(server: LocalServer, name: str) -> None:
    ids = Encoded([encoded(number) for number in range(1, 10_001)])
    try_all(server, METHODS[name], [ids], lambda argument: argument.kind.wire_type == "array")


@pytest.mark.long
@pytest.mark.parametrize("name", TAKE_LISTS)
def test_a_hundred_thousand_texts(server: LocalServer, name: str) -> None:
    try_all(server, METHODS[name], [TEXTS], lambda argument: argument.kind.wire_type == "array")
