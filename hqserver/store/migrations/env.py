"""Runs migrations on the connection that the store hands over, in the transaction that it has begun."""

from __future__ import annotations

from alembic import context

from hqserver.store.shapes import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
