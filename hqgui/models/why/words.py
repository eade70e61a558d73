"""How Why waiting is worded: titles of reasons, when they clear, what buttons say. A table by the server's codes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from hqgui.models.formats import ago, count, one_line, rough_duration
from hqgui.models.status_words import client_label
from hqgui.models.why.answer import ClientLine, Fix, GroupLine, Needs, ReasonLine, Why
from hqgui.words import QT_TRANSLATE_NOOP, capital, counted, translate
from hqserver.wire.statuses import ClientStatus, JobStatus

_LONGEST_NAME: Final = 60


def _say(text: str) -> str:
    return translate("Why", text)


_TITLES: Final[dict[str, str]] = {
    "condition": QT_TRANSLATE_NOOP("Why", "Not on the permitted list"),
    "platform": QT_TRANSLATE_NOOP("Why", "Another operating system"),
    "small": QT_TRANSLATE_NOOP("Why", "Has too few cpus"),
    "blocked": QT_TRANSLATE_NOOP("Why", "Blocked, too much failed there"),
    "disabled": QT_TRANSLATE_NOOP("Why", "Disabled"),
    "offline": QT_TRANSLATE_NOOP("Why", "Offline, no heartbeat"),
    "unsteady": QT_TRANSLATE_NOOP("Why", "Comes and goes, rests"),
    "draining": QT_TRANSLATE_NOOP("Why", "About to leave"),
    "override": QT_TRANSLATE_NOOP("Why", "Taken back, or drained"),
    "hours": QT_TRANSLATE_NOOP("Why", "Outside schedule"),
    "busy": QT_TRANSLATE_NOOP("Why", "Busy, too few cpus free"),
    "not-empty": QT_TRANSLATE_NOOP("Why", "Busy, and this job needs the whole machine"),
    "tag": QT_TRANSLATE_NOOP("Why", "A job with the same tag runs there"),
    "on-hold": QT_TRANSLATE_NOOP("Why", "Held for another job"),
    "failed-before": QT_TRANSLATE_NOOP("Why", "It failed there, others may run it"),
    "next": QT_TRANSLATE_NOOP("Why", "Free, starts with the next round"),
    "gathering": QT_TRANSLATE_NOOP("Why", "Ready, held for this job"),
    "too-few-clients": QT_TRANSLATE_NOOP("Why", "Ready, but too few"),
    "resource": QT_TRANSLATE_NOOP("Why", "Ready, but a resource is short"),
    "resource-undefined": QT_TRANSLATE_NOOP("Why", "Ready, but a resource is missing"),
    "resource-too-small": QT_TRANSLATE_NOOP("Why", "Ready, but a resource is too small"),
}
GLYPHS: Final[dict[str, str]] = {
    "condition": "filter",
    "platform": "machine",
    "small": "machine",
    "blocked": JobStatus.FAILED,
    "disabled": "client-disabled",
    "offline": "client-offline",
    "unsteady": "client-offline",
    "draining": "client-drained",
    "override": "client-drained",
    "hours": "client-unavailable",
    "busy": "client-busy",
    "not-empty": "client-busy",
    "tag": "client-busy",
    "on-hold": "client-onhold",
    "failed-before": JobStatus.FAILED,
    "next": "client-available",
    "gathering": "client-onhold",
    "too-few-clients": "client-onhold",
    "resource": "key",
    "resource-undefined": "key",
    "resource-too-small": "key",
}
"""Glyph before a reason; for what is not here the neutral ring."""


def title(reason: ReasonLine) -> str:
    """What stands in the list of clients."""
    return title_of(reason.code, reason.text)


def title_of(code: str, text: str) -> str:
    """Of a reason; a newer server's code as the server words it."""
    known = _TITLES.get(code)
    return _say(known) if known else one_line(text)


