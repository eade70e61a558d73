"""What the form of Submit holds, the specification that it makes, and the form that shows a specification.

`$FRAME` in a command stands for the frame of a child, `$FRAME4` for the same with four digits; of a child that makes
several frames `$FRAME` is the first, `$FRAME_END` the last, `$FRAME_COUNT` their number, `$FRAME_STEP` the step. They
are put in before anything is sent, so that the farm sees plain commands. What the form has no field for is kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum, unique
from typing import Any, Final

from hqgui.models.submit.ranges import BadRange, Chunk, chunks, read_frames, written
from hqgui.words import capital

_PLACE: Final = re.compile(
    r"\$(?:\{(FRAME(?:_END|_COUNT|_STEP|\d)?)\}|(FRAME(?:_END|_COUNT|_STEP|\d)?)(?![A-Za-z0-9_]))"
)
_OF_COMMAND: Final = ("shell", "cpus", "environment", "resources", "tags", "triesLeft", "maxTime")
_KEYS: Final = (
    "name",
    "command",
    "shell",
    "priority",
    "cpus",
    "resources",
    "tags",
    "triesLeft",
    "maxTime",
    "environment",
    "description",
)

Spec = dict[str, Any]


@unique
class RunOn(StrEnum):
    """Which clients may run it."""

    ANY = "any"
    GROUPS = "groups"
    CLIENTS = "clients"
    OTHER = "other"
    """Conditions that the form cannot show."""


@dataclass(frozen=True, slots=True)
class Form:
    """The fields. Times in minutes, texts as they are typed."""

    name: str = ""
    command: str = ""
    frames: str = ""
    per_child: int = 1
    shell: str = ""
    priority: int = 0
    run_on: RunOn = RunOn.ANY
    names: tuple[str, ...] = ()
    """Of the groups or clients."""
    resources: Mapping[str, int] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    tries: int = 0
    parent: int | None = None
    start_paused: bool = False
    tell: bool = False
    cpus: int = 1
    max_time: int = 0
    """Minutes that a command may run; 0: without limit."""
    environment: Mapping[str, str] = field(default_factory=dict)
    description: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)
    """Keys without a field, `children` too."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """What keeps a form from being submitted."""

    field: str
    text: str


def mistakes(form: Form) -> list[Mistake]:
    """What is wrong with a form, the first field first."""
    found = []
    if not form.name.strip():
        found.append(Mistake("name", "Every job needs a name."))
    if not form.command.strip() and not form.extra.get("children"):
        found.append(Mistake("command", "A command is missing."))
    try:
        frames = read_frames(form.frames)
    except BadRange as error:
        found.append(Mistake("frames", capital(str(error)) + "."))
    else:
        if frames and not _PLACE.search(form.command):
            found.append(Mistake("command", "Put $FRAME where the number of the frame belongs, or empty Frames."))
    if form.run_on in (RunOn.GROUPS, RunOn.CLIENTS) and not form.names:
        found.append(Mistake("run_on", "Choose at least one group or client."))
    return found


def job_count(form: Form) -> int:
    """How many jobs it makes; 0 for ranges that cannot be read."""
    try:
        parts = chunks(read_frames(form.frames), form.per_child)
    except (BadRange, ValueError):
        return 0
    return 1 + len(parts) + _count(form.extra.get("children"))


def _count(children: object) -> int:
    total, stack = 0, list(children) if isinstance(children, list) else []
    while stack:
        child = stack.pop()
        total += 1
        below = child.get("children") if isinstance(child, dict) else None
        stack += below if isinstance(below, list) else []
    return total


def in_command(command: str, chunk: Chunk) -> str:
    """A command with a child's frames put in."""
    values = {"FRAME": chunk.first, "FRAME_END": chunk.last, "FRAME_COUNT": chunk.count, "FRAME_STEP": chunk.step}

    def number(match: re.Match[str]) -> str:
        name = match[1] or match[2]
        if name in values:
            return str(values[name])
        return f"{chunk.first:0{int(name[-1]) + (chunk.first < 0)}d}"

    return _PLACE.sub(number, command)


def placeholders(command: str) -> list[tuple[int, int]]:
    """Where placeholders and variables stand in a command, for colour."""
    return [match.span() for match in re.finditer(r"\$(?:\{\w+\}|\w+)", command)]


def specification(form: Form) -> Spec:
    """What is submitted; keys that say nothing are left out. Raises BadRange."""
    parts = chunks(read_frames(form.frames), form.per_child)
    of_command = _of_command(form)
    spec: Spec = {"name": form.name.strip()}
    if not parts:
        spec |= {"command": form.command, **of_command} if form.command.strip() else of_command
    if form.priority:
        spec["priority"] = form.priority
    conditions = _conditions(form)
    if conditions:
        spec["conditions"] = conditions
    if form.description.strip():
        spec["description"] = form.description
    spec |= {key: value for key, value in form.extra.items() if key not in spec}
    if parts:
        shared = of_command | ({"priority": form.priority} if form.priority else {})
        spec["children"] = [
            {"name": part.name, "command": in_command(form.command, part), "frame": part.first, **shared}
            for part in parts
        ]
    return spec


