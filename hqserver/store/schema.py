"""The tables' version: made new, or brought up to date by Alembic after a copy was taken.

However many steps there are, they are one transaction: whatever happens on the way, the tables are the old or the new.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from hqserver.store.copies import write_copy
from hqserver.store.errors import StoreError

log = logging.getLogger("hqserver.store")


@dataclass(frozen=True, slots=True)
class Steps:
    """Migration scripts, and the newest revision among them."""

    folder: str
    head: str


STEPS: Final = Steps("hqserver.store:migrations", "0001")


def upgrade(connection: sa.Connection, data: Path, steps: Steps = STEPS) -> None:
    """Make the tables this version's. Raises StoreError when they are a newer one's."""
    found = version(connection)
    if found == steps.head:
        return
    refuse_newer(found, steps)
    if found is not None and connection.dialect.name == "sqlite":
        copy = data / f"hqserver-tables-{found}.db"
        write_copy(connection.engine.url, copy)
        log.warning(
            "the tables are brought from %s to %s; a copy of the database as it was is %s", found, steps.head, copy
        )
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", steps.folder)
    config.attributes["connection"] = connection
    with connection.begin():
        command.upgrade(config, "head")


def version(connection: sa.Connection) -> str | None:
    """The revision of the tables; None for an empty database."""
    with connection.begin():
        if not sa.inspect(connection).has_table("alembic_version"):
            return None
        found: str | None = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
    return found


def refuse_newer(found: str | None, steps: Steps = STEPS) -> None:
    """Raise StoreError for tables of a version that this one does not know."""
    if found is not None and found > steps.head:
        raise StoreError(
            f"the database belongs to a newer hqserver (its tables are {found}, this one knows {steps.head}); "
            "run that version, or restore the copy that it took before it changed them"
        )
