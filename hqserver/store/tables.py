"""The tables. Times are seconds since the epoch, UTC; what changes seldom or is read whole is JSON text."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

metadata: Final = sa.MetaData()

meta: Final = sa.Table(
    "meta",
    metadata,
    sa.Column("key", sa.String, primary_key=True),
    sa.Column("value", sa.BigInteger, nullable=False),
)

submissions: Final = sa.Table(
    "submissions",
    metadata,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("key", sa.String, nullable=False),
    sa.Column("fingerprint", sa.String, nullable=False),
    sa.Column("ids", sa.Text, nullable=False),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("first_id", sa.BigInteger, nullable=False),
    sa.Column("count", sa.BigInteger, nullable=False),
    sa.Column("first_revision", sa.BigInteger, nullable=False),
)

jobs: Final = sa.Table(
    "jobs",
    metadata,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("submission", sa.BigInteger, nullable=False),
    sa.Column("spec", sa.Text, nullable=False),
    sa.Column("crc", sa.BigInteger, nullable=False),
    sa.Column("warnings", sa.Text, nullable=False),
    sa.Column("submitted_by", sa.Text, nullable=False),
    sa.Column("queued_at", sa.Float, nullable=False),
    sa.Column("status", sa.String, nullable=False),
    sa.Column("priority", sa.BigInteger, nullable=False),
    sa.Column("tries_left", sa.BigInteger, nullable=False),
    sa.Column("progress", sa.Float, nullable=False),
    sa.Column("progress_at", sa.Float),
    sa.Column("started_at", sa.Float),
    sa.Column("ended_at", sa.Float),
    sa.Column("verdict", sa.String, nullable=False),
    sa.Column("ending", sa.String, nullable=False),
    sa.Column("times_lost", sa.BigInteger, nullable=False),
    sa.Column("show_blocked_warning", sa.Boolean, nullable=False),
    sa.Column("revision", sa.BigInteger, nullable=False),
)

edges: Final = sa.Table(
    "edges",
    metadata,
    sa.Column("child", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("parent", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("position", sa.BigInteger, nullable=False),
)

attempts: Final = sa.Table(
    "attempts",
    metadata,
    sa.Column("job", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("client", sa.BigInteger, nullable=False),
    sa.Column("cpus", sa.BigInteger, nullable=False),
    sa.Column("ordered_at", sa.Float, nullable=False),
    sa.Column("state", sa.String, nullable=False),
    sa.Column("started_at", sa.Float),
    sa.Column("ended_at", sa.Float),
    sa.Column("paused", sa.Boolean, nullable=False),
    sa.Column("ending", sa.String, nullable=False),
    sa.Column("reason", sa.String, nullable=False),
    sa.Column("exit_code", sa.BigInteger),
    sa.Column("signal", sa.BigInteger),
    sa.Column("ran_seconds", sa.Float, nullable=False),
    sa.Column("cpu_seconds", sa.Float, nullable=False),
    sa.Column("peak_memory", sa.BigInteger, nullable=False),
    sa.Column("output_bytes", sa.BigInteger, nullable=False),
    sa.Column("cut_bytes", sa.BigInteger, nullable=False),
    sa.Column("message", sa.Text, nullable=False),
    sa.Column("lease", sa.Float, nullable=False),
)

job_log: Final = sa.Table(
    "job_log",
    metadata,
    sa.Column("job", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("event", sa.String, nullable=False),
    sa.Column("status", sa.String, nullable=False),
    sa.Column("client", sa.Text, nullable=False),
    sa.Column("message", sa.Text, nullable=False),
)

clients: Final = sa.Table(
    "clients",
    metadata,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("agent", sa.String, nullable=False),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("machine", sa.Text, nullable=False),
    sa.Column("boot", sa.String, nullable=False),
    sa.Column("version", sa.String, nullable=False),
    sa.Column("port", sa.BigInteger, nullable=False),
    sa.Column("ip", sa.String, nullable=False),
    sa.Column("disabled", sa.Boolean, nullable=False),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("draining", sa.Boolean, nullable=False),
    sa.Column("heartbeat_at", sa.Float),
    sa.Column("clock_skew", sa.Float, nullable=False),
    sa.Column("failures", sa.BigInteger, nullable=False),
    sa.Column("revision", sa.BigInteger, nullable=False),
)

quarantine: Final = sa.Table(
    "quarantine",
    metadata,
    sa.Column("number", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("what", sa.String, nullable=False),
    sa.Column("id", sa.BigInteger, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("row", sa.Text, nullable=False),
)
"""Rows that could not be read: kept for a person to look at, never executed."""
