"""Values as JSON can hold them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


def finite(value: Any) -> Any:
    """Mappings, lists and scalars as they are, with None in place of each float that is infinite or no number."""
    if isinstance(value, Mapping):
        return {name: finite(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [finite(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a table as objects; empty cells and figures that are not finite become None."""
    rows = table.to_dict("records")  # numpy's figures have `item`, Python's own are as they are
    return [
        {str(name): finite(value.item() if hasattr(value, "item") else value) for name, value in row.items()}
        for row in rows
    ]
