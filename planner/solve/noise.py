"""Removing numerical noise from a plan: small values that only a solver's tolerances allow."""

from __future__ import annotations

import numpy as np

from planner.model.program import Program
from planner.network.frames import positions
from planner.solve.solution import Array
from planner.solve.sources_and_lots import MADE, PROCESS, used_sites

NOISE = 1e-13  # relative to the largest value of a plan


def without_noise(program: Program, values: Array) -> Array:
    """A plan without numerical noise: small values that decisions of 0 or 1 rule out, and openings that are not used.

    Args:
        program: the program.
        values: value of each column, those of variables of your own included.
    """
    return _without_closed_starts(program, _without_idle_openings(program, _without_noise(program, values)))


def _without_noise(program: Program, values: Array) -> Array:
    """A plan in which blocks whose values are negligible beside those of the other blocks are set to 0.

    Where figures are far apart no block is negligible; what HiGHS returned was refined then and holds no such noise.
    """
    quiet = values.copy()
    if program.units is not None:
        return quiet
    largest = float(np.abs(values).max(initial=0.0))
    for block in program.blocks:
        part = quiet[block.span]
        if np.abs(part).max(initial=0.0) <= NOISE * largest:
            part[:] = 0.0
    return quiet


def _without_idle_openings(program: Program, values: Array) -> Array:
    """A plan that pays no fixed cost for options that it does not buy (one from a stopped solver may)."""
    bought = program.expand.first + program.network.open["row"].to_numpy(dtype=np.int64)
    without = values.copy()
    opened = program.open.span
    without[opened] = np.where(values[bought] > 0, values[opened], 0.0)
    return without


def _without_closed_starts(program: Program, values: Array) -> Array:
    """A plan in which sites that are no source, and lots that are not started, make exactly 0."""
    network = program.network
    settled = values.copy()
    for block, links, keys in ((program.use, network.source_output, MADE), (program.lot, network.lot_starts, PROCESS)):
        closed = np.round(values[block.span][positions(links, block.spec.table(network), keys)]) == 0
        settled[program.make.first + links["row"].to_numpy(dtype=np.int64)[closed]] = 0.0
    return settled


def without_idle_sources(program: Program, values: Array) -> Array:
    """A plan in which a site that makes nothing of an item in a period does not count as a source of it."""
    settled = values.copy()
    used = np.round(values[program.use.span]) * used_sites(program, values)
    settled[program.use.span] = used
    return settled
