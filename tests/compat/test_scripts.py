"""What scripts of twenty years do: plain proxies, old proxies, values as they come and go."""

from __future__ import annotations

import http.client
import json
import re
import subprocess
import sys
import xmlrpc.client
import zlib
from datetime import datetime
from typing import Any

import pytest

from hqserver.core.commands import Receive
from hqserver.core.records import AttemptState
from hqserver.wire import clients, jobs
from hqserver.wire.agent import Exchange, Held, Hello, Machine, Started
from hqserver.wire.attributes import Origin, default_names
from hqserver.wire.statuses import STATUS_NAMES
from tests.compat.server import LocalServer
from tests.compat.server import join as join_as

DOCUMENTED_JOB = [
    "children",
    "clients",
    "clientsOnHold",
    "conditions",
    "endTime",
    "ETA",
    "id",
    "latestNote",
    "logs",
    "name",
    "overallProgress",
    "parents",
    "priority",
    "progress",
    "queueTime",
    "resources",
    "showBlockedClientsWarning",
    "startTime",
    "status",
    "tags",
    "threadId",
    "triesLeft",
    "uiStatus",
    "waitingFor",
]
DOCUMENTED_CLIENT = [
    "availabilityRules",
    "available",
    "cpus",
    "cpuSpeed",
    "description",
    "disabled",
    "groups",
    "hostname",
    "id",
    "idleTime",
    "ip",
    "label",
    "lastHeartbeat",
    "latestNote",
    "load",
    "memory",
    "name",
    "needsUpgrade",
    "platform",
    "runningJobs",
    "threadId",
    "version",
]

MACHINE = Machine("node7", "linux-x86_64", cpus=8, memory=4_294_967_296, load=0.5)


def join(server: LocalServer, name: str = "", machine: Machine = MACHINE) -> int:
    """A client, as if an agent had said hello."""
    hello = Hello(1, f"agent {name}", "boot", name, 0, "1.0", machine)
    return server.inside(lambda context: join_as(context, hello, f"session {name}", "10.1.2.3"))


def start(server: LocalServer, name: str, job: int) -> None:
    """The client's agent reports that it has started the job."""
    started = Started(1, job, 1)
    server.inside(
        lambda context: context.engine.apply(
            Receive(Exchange(f"session {name}", 0, 0, live=(Held(job, 1),), reports=(started,), machine=MACHINE))
        )
    )


@pytest.mark.parametrize("allow_none", [True, False])
@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:{}", "http://127.0.0.1:{}/", "http://127.0.0.1:{}/RPC2", "http://localhost:{}"]
)
def test_proxies_of_every_kind(server: LocalServer, url: str, allow_none: bool) -> None:
    with xmlrpc.client.ServerProxy(url.format(server.port), allow_none=allow_none) as proxy:
        hq: Any = proxy
        assert hq.ping() is True
        (job,) = hq.newjob({"name": "a", "command": "x"})
        assert hq.getJob(job, ["endTime"]) == {"endTime": None}
        assert hq.pauseJobs([job]) is None


@pytest.mark.parametrize("login", ["user:token@", "user:p%40ss%3Aword@", "alice:hq_unknown_token@"])
def test_credentials_of_somebody_elses_are_ignored(server: LocalServer, login: str) -> None:
    with xmlrpc.client.ServerProxy(f"http://{login}127.0.0.1:{server.port}") as proxy:
        assert proxy.ping() is True


def test_other_headers_are_ignored(server: LocalServer) -> None:
    headers = [("Authorization", "Bearer x"), ("X-Forwarded-For", "10.0.0.1"), ("Cookie", "a=b")]
    with xmlrpc.client.ServerProxy(server.url, headers=headers) as proxy:
        assert proxy.ping() is True


def test_one_connection_serves_many_calls(server: LocalServer) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port)
    body = xmlrpc.client.dumps((), "ping")
    try:
        connection.connect()
        kept = connection.sock
        for _ in range(50):
            connection.request("POST", "/RPC2", body, {"Content-Type": "text/xml"})
            assert b"<boolean>1" in connection.getresponse().read()
            assert connection.sock is kept
    finally:
        connection.close()


