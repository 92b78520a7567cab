"""A policy, as a mapping, at another level of its first limit: what a frontier asks."""

import copy


def at_level(policy, level, *, hard=False):
    """The policy with its first limit at a level, without it at None; `hard` leaves out the price of missing it."""
    moved = copy.deepcopy(policy)
    limit = moved["limits"][0]
    limit["min_free" if "min_free" in limit else "max_share"] = level
    if hard:
        limit.pop("soft_cost", None)
    return moved
