"""A machine of the simulation: its clock, its disk, its keepers with their processes, and the agent with the real book.

Each machine's clock runs a little fast or slow, and goes on while the machine is suspended. Its disk (the folders of
attempts, results) survives the agent; processes and keepers survive it too, but not a reboot.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from hqagent.book import Book, Running
from hqagent.processes.slots import GOING, STOPPED
from hqserver.wire.agent import (
    End,
    Ended,
    EndReason,
    Forget,
    Held,
    Hello,
    Machine,
    Order,
    Pause,
    Paused,
    Resume,
    Resumed,
    Start,
)

Key = tuple[int, int]

KILLING = 25.0
"""Seconds that it may take to kill a process tree; with 2 % of the lease less than the farm's grace."""


@dataclass
class Process:
    """A command that runs, under its keeper."""

    lease_until: float
    """On the machine's clock."""
    ends_at: float
    exit_code: int
    paused: bool = False
    dying: bool = False


@dataclass
class Node:
    """A machine."""

    name: str
    cpus: int
    rate: float
    lease: float
    unsafe: str = ""
    boot: int = 1
    incarnation: int = 1
    """Of the agent."""
    down_until: float = 0.0
    suspended_until: float = 0.0
    slept: float = 0.0
    """Seconds that it was suspended since its boot."""
    cut_to_server: float = 0.0
    cut_from_server: float = 0.0
    session: str = ""
    hello_at: float = 0.0
    """When the hello was sent whose answer is awaited, on the machine's clock."""
    book: Book = field(default_factory=Book)
    folders: set[Key] = field(default_factory=set)
    processes: dict[Key, Process] = field(default_factory=dict)
    results: dict[Key, Ended] = field(default_factory=dict)
    buried: set[Key] = field(default_factory=set)
    """Given up: a keeper that comes late must not begin."""
    unwritten: set[Key] = field(default_factory=set)
    """Folders that are not on the disk yet although something was spawned: only when a rule is off."""

    def clock(self, time: float) -> float:
        """CLOCK_BOOTTIME at this moment; with the rule off it stands still while the machine is suspended."""
        slept = self.slept if self.unsafe == "clock stops in suspend" else 0.0
        return (time - slept) * self.rate

    def time_of(self, clock: float) -> float:
        """When the clock says that."""
        return clock / self.rate + (self.slept if self.unsafe == "clock stops in suspend" else 0.0)

    def is_awake(self, time: float) -> bool:
        """Whether anything happens on it."""
        return time >= self.suspended_until and time >= self.down_until

    def hello(self, time: float) -> Hello:
        """What opens a session."""
        machine = Machine(self.name, "linux-x86_64", self.cpus)
        held, asked_at = self.book.held(), self.clock(time)
        if self.unsafe == "takes overtaken hellos":
            asked_at = 0.0
        return Hello(1, f"id-{self.name}", f"boot{self.boot}", "", 0, "v", machine, held, clock=time, asked_at=asked_at)

    def reboot(self) -> None:
        """Everything that ran is gone, and what was not written with it; the disk stays, its folders are of another boot."""
        self.boot += 1
        self.slept = 0.0
        self.processes.clear()
        self.buried.clear()
        self.restart_agent()

    def restart_agent(self) -> None:
        """The agent was killed; a new one takes up what the old one left."""
        self.incarnation += 1
        self.session, self.book = "", Book()
        self.folders -= self.unwritten
        self.unwritten.clear()
        for key in sorted(self.folders):
            if key in self.processes:
                self.book.running[key] = Running(*key)
            else:
                self.buried.add(key)
                self.book.over(self.results.get(key) or Ended(0, *key, EndReason.LOST))

    def obey(self, order: Order, launch: Callable[[Key], None]) -> None:
        """Do what the server says; `launch` has a keeper begin, now or a little later."""
        match order:
            case Start():
                self._start(order, launch)
            case End():
                self._end(order)
            case Pause() | Resume():
                key = order.job, order.attempt
                process = self.processes.get(key)
                if process is not None:
                    process.paused = isinstance(order, Pause)
                    if key in self.book.running:
                        self.book.running[key].state = STOPPED if process.paused else GOING
                    self.book.report((Paused if process.paused else Resumed)(0, *key))
            case Forget():
                for key in self.book.forget(order.attempts):
                    self.folders.discard(key)
                    self.results.pop(key, None)

    def _start(self, order: Start, launch: Callable[[Key], None]) -> None:
        key = order.job, order.attempt
        if key in self.folders and self.unsafe != "starts twice":
            return
        self.folders.add(key)
        if self.unsafe == "spawns before it writes":
            self.unwritten.add(key)
        launch(key)

    def begin(self, key: Key, process: Process, incarnation: int) -> bool:
        """The keeper begins, unless it comes too late."""
        if key in self.buried and self.unsafe != "no tombstones":
            return False
        self.processes[key] = process
        if incarnation == self.incarnation:
            self.book.started(*key)
        return True

    def _end(self, order: End) -> None:
        key = order.job, order.attempt
        if key in self.book.running:
            process = self.processes.get(key)
            if process is not None:
                self.end_process(key, order.reason)
        elif key in self.book.ended:
            self.book.report(self.book.ended[key])
        else:
            self.folders.add(key)
            self.buried.add(key)
            self.book.over(Ended(0, *key, EndReason.UNKNOWN))

    def end_process(self, key: Key, reason: str, code: int | None = None) -> None:
        """It is gone, and its keeper has written how."""
        del self.processes[key]
        ended = Ended(0, *key, reason, code, ran_seconds=1.0)
        self.results[key] = ended
        if key in self.book.running:
            self.book.over(ended)

    def renew(self, held: Iterable[Held], asked_at: float, replied_at: float) -> None:
        """The server has renewed these leases; they run from when it was asked, on the machine's clock."""
        begin = replied_at if self.unsafe == "lease from the answer" else asked_at
        for item in held:
            process = self.processes.get((item.job, item.attempt))
            if process is not None:
                process.lease_until = max(process.lease_until, begin + self.lease)