def job_title(reason: ReasonLine, needs: Needs) -> str:
    """What stands in the list of what blocks the whole job."""
    if reason.resource is not None:
        name = one_line(reason.resource.name, _LONGEST_NAME)
        if reason.code == "resource-undefined":
            return _say("{name} is not defined").replace("{name}", name)
        return _say("{n} of {name}").replace("{n}", count(reason.resource.asked)).replace("{name}", name)
    if reason.code in ("gathering", "too-few-clients"):
        return _say("{n} clients at the same time").replace("{n}", count(needs.min_hosts))
    return sentence(reason.text)


def sentence(text: str) -> str:
    """The server's words as a sentence: what it says without a subject is said of the job."""
    line = one_line(text)
    if line.startswith(("is ", "waits for ")):
        return _say("It {does}").replace("{does}", line)
    return capital(line)


def clears(reason: ReasonLine, now: float) -> str:
    """When it passes: a time, or what has to happen."""
    if reason.clears_at is not None:
        return first_clears(reason.clears_at, now, about=reason.about, many=reason.count > 1)
    if reason.code == "condition":
        return _say("Never, unless permitted")
    if reason.code == "disabled":
        return _say("When enabled")
    if reason.code == "offline":
        return _say("When the client is back")
    if reason.code in ("platform", "small"):
        return _say("Never")
    return sentence(reason.clears)


def first_clears(at: int, now: float, *, about: bool, many: bool) -> str:
    """`First in about 9m`."""
    left = rough_duration(max(0, at - now))
    words = _say("First in {time}") if many else _say("In {time}")
    return words.replace("{time}", _say("about {time}").replace("{time}", left) if about else left)


def line_clears(line: ClientLine, code: str, now: float) -> str:
    """When it passes for one client."""
    if line.clears_at is not None:
        left = rough_duration(max(0, line.clears_at - now))
        words = _say("Frees in about {time}") if line.about else _say("In {time}")
        return words.replace("{time}", left)
    if code == "offline" and line.heartbeat is not None:
        return _say("Last seen {time}").replace("{time}", ago(max(0.0, now - line.heartbeat)))
    if line.held_for is not None and code == "on-hold":
        return _say("After {job}").replace("{job}", one_line(line.held_for.name, _LONGEST_NAME))
    return ""


def client_sign(line: ClientLine, code: str) -> str:
    """The glyph of a client: one that somebody closed shows that, as everywhere."""
    closed = code == "override" and line.status == ClientStatus.UNAVAILABLE
    return GLYPHS[code] if closed else f"client-{line.status}"


def line_detail(line: ClientLine, code: str) -> str:
    """What is in the way on one client."""
    names = ", ".join(one_line(job.name, _LONGEST_NAME) for job in line.jobs)
    # Whoever took a client back or drains it is not the schedule, though its status is the same.
    return names or ("" if code == "override" else client_label(line.status))


def states(counts: dict[str, int] | GroupLine) -> list[tuple[str, str]]:
    """Glyph and words of the states of clients: `6 free`, `76 busy`."""
    shown = counts.states if isinstance(counts, GroupLine) else counts
    words = {
        "available": _say("{n} free"),
        "busy": _say("{n} busy"),
        "onhold": _say("{n} on hold"),
        "unavailable": _say("{n} off hours"),
        "disabled": _say("{n} disabled"),
        "offline": _say("{n} offline"),
    }
    return [
        (f"client-{status}", words[status].replace("{n}", count(shown[status])))
        for status in words
        if shown.get(status)
    ]


STATE_ORDER: Final = ("available", "busy", "onhold", "unavailable", "disabled", "offline")


def tags(needs: Needs) -> list[str]:
    """What the job needs, a tag each."""
    told = []
    if needs.min_hosts > 1:
        told.append(_say("{n} clients at once").replace("{n}", count(needs.min_hosts)))
    if needs.single:
        told.append(_say("single, no other jobs"))
    if needs.cpus > 1:
        told.append(_say("{n} cpus").replace("{n}", count(needs.cpus)))
    told += [f"{count(amount)} {one_line(name, _LONGEST_NAME)}" for name, amount in needs.resources.items()]
    told += [one_line(tag, _LONGEST_NAME) for tag in needs.tags]
    permitted = counted(needs.permitted, _say("{n} permitted client"), _say("{n} permitted clients"))
    told.append(permitted if needs.conditions else _say("any client"))
    told.append(_say("Priority {n}").replace("{n}", count(needs.priority)))
    return told


