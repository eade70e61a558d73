"""The catalogue of bad input, call by call: one test a row, named by its id.

Each row also makes sure that the server lives, that nothing changed unless the call was good, that no traceback or path
gets out, and that the next call on the same connection works.
"""

from __future__ import annotations

import json
import xmlrpc.client
from collections.abc import Callable
from typing import Any

import pytest

from hqserver.wire.statuses import STATUS_NAMES
from tests.compat.server import LocalServer

UNKNOWN = 999_999


class Jobs:
    """What the rows are tried on."""

    def __init__(self, server: LocalServer) -> None:
        hq: Any = server.hq
        self.parent, self.done = hq.newjob(
            [{"name": "parent", "children": [{"name": "c", "command": "x"}]}, {"name": "done"}]
        )
        (self.child,) = hq.getJob(self.parent, ["children"])["children"]
        (self.ready,) = hq.newjob({"name": "ready", "command": "x"})


@pytest.fixture(scope="module")
def jobs(server: LocalServer) -> Jobs:
    return Jobs(server)


def picture(server: LocalServer) -> object:
    """Everything that a call could have changed."""
    return server.inside(
        lambda context: (
            context.farm.revision,
            {
                id_: (job.status, job.priority, job.spec, tuple(job.parents), tuple(job.children))
                for id_, job in context.farm.jobs.items()
            },
        )
    )


Arguments = tuple[Any, ...] | Callable[[Jobs], tuple[Any, ...]]

