"""Which factor drives what, by a design made for the question: Sobol's indices, or Morris's elementary effects.

Both are of SALib (J. Herman and W. Usher, Journal of Open Source Software 2, 2017), which is loaded where one of them
is asked for. Draws come in groups: of Sobol's (A. Saltelli and others, Computer Physics Communications 181, 2010) as
many as there are factors and two more, of Morris's (M. Morris, Technometrics 33, 1991) as many as there are factors and
one more. A group tells only as a whole, so one with a run without a plan is left out, and counted.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd

from planner.errors import UsageError
from planner.plan.release import releases
from planner.plan.rounding import rounded
from planner.study.sweep.records import EXTRA_DRAWS, LEAST_GROUPS, Mode, SweepQuestion
from planner.study.sweep.run_statistics import GROUP, MEASURES, grouped

Array = np.ndarray[Any, Any]
ROUNDING_NOISE = 1e-7  # relative; less comes of the nine digits that draws and figures have
LEVELS = 4  # of the range of a factor in Morris's design
COLUMNS: dict[str, tuple[str, str, str, str]] = {
    "sobol": ("first_order", "first_order_within", "total_order", "total_order_within"),
    "morris": ("effect", "size", "size_within", "spread"),
}
SALIB_NAMES: dict[str, tuple[str, str, str, str]] = {
    "sobol": ("S1", "S1_conf", "ST", "ST_conf"),
    "morris": ("mu", "mu_star", "mu_star_conf", "sigma"),
}


def need_salib(mode: Mode) -> None:
    """See that SALib is there, if a mode needs it.

    Raises:
        UsageError: it is not.
    """
    if mode not in EXTRA_DRAWS:
        return
    try:
        import SALib  # noqa: F401
    except ImportError:
        raise UsageError(f"mode: {mode} needs SALib: pip install 'planner[sensitivity]'.") from None


def versions_of(mode: Mode) -> dict[str, str]:
    """The releases on which the draws of a mode depend, beside those of every sweep."""
    need_salib(mode)
    return releases("salib", "scipy") if mode in EXTRA_DRAWS else {}


def designed(mode: Mode, groups: int, factors: int, seed: int) -> Array:
    """Probabilities (0-1) by draw and factor, group after group, the same from the same seed.

    Sobol's are a scrambled sequence; in a group two independent draws, and the first with each factor of the second.
    Morris's are walks over `LEVELS` levels of each factor, in which one factor moves at a time.

    Args:
        mode: sobol or morris.
        groups: how many; of Sobol's a power of 2.
        factors: how many, one at least.
        seed: of the random numbers.

    Raises:
        UsageError: SALib is not installed.
    """
    need_salib(mode)
    with warnings.catch_warnings(action="ignore"):  # of names that its libraries will change
        if mode == "sobol":
            from SALib.sample import sobol

            found = sobol.sample(_problem(factors), groups, calc_second_order=False, seed=seed)
        else:
            from SALib.sample import morris

            found = morris.sample(_problem(factors), groups, num_levels=LEVELS, seed=seed)
    return np.asarray(found, dtype=float)


def index_table(runs: pd.DataFrame, question: SweepQuestion) -> pd.DataFrame:
    """What each factor does to cost and lost units, by policy and scenario, from groups whose runs all have a plan.

    Sobol: `first_order` is the share of the variance that is gone when the factor is known, `total_order` the share
    that is left when all others are. Morris: `effect` is the mean change when the factor goes from the low end of its
    range to the high one, `size` the mean of its absolute values, `spread` their standard deviation, which is 0 where
    the factor acts in a straight line and alone. `..._within` is half the width of an interval that holds 95
    times of 100 (bootstrap). Empty where nothing can be said: too few groups, or for Sobol a figure that never changes.

    Returns:
        policy, scenario, factor, measure, the figures (shares, or money or units), groups, complete; no row of other
        modes.
    """
    if question.mode not in EXTRA_DRAWS:
        return pd.DataFrame()
    names = [factor.name for factor in question.factors]
    wide = len(names) + EXTRA_DRAWS[question.mode]
    parts = designed(question.mode, question.samples or 0, len(names), question.seed or 0)
    rows = []
    for group, its in grouped(runs):
        for measure, column in MEASURES.items():
            figures = its[column].to_numpy(dtype=float).reshape(-1, wide)
            whole = ~np.isnan(figures).any(axis=1)
            counted = {"groups": len(whole), "complete": int(whole.sum())}
            told = _indices(question.mode, parts.reshape(*figures.shape, len(names))[whole], figures[whole], question)
            rows += [
                {**group, "factor": name, "measure": measure, **{key: told[key][at] for key in told}, **counted}
                for at, name in enumerate(names)
            ]
    table = pd.DataFrame(rows)
    for name in COLUMNS[question.mode]:
        table[name] = rounded(table[name].to_numpy(dtype=float))
    return table[[*GROUP, "factor", "measure", *COLUMNS[question.mode], "groups", "complete"]]


def _indices(mode: Mode, parts: Array, figures: Array, question: SweepQuestion) -> dict[str, Array]:
    """The figures of each factor.

    Args:
        mode: sobol or morris.
        parts: probabilities by group, draw and factor.
        figures: by group and draw.
        question: whose seed the bootstrap has too.
    """
    factors = parts.shape[2]
    size = float(np.abs(figures).max(initial=0.0))
    if len(figures) < LEAST_GROUPS or (mode == "sobol" and np.ptp(figures) <= ROUNDING_NOISE * size):
        return {name: np.full(factors, np.nan) for name in COLUMNS[mode]}
    seed = (question.seed or 0) + 1  # 0 is no seed to SALib
    with warnings.catch_warnings(action="ignore"):
        if mode == "sobol":
            from SALib.analyze import sobol

            found = sobol.analyze(_problem(factors), figures.ravel(), calc_second_order=False, seed=seed)
        else:
            from SALib.analyze import morris

            found = morris.analyze(
                _problem(factors), parts.reshape(-1, factors), figures.ravel(), num_levels=LEVELS, seed=seed
            )
    told = zip(COLUMNS[mode], SALIB_NAMES[mode], strict=True)
    indices = {name: np.asarray(found[theirs], dtype=float) for name, theirs in told}
    least = ROUNDING_NOISE * (size if mode == "morris" else 1.0)
    return {name: np.where(np.abs(values) < least, 0.0, values) for name, values in indices.items()}


def _problem(factors: int) -> dict[str, Any]:
    """What SALib calls a problem: factors that are uniform between 0 and 1."""
    return {"num_vars": factors, "names": [str(at) for at in range(factors)], "bounds": [[0.0, 1.0]] * factors}
