"""The tables' version: made new, or brought up to date by Alembic, step by step, after a copy was taken."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from hqserver.store.errors import StoreError

log = logging.getLogger("hqserver.store")

HEAD: Final = "0001"
"""The newest revision below `migrations/versions`."""


def upgrade(connection: sa.Connection, data: Path) -> None:
    """Make the tables this version's. Raises StoreError when they are a newer one's."""
    found = version(connection)
    if found == HEAD:
        return
    if found is not None and found > HEAD:
        raise StoreError(f"the database is of a newer hqserver (tables {found}, this one knows {HEAD}); run that one")
    if found is not None and connection.dialect.name == "sqlite":
        _copy(connection, data, found)
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "hqserver.store:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    connection.commit()


def version(connection: sa.Connection) -> str | None:
    """The revision of the tables; None for an empty database."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
    connection.commit()
    return found


def _copy(connection: sa.Connection, data: Path, found: str) -> None:
    target = data / f"hqserver-before-{HEAD}-from-{found}.db"
    if not target.exists():
        connection.commit()
        connection.exec_driver_sql("VACUUM INTO ?", (str(target),))
        log.warning("a copy of the database as it was is kept in %s", target)
