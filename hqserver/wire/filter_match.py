"""Applying a filter: to one record (`passes`), or to very many at once (`select`), with the same outcome.

Records are whatever the getters take: a job of the server's farm, a row number of the window's columns. A table of
getters gives for each field (`filter_fields.GETTERS`) a function of a record, whose values are as `FieldType` says;
fields that a table lacks are a `FilterError` of who asks for them. Texts that many records share are compared once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from itertools import compress
from operator import ge, gt, le, lt, or_
from typing import Any, Final, TypeVar

from hqserver.wire import filter_values
from hqserver.wire.filter_fields import Field, FieldType
from hqserver.wire.filter_text import All, AnyOf, Comparison, FilterError, Node, Not, Value, Word
from hqserver.wire.statuses import WAITING, JobStatus

R = TypeVar("R", bound=Hashable)
Passes = Callable[[R], bool]
Getters = Mapping[str, Callable[[R], Any]]
_Judge = Callable[[Any], bool]
"""Says of one value whether it fits."""

_MOST_KNOWN: Final = 200_000
_HALF_A_PERCENT: Final = 0.005


@dataclass(slots=True)
class Clock:
    """The present, as a filter means it. A filter that is kept for long is told the time by setting `now`."""

    now: float
    """Seconds since the epoch."""
    zone: tzinfo = UTC
    """In which days and dates are meant. They are read when the filter is made; `2h` is read whenever it is asked."""


def passes(node: Node, getters: Getters[R], clock: Clock) -> Passes[R]:
    """The function for a filter. Raises FilterError for a field that the getters do not have."""
    if isinstance(node, Word):
        return _WordLook(node.value).passes(getters)
    if isinstance(node, Comparison):
        return _flag(node, getters) if node.field.type is FieldType.FLAG else _compared(node, getters, clock)
    if isinstance(node, Not):
        denied = passes(node.part, getters, clock)
        return lambda record: not denied(record)
    parts = [passes(part, getters, clock) for part in node.parts]
    return _all_of(parts) if isinstance(node, All) else _any_of(parts)


def _all_of(parts: list[Passes[R]]) -> Passes[R]:
    if len(parts) == 2:
        first, second = parts
        return lambda record: first(record) and second(record)
    return lambda record: all(part(record) for part in parts)


def _any_of(parts: list[Passes[R]]) -> Passes[R]:
    if len(parts) == 2:
        first, second = parts
        return lambda record: first(record) or second(record)
    return lambda record: any(part(record) for part in parts)


def select(node: Node, getters: Getters[R], clock: Clock, records: Sequence[R]) -> Sequence[R]:
    """The records that pass, in their order. Goes over them column by column, which takes a fraction of asking each.

    Raises FilterError for a field that the getters do not have.
    """
    if isinstance(node, All):
        for part in node.parts:
            records = select(part, getters, clock, records)
        return records
    if isinstance(node, AnyOf):
        found: set[R] = set()
        for part in node.parts:
            found.update(select(part, getters, clock, [record for record in records if record not in found]))
        return [record for record in records if record in found]
    if isinstance(node, Not):
        denied = set(select(node.part, getters, clock, records))
        return [record for record in records if record not in denied]
    if isinstance(node, Word):
        return _with_word(node.value, getters, records)
    if node.field.type is FieldType.FLAG:
        return list(filter(_flag(node, getters), records))
    getter, judge = _getter(node, node.field.name, getters), _judge_of(node, clock)
    return list(compress(records, map(judge, map(getter, records))))


def _with_word(value: Value, getters: Getters[R], records: Sequence[R]) -> Sequence[R]:
    look = _WordLook(value)
    fits = map(look.names.__getitem__, map(getters["name"], records))
    for field, known in (("by", look.users), ("tag", look.tags)):
        if any(map(known.__getitem__, set(map(getters[field], records)))):
            fits = map(or_, fits, map(known.__getitem__, map(getters[field], records)))
    if look.digits:
        ids = list(map(getters["id"], records))
        fits = map(or_, fits, map(_ids_from(look.digits, ids).__contains__, ids))
    return list(compress(records, fits))


def _ids_from(digits: str, ids: Sequence[int]) -> Collection[int]:
    """The ids that begin with these digits: counted up where ids are dense, else picked out one by one."""
    first, most, ranges = int(digits), max(ids, default=0), []
    factor = 1
    while first and first * factor <= most and digits[0] != "0":
        ranges.append(range(first * factor, min((first + 1) * factor, most + 1)))
        factor *= 10
    if sum(map(len, ranges)) <= 2 * len(ids):
        return set().union(*ranges)
    return {id_ for id_ in ids if str(id_).startswith(digits)}


class _Known(dict[Any, bool]):
    """What was judged of each value; judging is left to the first who asks."""

    def __init__(self, judge: _Judge) -> None:
        super().__init__()
        self._judge = judge

    def __missing__(self, value: Any) -> bool:
        if len(self) >= _MOST_KNOWN:
            self.clear()
        found = self[value] = self._judge(value)
        return found


class _WordLook:
    """A word is found in the name, the submitter or the tags; digits, also after #, begin an id."""

    def __init__(self, value: Value) -> None:
        judge = _text_judge(value, whole=False)
        self.names, self.users = _Known(judge), _Known(judge)
        self.tags = _Known(lambda texts: any(map(judge, texts)))
        digits = value.text.removeprefix("#")
        self.digits = digits if not value.literal and digits.isascii() and digits.isdigit() else ""

    def passes(self, getters: Getters[R]) -> Passes[R]:
        names, users, tags, digits = self.names, self.users, self.tags, self.digits
        name, by, tag, id_ = getters["name"], getters["by"], getters["tag"], getters["id"]
        if not digits:
            return lambda record: names[name(record)] or users[by(record)] or tags[tag(record)]
        return lambda record: (
            names[name(record)] or users[by(record)] or tags[tag(record)] or str(id_(record)).startswith(digits)
        )


