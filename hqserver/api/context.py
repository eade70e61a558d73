"""What a method is given beside its arguments: the running server, and who calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from hqserver import __version__
from hqserver.api.feed_rows import FeedRows
from hqserver.config import Config
from hqserver.core.commands import Command, Submit
from hqserver.core.farm import Farm
from hqserver.core.history import named_by
from hqserver.engine import Engine
from hqserver.history import History
from hqserver.outputs import Outputs
from hqserver.sessions import Sessions
from hqserver.wire.faults import ApiFault, Code
from hqserver.wire.roles import Role

if TYPE_CHECKING:
    from hqserver.api.registry import Method


@dataclass(frozen=True, slots=True)
class Context:
    """The running server, as methods see it."""

    engine: Engine
    sessions: Sessions
    history: History
    outputs: Outputs
    config: Config
    epoch: str
    """A random text for each start of the server: numbers of changes are compared within one epoch only."""
    started_at: float
    open_farm: bool
    database: str
    refusal: Callable[[], tuple[int, str] | None] = lambda: None
    """Why nothing new is taken now: a fault's code and text; None when it is."""
    version: str = __version__
    feed_rows: FeedRows = field(default_factory=FeedRows)
    """Rows of the change feed as text."""

    @property
    def farm(self) -> Farm:
        """The farm, to read."""
        return self.engine.farm


NOBODY_AT: Final = "anonymous@"
"""Before the address of a caller without an identity, in place of a name."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, and what they are to the farm."""

    name: str
    roles: frozenset[Role]
    address: str = ""

    @property
    def has_identity(self) -> bool:
        """Whether the name is who they are, and not only from where they call."""
        return not self.name.startswith(NOBODY_AT)


ADMITTED = frozenset(Role)
"""Until callers have identities each is everything; the server listens on loopback or was told to be open."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call under way."""

    context: Context
    caller: Caller
    method: str
    methods: Mapping[str, Method]
    """The whole table: introspection and calls within a call."""

    @property
    def farm(self) -> Farm:
        """The farm, to read. Whoever answers what it read waits for `seen` first."""
        return self.context.engine.farm

    async def change(self, command: Command) -> Any:
        """Have the farm do something; the answer comes when that is on disk. Raises Refused: nothing was changed."""
        self._refuse_when_stopping()
        if isinstance(command, Submit):
            self._refuse_without_room()
        await self.context.history.recall(named_by(command))
        return await self.context.engine.change(command)

    async def change_all(self, submissions: Sequence[Submit]) -> list[int]:
        """Have the farm take several submissions in one turn, so that they reach the disk together; their ids."""
        self._refuse_when_stopping()
        self._refuse_without_room()
        engine = self.context.engine
        ids = [id_ for submission in submissions for id_ in engine.apply(submission)]
        await self.seen()
        return ids

    def _refuse_when_stopping(self) -> None:
        if self.context.engine.closing:
            raise ApiFault(Code.UNAVAILABLE, f"{self.method}: the server is stopping. Try again in 5 s.")

    def _refuse_without_room(self) -> None:
        refusal = self.context.refusal()
        if refusal is not None:
            raise ApiFault(refusal[0], f"{self.method}: {refusal[1]}")

    async def seen(self, revision: int | None = None) -> None:
        """Wait until what was read is on disk: all of it, or up to a revision. Nobody is told what may be lost."""
        engine = self.context.engine
        wanted = engine.farm.revision if revision is None else revision
        if engine.durable < wanted:
            await engine.settled(wanted)
