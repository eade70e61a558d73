"""The job specification over the wire: every key in every form that scripts send, and what the getters then say."""

from __future__ import annotations

import json
import xmlrpc.client
from typing import Any

import pytest

from hqserver.wire.jobs import ATTRIBUTES, KEYS
from tests.compat.page import shows
from tests.compat.server import LocalServer

WHOLE: dict[str, Any] = {
    "name": "whole",
    "command": {"linux": "l", "windows": "w", "macosx": "m"},
    "shell": "bash",
    "environment": {"A": "b", "LONG": '{"json": "text\n"}'},
    "priority": "5 (Medium)",
    "cpus": "4",
    "triesLeft": 1.0,
    "tags": ("single:1", "mine"),
    "conditions": [{"type": "client", "name": "hostname", "op": "any", "value": "a,b"}],
    "host": "c, d",
    "hostgroup": "Sim Farm",
    "description": "what it is",
    "emailTo": "a@x.org, b@x.org",
    "emailReasons": "failed,priority changed",
    "minHosts": "2",
    "maxHosts": "64",
    "maxTime": "3600",
    "noOutputTimeout": 60,
    "resources": {"sidefx.license.render": "1"},
    "onSuccess": "s",
    "onError": {"linux": "e"},
    "onCancel": "c",
    "onChildError": "k",
    "submittedBy": "ann",
    "frame": "1001",
    "output": "/a/b.exr",
    "lease": 600,
    "stubId": "/out/mantra1",
}
SAID: dict[str, Any] = {
    **{key: value for key, value in WHOLE.items() if key not in ("host", "hostgroup")},
    "priority": 5,
    "cpus": 4,
    "triesLeft": 1,
    "tags": ["single:1", "mine"],
    "conditions": [
        {"type": "client", "name": "hostname", "op": "any", "value": "a,b"},
        {"type": "client", "name": "hostname", "op": "in", "value": "c,d"},
        {"type": "client", "name": "group", "op": "in", "value": "Sim Farm"},
    ],
    "emailTo": "a@x.org,b@x.org",
    "minHosts": 2,
    "maxHosts": 64,
    "maxTime": 3600,
    "noOutputTimeout": 60.0,
    "resources": {"sidefx.license.render": 1},
    "lease": 600.0,
}


def test_the_sample_has_every_key() -> None:
    elsewhere = {"children", "childrenIds", "parentIds", "childStubIds", "submissionKey", "secretEnvironment"}
    assert set(WHOLE) == set(KEYS) - elsewhere


@shows("job.conditions", "job.priority", "job.resources", "job.tags")
@pytest.mark.parametrize(
    "form", [dict, json.dumps, lambda spec: [spec], lambda spec: (spec,)], ids=["dict", "JSON", "list", "tuple"]
)
def test_every_key_is_kept_and_answered(server: LocalServer, form: Any) -> None:
    hq: Any = server.hq
    (job,) = hq.newjob(form(WHOLE))
    assert hq.getJob(job, list(SAID)) == SAID
    assert hq.getJob(job, ["warnings"]) == {"warnings": []}


@shows("job.resources_none", "job.latestNote", "job.threadId", "job.clientsOnHold")
def test_what_is_not_said_is_as_documented(server: LocalServer) -> None:
    hq: Any = server.hq
    (job,) = hq.newjob({"name": "plain"})
    found = hq.getJob(job)
    assert {name: found[name] for name in ("cpus", "priority", "triesLeft", "minHosts", "maxHosts")} == {
        "cpus": 1, "priority": 0, "triesLeft": 0, "minHosts": 1, "maxHosts": 1,
    }  # fmt: skip
    usual: dict[str, Any] = {
        "resources": None, "maxTime": None, "threadId": None, "latestNote": "", "clientsOnHold": [], "tags": [],
        "conditions": [], "description": "", "ETA": -1, "progress": 0.0, "waitingFor": "",
    }  # fmt: skip
    assert {name: found[name] for name in usual} == usual


def test_conditions_come_from_the_root(server: LocalServer) -> None:
    """A child without its own has its root's, and `[]` means none of its own."""
    hq: Any = server.hq
    condition = {"type": "client", "name": "group", "op": "==", "value": "Simulation"}
    own = {**condition, "value": "own"}
    (root,) = hq.newjob(
        {
            "name": "root", "conditions": [condition],
            "children": [
                {"name": "a", "conditions": [], "children": [{"name": "deep", "command": "x"}]},
                {"name": "b", "conditions": [own], "children": [{"name": "under b", "command": "x"}]},
            ],
        }
    )  # fmt: skip
    a, b = hq.getJob(root, ["children"])["children"]
    (deep,) = hq.getJob(a, ["children"])["children"]
    (under,) = hq.getJob(b, ["children"])["children"]
    rows = hq.getJobs([root, a, deep, b, under], ["conditions"])
    assert [row["conditions"] for row in rows] == [[condition], [condition], [condition], [own], [condition]]
    assert hq.getinfo(str(deep))["conditions"] == [condition]


