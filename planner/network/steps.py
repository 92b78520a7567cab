"""Steps: what made the tables of a network, remembered, so that another network takes over what comes out the same.

A step is a function of nothing but its arguments. Where another network asks for the same step with equal arguments,
it is given what came out before; where a step comes out the same although an argument differs, what came out before is
handed on too, so that all that follows is taken over again ("early cutoff": Mokhov, Mitchell and Peyton Jones, Build
systems a la carte, 2018). What steps make is shared between networks, so nobody changes it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, cast

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class _Call:
    """What a step was given, and what it made of it."""

    given: tuple[Any, ...]
    made: Any


class Steps:
    """The steps of one network, in the order in which they were asked for.

    Threads may share the steps that others look back to; each network has its own.
    """

    def __init__(self, before: Steps | None = None) -> None:
        """Steps that look back to those of another network (None: all are done)."""
        self._before: dict[Callable[..., Any], list[_Call]] = before.done if before else {}
        self.done: dict[Callable[..., Any], list[_Call]] = {}

    def __call__[Made](self, step: Callable[..., Made], *given: Any) -> Made:
        """What a step makes of what it is given.

        Args:
            step: a function of its arguments alone, which changes none of them.
            given: its arguments: tables, arrays, records, numbers, or tuples of these.
        """
        calls = self.done.setdefault(step, [])
        before = self._before.get(step, [])
        known = before[len(calls)] if len(calls) < len(before) else None
        if known and same(given, known.given):
            made = known.made
        else:
            made = step(*given)
            if known:
                made = _taken_over(made, known.made)
        calls.append(_Call(given, made))
        return cast("Made", made)


def same(one: Any, other: Any) -> bool:
    """Whether two arguments or results are equal, with every figure and the order of rows and columns."""
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    if isinstance(one, np.ndarray):
        missing = one.dtype.kind == "f"
        return one.dtype == other.dtype and np.array_equal(one, other, equal_nan=missing)
    if isinstance(one, pd.Series):
        alike = one.dtype == other.dtype and one.index.equals(other.index)
        return alike and same(one.to_numpy(), other.to_numpy())
    if isinstance(one, pd.DataFrame):
        return one.columns.equals(other.columns) and all(same(one[name], other[name]) for name in one)
    if isinstance(one, tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return list(one) == list(other) and all(map(same, one.values(), other.values()))
    if is_dataclass(one):
        return all(same(getattr(one, part.name), getattr(other, part.name)) for part in fields(one))
    return bool(one == other)


def _taken_over(made: Any, known: Any) -> Any:
    """What was made, those parts of it that came out as before being the same objects."""
    if isinstance(made, tuple) and isinstance(known, tuple) and len(made) == len(known):
        return tuple(map(_taken_over, made, known))
    if isinstance(made, dict) and isinstance(known, dict) and list(made) == list(known):
        return {name: _taken_over(part, known[name]) for name, part in made.items()}
    return known if same(made, known) else made
