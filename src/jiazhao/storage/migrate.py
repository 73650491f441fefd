"""Bring a database to the schema of this version."""

from jiazhao.storage.engine import Database
from jiazhao.storage.schema import metadata


def migrate(url: str) -> None:
    """Create or upgrade; does nothing where the schema is this version's already."""
    database = Database(url)
    try:
        metadata.create_all(database.engine)
    finally:
        database.close()
