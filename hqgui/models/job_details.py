"""What the Properties tab tells of one job beyond its row: what was asked for it, and when it could have started.

The feed does not carry command, environment and status log; the inspector asks for them while a job is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from hqgui.models import formats
from hqgui.models.history import Entry
from hqgui.models.inspector import command_text
from hqgui.models.job_properties import Group, Told, day_and_time
from hqgui.words import translate
from hqserver.wire.statuses import JobStatus


def whole(told: Sequence[Told], details: Mapping[str, Any], log: Iterable[Entry]) -> list[Told]:
    """The lines of a job with what is known beyond them, each group behind the other.

    `log`: the status log, newest first; `details`: what `inquiries.job_details` answered.
    """
    order = list(Group)
    return sorted([*told, *_of_log(log), *_of_details(details)], key=lambda one: order.index(one.group))


def _of_log(log: Iterable[Entry]) -> list[Told]:
    """When it last became ready for a client: HQueue calls it the runnable time."""
    ready = next((entry.date for entry in log if entry.status == JobStatus.RUNNABLE and entry.date is not None), None)
    if ready is None:
        return []
    return [Told(Group.TIMES, translate("Properties", "Ready to run"), day_and_time(ready), formats.both_times(ready))]


def _of_details(details: Mapping[str, Any]) -> list[Told]:
    environment = details.get("environment")
    values = environment.items() if isinstance(environment, Mapping) else ()
    lines = (
        (translate("Properties", "Command"), command_text(details.get("command"))),
        (translate("Properties", "Shell"), str(details.get("shell") or "")),
        (translate("Properties", "Environment"), "\n".join(f"{name}={value}" for name, value in values)),
        (translate("Properties", "Makes the file"), str(details.get("output") or "")),
        (translate("Properties", "Runs after success"), command_text(details.get("onSuccess"))),
        (translate("Properties", "Runs after failure"), command_text(details.get("onError"))),
        (translate("Properties", "Runs after a cancel"), command_text(details.get("onCancel"))),
        (translate("Properties", "Runs when a child failed"), command_text(details.get("onChildError"))),
    )
    return [
        Told(Group.NEEDS, label, formats.one_line(text, 400), formats.several_lines(text, 2000), full=text)
        for label, text in lines
        if text
    ]
