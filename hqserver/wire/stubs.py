"""Labels within one submission: `childStubIds` of a specification names others of the same call as its children.

Jobs are counted from 1 in the order in which they stand. Labels and nesting together must not lead in a circle.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator

from hqserver.wire.faults import BadValue, shown

_JOBS_A_TURN = 2000


class Stubs:
    """The labels of a submission, and who refers to them."""

    def __init__(self) -> None:
        self._above: list[int] = [0]
        """For each job the one that it is nested in; 0: none."""
        self._labelled: dict[str, tuple[int, str]] = {}
        self._asked: list[tuple[int, str, tuple[str, ...]]] = []

    @property
    def used(self) -> bool:
        """Whether any specification refers to another by its label."""
        return bool(self._asked)

    def add(self, above: int) -> int:
        """Count a job, nested in another or in none; its number."""
        self._above.append(above)
        return len(self._above) - 1

    def label(self, number: int, place: str, stub: str, children: tuple[str, ...]) -> None:
        """What a job is called and refers to. Raises BadValue for a label that stands twice."""
        if children:
            self._asked.append((number, place, children))
        if stub:
            other = self._labelled.setdefault(stub, (number, place))
            if other[0] != number:
                raise BadValue("stubId", f"must stand once, got {shown(stub)}, which {other[1]} has too")

    def loose(self) -> Iterator[tuple[str, str]]:
        """Each reference that leads nowhere: the place, and what is wrong."""
        for _, place, children in self._asked:
            for stub in children:
                if stub not in self._labelled:
                    yield place, f"no specification of this call has the stubId {shown(stub)}"

    def circle(self) -> Generator[None, None, str | None]:
        """The place of a reference within a circle; None when there is none. Every reference leads somewhere."""
        if not self._asked:
            return None
        below = [
            (number, self._labelled[stub][0], place) for number, place, children in self._asked for stub in children
        ]
        parents: list[list[int]] = [[above] if above else [] for above in self._above]
        for number, child, _ in below:
            parents[child].append(number)
        left = [0] * len(parents)
        for found in parents:
            for parent in found:
                left[parent] += 1
        ready = [number for number, count in enumerate(left) if number and not count]
        while ready:
            number = ready.pop()
            for parent in parents[number]:
                left[parent] -= 1
                if not left[parent]:
                    ready.append(parent)
            if not number % _JOBS_A_TURN:
                yield
        return next((place for number, child, place in below if left[number] and left[child]), None)
