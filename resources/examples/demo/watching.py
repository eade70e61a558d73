"""How the film fares, asked of the server with documented calls only."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any, Final

_GOOD: Final = "succeeded"
_BAD: Final = frozenset({"failed", "cancelled"})
"""Documented ends of a job. HQueue also calls `abandoned` finished, but such a job still comes back."""


@dataclass(frozen=True, slots=True)
class State:
    """The film at one moment. `seconds_left` is the server's estimate, None while it has none."""

    done: int
    failed: int
    total: int
    seconds_left: int | None
    film_status: str

    @property
    def left(self) -> int:
        """Frames that have not ended yet."""
        return self.total - self.done - self.failed


class Watcher:
    """Follows one film by its job's id."""

    def __init__(self, hq: Any, film: int) -> None:
        self.film = film
        self._hq = hq
        layers = hq.getJob(film, ["children"])["children"]
        self._frames = [frame for layer in hq.getJobs(layers, ["children"]) for frame in layer["children"]]

    def look(self) -> State:
        """The state now."""
        film = self._hq.getJob(self.film, ["status", "ETA"])
        statuses = Counter(row["status"] for row in self._hq.getJobs(self._frames, ["status"]))
        failed = sum(statuses[status] for status in _BAD)
        seconds = film["ETA"]
        return State(statuses[_GOOD], failed, len(self._frames), seconds if seconds >= 0 else None, film["status"])

    def is_over(self, state: State) -> bool:
        """Whether the film's own job has ended."""
        return state.film_status in {_GOOD, *_BAD}

    def is_good(self, state: State) -> bool:
        """Whether it ended well."""
        return state.film_status == _GOOD

    def failure(self) -> str:
        """What went wrong: the job that failed first, and the end of its output."""
        rows = self._hq.getJobs([*self._frames, self.film], ["id", "name", "status", "clients"])
        bad = [row for row in rows if row["status"] in _BAD]
        if not bad:
            return "no job has failed"
        job = bad[0]
        where = ", ".join(client["label"] for client in job["clients"]) or "no client"
        output = self._hq.getJobOutput(job["id"], 2000).rstrip() or "(it wrote nothing)"
        return f"{job['name']} (job {job['id']}) is {job['status']}, on {where}. The end of its output:\n{output}"