FAULTS: dict[str, tuple[str, Arguments, int, str]] = {
    "S3": ("system.methodHelp", ("nope",), -32601, "there is no method nope"),
    "S9": ("ping", (1, 2, 3), -32602, "ping takes 0 arguments, got 3"),
    "S11": ("getJob", (1, ["name"], "extra"), -32602, "getJob takes 1 to 2 arguments, got 3"),
    "no such method": ("nope", (), -32601, "there is no method nope"),
    "N1": ("newjob", (), -32602, "newjob takes 1 to 3 arguments, got 0: jobspec is missing"),
    "N3": ("newjob", ("",), -32602, "jobspec is not valid JSON (line 1 column 1)"),
    "N7": ("newjob", ('{"name":"a","name":"b"}',), -32602, "duplicate key name"),
    "N9": ("newjob", ('{"name":"a","priority":1e999}',), -32602, "not finite"),
    "N11": ("newjob", ('{"name":"\\ud800"}',), -32602, "jobspec.name"),
    "N13 quotes": ("newjob", ("{'name':'a'}",), -32602, "not valid JSON"),
    "N13 comma": ("newjob", ('{"name":"a",}',), -32602, "not valid JSON"),
    "N13 comment": ("newjob", ('{"name":"a"}/**/',), -32602, "not valid JSON"),
    "N15 number": ("newjob", ({"name": 5},), -32602, "jobspec.name: must be a string, got 5"),
    "N15 list": ("newjob", ({"name": ["x"]},), -32602, "jobspec.name: must be a string"),
    "N15 nil": ("newjob", ({"name": None},), -32602, "jobspec.name: is missing"),
    "N21": ("newjob", ({"name": "a", "command": ["ls", "-l"]},), -32602, "jobspec.command: must be a string"),
    "N23": ("newjob", ({"name": "a", "command": "x" * 40_000_000},), 413, "jobspec.command: is longer than 4194304 bytes"),
    "N25": ("newjob", ({"name": "a", "shell": "/bin/sh; rm -rf /"},), -32602, "jobspec.shell: must be the name of a shell"),
    "N27 =": ("newjob", ({"name": "a", "environment": {"A=B": "c"}},), -32602, "jobspec.environment"),
    "N27 NUL": ("newjob", ('{"name":"a","environment":{"A":"x\\u0000"}}',), -32602, "jobspec.environment.A"),
    "N27 empty": ("newjob", ({"name": "a", "environment": {"": "x"}},), -32602, "jobspec.environment"),
    "N29": ("newjob", ({"name": "a", "environment": [1, 2]},), -32602, "jobspec.environment: must be a struct"),
    "N31 none": ("newjob", ({"name": "a", "cpus": 0},), -32602, "jobspec.cpus: must be at least 1, got 0"),
    "N31 negative": ("newjob", ({"name": "a", "cpus": -4},), -32602, "jobspec.cpus"),
    "N33": ("newjob", ({"name": "a", "minHosts": 5, "maxHosts": 2},), -32602, "jobspec.minHosts"),
    "N35": ("newjob", ({"name": "a", "tags": ["x"] * 100_000},), 413, "jobspec.tags: has 100000 tags"),
    "N37": (
        "newjob",
        ({"name": "a", "conditions": [{"type": "client", "name": "hostname", "op": "~", "value": "(a+)+$"}]},),
        -32602, "jobspec.conditions[0].op",
    ),
    "N43 text": ("newjob", ({"name": "a", "children": "x"},), -32602, "jobspec.children: must be a list"),
    "N43 struct": ("newjob", ({"name": "a", "children": {"a": 1}},), -32602, "jobspec.children: must be a list"),
    "N43 nil": ("newjob", ({"name": "a", "children": [None]},), -32602, "jobspec.children[0]: must be a struct"),
    "N45": ("newjob", ({"name": "a"}, UNKNOWN), 404, str(UNKNOWN)),
    "N45 children": ("newjob", ({"name": "a"}, None, [UNKNOWN]), 404, str(UNKNOWN)),
    "N45 in the specification": ("newjob", ({"name": "a", "parentIds": [UNKNOWN]},), 404, str(UNKNOWN)),
    "N49": ("newjob", lambda jobs: ({"name": "a"}, jobs.child, [jobs.parent]), 422, "would wait"),
    "newjob, parent in words": ("newjob", ({"name": "a"}, "seven"), -32602, "parent_id: must be a whole number, got 'seven'"),
    "newjob, child ids as text": ("newjob", ({"name": "a"}, None, "12"), -32602, "child_ids: must be a list"),
    "secrets before there are identities": ("newjob", ({"name": "a", "secretEnvironment": {"A": "b"}},), -32602, "jobspec.secretEnvironment: is not supported"),
    "N61 empty": ("runcmd", ("",), -32602, "cmd: must not be empty"),
    "N61 space": ("runcmd", (" \n",), -32602, "cmd: must not be empty"),
    "N61 nil": ("runcmd", (None,), -32602, "cmd: must be given"),
    "N61 number": ("runcmd", (7,), -32602, "cmd: must be a string, got 7"),
    "N61 large": ("runcmd", ("x" * 5_000_000,), 413, "cmd: is longer than"),
    "Q3 text": ("getJobs", ("1,2,3",), -32602, "job_ids: must be a list of ids, got '1,2,3'"),
    "Q3 number": ("getJobs", (7,), -32602, "job_ids: must be a list"),
    "Q3 struct": ("getJobs", ({"a": 1},), -32602, "job_ids: must be a list"),
    "Q7 or": ("getJobs", (["1 OR 1=1"],), -32602, "job_ids[0]: must be a whole number"),
    "Q7 drop": ("getJobs", ([1, "1;drop table job"],), -32602, "job_ids[1]: must be a whole number"),
    "Q13": ("getJobs", ([1], "name"), -32602, "attribs: must be a list of names"),
    "Q13 numbers": ("getJobs", ([1], ["name", 7]), -32602, "attribs[1]: must be a string, got 7"),
    "getJobs nil": ("getJobs", (None,), -32602, "job_ids: must be given"),
    "getJobs booleans": ("getJobs", ([True],), -32602, "job_ids[0]"),
    "getJobs halves": ("getJobs", ([1.5],), -32602, "job_ids[0]: must be a whole number, got 1.5"),
    "getJobs 0": ("getJobs", ([0],), -32602, "job_ids[0]: must be at least 1"),
    "Q19 text": ("getJob", ("abc",), -32602, "job_id: must be a whole number, got 'abc'"),
    "Q19 list": ("getJob", ([1],), -32602, "job_id: must be a whole number"),
    "Q19 nil": ("getJob", (None,), -32602, "job_id: must be given"),
    "output of no job": ("getJobOutput", (UNKNOWN,), 404, f"no job {UNKNOWN}"),
    "output, characters in words": ("getJobOutput", (1, "all"), -32602, "max_last_chars"),
    "Q31 unknown": ("getJobIdsByStatus", (["bogus"],), -32602, "statuses[0]: must be one of abandoned, cancelled,"),
    "Q31 text": ("getJobIdsByStatus", ("running",), -32602, "statuses: must be a list"),
    "Q31 nil": ("getJobIdsByStatus", ([None],), -32602, "statuses[0]"),
    "Q33 words": ("getNumWaitingJobs", ("long",), -32602, "wait_time: must be a number"),
    "Q37 long": ("getClientByName", ("x" * 10_000,), -32602, "clientname"),
    "Q37 nil": ("getClientByName", (None,), -32602, "clientname: must be given"),
    "J1 nil": ("cancelJobs", (None,), -32602, "job_ids: must be given"),
    "J1 number": ("cancelJobs", (7,), -32602, "job_ids: must be a list"),
    "J3": ("cancelJobs", lambda jobs: ([jobs.ready, "x"],), -32602, "job_ids[1]"),
    "priority in words": ("setPriority", lambda jobs: ([jobs.ready], "high"), -32602, "priority: must be a whole number"),
    "priority below zero": ("setPriority", lambda jobs: ([jobs.ready], -1), -32602, "priority: must be at least 0"),
    "Q29 below": ("getJobHistory", (1, -1), -32602, "limit: must be at least 0, got -1"),
    "Q29 words": ("getJobHistory", (1, "all"), -32602, "limit: must be a whole number, got 'all'"),
    "history of words": ("getJobHistory", ("node7",), -32602, "client_id: must be a whole number, got 'node7'"),
    "history of all": ("getJobHistory", (None,), -32602, "client_id: must be given"),
    "assigned to words": ("getJobIdsAssignedToClient", ("x",), -32602, "client_id: must be a whole number"),
    "C11 words": ("setShowBlockedClientsWarning", lambda jobs: (jobs.ready, "True"), -32602, "state: must be true or false, got 'True'"),
    "C11 two": ("setShowBlockedClientsWarning", lambda jobs: (jobs.ready, 2), -32602, "state: must be true or false, got 2"),
    "C11 nobody": ("setShowBlockedClientsWarning", (UNKNOWN, True), 404, f"no job {UNKNOWN}"),
    "attributes in a list": ("setJobAttribs", lambda jobs: ([jobs.ready], ["cpus"]), -32602, "attribs: must be a struct of attributes"),
    "an attribute that stays": ("setJobAttribs", lambda jobs: ([jobs.ready], {"name": "x"}), -32602, "attribs: must be one of description,"),
    "an attribute in words": ("setJobAttribs", lambda jobs: ([jobs.ready], {"cpus": "many"}), -32602, "attribs.cpus: must be a whole number, got 'many'"),
    "attributes of what has ended": ("setJobAttribs", lambda jobs: ([jobs.ready, jobs.done], {"cpus": 2}), 409, "Only jobs that wait"),
    "fewer hosts than it needs": ("setJobAttribs", lambda jobs: ([jobs.ready], {"minHosts": 3, "maxHosts": 2}), 422, "minHosts would be 3"),
    "setJobAttribs of nil": ("setJobAttribs", (None, {}), -32602, "job_ids: must be given"),
    "eject of a text": ("ejectJobs", ("all",), -32602, "job_ids: must be a list of ids, got 'all'"),
    "reschedule of nil": ("rescheduleJobs", ([None],), -32602, "job_ids[0]: must be a whole number, got nil"),
    "delete of everything": ("deleteJobs", (None,), -32602, "job_ids: must be given"),
    "pause of a struct": ("pauseJobs", ({"id": 1},), -32602, "job_ids: must be a list"),
    "resume of 0": ("resumeJobs", ([0],), -32602, "job_ids[0]: must be at least 1"),
    "a stub that nobody is": ("newjob", ({"name": "a", "childStubIds": ["b"]},), -32602, "jobspec.childStubIds"),
    "stubs in a circle": ("newjob", ({"name": "a", "stubId": "a", "childStubIds": ["a"]},), 422, "wait for itself"),
    "getinfo of nothing": ("getinfo", (None,), -32602, "job_id: must be given"),
    "getstatus of words": ("getstatus", ("x",), -32602, "job_id: must be a whole number"),
    "C7 words": ("setdisabled", ("h:n", "yes"), -32602, "disabled: must be true or false, got 'yes'"),
    "C7 two": ("setdisabled", ("h", 2), -32602, "disabled: must be true or false, got 2"),
    "C7 nil": ("setdisabled", (None, True), -32602, "clientname: must be given"),
    "changes since words": ("getChanges", ("x",), -32602, "since: must be a whole number"),
    "changes since below zero": ("getChanges", (-1,), -32602, "since: must be at least 0"),
    "changes of no list": ("getChanges", (0, 0, "jobs"), -32602, "kinds: must be a list"),
    "an agent without a message": ("agent.register", (None,), -32602, "hello: must be given"),
    "an agent that says nothing": ("agent.register", ("",), -32602, "not valid JSON"),
    "an agent that says half": ("agent.register", ("{}",), -32602, "Hello lacks"),
    "an agent that says numbers": ("agent.exchange", (7,), -32602, "must be one JSON text"),
    "an agent without a session": (
        "agent.exchange", (json.dumps({"session": "x", "orders_seen": 0, "wait": 0}),), 410, "hello again",
    ),
    "multicall of no list": ("system.multicall", ("ping",), -32602, "calls: must be a list"),
    "multicall of too many": ("system.multicall", ([{"methodName": "ping"}] * 1001,), 413, "1001 calls"),
}  # fmt: skip


