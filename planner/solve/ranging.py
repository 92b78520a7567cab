"""Ranges of shadow prices: the ends of the straight piece of the cost, found and checked by re-solves.

The least cost f is a convex, piecewise linear function of one right-hand side b. The shadow price is minus its slope
for an increase of b, and it holds as far as f stays on that line. A solver's dual is any slope between the two
one-sided ones, and its ranging tells how far a *basis* stays optimal, which is less where the optimum is degenerate. So
both serve only as first guesses. At a point off the line the row dual gives a tangent; the next point to look at is
where the tangent meets the line. If the cost is on the line there, that point is the end of the piece: beyond it the
tangent, a proved lower bound, is above the line. On a piecewise linear function this ends after finitely many steps.

A corner where the slope changes by less than `CORNER` of itself is none: near it the cost differs from the line by less
than two solves differ from each other, so that the end would depend on where it was looked for. The line then goes on
from the last point whose slope is the price.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from planner.model.program import Numbers, Program
from planner.solve.money import gross_cost
from planner.solve.resolver import Resolver
from planner.solve.solution import Array, Solution, Status
from planner.solve.two_models import map_cases

NEGLIGIBLE = 1e-9  # relative to the largest price; a smaller price is 0
NOISE = 1e-11  # relative to the sum of all cost terms; two solves of one program may differ by it
CORNER = 1e-5  # relative to the shadow price; a slope that changes by less is the same price
PRECISION = 1e-6  # relative to the right-hand side: accuracy of an end that no tangent gives
STEP = 0.01  # relative to the right-hand side: distance of the probe beyond a guess
MOST = 60  # re-solves for one end, at most
INTEGERS_HELD = "with the integer decisions as they are"
TIME = "the time limit was reached"


@dataclass(frozen=True)
class Target:
    """A figure to be priced: the right-hand side of a row, or the upper bound of a column.

    Attributes:
        number: the row, or the column.
        bound: whether it is the upper bound of a column.
        least, most: values beyond which the figure means nothing (a capacity below 0); a range ends there at the
            latest.
    """

    number: int
    bound: bool = False
    least: float = -math.inf
    most: float = math.inf


@dataclass(frozen=True)
class PriceRange:
    """A shadow price and where it holds.

    Attributes:
        target: what is priced.
        figure: its right-hand side (or upper bound) today.
        shadow_price: cost now minus cost with one more unit of it, in money a unit (the one-sided derivative);
            NaN where it could not be determined.
        valid_from, valid_to: the range of the figure, around today's, over which the price holds; None where it is
            open: no end was found, or nothing more can be saved.
        verified: whether the range was shown to be right: by re-solves on the line at both ends and off it beyond them
            (unless the figure itself ends there), or by the certificate where the price is 0.
        reason: why it is not verified, or to which program the figures belong; empty where there is nothing to say.
        resolves: number of re-solves that it took.
    """

    target: Target
    figure: float
    shadow_price: float
    valid_from: float | None
    valid_to: float | None
    verified: bool
    reason: str = ""
    resolves: int = 0


def price_ranges(resolver: Resolver, targets: Sequence[Target], *, threads: int = 1) -> tuple[PriceRange, ...]:
    """The shadow price of each target, and where it holds.

    Where the baseline's own duals price a target at 0, its shadow price is 0 for any increase: the cost is convex,
    never rises with the figure, and has a level tangent. Its range starts at what is used and is open above; no
    re-solve is needed.

    Args:
        resolver: the program, solved as a linear program; its deadline ends the work.
        targets: right-hand sides of rows with `<=`, and upper bounds.
        threads: 1, or 2 to use a second model besides.
    """
    solution = resolver.baseline
    if solution.status is not Status.OPTIMAL or solution.row_duals is None:
        reason = TIME if solution.status is Status.LIMIT else f"no optimal linear program ({solution.status})"
        return tuple(_unknown(resolver.program, target, reason) for target in targets)
    prices = np.array([-_slope(resolver, solution, target) for target in targets])
    negligible = NEGLIGIBLE * float(np.abs(prices).max(initial=0.0))
    note = "" if resolver.held is None else INTEGERS_HELD
    guesses = _guesses(resolver, targets)
    used = _used(resolver, targets)
    found: list[PriceRange | None] = [None] * len(targets)
    priced = []
    for number, target in enumerate(targets):
        figure = _figure(resolver.program.numbers, target)
        if prices[number] <= negligible:
            least = min(float(used[number]), figure)
            found[number] = PriceRange(target, figure, 0.0, least, None, verified=True, reason=note)
        else:
            priced.append(number)

    def work(part: Resolver, number: int) -> PriceRange:
        return _range(part, targets[number], guesses[number], note)

    for number, answer in zip(priced, map_cases(resolver, priced, work, threads=threads), strict=True):
        found[number] = answer
    return tuple(part for part in found if part is not None)


@dataclass(frozen=True)
class _Point:
    """A re-solve with the figure moved by `at`: the cost, and the slope there; both infinite where there is no plan."""

    at: float
    cost: float
    slope: float

    def tangent(self, at: float) -> float:
        """The value at `at` of the tangent in this point: a lower bound on the cost there."""
        return self.cost + self.slope * (at - self.at)


class _StoppedError(Exception):
    """A re-solve gave no answer, or too many were needed; the message is the reason."""


class _Line:
    """The cost as a function of one figure in one direction; `at` is the distance from today's figure, at least 0."""

    def __init__(self, resolver: Resolver, target: Target, sign: float, size: float) -> None:
        self.resolver, self.target, self.sign, self.size = resolver, target, sign, size
        base = resolver.baseline
        self.cost = float(base.objective or 0.0)
        program = resolver.program
        self.noise = NOISE * gross_cost(program.numbers.cost, np.asarray(base.values)[: program.columns])
        figure = _figure(resolver.program.numbers, target)
        self.furthest = (target.most - figure) if sign > 0 else (figure - target.least)
        self.resolves = 0

    def point(self, at: float) -> _Point:
        """Re-solve with the figure moved by `at`."""
        if self.resolves >= MOST:
            raise _StoppedError(f"more than {MOST} re-solves for one end")
        self.resolves += 1
        numbers = _moved(self.resolver.program.numbers, self.target, self.sign * at)
        answer = self.resolver.resolve(numbers)
        if answer.status is Status.INFEASIBLE:
            return _Point(at, math.inf, math.inf)
        if answer.status is not Status.OPTIMAL:
            raise _StoppedError(TIME if answer.status is Status.LIMIT else f"a re-solve ended with {answer.status}")
        slope = self.sign * _slope(self.resolver, answer, self.target)
        return _Point(at, float(answer.objective or 0.0), slope)

    def above(self, point: _Point, known: _Point) -> bool:
        """Whether the cost is off the tangent of the last point known (a convex cost is then above it)."""
        return point.cost - known.tangent(point.at) > self.noise + NEGLIGIBLE * abs(known.slope * point.at)

    def piece(self, slope: float, guess: float) -> tuple[float, float | None]:
        """The one-sided slope in this direction, and how far it holds; None where no end was found.

        Args:
            slope: a slope of the cost today, between the one-sided ones.
            guess: how far the line may go.
        """
        known = _Point(0.0, self.cost, slope)  # the price holds as far as here,
        beyond: _Point | None = None  # and no longer here
        at: float | None = guess + STEP * self.size
        while at is not None:
            at = min(at, self.furthest)
            if at <= known.at:
                return slope, known.at
            point = self.point(at)
            if not self.above(point, known):
                known = replace(point, slope=known.slope)  # in a corner the solver may give any slope
            elif known.at == 0.0 and self.turns(point, slope):
                slope, known, beyond = point.slope, point, None
                if slope == 0.0:
                    return slope, None  # open: the cost is level, nothing more can be saved
            elif abs(point.slope - slope) <= CORNER * abs(slope):
                known = point
            else:
                beyond = point
            if beyond is None and known.at > self.size / PRECISION:
                return slope, None
            at = 4.0 * known.at if beyond is None else self.between(known, beyond, guess)
        return slope, known.at

    def turns(self, point: _Point, slope: float) -> bool:
        """Whether the cost has a corner at today's figure: the tangent of a point off the line passes through it."""
        rise = point.tangent(0.0) - self.cost
        return abs(rise) <= self.noise + NEGLIGIBLE * self.size * abs(point.slope - slope)

    def between(self, known: _Point, beyond: _Point, guess: float) -> float | None:
        """The next point to look at, between one on the line and one off it; None where the line ends in `known`."""
        if math.isinf(beyond.cost):  # no plan, so no tangent: try the guess, then bisect
            if beyond.at - known.at <= 1.5 * PRECISION * self.size:
                return None
            if known.at < guess < beyond.at:
                return guess
            return guess + PRECISION * self.size if known.at == guess > 0 else (known.at + beyond.at) / 2
        turn = beyond.slope - known.slope
        end = (known.tangent(0.0) - beyond.tangent(0.0)) / turn
        if known.at < guess and abs(end - guess) <= PRECISION * (self.size + guess):
            return guess
        return end if end > known.at + NEGLIGIBLE * self.size + 2 * self.noise / turn else None


