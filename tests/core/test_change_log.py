"""The change log against a plain model: what is told from any revision on, and how much is kept for that."""

from __future__ import annotations

import random

import pytest

from hqserver.core import change_log
from hqserver.core.change_log import ChangeLog, Key


@pytest.mark.parametrize("seed", range(5))
def test_pages_tell_what_changed_last_and_nothing_twice(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(change_log, "_STRETCH", 7)
    monkeypatch.setattr(change_log, "_MOST_REMOVED", 20)
    chance = random.Random(seed)
    log, latest, revision = ChangeLog(0), dict[Key, int](), 0
    for _ in range(2000):
        keys: list[Key] = [("jobs", chance.randrange(60)) for _ in range(chance.randrange(1, 4))]
        match chance.randrange(8):
            case 0:
                log.note_many(revision + 1, keys)
            case 1:
                keys = keys[:1]
                log.note_removed(revision + 1, keys[0])
            case _:
                keys = keys[:1]
                log.note(revision + 1, keys[0])
        for key in keys:
            revision += 1
            latest[key] = revision
        since, limit = chance.randrange(log.floor, revision + 1), chance.randrange(1, 9)
        page = log.page(since, limit, revision)
        told = sorted((at, key) for key, at in latest.items() if at > since and at > log.floor)
        assert [key for key in page.keys if latest[key] > log.floor] == [key for _, key in told[:limit]]
        assert page.more is (len(told) > limit)
        assert page.next_since == (told[limit - 1][0] if page.more else revision)


def test_what_is_kept_follows_what_exists() -> None:
    log, revision = ChangeLog(0), 0
    for _ in range(60):
        for number in range(1000):
            revision += 1
            log.note(revision, ("jobs", number if revision % 3 else 0))
    assert len(log) < 2 * 1000 + 2 * change_log._STRETCH
