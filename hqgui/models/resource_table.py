"""Resources as rows: how many there are, how many are in use, who holds them, who waits for them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from PySide6.QtCore import QObject

from hqgui.models import formats
from hqgui.models.client_cells import job_title
from hqgui.models.farm import FarmChanges, FarmData
from hqgui.models.job_columns import natural
from hqgui.models.roles import Cell, Tone
from hqgui.models.row_table import RowColumn, RowTable
from hqgui.words import QT_TRANSLATE_NOOP, translate
from hqserver.wire.statuses import JobStatus

COUNT_SECONDS: Final = 2.0
"""All jobs are looked at no more often than this to count who waits."""
_NAMED: Final = 4
"""Holders that a cell names."""


class ResourceRow(NamedTuple):
    """One resource as it is shown."""

    id: int
    name: str
    amount: int
    used: int
    per_machine: bool
    holders: tuple[int, ...]
    """Clients where it is counted per machine, else jobs."""
    holder_names: tuple[str, ...]
    """Of the first few."""
    waiting: int
    """Jobs that ask for it and could start but for a machine or a resource."""

    @property
    def free(self) -> int:
        """How many are left."""
        return max(0, self.amount - self.used)


class Holder(NamedTuple):
    """Who holds a resource."""

    id: int
    is_client: bool
    status: str
    """Of the job, or `client-...`."""
    name: str
    where: str
    """The job's client; of a client the jobs that hold it there."""
    amount: str


def _name(row: ResourceRow) -> Cell:
    return Cell(formats.one_line(row.name), weight=500)


def _use(row: ResourceRow) -> Cell:
    text = translate("Resources", "{used} of {m}").format(used=formats.count(row.used), m=formats.count(row.amount))
    share = min(1.0, row.used / row.amount) if row.amount else 0.0
    return Cell(text, fraction=share, tone=Tone.WAITING if row.amount and row.used >= row.amount else Tone.NORMAL)


def _free(row: ResourceRow) -> Cell:
    return Cell(formats.count(row.free), tone=Tone.SECONDARY)


def _counted(row: ResourceRow) -> Cell:
    words = translate("Resources", "per machine") if row.per_machine else translate("Resources", "per job")
    return Cell(words, tone=Tone.SECONDARY)


def _holders(row: ResourceRow) -> Cell:
    rest = len(row.holders) - len(row.holder_names)
    text = ", ".join(row.holder_names)
    return Cell(f"{text}, +{rest}" if rest > 0 else text, tone=Tone.SECONDARY)


def _waiting(row: ResourceRow) -> Cell:
    return Cell(formats.count(row.waiting) if row.waiting else "", tone=Tone.SECONDARY)


RESOURCE_COLUMNS: Final = (
    RowColumn("resource", QT_TRANSLATE_NOOP("Columns", "Resource"), 150, _name, lambda row: natural(row.name)),
    RowColumn(
        "use",
        QT_TRANSLATE_NOOP("Columns", "In use"),
        140,
        _use,
        lambda row: (row.used / row.amount if row.amount else 0.0, row.used),
    ),
    RowColumn("free", QT_TRANSLATE_NOOP("Columns", "Free"), 56, _free, lambda row: row.free, right=True),
    RowColumn(
        "amount",
        QT_TRANSLATE_NOOP("Columns", "Amount"),
        64,
        lambda row: Cell(formats.count(row.amount)),
        lambda row: row.amount,
        right=True,
    ),
    RowColumn("waiting", QT_TRANSLATE_NOOP("Columns", "Wanted by"), 74, _waiting, lambda row: row.waiting, right=True),
    RowColumn("counted", QT_TRANSLATE_NOOP("Columns", "Counted"), 94, _counted, lambda row: row.per_machine),
    RowColumn(
        "holders",
        QT_TRANSLATE_NOOP("Columns", "Holders"),
        220,
        _holders,
        lambda row: len(row.holders),
        stretch=1,
    ),
)


class ResourceTable(RowTable[ResourceRow]):
    """The resources."""

    columns = RESOURCE_COLUMNS

    def __init__(self, farm: FarmData, clock: Callable[[], float] = lambda: 0.0, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._farm = farm
        self._clock = clock
        self._wanted: Counter[str] = Counter()
        self._counted = float("-inf")

    def apply(self, changes: FarmChanges) -> None:
        """Take in what changed in the farm."""
        if "resources" in changes.kinds or not self.rows:
            self.show_rows(self._read())

    def _read(self) -> dict[int, ResourceRow]:
        now = self._clock()
        if self._farm.resources and not 0 <= now - self._counted < COUNT_SECONDS:
            self._wanted, self._counted = self._count_wanted(), now
        return {row_id: self._row(row, self._wanted) for row_id, row in self._farm.resources.items()}

    def _row(self, row: dict[str, Any], wanted: Counter[str]) -> ResourceRow:
        holders = tuple(row.get("holders") or ())
        per_machine = bool(row.get("perMachine"))
        farm = self._farm
        named = [farm.clients.label(one) if per_machine else job_title(farm.jobs, one) for one in holders[:_NAMED]]
        return ResourceRow(
            row["id"],
            str(row.get("name", "")),
            int(row.get("amount") or 0),
            int(row.get("inUse") or 0),
            per_machine,
            holders,
            tuple(formats.one_line(name, 60) for name in named),
            wanted[str(row.get("name", ""))],
        )

    def _count_wanted(self) -> Counter[str]:
        """Jobs that wait for a machine, by the resources that they ask for."""
        jobs = self._farm.jobs
        found: Counter[str] = Counter()
        for asked, status in zip(jobs.columns["resources"], jobs.status, strict=True):
            if asked and status == JobStatus.RUNNABLE:
                found.update(name for name, _ in asked)
        return found

    def holders_of(self, resource: int, most: int = 500) -> list[Holder]:
        """Who holds a resource, at most so many."""
        row = self.rows.get(resource)
        if row is None:
            return []
        find = self._client if row.per_machine else self._job
        return [find(row, one) for one in row.holders[:most]]

    def _job(self, row: ResourceRow, job: int) -> Holder:
        jobs = self._farm.jobs
        clients = jobs.value(job, "clients") if job in jobs else ()
        status = str(jobs.value(job, "status") or "") if job in jobs else ""
        amount = dict(jobs.value(job, "resources") or ()).get(row.name, "") if job in jobs else ""
        where = formats.one_line(clients[-1].label, 60) if clients else ""
        return Holder(job, is_client=False, status=status, name=job_title(jobs, job), where=where, amount=str(amount))

    def _client(self, row: ResourceRow, client: int) -> Holder:
        farm = self._farm
        known = farm.clients.get(client)
        status = f"client-{known['status']}" if known is not None else ""
        titles = [job_title(farm.jobs, job) for job in known["runningJobs"]] if known is not None else []
        where = formats.one_line(", ".join(titles), 120)
        return Holder(client, is_client=True, status=status, name=farm.clients.label(client), where=where, amount="1")
