"""The attempts of this client: starting them, passing on wishes, taking up what an earlier agent left, and ends."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from hqagent.book import Book, Running
from hqagent.config import DEFAULT_OUTPUT_LIMIT, DEFAULT_UMASK
from hqagent.environment import NoShell, Surroundings, environment_for, shell_for
from hqagent.output import Follower
from hqagent.patterns import DEFAULTS, Patterns
from hqagent.processes import Processes
from hqagent.processes.slots import STOPPED
from hqagent.spool import Exit, Launch, Spool
from hqserver.wire.agent import End, Ended, EndReason, Forget, Order, Pause, Paused, Resume, Resumed, Start

log = logging.getLogger("hqagent")

Key = tuple[int, int]
"""Job and attempt."""

_MOST_ENDS: Final = 5
"""So many agents may end, one after the other, at the same attempt: who is killed now and then is no reason."""
_LEASE_STEP: Final = 5.0
"""Seconds by which a lease must grow to be written again."""
_RECLAIM_GRACE: Final = 2.0
_FORGET_SECONDS, _FORGET_AT_ONCE = 0.25, 48
_LOST: Final = Exit(EndReason.LOST, None, None, 0.0, 0.0, 0)


@dataclass(frozen=True, slots=True)
class Rules:
    """What this client's owner decided about the jobs that run here."""

    patterns: Patterns = DEFAULTS
    umask: int = DEFAULT_UMASK
    output_limit: int = DEFAULT_OUTPUT_LIMIT
    longest_end: float = 60.0
    """Seconds after which an attempt that was asked to end, and does not, is worth an error."""


DEFAULT_RULES: Final = Rules()


