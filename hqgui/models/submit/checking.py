"""Checks the JSON of Submit as it is typed: by the rules of the server, with the line and a fix for each mistake."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final

from hqgui.models.formats import one_line
from hqgui.models.submit.places import BadGrammar, Place, line_of, read
from hqgui.words import translate
from hqserver.wire.jobs import DEFAULTS, KEYS
from hqserver.wire.spec_check import Verdict, judge
from hqserver.wire.spec_keys import ROWS

ROOT: Final = "jobspec"
LARGE: Final = 256 << 10
"""Characters beyond which only the grammar is checked here: the server says the rest, and typing never waits."""
_LAST_KEY: Final = re.compile(r"\.([A-Za-z]+)$")
_UNKNOWN: Final = re.compile(r"(.+)\.(\S+) is not a known key")
_STRING: Final = re.compile(r'"(?:[^"\\]|\\.)*"')
_CLOSING: Final = {"{": "}", "[": "]"}
_OF_PATH: Final = re.compile(r"[.\[][^.\[]*$")


@dataclass(frozen=True, slots=True)
class Edit:
    """What a fix does to the text."""

    words: str
    """For its button."""
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A mistake, or something to know (`warns`)."""

    line: int
    text: str
    detail: str
    start: int
    end: int
    """What to underline."""
    warns: bool = False
    fix: Edit | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """What there is to say of a text."""

    findings: tuple[Finding, ...]
    jobs: int
    spec: Any = None
    """The value, where it is JSON."""

    @property
    def mistakes(self) -> int:
        """How many keep it from being submitted."""
        return sum(not finding.warns for finding in self.findings)


def check_text(text: str, known: dict[str, Any] | None = None) -> Checked:
    """Everything that is wrong with a text. `known`: values that a fix prefers to the defaults, by key."""
    if not text.strip():
        return Checked((Finding(1, _say("Write a specification, or open a file"), "", 0, 0),), 0)
    if len(text) > LARGE:
        return _of_large(text)
    try:
        value, places = read(text, ROOT)
    except BadGrammar as error:
        return Checked((_of_grammar(text, error),), 0)
    verdict = _verdict(value)
    found = [_of_mistake(text, path, problem, places, value, known or {}) for path, problem in verdict.mistakes]
    if verdict.checked is not None:
        for told in verdict.checked.warnings:
            found += [_of_warning(text, warning, places) for warning in told]
    found.sort(key=lambda finding: (finding.warns, finding.start))
    return Checked(tuple(found), verdict.jobs, value)


def _of_large(text: str) -> Checked:
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        return Checked((_of_grammar(text, BadGrammar(error.msg, error.pos)),), 0)
    except RecursionError:
        return Checked((_of_grammar(text, BadGrammar("It is nested too deep", 0)),), 0)
    if not isinstance(value, dict | list):
        return Checked((Finding(1, _say("It must be a struct or a list of structs"), "", 0, 1),), 0)
    return Checked((), jobs_in(value), value)


def jobs_in(spec: object) -> int:
    """How many jobs a specification, or a list of some, asks for."""
    total, stack = 0, [spec]
    while stack:
        item = stack.pop()
        below = item if isinstance(item, list) else item.get("children") if isinstance(item, dict) else None
        total += isinstance(item, dict)
        stack += below if isinstance(below, list) else []
    return total


def _verdict(value: object) -> Verdict:
    work = judge(value, argument=ROOT)
    while True:
        try:
            next(work)
        except StopIteration as done:
            result: Verdict = done.value
            return result


def _say(text: str) -> str:
    return translate("Submit", text)


_GRAMMAR: Final = {
    "Expecting ',' delimiter": "A comma is missing",
    "Expecting property name enclosed in double quotes": "A name in double quotes is missing",
    "Expecting ':' delimiter": "A colon is missing after the name",
    "Expecting value": "A value is missing",
    "Unterminated string starting at": "A text has no end",
    "Extra data": "There is more after the end",
    "Illegal trailing comma before end of object": "The last comma is one too many",
    "Illegal trailing comma before end of array": "The last comma is one too many",
}


