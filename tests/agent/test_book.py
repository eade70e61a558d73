"""The agent's decisions: orders are obeyed once, reports are told until they were heard."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from hqagent.book import Book
from hqserver.wire.agent import Ended, Held, Order, Pause, Progressed, Started

orders = st.lists(st.integers(1, 8), max_size=30)


@given(orders)
def test_an_order_is_new_once(numbers: list[int]) -> None:
    book = Book()
    obeyed: list[int] = []
    for number in numbers:
        told: list[Order] = [Pause(known, known, 1) for known in range(1, number + 1)]
        obeyed += [order.number for order in book.new_orders(told)]
    assert obeyed == list(range(1, max(numbers, default=0) + 1))


class Telling(RuleBasedStateMachine):
    """Attempts start, progress and end while answers get lost and sessions begin anew."""

    def __init__(self) -> None:
        super().__init__()
        self.book = Book()
        self.book.begin_session("s0")
        self.next_job = 1
        self.heard_ends: set[int] = set()
        self.ended: set[int] = set()

    @rule()
    def start(self) -> None:
        self.book.started(self.next_job, 1)
        self.next_job += 1

    @rule(progress=st.floats(0, 1))
    def progress(self, progress: float) -> None:
        for job, attempt in self.book.running:
            self.book.progressed(job, attempt, progress)

    @rule()
    def end(self) -> None:
        for job, attempt in list(self.book.running)[:1]:
            self.book.over(Ended(0, job, attempt, "exited", 0))
            self.ended.add(job)

    @rule(answered=st.booleans())
    def tell(self, answered: bool) -> None:
        told = self.book.reports()
        self.heard_ends |= {item.job for item in told if isinstance(item, Ended)}
        if answered:
            self.book.reports_were_seen(max((item.number for item in told), default=0))

    @rule()
    def another_session(self) -> None:
        self.book.begin_session("again")
        self.heard_ends.clear()

    @rule()
    def forget(self) -> None:
        self.book.forget([Held(job, 1) for job in self.heard_ends])
        self.ended -= self.heard_ends

    @invariant()
    def every_end_is_told_or_was_heard(self) -> None:
        told = {item.job for item in self.book.reports() if isinstance(item, Ended)}
        assert self.ended <= told | self.heard_ends

    @invariant()
    def numbers_grow_and_progress_is_the_newest(self) -> None:
        reports = self.book.reports()
        numbers = [item.number for item in reports]
        assert numbers == sorted(set(numbers))
        jobs = [item.job for item in reports if isinstance(item, Progressed)]
        assert len(jobs) == len(set(jobs))

    @invariant()
    def a_start_comes_before_an_end(self) -> None:
        seen: set[int] = set()
        for item in self.book.reports():
            if isinstance(item, Ended):
                seen.add(item.job)
            assert not (isinstance(item, Started) and item.job in seen)


TestTelling = Telling.TestCase
