"""The database: tables, sessions, reads."""
