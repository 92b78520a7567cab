"""The shipped instance and its undisturbed plans, each solved once a process; tests that use them are marked shipped."""

from functools import cache
from pathlib import Path

import planner

FOLDER = Path(__file__).parents[1] / "instances" / "accelerators"


@cache
def shipped():
    return planner.load_instance(FOLDER)


@cache
def undisturbed(name):
    """The plan of a policy as shipped, nothing happening."""
    return planner.solve(shipped(), policy=name)