def needs_clients(why: Why) -> bool:
    """Whether too few clients are permitted, so that somebody has to choose."""
    kept = any(reason.code == "condition" and reason.count for reason in why.reasons)
    return why.waits and kept and why.needs.permitted < why.needs.min_hosts


def edit_clients() -> str:
    """What a button says that leads to the permitted clients."""
    return _say("Edit permitted clients")


_OVER: Final[dict[str, str]] = {
    JobStatus.SUCCEEDED: QT_TRANSLATE_NOOP("Why", "It has succeeded, nothing waits"),
    JobStatus.FAILED: QT_TRANSLATE_NOOP("Why", "It has failed, nothing waits"),
    JobStatus.CANCELLED: QT_TRANSLATE_NOOP("Why", "It was cancelled, nothing waits"),
}


def is_well(why: Why) -> bool:
    """Whether the verdict is no reason to worry: it runs, is about to, or has."""
    return why.status == JobStatus.SUCCEEDED or (bool(why.reasons) and why.reasons[0].code in _WELL)


_WELL: Final = ("at-work", "starting", "next")


def headline(why: Why) -> str:
    """The verdict in a few words."""
    if not why.waits:
        over = _OVER.get(why.status)
        return _say(over) if over else sentence(why.verdict)
    if not why.total:
        return _say("There is no client on this farm")
    numbers = _say("{n} of {m}").replace("{n}", count(why.eligible)).replace("{m}", count(why.total))
    if not why.eligible:
        return f"{_say('No client can take this job')}: {numbers}"
    if why.eligible < why.needs.min_hosts:
        return f"{_say('Too few clients can take this job')}: {numbers}"
    return f"{_say('Clients could take this job')}: {numbers}"


def explanation(why: Why, now: float) -> str:
    """What it waits for, below the headline."""
    if not why.waits:
        reason = why.reasons[0] if why.reasons else None
        return sentence(reason.clears) if reason is not None and reason.clears else ""
    parts = [sentence(reason.text) for reason in why.reasons if reason.of_job] or [sentence(why.verdict)]
    times = [reason for reason in why.reasons if reason.clears_at is not None]
    words = ". ".join(parts) + "."
    if times:
        soonest = min(times, key=lambda reason: reason.clears_at or 0)
        left = rough_duration(max(0, (soonest.clears_at or 0) - now))
        about = _say("about {time}").replace("{time}", left) if soonest.about else left
        words += " " + _say("The next change is due in {time}.").replace("{time}", about)
    return words


# Buttons


def _plain(text: str) -> Callable[[Fix], str]:
    return lambda fix: _say(text)


def _numbered(one: str, many: str) -> Callable[[Fix], str]:
    def words(fix: Fix) -> str:
        number = fix.clients or len(fix.calls)
        return _say(one) if number == 1 else _say(many).replace("{n}", count(number))

    return words


def _value(text: str, key: str) -> Callable[[Fix], str]:
    return lambda fix: _say(text).replace("{n}", count(int(fix.calls[0].arguments[1][key])))


def _cpus(number: int) -> str:
    return counted(number, _say("Ask for {n} cpu"), _say("Ask for {n} cpus"))


