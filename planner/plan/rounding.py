"""Rounding of figures in tables: nine significant digits, so that every export of a plan is the same."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

TABLE_DIGITS = 9
STEADY = 12  # digits that a solver's noise does not reach
NEGLIGIBLE = 1e-9
POWERS = np.array([float(f"1e{power}") for power in range(23)])  # those that are exact in binary


def rounded(figures: Iterable[float], digits: int = TABLE_DIGITS) -> np.ndarray[Any, Any]:
    """Figures to a number of significant digits, at most twelve; halves away from zero.

    They pass through twelve digits first, so that the noise of a solver cannot tip a figure that ends in a 5.
    """
    found = np.array(figures if isinstance(figures, np.ndarray) else list(figures), dtype=float) + 0.0
    size = np.abs(found)
    usual = (size >= 1e-11) & (size < 1e22)  # figures whose power of ten is exact in binary
    size = size[usual]
    places = STEADY - 1 - np.floor(np.log10(size)).astype(np.int64)
    step = 10 ** (STEADY - digits)
    kept = (np.rint(_shifted(size, places)).astype(np.int64) + step // 2) // step
    found[usual] = np.copysign(_shifted(kept.astype(float), STEADY - digits - places), found[usual])
    for at in np.flatnonzero(~usual & (found != 0)):
        found.flat[at] = float(f"{float(found.flat[at]):.{digits}g}")
    return found


def differences(first: Iterable[float], second: Iterable[float]) -> np.ndarray[Any, Any]:
    """The second figures less the first; what lies behind the twelfth digit of the larger of the two is noise."""
    one, other = (np.asarray(figures, dtype=float) for figures in (first, second))
    return steady(other - one, np.maximum(np.abs(one), np.abs(other)))


def steady(figures: Iterable[float], size: Iterable[float]) -> np.ndarray[Any, Any]:
    """Figures without what lies behind the twelfth digit of the size of what they were reckoned from."""
    found = np.array(figures, dtype=float)
    sizes = np.broadcast_to(np.abs(np.asarray(size, dtype=float)), found.shape)
    usual = (sizes >= 1e-11) & (sizes < 1e22) & np.isfinite(found)
    places = STEADY - 1 - np.floor(np.log10(sizes[usual])).astype(np.int64)
    found[usual] = _shifted(np.rint(_shifted(found[usual], places)), -places)
    return found + 0.0


def ninth_digit_up(figure: float) -> float:
    """A figure of a plan's table, moved up by one in its ninth digit; a figure with fewer digits is exact and stays.

    Tables are rounded to nine digits. A roll carries supply on with `ninth_digit_up` and obligations with
    `ninth_digit_down`, so that rounding never leaves the later periods short of units.
    """
    return _moved(figure, 1.0)


def ninth_digit_down(figure: float) -> float:
    """A figure of a plan's table, moved down by one in its ninth digit; one with fewer digits is exact and stays."""
    return _moved(figure, -1.0)


def _moved(figure: float, by: float) -> float:
    """A figure moved by so many in its ninth digit; one of fewer digits as it is."""
    digits = f"{figure:.8e}"
    if digits.partition("e")[0].endswith("0"):
        return figure
    return float(f"{figure + by * 10.0 ** (int(digits.partition('e')[2]) - 8):.8e}")


def _shifted(figures: np.ndarray[Any, Any], places: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Figures times a power of ten, with a single rounding in binary."""
    power = POWERS[np.abs(places)]
    found: np.ndarray[Any, Any] = np.where(places < 0, figures / power, figures * power)
    return found


def cleaned(figures: pd.Series, negligible: float = NEGLIGIBLE) -> pd.Series:
    """Figures rounded to nine digits; those below `negligible` of the largest are 0."""
    return pd.Series(_cleaned(figures.to_numpy(dtype=float), negligible), index=figures.index)


def _cleaned(values: np.ndarray[Any, Any], negligible: float) -> np.ndarray[Any, Any]:
    largest = np.max(np.abs(values), axis=-1, keepdims=True, where=np.isfinite(values), initial=0.0)
    return rounded(np.where(np.abs(values) < negligible * largest, 0.0, values))


def tidy(
    table: pd.DataFrame, figures: Iterable[str], decision: str | None = None, negligible: float = NEGLIGIBLE
) -> pd.DataFrame:
    """A table with its figures cleaned, and without the rows whose decision is 0.

    Args:
        table: what is cleaned.
        figures: the columns.
        decision: the column whose zeros have no row; None for none.
        negligible: a figure below this part of its column's largest is 0; nothing is where figures are far apart.
    """
    names = list(figures)
    cleaned_rows = _cleaned(np.array([table[name].to_numpy(dtype=float) for name in names]), negligible)
    kept = np.arange(len(table)) if decision is None else np.flatnonzero(cleaned_rows[names.index(decision)])
    found = table.take(kept)
    found.index = pd.RangeIndex(len(found))
    for name, values in zip(names, cleaned_rows, strict=True):
        found[name] = values[kept]
    return found
