"""A hash of a submission, by which the same submission is recognised when its key comes again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Generator, Sequence
from dataclasses import MISSING, fields
from typing import Any, Final

from hqserver.wire.conditions import Condition
from hqserver.wire.jobs import JobSpec

_JOBS_A_TURN: Final = 100
_CHILDREN: Final = "children"
_DEFAULTS: Final[dict[str, Any]] = {
    item.name: item.default_factory() if item.default_factory is not MISSING else item.default
    for item in fields(JobSpec)
    if item.name != _CHILDREN
}


def fingerprint(specs: Sequence[JobSpec], parent: int | None, children: Sequence[int]) -> Generator[None, None, str]:
    """The hash, in turns. Fields at their defaults do not count, so a field that is added later changes nothing."""
    digest = hashlib.sha256(json.dumps([parent, *sorted(set(children))]).encode())
    stack = list(reversed(specs))
    count = 0
    while stack:
        spec = stack.pop()
        digest.update(_own(spec))
        stack.extend(reversed(spec.children))
        count += 1
        if not count % _JOBS_A_TURN:
            yield
    return digest.hexdigest()


def _own(spec: JobSpec) -> bytes:
    """What a specification says beside its children, and how many these are."""
    said = {name: value for name, default in _DEFAULTS.items() if (value := getattr(spec, name)) != default}
    return json.dumps([said, len(spec.children)], sort_keys=True, default=_condition).encode()


def _condition(value: Condition) -> list[str]:
    return [value.type, value.name, value.op, value.value]
