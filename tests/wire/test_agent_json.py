"""Messages of agents as text: what is written is read as it was, and what is wrong is named by its field."""

from __future__ import annotations

import json

import pytest

from hqserver.wire import agent as wire
from hqserver.wire.agent_json import Message, MessageError, decode, encode

MACHINE = wire.Machine(
    "n1", "linux-x86_64", 8, 3200.0, 64, 32, 0.5, 7, 9, idle_minutes=-1, gpus=("card", "card"), utc_offset=-90
)
OVERRIDE = wire.OverrideSet("stamp", "mine", 1.5, None)
HELD = wire.Held(2**40, 3)
START = wire.Start(
    1, 5, 2, 4, "name \N{SNOWMAN}", "echo \U0001f600 &", "bash", 2, {"A": "b"}, ("n1", "n2"), {"HQROOT": "/mnt"}, 1.0
)
ORDERS = (
    START, wire.End(2, 5, 2, "cancelled"), wire.Pause(3, 5, 2), wire.Resume(4, 5, 2), wire.Forget(5, (HELD,)),
    wire.CallIn(6), wire.Leave(7),
)  # fmt: skip
REPORTS = (
    wire.Started(1, 5, 2), wire.Progressed(2, 5, 2, 0.25), wire.Paused(3, 5, 2), wire.Resumed(4, 5, 2),
    wire.Ended(5, 5, 2, "exited", -1073741819, None, 1.0, 0.5, 700, 10, 0, "words"),
)  # fmt: skip
MESSAGES: list[Message] = [
    MACHINE,
    wire.Hello(1, "id", "boot", "n1", 5001, "hash", MACHINE, (HELD,), draining=True, clock=1.0, asked_at=2.0),
    wire.Welcome("session", 3, 900.0, 15.0, 1.5, "/mnt/hq", "1"),
    wire.Exchange(
        "session", 7, 0.0, (HELD,), REPORTS, (wire.Chunk(5, 2, 10, "aGk=", 7, 3),), MACHINE,
        errors=(wire.AgentError("key", "message", "trace", 2),), stopping=True, override=OVERRIDE,
    ),
    wire.Exchange("session", 0, 15.0),
    wire.Reply(ORDERS, 5, (HELD,), (wire.OutputSize(5, 2, 10),), leave=True, upgrade=True, override=OVERRIDE),
    wire.Reply(),
]  # fmt: skip


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: type(message).__name__)
def test_what_is_written_is_read_as_it_was(message: Message) -> None:
    assert decode(type(message), encode(message)) == message  # type: ignore[type-var]


def test_what_a_newer_side_says_beside_is_left_out() -> None:
    text = json.dumps({**json.loads(encode(wire.Reply(ORDERS[1:]))), "tomorrow": {"a": [1]}})
    assert decode(wire.Reply, text) == wire.Reply(ORDERS[1:])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"session": 7}, "Exchange.session must be a text, got '7'"),
        ({"session": "a\0b"}, "Exchange.session must not hold a NUL character"),
        ({"session": "\ud83d"}, "Exchange.session holds half a character"),
        ({"wait": "1"}, "Exchange.wait must be a number"),
        ({"wait": True}, "Exchange.wait must be a number"),
        ({"wait": -1}, "Exchange.wait must be at least 0, got -1"),
        ({"orders_seen": 1.0}, "Exchange.orders_seen must be a whole number"),
        ({"orders_seen": 2**53 + 1}, "Exchange.orders_seen must be a whole number"),
        ({"draining": 1}, "Exchange.draining must be true or false"),
        ({"live": {}}, "Exchange.live must be a list"),
        ({"live": [7]}, "Exchange.live[0] must be an object"),
        ({"live": [{"job": 1}]}, "Exchange.live[0] lacks attempt"),
        ({"reports": [{"job": 1}]}, "Exchange.reports[0].kind must be one of started,"),
        ({"reports": [{"kind": "ended", "number": 1, "job": -1, "attempt": 1, "reason": ""}]}, "reports[0].job must be"),
        ({"machine": {}}, "Exchange.machine lacks cpus, hostname, platform"),
        ({"machine": {"hostname": "a", "platform": "b", "cpus": 0}}, "Exchange.machine.cpus must be at least 1, got 0"),
        ({"machine": {"hostname": "a", "platform": "b", "cpus": 1, "gpus": [1]}}, "machine.gpus[0] must be a text"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(change: dict[str, object], words: str) -> None:
    text = json.dumps({**json.loads(encode(wire.Exchange("session", 0, 1.0))), **change})
    with pytest.raises(MessageError) as problem:
        decode(wire.Exchange, text)
    assert words in str(problem.value)


@pytest.mark.parametrize("text", [7, "", "{", "NaN", '{"session":"a","orders_seen":0,"wait":Infinity}', "[" * 100_000])
def test_what_is_no_json_text_is_refused(text: object) -> None:
    with pytest.raises(MessageError):
        decode(wire.Exchange, text)