def _of_command(form: Form) -> Spec:
    values: Spec = {
        "shell": form.shell,
        "cpus": form.cpus if form.cpus != 1 else None,
        "environment": dict(form.environment),
        "resources": dict(form.resources),
        "tags": list(form.tags),
        "triesLeft": form.tries,
        "maxTime": form.max_time * 60,
    }
    return {key: values[key] for key in _OF_COMMAND if values[key]}


def _conditions(form: Form) -> list[dict[str, str]]:
    if form.run_on not in (RunOn.GROUPS, RunOn.CLIENTS) or not form.names:
        return []
    name = "group" if form.run_on is RunOn.GROUPS else "hostname:name"
    op = "==" if len(form.names) == 1 and form.run_on is RunOn.GROUPS else "in"
    return [{"type": "client", "name": name, "op": op, "value": ",".join(form.names)}]


def form_of(spec: Mapping[str, Any], base: Form | None = None) -> Form:
    """The form that shows a specification; what it has no field for is kept in `extra`.

    `base` gives what a specification does not say: the parent, starting paused, telling.
    """
    frames, per_child, template, rest = _template(spec)
    source: Mapping[str, Any] = template if template is not None else spec
    run_on, names = _run_on(spec.get("conditions"))
    kept = {key: value for key, value in rest.items() if key not in _KEYS}
    if run_on is not RunOn.OTHER:
        kept.pop("conditions", None)
    start = base or Form()
    return replace(
        start,
        name=str(spec.get("name") or ""),
        command=str(source.get("command") or "") if isinstance(source.get("command"), str | None) else "",
        frames=frames,
        per_child=per_child,
        shell=str(source.get("shell") or ""),
        priority=_whole(spec.get("priority"), 0),
        run_on=run_on,
        names=names,
        resources=_amounts(source.get("resources")),
        tags=_texts(source.get("tags")),
        tries=_whole(source.get("triesLeft"), 0),
        cpus=_whole(source.get("cpus"), 1),
        max_time=max(0, -(-_whole(source.get("maxTime"), 0) // 60)),
        environment=_environment(source.get("environment")),
        description=str(spec.get("description") or ""),
        extra=kept | ({"command": source["command"]} if isinstance(source.get("command"), dict) else {}),
    )


def _template(spec: Mapping[str, Any]) -> tuple[str, int, Mapping[str, Any] | None, dict[str, Any]]:
    """Frames, how many a child makes, what all children have in common, and the keys that are left."""
    children = spec.get("children")
    rest = dict(spec)
    if not isinstance(children, list) or not children or spec.get("command"):
        return "", 1, None, rest
    shown = [child for child in children if isinstance(child, dict) and isinstance(child.get("frame"), int)]
    if len(shown) != len(children) or any(not isinstance(child.get("command"), str) for child in shown):
        return "", 1, None, rest
    first = shown[0]
    same = ("command", "name", "frame")
    common = {key: value for key, value in first.items() if key not in same}
    if any({key: value for key, value in child.items() if key not in same} != common for child in shown):
        return "", 1, None, rest
    if set(common) - {*_OF_COMMAND, "priority"} or common.get("priority", 0) != spec.get("priority", 0):
        return "", 1, None, rest
    for model in (shown[-1], shown[len(shown) // 2], first):
        command = re.sub(rf"(?<![\w$]){re.escape(str(model['frame']))}(?!\w)", "$FRAME", model["command"])
        if _PLACE.search(command) and all(_is_made(child, command) for child in shown):
            del rest["children"]
            return written([child["frame"] for child in shown]), 1, {**first, "command": command}, rest
    return "", 1, None, rest


def _is_made(child: Mapping[str, Any], command: str) -> bool:
    """Whether a child is what this command makes of its frame."""
    chunk = Chunk(child["frame"], child["frame"], 1, 1)
    return in_command(command, chunk) == child["command"] and child.get("name") == chunk.name


def _run_on(conditions: object) -> tuple[RunOn, tuple[str, ...]]:
    if not conditions:
        return RunOn.ANY, ()
    one = conditions[0] if isinstance(conditions, list) and len(conditions) == 1 else None
    if isinstance(one, dict) and one.get("op") in ("==", "in", "any") and isinstance(one.get("value"), str):
        names = tuple(name.strip() for name in one["value"].split(",") if name.strip())
        if one.get("name") == "group":
            return RunOn.GROUPS, names
        if one.get("name") in ("hostname", "hostname:name"):
            return RunOn.CLIENTS, names
    return RunOn.OTHER, ()


def _whole(value: object, default: int) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else default


def _texts(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,) if value else ()
    return tuple(str(item) for item in value) if isinstance(value, Sequence) else ()


def _amounts(value: object) -> dict[str, int]:
    return {str(name): _whole(amount, 1) for name, amount in value.items()} if isinstance(value, dict) else {}


def _environment(value: object) -> dict[str, str]:
    return {str(name): str(text) for name, text in value.items()} if isinstance(value, dict) else {}
