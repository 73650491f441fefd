"""What Alembic runs: the revisions, inside the transaction that it is given.

`storage/migrate.py` opens the transaction and holds the lock; nothing here opens a database.
"""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