class Attempts:
    """What runs here. Tells by `news` that there is something to report."""

    def __init__(
        self,
        book: Book,
        spool: Spool,
        processes: Processes,
        news: Callable[[], None],
        rules: Rules = DEFAULT_RULES,
        is_taken: Callable[[], bool] = lambda: False,
    ) -> None:
        self.follower: Final = Follower(spool, rules.patterns)
        self._rules = rules
        self.surroundings: Surroundings | None = None
        self.usual_lease = 0.0
        """Seconds, of attempts that have none of their own."""
        self._asked_at = 0.0
        self._book = book
        self._spool = spool
        self._processes = processes
        self._news = news
        self._is_taken = is_taken
        """Whether the person at the machine wants no new jobs here; one may be on its way already."""
        self._keepers: dict[Key, int] = {}
        self._forgotten: list[Key] = []
        self._cleaner = ThreadPoolExecutor(1, thread_name_prefix="cleaner")
        """Deletes what is over: a busy disk may take its time for that, and nobody waits for it."""
        self._obey: Final[dict[type[Any], Callable[[Any], None]]] = {
            Start: self._start,
            End: self._end,
            Pause: lambda order: self._halt_or_go_on((order.job, order.attempt), "pause"),
            Resume: lambda order: self._halt_or_go_on((order.job, order.attempt), "resume"),
            Forget: self._forget,
        }

    def obey(self, order: Order, asked_at: float) -> None:
        """Do what the server says; what comes of it is reported later. `asked_at`: when it was asked, CLOCK_BOOTTIME.

        The lease of what is started runs from then.
        """
        self._asked_at = asked_at
        try:
            self._obey[type(order)](order)
        except OSError as error:  # this agent has other jobs to look after
            log.error("cannot %s: %s", order.kind, error)

    def recover(self) -> None:
        """Take up what an earlier agent in this folder left: running attempts, results, and what never began.

        An attempt at which several agents in a row ended is not taken up: it is ended, and has failed. Else it would
        keep every agent of this client from starting. If it has ended already, its end is told without looking at its
        output.
        """
        for key in list(self._spool.held()):
            if self._spool.note_taking_up(*key) < _MOST_ENDS:
                self._take_up(key)
            else:
                self._give_up(key)
        self._spool.note_all_taken_up()

    def get_ready(self) -> None:
        """Have the first job wait for as little as any other."""
        with contextlib.suppress(OSError):  # then it is done when it is needed
            self._processes.get_ready(self._spool.folder)

    def _take_up(self, key: Key) -> None:
        self.follower.follow(key)
        keeper = self._processes.keeper(self._spool.path(*key))
        if keeper is not None:
            log.info("Taking up job %d again", key[0])
            self._book.running[key] = self._taken_up(key)
            self._watch(key, keeper)
        elif self._spool.exit(*key) is not None or self._processes.bury(self._spool.path(*key)):
            self._finish(key)
        else:  # a keeper took the lock just now
            self._book.running[key] = self._taken_up(key)
            asyncio.get_running_loop().call_later(1.0, self._look_again, key)

    def _give_up(self, key: Key) -> None:
        """Nothing of it is read but how it ended: that may be what ended the agents."""
        log.error("job %d is not taken up again: %d agents in a row ended while they did that", key[0], _MOST_ENDS)
        folder = self._spool.path(*key)
        if self._spool.exit(*key) is not None:
            self._finish(key, looks=False)
            return
        _bury(folder)
        keeper = self._processes.keeper(folder)
        if keeper is not None:
            self._processes.kill(keeper)
        self._processes.sweep(folder)
        if self._spool.exit(*key) is not None:  # it ended just before
            self._finish(key, looks=False)
            return
        self._spool.note_end(*key, EndReason.REFUSED)
        message = f"{_MOST_ENDS} agents in a row ended while they took this job up again"
        self._book.over(Ended(0, *key, EndReason.REFUSED, message=message))

    def _taken_up(self, key: Key) -> Running:
        started = self._spool.started(*key)
        since = _boot_time() - max(time.time() - started.wall_at, 0.0)
        return Running(*key, lease=started.lease, name=started.name, since=since)

    def look(self) -> None:
        """Progress that outputs told, and pauses that keepers have carried out."""
        for key in self._book.running:
            progress = self.follower.look(key)
            if progress is not None:
                self._book.running[key].progress = progress
                self._book.progressed(*key, progress)
        for key, running in self._book.running.items():
            self._complain(key, running)
            state = self._spool.state(*key)
            if state and state != running.state:
                running.state = state
                self._book.report((Paused if state == STOPPED else Resumed)(0, *key))

    def _complain(self, key: Key, running: Running) -> None:
        """A process that even KILL does not end waits in the kernel: somebody has to look at this machine."""
        longest = self._rules.longest_end
        if running.ending_since is not None and time.monotonic() - running.ending_since > longest:
            running.ending_since = None
            log.error(
                "job %d was asked to end %.0f s ago, but a process of it does not die: it seems to wait for a disk or "
                "a network mount that hangs",
                key[0],
                longest,
            )

    def renew(self, key: Key, asked_at: float) -> None:
        """The server has renewed the lease of an attempt; its keeper is told when it makes a difference."""
        running = self._book.running.get(key)
        if running is None:
            return
        until = asked_at + (running.lease or self.usual_lease)
        if until - running.lease_until > _LEASE_STEP:
            running.lease_until = until
            with contextlib.suppress(FileNotFoundError):  # somebody emptied the folder
                self._spool.renew(*key, until)

    def end_all(self, grace: float) -> None:
        """Have every job here ended; the server lets them run elsewhere."""
        for key in list(self._book.running):
            self._wish(key, f"end {EndReason.EJECTED} {grace}")

    def reclaim(self) -> None:
        """Stop and end every job here: the person at the machine wants it now."""
        for key in list(self._book.running):
            log.info("Cancelling job %d: its machine is taken back", key[0])
            self._wish(key, f"end {EndReason.RECLAIMED} {_RECLAIM_GRACE}")

    def shown(self) -> list[dict[str, object]]:
        """What runs here, for the person at the machine."""
        return [
            {
                "id": running.job,
                "attempt": running.attempt,
                "name": running.name,
                "progress": running.progress,
                "seconds": max(_boot_time() - running.since, 0.0),
                "stopped": running.state == STOPPED,
            }
            for running in self._book.running.values()
        ]

    def end_paused(self) -> None:
        """Have paused jobs cancelled: a draining client must not wait for them."""
        for key, running in self._book.running.items():
            if running.state == STOPPED:
                self._wish(key, f"end {EndReason.CANCELLED} 2")

    def close(self) -> None:
        """Let go; keepers go on."""
        self._processes.close()
        self._cleaner.shutdown()

    def _start(self, order: Start) -> None:
        key = order.job, order.attempt
        if self.surroundings is None or key in self._book.ended:
            return
        if self._is_taken():
            self._refuse_taken(key)
            return
        folder: Path | None = None
        try:
            folder = self._spool.make(*key)
            if folder is None:
                return
            if not order.command:
                raise NoShell("the job has no command for this platform")
            self._spool.prepare(folder, self.surroundings.map_paths(order.command), self._launch(order, folder))
            keeper = self._processes.launch(folder)
        except (NoShell, OSError, ValueError) as error:
            message = _in_words(error, self._spool.folder)
            log.error("job %d cannot be started: %s", order.job, message)
            if folder is not None:
                _bury(folder)
            reason = EndReason.UNABLE if isinstance(error, OSError) else EndReason.REFUSED
            self._book.over(Ended(0, *key, reason, message=message))
        else:
            log.info("Running job %d", order.job)
            self.follower.follow(key)
            self._book.started(*key, order.lease, order.name, _boot_time())
            self._watch(key, keeper)
        self._news()

    def _refuse_taken(self, key: Key) -> None:
        """It was on its way when the machine was taken: it runs elsewhere. Never here, not even later."""
        with contextlib.suppress(OSError):  # in RAM it is buried in any case
            folder = self._spool.make(*key)
            if folder is None:
                return
            _bury(folder)
        self._book.over(Ended(0, *key, EndReason.RECLAIMED, message="its machine is taken by the person there"))
        self._news()

    def _launch(self, order: Start, folder: Path) -> Launch:
        """Raises NoShell."""
        assert self.surroundings is not None
        environment = environment_for(order, self.surroundings, folder)
        return Launch(
            shell=shell_for(order.shell, self.surroundings, environment.get("PATH", "")),
            environment=environment,
            lease_until=self._asked_at + (order.lease or self.usual_lease),
            lease=order.lease,
            max_time=order.max_time,
            no_output_timeout=order.no_output_timeout,
            quota=self._rules.output_limit,
            umask=self._rules.umask,
            group=self._processes.group(folder.name),
            name=order.name,
        )

    def _end(self, order: End) -> None:
        key = order.job, order.attempt
        if key in self._book.running:
            log.info("Cancelling job %d", order.job)
            self._book.running[key].ending_since = time.monotonic()
            self._wish(key, f"end {order.reason} {order.grace}")
            return
        if key in self._book.ended:
            self._book.report(self._book.ended[key])
        else:
            with contextlib.suppress(OSError):  # in RAM it is buried in any case
                folder = self._spool.make(*key)
                if folder is not None:
                    _bury(folder)
            self._book.over(Ended(0, *key, EndReason.UNKNOWN))
        self._news()

    def _forget(self, order: Forget) -> None:
        keys = self._book.forget(order.attempts)
        for key in keys:
            self.follower.forget(key)
        if keys and not self._forgotten:
            asyncio.get_running_loop().call_later(_FORGET_SECONDS, self._clear_away)
        self._forgotten += keys
        if len(self._forgotten) >= _FORGET_AT_ONCE:
            self._clear_away()

    def _clear_away(self) -> None:
        """Many at a time, and not while the next commands are being started."""
        keys, self._forgotten = self._forgotten, []
        if keys:
            self._cleaner.submit(self._spool.forget, keys)

    def _halt_or_go_on(self, key: Key, wish: str) -> None:
        """What comes of it is reported even if it is what was reported last: another wish may have been in between."""
        if key in self._book.running:
            self._book.running[key].state = ""
        self._wish(key, wish)

    def _wish(self, key: Key, words: str) -> None:
        if key in self._book.running:
            with contextlib.suppress(FileNotFoundError):
                self._spool.wish(*key, words)
            keeper = self._keepers.get(key)
            if keeper is not None:
                self._processes.nudge(keeper, self._spool.path(*key))

    def _watch(self, key: Key, keeper: int) -> None:
        self._keepers[key] = keeper
        self._processes.watch(keeper, lambda: self._gone(key))

    def _look_again(self, key: Key) -> None:
        keeper = self._processes.keeper(self._spool.path(*key))
        if keeper is not None:
            self._watch(key, keeper)
        else:
            self._gone(key)

    def _gone(self, key: Key) -> None:
        """A keeper is gone: its exit file says how the attempt ended; without one it was killed itself."""
        self._keepers.pop(key, None)
        if key in self._book.running:
            self._finish(key)
            self._news()

    def _finish(self, key: Key, *, looks: bool = True) -> None:
        """It is over: what is to be told of it, and whether its output says more than its exit code."""
        result = self._spool.exit(*key)
        if result is None:
            self._processes.sweep(self._spool.path(*key))
            result = _LOST
        log.info("Finished job %d (%s)", key[0], _words(result))
        output = self.follower.finish(key, result.output_bytes, looks=looks)
        if not self._spool.is_clean(*key):
            self._cleaner.submit(self._spool.clean, *key)
        if output.progress is not None:
            self._book.progressed(*key, output.progress)
        failed = result.reason == EndReason.EXITED and result.exit_code == 0 and bool(output.failure)
        ended = Ended(
            number=0,
            job=key[0],
            attempt=key[1],
            reason=EndReason.OUTPUT if failed else result.reason,
            exit_code=result.exit_code,
            signal=result.signal,
            ran_seconds=result.ran_seconds,
            cpu_seconds=result.cpu_seconds,
            peak_memory=result.peak_memory,
            output_bytes=output.output_bytes,
            cut_bytes=output.cut_bytes,
            message=output.failure if failed else "",
        )
        self._book.over(ended)


def _in_words(error: Exception, place: Path) -> str:
    """What prevented a start."""
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"the disk of {place} is full"
    return str(error)


def _boot_time() -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def _bury(folder: Path) -> None:
    """Have it never started any more, not even by an agent that comes later."""
    with contextlib.suppress(OSError):
        (folder / "grave").touch()


def _words(result: Exit) -> str:
    if result.reason != EndReason.EXITED:
        return result.reason
    return f"signal {result.signal}" if result.signal is not None else f"exit code {result.exit_code}"
