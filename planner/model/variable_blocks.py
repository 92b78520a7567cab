"""Variable blocks: one PuLP variable for each row of a decision table, and sums of them grouped by labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import pulp

from planner.network.frames import text_column
from planner.network.network import Network

Array = np.ndarray[Any, Any]
By = Sequence[str] | Mapping[str, str]


@dataclass(frozen=True)
class BlockSpec:
    """The description of a block of decisions; its numbers are columns of the block's table in the network.

    The columns `lower` and `upper` are the bounds (0 and infinity where a table has no such column); `integer` marks
    the variables that are 0 or 1 (none where a table has no such column).

    Attributes:
        name: name of the block, and of its table in the network.
        keys: the columns that label a variable.
        unit: the unit of a value.
        meaning: one sentence.
    """

    name: str
    keys: tuple[str, ...]
    unit: str
    meaning: str

    def table(self, network: Network) -> pd.DataFrame:
        """The network's table with one row for each decision of the block, in the order of its variables."""
        table: pd.DataFrame = getattr(network, self.name)
        return table

    def bounds(self, network: Network) -> tuple[Array, Array]:
        """Lower and upper bounds of the variables, in table order."""
        table = self.table(network)
        lower = table["lower"].to_numpy(dtype=float) if "lower" in table else np.zeros(len(table))
        upper = table["upper"].to_numpy(dtype=float) if "upper" in table else np.full(len(table), np.inf)
        return lower, upper

    def integers(self, network: Network) -> Array:
        """Which variables are 0 or 1 only, in table order."""
        table = self.table(network)
        return table["integer"].to_numpy(dtype=bool) if "integer" in table else np.zeros(len(table), dtype=bool)


@dataclass(frozen=True)
class Terms:
    """A linear expression for each group of labels: the left sides of the rows of a family.

    Terms can be added, subtracted and negated. Terms over different labels raise a `ValueError`.

    Attributes:
        by: the columns of labels.
        parts: arrays of one length each: the label columns, `column` (number of a variable in the program) and
            `coefficient`. Entries of the same row and variable add up.
    """

    by: tuple[str, ...]
    parts: tuple[Mapping[str, Array], ...]

    def together(self) -> Mapping[str, Array]:
        """The entries of all parts, one after the other: the label columns, `column` and `coefficient`."""
        used = [part for part in self.parts if len(part["column"])] or [self.parts[0]]
        return {name: np.concatenate([part[name] for part in used]) for name in used[0]} if len(used) > 1 else used[0]

    def __add__(self, other: Terms) -> Terms:
        if set(self.by) != set(other.by):
            raise ValueError(f"Terms over {self.by} cannot be added to terms over {other.by}.")
        return Terms(self.by, self.parts + other.parts)

    def __neg__(self) -> Terms:
        return Terms(self.by, tuple({**part, "coefficient": -part["coefficient"]} for part in self.parts))

    def __sub__(self, other: Terms) -> Terms:
        return self + (-other)


