"""What a run claims: its record, its tables as texts, and the row weights stored for its proof."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from planner.instance.instance import Instance
from planner.plan.plan import Plan
from planner.plan.proof.kept import RowWeights
from planner.plan.run_record import record_of

SEALED = ("limits", "exposure", "choke_points", "price_sides")
Texts = Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class Claims:
    """All that is written in the files of a run.

    Attributes:
        instance: the instance as it was solved.
        record: the contents of run.json.
        tables: the tables by name; every cell is a text, which is empty where a figure is missing.
        kept: the row weights that prove its least cost; None where none are stored.
        unsealed: the tables that do not agree with their seal; only run folders have seals.
    """

    instance: Instance
    record: Mapping[str, Any]
    tables: Texts
    kept: RowWeights | None
    unsealed: tuple[str, ...] = ()

    @classmethod
    def of(cls, plan: Plan) -> Claims:
        """The claims of a plan in memory, as its files would have them."""
        return cls(
            plan.instance, record_of(plan), {name: texts_of(plan.tables[name]) for name in plan.tables}, plan.kept
        )


def seal_of(texts: pd.DataFrame) -> str:
    """The seal of a table: a hash of its rows in any order, for figures that only a solver could compute again."""
    rows = sorted(json.dumps(row) for row in texts.to_numpy(dtype=object).tolist())
    return hashlib.sha256("\n".join([json.dumps(list(texts.columns)), *rows]).encode()).hexdigest()


def seals_of(plan: Plan) -> dict[str, str]:
    """The seals of the tables of a plan with shadow prices and least exposures."""
    return {name: seal_of(texts_of(plan.tables[name])) for name in SEALED if name in plan.tables}


def broken_seals(record: Mapping[str, Any], tables: Texts) -> tuple[str, ...]:
    """The tables that do not agree with the seals in a record; none where it has no seals (older runs)."""
    seals = record.get("seals")
    if not isinstance(seals, dict):
        return ()
    return tuple(name for name in SEALED if seals.get(name) != (seal_of(tables[name]) if name in tables else None))


def texts_of(table: pd.DataFrame) -> pd.DataFrame:
    """A table in which every cell is the text that the CSV file has."""
    return pd.DataFrame({name: [_text(cell) for cell in table[name].tolist()] for name in table.columns}, dtype=object)


def _text(cell: Any) -> str:
    if cell is None or (isinstance(cell, float) and math.isnan(cell)):
        return ""
    return repr(cell) if isinstance(cell, float) else str(cell)