@pytest.mark.parametrize("row", FAULTS)
def test_faults(server: LocalServer, jobs: Jobs, row: str) -> None:
    method, arguments, code, words = FAULTS[row]
    before = picture(server)
    with pytest.raises(xmlrpc.client.Fault) as caught:
        getattr(server.hq, method)(*(arguments(jobs) if callable(arguments) else arguments))
    text = caught.value.faultString
    assert (caught.value.faultCode, words in text) == (code, True), text
    assert method.rpartition(".")[2] in text or "no method" in text
    assert len(text) <= 300 or "mistakes" in text
    assert not any(word in text for word in ("Traceback", ".py", "/work"))
    assert picture(server) == before
    assert server.hq.ping() is True


ANSWERS: dict[str, tuple[str, Arguments, Any]] = {
    "N5 JSON": ("newjob", ("[]",), []),
    "N5": ("newjob", ([],), []),
    "Q1": ("getJobs", ([],), []),
    "Q5": ("getJobs", lambda jobs: ([jobs.ready, UNKNOWN, jobs.done], ["name"]), [{"name": "ready"}, {"name": "done"}]),
    "Q5 twice": ("getJobs", lambda jobs: ([jobs.done, jobs.done], ["name"]), [{"name": "done"}, {"name": "done"}]),
    "ids as text and doubles": ("getJobs", lambda jobs: ([str(jobs.done), float(jobs.done)], ["name"]), [{"name": "done"}] * 2),
    "Q11": ("getJobs", lambda jobs: ([jobs.done], ["nmae", "name"]), [{"name": "done"}]),
    "Q15": ("getJobs", lambda jobs: ([jobs.done], ["__class__", "password"]), [{}]),
    "no attributes": ("getJobs", lambda jobs: ([jobs.done], []), [{}]),
    "no job": ("getJob", (UNKNOWN,), None),
    "no client": ("getClient", (UNKNOWN,), None),
    "no clients": ("getClients", (), []),
    "all clients, by position": ("getClients", (None, ["id", "hostname"]), []),
    "Q21 0": ("getJobOutput", lambda jobs: (jobs.ready, 0), ""),
    "Q21 below": ("getJobOutput", lambda jobs: (jobs.ready, -5), ""),
    "Q21 nil": ("getJobOutput", lambda jobs: (jobs.ready, None), ""),
    "Q23": ("getJobOutput", lambda jobs: (jobs.ready, 1e18), ""),
    "Q31": ("getJobIdsByStatus", ([],), []),
    "Q33 nothing between": ("getNumWaitingJobs", (-5, 10, 3), 0),
    "Q33 text": ("getNumWaitingJobs", ("1000",), 0),
    "Q33 for ever": ("getNumWaitingJobs", (1e9,), 0),
    "Q33 high": ("getNumWaitingJobs", (0, 2.0**40, "-1"), 0),
    "Q37 path": ("getClientByName", ("../../etc/passwd",), None),
    "Q37 line": ("getClientByName", ("h\n",), None),
    "J1": ("cancelJobs", ([],), None),
    "J5": ("cancelJobs", lambda jobs: ([jobs.done],), None),
    "J7 resume": ("resumeJobs", lambda jobs: ([jobs.ready],), None),
    "J9": ("rescheduleJobs", lambda jobs: ([jobs.ready],), None),
    "J13 unfinished": ("deleteJobs", lambda jobs: ([jobs.parent],), None),
    "unknown ids are no matter": ("pauseJobs", ([UNKNOWN],), None),
    "C7": ("setdisabled", ("nohost", True), None),
    "eject without a client": ("ejectJobs", lambda jobs: ([jobs.ready],), None),
    "Q29 none": ("getJobHistory", (1, 0), []),
    "Q29 capped": ("getJobHistory", (1, 10**9), []),
    "Q29 text": ("getJobHistory", ("1", "5"), []),
    "history of no client": ("getJobHistory", (UNKNOWN,), []),
    "assigned to no client": ("getJobIdsAssignedToClient", (UNKNOWN,), []),
    "C11 as it is": ("setShowBlockedClientsWarning", lambda jobs: (str(jobs.ready), 0), None),
    "attributes as they are": ("setJobAttribs", lambda jobs: ([jobs.ready], {"cpus": "1", "tags": None}), None),
    "attributes of nobody": ("setJobAttribs", ([UNKNOWN], {"cpus": 2}), None),
    "no attributes to set": ("setJobAttribs", lambda jobs: ([jobs.done], {}), None),
    "reschedule of what waits": ("rescheduleJobs", lambda jobs: ([jobs.parent, jobs.child],), None),
    "getinfo of nobody": ("getinfo", (str(UNKNOWN),), None),
    "getstatus of nobody": ("getstatus", (UNKNOWN,), None),
    "delete of nobody": ("deleteJobs", ([UNKNOWN, UNKNOWN],), None),
    "priority as it is": ("setPriority", lambda jobs: ([jobs.ready], "0 (Low)"), None),
    "S5": (
        "system.multicall", ([{"methodName": "system.multicall", "params": [[]]}],),
        [{"faultCode": -32600, "faultString": "system.multicall: calls[0]: system.multicall may not stand within another call"}],
    ),
}  # fmt: skip


