"""`queryJobs`: the filter language, orders and pages, as scripts ask for them."""

from __future__ import annotations

import xmlrpc.client
from pathlib import Path
from typing import Any

import pytest

from hqserver.api.reference import filter_fields
from hqserver.core import filtering
from hqserver.wire.filter_fields import FIELDS, GETTERS, FieldType
from hqserver.wire.filter_match import Clock
from hqserver.wire.jobs import ATTRIBUTES
from tests.compat.server import LocalServer


@pytest.fixture(scope="module")
def hq(server: LocalServer) -> Any:
    """A farm with a film of three frames, and five jobs of others."""
    hq: Any = server.hq
    frames = [{"name": f"frame {number}", "command": "husk", "frame": number, "tags": ["sim"]} for number in (1, 2, 3)]
    film = {"name": "Film", "submittedBy": "ana", "children": frames, "priority": 3, "conditions": [
        {"type": "client", "name": "group", "op": "in", "value": "Render,Big"}]}  # fmt: skip
    assert hq.newjob(film) == [1]
    others = [
        {"name": f"bake {number}", "command": "x", "submittedBy": "bob", "priority": number, "resources": {"nuke": 1}}
        for number in range(5)
    ]
    assert hq.newjob(others) == [5, 6, 7, 8, 9]
    hq.pauseJobs([9])
    hq.cancelJobs([8])
    hq.addNote("the licence is gone", None, 7, None)
    return hq


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("", [1, 2, 3, 4, 5, 6, 7, 8, 9]),
        ("frame", [2, 3, 4]),
        ("by:ana is:leaf", [2, 3, 4]),
        ("frame:2", [3]),
        ("root:1 -is:root", [2, 3, 4]),
        ("parent:1 -frame=1", [3, 4]),
        ("tag:sim", [2, 3, 4]),
        ("command=husk", [2, 3, 4]),
        ("group:Big", [1, 2, 3, 4]),
        ("resource:nuke prio>=3", [8, 9]),
        ("is:halted", [9]),
        ("status:cancelled OR note:licence", [7, 8]),
        ("has:note", [7]),
        ("is:finished", [8]),
        ("ended:today", [8]),
        ("why:children", [1]),
        ("age<1h children>2", [1]),
        ("started>1d", []),
        ("(by:bob prio<2) OR Film", [1, 5, 6]),
    ],
)
def test_filters_find_jobs(hq: Any, text: str, ids: list[int]) -> None:
    assert hq.queryJobs(text) == {"total": len(ids), "ids": ids}


def test_orders_and_pages(hq: Any) -> None:
    assert hq.queryJobs() == hq.queryJobs(None, None, 0, 1000) == hq.queryJobs("", "id")
    assert hq.queryJobs("by:bob", "-id")["ids"] == [9, 8, 7, 6, 5]
    assert hq.queryJobs("", "name", 0, 2) == {"total": 9, "ids": [5, 6]}
    assert hq.queryJobs("", "-priority", 0, 4)["ids"] == [9, 1, 8, 7]
    assert hq.queryJobs("", "frame", 1, 3) == {"total": 9, "ids": [3, 4, 1]}
    assert hq.queryJobs("", "-frame", 0, 5)["ids"] == [4, 3, 2, 1, 5]
    assert hq.queryJobs("", "endTime", 0, 2)["ids"] == [8, 1]
    assert hq.queryJobs("", "id", 7, 10) == {"total": 9, "ids": [8, 9]}
    assert hq.queryJobs("", "id", 20, 10) == {"total": 9, "ids": []}
    assert hq.queryJobs("", "id", 0, 0) == {"total": 9, "ids": []}


def test_every_attribute_is_an_order_or_says_that_it_is_none(hq: Any) -> None:
    for name, attribute in ATTRIBUTES.items():
        for sort in (name, f"-{name}"):
            try:
                assert sorted(hq.queryJobs("", sort)["ids"]) == list(range(1, 10)), sort
            except xmlrpc.client.Fault as fault:
                assert attribute.type.startswith(("list", "dict")) or "dict" in attribute.type
                assert f"sort: {name} is a {attribute.type}, which has no order" in fault.faultString


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["prio >= 5"], "queryJobs: filter: at character 6: >= follows no field"),
        (["shot_name:3"], 'Did you mean'),
        (["q" * 5000 + ":1"], "there is no field 'qqqqqqqq"),
        (["name:" + "x" * 20_000], "the filter has 20005 characters"),
        ([17], "filter: must be a string, got 17"),
        (["", "size"], "sort: must be an attribute of jobs, with - before it for descending, got 'size'"),
        (["", 3], "sort: must be an attribute of jobs"),
        (["", "id", -1], "offset: must be at least 0"),
        (["", "id", 0, -1], "limit: must be at least 0"),
    ],
)  # fmt: skip
def test_mistakes_are_told(hq: Any, arguments: list[Any], text: str) -> None:
    with pytest.raises(xmlrpc.client.Fault) as caught:
        hq.queryJobs(*arguments)
    assert text in caught.value.faultString


def test_the_server_knows_every_field(hq: Any, server: LocalServer) -> None:
    assert server.inside(lambda context: set(filtering.getters(context.farm, Clock(0.0)))) == GETTERS
    for field in FIELDS:
        assert set(hq.queryJobs(field.example)) == {"total", "ids"}
        if field.type is FieldType.FLAG:
            words = ",".join(word for word, _ in field.choices)
            found, denied = hq.queryJobs(f"{field.name}:{words}"), hq.queryJobs(f"-{field.name}:{words}")
            assert found["total"] + denied["total"] == 9


def test_the_page_of_the_language_is_fresh() -> None:
    page = (Path(__file__).parents[2] / "docs/reference/filter-language.md").read_text(encoding="utf-8")
    assert "\n".join(filter_fields()) in page
