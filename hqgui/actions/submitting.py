"""Sending a submission so that a lost answer never submits twice, and asking for what was submitted.

A submission gets a key that belongs to its content: sent again unchanged it has the same key, and the server answers
with the ids of the first time.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from hqgui.actions.undo import Caller
from hqgui.models.submit.form import Spec
from hqgui.models.submit.resubmit import ATTRIBS, MOST_JOBS, specification

_KEY: Final = "submissionKey"
_BY: Final = "submittedBy"
_AT_ONCE: Final = 2000


@dataclass(slots=True)
class Sender:
    """Of one dialog."""

    server: Caller
    user: str = ""
    """Who submits, where the specification does not say; empty: nobody knows."""
    seed: str = field(default_factory=lambda: uuid.uuid4().hex)
    """Two dialogs with the same content are two submissions."""

    def keyed(self, spec: Any, parent: int | None = None) -> Any:
        """The specification with its key; one that has a key already keeps it."""
        content = json.dumps([spec, parent], sort_keys=True)
        key = hashlib.blake2b(f"{self.seed} {content}".encode(), digest_size=16).hexdigest()
        if isinstance(spec, dict):
            return spec if spec.get(_KEY) else {**spec, _KEY: key}
        if any(item.get(_KEY) or item.get("childStubIds") for item in spec):
            return spec
        return [{**item, _KEY: f"{key}-{place}"} for place, item in enumerate(spec)]

    async def send(self, spec: Any, parent: int | None = None) -> list[int]:
        """The ids of the top jobs. Raises LinkError: when the answer was lost, send it again."""
        text = json.dumps(self.keyed(self._signed(spec, parent), parent))
        arguments = [text] if parent is None else [text, parent]
        ids = await self.server.call("newjob", *arguments)
        return [int(id_) for id_ in ids]

    def _signed(self, spec: Any, parent: int | None) -> Any:
        """The specification with its submitter; a job that goes below another is of that one's."""
        if not self.user or parent is not None:
            return spec
        if isinstance(spec, dict):
            return spec if spec.get(_BY) else {**spec, _BY: self.user}
        return [item if item.get(_BY) else {**item, _BY: self.user} for item in spec]


async def submitted(server: Caller, job: int) -> tuple[Spec, bool]:
    """What was submitted as this job, with all below it; and whether that is all of it. Raises LinkError, KeyError."""
    rows: dict[int, Mapping[str, Any]] = {}
    wanted: Sequence[int] = [job]
    while wanted and len(rows) < MOST_JOBS:
        part = wanted[:_AT_ONCE]
        for row in await server.call("getJobs", list(part), list(ATTRIBS)) or ():
            rows[row["id"]] = row
        below = [child for id_ in part if id_ in rows for child in rows[id_]["children"]]
        wanted = list(dict.fromkeys([*wanted[_AT_ONCE:], *(id_ for id_ in below if id_ not in rows)]))
    if job not in rows:
        raise KeyError(job)
    return specification(rows, job), not wanted
