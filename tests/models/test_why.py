"""Why waiting without its widgets: every code of the server has words, rows add up, what is edited means what it says."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hqgui.actions.fixing import do_fix, save_conditions
from hqgui.gallery.why_scenes import answer, why
from hqgui.models.job_store import JobStore
from hqgui.models.status_words import client_sign
from hqgui.models.why import reasons, words
from hqgui.models.why.answer import Call, ClientLine, Fix, read_why
from hqgui.models.why.copying import as_text
from hqgui.models.why.permitted import Draft, Mode, Shown, arranged, draft_of, rows
from hqgui.troubles import LinkError, Trouble
from hqserver.wire.fixes import FixCode
from hqserver.wire.reasons import NEAREST, Reason

NOW = 1_795_526_560.0


def made(code: FixCode) -> Fix:
    """A fix of each code, with arguments as the server gives them."""
    arguments: dict[FixCode, tuple[str, tuple[Any, ...]]] = {
        FixCode.FEWER_CPUS: ("setJobAttribs", ([1], {"cpus": 2})),
        FixCode.FEWER_CLIENTS: ("setJobAttribs", ([1], {"minHosts": 2})),
        FixCode.RAISE_RESOURCE: ("setResourceAmount", ("karma", 5)),
        FixCode.EJECT: ("ejectJobs", ([7],)),
        FixCode.OPEN: ("setClientOverride", (1, "open", "20261124T19:00:00")),
    }
    return Fix(code, (Call(*arguments.get(code, ("x", (1,)))),), 3)


@pytest.mark.parametrize("code", FixCode)
def test_every_fix_has_words(code: FixCode) -> None:
    text = words.button(made(code), lambda seconds: "19:00")
    assert text
    assert text != code
    assert words.tip(made(code))


@pytest.mark.parametrize("code", NEAREST)
def test_every_reason_of_clients_has_words_and_a_glyph(code: Reason) -> None:
    assert words.title_of(code, "") != ""
    assert code in words.GLYPHS


def test_a_client_that_somebody_closed_has_the_glyph_that_it_has_in_the_table() -> None:
    line = ClientLine(3, "node3", "unavailable", (), None, None, None, about=False, fixes=())
    row = {"status": "unavailable", "override": "drain"}
    assert words.client_sign(line, Reason.OVERRIDE) == client_sign(row)
    assert words.client_sign(line, Reason.HOURS) == "client-unavailable"
    assert words.client_sign(replace(line, status="busy"), Reason.OVERRIDE) == "client-busy"


def test_a_newer_servers_words_are_shown_as_they_come() -> None:
    assert words.title_of("moonlight", "it is too dark") == "it is too dark"
    assert words.button(Fix("dance", (Call("dance", ()),), 1)) == "dance"


def test_rows_say_what_the_answer_says() -> None:
    told = why()
    nodes = reasons.rows(told, NOW)
    assert sum(int(node.cells[1].text) for node in nodes) == told.total
    first = nodes[0]
    assert [cell.text for cell in first.cells[:2]] == ["Not on the permitted list", "123"]
    assert [child.cells[4].text for child in first.children] == ["Permit 6", "Permit 85", "Permit 32"]
    busy = nodes[1]
    assert busy.children[-1].cells[0].text == "8 more"
    opened = reasons.rows(told, NOW, frozenset({"not-empty"}))[1]
    assert len(opened.children) > len(busy.children)
    assert words.best_button(told, {2: "sim_overflow"}.__getitem__, str) == "Permit sim_overflow, 6 free now"
    text = as_text(told, "shot", NOW)
    assert "No client can take this job: 0 of 148" in text
    assert "123 Not on the permitted list" in text


def test_a_job_that_runs_has_no_reasons_of_clients() -> None:
    row = answer(
        verdict="is on a",
        reasons=[{**answer()["reasons"][0], "code": "at-work", "text": "is on a", "count": 148}],
        best=None,
    )
    told = read_why(row)
    assert reasons.rows(told, NOW) == []
    assert words.headline(told) == "It is on a"


CLIENTS = {
    number: {
        "id": number, "hostname": f"n{number}", "name": "b" if number == 3 else "", "label": f"n{number}",
        "status": "available", "draining": False, "override": "none", "memory": 1, "groups": [1] if number < 3 else [],
    }
    for number in range(1, 6)
}  # fmt: skip
ids = st.frozensets(st.integers(1, 5))


@given(st.sampled_from(Mode), ids)
def test_what_is_saved_permits_what_was_shown(mode: Mode, checked: frozenset[int]) -> None:
    draft = Draft(mode, checked)
    conditions = draft.conditions(CLIENTS)
    permitted = draft.permitted(CLIENTS)
    if mode is Mode.ANY:
        assert conditions == []
        assert permitted == frozenset(CLIENTS)
        return
    named = {label for label in conditions[0]["value"].split(",") if label}
    by_label = {f"{row['hostname']}:{row['name']}": id_ for id_, row in CLIENTS.items()}
    meant = frozenset(by_label[label] for label in named)
    assert permitted == (meant if conditions[0]["op"] == "in" else frozenset(CLIENTS) - meant)
    again = draft_of(conditions, permitted, CLIENTS)
    assert again.permitted(CLIENTS) == permitted


def test_checking_a_client_means_that_not_any_will_do() -> None:
    draft = draft_of([], CLIENTS, CLIENTS)
    assert draft.mode is Mode.ANY
    only = draft.with_checked([1], on=False)
    assert (only.mode, only.checked) == (Mode.ONLY, frozenset({2, 3, 4, 5}))


def test_groups_are_checked_in_part() -> None:
    shown = rows(Draft(Mode.ONLY, frozenset({1})), CLIENTS, {1: {"id": 1, "name": "sim"}}, Shown())
    assert [(node.cells[0].text, node.check.name) for node in shown if node.check is not None] == [
        ("sim", "PartiallyChecked"),
        ("in no group", "Unchecked"),
    ]
    assert [
        node.cells[0].text for node in rows(Draft(Mode.ANY, frozenset()), CLIENTS, {}, Shown("n4"))[0].children
    ] == ["n4"]


@dataclass
class Server:
    """Answers what a test says, and remembers what was called."""

    answers: dict[str, Any]
    calls: list[tuple[Any, ...]] = field(default_factory=list)
    fails_at: str = ""

    async def call(self, method: str, *arguments: object) -> Any:
        if method == self.fails_at:
            raise LinkError(Trouble.REFUSAL, "no")
        self.calls.append((method, *arguments))
        return self.answers.get(method)


@pytest.mark.parametrize(
    ("call", "answers", "back"),
    [
        (Call("setPriority", ([1], 9)), {"getJobs": [{"id": 1, "priority": 3}]}, ("setPriority", [1], 3)),
        (Call("setJobAttribs", ([1], {"tags": []})), {"getJobs": [{"id": 1, "tags": ["single"]}]},
         ("setJobAttribs", [1], {"tags": ["single"]})),
        (Call("setdisabled", ("a", False)), {}, ("setdisabled", "a", True)),
        (Call("setClientOverride", (1, "open", 5)), {"getClient": {"override": "none", "overrideUntil": None}},
         ("setClientOverride", 1, "none")),
        (Call("setResourceAmount", ("k", 5)), {"getResources": [{"name": "k", "amount": 2}]}, ("setResourceAmount", "k", 2)),
        (Call("createResource", ("k", 5)), {}, ("deleteResource", "k")),
        (Call("resumeJobs", ([1],)), {}, ("pauseJobs", [1])),
        (Call("permitClients", (1, [2], [])), {"explainJob": {"needs": {"inherits": True, "conditions": [{"a": 1}]}}},
         ("setJobConditions", 1, [])),
    ],
    ids=lambda value: value.function if isinstance(value, Call) else "",
)  # fmt: skip
def test_a_fix_gives_back_what_there_was(call: Call, answers: dict[str, Any], back: tuple[Any, ...]) -> None:
    server = Server(answers)
    outcome, entry = asyncio.run(do_fix(server, Fix("permit", (call,), 1), "job"))
    assert not outcome.failed
    assert outcome.undo
    assert server.calls[-1] == (call.function, *call.arguments)
    assert entry is not None
    asyncio.run(entry.take_back(server, JobStore()))
    assert server.calls[-1] == back


def test_what_cannot_be_taken_back_offers_no_undo() -> None:
    outcome, entry = asyncio.run(do_fix(Server({}), Fix("eject", (Call("ejectJobs", ([1],)),), 1), "job"))
    assert (outcome.undo, entry) == (False, None)


def test_a_fix_that_is_refused_in_its_middle_says_how_far_it_came() -> None:
    calls = (Call("setdisabled", ("a", False)), Call("ejectJobs", ([1],)))
    outcome, entry = asyncio.run(do_fix(Server({}, fails_at="ejectJobs"), Fix("enable", calls, 2), "job"))
    assert outcome.failed
    assert outcome.text == "Done 1 of 2, then: no"
    assert entry is not None
    saved, none = asyncio.run(save_conditions(Server({}, fails_at="explainJob"), 1, [], 5))
    assert (saved.failed, none) == (True, None)


def test_a_fix_for_later_promises_no_client_now() -> None:
    fix = Fix("permit", (Call("permitClients", (1, [], [4])),), 0)
    assert (words.button(fix), words.permit(2)) == ("Permit", "Permit 2")
    assert words.tip(fix).startswith("No client is free for the job")
    assert words.tip(Fix("release-hold", (Call("releaseHolds", ([1],)),), 0)).startswith("This lets no client")
    told = replace(why(), reasons=(replace(why().reasons[0], fixes=(fix,)),), best=(0, 0))
    assert words.best_button(told, lambda group: f"group {group}", str) == "Permit group 4"
    some = replace(fix, calls=(Call("permitClients", (1, [7, 8], [])),))
    told = replace(told, reasons=(replace(told.reasons[0], fixes=(some,)),))
    assert words.best_button(told, str, str) == "Permit 2 clients"


def test_jobs_in_the_way_are_called_by_whoever_knows_more_of_them() -> None:
    plain = read_why(answer())
    named = read_why(answer(), lambda job, name: f"tree {name} {job}")
    there = [job for reason in plain.reasons for line in reason.items for job in line.jobs]
    assert there
    assert [job.name for reason in named.reasons for line in reason.items for job in line.jobs] == [
        f"tree {job.name} {job.id}" for job in there
    ]


@pytest.mark.parametrize(
    ("status", "code", "well"),
    [
        ("succeeded", "over", True),
        ("failed", "over", False),
        ("cancelled", "over", False),
        ("running", "at-work", True),
    ],
)
def test_a_job_that_waits_no_more_is_worded_as_one_says_it(status: str, code: str, well: bool) -> None:
    line = replace(why().reasons[0], code=code, of_job=True)
    told = replace(why(), status=status, verdict="is on node1", reasons=(line,), best=None)
    assert words.is_well(told) is well
    assert words.headline(told).startswith(("It has ", "It was ", "It is on "))


def test_groups_keep_their_places_while_clients_come_and_go() -> None:
    def client(id_: int, group: int, status: str) -> dict[str, Any]:
        return {"id": id_, "groups": [group], "status": status}

    groups = {id_: {"id": id_, "name": name} for id_, name in ((1, "a"), (2, "b"), (3, "c"))}
    before = {1: client(1, 1, "busy"), 2: client(2, 2, "available"), 3: client(3, 3, "busy")}
    order = arranged(before, groups, frozenset({3}))
    assert order == [3, 2, 1]
    after = {1: client(1, 1, "available"), 2: client(2, 2, "busy"), 3: client(3, 3, "busy")}
    assert arranged(after, groups, frozenset(), order) == order
    assert arranged(after, {**groups, 4: {"id": 4, "name": "d"}}, frozenset(), order) == [*order, 4]
    assert arranged(after, {1: groups[1], 3: groups[3]}, frozenset(), order) == [3, 1]
