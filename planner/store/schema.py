"""The tables of the store as SQLAlchemy objects; the migrations create them."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, ForeignKey, Integer, LargeBinary, MetaData, String, Table, Text

HEAD = "0001"  # the newest migration; a test holds it against the folder

metadata = MetaData()
_number = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts up in INTEGER only

# one row a run, with its figures for queries; `asked` grows each time that it is the answer to something
runs = Table(
    "runs",
    metadata,
    Column("number", _number, primary_key=True, autoincrement=True),
    Column("id", String(32), nullable=False, unique=True),
    Column("question", String(64), nullable=True, index=True),  # hash of what was asked; empty: answers nothing
    Column("kind", String(16), nullable=False),  # plan, or the command whose answer it is
    Column("command", String(16), nullable=False),
    Column("created", String(32), nullable=False),  # UTC, as ISO 8601
    Column("asked", _number, nullable=False, index=True),
    Column("instance", Text, nullable=False),
    Column("instance_hash", String(64), nullable=False),
    Column("policy", Text, nullable=True),
    Column("scenario", Text, nullable=True),
    Column("status", String(16), nullable=False),
    Column("objective", Float(53), nullable=True),
    Column("margin", Float(53), nullable=True),
    Column("demand", Float(53), nullable=True),
    Column("delivered", Float(53), nullable=True),
    Column("late", Float(53), nullable=True),
    Column("lost", Float(53), nullable=True),
    Column("fill_rate", Float(53), nullable=True),
    Column("gap", Float(53), nullable=True),
    Column("solver_seconds", Float(53), nullable=True),
    Column("seconds", Float(53), nullable=True),
    Column("note", Text, nullable=False, server_default=""),
)
# whatever runs hold, each different content once
contents = Table(
    "contents", metadata, Column("hash", String(64), primary_key=True), Column("data", LargeBinary, nullable=False)
)
# what a run holds: instance, policy, scenario, options, versions, record, and tables/<name>
parts = Table(
    "parts",
    metadata,
    Column("run", _number, ForeignKey("runs.number", ondelete="CASCADE"), primary_key=True),
    Column("name", String(128), primary_key=True),
    Column("content", String(64), ForeignKey("contents.hash"), nullable=False, index=True),
)
tags = Table(
    "tags",
    metadata,
    Column("word", String(64), primary_key=True),
    Column("run", _number, ForeignKey("runs.number", ondelete="CASCADE"), nullable=False, index=True),
)
