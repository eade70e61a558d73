"""The filter language: what texts mean, which mistakes are told how, and laws of reading, writing and applying."""

from __future__ import annotations

import fnmatch
import random
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hqserver.wire.filter_completion import completion
from hqserver.wire.filter_fields import FIELD_OF, FIELDS, GETTERS, OPERATORS, FieldType
from hqserver.wire.filter_match import Clock, passes, select
from hqserver.wire.filter_text import (
    All,
    AnyOf,
    Comparison,
    FilterError,
    Node,
    Not,
    Value,
    Word,
    depends_on_time,
    parse,
)
from hqserver.wire.statuses import JobStatus

NOW = datetime(2026, 11, 25, 13, 0, tzinfo=UTC).timestamp()
HOUR = 3600.0


class Job(dict[str, Any]):
    """A job as a dict of what its getters give."""

    __hash__ = object.__hash__  # type: ignore[assignment]


EMPTY: dict[FieldType, Any] = {
    FieldType.TEXT: "",
    FieldType.TEXTS: (),
    FieldType.NUMBERS: (),
    FieldType.CHOICE: "runnable",
}


def job(**values: Any) -> Job:
    row = {field.name: EMPTY.get(field.type) for field in FIELDS if field.type is not FieldType.FLAG}
    row |= {"id": 1, "prio": 0, "cpus": 1, "submitted": NOW - HOUR}
    return Job(row | {name: False for name in GETTERS if ":" in name} | values)


def getter(name: str) -> Callable[[Job], Any]:
    if name == "age":
        return lambda job: NOW - job["submitted"]
    return lambda job: job[name]


GETTER = {name: getter(name) for name in GETTERS}


def finds(text: str, *jobs: Job, zone: Any = UTC) -> list[int]:
    clock = Clock(NOW, zone)
    node = parse(text)
    one = passes(node, GETTER, clock)
    found = [item["id"] for item in jobs if one(item)]
    assert [item["id"] for item in select(node, GETTER, clock, jobs)] == found
    return found


def passing(text: str, **values: Any) -> bool:
    return bool(finds(text, job(**values)))


def test_the_whole_language_in_one_line() -> None:
    text = 'by:ana status:failed age>2h prio>=5 on:node12 -wedge "two words" OR id:17'
    values = {"by": "ana", "status": "failed", "submitted": NOW - 3 * HOUR, "prio": 5, "on": ("node12",)}
    assert passing(text, name="has two words", **values)
    assert not passing(text, name="has two  words", **values)
    assert not passing(text, name="a wedge of two words", **values)
    assert passing(text, id=17)
    node = parse(text)
    assert isinstance(node, AnyOf)
    assert len(node.parts) == 2
    assert depends_on_time(node)
    assert not depends_on_time(parse("by:ana runtime>2h"))