@dataclass(frozen=True)
class Block:
    """The variables of a block in a program.

    Indexing by labels gives the PuLP variable: `program.make["fab-a", "die", "standard", "2027Q1"]`. Where it is split
    by class, that is the sum over the classes; with the class (`touched`) as a last label it is one variable.

    Attributes:
        spec: what the block means.
        labelled: its decision table, with period labels in `period` and their positions in `position`.
        first: number of its first column in the program.
        variables: the PuLP variables in table order; empty in a layout.
    """

    spec: BlockSpec
    labelled: pd.DataFrame
    first: int
    variables: tuple[pulp.LpVariable, ...] = ()  # none in a layout

    @property
    def keys(self) -> list[str]:
        """The columns that label a variable, with `touched` where the block is split by class."""
        return [*self.spec.keys, *(["touched"] if self.is_split else [])]

    @property
    def is_split(self) -> bool:
        """Whether there is one variable for each class of what units have touched."""
        return "touched" in self.labelled and "touched" not in self.spec.keys

    @cached_property
    def _by_label(self) -> dict[Any, pulp.LpVariable]:
        """The PuLP variable of each label, with its class where the block is split by class."""
        keys = list(self.labelled[self.keys].itertuples(index=False, name=None))
        if len(self.keys) == 1:
            return {key[0]: variable for key, variable in zip(keys, self.variables, strict=True)}
        return dict(zip(keys, self.variables, strict=True))

    @cached_property
    def _sums(self) -> dict[Any, pulp.LpAffineExpression]:
        """The sum over the classes for each label without its class; empty where the block is not split by class."""
        parts: dict[Any, list[pulp.LpVariable]] = {}
        for label, variable in self._by_label.items():
            parts.setdefault(label[:-1], []).append(variable)
        return {label: pulp.lpSum(variables) for label, variables in parts.items()} if self.is_split else {}

    def __getitem__(self, label: Any) -> pulp.LpVariable | pulp.LpAffineExpression:
        return self._by_label[label] if label in self._by_label else self._sums[label]

    def __contains__(self, label: Any) -> bool:
        return label in self._by_label or label in self._sums

    def __len__(self) -> int:
        return len(self.labelled)

    def labels(self) -> list[Any]:
        """The labels of all variables of the block, with their class where it is split."""
        return list(self._by_label)

    def sum(self, by: By, times: str | None = None, through: pd.DataFrame | None = None) -> Terms:
        """The variables summed for each group of labels.

        Args:
            by: columns to group by; a mapping gives them other names ({"period": "finish"}: the row's period is
                the finish of the decision).
            times: column with the coefficient; 1 where it is not given.
            through: a link table of the network whose `row` is a position in this block; `by` and `times` are then
                its columns. Without it they are columns of the block's own table.
        """
        names = dict(by) if isinstance(by, Mapping) else {name: name for name in by}
        table = self.labelled_by_position if through is None else through
        row = np.arange(len(table)) if through is None else table["row"].to_numpy(dtype=np.int64)
        part: dict[str, Array] = {name: table[source].to_numpy() for name, source in names.items()}
        part["column"] = self.first + row
        part["coefficient"] = np.ones(len(table)) if times is None else table[times].to_numpy(dtype=float)
        return Terms(tuple(names), (part,))

    @property
    def span(self) -> slice:
        """Where its columns stand in the program: `values[block.span]` are its values, of those of all columns."""
        return slice(self.first, self.first + len(self))

    def holds(self, columns: Array) -> Array:
        """Which of some columns of the program are the block's; a flag for each."""
        return (columns >= self.first) & (columns < self.first + len(self))

    @cached_property
    def labelled_by_position(self) -> pd.DataFrame:
        """The decision table as the network has it (periods are positions)."""
        return self.labelled.assign(period=self.labelled["position"]) if "position" in self.labelled else self.labelled


@dataclass(eq=False)
class Decisions:
    """The blocks of a program, one field each; their meanings and units are in `model/catalogue.py`."""

    make: Block
    ship: Block
    stock: Block
    late: Block
    lost: Block
    under: Block
    excess: Block
    expand: Block
    open: Block
    total: Block
    relabel: Block
    use: Block
    lot: Block
    unserved: Block
    cancelled: Block
    surplus: Block
    below: Block
    over: Block
    received: Block
    halt: Block


def added(variables: Sequence[pulp.LpVariable]) -> pulp.LpAffineExpression:
    """The sum of some variables, for a row that you add to the problem yourself."""
    return pulp.lpSum(variables)


def labelled(spec: BlockSpec, network: Network) -> pd.DataFrame:
    """The decision table of a block with period labels in `period` and their positions in `position`."""
    table = spec.table(network)
    if "period" not in table or table["period"].dtype == object or str(table["period"].dtype).startswith("str"):
        return table
    position = table["period"].to_numpy(dtype=np.int64)
    return table.assign(period=text_column([network.labels[at] for at in position.tolist()]), position=position)
