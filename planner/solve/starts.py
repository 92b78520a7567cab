"""Starts: the bases in which earlier solves of a program ended, so that a solve begins from that of the nearest one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from planner.solve.solution import Array

MOST = 500  # bases that are kept


@dataclass
class Starts:
    """Bases of one program by the point, among figures that are drawn, at which it was solved.

    Where a solve begins decides how long it takes, never what it answers: an answer is checked, and of all plans of
    least cost one is taken.

    Attributes:
        points: coordinates that differ by about 1 over the range of what is drawn.
        bases: the basis at each.
    """

    points: list[Array] = field(default_factory=list)
    bases: list[Any] = field(default_factory=list)

    def nearest(self, point: Array) -> Any | None:
        """The basis at the nearest point; None where there is none."""
        if not self.points:
            return None
        away = ((np.array(self.points) - point) ** 2).sum(axis=1)
        return self.bases[int(np.argmin(away))]

    def add(self, point: Array, basis: Any) -> None:
        """Keep the basis at a point."""
        if len(self.points) < MOST:
            self.points.append(point)
            self.bases.append(basis)
