"""The notes of the made-up farm: threads as `getChanges` gives them, and the notes of the thread in the pictures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from hqgui.made_up_trees import THREAD
from hqgui.models.thread_page import Note

Row = dict[str, Any]
DAY: Final = datetime(2026, 11, 24, tzinfo=UTC)
_HOUR_AHEAD: Final = 3600
"""The pictures show a clock that is an hour ahead of UTC."""


class _Said(NamedTuple):
    """The latest note of a thread."""

    about: str
    """Name of a job or of a client; empty: of nothing."""
    day: int
    """Days before the day of the pictures."""
    clock: str
    who: str
    text: str
    notes: int = 1
    handled: bool = False


_LATEST: Final = (
    _Said(
        "shot_044_sim_flip v007",
        0,
        "14:20",
        "aokafor",
        "Nearly two hours now. Can I take two from sim_overflow for tonight?",
        2,
    ),
    _Said(
        "beauty_key",
        0,
        "13:47",
        "mbrandt",
        "{1042} and {1043} go past 128 GB on the reflection AOV. Send them to highmem before retrying.",
        13,
    ),
    _Said(
        "rnd-142",
        0,
        "13:21",
        "dkim",
        "Out of memory twice today. Memtest booked for 18:00, leave it enabled until then.",
        3,
    ),
    _Said(
        "volumes_smoke",
        0,
        "12:58",
        "jlee",
        "Cache missing past 1030, asked fx to re-export. Do not retry before they answer.",
        2,
    ),
    _Said("shot_010_lighting v023", 0, "12:02", "mbrandt", "Review 17:00, keep on top."),
    _Said("rnd-143", 0, "11:40", "dkim", "PSU swap, back tomorrow morning.", 2),
    _Said("ws-mbrandt", 0, "10:15", "mbrandt", "Lookdev crunch, please stay off this machine until 19:00."),
    _Said("shot_032_fx_pyro v004", 1, "18:31", "tvargas", "Hold until the new sim lands, should be v005."),
    _Said("shot_027_comp v009", 1, "17:12", "jlee", "Missing plate, nk v9 points at the old ingest folder.", 2),
    _Said("ws-aokafor", 2, "16:40", "dkim", "Drive swap on Thursday, disabled until then."),
    _Said(
        "rnd-088",
        2,
        "15:05",
        "dkim",
        "Back from repair, new GPU driver 560. Watch the first few renders.",
        4,
        handled=True,
    ),
    _Said("asset_forest_scatter v031", 2, "11:30", "s.iyer", "All good, published as approved.", 3, handled=True),
    _Said(
        "",
        2,
        "09:10",
        "dkim",
        "Power works in room 2 on Friday from six, sixteen machines go down. Nothing long on them, please.",
    ),
    _Said("shot_020_lighting v011", 3, "18:20", "jlee", "Waits for the plate, then it can have everything.", 2),
    _Said("hero_turntable_lookdev v052", 3, "14:44", "s.iyer", "Denoiser off from 1060 on, compare both.", 5),
    _Said("shot_051_crowd_sim v002", 4, "12:00", "aokafor", "Paused for lighting, go on after nine."),
    _Said("shot_012_ocean v018", 4, "11:52", "tvargas", "Foam pass doubled, sorry. Cleaned up.", 2, handled=True),
    _Said("shot_033_lighting v009", 5, "17:05", "mbrandt", "Same rocks as 010, wait for v040."),
)
_MORE_TEXTS: Final = (
    "First frames look right.",
    "Old plate, resubmitted with v2.",
    "Client asked for stills, low priority.",
    "Textures moved, paths are fine again.",
    "Approved, can be deleted next week.",
    "Motion blur is too strong past 1040.",
    "Runs on highmem only.",
)
_MORE_CLIENTS: Final = ("rnd-141", "rnd-016", "rnd-017", "rnd-055", "rnd-060", "rnd-061", "rnd-144")
_PEOPLE: Final = ("dkim", "s.iyer", "jlee", "aokafor", "tvargas")
_MORE_JOBS: Final = 15
UNREAD: Final = ("shot_044_sim_flip v007", "beauty_key", "rnd-142")


def _at(day: int, clock: str) -> int:
    hour, minute = map(int, clock.split(":"))
    return int(DAY.timestamp()) - day * 86_400 + hour * 3600 + minute * 60 - _HOUR_AHEAD


def _wire(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y%m%dT%H:%M:%S}"


def threads(jobs: Sequence[Mapping[str, Any]], clients: Sequence[Mapping[str, Any]]) -> list[Row]:
    """Rows of the threads on these jobs and clients."""
    ids = _ids(jobs)
    labels = {str(row["label"]): int(row["id"]) for row in clients}
    said = [one for one in (*_LATEST, *_more(jobs)) if not one.about or one.about in ids or one.about in labels]
    said.sort(key=lambda one: _at(one.day, one.clock))
    rows = [_row(place, one, ids, labels) for place, one in enumerate(said)]
    for row in rows:
        if row["jobId"] == ids.get("beauty_key"):
            row["id"] = THREAD
    return rows


def _ids(jobs: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for row in jobs:
        found.setdefault(str(row["name"]), int(row["id"]))
    return found


def _more(jobs: Iterable[Mapping[str, Any]]) -> list[_Said]:
    """Older threads, on machines and on the trees that wait."""
    named = {one.about for one in _LATEST}
    trees = [str(row["name"]) for row in jobs if not row["parents"] and str(row["name"]) not in named]
    subjects = [*_MORE_CLIENTS, *list(dict.fromkeys(trees))[:_MORE_JOBS]]
    return [
        _Said(
            about,
            7 + place * 2,
            f"{9 + place % 9:02d}:{place * 7 % 60:02d}",
            _PEOPLE[place % len(_PEOPLE)],
            _MORE_TEXTS[place % len(_MORE_TEXTS)],
            1 + place % 3,
            place % 4 == 1,
        )
        for place, about in enumerate(subjects)
    ]


def _row(place: int, said: _Said, ids: Mapping[str, int], labels: Mapping[str, int]) -> Row:
    client = labels.get(said.about) if said.about not in ids else None
    note = 900 + 20 * place
    return {
        "id": 100 + place,
        "jobId": ids.get(said.about),
        "clientId": client,
        "clientHostname": said.about if client is not None else "",
        "clientLabel": said.about if client is not None else "",
        "count": said.notes,
        "handled": said.handled,
        "lastDate": _wire(_at(said.day, said.clock)),
        "latestNote": said.text.replace("{", "").replace("}", ""),
        "latestAuthor": said.who,
        "writtenId": note,
        "revision": note,
    }


def marks(address: str, rows: Sequence[Mapping[str, Any]], unread: int) -> str:
    """The settings' entry by which only the latest threads are unread, so many of them."""
    newest = sorted((int(row.get("writtenId") or 0) for row in rows), reverse=True)
    floor = newest[unread] if len(newest) > unread else 0
    return f"{address} {floor}"


