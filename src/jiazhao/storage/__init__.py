"""The engine, transactions, the schema and its migrations; SQLite and PostgreSQL alike."""