@pytest.mark.parametrize(
    ("text", "values", "expected"),
    [
        ("", {}, True),
        ("BEAUTY", {"name": "Shot beauty"}, True),
        ("ana", {"by": "Ana Maria"}, True),
        ("single", {"tag": ("single:x",)}, True),
        ("17", {"id": 1723}, True),
        ("#17", {"id": 1723}, True),
        ('"17"', {"id": 1723}, False),
        ("#17", {"name": "take #17"}, True),
        ("name:shot*key", {"name": "shot 12 key"}, True),
        ("name:shot*key", {"name": "a shot 12 key"}, False),
        ("name:shot?", {"name": "shot1"}, True),
        ('name:"shot*"', {"name": "shot1"}, False),
        ("name=shot", {"name": "SHOT"}, True),
        ("name=shot", {"name": "shot 1"}, False),
        ("name!=shot", {"name": "shot 1"}, True),
        ("by:ana,bob", {"by": "bob"}, True),
        ("by!=ana,bob", {"by": "bob"}, False),
        ('note=""', {"note": ""}, True),
        ('tag=""', {"tag": ()}, True),
        ('tag=""', {"tag": ("x",)}, False),
        ("tag!=single", {"tag": ()}, True),
        ("tag!=single", {"tag": ("single", "x")}, False),
        ("on=node1", {"on": ("node12",)}, False),
        ("on:node1", {"on": ("node12",)}, True),
        ("status:fail", {"status": "failed"}, True),
        ("status:paus", {"status": "pausing"}, True),
        ("status:waiting", {"status": "runnable"}, True),
        ("status:wait", {"status": "queued"}, False),
        ("status!=failed", {"status": "failed"}, False),
        ("is:unfinished", {"is:unfinished": True}, True),
        ("is:root,leaf", {"is:leaf": True}, True),
        ("-is:root", {"is:root": True}, False),
        ("has:note", {}, False),
        ("prio:3..7", {"prio": 7}, True),
        ("prio:3..", {"prio": 2}, False),
        ("prio:..3", {"prio": 2}, True),
        ("prio>-1", {"prio": 0}, True),
        ("parent:17", {"parent": (1, 17)}, True),
        ("parent:17", {"parent": (117,)}, False),
        ("exit:0", {"exit": None}, False),
        ("exit!=0", {"exit": None}, False),
        ("-exit:0", {"exit": None}, True),
        ("progress>50", {"progress": 0.51}, True),
        ("progress:33%", {"progress": 1 / 3}, True),
        ("memory>=4G", {"memory": 4 << 20}, True),
        ("memory<500M", {"memory": None}, False),
        ("runtime>1h30m", {"runtime": 5401.0}, True),
        ("age<1d", {}, True),
        ("ended<2h", {"ended": NOW - HOUR}, True),
        ("ended:2h", {"ended": NOW - HOUR}, True),
        ("ended>2h", {"ended": NOW - HOUR}, False),
        ("ended:today", {"ended": NOW - HOUR}, True),
        ("ended:yesterday", {"ended": NOW - 14 * HOUR}, True),
        ("ended>=2026-11-25", {"ended": NOW - 13 * HOUR}, True),
        ("ended>2026-11-25", {"ended": NOW}, False),
        ("ended<2026-11-25T13:01", {"ended": NOW}, True),
        ("ended<=2026-11-25T13:00", {"ended": NOW + 59}, True),
        ("ended<2026-11-25", {"ended": None}, False),
        ("PRIO>=5", {"prio": 5}, True),
        ("priority:5", {"prio": 5}, True),
        ("a OR b c", {"name": "b c"}, True),
        ("(a OR b) c", {"name": "a"}, False),
        ("a AND b", {"name": "ab"}, True),
        ("NOT a", {"name": "a"}, False),
        ("-(a b)", {"name": "a"}, True),
        ("--a", {"name": "a"}, True),
        ('"OR"', {"name": "this or that"}, True),
        ("or", {"name": "this or that"}, True),
        (r'"say \"hi\" \\"', {"name": 'Say "hi" \\'}, True),
        ('by:"ana maria"', {"by": "Ana Maria"}, True),
        ('name:a" b"', {"name": "a b"}, True),
        ("beauty-key", {"name": "beauty-key"}, True),
        ("STRASSE", {"name": "Straße"}, True),
    ],
)
def test_what_a_filter_finds(text: str, values: dict[str, Any], expected: bool) -> None:
    assert passing(text, **values) is expected


@pytest.mark.parametrize(
    ("text", "at", "length", "says"),
    [
        ("xq:12", 0, 2, "no field 'xq'. There are name, by, status"),
        ("a stats:failed", 2, 5, "no field 'stats'. Did you mean status? To search for the text, put it in quotes"),
        ("http://x", 0, 4, 'put it in quotes: "http://x"'),
        ("prio >= 5", 5, 2, ">= follows no field"),
        ("prio>= 5", 6, 1, "prio>= lacks a value. Write it right behind"),
        ("by:", 3, 1, "by: lacks a value"),
        ("by:a,", 5, 1, "by: lacks a value"),
        ("prio:high", 5, 4, "'high' is no number. Write it as 5, or 3..7"),
        ("prio>3..7", 5, 4, "> takes no range"),
        ("prio:7..3", 5, 4, "'7..3' holds nothing"),
        ("prio:..", 5, 2, "'..' holds nothing"),
        ("prio>1,2", 7, 1, "> takes one value"),
        ("age>2", 4, 1, "'2' is no span of time. Write it as 90s, 10m"),
        ("memory>4", 7, 1, "'4' is no size"),
        ("ended>soon", 6, 4, "'soon' is no time. Write a date"),
        ("ended>2026-13-01", 6, 10, "is no time"),
        ("status:fallen", 7, 6, "status is never 'fallen'. Did you mean failed?"),
        ("status=fail", 7, 4, "status is never 'fail'. Did you mean failed?"),
        ("is:huge", 3, 4, "is is never 'huge'"),
        ("by>ana", 0, 3, "by cannot be compared by >. Use : or = or !=: by:ana"),
        ("has!=note", 0, 5, "has cannot be compared by !=. Use :: has:note"),
        ('a "b', 2, 1, 'this " is not closed'),
        ("(a b", 0, 1, "this ( is not closed"),
        ("a) b", 1, 1, "this ) closes nothing"),
        ("()", 1, 1, "nothing follows ("),
        ("a OR", 4, 1, "nothing follows OR"),
        ("OR a", 0, 2, "nothing stands before OR"),
        ("AND a", 0, 3, "nothing stands before AND"),
        ("a OR OR b", 5, 2, "nothing stands before OR"),
        ("a NOT", 5, 1, "nothing follows NOT"),
        ("a - b", 2, 1, "this - stands alone"),
        ("a -", 2, 1, "this - stands alone"),
        ("-" * 60 + "a", 51, 1, "more than 50 levels"),
        ("(" * 60, 51, 1, "more than 50 levels"),
        ("a " * 1001, 2000, 1, "more than 1000 parts"),
        ("a" * 10_001, 10_000, 1, "has 10001 characters"),
    ],
)  # fmt: skip
def test_mistakes_are_told_with_place_and_remedy(text: str, at: int, length: int, says: str) -> None:
    with pytest.raises(FilterError) as caught:
        parse(text)
    error = caught.value
    assert says in str(error)
    assert (error.at, error.length) == (at, length)
    assert str(error).startswith(f"at character {at + 1}: ")
    assert error.fix.endswith((".", "?"))