@pytest.mark.parametrize("row", ANSWERS)
def test_answers_that_change_nothing(server: LocalServer, jobs: Jobs, row: str) -> None:
    method, arguments, answer = ANSWERS[row]
    before = picture(server)
    assert getattr(server.hq, method)(*(arguments(jobs) if callable(arguments) else arguments)) == answer
    assert picture(server) == before


def test_s1_every_documented_name_stands_once(server: LocalServer) -> None:
    names: Any = server.hq.system.listMethods()
    assert names == sorted(set(names))
    assert {
        *STATUS_NAMES,
        "ping",
        "getVersion",
        "getServerTime",
        "newjob",
        "getJobs",
        "getChanges",
        "setdisabled",
    } <= set(names)


def test_s7_each_entry_of_a_multicall_stands_alone(server: LocalServer) -> None:
    answers: Any = server.hq.system.multicall(
        [
            {"methodName": "ping"},
            7,
            None,
            {"methodName": "nope", "params": []},
            {"methodName": "agent.exchange", "params": ["{}"]},
        ]
    )
    assert answers[0] == [True]
    assert [answer["faultCode"] for answer in answers[1:]] == [-32602, -32602, -32601, -32600]


def test_the_standard_librarys_multicall(server: LocalServer) -> None:
    batch = xmlrpc.client.MultiCall(server.hq)
    batch.ping()
    batch.getVersion()
    batch.nope()
    answers = batch()
    assert (answers[0], answers[1]) == (True, "20.5.0")
    with pytest.raises(xmlrpc.client.Fault):
        answers[2]


