"""Job specifications: what they become, and how every mistake in them is named."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hqserver.wire.conditions import Condition
from hqserver.wire.faults import ApiFault
from hqserver.wire.jobs import KEYS, Hook, JobSpec
from hqserver.wire.spec_check import Checked, check
from hqserver.wire.spec_keys import ROWS


def checked(jobspec: object) -> Checked:
    """The check, driven to its end."""
    turns = check(jobspec)
    while True:
        try:
            next(turns)
        except StopIteration as end:
            result: Checked = end.value
            return result


def spec(jobspec: object) -> JobSpec:
    """The one job of a submission without warnings."""
    result = checked(jobspec)
    assert result.warnings == ((),)
    return result.specs[0]


def refusal(jobspec: object) -> ApiFault:
    with pytest.raises(ApiFault) as caught:
        checked(jobspec)
    return caught.value


def test_every_key_that_is_acted_on_is_read_and_no_other() -> None:
    acted_on = {key.name for key in KEYS.values() if key.acted_on}
    assert set(ROWS) | {"children"} == acted_on


TAKEN: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "only a name": ({}, {}),
    "nil is not given": ({"command": None, "priority": None, "children": None, "tags": None}, {}),
    "a command": ({"command": "a; b\n"}, {"command": "a; b\n"}),
    "a command for each platform": (
        {"command": {"linux": "l", "windows": "w", "macosx": "m"}}, {"command": {"linux": "l", "windows": "w", "macosx": "m"}},
    ),
    "platforms in other words": ({"command": {"Linux": "l", "macOS": "m"}}, {"command": {"linux": "l", "macosx": "m"}}),
    "commands that are all empty": ({"command": {"linux": "", "windows": None}}, {"command": ""}),
    "numbers as text": ({"priority": "5", "cpus": "2", "triesLeft": " 1 "}, {"priority": 5, "cpus": 2, "tries_left": 1}),
    "a priority with a label": ({"priority": "5 (Medium)"}, {"priority": 5}),
    "whole doubles": ({"priority": 5.0, "cpus": 1e9}, {"priority": 5, "cpus": 1_000_000_000}),
    "one tag": ({"tags": "single"}, {"tags": ("single",)}),
    "an empty tag": ({"tags": ""}, {}),
    "tags twice": ({"tags": ["a", "b", "a", ""]}, {"tags": ("a", "b")}),
    "no environment": ({"environment": ""}, {}),
    "a variable as large as Linux takes": ({"environment": {"BIG": "x" * 131_067}}, {"environment": {"BIG": "x" * 131_067}}),
    "an environment with numbers": ({"environment": {"A": 1, "B": "x\ny", "C": 1.5}}, {"environment": {"A": "1", "B": "x\ny", "C": "1.5"}}),
    "ids as text": ({"parentIds": ["7", 8, 7.0], "childrenIds": [9, 9]}, {"parent_ids": (7, 8), "children_ids": (9,)}),
    "conditions": (
        {"conditions": [{"type": "client", "name": "hostname", "op": "in", "value": " a,b "}, {"name": "os", "op": "==", "value": "linux"}]},
        {"conditions": (Condition("hostname", "in", "a,b"), Condition("os", "==", "linux"))},
    ),
    "a condition with a list": (
        {"conditions": [{"name": "group", "op": "any", "value": ["a", "b c"]}]}, {"conditions": (Condition("group", "any", "a,b c"),)},
    ),
    "a shell": ({"shell": "bash"}, {"shell": "bash"}),
    "our own": (
        {"frame": 12, "output": "/a/b.exr", "lease": 600, "submissionKey": "k", "submittedBy": "me", "description": "d"},
        {"frame": 12, "output": "/a/b.exr", "lease": 600.0, "submission_key": "k", "submitted_by": "me", "description": "d"},
    ),
    "a frame as text": ({"frame": "12-15"}, {"frame": "12-15"}),
    "nobody submitted it": ({"submittedBy": ""}, {"submitted_by": None}),
    "keys that ask for nothing": ({"emailTo": "", "emailReasons": [], "resources": {}, "host": "", "maxTime": None}, {}),
    "hosts": ({"host": "a, b;c d"}, {"conditions": (Condition("hostname", "in", "a,b,c,d"),), "max_hosts": 1}),
    "hosts in a list": ({"host": ["a", "b"]}, {"conditions": (Condition("hostname", "in", "a,b"),)}),
    "named clients as hosts": ({"host": "a:x,b"}, {"conditions": (Condition("hostname:name", "in", "a:x,b"),)}),
    "groups": ({"hostgroup": "Sim Farm, gpu"}, {"conditions": (Condition("group", "in", "Sim Farm,gpu"),)}),
    "hosts beside conditions": (
        {"host": "a", "hostgroup": "g", "conditions": [{"name": "os", "op": "==", "value": "linux"}]},
        {"conditions": (Condition("os", "==", "linux"), Condition("hostname", "in", "a"), Condition("group", "in", "g"))},
    ),
    "host counts as text": ({"minHosts": "2", "maxHosts": "64"}, {"min_hosts": 2, "max_hosts": 64}),
    "as many hosts as it needs": ({"minHosts": 3}, {"min_hosts": 3, "max_hosts": 3}),
    "at most so many hosts": ({"maxHosts": 3}, {"max_hosts": 3}),
    "resources": ({"resources": {"sidefx.license.render": "1", "disk": 2.0, "none": 0}}, {"resources": {"sidefx.license.render": 1, "disk": 2}}),
    "no resources": ({"resources": ""}, {}),
    "a time": ({"maxTime": "60"}, {"max_time": 60}),
    "no end of time": ({"maxTime": -1}, {"max_time": None}),
    "a time for silence": ({"noOutputTimeout": "1.5"}, {"no_output_timeout": 1.5}),
    "no time for silence": ({"noOutputTimeout": 0}, {"no_output_timeout": None}),
    "mail": (
        {"emailTo": "a@x.org, b@y.org,", "emailReasons": "failed,priority changed, ejected"},
        {"email_to": ("a@x.org", "b@y.org"), "email_reasons": ("failed", "priority changed", "ejected")},
    ),
    "mail in lists": ({"emailTo": ["a@x.org"], "emailReasons": ["failed"]}, {"email_to": ("a@x.org",), "email_reasons": ("failed",)}),
    "hooks": (
        {"onSuccess": "s", "onError": "e", "onCancel": {"linux": "c"}, "onChildError": ""},
        {"hooks": {Hook.ON_SUCCESS: "s", Hook.ON_ERROR: "e", Hook.ON_CANCEL: {"linux": "c"}}},
    ),
    "no label": ({"stubId": "", "childStubIds": []}, {"stub_id": "", "child_stub_ids": ()}),
    "children": ({"children": [{"name": "b", "children": [{"name": "c"}]}]}, {"children": (JobSpec("b", children=(JobSpec("c"),)),)}),
    "no children": ({"children": []}, {}),
}  # fmt: skip


@pytest.mark.parametrize("row", TAKEN)
def test_what_a_specification_becomes(row: str) -> None:
    given_, fields = TAKEN[row]
    wanted = JobSpec("a", **fields)
    assert spec({"name": "a", **given_}) == wanted
    assert spec(json.dumps({"name": "a", **given_})) == wanted
    assert checked([{"name": "a", **given_}] * 2).specs == (wanted, wanted)


def test_labels_of_a_call_are_kept() -> None:
    specs = [
        {"name": "a", "stubId": "/out/a", "childStubIds": ["7", "b"]},
        {"name": "b", "stubId": "b"},
        {"name": "c", "stubId": 7},
    ]
    first, second, third = checked(specs).specs
    assert (first.child_stub_ids, second.stub_id, third.stub_id) == (("7", "b"), "b", "7")


def test_a_long_chain_of_labels_is_looked_at_quickly() -> None:
    chain = [{"name": "x", "stubId": str(i), "childStubIds": [str(i + 1)] if i < 49_999 else []} for i in range(50_000)]
    assert checked(chain).jobs == 50_000
    chain[-1]["childStubIds"] = ["25000"]
    assert refusal(chain).code == 422


@pytest.mark.parametrize("name", ["<img src=file:///etc/passwd>", "\u202egpj.exe", "  a ", "é\n\x1b", "x" * 1024])
def test_names_are_kept_as_they_are(name: str) -> None:
    assert spec({"name": name}).name == name


@pytest.mark.parametrize("jobspec", ["[]", [], "\ufeff[]"])
def test_nothing_is_nothing(jobspec: object) -> None:
    assert checked(jobspec) == Checked((), (), 0)


def test_a_byte_order_mark_is_no_mistake() -> None:
    assert spec('\ufeff{"name": "a"}') == JobSpec("a")


REFUSED: dict[str, tuple[object, int, str]] = {
    "N3": ("", -32602, "newjob: jobspec is not valid JSON (line 1 column 1)"),
    "N7": ('{"name":"a","name":"b"}', -32602, "jobspec: duplicate key name"),
    "N9": ('{"name":"a","priority":1e999}', -32602, "not finite"),
    "N11": ('{"name":"\\ud800"}', -32602, "jobspec.name: holds half a character"),
    "N11 in a key": ('{"name":"a","\\ud800":1}', -32602, "half a character"),
    "N13 single quotes": ("{'name': 'a'}", -32602, "not valid JSON"),
    "N13 a trailing comma": ('{"name":"a",}', -32602, "not valid JSON"),
    "N13 a comment": ('{"name":"a"} // x', -32602, "not valid JSON"),
    "N15 a number": ({"name": 5}, -32602, "jobspec.name: must be a string, got 5"),
    "N15 a list": ({"name": ["x"]}, -32602, "jobspec.name: must be a string, got a list of 1 item"),
    "N15 nil": ({"name": None}, -32602, "jobspec.name: is missing"),
    "no name": ({"command": "x"}, -32602, "jobspec.name: is missing"),
    "an empty name": ({"name": " "}, -32602, "jobspec.name: must not be empty"),
    "a long name": ({"name": "x" * 1025}, 413, "longer than 1024"),
    "N21": ({"name": "a", "command": ["ls", "-l"]}, -32602, "jobspec.command: must be a string"),
    "N23": ({"name": "a", "command": "x" * 40_000_000}, 413, "jobspec.command: is longer than 4194304 bytes"),
    "a command in wide letters": ({"name": "a", "command": "é" * (3 << 20)}, 413, "bytes"),
    "a command with NUL": ({"name": "a", "command": "a\0b"}, -32602, "NUL"),
    "a command for no platform": ({"name": "a", "command": {"amiga": "x"}}, -32602, "jobspec.command.amiga: is no platform"),
    "a platform's command is no text": ({"name": "a", "command": {"linux": 7}}, -32602, "jobspec.command.linux: must be a string"),
    "N25": ({"name": "a", "shell": "/bin/sh; rm -rf /"}, -32602, "jobspec.shell: must be the name of a shell"),
    "N27 =": ({"name": "a", "environment": {"A=B": "c"}}, -32602, "'A=B'"),
    "N27 NUL": ({"name": "a", "environment": {"A": "x\0"}}, -32602, "jobspec.environment.A: must not hold a NUL"),
    "N27 empty": ({"name": "a", "environment": {"": "x"}}, -32602, "jobspec.environment"),
    "N29": ({"name": "a", "environment": [1, 2]}, -32602, "jobspec.environment: must be a struct"),
    "a large variable": ({"name": "a", "environment": {"BÄ": "x" * 131_068}}, 413, "jobspec.environment.BÄ: has 131072 bytes as NAME=value. No client can start a command with more than 131071: pass it in a file"),
    "a large environment": ({"name": "a", "environment": {f"A{i}": "x" * 1000 for i in range(300)}}, 413, "larger than"),
    "N31 0": ({"name": "a", "cpus": 0}, -32602, "jobspec.cpus: must be at least 1, got 0"),
    "N31 -4": ({"name": "a", "cpus": -4}, -32602, "jobspec.cpus: must be at least 1, got -4"),
    "N33": ({"name": "a", "minHosts": 5, "maxHosts": 2}, -32602, "jobspec.minHosts: must not be larger than maxHosts, got 5 and 2"),
    "no hosts": ({"name": "a", "minHosts": 0}, -32602, "jobspec.minHosts: must be from 1 to 10000, got 0"),
    "hosts that are a number": ({"name": "a", "host": 7}, -32602, "jobspec.host: must be a list of strings, got 7"),
    "a resource in words": ({"name": "a", "resources": {"x": "many"}}, -32602, "jobspec.resources.x: must be a whole number, got 'many'"),
    "less than no resource": ({"name": "a", "resources": {"x": -1}}, -32602, "jobspec.resources.x: must be at least 0, got -1"),
    "a resource without a name": ({"name": "a", "resources": {" ": 1}}, -32602, "jobspec.resources: must not be empty"),
    "resources in a list": ({"name": "a", "resources": ["x"]}, -32602, "jobspec.resources: must be a struct of amounts by name"),
    "a time in words": ({"name": "a", "maxTime": "1h"}, -32602, "jobspec.maxTime: must be a number, got '1h'"),
    "silence in words": ({"name": "a", "noOutputTimeout": "long"}, -32602, "jobspec.noOutputTimeout: must be a number"),
    "mail to nobody": ({"name": "a", "emailTo": "me"}, -32602, "jobspec.emailTo: must be mail addresses separated by commas, got 'me'"),
    "mail with a header": ({"name": "a", "emailTo": "a@b.c\nBcc: d@e.f"}, -32602, "jobspec.emailTo"),
    "mail for no reason": ({"name": "a", "emailReasons": "failed,done"}, -32602, "jobspec.emailReasons: must be one of abandoned,"),
    "a hook in a list": ({"name": "a", "onError": ["x"]}, -32602, "jobspec.onError: must be a string"),
    "a hook for no platform": ({"name": "a", "onError": {"amiga": "x"}}, -32602, "jobspec.onError.amiga: is no platform"),
    "a label that nobody has": ({"name": "a", "childStubIds": ["/out/b"]}, -32602, "jobspec.childStubIds: no specification of this call has the stubId '/out/b'"),
    "a label twice": ([{"name": "a", "stubId": "x"}, {"name": "b", "stubId": "x"}], -32602, "jobspec[1].stubId: must stand once, got 'x', which jobspec[0] has too"),
    "labels in a circle": (
        [{"name": "a", "stubId": "a", "childStubIds": ["b"]}, {"name": "b", "stubId": "b", "childStubIds": ["a"]}],
        422, "childStubIds: leads to a job that would wait for itself",
    ),
    "a label above": ({"name": "a", "stubId": "a", "children": [{"name": "b", "childStubIds": ["a"]}]}, 422, "wait for itself"),
    "its own label": ({"name": "a", "stubId": "a", "childStubIds": ["a"]}, 422, "wait for itself"),
    "labels beside keys": (
        [{"name": "a", "childStubIds": ["b"], "submissionKey": "k"}, {"name": "b", "stubId": "b"}],
        -32602, "jobspec.submissionKey: cannot be used beside childStubIds",
    ),
    "N35": ({"name": "a", "tags": ["x"] * 100_000}, 413, "100000 tags"),
    "N37": ({"name": "a", "conditions": [{"type": "client", "op": "~", "name": "hostname", "value": "(a+)+$"}]}, -32602, "jobspec.conditions[0].op: must be one of ==, "),
    "a condition on something else": ({"name": "a", "conditions": [{"op": "==", "name": "memory", "value": "1"}]}, -32602, "conditions[0].name"),
    "a condition that is a text": ({"name": "a", "conditions": ["hostname == a"]}, -32602, "conditions[0]: must be a struct"),
    "a condition without a value": ({"name": "a", "conditions": [{"op": "==", "name": "os"}]}, -32602, "conditions[0].value"),
    "N43 text": ({"name": "a", "children": "x"}, -32602, "jobspec.children: must be a list"),
    "N43 struct": ({"name": "a", "children": {"a": 1}}, -32602, "jobspec.children: must be a list"),
    "N43 nil inside": ({"name": "a", "children": [None]}, -32602, "jobspec.children[0]: must be a struct, got nil"),
    "a priority in words": ({"name": "a", "priority": "high"}, -32602, "jobspec.priority: must be a whole number, got 'high'"),
    "a negative priority": ({"name": "a", "priority": -1}, -32602, "jobspec.priority: must be at least 0, got -1"),
    "half a priority": ({"name": "a", "priority": 5.5}, -32602, "got 5.5"),
    "half a priority in text": ({"name": "a", "priority": "5.5"}, -32602, "got '5.5'"),
    "a boolean priority": ({"name": "a", "priority": True}, -32602, "got True"),
    "too many cpus to write down": ({"name": "a", "cpus": 2**40}, -32602, "jobspec.cpus"),
    "a lease in minutes": ({"name": "a", "lease": 15}, -32602, "jobspec.lease: must be from 300 to 604800"),
    "an id of 0": ({"name": "a", "parentIds": [1, 0]}, -32602, "jobspec.parentIds[1]: must be at least 1"),
    "an id that is a boolean": ({"name": "a", "childrenIds": [True]}, -32602, "jobspec.childrenIds[0]"),
    "ids that are a text": ({"name": "a", "childrenIds": "12"}, -32602, "jobspec.childrenIds: must be a list of ids, got '12'"),
    "a number": (7, -32602, "newjob: jobspec: must be a struct"),
    "JSON of a number": ("7", -32602, "newjob: jobspec: must be a struct"),
    "nil in a list": ([{"name": "a"}, None], -32602, "newjob: jobspec[1]: must be a struct, got nil"),
    "too much that nobody knows": ({"name": "a", "foo": "x" * 70_000}, 413, "jobspec.foo"),
}  # fmt: skip


@pytest.mark.parametrize("row", REFUSED)
def test_what_is_refused(row: str) -> None:
    jobspec, code, words = REFUSED[row]
    fault = refusal(jobspec)
    assert (fault.code, words in fault.text) == (code, True), fault.text
    assert len(fault.text) <= 300


@pytest.mark.parametrize("key", sorted(key.name for key in KEYS.values() if not key.acted_on))
def test_a_documented_key_that_is_not_acted_on_is_refused_by_name(key: str) -> None:
    fault = refusal({"name": "a", "children": [{"name": "b", key: "x"}]})
    assert fault.code == -32602
    assert f"jobspec.children[0].{key}: is not supported by this version" in fault.text


def test_every_mistake_is_named() -> None:
    fault = refusal(
        [
            {"name": "a"},
            {
                "name": 1,
                "cpus": 0,
                "children": [{"name": "b"}] * 3 + [{"name": "c", "priority": "high", "maxTime": "long"}],
            },
            "x",
        ]
    )
    for words in (
        "newjob: 5 mistakes.",
        "jobspec[1].name: must be a string",
        "jobspec[1].cpus: must be at least 1",
        "jobspec[1].children[3].priority: must be a whole number, got 'high'",
        "jobspec[1].children[3].maxTime: must be a number",
        "jobspec[2]: must be a struct",
    ):
        assert words in fault.text


def test_ids_of_nobody_are_named_with_their_places() -> None:
    specs: list[dict[str, Any]] = [
        {"name": "a", "parentIds": [1, 9]},
        {"name": "b", "children": [{"name": "c", "childrenIds": ["8"]}]},
    ]
    with pytest.raises(ApiFault) as caught:
        list(check(specs, exists=lambda id_: id_ < 5))
    assert caught.value.code == 404
    assert caught.value.text == (
        "newjob: 2 mistakes. jobspec[0].parentIds: no job 9; jobspec[1].children[0].childrenIds: no job 8."
    )
    with pytest.raises(ApiFault) as caught:
        list(check([*specs, {"name": 5}], exists=lambda id_: id_ < 5))
    assert (caught.value.code, "3 mistakes" in caught.value.text) == (-32602, True)
    list(check([{**specs[0], "submissionKey": "k"}], exists=lambda id_: False))


def test_very_many_mistakes_are_counted() -> None:
    fault = refusal({"name": "a", "children": [{"name": "b", "cpus": 0}] * 5000})
    assert fault.text.startswith("newjob: 5000 mistakes. jobspec.children[0].cpus")
    assert fault.text.endswith("; and 4980 more.")
    assert len(fault.text) < 5000


def test_only_sizes_are_a_matter_of_size() -> None:
    assert refusal([{"name": "x" * 2000}] * 2).code == 413
    assert refusal([{"name": "x" * 2000}, {"name": 5}]).code == -32602


def test_unknown_keys_are_kept_and_told() -> None:
    result = checked(
        [{"name": "a", "id": 7, "status": "succeeded", "children": [{"name": "b", "id": 8}]}, {"name": "c"}]
    )
    assert result.specs[0].extra == {"id": 7, "status": "succeeded"}
    assert result.specs[0].children[0].extra == {"id": 8}
    assert result.warnings == (
        (
            "jobspec[0].id is not a known key: it is kept but nothing acts on it (nor in 1 more jobs)",
            "jobspec[0].status is not a known key: it is kept but nothing acts on it",
        ),
        (),
    )


def test_what_is_kept_fits_json() -> None:
    from datetime import datetime

    extra = (
        checked({"name": "a", "when": datetime(2026, 1, 2, 3, 4, 5), "raw": b"\0", "deep": {"a": [1, None]}})
        .specs[0]
        .extra
    )
    assert json.loads(json.dumps(extra)) == {"when": "20260102T03:04:05", "raw": "AA==", "deep": {"a": [1, None]}}


def nested(levels: int) -> dict[str, Any]:
    job: dict[str, Any] = {"name": "leaf"}
    for _ in range(levels - 1):
        job = {"name": "a", "children": [job]}
    return job


def test_256_levels_are_taken_and_no_more() -> None:
    job, levels = spec(json.dumps(nested(256))), 1
    while job.children:
        job, levels = job.children[0], levels + 1
    assert levels == 256
    fault = refusal(nested(257))
    assert (fault.code, "nested deeper than 256" in fault.text) == (413, True)


def test_200_000_jobs_are_taken_and_no_more() -> None:
    jobs = [{"name": "a"}] * 199_999
    assert checked({"name": "top", "children": jobs}).jobs == 200_000
    fault = refusal({"name": "top", "children": [*jobs, {"name": "a"}]})
    assert (fault.code, "more than 200000 jobs" in fault.text) == (413, True)


@pytest.mark.parametrize(
    "jobspec", [[{"name": "a"}] * 5000, json.dumps([{"name": "a"}] * 5000)], ids=["structs", "JSON"]
)
def test_large_submissions_are_looked_at_in_turns(jobspec: object) -> None:
    assert sum(1 for _ in check(jobspec)) >= 20


json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()) | st.binary(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*KEYS, "foo", "type"]), inner, max_size=6)
    ),
    max_leaves=20,
)


@given(json_like)
def test_any_value_is_a_specification_or_a_fault(value: object) -> None:
    try:
        result = checked(value)
    except ApiFault as fault:
        assert fault.code in (-32602, 413, 422)
    else:
        assert len(result.specs) == len(result.warnings)
