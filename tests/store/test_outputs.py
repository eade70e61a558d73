"""Output logs: appended at their length only, within a quota, with cuts that a reader never takes for output."""

from __future__ import annotations

import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hqserver.api.logs import log_text
from hqserver.outputs import DamagedChunk, Extent, Outputs
from hqserver.wire import cuts


def append(outputs: Outputs, offset: int, data: bytes, cut: int = 0) -> int:
    return outputs.append(1, 1, offset, data, zlib.crc32(data), cut)


def kept(outputs: Outputs, size: int) -> dict[int, int]:
    """Every byte that can be read, by its offset."""
    found: dict[int, int] = {}
    offset = 0
    while offset < size:
        start, data = outputs.read_kept(1, 1, offset, 7)
        found.update(enumerate(data, start))
        if not data:
            break
        offset = start + len(data)
    return found


@given(st.lists(st.tuples(st.integers(0, 30), st.sampled_from([0, 0, 0, 5, 40])), max_size=40), st.booleans())
def test_what_is_kept_stands_where_it_was_written(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[int, int]], restart: bool
) -> None:
    folder = tmp_path_factory.mktemp("logs")
    quota = 100
    outputs = Outputs(folder, quota)
    written: dict[int, int] = {}
    size = 0
    for number, (length, cut) in enumerate(steps):
        size += cut
        data = bytes((number * 7 + index) % 256 for index in range(length))
        written.update(enumerate(data, size))
        assert append(outputs, size, data, cut) == size + length
        size += length
        if restart:
            outputs = Outputs(folder, quota)
    found = kept(outputs, size)
    assert found.items() <= written.items()
    missing = outputs.extent(1, 1).missing
    assert found.keys() == {at for at in range(size) if not any(begin <= at < end for begin, end in missing)}
    assert {at for at in written if at < quota // 10 or at >= size - quota * 9 // 10} <= found.keys()
    assert len(found) <= quota + quota * 9 // 100


def test_only_the_next_bytes_are_taken(tmp_path: Path) -> None:
    outputs = Outputs(tmp_path)
    assert append(outputs, 0, b"abc") == 3
    assert append(outputs, 0, b"abc") == 3, "doubled"
    assert append(outputs, 5, b"fgh") == 3, "a gap that nobody explains"
    assert append(outputs, 2, b"cde") == 3, "overlapping"
    assert append(outputs, 3, b"de") == 5
    with pytest.raises(DamagedChunk):
        outputs.append(1, 1, 5, b"x", 1)
    assert outputs.read(1, 1, 0, 100) == b"abcde"


def test_a_cut_is_taken_once_and_marked(tmp_path: Path) -> None:
    outputs = Outputs(tmp_path)
    append(outputs, 0, b"begin\n")
    assert append(outputs, 1006, b"end\n", cut=1000) == 1010
    assert append(outputs, 1006, b"end\n", cut=1000) == 1010, "doubled"
    assert outputs.extent(1, 1) == Extent(1010, ((6, 1006),))
    assert log_text(outputs, 1, 1, 1010, None) == f"begin\n{cuts.mark(1000)}end\n"
    assert append(outputs, 2010, b"", cut=1000) == 2010, "a cut at the very end"
    text = log_text(outputs, 1, 1, 2010, 60)
    assert text.endswith(cuts.mark(1000)[-20:])
    outputs.sync([(1, 1)])
    outputs.remove(1, 1)
    assert list((tmp_path / "0").iterdir()) == []


def test_a_long_log_takes_no_more_room_than_its_quota(tmp_path: Path) -> None:
    outputs = Outputs(tmp_path, 4 << 20)
    piece = bytes(range(256)) * 1024
    for number in range(100):
        append(outputs, number * len(piece), piece)
    path = next((tmp_path / "0").glob("*.log"))
    assert path.stat().st_size == 100 * len(piece)
    assert path.stat().st_blocks * 512 < 5 << 20
    assert outputs.extent(1, 1).kept < 5 << 20


def test_a_new_attempt_has_nothing_of_another_one_of_its_name(tmp_path: Path) -> None:
    outputs = Outputs(tmp_path)
    old = b"of a farm that is gone"
    outputs.append(7, 1, 10, old, zlib.crc32(old), cut=10)
    again = Outputs(tmp_path)
    again.begin(7, 1)
    again.begin(8, 1)
    assert again.extent(7, 1) == Extent()
    assert again.append(7, 1, 0, b"new", zlib.crc32(b"new")) == 3
    assert again.read(7, 1, 0, 100) == b"new"
    assert again.extent(7, 1).missing == ()


def test_a_folder_that_is_none_keeps_nobody_from_trying_again(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("a file")
    outputs = Outputs(tmp_path / "logs")
    with pytest.raises(OSError, match="logs"):
        outputs.append(7, 1, 0, b"x", zlib.crc32(b"x"))
    outputs.begin(7, 1)
    assert outputs.size(7, 1) == 0
    (tmp_path / "logs").unlink()
    assert outputs.append(7, 1, 0, b"x", zlib.crc32(b"x")) == 1


def test_a_log_that_cannot_be_deleted_keeps_nobody_waiting(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    outputs = Outputs(tmp_path)
    for attempt in (1, 2):
        outputs.append(1, attempt, 0, b"said", zlib.crc32(b"said"))
    first, second = sorted(tmp_path.rglob("1-*.log"))
    first.unlink()
    first.mkdir()
    outputs.remove(1, 2)
    assert f"the log {first} of a deleted job cannot be deleted" in caplog.text
    assert not second.exists()