@pytest.mark.parametrize("name", ["<img src=file:///etc/passwd>", "\u202egpj.exe", "a\rb\tc\né\U0001f600"])
def test_n17_n19_names_are_stored_as_they_are(server: LocalServer, name: str) -> None:
    hq: Any = server.hq
    (job,) = hq.newjob(json.dumps({"name": name}))
    assert hq.getJob(job, ["name"]) == {"name": name}


def test_n31_a_job_that_no_client_can_take_says_so(server: LocalServer) -> None:
    hq: Any = server.hq
    (job,) = hq.newjob({"name": "huge", "command": "x", "cpus": 1e9})
    assert hq.getJob(job, ["cpus"]) == {"cpus": 1_000_000_000}
    assert hq.getJob(job, ["waitingFor"])["waitingFor"]


def test_n39_what_the_server_decides_is_not_the_callers_to_say(server: LocalServer) -> None:
    hq: Any = server.hq
    (job,) = hq.newjob({"name": "a", "command": "x", "id": 7, "status": "succeeded", "owner": "root"})
    found = hq.getJob(job, ["id", "status", "submittedBy", "extra", "warnings"])
    assert found["id"] == job
    assert found["status"] == hq.getWaitingJobStatusNames()[1]
    assert found["submittedBy"] != "root"
    assert found["extra"] == {"id": 7, "status": "succeeded", "owner": "root"}
    assert len(found["warnings"]) == 3