def _range(resolver: Resolver, target: Target, guess: tuple[float, float], note: str) -> PriceRange:
    """The shadow price of one target and its range, by re-solves."""
    figure = _figure(resolver.program.numbers, target)
    size = _size(resolver, target)
    down, up = _Line(resolver, target, -1.0, size), _Line(resolver, target, 1.0, size)
    today = _slope(resolver, resolver.baseline, target)
    try:
        slope, to = up.piece(today, _within(guess[1], size))
        below, end = down.piece(-slope, _within(guess[0], size)) if slope == today else (math.nan, 0.0)
        if below != -slope:
            end = 0.0  # the cost has a corner at today's figure: below it another price holds
    except _StoppedError as stopped:
        return replace(_unknown(resolver.program, target, str(stopped)), resolves=up.resolves + down.resolves)
    return PriceRange(
        target,
        figure,
        max(-slope, 0.0),
        None if end is None else figure - end,
        None if to is None else figure + to,
        verified=True,
        reason=note,
        resolves=up.resolves + down.resolves,
    )


def _within(guess: float, size: float) -> float:
    """The guess, or 0 where it is negative, not a number or far larger than the figure."""
    return guess if 0 <= guess <= size / PRECISION else 0.0


def _unknown(program: Program, target: Target, reason: str) -> PriceRange:
    figure = _figure(program.numbers, target)
    return PriceRange(target, figure, math.nan, None, None, verified=False, reason=reason)