def test_a_line_of_plain_python(server: LocalServer) -> None:
    line = f"import xmlrpc.client as x; print(x.ServerProxy({server.url!r}).newjob({{'name':'a','command':'echo hi'}}))"
    done = subprocess.run([sys.executable, "-c", line], capture_output=True, text=True, check=True)
    assert re.fullmatch(r"\[\d+\]\n", done.stdout)


FORMS: list[Any] = [
    {"name": "a", "command": "x"},
    [{"name": "a", "command": "x"}],
    ({"name": "a", "command": "x"},),
    json.dumps({"name": "a", "command": "x"}),
    json.dumps([{"name": "a", "command": "x"}]),
    "\ufeff" + json.dumps({"name": "a", "command": "x"}, indent=1),
]


@pytest.mark.parametrize("form", FORMS, ids=["struct", "list", "tuple", "JSON", "JSON list", "JSON with a mark"])
def test_every_form_of_a_submission(server: LocalServer, form: Any) -> None:
    hq: Any = server.hq
    (job,) = hq.newjob(form)
    assert hq.getJob(job, ["name", "command", "children"]) == {"name": "a", "command": "x", "children": []}


def test_a_submission_as_houdini_makes_it(server: LocalServer) -> None:
    """Commands by platform, numbers as text, ids from the environment, tuples, children in children."""
    hq: Any = server.hq
    (container,) = hq.newjob(
        {"name": "container", "children": ({"name": "prepare", "command": {"linux": "l", "windows": "w"}},)}
    )
    (spawned,) = hq.newjob(
        {
            "name": "IFD",
            "parentIds": [str(container)],
            "priority": "5 (Medium)",
            "tags": "single",
            "environment": "",
            "conditions": [],
        }
    )
    assert hq.getJob(spawned, ["parents", "priority", "tags", "conditions"]) == {
        "parents": [container],
        "priority": 5,
        "tags": ["single"],
        "conditions": [],
    }
    ids = hq.newjob([{"name": "one"}, {"name": "two", "command": "x"}], str(container), [])
    assert hq.getJob(container, ["children"])["children"] == sorted([*hq.getJob(container, ["children"])["children"]])
    assert {*ids, spawned} <= set(hq.getJob(container, ["children"])["children"])


def test_every_documented_attribute_of_a_job(server: LocalServer) -> None:
    hq: Any = server.hq
    (job,) = hq.newjob({"name": "a", "command": "x"})
    found = hq.getJob(job)
    assert set(DOCUMENTED_JOB) <= set(found) == set(default_names(jobs.ATTRIBUTES))
    assert set(DOCUMENTED_JOB) == {row.name for row in jobs.ATTRIBUTES.values() if row.origin is Origin.DOCUMENTED}
    assert hq.getJobs([job], DOCUMENTED_JOB) == [{name: found[name] for name in DOCUMENTED_JOB}]
    for name in jobs.ATTRIBUTES:
        assert set(hq.getJob(job, [name])) == {name}


def test_every_documented_attribute_of_a_client(server: LocalServer) -> None:
    hq: Any = server.hq
    client = join(server, "attributes")
    found = hq.getClient(client)
    assert set(DOCUMENTED_CLIENT) <= set(found) == set(default_names(clients.ATTRIBUTES))
    assert hq.getClients([client, 999], ["id"]) == [{"id": client}]
    assert hq.getClients(None, ["id"])[-1] == {"id": client}
    assert hq.getClientByName("node7:attributes", ["id"]) == {"id": client}
    assert isinstance(found["lastHeartbeat"], xmlrpc.client.DateTime)


def test_q35_memory_beyond_32_bits(server: LocalServer) -> None:
    hq: Any = server.hq
    assert hq.getClient(join(server, "large"), ["memory"]) == {"memory": 4_294_967_296}


def test_a_client_is_disabled_and_enabled(server: LocalServer) -> None:
    hq: Any = server.hq
    join(server, "", Machine("alone", "linux-x86_64", cpus=2))
    assert hq.setdisabled("alone", True) is True
    assert hq.getClientByName("alone", ["disabled"]) == {"disabled": True}
    assert hq.setdisabled("alone:", 0) is True
    assert hq.getClientByName("alone:", ["disabled"]) == {"disabled": False}


