"""A specification from what the server says of jobs: what was submitted, to submit it again with changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from hqgui.models.submit.form import Spec

ATTRIBS: Final = (
    "id", "name", "command", "shell", "environment", "priority", "cpus", "tags", "conditions", "resources",
    "description", "triesLeft", "minHosts", "maxHosts", "maxTime", "noOutputTimeout", "lease", "frame", "output",
    "emailTo", "emailReasons", "onSuccess", "onError", "onCancel", "onChildError", "extra", "children", "parents",
)  # fmt: skip
"""What is asked of each job of a tree."""
MOST_JOBS: Final = 20_000
_DEFAULTS: Final[Mapping[str, Any]] = {"cpus": 1, "minHosts": 1, "maxHosts": 1}
_OWN: Final = ("id", "children", "parents", "extra", "conditions")

Row = Mapping[str, Any]


def specification(rows: Mapping[int, Row], root: int) -> Spec:
    """Of a job and all below it. A job with several parents in the tree stands below the first one alone."""
    seen: set[int] = set()
    made: dict[int, Spec] = {}
    stack = [(root, False)]
    while stack:
        job, is_done = stack.pop()
        row = rows[job]
        below = [child for child in row["children"] if child in rows and _belongs(rows[child], job, rows)]
        if is_done:
            made[job] = _of_row(row, job == root, rows[root], [made[child] for child in below if child in made])
        elif job not in seen:
            seen.add(job)
            stack.append((job, True))
            stack += [(child, False) for child in below]
    return made[root]


def _belongs(row: Row, parent: int, rows: Mapping[int, Row]) -> bool:
    first = next((one for one in row["parents"] if one in rows), None)
    return first == parent


def _of_row(row: Row, is_root: bool, root: Row, children: list[Spec]) -> Spec:
    made: Spec = {}
    for name in ATTRIBS:
        value = row.get(name)
        if name not in _OWN and value not in (None, "", 0, 0.0, [], {}, ()) and value != _DEFAULTS.get(name):
            made[name] = value
    conditions = row.get("conditions") or []
    if conditions and (is_root or conditions != root.get("conditions")):
        made["conditions"] = [dict(item) for item in conditions]
    if row.get("frame") == 0:
        made["frame"] = 0
    made |= dict(row.get("extra") or {})
    if children:
        made["children"] = children
    return {"name": row["name"], **made}
