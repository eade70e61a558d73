"""From a checked specification to the farm's commands, all or nothing.

A `submissionKey` belongs to one top specification, so a call with several keyed ones becomes several commands. They
are applied in one turn of the loop, and so committed together; whatever would refuse one of them is looked for before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from hqserver.api.context import Call
from hqserver.api.fingerprint import fingerprint
from hqserver.api.slices import in_turns
from hqserver.core.commands import Refused, Submit
from hqserver.core.families import would_be_cycle
from hqserver.core.farm import Farm
from hqserver.core.history import named_by
from hqserver.engine import LARGE_SUBMISSION
from hqserver.wire.faults import Code, shown
from hqserver.wire.jobs import JobSpec
from hqserver.wire.spec_check import Checked


async def submit(call: Call, checked: Checked, parent: int | None, children: Sequence[int]) -> list[int]:
    """The ids of the top jobs, in the order of their specifications. Raises Refused."""
    commands = await _commands(call, checked, parent, tuple(dict.fromkeys(children)))
    for command in commands:
        await call.context.history.recall_key(command.key)
    await call.context.history.recall(id_ for command in commands for id_ in named_by(command))
    if len(commands) > 1:
        _refuse_early(call.farm, commands)
    if len(commands) == 1 or checked.jobs > LARGE_SUBMISSION:
        return [id_ for command in commands for id_ in await call.change(command)]
    return await call.change_all(commands)


async def _commands(call: Call, checked: Checked, parent: int | None, children: tuple[int, ...]) -> list[Submit]:
    """One command, or one for each specification when some of several have a key."""
    specs, warnings = checked.specs, checked.warnings
    if not specs:
        return []
    if len(specs) > 1 and any(spec.submission_key for spec in specs):
        groups = [slice(index, index + 1) for index in range(len(specs))]
    else:
        groups = [slice(None)]
    commands = []
    for group in groups:
        key = specs[group][0].submission_key
        mark = await in_turns(fingerprint(specs[group], parent, children)) if key else ""
        commands.append(Submit(specs[group], parent, children, call.caller.name, key, mark, warnings[group]))
    return commands


def _refuse_early(farm: Farm, commands: Iterable[Submit]) -> None:
    """Raise what one of several commands would be refused for, before the first is applied."""
    marks: dict[str, str] = {}
    fresh = []
    for command in commands:
        known = farm.submission_of_key.get(command.key) if command.key else None
        mark = known.fingerprint if known is not None else marks.setdefault(command.key, command.fingerprint)
        if command.key and mark != command.fingerprint:
            raise Refused(Code.CONFLICT, f"submissionKey {shown(command.key)} was used for another specification")
        if known is None:
            fresh.append(command)
    edges = list(_edges(fresh))
    missing = dict.fromkeys(id_ for edge in edges for id_ in edge if id_ > 0 and id_ not in farm.jobs)
    if missing:
        raise Refused(Code.UNKNOWN, f"no job {', '.join(map(str, missing))}")
    found = would_be_cycle(farm.jobs, edges) if any(child > 0 for _, child in edges) else None
    if found is not None:
        raise Refused(Code.IMPOSSIBLE, "a job would wait for another that waits for it")


def _edges(commands: Iterable[Submit]) -> Iterator[tuple[int, int]]:
    """The edges (parent, child) that the commands would add; jobs that do not exist yet have numbers below zero."""
    last = 0
    for command in commands:
        stack: list[tuple[JobSpec, int | None]] = [(spec, None) for spec in command.specs]
        while stack:
            spec, above = stack.pop()
            last -= 1
            parents, children = list(spec.parent_ids), list(spec.children_ids)
            if above is None:
                parents += [] if command.parent is None else [command.parent]
                children += command.children
            else:
                parents.append(above)
            yield from ((parent, last) for parent in parents)
            yield from ((last, child) for child in children)
            stack += [(child, last) for child in spec.children]