def test_one_fault_names_every_mistake_and_nothing_is_stored(server: LocalServer) -> None:
    hq: Any = server.hq
    before = hq.getJobIdsByStatus(hq.getAllJobStatusNames())
    with pytest.raises(xmlrpc.client.Fault) as caught:
        hq.newjob(
            [
                {"name": "good", "command": "x"},
                {
                    "name": "bad", "resources": {"x": "lots"}, "emailReasons": "done", "stubId": ["a"],
                    "children": [{"name": "b"}] * 3 + [{"name": "c", "priority": "high", "onError": 7, "minHosts": 3, "maxHosts": 2}],
                },
            ]
        )  # fmt: skip
    text = caught.value.faultString
    for words in (
        "jobspec[1].resources.x: must be a whole number, got 'lots'",
        "jobspec[1].emailReasons: must be one of",
        "jobspec[1].stubId: must be a string",
        "jobspec[1].children[3].priority: must be a whole number, got 'high'",
        "jobspec[1].children[3].onError: must be a string",
        "jobspec[1].children[3].minHosts: must not be larger than maxHosts, got 3 and 2",
    ):
        assert words in text
    assert hq.getJobIdsByStatus(hq.getAllJobStatusNames()) == before


def test_unknown_keys_are_kept_and_a_warning_is_seen(server: LocalServer) -> None:
    hq: Any = server.hq
    (job,) = hq.newjob({"name": "a", "cleanup": "rm x", "children": [{"name": "b", "frameRange": [1, 2]}]})
    found = hq.getJob(job)
    assert found["warnings"] == [
        "jobspec.cleanup is not a known key: it is kept but nothing acts on it",
        "jobspec.children[0].frameRange is not a known key: it is kept but nothing acts on it",
    ]
    assert found["warnings"][0] in found["logs"][0]["message"]
    (child,) = found["children"]
    assert hq.getJobs([job, child], ["extra"]) == [{"extra": {"cleanup": "rm x"}}, {"extra": {"frameRange": [1, 2]}}]


def test_labels_across_a_call(server: LocalServer) -> None:
    hq: Any = server.hq
    specs = [{"name": f"slice {i}", "command": "x", "stubId": f"/out/{i}", "submittedBy": "ann"} for i in range(3)]
    ids = hq.newjob(
        [
            {"name": "box", "childStubIds": ["/out/2", "/out/0"]},
            *specs,
            {"name": "clean", "childStubIds": ["/out/1", "/out/0"]},
        ]
    )
    assert len(ids) == 5
    box, first, second, third, clean = ids
    rows = hq.getJobs([box, clean], ["children"])
    assert [row["children"] for row in rows] == [[first, third], [first, second]]
    assert hq.getJob(first, ["parents", "stubId"]) == {"parents": [box, clean], "stubId": "/out/0"}
    assert {box, clean} <= set(hq.getUnfinishedRootJobIds())
    assert not {first, second, third} & set(hq.getUnfinishedRootJobIds())


def test_who_submitted_what(server: LocalServer) -> None:
    hq: Any = server.hq
    (root,) = hq.newjob(
        {"name": "root", "submittedBy": "ann", "children": [{"name": "a"}, {"name": "b", "submittedBy": "bob"}]}
    )
    (late,) = hq.newjob({"name": "late", "parentIds": [str(root)]})
    children = hq.getJob(root, ["children"])["children"]
    assert children[-1] == late
    assert [row["submittedBy"] for row in hq.getJobs(children, ["submittedBy"])] == ["ann", "bob", "ann"]


def test_attributes_of_a_waiting_job_can_be_changed(server: LocalServer) -> None:
    hq: Any = server.hq
    (job,) = hq.newjob({"name": "a", "command": "x", "cpus": 9, "tags": ["single"]})
    wanted = {
        "description": "new", "tags": ["one"], "cpus": 2, "resources": {"r": 1}, "triesLeft": 3, "maxTime": 60,
        "minHosts": 2, "maxHosts": 3, "conditions": [{"type": "client", "name": "os", "op": "==", "value": "linux"}],
    }  # fmt: skip
    assert hq.setJobAttribs([job], wanted) is None
    assert hq.getJob(job, list(wanted)) == wanted
    assert hq.getJob(job, ["logs"])["logs"][-1]["event"] == "changed"
    assert hq.setJobAttribs([str(job)], {"tags": None, "maxTime": -1, "minHosts": None, "maxHosts": None}) is None
    assert hq.getJob(job, ["tags", "maxTime", "minHosts", "maxHosts"]) == {
        "tags": [], "maxTime": None, "minHosts": 1, "maxHosts": 1,
    }  # fmt: skip


