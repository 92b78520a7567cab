"""The levels of a frontier, the limits that are moved, and the rows that they change in a program."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

import numpy as np

from planner.errors import UsageError, nearest
from planner.instance.policy import Limit, Policy
from planner.model.constraints.limits import ShareLimit
from planner.model.program import Numbers, Program
from planner.network.frames import lookup, positions
from planner.solve.money import gross_cost
from planner.solve.resolver import Coefficients
from planner.solve.solution import Array, Solution

KEYS = ["limit", "of", "period"]
NEAR_FLOOR, NEAR_CAP = (1e-6, 1e-8), (1e-7, 1e-8)  # share: how far beside a level its slope is told (caps may curve)
STRAIGHT = 2e-10  # relative to the cost: error of a straight line over such a distance


MOST = 2000  # levels of a curve, at most


@dataclass(frozen=True)
class Levels:
    """The levels that a frontier goes through, and how closely its curve is traced.

    Attributes:
        start, stop: the first and last level, as shares, in either direction; None for the level without any limit, and
            for 0.2 (caps) or 0.8 (floors).
        at: further levels to solve.
        within: additional costs as parts of the least cost, 0.01 for 1 %. For each of them the tightest level is found
            whose cost is within it.
        error: by how much straight lines between points may err, as a part of the cost range. None means 0.001 for caps
            and 0 for floors, which gives every breakpoint; 0.00001 is quicker where there are hundreds of them.
        most: the largest number of levels to solve; if more are needed, the curve is not `complete`.
        hard: whether soft limits become hard at the level; else what exceeds the level is paid for.
    """

    start: float | None = None
    stop: float | None = None
    at: Sequence[float] = ()
    within: Sequence[float] = ()
    error: float | None = None
    most: int = MOST
    hard: bool = False


@dataclass(frozen=True)
class MovedLimits:
    """Limits of a policy that are moved together.

    Attributes:
        policy: the policy; its other limits stay as they are.
        limits: the limits that are moved; either all are floors, or all are caps.
    """

    policy: Policy
    limits: tuple[Limit, ...]

    @classmethod
    def of(cls, policy: Policy, patterns: Sequence[str], *, hard: bool = False) -> MovedLimits:
        """The limits of a policy with these names.

        Args:
            policy: the policy.
            patterns: names of limits, or patterns with `*` and `?`.
            hard: whether soft limits among them become hard; else they keep the price of passing them.

        Raises:
            UsageError: no limit has such a name, or floors and caps would be moved together.
        """
        names = [limit.name for limit in policy.limits]
        chosen: set[str] = set()
        for pattern in patterns:
            matching = [name for name in names if fnmatchcase(name, pattern)]
            if not matching:
                raise UsageError(f"The policy {policy.name} has no limit '{pattern}'. {nearest(pattern, names)}")
            chosen |= set(matching)
        if not names:
            raise UsageError(
                "There is no limit to move. Name a policy that has limits, or add a cap to move: stage:STAGE:REGION or "
                "pathway:REGION."
            )
        if not chosen:
            raise UsageError(f"Name a limit of {policy.name} to move. {nearest('', names)}")
        if hard:
            hardened = tuple(
                part.model_copy(update={"soft_cost": None}) if part.name in chosen else part for part in policy.limits
            )
            policy = policy.model_copy(update={"limits": hardened})
        moved = tuple(limit for limit in policy.limits if limit.name in chosen)
        floors = [limit.name for limit in moved if limit.min_free is not None]
        caps = [limit.name for limit in moved if limit.min_free is None]
        if floors and caps:
            raise UsageError(
                f"{floors[0]} is a floor and {caps[0]} a cap: they cannot be moved to one level. Name one kind."
            )
        return cls(policy, moved)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the limits that are moved."""
        return tuple(limit.name for limit in self.limits)

    @property
    def floor(self) -> bool:
        """Whether the level is a `min_free`, which is tighter the higher it is; else it is a `max_share`."""
        return self.limits[0].min_free is not None

    @property
    def field(self) -> str:
        """The field of a limit that holds the level: `min_free` or `max_share`."""
        return "min_free" if self.floor else "max_share"

    @property
    def neutral(self) -> float:
        """The level at which the limits do not bind: 0 for floors, 1 for caps."""
        return 0.0 if self.floor else 1.0

    @property
    def soft(self) -> bool:
        """Whether any of the moved limits may be exceeded at a price."""
        return any(limit.soft_cost is not None for limit in self.limits)

    @property
    def own(self) -> float | None:
        """The level that all of them have in the policy; None where they differ."""
        levels = {self._level(limit) for limit in self.limits}
        return levels.pop() if len(levels) == 1 else None

    def at(self, level: float) -> Policy:
        """The policy with all moved limits at a level."""
        return self._changed(lambda _: level)

    def written(self, tightest: float) -> Policy:
        """The policy from which the program is written: with all rows, also those that a floor of 0 would not have."""
        return self._changed(lambda own: tightest if self.floor and own == 0 else own)

    def _level(self, limit: Limit) -> float:
        return float(getattr(limit, self.field))

    def _changed(self, level_of: Callable[[float], float]) -> Policy:
        moved = {
            limit.name: limit.model_copy(update={self.field: level_of(self._level(limit))}) for limit in self.limits
        }
        limits = tuple(moved.get(limit.name, limit) for limit in self.policy.limits)
        return self.policy.model_copy(update={"limits": limits})


