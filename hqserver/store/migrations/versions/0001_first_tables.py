"""The first tables."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make them."""
    op.create_table("meta", _key("key", sa.Text), sa.Column("value", sa.BigInteger, nullable=False))
    op.create_table(
        "submissions",
        _key("id", _ID),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("fingerprint", sa.Text, nullable=False),
        sa.Column("ids", sa.Text, nullable=False),
        sa.Column("at", sa.Double, nullable=False),
        sa.Column("first_id", sa.BigInteger, nullable=False),
        sa.Column("count", sa.BigInteger, nullable=False),
        sa.Column("first_revision", sa.BigInteger, nullable=False),
    )
    op.create_index(
        "submissions_key",
        "submissions",
        ["key"],
        sqlite_where=sa.text("key != ''"),
        postgresql_where=sa.text("key != ''"),
    )
    op.create_table(
        "jobs",
        _key("id", _ID),
        sa.Column("submission", sa.BigInteger, nullable=False),
        sa.Column("spec", sa.Text, nullable=False),
        sa.Column("warnings", sa.Text, nullable=False),
        sa.Column("submitted_by", sa.Text, nullable=False),
        sa.Column("queued_at", sa.Double, nullable=False),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("priority", sa.BigInteger, nullable=False),
        sa.Column("tries_left", sa.BigInteger, nullable=False),
        sa.Column("progress", sa.Double, nullable=False),
        sa.Column("progress_at", sa.Double),
        sa.Column("started_at", sa.Double),
        sa.Column("ended_at", sa.Double),
        sa.Column("verdict", sa.String),
        sa.Column("ending", sa.Text, nullable=False),
        sa.Column("times_lost", sa.BigInteger, nullable=False),
        sa.Column("hooks", sa.Text, nullable=False),
        sa.Column("hook", sa.Text),
        sa.Column("show_blocked_warning", sa.SmallInteger, nullable=False),
        sa.Column("client_failures", sa.Text, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("crc", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "edges",
        _key("child", sa.BigInteger),
        _key("parent", sa.BigInteger),
        sa.Column("position", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "attempts",
        _key("job", sa.BigInteger),
        _key("number", sa.BigInteger),
        sa.Column("client", sa.BigInteger, nullable=False),
        sa.Column("cpus", sa.BigInteger, nullable=False),
        sa.Column("ordered_at", sa.Double, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("started_at", sa.Double),
        sa.Column("ended_at", sa.Double),
        sa.Column("paused", sa.SmallInteger, nullable=False),
        sa.Column("ending", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("exit_code", sa.BigInteger),
        sa.Column("signal", sa.BigInteger),
        sa.Column("ran_seconds", sa.Double, nullable=False),
        sa.Column("cpu_seconds", sa.Double, nullable=False),
        sa.Column("peak_memory", sa.BigInteger, nullable=False),
        sa.Column("output_bytes", sa.BigInteger, nullable=False),
        sa.Column("cut_bytes", sa.BigInteger, nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("helpers", sa.Text, nullable=False),
        sa.Column("lease", sa.Double, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "job_log",
        _key("job", sa.BigInteger),
        _key("number", sa.BigInteger),
        sa.Column("at", sa.Double, nullable=False),
        sa.Column("event", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("client", sa.Text, nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "clients",
        _key("id", _ID),
        sa.Column("agent", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("machine", sa.Text, nullable=False),
        sa.Column("boot", sa.Text, nullable=False),
        sa.Column("former_boots", sa.Text, nullable=False),
        sa.Column("hello_at", sa.Double, nullable=False),
        sa.Column("hello_clock", sa.Double),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("agent_version", sa.Text, nullable=False),
        sa.Column("port", sa.BigInteger, nullable=False),
        sa.Column("ip", sa.Text, nullable=False),
        sa.Column("disabled", sa.SmallInteger, nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("draining", sa.SmallInteger, nullable=False),
        sa.Column("heartbeat_at", sa.Double),
        sa.Column("clock_skew", sa.Double, nullable=False),
        sa.Column("failures", sa.BigInteger, nullable=False),
        sa.Column("out_of_service", sa.Text, nullable=False),
        sa.Column("groups", sa.Text, nullable=False),
        sa.Column("rules", sa.Text, nullable=False),
        sa.Column("override", sa.String, nullable=False),
        sa.Column("override_until", sa.Double),
        sa.Column("override_at", sa.Double),
        sa.Column("override_stamp", sa.Text, nullable=False),
        sa.Column("upgrade_asked", sa.SmallInteger, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
    )
    _make_kept_tables()
    op.create_table(
        "past_jobs",
        _key("family", sa.BigInteger),
        _key("job", sa.BigInteger),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("is_root", sa.SmallInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "past_families",
        _key("id", _ID),
        sa.Column("jobs", sa.BigInteger, nullable=False),
        sa.Column("changed_at", sa.Double, nullable=False),
    )
    op.create_table(
        "quarantine",
        sa.Column("number", _ID, primary_key=True, autoincrement=True),
        sa.Column("at", sa.Double, nullable=False),
        sa.Column("table", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("row", sa.Text, nullable=False),
    )


def _make_kept_tables() -> None:
    op.create_table(
        "groups",
        _key("id", _ID),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "resources",
        _key("id", _ID),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("per_machine", sa.SmallInteger, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "former_clients",
        _key("id", _ID),
        sa.Column("hostname", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("ip", sa.Text, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "threads",
        _key("id", _ID),
        sa.Column("job", sa.BigInteger),
        sa.Column("client", sa.BigInteger),
        sa.Column("handled", sa.SmallInteger, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "notes",
        _key("id", _ID),
        sa.Column("thread", sa.BigInteger, nullable=False),
        sa.Column("at", sa.Double, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("automatic", sa.SmallInteger, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "problems",
        _key("id", _ID),
        sa.Column("client", sa.BigInteger),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("traceback", sa.Text, nullable=False),
        sa.Column("count", sa.BigInteger, nullable=False),
        sa.Column("first_at", sa.Double, nullable=False),
        sa.Column("last_at", sa.Double, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "folders",
        _key("id", _ID),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("linux", sa.Text, nullable=False),
        sa.Column("macosx", sa.Text, nullable=False),
        sa.Column("windows", sa.Text, nullable=False),
        sa.Column("windows_mount", sa.Text, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "mails",
        _key("id", _ID),
        sa.Column("job", sa.BigInteger),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("to", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("at", sa.Double, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
    )


def _key(name: str, type_: Any) -> sa.Column[Any]:
    """A column of the primary key; its values come from the farm."""
    return sa.Column(name, type_, primary_key=True, autoincrement=False)