_BUTTONS: Final[dict[str, Callable[[Fix], str]]] = {
    "resume": _plain(QT_TRANSLATE_NOOP("Why", "Resume")),
    "make-resource": _plain(QT_TRANSLATE_NOOP("Why", "Make the resource")),
    "unblock": _plain(QT_TRANSLATE_NOOP("Why", "Try again there")),
    "permit": lambda fix: permit(fix.clients),
    "raise-priority": _plain(QT_TRANSLATE_NOOP("Why", "Raise priority")),
    "drop-single": _plain(QT_TRANSLATE_NOOP("Why", "Drop single")),
    "release-hold": _plain(QT_TRANSLATE_NOOP("Why", "Release hold")),
    "open": _numbered(QT_TRANSLATE_NOOP("Why", "Open"), QT_TRANSLATE_NOOP("Why", "Open {n}")),
    "enable": _numbered(QT_TRANSLATE_NOOP("Why", "Enable"), QT_TRANSLATE_NOOP("Why", "Enable {n}")),
    "end-override": _numbered(QT_TRANSLATE_NOOP("Why", "End override"), QT_TRANSLATE_NOOP("Why", "End {n} overrides")),
    "fewer-cpus": lambda fix: _cpus(int(fix.calls[0].arguments[1]["cpus"])),
    "fewer-clients": _value(QT_TRANSLATE_NOOP("Why", "Start with {n}"), "minHosts"),
    "raise-resource": lambda fix: _say("Set to {n}").replace("{n}", count(int(fix.calls[0].arguments[1]))),
    "eject": lambda fix: _say("Eject job") if len(fix.calls[0].arguments[0]) == 1 else _say("Eject jobs"),
}


def permit(clients: int) -> str:
    """What a button says that permits so many clients; 0: as many as there are."""
    return _say("Permit {n}").replace("{n}", count(clients)) if clients else _say("Permit")


def button(fix: Fix, zone_clock: Callable[[int], str] | None = None) -> str:
    """What a button says; a newer server's fix by its code."""
    if fix.code == "open" and zone_clock is not None:
        times = {call.arguments[2] for call in fix.calls if len(call.arguments) > 2}
        if len(times) == 1:
            return _say("Open until {time}").replace("{time}", zone_clock(_seconds(times.pop())))
    known = _BUTTONS.get(fix.code)
    return known(fix) if known else one_line(fix.code)


def _seconds(value: object) -> int:
    from hqgui.models.why.answer import seconds

    return seconds(value) or 0


def best_button(why: Why, groups: Callable[[int], str], zone_clock: Callable[[int], str]) -> str:
    """What the button of the verdict says; empty: there is none."""
    found = why.best_fix
    if found is None:
        return ""
    reason, fix = found
    if fix.code == "permit":
        named = _permitted_group(fix)
        what = (
            one_line(groups(named), 30)
            if named is not None
            else counted(_clients_permitted(fix), _say("{n} client"), _say("{n} clients"))
        )
        words = _say("Permit {what}, {n} free now") if fix.clients else _say("Permit {what}")
        return words.replace("{what}", what).replace("{n}", count(fix.clients))
    if reason.of_job and fix.code == "raise-resource" and reason.resource is not None:
        return f"{one_line(reason.resource.name, 30)}: {button(fix)}"
    return button(fix, zone_clock)


_FOR_LATER: Final = ("permit", "fewer-cpus", "make-resource", "raise-resource", "enable", "end-override", "open")


def _permitted_group(fix: Fix) -> int | None:
    groups: Sequence[int] = fix.calls[0].arguments[2]
    return groups[0] if len(groups) == 1 else None


def _clients_permitted(fix: Fix) -> int:
    clients: Sequence[int] = fix.calls[0].arguments[1]
    return fix.clients or len(clients)


def tip(fix: Fix) -> str:
    """What a button does, for its tooltip."""
    calls = len(fix.calls)
    first = fix.calls[0]
    shown = f"{first.function}({', '.join(map(repr, first.arguments))})"
    told = one_line(shown, 160) + (f" +{calls - 1}" if calls > 1 else "")
    if fix.clients:
        made = counted(
            fix.clients, _say("Then {n} client more can take the job."), _say("Then {n} clients more can take the job.")
        )
    elif fix.code == "raise-priority":
        made = _say("The job goes before all others that wait. This frees no client by itself.")
    elif fix.code in _FOR_LATER:
        made = _say("No client is free for the job, but then it can run as soon as one is.")
    else:
        made = _say("This lets no client take the job by itself.")
    return f"{made}\n{told}"


ABOVE: Final = QT_TRANSLATE_NOOP("Why", "See above")
NOTHING: Final = QT_TRANSLATE_NOOP("Why", "Nothing to fix")