def test_n47_an_edge_stands_once(server: LocalServer, jobs: Jobs) -> None:
    hq: Any = server.hq
    (job,) = hq.newjob({"name": "a"}, None, [jobs.ready, str(jobs.ready)])
    assert hq.getJob(job, ["children"]) == {"children": [jobs.ready]}


def test_n51_a_finished_child_counts_as_finished(server: LocalServer, jobs: Jobs) -> None:
    hq: Any = server.hq
    (job,) = hq.newjob({"name": "a"}, None, [jobs.done])
    assert job in hq.getFinishedRootJobIds()


def test_n53_a_finished_parent_reopens(server: LocalServer) -> None:
    hq: Any = server.hq
    (parent,) = hq.newjob({"name": "finished"})
    assert parent in hq.getFinishedRootJobIds()
    hq.newjob({"name": "late", "command": "x"}, str(parent))
    assert parent in hq.getUnfinishedRootJobIds()


def test_n57_a_key_belongs_to_one_specification(server: LocalServer) -> None:
    hq: Any = server.hq
    spec = {"name": "a", "command": "x", "submissionKey": "n57", "children": [{"name": "b"}]}
    (job,) = hq.newjob(spec)
    hq.cancelJobs([job])
    assert hq.newjob(spec) == [job]
    assert hq.newjob(json.dumps(spec)) == [job]
    for other in ({**spec, "command": "y"}, {**spec, "children": [{"name": "c"}]}, {**spec, "children": []}):
        with pytest.raises(xmlrpc.client.Fault) as caught:
            hq.newjob(other)
        assert caught.value.faultCode == 409
    with pytest.raises(xmlrpc.client.Fault):
        hq.newjob(spec, job)