def test_dates_are_parsed_as_scripts_parse_them(server: LocalServer) -> None:
    hq: Any = server.hq
    (job,) = hq.newjob({"name": "a"})
    for value in (hq.getServerTime(), hq.getJob(job, ["endTime"])["endTime"]):
        assert isinstance(value, xmlrpc.client.DateTime)
        at = datetime.strptime(str(value), "%Y%m%dT%H:%M:%S")  # noqa: DTZ007
        assert value.value == at.strftime("%Y%m%dT%H:%M:%S")
    with xmlrpc.client.ServerProxy(server.url, use_datetime=True) as proxy:
        assert isinstance(proxy.getServerTime(), datetime)


@pytest.mark.parametrize("method", STATUS_NAMES)
def test_lists_of_names(server: LocalServer, method: str) -> None:
    names: Any = getattr(server.hq, method)()
    assert names == [str(name) for name in STATUS_NAMES[method]]
    assert all(type(name) is str for name in names)


def test_the_version_is_houdinis_and_ours_is_elsewhere(server: LocalServer) -> None:
    hq: Any = server.hq
    assert hq.getVersion() == "20.5.0"
    info = hq.getServerInfo()
    assert set(info) == {
        "version", "protocol", "mode", "role", "user", "features", "epoch", "startTime", "database", "timeZone",
        "trouble",
    }  # fmt: skip
    assert (info["mode"], info["role"]) == ("local", "operator")


def test_introspection(server: LocalServer) -> None:
    hq: Any = server.hq
    assert hq.system.methodSignature("getJobs") == [["array", "array"], ["array", "array", "array"]]
    assert "getJobs(job_ids, attribs=None) -> list of dict" in hq.system.methodHelp("getJobs")


@pytest.fixture(scope="module")
def logged(server: LocalServer) -> int:
    """A running job, for its output."""
    hq: Any = server.hq
    join(server, "logs")
    (job,) = hq.newjob(
        {
            "name": "log",
            "command": "x",
            "priority": 1_000_000,
            "conditions": [{"name": "hostname:name", "op": "==", "value": "node7:logs"}],
        }
    )
    start(server, "logs", job)
    state = server.inside(lambda context: context.farm.jobs[job].attempts[-1].state)
    assert state is AttemptState.STARTED
    return int(job)


@pytest.mark.parametrize(
    ("data", "last", "text"),
    [
        (b"", None, ""),
        (b"hi\n", None, "hi\n"),
        (b"one\ntwo\n", 4, "two\n"),
        (b"one\ntwo\n", 100, "one\ntwo\n"),
        ("é€\U0001f600".encode() * 10, 5, "€\U0001f600é€\U0001f600"),
        ("\U0001f600".encode() * 10, 1, "\U0001f600"),
        (b"\x1b[31mred\x00\x07", None, "\u241b[31mred\u2400\u2407"),
        (b"10%\r20%\r\n", None, "10%\r20%\r\n"),
        (b"\xff\xfea\xed\xa0\x80]]>&<", None, None),
        ("\ufffe\uffff".encode(), None, "\ufffd\ufffd"),
    ],
)
def test_q25_output_as_text(server: LocalServer, logged: int, data: bytes, last: int | None, text: str | None) -> None:
    hq: Any = server.hq

    def write(context: Any) -> None:
        context.outputs.remove(logged, 1)
        context.outputs.append(logged, 1, 0, data, zlib.crc32(data))

    server.inside(write)
    assert hq.getJobOutput(logged, last) == (data.decode("utf-8", "replace") if text is None else text)


def test_q27_a_huge_log_is_answered_in_part(server: LocalServer, logged: int) -> None:
    hq: Any = server.hq

    def grow(context: Any) -> None:
        context.outputs.remove(logged, 1)
        context.outputs.append(logged, 1, 0, b"begin", zlib.crc32(b"begin"))
        path = context.outputs._path(logged, 1)
        with path.open("r+b") as log:
            log.truncate(10 << 30)
            log.seek(0, 2)
            log.write(b"the end")
        context.outputs._known.clear()

    server.inside(grow)
    with pytest.raises(xmlrpc.client.Fault) as caught:
        hq.getJobOutput(logged)
    assert caught.value.faultCode == 413
    assert "max_last_chars" in caught.value.faultString
    assert hq.getJobOutput(logged, 7) == "the end"