def _compared(test: Comparison, getters: Getters[R], clock: Clock) -> Passes[R]:
    getter, judge = _getter(test, test.field.name, getters), _judge_of(test, clock)
    return lambda record: judge(getter(record))


def _judge_of(test: Comparison, clock: Clock) -> _Judge:
    """Says of a value of the field whether it fits one of the test's."""
    judges = [_judge(test.field, test.operator, value, clock) for value in test.values]
    judge = judges[0] if len(judges) == 1 else lambda value: any(one(value) for one in judges)
    if test.operator == "!=":
        judge = _denied(test.field, judge)
    return _Known(judge).__getitem__ if test.field.type in _SHARED else judge


def _flag(test: Comparison, getters: Getters[R]) -> Passes[R]:
    words = dict.fromkeys(
        word for value in test.values for word in filter_values.choices(test.field, test.operator, value.text)
    )
    found = [_getter(test, f"{test.field.name}:{word}", getters) for word in words]
    if len(found) == 1:
        (only,) = found
        return lambda record: bool(only(record))
    return lambda record: any(flag(record) for flag in found)


def _getter(test: Comparison, name: str, getters: Getters[R]) -> Callable[[R], Any]:
    found = getters.get(name)
    if found is None:
        first, last = test.values[0], test.values[-1]
        length = last.at + last.length - first.at
        raise FilterError(first.at, length, f"{name} is not known here", "Ask for it by queryJobs, or leave it out.")
    return found


def _denied(field: Field, judge: _Judge) -> _Judge:
    """Of a figure that there is not, nothing is said, neither that it is nor that it is not."""
    if field.type in (FieldType.TEXT, FieldType.TEXTS, FieldType.NUMBERS, FieldType.CHOICE):
        return lambda value: not judge(value)
    return lambda value: value is not None and not judge(value)


_SHARED: Final = frozenset({FieldType.TEXT, FieldType.TEXTS, FieldType.NUMBERS, FieldType.CHOICE})
_ORDER: Final[dict[str, Callable[[float, float], bool]]] = {"<": lt, "<=": le, ">": gt, ">=": ge}


def _judge(field: Field, operator: str, value: Value, clock: Clock) -> _Judge:
    """What a value of the field must be to fit this one; `!=` is the contrary of `=`."""
    if field.type is FieldType.TEXT:
        return _text_judge(value, whole=operator != ":")
    if field.type is FieldType.TEXTS:
        one = _text_judge(value, whole=operator != ":")
        return (lambda texts: not texts) if not value.text else (lambda texts: any(map(one, texts)))
    if field.type is FieldType.CHOICE:
        words = filter_values.choices(field, operator, value.text)
        wanted = frozenset(JobStatus.RUNNABLE if word == WAITING else word for word in words)
        return lambda word: word in wanted
    if field.type is FieldType.TIME:
        return _time_judge(operator, value, clock)
    figures = _figures_judge(field, operator, value)
    if field.type is FieldType.NUMBERS:
        return lambda numbers: any(map(figures, numbers))
    return figures


def _text_judge(value: Value, *, whole: bool) -> _Judge:
    """A text that contains the value, or is it; `*` and `?` outside quotes describe the whole text."""
    wanted = value.text.casefold()
    if not value.literal and ("*" in wanted or "?" in wanted):
        return _pattern_judge(wanted)
    if whole:
        return lambda text: text.casefold() == wanted
    return lambda text: wanted in text.casefold()


def _pattern_judge(wanted: str) -> _Judge:
    """What lies between stars is looked for from left to right, each at its first place: no pattern takes long."""
    first, *middle = (
        re.compile("".join("." if char == "?" else re.escape(char) for char in piece), re.DOTALL)
        for piece in wanted.split("*")
    )
    if not middle:
        return lambda text: first.fullmatch(text.casefold()) is not None
    last, length = middle.pop(), len(wanted.rpartition("*")[2])

    def judge(text: str) -> bool:
        folded = text.casefold()
        found = first.match(folded)
        for piece in middle:
            if found is None:
                return False
            found = piece.search(folded, found.end())
        end = len(folded) - length
        return found is not None and found.end() <= end and last.match(folded, end) is not None

    return judge


def _figures_judge(field: Field, operator: str, value: Value) -> _Judge:
    low, high = filter_values.extent(field, value.text)
    compare = _ORDER.get(operator)
    if compare is not None:
        return lambda number: number is not None and compare(number, low)
    if field.type is FieldType.PERCENT and low == high:
        low, high = low - _HALF_A_PERCENT, high + _HALF_A_PERCENT
    return lambda number: number is not None and low <= number <= high


def _time_judge(operator: str, value: Value, clock: Clock) -> _Judge:
    """`>` a day is after it. `>` two hours is longer ago than that; `:` two hours is within them."""
    meant = filter_values.time(value.text, datetime.fromtimestamp(clock.now, clock.zone))
    if isinstance(meant, filter_values.Ago):
        compare: Callable[[float, float], bool] = _ORDER.get(operator, le)
        ago = meant.seconds
        return lambda at: at is not None and compare(clock.now - at, ago)
    low, high = meant
    judges: dict[str, _Judge] = {
        "<": lambda at: at is not None and at < low,
        "<=": lambda at: at is not None and at < high,
        ">": lambda at: at is not None and at >= high,
        ">=": lambda at: at is not None and at >= low,
    }
    return judges.get(operator, lambda at: at is not None and low <= at < high)
