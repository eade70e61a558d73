"""The lists of names that scripts ask for before they compare: one method for each row of a table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from hqserver.api.context import Call
from hqserver.api.registry import Section, declared
from hqserver.wire.roles import Role
from hqserver.wire.statuses import STATUS_NAMES

SECTION: Final = Section("Meta")

_TEXTS: Final[dict[str, str]] = {
    "getAllJobStatusNames": "All statuses that a job may have; `waiting` is another word for `runnable`.",
    "getRunningJobStatusNames": "Statuses that denote a running job.",
    "getPausedJobStatusNames": "Statuses that denote a paused job.",
    "getFinishedJobStatusNames": "Statuses that denote a finished job. `abandoned` is among them, as in HQueue, "
    "though such a job goes on or is queued again.",
    "getSucceededStatusNames": "Statuses that denote success.",
    "getWaitingJobStatusNames": "Statuses that denote a waiting job.",
    "getFailedJobStatusNames": "Statuses that denote a failed job.",
    "getUnfinishedJobStatusNames": "Statuses that denote an unfinished job.",
    "getPriorityChangedEventNames": "Names of the event that a priority was changed.",
    "getStartedJobEventNames": "Names of the event that a job started.",
    "getRescheduledEventNames": "Names of the event that a job was rescheduled.",
    "getResumedEventNames": "Names of the event that a job was resumed.",
}


def _names_of(method: str) -> Callable[[Call], list[str]]:
    names = [str(name) for name in STATUS_NAMES[method]]

    def answer(call: Call) -> list[str]:
        return names

    answer.__doc__ = _TEXTS[method]
    return answer


for _name in STATUS_NAMES:
    SECTION.methods.append(
        declared(_name, Role.VIEWER, _names_of(_name), "list of str", f"hq.{_name}()", ours=False, waits=False)
    )