_BEAUTY_KEY: Final = (
    (
        "11:54",
        "s.iyer",
        ("Rocks and cliff are published as v040. Displacement is on by default now, tell me if it is too heavy."),
    ),
    ("11:58", "mbrandt", "Thanks, using them here."),
    ("12:11", "", "running: on 6 clients"),
    (
        "12:14",
        "mbrandt",
        ("First frames look right. Please keep this one ahead of {shot_020_lighting v011} until the review."),
    ),
    ("12:20", "jlee", "Fine with me, mine can start at 13:30. Fill light is in {beauty_fill} with the same rocks."),
    ("12:49", "", "failed: 1042 and 1043, out of memory"),
    (
        "12:52",
        "dkim",
        ("Both died on @rnd-142, the log says 131 of 128 GB. I think it is the machine, not the scene. Retrying once."),
    ),
    ("13:31", "", "failed: 1042 and 1043 again, no tries left"),
    ("13:33", "dkim", "Same on the second try, and @rnd-141 peaked at 212 GB for 1061, so it is the scene."),
    (
        "13:38",
        "dkim",
        ("{1042}:\n> [12:47:58] ERROR: out of memory, 131.2 of 128.0 GB in use, allocating 2.1 GB for AOV reflection"),
    ),
    ("13:40", "jlee", "The cliff displacement doubled since v022. Reflection AOV keeps a second copy."),
    (
        "13:47",
        "mbrandt",
        ("{1042} and {1043} go past 128 GB on the reflection AOV. Send them to highmem before retrying."),
    ),
)


def beauty_key(jobs: Iterable[Mapping[str, Any]], last: int) -> tuple[Note, ...]:
    """The notes on `beauty_key`, the latest with the id `last`."""
    ids = _ids(jobs)
    found = []
    for place, (clock, who, text) in enumerate(_BEAUTY_KEY):
        said = text
        for name, job in ids.items():
            if f"{{{name}}}" in said:
                said = said.replace(f"{{{name}}}", f"#{job}")
        found.append(Note(last - len(_BEAUTY_KEY) + 1 + place, _at(0, clock), said, who, automatic=not who))
    return tuple(found)


_RND_142: Final = (
    ("12:58", "", "failed: two jobs of shot_010_lighting v023, out of memory"),
    ("13:16", "s.iyer", "Is it the machine? The frames around them took 90 GB elsewhere."),
    ("13:21", "dkim", "Out of memory twice today. Memtest booked for 18:00, leave it enabled until then."),
)


def rnd_142(last: int) -> tuple[Note, ...]:
    """The notes on `rnd-142`, the latest with the id `last`."""
    return tuple(
        Note(last - len(_RND_142) + 1 + place, _at(0, clock), text, who, automatic=not who)
        for place, (clock, who, text) in enumerate(_RND_142)
    )


DRAFT: Final = "Done, both permitted on highmem only. Retrying now on @rnd-088 "