@shows("setShowBlockedClientsWarning.sets", "setShowBlockedClientsWarning.state", "job.showBlockedClientsWarning")
def test_the_warning_of_blocked_clients(server: LocalServer) -> None:
    hq: Any = server.hq
    (job,) = hq.newjob({"name": "a", "command": "x"})
    assert hq.getJob(job, ["showBlockedClientsWarning"]) == {"showBlockedClientsWarning": False}
    assert hq.setShowBlockedClientsWarning(job, True) is None
    assert hq.getJob(job, ["showBlockedClientsWarning"]) == {"showBlockedClientsWarning": True}
    hq.setShowBlockedClientsWarning(str(job), 0)
    assert hq.getJob(job, ["showBlockedClientsWarning"]) == {"showBlockedClientsWarning": False}


@shows(
    "getNumWaitingJobs.all",
    "getNumWaitingJobs.min_priority",
    "getNumWaitingJobs.max_priority",
    "getNumWaitingJobs.defaults",
)
def test_waiting_jobs_are_counted_by_priority(server: LocalServer) -> None:
    hq: Any = server.hq
    before = hq.getNumWaitingJobs()
    hq.newjob([{"name": "w", "command": "x", "priority": priority} for priority in (7000, 8000, 8000)])
    assert hq.getNumWaitingJobs(0, -1, -1) == hq.getNumWaitingJobs(-3) == hq.getNumWaitingJobs() == before + 3
    assert hq.getNumWaitingJobs(0, 8000) == 2
    assert hq.getNumWaitingJobs(0, 7000, 7999) == 1
    assert hq.getNumWaitingJobs(1, 7000) == 0


def test_a_queued_parent_does_not_count_as_waiting(server: LocalServer) -> None:
    hq: Any = server.hq
    before = hq.getNumWaitingJobs()
    (root,) = hq.newjob({"name": "root", "command": "x", "children": [{"name": "a", "command": "x"}]})
    assert hq.getNumWaitingJobs() == before + 1
    assert root not in hq.getJobIdsByStatus(["waiting"])
    assert root in hq.getJobIdsByStatus(["queued"])


@shows("getJobIdsByStatus.names")
def test_every_name_of_a_status_is_taken(server: LocalServer) -> None:
    hq: Any = server.hq
    names = hq.getAllJobStatusNames()
    assert len(names) == 11
    for name in names:
        assert isinstance(hq.getJobIdsByStatus([name]), list)
    assert hq.getJobIdsByStatus(["waiting"]) == hq.getJobIdsByStatus(["runnable"])
    assert hq.getJobIdsBySatus(["runnable"]) == hq.getJobIdsByStatus(["runnable"])


@pytest.mark.parametrize(
    "action", ["pauseJobs", "resumeJobs", "cancelJobs", "rescheduleJobs", "ejectJobs", "deleteJobs"]
)
def test_a_hundred_thousand_known_ids_in_an_action(server: LocalServer, action: str) -> None:
    hq: Any = server.hq
    known = [id_ for status in hq.getAllJobStatusNames() for id_ in hq.getJobIdsByStatus([status])][:50]
    many = (known * (100_000 // len(known) + 1))[:100_000]
    assert getattr(hq, action)(many) is None
    assert hq.ping() is True


@pytest.mark.parametrize("name", [name for name, row in ATTRIBUTES.items()])
def test_every_attribute_has_the_type_that_the_reference_says(server: LocalServer, name: str) -> None:
    hq: Any = server.hq
    (job,) = hq.newjob({"name": "a", "children": [{"name": "b", "command": "x"}]})
    value = hq.getJob(job, [name])[name]
    kinds = {
        "int": int, "float": float, "str": str, "bool": bool, "list": list, "dict": dict, "nil": type(None),
        "date": xmlrpc.client.DateTime, "of": list,
    }  # fmt: skip
    words = ATTRIBUTES[name].type.replace(",", " ").replace(" or ", " ").split()
    wanted = (list,) if words[0] == "list" else tuple(kinds[word] for word in words)
    assert type(value) in wanted
