"""The search for levels to solve: exact breakpoints of a convex frontier, refinement of any other.

The search goes in rounds: the levels of a round follow from the answers of earlier rounds, and are asked for together.
So the levels depend neither on how many are solved at a time, nor on which were known already.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from planner.solve.solution import Status

RESOLUTION = 1e-4  # share: accuracy of the place of a jump, or of the tightest feasible level
PROVED = 2e-9  # of all costs without their signs: a re-solve cannot distinguish costs that differ by less
NOISE = 1e-7  # of all costs without their signs: how well two tangents must meet for a breakpoint of a cap
LEAST_ERROR = 1e-6  # of the cost: no curve of a cap is drawn more closely
LEAST_WIDTH = 1e-9  # share: breakpoints closer than this are one
CLOSE = 1e-3  # a meeting point closer to an end than this part of the interval may be due to a steep end
EDGE = 0.1  # a tangent's meeting point closer to an end than this part of the interval is left for the middle
GRID = 8  # intervals of a cap's first round


@dataclass(frozen=True)
class Point:
    """A level that was solved.

    Attributes:
        level: share; the `max_share` of caps, the `min_free` of floors.
        status: how the solve ended.
        cost: least cost, money.
        lost: units of demand never served in the plan that was found.
        slope: change of the cost a unit of the level (100 percentage points), money; from the row duals.
        gross: all costs and earnings of the plan that was found without their signs, money.
    """

    level: float
    status: str
    cost: float = math.nan
    lost: float = math.nan
    slope: float = math.nan
    gross: float = 0.0

    @property
    def solved(self) -> bool:
        """Whether there is a plan, proved to be of least cost."""
        return self.status == Status.OPTIMAL


Ask = Callable[[Sequence[float]], list[Point]]


@dataclass
class Search:
    """A search: how levels are solved, and its state.

    Attributes:
        ask: a function that returns the points of some levels, in order.
        most: the largest number of levels that the search may ask for.
        asked: the number of levels that it has asked for.
        breakpoints: levels found to be breakpoints, where two straight pieces meet.
        complete: whether the search was finished before `most` levels were asked for.
        left: the largest error of a straight line between two points where the search stopped refining, money.
    """

    ask: Ask
    most: int
    asked: int = 0
    breakpoints: set[float] = field(default_factory=set)
    complete: bool = True
    left: float = 0.0

    def points(self, wanted: list[tuple[float, float]]) -> list[Point | None]:
        """The points of some (level, expected gain) pairs; beyond `most` the least promising get None."""
        left = max(0, self.most - self.asked)
        if len(wanted) > left:
            self.complete = False
        order = sorted(range(len(wanted)), key=lambda k: (-wanted[k][1], wanted[k][0]))[:left]
        order.sort()
        found = self.ask([wanted[k][0] for k in order]) if order else []
        self.asked += len(found)
        at = dict(zip(order, found, strict=True))
        return [at.get(k) for k in range(len(wanted))]

    def around(self, a: Point, x: Point, b: Point) -> list[tuple[Point, Point]]:
        """The two intervals beside a level x without an answer, up to levels next to it that have one."""
        beside = [(a.level, x.level - RESOLUTION / 2), (x.level + RESOLUTION / 2, b.level)]
        if any(low >= high for low, high in beside):
            return []
        left, right = self.ask([beside[0][1], beside[1][0]])
        self.asked += 2
        return [pair for pair in ((a, left), (right, b)) if pair[0].solved and pair[1].solved]


def last_feasible(search: Search, loose: Point, tight: Point) -> tuple[Point, Point]:
    """The tightest level known to have a plan and the loosest known to have none, closer than the resolution.

    A level with a plan has it at every looser level, so bisection finds them. Where no answer for a level passed its
    check, a looser one close to it is solved instead; where that has no answer either, none is expected beyond.
    """
    while abs(tight.level - loose.level) > RESOLUTION:
        [middle] = search.ask([_round(loose.level, tight.level)])
        if middle.status == Status.ERROR:
            step = min(RESOLUTION / 2, abs(middle.level - loose.level) / 2)
            [middle] = search.ask([middle.level + math.copysign(step, loose.level - middle.level)])
        loose, tight = (middle, tight) if middle.solved else (loose, middle)
    return loose, tight


def exact(search: Search, points: list[Point], error: float) -> None:
    """Find all breakpoints between some points of a convex, piecewise linear frontier.

    The tangents of two points meet where the curve would have its only breakpoint between them. If the cost there is
    that of the tangents, it is that breakpoint; if it is that of the straight line between the points, there is none;
    else both halves are searched in the same way. Tangents come from the row duals, so the search takes about two
    solves for each straight piece. Tangents also bound how far a straight line can err: where that is less than `error`
    of the cost range, the remaining breakpoints are not searched for.
    """
    points = sorted(points, key=lambda point: point.level)
    costs = [point.cost for point in points]
    allowed = error * (max(costs) - min(costs))
    pairs = list(pairwise(points))
    while pairs:
        meeting = []
        for pair in pairs:
            met = _meeting(*pair)
            if met is not None and met[1] > max(_unproved(*pair), allowed):
                meeting.append((pair, met))
            elif met is not None and met[1] > _unproved(*pair):
                search.left = max(search.left, met[1])
        wanted = [(_off_the_ends(a, b, level), gap) for (a, b), (level, gap) in meeting]
        pairs = []
        for ((a, b), (level, _)), x in zip(meeting, search.points(wanted), strict=True):
            if x is None or not x.solved:
                pairs += search.around(a, x, b) if x is not None else []
                continue
            unproved = _unproved(a, b)
            tangent = max(point.cost + point.slope * (x.level - point.level) for point in (a, b))
            if abs(x.level - level) < LEAST_WIDTH and x.cost - tangent <= unproved:
                search.breakpoints.add(x.level)
            elif _line(a, b, x.level) - x.cost > unproved and b.level - a.level > LEAST_WIDTH:
                pairs += [(a, x), (x, b)]  # otherwise the curve touches the straight line, so it is that line


def refined(search: Search, points: list[Point], error: float) -> float:
    """Solve levels until straight lines between neighbours err by less than `error` of the cost range.

    The curve never rises as the limit loosens, so between two points it stays between their costs: where these
    differ by less, nothing is missed. Elsewhere a level between them is solved (where their tangents meet, or in the
    middle). It must lie on the line, and the tangents of all three must not bend away from it; else both halves are
    refined. The refinement ends at the resolution, at which only jumps are left.

    Returns:
        the error that is allowed, money.
    """
    points = sorted(points, key=lambda point: point.level)
    costs = [point.cost for point in points]
    largest = max(map(abs, costs))
    proved = PROVED * max(point.gross for point in points)
    allowed = max(error * (max(costs) - min(costs)), LEAST_ERROR * largest, proved)
    pairs = list(pairwise(points))
    while pairs:
        pairs = [
            (a, b) for a, b in pairs if abs(a.cost - b.cost) > allowed and b.level - a.level > RESOLUTION * (1 + 1e-9)
        ]
        wanted = [(_between(a, b), abs(a.cost - b.cost)) for a, b in pairs]
        bent = []
        for (a, b), x in zip(pairs, search.points(wanted), strict=True):
            if x is None or not x.solved:
                bent += search.around(a, x, b) if x is not None else []
                continue
            left = right = x
            if _is_corner(a, b, x):  # at a breakpoint the duals are those of either side, or between
                search.breakpoints.add(x.level)
                left, right = replace(x, slope=a.slope), replace(x, slope=b.slope)
            if max(abs(x.cost - _line(a, b, x.level)), bend(a, left), bend(right, b)) > allowed:
                bent += [(a, left), (right, b)]
        pairs = bent
    return allowed


def bend(a: Point, b: Point) -> float:
    """How far the curve may be from the straight line between two points (money), from their slopes; 0 without slopes.

    Exact where the curve is convex or concave between them, an estimate where it is neither.
    """
    met = _meeting(a, b)
    if met is not None:
        return met[1]
    if math.isnan(a.slope) or math.isnan(b.slope):
        return 0.0
    mean = (b.cost - a.cost) / (b.level - a.level)
    return (b.level - a.level) * max(abs(a.slope - mean), abs(b.slope - mean)) / 4


def _meeting(a: Point, b: Point) -> tuple[float, float] | None:
    """The level at which the tangents of two points meet, and its distance from the line; None if not between them."""
    width = b.level - a.level
    turn = b.slope - a.slope
    if not turn or math.isnan(turn) or width <= 0:
        return None
    mean = (b.cost - a.cost) / width
    part = (b.slope - mean) / turn
    if not 0 < part < 1:
        return None
    return a.level + width * part, abs((mean - a.slope) * part * width)


def _off_the_ends(a: Point, b: Point, level: float) -> float:
    """A level moved away from two points if it is too close to one of them to be informative."""
    margin = CLOSE * (b.level - a.level)
    return min(max(level, a.level + margin), b.level - margin)


def _round(a: float, b: float) -> float:
    """A round figure near the middle of two levels."""
    middle = (a + b) / 2
    digits = next((digits for digits in (1, 2, 3) if abs(a - b) > 2 * 10.0**-digits), None)
    return middle if digits is None else round(middle, digits)


def grid(lowest: float, highest: float) -> list[float]:
    """Evenly spaced levels between two, as round figures where there is room for them."""
    step = (highest - lowest) / GRID
    return [_round(lowest + (number - 0.4) * step, lowest + (number + 0.4) * step) for number in range(1, GRID)]


def _between(a: Point, b: Point) -> float:
    """The next level to solve between two points: where their tangents meet, else about the middle."""
    width, met = b.level - a.level, _meeting(a, b)
    if met is not None and min(met[0] - a.level, b.level - met[0]) >= EDGE * width:
        return met[0]
    return a.level + width / 2


def _is_corner(a: Point, b: Point, x: Point) -> bool:
    """Whether a point lies on the tangents of both neighbours, so that it is a breakpoint."""
    noise = NOISE * x.gross
    tangents = (point.cost + point.slope * (x.level - point.level) for point in (a, b))
    return bend(a, b) > 10 * noise and all(abs(x.cost - tangent) <= noise for tangent in tangents)


def _line(a: Point, b: Point, level: float) -> float:
    return a.cost + (b.cost - a.cost) * (level - a.level) / (b.level - a.level)


def _unproved(a: Point, b: Point) -> float:
    """The difference in cost (money) that re-solves of two points cannot distinguish."""
    return PROVED * max(a.gross, b.gross)