def test_a_field_that_is_not_known_here_is_told_with_its_place() -> None:
    few = {name: GETTER[name] for name in GETTER if name not in {"why", "is:held"}}
    for text, at in (("name:x why:licence", 11), ("is:held", 3)):
        with pytest.raises(FilterError, match="is not known here") as caught:
            passes(parse(text), few, Clock(NOW))
        assert caught.value.at == at


def test_days_are_the_days_of_the_zone() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    new_year = datetime(2026, 11, 24, 23, 30, tzinfo=UTC).timestamp()  # half past midnight in Berlin
    ended = job(ended=new_year)
    assert finds("ended:today", ended, zone=berlin) == [1]
    assert finds("ended:today", ended) == []
    changed = datetime(2026, 10, 25, 22, 59, tzinfo=UTC).timestamp()  # a day of 25 hours
    assert finds("ended:2026-10-25", job(ended=changed), zone=berlin) == [1]
    assert finds("ended:2026-10-25", job(ended=changed + 60), zone=berlin) == []


def test_every_field_can_be_asked_as_its_example_does() -> None:
    for field in FIELDS:
        node = parse(field.example)
        assert isinstance(node, Comparison)
        assert node.field is field
        for operator in field.operators:
            again = Comparison(field, operator, node.values[:1])
            assert parse(str(again)) == again
        for alias in field.aliases:
            assert parse(field.example.replace(field.name, alias, 1)) == node
            assert alias == alias.casefold()


# Laws

PLAIN = st.text("abcxyzäß019_*?.#é", min_size=1, max_size=6)
ANY_TEXT = st.text(min_size=0, max_size=8)
SPANS = st.sampled_from(["90s", "10m", "2h", "1d12h", "0s"])
FIGURES = {
    FieldType.NUMBER: st.integers(-3, 20).map(str) | st.sampled_from(["3..7", "..4", "2.."]),
    FieldType.NUMBERS: st.integers(0, 20).map(str) | st.sampled_from(["3..7"]),
    FieldType.PERCENT: st.integers(0, 100).map(str),
    FieldType.SIZE: st.sampled_from(["4G", "500M", "1.5k"]),
    FieldType.SPAN: SPANS,
    FieldType.TIME: SPANS | st.sampled_from(["today", "yesterday", "2026-11-24", "2026-11-25T12:00"]),
}


@st.composite
def comparisons(draw: st.DrawFn) -> Node:
    field = draw(st.sampled_from(FIELDS))
    operator = draw(st.sampled_from(OPERATORS[field.type]))
    if field.choices:
        values = st.sampled_from([word for word, _ in field.choices]).map(Value)
    elif field.type in FIGURES:
        figures = FIGURES[field.type]
        values = (figures.filter(lambda text: ".." not in text) if operator[0] in "<>" else figures).map(Value)
    else:
        values = PLAIN.map(Value) | ANY_TEXT.map(lambda text: Value(text, literal=True))
    most = 1 if operator[0] in "<>" else 3
    return Comparison(field, operator, tuple(draw(st.lists(values, min_size=1, max_size=most))))


