"""Starts: the bases in which earlier solves of a program ended, so that a solve begins from that of the nearest one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

MOST = 500  # bases that are kept
FAR = 3.0  # how far from each other two runs are that one thing tells apart that is no figure, e.g. a scenario

Place = Mapping[str, float]
"""Where a run lies among others of one baseline: by name, how far each figure is from the baseline's; 0 for others.

Figures are scaled so that 1 is about the range over which they are asked for.
"""


@dataclass
class StartBases:
    """Bases of one program by the place at which it was solved.

    Where a solve begins decides how long it takes, never what it answers: an answer is checked, and of all plans of
    least cost one is taken.

    Attributes:
        places: where each earlier solve lies.
        bases: the basis in which it ended.
    """

    places: list[Place] = field(default_factory=list)
    bases: list[Any] = field(default_factory=list)

    def nearest(self, place: Place) -> Any | None:
        """The basis at the nearest place; None where that is the baseline."""
        away = [_distance(place, known) for known in ({}, *self.places)]
        at = int(np.argmin(away))
        return self.bases[at - 1] if at else None

    def add(self, place: Place, basis: Any) -> None:
        """Keep the basis at a place."""
        if len(self.places) < MOST:
            self.places.append(place)
            self.bases.append(basis)


def _distance(one: Place, other: Place) -> float:
    """The square of the distance of two places."""
    return sum((one.get(name, 0.0) - other.get(name, 0.0)) ** 2 for name in one.keys() | other.keys())
