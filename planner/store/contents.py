"""What runs hold, as bytes: texts and records compressed, tables as Parquet; each content has its hash for a name."""

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
    """A text as it is kept."""
    return zlib.compress(text.encode(), 6)


def text_of(data: bytes) -> str:
    """The text that `text_bytes` was given."""
    return zlib.decompress(data).decode()


def record_bytes(record: Any) -> bytes:
    """A value as JSON can hold it, as it is kept; figures that are not finite are kept as they are."""
    return text_bytes(json.dumps(record, ensure_ascii=False, separators=(",", ":")))


def record_of_bytes(data: bytes) -> Any:
    """The value that `record_bytes` was given."""
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
    """The table that `table_bytes` was given."""
    return pd.read_parquet(io.BytesIO(data))
