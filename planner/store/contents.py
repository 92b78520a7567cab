"""The contents of runs as bytes: texts and records compressed, tables as Parquet; a content is named by its hash."""

from __future__ import annotations

import hashlib
import io
import json
import zlib
from typing import Any

import pandas as pd

_COMPRESSION = "zstd"


def hash_of(data: bytes) -> str:
    """SHA-256 of a content, in hexadecimal signs."""
    return hashlib.sha256(data).hexdigest()


def text_bytes(text: str) -> bytes:
    """A text as compressed bytes."""
    return zlib.compress(text.encode(), 6)


def text_of(data: bytes) -> str:
    """The text that `text_bytes` compressed."""
    return zlib.decompress(data).decode()


def record_bytes(record: Any) -> bytes:
    """A value that JSON can hold, as compressed bytes; infinite and missing figures stay what they are."""
    return text_bytes(json.dumps(record, ensure_ascii=False, separators=(",", ":")))


def record_of_bytes(data: bytes) -> Any:
    """The value that `record_bytes` compressed."""
    return json.loads(text_of(data))


def table_bytes(table: pd.DataFrame) -> bytes:
    """A table as compressed Parquet, every figure and text as it is.

    Raises:
        ValueError: a column holds values of several kinds.
    """
    import pyarrow as pa

    out = io.BytesIO()
    try:
        table.to_parquet(out, index=False, compression=_COMPRESSION)
    except pa.ArrowException as error:
        raise ValueError(str(error)) from error
    return out.getvalue()


def table_of(data: bytes) -> pd.DataFrame:
    """The table that `table_bytes` compressed."""
    return pd.read_parquet(io.BytesIO(data))