def joined(kind: type[All | AnyOf], parts: list[Node]) -> Node:
    flat = [inner for part in parts for inner in (part.parts if isinstance(part, kind) else [part])]
    return kind(tuple(flat))


leaves = PLAIN.map(lambda text: Word(Value(text))) | ANY_TEXT.map(lambda text: Word(Value(text, literal=True)))
nodes: st.SearchStrategy[Node] = st.recursive(
    leaves | comparisons(),
    lambda inner: (
        inner.map(Not)
        | st.lists(inner, min_size=2, max_size=3).map(lambda parts: joined(All, parts))
        | st.lists(inner, min_size=2, max_size=3).map(lambda parts: joined(AnyOf, parts))
    ),
    max_leaves=8,
)


@given(nodes)
def test_what_was_written_is_read_as_the_same(node: Node) -> None:
    assert parse(str(node)) == node


@given(st.text('ab:=<>!-()", *?OR.#0', max_size=30) | st.text(max_size=30))
def test_any_text_is_understood_or_a_mistake_with_a_place(text: str) -> None:
    try:
        node = parse(text)
    except FilterError as error:
        assert 0 <= error.at <= len(text)
        assert error.length >= 1
    else:
        assert parse(str(node)) == node


TEXTS = ("", "a", "ab", "xyz", "Äß", "a*b", "10", "say \"x\"")  # fmt: skip


def some_job(chance: random.Random, id_: int) -> Job:
    values: dict[str, Any] = {}
    for field in FIELDS:
        match field.type:
            case FieldType.TEXT:
                values[field.name] = chance.choice(TEXTS)
            case FieldType.TEXTS:
                values[field.name] = tuple(chance.sample(TEXTS, chance.randrange(3)))
            case FieldType.NUMBERS:
                values[field.name] = tuple(chance.sample(range(20), chance.randrange(3)))
            case FieldType.CHOICE:
                values[field.name] = chance.choice(list(JobStatus))
            case FieldType.FLAG:
                values |= {f"{field.name}:{word}": chance.random() < 0.5 for word, _ in field.choices}
            case FieldType.TIME:
                values[field.name] = chance.choice([None, NOW - chance.randrange(300_000)])
            case _:
                values[field.name] = chance.choice([None, chance.randrange(20), chance.random() * 5e6])
    return job(**values | {"id": id_, "prio": chance.randrange(10), "submitted": NOW - chance.randrange(300_000)})


def naive(node: Node, item: Job) -> bool:
    """The same, without anything that makes it fast."""
    if isinstance(node, Not):
        return not naive(node.part, item)
    if isinstance(node, All):
        return all(naive(part, item) for part in node.parts)
    if isinstance(node, AnyOf):
        return any(naive(part, item) for part in node.parts)
    if isinstance(node, Word):
        texts = (item["name"], item["by"], *item["tag"])
        digits = node.value.text.removeprefix("#")
        starts = not node.value.literal and digits.isascii() and digits.isdigit() and str(item["id"]).startswith(digits)
        return starts or any(like(node.value, text, whole=False) for text in texts)
    found = any(naively(node, value, item) for value in node.values)
    if node.operator != "!=":
        return found
    unknown = node.field.type in FIGURES and node.field.type is not FieldType.NUMBERS
    return not found and not (unknown and GETTER[node.field.name](item) is None)


def like(value: Value, text: str, *, whole: bool) -> bool:
    wanted, folded = value.text.casefold(), text.casefold()
    if not value.literal and ("*" in wanted or "?" in wanted):
        return fnmatch.fnmatchcase(folded, wanted)
    return folded == wanted if whole else wanted in folded


UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
SIZES = {"4G": 4 * 1024.0**2, "500M": 500 * 1024.0, "1.5k": 1.5}
DAY = 86_400.0
MIDNIGHT = datetime(2026, 11, 25, tzinfo=UTC).timestamp()
TIMES = {
    "today": (MIDNIGHT, MIDNIGHT + DAY),
    "yesterday": (MIDNIGHT - DAY, MIDNIGHT),
    "2026-11-24": (MIDNIGHT - DAY, MIDNIGHT),
    "2026-11-25T12:00": (NOW - HOUR, NOW - HOUR + 60),
}


