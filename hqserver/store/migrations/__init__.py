"""Alembic's scripts; each brings the tables one step further in one transaction."""