def _of_grammar(text: str, error: BadGrammar) -> Finding:
    at = min(error.at, len(text))
    words = _say(_GRAMMAR.get(error.words, error.words))
    shown = text[at : at + 20].split("\n", maxsplit=1)[0].strip()
    before = text[:at].rstrip()
    fix = None
    if before.endswith(",") and text[at : at + 1] in ("}", "]"):
        words = _say("The last comma is one too many")
        fix = Edit(_say("Remove it"), len(before) - 1, len(before), "")
    elif error.words == "Expecting ',' delimiter":
        closing = "" if text[at:].strip() else _unclosed(before)
        if closing:
            words = _say("{what} is missing at the end").replace("{what}", closing)
            fix = Edit(_say("Add {what}").replace("{what}", closing), len(before), len(before), closing)
        else:
            fix = Edit(_say("Add a comma"), len(before), len(before), ",")
        at = max(len(before) - 1, 0)
    detail = (
        _say("Found {what}.").replace("{what}", json.dumps(one_line(shown, 20))) if shown else _say("The text ends.")
    )
    return Finding(line_of(text, at), words, detail, at, min(at + 1, len(text)), fix=fix)


def _unclosed(text: str) -> str:
    """What would close the brackets that are open at the end of a text."""
    opened: list[str] = []
    for sign in _STRING.sub("", text):
        if sign in _CLOSING:
            opened.append(_CLOSING[sign])
        elif opened and sign == opened[-1]:
            opened.pop()
    return "".join(reversed(opened))


def _of_mistake(
    text: str, path: str, problem: str, places: dict[str, Place], value: object, known: dict[str, Any]
) -> Finding:
    place = _nearest(path, places)
    missing = path not in places
    key = _LAST_KEY.search(path)
    name = key[1] if key is not None else ""
    words, _, got = problem.partition(", got ")
    told = f"{name} {words}" if name else words
    detail = _say("Found {what}.").replace("{what}", one_line(got.rstrip("."), 60)) if got else ""
    fix = None
    if name and not missing:
        fix = _default(name, place, known)
    elif name == "name" and missing:
        fix = _add_name(text, place)
    line = line_of(text, place.start)
    end = place.end if not missing else place.start + 1
    return Finding(line, one_line(told.rstrip("."), 160), detail, place.start, end, fix=fix)


def _nearest(path: str, places: dict[str, Place]) -> Place:
    """The place of a path, or of what is above it."""
    while path and path not in places:
        shorter = _OF_PATH.sub("", path)
        if shorter == path:
            break
        path = shorter
    return places.get(path, Place(0, 1))


def _default(name: str, place: Place, known: dict[str, Any]) -> Edit | None:
    """What the form or the farm would put there, where that can be written in a word."""
    row = ROWS.get(name)
    value = None if row is None or name == "name" else known.get(name, DEFAULTS.get(row.field))
    if isinstance(value, tuple):
        value = list(value)
    if value is None or value == "" or (isinstance(value, dict) and value):
        return None
    written = json.dumps(value)
    return Edit(_say("Set to {value}").replace("{value}", written), place.start, place.end, written)


def _add_name(text: str, place: Place) -> Edit | None:
    if text[place.start : place.start + 1] != "{":
        return None
    rest = text[place.start + 1 : place.end - 1].strip()
    return Edit(_say("Add a name"), place.start + 1, place.start + 1, '"name": "job"' + (", " if rest else ""))


def _of_warning(text: str, warning: str, places: dict[str, Place]) -> Finding:
    match = _UNKNOWN.match(warning)
    path = f"{match[1]}.{match[2]}" if match is not None else ROOT
    place = places.get(path, Place(0, 0))
    name = match[2] if match is not None else ""
    close = get_close_matches(name, KEYS, 1, 0.7) if name else []
    fix = None
    taken = match is not None and bool(close) and f"{match[1]}.{close[0]}" in places
    if close and place.name_start >= 0 and not taken:
        words = _say("Rename to {name}").replace("{name}", close[0])
        fix = Edit(words, place.name_start, place.name_end, json.dumps(close[0]))
    start, end = (place.name_start, place.name_end) if place.name_start >= 0 else (place.start, place.end)
    line = line_of(text, max(start, 0))
    told = _say("{name} is no key that is known").replace("{name}", one_line(name, 60)) if name else one_line(warning)
    detail = _say("It is kept, but nothing acts on it.") if name else ""
    return Finding(line, told, detail, max(start, 0), max(end, 0), warns=True, fix=fix)
