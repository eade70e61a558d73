"""The tray's own small made-up farm: the jobs, the machine and the notifications of its drawing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from hqgui.feed_state import FeedState, Phase
from hqgui.made_up import NOW_SECONDS, ago
from hqgui.models.client_store import ClientStore
from hqgui.models.job_store import JobStore
from hqgui.models.tray.facts import TrayFacts, TrayKnown, assemble
from hqgui.models.tray.machine import Agent, MachineFacts, RunningJob
from hqgui.models.tray.news import NewsDesk, note
from hqserver.wire.clients import Override
from hqserver.wire.statuses import ClientStatus, JobStatus

USER: Final = "jlee"
HOST: Final = "ws-jlee"
FARM: Final = "northlight"
LIVE: Final = FeedState(Phase.LIVE, NOW_SECONDS - 7200, latency_ms=4.0, last_news=NOW_SECONDS)
ASKING: Final = FeedState(Phase.CONNECTING, NOW_SECONDS - 1)
LOST: Final = FeedState(
    Phase.RECONNECTING,
    NOW_SECONDS - 640,
    next_try=NOW_SECONDS + 12,
    words="northlight is there, but no server listens on port 5000. Is hqserver running, and on this port?",
)
_RULES: Final = [{"startHour": 19, "endHour": 8}, {"idleMinutes": 15}]
FRAME: Final = RunningJob(
    51_009, "shot_020 beauty 1009", "aokafor", progress=0.72, left=385.0, since=NOW_SECONDS - 24 * 60
)


def _tree(number: int, name: str, counts: dict[str, int], progress: float, **values: Any) -> dict[str, Any]:
    return {
        "id": number,
        "name": name,
        "status": JobStatus.QUEUED,
        "parents": [],
        "submittedBy": USER,
        "childCounts": counts,
        "childCount": sum(counts.values()),
        "overallProgress": progress,
        "ETA": -1,
        "queueTime": ago(9000),
        **values,
    }


def job_rows() -> list[dict[str, Any]]:
    """The six jobs."""
    done, failed = JobStatus.SUCCEEDED, JobStatus.FAILED
    return [
        _tree(
            48_301,
            "shot_020_lighting v011",
            {done: 18, JobStatus.RUNNING: 38, JobStatus.RUNNABLE: 101},
            0.12,
            ETA=13_800,
            startTime=ago(2600),
        ),
        _tree(
            48_302,
            "shot_027_comp v009",
            {done: 84, failed: 2, JobStatus.CANCELLED: 14},
            0.84,
            status=failed,
            startTime=ago(5000),
            endTime=ago(640),
        ),
        _tree(
            48_303, "shot_020_comp_prev v003", {JobStatus.RUNNABLE: 40}, 0.0, ETA=560, waitingFor="waiting for licence"
        ),
        _tree(48_304, "shot_014_lighting v008", {done: 40, JobStatus.PAUSED: 56}, 0.42),
        _tree(48_305, "shot_020_slapcomp v004", {JobStatus.QUEUED: 48}, 0.0, waitingFor="after lighting"),
        _tree(48_306, "shot_018_lighting v040", {done: 96}, 1.0, status=done, startTime=ago(8880), endTime=ago(1020)),
    ]


def client_row(**values: Any) -> Any:
    """This machine in the farm."""
    store = ClientStore()
    given = {
        "id": 7,
        "hostname": HOST,
        "name": "",
        "label": HOST,
        "status": ClientStatus.AVAILABLE,
        "availabilityRules": _RULES,
        "idleTime": 47,
        "runningJobs": [],
        "override": Override.NONE.value,
        "overrideUntil": None,
    }
    store.upsert([{**given, **values}])
    return store.rows[7]


def known(**values: Any) -> TrayKnown:
    """What the tray knows in the middle of a day."""
    store = JobStore()
    store.upsert(values.pop("jobs", None) if "jobs" in values else job_rows())
    desk = NewsDesk()
    desk.see(store, list(store.row_of), NOW_SECONDS, fresh=False)
    desk.explain("job 48302", "Read1: missing plate.")
    if len(store):
        desk.say(note(61, 48_303, "shot_020_comp_prev v003", "dkim", "Which licence?", NOW_SECONDS - 3760, "1"), 0.0)
        desk.mark_read(["note 61"])
    machine = values.pop("machine", None) or MachineFacts(HOST, online=True, rows=(client_row(),))
    made = TrayKnown(store, desk, LIVE, machine, FARM, frozenset({USER}), USER)
    for name, value in values.items():
        setattr(made, name, value)
    return made


def facts(**values: Any) -> TrayFacts:
    """What is shown of that."""
    return assemble(known(**values), NOW_SECONDS)


def in_use(**values: Any) -> MachineFacts:
    """A frame of somebody else runs here."""
    row = client_row(status=ClientStatus.BUSY, runningJobs=[FRAME.id], idleTime=47, **values)
    return MachineFacts(HOST, online=True, rows=(row,), running=(FRAME,))


def mine() -> MachineFacts:
    """It is mine for some hours."""
    row = client_row(override=Override.MINE.value, overrideUntil=ago(-4 * 3600), idleTime=1)
    return MachineFacts(HOST, online=True, rows=(row,))


def leaving() -> MachineFacts:
    """It is mine after the frame that runs."""
    return in_use(override=Override.DRAIN.value)


def alone() -> MachineFacts:
    """The server is away, the agent here is not."""
    agent = Agent(jobs=(replace(FRAME, owner="", left=-1.0),))
    return MachineFacts(HOST, online=False, rows=(client_row(),), agents=(agent,))
