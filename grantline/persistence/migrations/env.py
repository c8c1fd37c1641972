"""How alembic reaches the database: over the connection that `schema.migrate` opened."""

from alembic import context

from grantline.persistence.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