def seconds(text: str) -> float:
    total, number = 0.0, ""
    for char in text:
        if char.isdigit():
            number += char
        else:
            total, number = total + int(number) * UNITS[char], ""
    return total


def naively(node: Comparison, value: Value, item: Job) -> bool:
    kind, operator = node.field.type, node.operator
    if kind is FieldType.FLAG:
        return bool(item[f"{node.field.name}:{value.text}"])
    found = GETTER[node.field.name](item)
    if kind is FieldType.CHOICE:
        assert value.text in [word for word, _ in node.field.choices]
        return bool(found == ("runnable" if value.text == "waiting" else value.text))
    if kind in (FieldType.TEXT, FieldType.TEXTS):
        if kind is FieldType.TEXTS and not value.text:
            return not found
        return any(like(value, text, whole=operator != ":") for text in ([found] if kind is FieldType.TEXT else found))
    if found is None:
        return False
    if kind is FieldType.TIME and value.text not in TIMES:
        if operator in (":", "=", "!="):
            operator = "<="
        return compare(NOW - found, operator, seconds(value.text), seconds(value.text))
    if kind is FieldType.TIME:
        low, high = TIMES[value.text]
        answers = {"<": found < low, "<=": found < high, ">": found >= high, ">=": found >= low}
        return bool(answers.get(operator, low <= found < high))
    if kind is FieldType.PERCENT:
        number = int(value.text) / 100
        equal = operator in (":", "=", "!=")
        return abs(found - number) <= 0.005 if equal else compare(found, operator, number, number)
    if kind in (FieldType.SIZE, FieldType.SPAN):
        number = SIZES[value.text] if kind is FieldType.SIZE else seconds(value.text)
        return compare(found, operator, number, number)
    low_text, dots, high_text = value.text.partition("..")
    low = float(low_text) if low_text else float("-inf")
    high = float(high_text) if high_text else float("inf") if dots else low
    return any(compare(one, operator, low, high) for one in (found if kind is FieldType.NUMBERS else [found]))


def compare(found: float, operator: str, low: float, high: float) -> bool:
    answers = {"<": found < low, "<=": found <= low, ">": found > low, ">=": found >= low}
    return answers.get(operator, low <= found <= high)


@given(nodes, st.integers(0, 1 << 30))
def test_random_filters_find_what_a_naive_reading_finds(node: Node, seed: int) -> None:
    chance = random.Random(seed)
    jobs = [some_job(chance, id_) for id_ in range(1, 13)]
    expected = [item["id"] for item in jobs if naive(node, item)]
    assert finds(str(node), *jobs) == expected


def test_no_pattern_takes_long() -> None:
    """Each star is tried once: a pattern for which a regular expression would never end."""
    assert not passing("name:" + "*a" * 200 + "b", name="a" * 1000)
    assert passing("name:" + "*a" * 200 + "*", name="a" * 1000)


@pytest.mark.parametrize(
    ("text", "start", "field", "offers"),
    [
        ("", 0, "", ["name:", "by:", "status:"]),
        ("x pr", 2, "", ["prio:", "progress:"]),
        ("-ta", 1, "", ["tag:"]),
        ("own", 0, "", ["by:"]),
        ("status:fa", 7, "status", ["failed"]),
        ("status:failed,ca", 14, "status", ["cancelled"]),
        ("(is:un", 4, "is", ["unfinished"]),
        ("on:node1", 3, "on", ["node1", "node12", "big node1"]),
        ('by:"Ana M', 3, "by", ['"Ana Maria"']),
        ("a b shot:", 4, "", []),
        ("age>2", 4, "age", []),
    ],
)
def test_completion_offers_fields_and_values(text: str, start: int, field: str, offers: list[str]) -> None:
    known = {"on": ("node1", "node12", "render3", "big node1"), "by": ("Ana Maria", "bob")}
    found = completion(text, len(text), lambda name: known.get(name, ()))
    texts = [offer.text for offer in found.offers]
    assert (found.start, found.field) == (start, field)
    if offers and text in ("", "x pr"):
        assert [offer for offer in texts if offer in offers] == offers
    else:
        assert [offer.strip('"') for offer in texts] == [offer.strip('"') for offer in offers]
    for offer in texts:
        written = text[: found.start] + offer
        if not offer.endswith(":") and field:
            parse(written.removeprefix("("))


def test_names_of_fields_are_unique() -> None:
    assert len({*FIELD_OF}) == sum(1 + len(field.aliases) for field in FIELDS)
