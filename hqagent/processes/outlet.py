"""The output of a command on its way to disk: through a pipe of the keeper's into a file, with a bound.

The pipe is there because a command must not notice what happens to its output. A file of its own would tell it when
the disk is full, could be emptied by it (`echo x > /dev/stderr` opens such a file anew), and has no bound.

Bytes stand in the file at the offset at which the command wrote them. What had to be dropped is a hole there, and a
line `offset length` in the file `cuts`, which is written before the hole is made or passed: whoever reads bytes first
and the cuts afterwards never takes a hole for output. A cut at the very end stands in no line; it is what the exit's
count of bytes has beyond the end of the file.
"""

# ruff: noqa: SIM105
import fcntl
import os
import time

from hqagent.processes.family import write

PIECE = 1 << 16
HEAD_SHARE = 10
"""A tenth of the quota is for the beginning of an output, the rest for its end."""
_PIPE_BYTES = 1 << 18
_F_SETPIPE_SZ = 1031
_PIECES_AT_ONCE = 32
_VIEW = memoryview(bytearray(PIECE))
_PLACES = (_VIEW,)
"""Where every piece is read to: a fresh place for each would be spread over the keeper's memory."""
_MOST_GAPS = 64
_RECENT = 4096
"""Bytes at the end of an output that are kept in RAM while the disk is full: the last words say most."""
_LARGEST_RESERVE = 64 << 20
_RESERVE_SHARE = 20
_PUNCH = 3
"""FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE"""


class Outlet:
    """The output of one attempt. `fallocate` is the C library's."""

    def __init__(self, quota: int, fallocate: object) -> None:
        self.total = 0
        """Bytes that the command wrote."""
        self.last_at = time.monotonic()
        """When it last wrote."""
        self.is_open = True
        self._fallocate = fallocate
        self._head = quota // HEAD_SHARE
        self._tail = quota - self._head
        self._step = max(self._tail // HEAD_SHARE, PIECE)
        """How much is cut from the middle at once."""
        self._tail_from = self._head
        """Where the cut in the middle ends."""
        self._gaps: list[tuple[int, int]] = []
        """Beginning and end of what a full disk cost."""
        self._gap_from = -1
        """Where the present gap begins; negative: there is none."""
        self._recent = b""
        """The end of what the present gap swallowed."""
        self._unchecked = PIECE
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._reader, False)
        try:
            fcntl.fcntl(self._reader, _F_SETPIPE_SZ, _PIPE_BYTES)
        except OSError:  # the user's pipes are many: this one stays small
            pass
        self._file = os.open("output", os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def fileno(self) -> int:
        """For poll."""
        return self._reader

    def end_for_command(self) -> int:
        """Where the command writes."""
        return self._writer

    def handed_over(self) -> None:
        """The command has its end, and only the command."""
        os.close(self._writer)

    def pump(self) -> None:
        """Take what is there, but not for long."""
        for _ in range(_PIECES_AT_ONCE):
            if not self._take():
                return

    def finish(self) -> None:
        """Nobody writes any more: take all that is left."""
        while self._take():
            pass
        try:
            if self._gap_from >= 0:
                self._end_gap(self._recent, self.total - len(self._recent))
            self._cut_middle(1)
        except OSError:  # the last words are lost too, or a little more than the quota stays
            pass
        os.close(self._reader)
        os.close(self._file)

    def say(self, text: str) -> None:
        """A line of the keeper's own."""
        self._store(text.encode())

    def _take(self) -> bool:
        """One piece; whether there may be more."""
        try:
            size = os.readv(self._reader, _PLACES)
        except BlockingIOError:
            return False
        if not size:
            self.is_open = False
            return False
        self.last_at = time.monotonic()
        self._store(_VIEW[:size])
        return True

    def _store(self, data: bytes | memoryview) -> None:
        start, self.total = self.total, self.total + len(data)
        try:
            if self._may_store(len(data)):
                self._cut_middle(self._step)
                if self._gap_from >= 0:
                    self._end_gap(data, start)
                else:
                    self._write(data, start)
                return
        except OSError:
            pass
        if self._gap_from < 0:
            self._gap_from = start
        self._recent = (self._recent + bytes(data))[-_RECENT:]

    def _may_store(self, size: int) -> bool:
        """Look at the disk once a piece: others need some of it, and so does the exit of this attempt.

        The first piece is stored as long as there is any room: most outputs have no more.
        """
        if self.total <= PIECE:
            return self._gap_from < 0
        self._unchecked += size
        if self._unchecked < PIECE and self._gap_from < 0:
            return True
        self._unchecked = 0
        if self._gap_from >= 0 and len(self._gaps) >= _MOST_GAPS:
            return False
        disk = os.fstatvfs(self._file)
        reserve = min(disk.f_blocks // _RESERVE_SHARE, _LARGEST_RESERVE // disk.f_frsize)
        return disk.f_bavail > reserve

    def _write(self, data: bytes | memoryview, start: int) -> None:
        """What a full disk does not take begins a gap."""
        view = memoryview(data)
        while view:
            try:
                count = os.pwrite(self._file, view, start)
            except OSError:
                self._gap_from = start
                self._recent = bytes(view[-_RECENT:])
                return
            view = view[count:]
            start += count

    def _end_gap(self, data: bytes | memoryview, start: int) -> None:
        """Store again, from here on. Raises OSError when that cannot be noted: then the gap goes on."""
        start = max(start, self._gap_from)
        self._note([*self._gaps, (self._gap_from, start)], self._tail_from)
        self._gap_from, self._recent = -1, b""
        self._write(data, start)

    def _cut_middle(self, least: int) -> None:
        """Beyond the quota, what is neither beginning nor end makes room. Raises OSError."""
        until = self.total - self._tail
        begin = self._tail_from
        if until - begin >= least:
            self._note(self._gaps, until)
            if self._fallocate(self._file, _PUNCH, begin, until - begin):  # type: ignore[operator]
                raise OSError("this file system makes no holes")

    def _note(self, gaps: list[tuple[int, int]], tail_from: int) -> None:
        """Raises OSError, and then nothing has changed."""
        stretches = [*gaps, (self._head, tail_from)]
        write("cuts", "".join(f"{begin} {end - begin}\n" for begin, end in stretches if end > begin).encode())
        self._gaps, self._tail_from = gaps, tail_from