@dataclass(frozen=True)
class MovedRows:
    """The rows of a program that change with the level.

    Attributes:
        program: the program.
        row: numbers of the rows.
        demand: for floors, the weighted units of demand of each row: the right-hand side is used - level * demand.
        used: for floors, what was clear before the first period, weighted units.
        total: for caps, the column of each row's total, whose coefficient is - level.
    """

    program: Program
    row: Array
    demand: Array | None
    used: Array | None
    total: Array | None

    @classmethod
    def of(cls, program: Program, moved: MovedLimits) -> MovedRows:
        """The rows of the moved limits in a program."""
        network = program.network
        rows, demands, used, totals = [], [], [], []
        for start, family in program.by_family():
            if not isinstance(family.family, ShareLimit):
                continue
            at = np.flatnonzero(family.labels["limit"].isin(moved.names))
            labels = family.labels.iloc[at]
            rows.append(start + at)
            demands.append(np.asarray(lookup(labels, network.limits, KEYS, "demand", 0.0), dtype=float))
            used.append(np.asarray(lookup(labels, network.limits, KEYS, "used", 0.0), dtype=float))
            totals.append(program.total.first + positions(labels, network.total, ["limit", "period"]))
        row = np.concatenate(rows)
        if moved.floor:
            return cls(program, row, np.concatenate(demands), np.concatenate(used), None)
        return cls(program, row, None, None, np.concatenate(totals))

    def numbers(self, level: float) -> tuple[Numbers, Coefficients | None]:
        """All numbers of the program at a level, and the coefficients that differ."""
        numbers = self.program.numbers
        if self.demand is not None and self.used is not None:
            right = numbers.right.copy()
            right[self.row] = self.used - level * self.demand
            return replace(numbers, right=right), None
        return numbers, Coefficients(self.row, np.asarray(self.total), np.full(len(self.row), -level))

    def beside(self, level: float) -> list[float]:
        """Levels very close to one, whose answers show its slope: those on the tighter side first."""
        tighter, steps = (1, NEAR_FLOOR) if self.total is None else (-1, NEAR_CAP)
        near = [level + side * step for side in (tighter, -tighter) for step in steps]
        return [at for at in near if 0 <= at <= 1]

    def fits(self, width: float, found: Solution, near: Solution) -> bool:
        """Whether the cost of `found` lies on the tangent of `near`, an answer at a level `width` away."""
        cost, other = float(found.objective or 0.0), float(near.objective or 0.0)
        return abs(other - width * self.slope(near) - cost) <= STRAIGHT * gross_of(self.program, found)

    def slope(self, found: Solution) -> float:
        """How the cost changes with the level: money a unit of it (a hundred percentage points).

        d cost / d level = sum_rows y * demand * -1 (floors) = sum_rows y * total (caps), y the row's dual

        At a breakpoint it is between the slopes on its two sides; NaN where there are no row duals.
        """
        if found.row_duals is None or found.values is None:
            return float("nan")
        price = found.row_duals[self.row]
        if self.demand is not None:
            return -float((price * self.demand).sum())
        return float((price * np.asarray(found.values)[np.asarray(self.total)]).sum())


def gross_of(program: Program, found: Solution) -> float:
    """All costs and earnings of a solution without their signs, in money."""
    return gross_cost(program.numbers.cost, np.asarray(found.values)[: program.columns])


def lost_units(program: Program, found: Solution) -> float:
    """Units of demand that a solution never serves, over all products and planned periods."""
    return float(np.asarray(found.values)[program.lost.span].sum())
