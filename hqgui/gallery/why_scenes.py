"""Scenes of Why waiting: a job that no client can take, an edit of its permitted clients, a job that runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from PySide6.QtWidgets import QWidget

from hqgui.gallery.stage import settle
from hqgui.made_up import NOW_SECONDS, Row, ago, rows
from hqgui.models.why.answer import Why, read_why
from hqgui.models.why.below import Below
from hqgui.views.parts.buttons import Button
from hqgui.views.why.page import WhyPage
from hqgui.views.why.window import WhyWindow
from hqgui.whys import Whys
from hqserver.wire.statuses import JobStatus

if TYPE_CHECKING:
    from hqgui.gallery.kit import Set

_NAME: Final = "shot_044_sim_flip v007"
_JOB: Final = 48301
_GB: Final = 1 << 20
_GROUPS: Final = {1: "sim", 2: "sim_overflow", 3: "highmem", 4: "lookdev", 5: "artists"}


def _client(id_: int, label: str, status: str, gigabytes: int, groups: tuple[int, ...]) -> Row:
    host, _, name = label.partition(":")
    return {
        "id": id_,
        "hostname": host,
        "name": name,
        "label": label,
        "status": status,
        "memory": gigabytes * _GB,
        "groups": list(groups),
    }


def _clients() -> list[Row]:
    found = [
        _client(200 + place, f"rnd-{121 + place}", _SIM.get(121 + place, "busy"), 512, (1, 3) if place < 18 else (1,))
        for place in range(24)
    ]
    overflow = ("rnd-150", "rnd-151", "rnd-152", "rnd-153", "rnd-154:a", "rnd-154:b")
    found += [
        _client(300 + place, label, "available", 384 if place < 4 else 256, (2,))
        for place, label in enumerate(overflow)
    ]
    for place in range(85):
        status = "available" if place < 6 else "busy" if place < 82 else "offline"
        found.append(_client(400 + place, f"rnd-{place + 1:03d}", status, 128, (4,)))
    people = ("ws-aokafor", "ws-jlee", "ws-mbrandt", *(f"ws-{place:02d}" for place in range(29)))
    for place, label in enumerate(people):
        known = {"ws-aokafor": "disabled", "ws-mbrandt": "unavailable"}
        status = known.get(label, "available" if place < 6 else "unavailable" if place < 14 else "busy")
        found.append(_client(600 + place, label, status, 128, (5,)))
    return found


_SIM: Final = {123: "offline", 124: "onhold", 138: "offline", 139: "disabled", 140: "unavailable", 144: "onhold"}


def farm() -> Row:
    """The farm of the usual pictures with the machines of a simulation group."""
    made = rows(24)
    return {**made, "clients": _clients(), "groups": [{"id": id_, "name": name} for id_, name in _GROUPS.items()]}


def _fix(code: str, clients: int, *calls: tuple[str, list[Any]]) -> Row:
    return {
        "code": code,
        "clients": clients,
        "calls": [{"function": function, "arguments": arguments} for function, arguments in calls],
    }


def _reason(code: str, count: int, **more: Any) -> Row:
    blank: Row = {
        "code": code,
        "text": code,
        "scope": "clients",
        "count": count,
        "clients": [],
        "clears": None,
        "clearsAt": None,
        "about": False,
        "fix": None,
        "fixes": [],
        "states": {},
        "groups": [],
        "items": [],
        "resource": None,
        "held": [],
    }
    return {**blank, **more}


def _item(id_: int, label: str, status: str, job: str = "", minutes: int | None = None, **more: Any) -> Row:
    fixes = [_fix("eject", 0, ("ejectJobs", [[9000 + id_]]))] if job else []
    blank: Row = {
        "id": id_,
        "label": label,
        "status": status,
        "jobs": [{"id": 9000 + id_, "name": job}] if job else [],
        "heldFor": None,
        "lastHeartbeat": ago(3),
        "clearsAt": None if minutes is None else ago(-60 * minutes),
        "about": minutes is not None,
        "fixes": fixes,
    }
    return {**blank, **more}


def _group(id_: int, count: int, free: int, **states: int) -> Row:
    permit = _fix("permit", free or count, ("permitClients", [_JOB, [], [id_]]))
    return {"id": id_, "name": _GROUPS[id_], "count": count, "states": {"available": free, **states}, "fix": permit}


_PERMITTED: Final = frozenset([*range(200, 224), 600])
_BUSY: Final = (
    ("rnd-121", "shot_051_crowd_sim 1014", 9),
    ("rnd-130", "shot_051_crowd_sim 1015", 12),
    ("rnd-131", "shot_051_crowd_sim 1016", 15),
    ("rnd-125", "shot_012_ocean 1130", 26),
    ("rnd-126", "shot_012_ocean 1131", 31),
    ("rnd-127", "shot_012_ocean 1132", 33),
    ("rnd-128", "shot_012_ocean 1133", 34),
    ("rnd-129", "shot_012_ocean 1134", 40),
)


def answer(**more: Any) -> Row:
    """What `explainJob` says of the job."""
    priority = _fix("raise-priority", 0, ("setPriority", [[_JOB], 9]))
    single = _fix("drop-single", 2, ("setJobAttribs", [[_JOB], {"tags": []}]))
    reasons = [
        _reason(
            "resource",
            0,
            text="waits for 1 of 'houdini_engine': 0 of 12 free",
            scope="job",
            clears="when a job that holds some ends",
            clearsAt=ago(-540),
            about=True,
            resource={
                "name": "houdini_engine",
                "asked": 1,
                "amount": 12,
                "inUse": 12,
                "perMachine": False,
                "holders": [{"id": 40_000 + n, "name": f"shot_051_crowd_sim {1014 + n}"} for n in range(12)],
                "holderCount": 12,
            },
        ),
        _reason(
            "gathering",
            1,
            text="needs 2 clients at once; 1 on hold for it so far",
            scope="job",
            clears="when enough of them have room",
            states={"onhold": 1},
            items=[_item(223, "rnd-144", "onhold")],
            held=[{"id": 223, "label": "rnd-144", "since": ago(2460)}],
            fixes=[_fix("release-hold", 0, ("releaseHolds", [[_JOB]]))],
        ),
        _reason(
            "not-empty",
            14,
            clears="when every job there has ended",
            clearsAt=ago(-540),
            about=True,
            states={"busy": 14},
            fixes=[priority, single],
            items=[_item(200 + place, name, "busy", job, left) for place, (name, job, left) in enumerate(_BUSY)],
        ),
        _reason(
            "on-hold",
            1,
            states={"onhold": 1},
            clears="when that job has started",
            items=[_item(203, "rnd-124", "onhold", heldFor={"id": 7, "name": "shot_051_crowd_sim"})],
            fixes=[_fix("release-hold", 1, ("releaseHolds", [[7]]))],
        ),
        _reason(
            "hours",
            4,
            states={"unavailable": 4},
            clearsAt=ago(-5 * 3600 - 37 * 60 + 40),
            items=[_item(219, "rnd-140", "unavailable")],
            fixes=[_fix("open", 4, *[("setClientOverride", [219 + n, "open", ago(-20240)]) for n in range(4)])],
        ),
        _reason(
            "offline",
            2,
            states={"offline": 2},
            items=[
                _item(202, "rnd-123", "offline", lastHeartbeat=ago(1080)),
                _item(217, "rnd-138", "offline", lastHeartbeat=ago(180_000)),
            ],
        ),
        _reason(
            "disabled",
            3,
            states={"disabled": 3},
            items=[_item(218, "rnd-139", "disabled")],
            fixes=[_fix("enable", 3, *[("setdisabled", [f"rnd-{139 + n}", False]) for n in range(3)])],
        ),
        _reason(
            "condition",
            123,
            states={"available": 17, "busy": 94, "unavailable": 9, "disabled": 1, "offline": 2},
            groups=[
                _group(2, 6, 6),
                _group(4, 85, 6, busy=76, offline=3),
                _group(5, 32, 5, unavailable=9, busy=17, disabled=1),
            ],
            fixes=[_fix("permit", 6, ("permitClients", [_JOB, [], [2]]))],
        ),
    ]
    blank: Row = {
        "job": _JOB,
        "status": JobStatus.RUNNABLE,
        "since": ago(6720),
        "verdict": "waits for 1 of 'houdini_engine': 0 of 12 free",
        "best": {"reason": 7, "fix": 0},
        "total": 148,
        "eligible": 0,
        "eligibleClients": [],
        "needs": {
            "cpus": 1,
            "single": True,
            "tags": [],
            "resources": {"houdini_engine": 1},
            "minHosts": 2,
            "maxHosts": 2,
            "priority": 6,
            "conditions": [
                {"type": "client", "name": "hostname:name", "op": "in", "value": "rnd-121:,rnd-122:"},
                {"type": "client", "name": "os", "op": "==", "value": "linux"},
            ],
            "inherits": False,
            "permitted": 25,
            "heirs": 40,
        },
        "reasons": reasons,
    }
    return {**blank, **more}


def why(**more: Any) -> Why:
    """The same, read."""
    return read_why(answer(**more))


def _window(at: Set) -> WhyWindow:
    stage = at.stage(farm())
    window = WhyWindow(_JOB, lambda: NOW_SECONDS, moving=False, parent=stage.window)
    window.show_farm(stage.session.farm.clients.rows, stage.session.farm.groups)
    at.show(window)
    window.resize(at.size)
    window.show_why(why(), _NAME, _PERMITTED)
    window.reasons.clearSelection()
    settle()
    return window


def _waiting(at: Set) -> QWidget:
    window = _window(at)
    window.editor.check(frozenset(range(300, 306)))
    supposed = why(eligible=6, eligibleClients=list(range(300, 306)), needs={**answer()["needs"], "permitted": 31})
    window.show_effect(why(), supposed)
    for node in window.editor.rows.tree.nodes:
        named = node.cells[0].text in ("sim", "sim_overflow", "artists")
        window.editor.rows.setExpanded(window.editor.rows.tree.index_of(node), named)
    settle()
    return window


def _lose(at: Set) -> QWidget:
    window = _waiting(at)
    window.close()
    settle()
    return window


def _holders(at: Set) -> QWidget:
    window = _window(at)
    next(one for one in window.blockers.findChildren(Button) if "12" in one.text()).click()
    settle()
    return window


def _conditions(at: Set) -> QWidget:
    window = _waiting(at)
    assert isinstance(window, WhyWindow)
    window.editor.show_conditions.clicked.emit()
    window.tell("It was not saved.", "The server refused: no right to change jobs of aokafor.", failed=True, undo=False)
    settle()
    return window


def _below(at: Set) -> QWidget:
    """A job that waits for its children, of which one waits for a machine."""
    window = _window(at)
    told = _reason("children", 148, text="waits for its children", scope="job", states={"available": 148})
    shown = why(status=JobStatus.QUEUED, verdict="waits for its children", best=None, reasons=[told], eligible=0)
    window.show_why(shown, _NAME, _PERMITTED, Below(48_302, f"{_NAME} 1042", 39))
    settle()
    return window


def _untouched(at: Set) -> QWidget:
    return _window(at)


def _running(at: Set) -> QWidget:
    window = _window(at)
    told = _reason("at-work", 148, text="is on rnd-150", scope="job", states={"available": 148})
    needs = {**answer()["needs"], "permitted": 31}
    window.show_why(
        why(status=JobStatus.RUNNING, verdict="is on rnd-150", best=None, reasons=[told], eligible=6, needs=needs),
        _NAME,
        _PERMITTED | frozenset(range(300, 306)),
    )
    window.tell("Permitted 6 more clients.", "", failed=False, undo=True)
    settle()
    return window


def _trouble(at: Set) -> QWidget:
    stage = at.stage(farm())
    window = WhyWindow(_JOB, lambda: NOW_SECONDS, moving=False, parent=stage.window)
    window.show_farm(stage.session.farm.clients.rows, stage.session.farm.groups)
    at.show(window)
    window.resize(at.size)
    window.show_named(_NAME, JobStatus.RUNNABLE)
    window.show_trouble("northlight does not answer. The window shows the farm as it was.")
    settle()
    return window


def _tab(at: Set) -> QWidget:
    stage = at.stage()
    window = stage.window
    window.go_to_job(stage.job(_NAME))
    window.open_tab(next(whys.tab for whys in window.findChildren(Whys)))
    page = next(page for page in window.inspector.findChildren(WhyPage))
    page.show_why(why(), NOW_SECONDS, _GROUPS.__getitem__)
    window.tree.scrollToTop()
    settle()
    return window


PLAYS: Final = (
    ("why-waiting", "Why a job waits, while its permitted clients are edited", _waiting),
    ("why-untouched", "Why a job waits", _untouched),
    ("why-running", "Why waiting, after a fix, when the job runs", _running),
    ("why-below", "Why waiting, of a job that waits for its children", _below),
    ("why-holders", "Who holds what the job waits for", _holders),
    ("why-conditions", "The conditions that saving replaces, and what the server refused", _conditions),
    ("why-lose", "Asked before edits of the permitted clients are lost", _lose),
    ("why-trouble", "Why waiting, when the server does not say", _trouble),
    ("why-tab", "Why waiting in the inspector", _tab),
)
