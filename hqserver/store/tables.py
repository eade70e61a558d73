"""The tables: one line for each attribute that is remembered.

A new attribute is a line here and a migration. What changes seldom or is read whole is JSON text. There are no foreign
keys: rows go in by gathers whose order is the farm's, and a reference that leads nowhere is mended at load instead of
being a reason not to start.
"""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa

from hqserver.core.records import AttemptState
from hqserver.store.kinds import (
    COUNT,
    FLAG,
    FRACTION,
    ID,
    NUMBER,
    REFERENCE,
    SECONDS,
    TEXT,
    TIME,
    WORD,
    Kind,
    json_of,
    one_of,
    optional,
)
from hqserver.store.shapes import Field, Shape, metadata
from hqserver.store.specs import text_of
from hqserver.wire import agent
from hqserver.wire.statuses import JobStatus


def _tuple_of(kind: type) -> Any:
    def load(plain: Any) -> tuple[Any, ...]:
        if not isinstance(plain, list) or any(type(item) is not kind for item in plain):
            raise ValueError(f"it is no list of {kind.__name__}")
        return tuple(plain)

    return load


_WARNINGS: Final = json_of(_tuple_of(str), list, ())
_IDS: Final = json_of(_tuple_of(int), list, ())
_SPEC: Final = Kind(sa.Text(), TEXT.load, "", text_of)
_STATUS: Final = one_of(JobStatus, JobStatus.FAILED)
_STATE: Final = one_of(AttemptState, AttemptState.OVER)


def _machine(text: Any) -> agent.Machine:
    return agent.decode(agent.Machine, text)
