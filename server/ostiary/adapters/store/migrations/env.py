"""What Alembic runs: the steps, inside the transaction that the caller began."""

from __future__ import annotations

from alembic import context

from ostiary.adapters.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,  # both databases undo changes of tables, SQLite too
)
with context.begin_transaction():
    context.run_migrations()
