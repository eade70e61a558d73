"""The change feed: whoever applies what `getChanges` answers ends with the rows that the getters answer.

A change is told when it is on disk, never before. Rows go as JSON inside one XML-RPC string, which a window decodes
forty times faster than structs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Generator, Sequence
from typing import Final

from hqserver.api.context import Call
from hqserver.api.feed_rows import encode
from hqserver.api.following import PAUSE_SECONDS, fits, is_left, snapshot
from hqserver.api.following import Only as Filter
from hqserver.api.kinds import Names, Only, Since, Wait
from hqserver.api.registry import Section
from hqserver.api.slices import in_turns
from hqserver.core.change_log import Key, Page
from hqserver.wire.encoder import Json
from hqserver.wire.roles import Role

SECTION: Final = Section("Changes")
MOST_ROWS: Final = 2000
KINDS: Final = ("jobs", "clients", "groups", "resources", "threads")
_ROWS_A_PIECE: Final = 32
_FIRST_CHANGE_SECONDS: Final = 1.0
"""How long a follower of a farm where nothing ever happened is kept: its next call would be answered at once too."""


@SECTION.method("getChanges", Role.VIEWER, answer="str", example="hq.getChanges(0)", ours=True, waits=True)
async def get_changes(
    call: Call,
    since: Since,
    timeout: Wait = 0,  # noqa: ASYNC109  (the wire's name)
    kinds: Names | None = None,
    only: Only | None = None,
) -> str:
    """What changed after `since`, as one JSON text; when nothing did, waits up to `timeout` s (at most 60) for it.

    `epoch` (a new text at each start of the server), `seq` (pass it as `since` next time), `reset` (forget everything:
    what follows is the whole farm), `more` (call again at once), `jobs`, `clients`, `groups`, `resources`, `threads`
    (lists of rows), `removed` (a dict of lists of ids). At most 2000 rows. `since` 0, of an earlier start or too old
    gives a reset. Rows hold what the getters answer, but for `children` (follow `parents`) and `logs`.

    `only`, a dict, tells of one person's alone: root jobs submitted by `users` (the 1000 newest that have not ended or
    ended within a day), clients on `hosts` (hostnames), threads about jobs and clients of these; `known` are ids of
    jobs that the caller holds, so that it is told which of them are gone. Such an answer takes up to a second longer.
    """
    wanted = frozenset(KINDS if kinds is None else kinds)
    engine, farm = call.context.engine, call.farm
    end = engine.now().monotonic + timeout
    reset = since == 0 or since < farm.change_log.floor or since > farm.revision
    at = 0 if reset else since
    if reset and not farm.revision:
        await engine.beyond(0, min(timeout, _FIRST_CHANGE_SECONDS))
    if reset and only is not None:
        head = farm.revision
        keys = await in_turns(snapshot(farm, only, wanted, engine.now().wall))
        return await _answered(call, Page(keys, head, more=False), keys, reset, only)
    while True:
        page = farm.change_log.page(at, MOST_ROWS, farm.revision)
        keys = [key for key in page.keys if key[0] in wanted and (only is None or fits(farm, only, key))]
        if only is not None and page.more and not keys:
            at = page.next_since
            await asyncio.sleep(0)
            continue
        left = end - engine.now().monotonic
        if keys or reset or page.more or left <= 0 or engine.closing:
            return await _answered(call, page, keys, reset, only)
        at = page.next_since
        if await engine.beyond(at, left) and only is not None:
            await asyncio.sleep(min(PAUSE_SECONDS, left))


async def _answered(call: Call, page: Page, keys: Sequence[Key], reset: bool, only: Filter | None) -> str:
    text = await in_turns(_told(call, page, keys, reset, only))
    await call.seen()
    return text


def _told(call: Call, page: Page, keys: Sequence[Key], reset: bool, only: Filter | None) -> Generator[None, None, str]:
    """The answer, made in turns. A row that changes meanwhile is newer than its page, and will be told again."""
    pieces = []
    removed: dict[str, list[int]] = {}
    for kind in KINDS:
        ids = [id_ for name, id_ in keys if name == kind]
        if kind == "jobs" and only is not None:
            left = {id_ for id_ in ids if is_left(call.farm, only, id_)}
            ids = [id_ for id_ in ids if id_ not in left]
            removed[kind] = sorted(left)
        rows: list[str] = []
        for start in range(0, len(ids), _ROWS_A_PIECE):
            texts, gone = call.context.feed_rows.of(call.farm, kind, ids[start : start + _ROWS_A_PIECE])
            rows += texts
            removed.setdefault(kind, []).extend(gone)
            yield
        pieces.append(f'"{kind}":[{",".join(rows)}]')
    head = {"epoch": call.context.epoch, "seq": page.next_since, "reset": reset, "more": page.more}
    gone_ids = {kind: ids for kind, ids in removed.items() if ids}
    return Json(f'{encode(head)[:-1]},{",".join(pieces)},"removed":{encode(gone_ids)}}}')