def _figure(numbers: Numbers, target: Target) -> float:
    return float((numbers.upper if target.bound else numbers.right)[target.number])


def _moved(numbers: Numbers, target: Target, by: float) -> Numbers:
    """The numbers of the program with the target's figure changed by `by`."""
    name = "upper" if target.bound else "right"
    figures = getattr(numbers, name).copy()
    figures[target.number] = max(figures[target.number] + by, target.least)
    return replace(numbers, **{name: figures})


def _slope(resolver: Resolver, solution: Solution, target: Target) -> float:
    """How the cost changes with one more unit, by the duals of a solution; never positive for these targets."""
    duals = np.asarray(solution.row_duals)
    if not target.bound:
        return min(float(duals[target.number]), 0.0)
    matrix = resolver.matrix
    at = matrix.column == target.number
    reduced = resolver.program.numbers.cost[target.number] - (matrix.coefficient[at] * duals[matrix.row[at]]).sum()
    return min(float(reduced), 0.0)


def _used(resolver: Resolver, targets: Sequence[Target]) -> Array:
    """How much of each figure the baseline uses: the row's left side, or the column's value."""
    values = np.asarray(resolver.baseline.values)
    activity = resolver.matrix.activity(values)
    return np.array([values[target.number] if target.bound else activity[target.number] for target in targets])


def _size(resolver: Resolver, target: Target) -> float:
    """The size of a right-hand side: the figure or the sum of the terms in its row, whichever is larger."""
    values, matrix = np.asarray(resolver.baseline.values), resolver.matrix
    figure = abs(_figure(resolver.program.numbers, target))
    at = matrix.column == target.number if target.bound else matrix.row == target.number
    parts = values[matrix.column[at]] if target.bound else matrix.coefficient[at] * values[matrix.column[at]]
    return max(figure, float(np.abs(parts).sum())) or 1.0


def _guesses(resolver: Resolver, targets: Sequence[Target]) -> list[tuple[float, float]]:
    """How far each figure can go down and up while the basis stays, by the solver's ranging; 0 or NaN without."""
    ranges = resolver.ranges()
    if ranges is None:
        return [(0.0, 0.0)] * len(targets)
    ends = [ranges.of_column(target.number) if target.bound else ranges.of_row(target.number) for target in targets]
    today = [_figure(resolver.program.numbers, target) for target in targets]
    return [(figure - down, up - figure) for figure, (down, up) in zip(today, ends, strict=True)]
