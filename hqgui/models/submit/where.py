"""Where a specification could run, from what `checkJob` answers, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hqgui.models.formats import count, one_line
from hqgui.models.why.words import title_of
from hqgui.words import counted, translate

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Where:
    """What the foot of Submit says."""

    text: str
    """Of the jobs that have the fewest clients."""
    detail: str
    """Why the others cannot, for each kind of jobs; a line each."""
    short: str
    """For the field: `102 clients`."""
    could: int
    free: int


def read_where(answer: Row) -> Where | None:
    """The answer of `checkJob`; None for one that tells of mistakes, or of no job with a command."""
    kinds: Sequence[Row] = answer["where"]
    if not kinds:
        return None
    worst = min(kinds, key=lambda item: (item["could"], item["free"]))
    total = answer["clients"]
    text = _say("{n} of {m} could run it, {k} free now")
    text = text.replace("{n}", count(worst["could"])).replace(
        "{m}", counted(total, _say("{n} client"), _say("{n} clients"))
    )
    text = text.replace("{k}", count(worst["free"]))
    short = [_shortage(reason) for reason in worst["reasons"] if reason["resource"] is not None]
    if short:
        text += f". {short[0]}"
    elif worst["could"] < total:
        text += f". {_others(worst)}"
    warnings = [one_line(warning) for warning in answer["warnings"]]
    detail = "\n".join([*warnings, *(_detail(item) for item in kinds)])
    words = counted(worst["could"], _say("{n} client"), _say("{n} clients"))
    return Where(text, detail, words, worst["could"], worst["free"])


def _others(kind: Row) -> str:
    found = sorted((item for item in kind["reasons"] if _is_in_the_way(item)), key=lambda item: -item["count"])
    return ", ".join(f"{count(item['count'])} {_lower(title_of(item['code'], item['text']))}" for item in found[:3])


def _is_in_the_way(reason: Row) -> bool:
    return (
        bool(reason["count"]) and reason["scope"] == "clients" and reason["code"] not in ("next", "busy", "not-empty")
    )


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _shortage(reason: Row) -> str:
    resource = reason["resource"]
    name = one_line(resource["name"], 60)
    if reason["code"] == "resource-undefined":
        return _say("{name} is not defined on this farm").replace("{name}", name)
    free = max(0, resource["amount"] - resource["inUse"])
    words = _say("{name}: {n} of {m} free").replace("{name}", name).replace("{n}", count(free))
    return words.replace("{m}", count(resource["amount"]))


def _detail(kind: Row) -> str:
    jobs = counted(kind["jobs"], _say("{n} job"), _say("{n} jobs"))
    reasons = "; ".join(
        f"{count(item['count'])} {_lower(title_of(item['code'], item['text']))}"
        for item in kind["reasons"]
        if item["count"]
    )
    return f"{one_line(kind['name'], 60)} ({jobs}): {reasons}"


def _say(text: str) -> str:
    return translate("Submit", text)