def test_keys_of_several_specifications_in_a_call(server: LocalServer) -> None:
    hq: Any = server.hq
    specs = [{"name": f"k{i}", "submissionKey": f"several {i}"} for i in range(3)]
    first = hq.newjob(specs)
    assert len(set(first)) == 3
    assert hq.newjob(specs) == first
    assert hq.newjob(list(reversed(specs))) == list(reversed(first))
    more = hq.newjob([specs[1], {"name": "no key"}, {"name": "new", "submissionKey": "several 3"}])
    assert more[0] == first[1]
    assert not {*more[1:]} & {*first}


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"name": "other", "submissionKey": "atomic"}, 409),
        ({"name": "a", "submissionKey": "z", "parentIds": [UNKNOWN]}, 404),
        ({"name": "a", "submissionKey": "z", "children": [{"name": "b", "childrenIds": [UNKNOWN]}]}, 404),
        ({"name": "a", "submissionKey": "z", "priority": -1}, -32602),
    ],
)
def test_several_specifications_are_taken_together_or_not_at_all(
    server: LocalServer, wrong: dict[str, Any], code: int
) -> None:
    hq: Any = server.hq
    hq.newjob({"name": "a", "submissionKey": "atomic"})
    before = picture(server)
    with pytest.raises(xmlrpc.client.Fault) as caught:
        hq.newjob([{"name": "good", "submissionKey": "y"}, wrong])
    assert caught.value.faultCode == code
    assert picture(server) == before


def test_a_cycle_among_several_specifications_is_found_before(server: LocalServer, jobs: Jobs) -> None:
    hq: Any = server.hq
    before = picture(server)
    with pytest.raises(xmlrpc.client.Fault) as caught:
        hq.newjob(
            [
                {"name": "good", "submissionKey": "c1"},
                {"name": "bad", "submissionKey": "c2", "parentIds": [jobs.child], "childrenIds": [jobs.parent]},
            ]
        )
    assert caught.value.faultCode == 422
    assert picture(server) == before


def test_j3_nothing_is_done_when_one_id_is_wrong(server: LocalServer, jobs: Jobs) -> None:
    hq: Any = server.hq
    with pytest.raises(xmlrpc.client.Fault):
        hq.pauseJobs([jobs.ready, [jobs.child]])
    assert jobs.ready in hq.getJobIdsByStatus(["waiting"])


def test_j13_a_finished_tree_is_deleted(server: LocalServer) -> None:
    hq: Any = server.hq
    (job,) = hq.newjob({"name": "tree", "children": [{"name": "b"}, {"name": "c"}]})
    children = hq.getJob(job, ["children"])["children"]
    hq.deleteJobs([job])
    assert hq.getJobs([job, *children]) == []


def test_actions_do_what_they_say(server: LocalServer) -> None:
    hq: Any = server.hq
    (job,) = hq.newjob({"name": "acted on", "command": "x"})
    for action, names in (
        (hq.pauseJobs, "getPausedJobStatusNames"),
        (hq.resumeJobs, "getWaitingJobStatusNames"),
        (hq.cancelJobs, "getFailedJobStatusNames"),
        (hq.rescheduleJobs, "getWaitingJobStatusNames"),
    ):
        assert action([str(job)]) is None
        assert hq.getJob(job, ["status"])["status"] in getattr(hq, names)()
    hq.setPriority([job], "7 (High)")
    assert hq.getJob(job, ["priority"]) == {"priority": 7}


def test_runcmd_makes_a_job(server: LocalServer) -> None:
    hq: Any = server.hq
    job = hq.runcmd("echo hi")
    assert hq.getJob(job, ["command", "parents"]) == {"command": "echo hi", "parents": []}


def test_waiting_jobs_are_counted(server: LocalServer) -> None:
    hq: Any = server.hq
    before = hq.getNumWaitingJobs()
    hq.newjob([{"name": "w", "command": "x", "priority": priority} for priority in (3000, 4000, 4000)])
    assert hq.getNumWaitingJobs(0, 3000, 3999) == 1
    assert hq.getNumWaitingJobs(-1, 4000) == 2
    assert hq.getNumWaitingJobs(0, -1, -1) == before + 3
    assert hq.getNumWaitingJobs(60, 3000) == 0


def test_q9_a_hundred_thousand_ids(server: LocalServer, jobs: Jobs) -> None:
    hq: Any = server.hq
    rows = hq.getJobs(list(range(1, 100_000)), ["id"])
    assert [row["id"] for row in rows] == sorted(row["id"] for row in rows)
    assert {"id": jobs.ready} in rows


def test_too_many_ids(server: LocalServer) -> None:
    with pytest.raises(xmlrpc.client.Fault) as caught:
        server.hq.getJobs([1] * 1_000_001)
    assert caught.value.faultCode == 413
