"""The row weights that are stored with a run, so that its answer can be proved again by adding up weighted rows.

Of a plan of least cost these are the duals: any duals prove a lower bound on the cost. Of an infeasible program they
are the weights by which its rows, added up, contradict the bounds of its decisions (Farkas). Rows are named by their
rule and position, and a proof that fits the program badly proves less, never something false.
"""

from __future__ import annotations

import gzip
import json
import math
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from planner.model.layout import Layout
from planner.solve.solution import Array

LEAST_COST, NO_PLAN = "least cost", "no plan"
FILE = "proof.json.gz"
MOST_BYTES = 1 << 30  # of the JSON; no program that is solved in a day has so many rows
MOST_ROWS = 10**8


@dataclass(frozen=True)
class RowWeights:
    """A weight for each row of a program.

    Attributes:
        proves: `least cost` or `no plan`.
        rows: the number of rows of each rule that has any, in the order of the rows.
        weights: the weight of each row.
    """

    proves: str
    rows: Mapping[str, int]
    weights: Array

    @classmethod
    def of(cls, layout: Layout, proves: str, weights: Array | None) -> RowWeights | None:
        """The weights of a program's rows; None where it has rows or columns of the user, which no run stores."""
        rows = {part.family.name: len(part) for part in layout.families if len(part)}
        if weights is None or len(weights) != sum(rows.values()):
            return None
        return cls(proves, rows, np.asarray(weights, dtype=float))

    def for_program(self, layout: Layout) -> Array | None:
        """The weight of each row of a program; None where the program has other rows."""
        rows = {part.family.name: len(part) for part in layout.families if len(part)}
        return self.weights if rows == dict(self.rows) else None

    def as_json(self) -> dict[str, Any]:
        """The weights in a form that JSON can hold: those of each rule that are not 0, by position."""
        rules, start = {}, 0
        for name, count in self.rows.items():
            part = self.weights[start : start + count]
            at = np.flatnonzero(part)
            rules[name] = {"rows": count, "at": at.tolist(), "weight": part[at].tolist()}
            start += count
        return {"schema_version": 1, "proves": self.proves, "rules": rules}


def kept_of(record: Any) -> RowWeights:
    """The weights from the record that `RowWeights.as_json` made.

    Raises:
        ValueError: it is no such record.
    """
    try:
        rows, parts = {}, []
        for name, rule in record["rules"].items():
            rows[str(name)] = count = int(rule["rows"])
            if not 0 <= count <= MOST_ROWS:
                raise ValueError(f"{name} cannot have {count} rows")
            part = np.zeros(count)
            at = np.array(rule["at"], dtype=np.int64)
            part[at] = np.array(rule["weight"], dtype=float)
            if (at < 0).any():
                raise ValueError(f"{name} has a row below 0")
            parts.append(part)
        weights = np.concatenate(parts) if parts else np.zeros(0)
        proves = record["proves"]
    except (KeyError, TypeError, AttributeError, IndexError, OverflowError, MemoryError) as error:
        raise ValueError(f"{type(error).__name__}: {error}") from None
    if proves not in {LEAST_COST, NO_PLAN} or not all(map(math.isfinite, weights.tolist())):
        raise ValueError("it is not what a solve keeps of its answer")
    return RowWeights(proves, rows, weights)


def kept_bytes(kept: RowWeights) -> bytes:
    """The weights as bytes; equal weights give equal bytes."""
    return gzip.compress(json.dumps(kept.as_json(), separators=(",", ":")).encode(), 9, mtime=0)


def kept_of_bytes(data: bytes) -> RowWeights:
    """The weights from the bytes that `kept_bytes` made.

    Raises:
        ValueError: it is no such content.
    """
    reader = zlib.decompressobj(wbits=31)
    try:
        text = reader.decompress(data, MOST_BYTES)
        record = json.loads(text) if reader.eof else None
    except (zlib.error, ValueError, RecursionError) as error:
        raise ValueError(f"{type(error).__name__}: {error}") from None
    return kept_of(record)
