"""Instances of the other draws with their figures stretched: far apart, nothing, all alike, or longer than the horizon."""

import random
from copy import deepcopy

from .crossed import crossed
from .wide import wide
from .wider import wider

MONEY = {
    "processes": ("unit_cost",),
    "lanes": ("unit_cost",),
    "demand": ("price", "lost_cost", "late_cost"),
    "expansions": ("unit_cost", "fixed_cost"),
    "commitments": ("shortfall_cost",),
    "items": ("value", "holding_cost"),
}
UNITS = {
    "demand": ("quantity",),
    "capacities": ("capacity",),
    "stocks": ("opening", "minimum", "closing_minimum", "maximum"),
    "arrivals": ("quantity",),
    "lane_capacities": ("capacity",),
    "expansions": ("capacity",),
    "commitments": ("minimum",),
}


def _each(mapping, tables, share, rng):
    """(row, field) of the figures that are given in a share of the rows of some tables."""
    for table, fields in tables.items():
        for row in mapping.get(table, []):
            if rng.random() < share:
                yield from ((row, field) for field in fields if row.get(field) not in (None, ""))


def _put(mapping, table, field, values, rng, share=0.6):
    """One of some values in a field of a share of the rows of a table, whether there was one or not."""
    for row in mapping.get(table, []):
        if rng.random() < share:
            row[field] = rng.choice(values)


def far_money(mapping, rng):
    for row, field in _each(mapping, MONEY, 0.4, rng):
        row[field] *= 10.0 ** rng.choice([-3, -2, 2, 3, 4, 5])


def far_units(mapping, rng):
    for row, field in _each(mapping, UNITS, 0.4, rng):
        row[field] *= 10.0 ** rng.choice([-3, -2, 2, 3, 4, 5])


def bill(mapping, rng):
    _put(mapping, "components", "quantity", [1e-3, 1e-4, 0.1, 1, 7, 100, 1000], rng)


def use(mapping, rng):
    _put(mapping, "processes", "capacity_use", [0, 1e-5, 1e-3, 50, 1e3], rng)


def yields(mapping, rng):
    _put(mapping, "processes", "yield", [1e-4, 1e-3, 0.9999, 0.999999, 1], rng)


def free(mapping, rng):
    for row, field in _each(mapping, MONEY, 0.7, rng):
        if field in {"unit_cost", "fixed_cost", "shortfall_cost", "holding_cost", "value"}:
            row[field] = 0


def alike(mapping, rng):
    small = rng.choice([0.0, 1e-7, 1e-9])
    for row, field in _each(mapping, MONEY, 1.0, rng):
        row[field] = (10.0 if field in {"price", "lost_cost"} else 1.0) * (1 + small * rng.choice([-1, 0, 1]))


def no_room(mapping, rng):
    _put(mapping, "capacities", "capacity", [0], rng, share=rng.choice([0.3, 1.0]))


def worthless(mapping, rng):
    for row in mapping["demand"]:
        if rng.random() < 0.6:
            row.pop("must_serve", None)
            row.update({field: 0 for field in ("price", "lost_cost") if field in row} or {"lost_cost": 0})


def long_times(mapping, rng):
    _put(mapping, "processes", "lead_time", [1, 2, 5, 50], rng, share=0.3)
    _put(mapping, "lanes", "lead_time", [1, 2, 5, 50], rng, share=0.3)


def promised(mapping, rng):
    _put(mapping, "commitments", "minimum", [500, 1e4, 1e6], rng, share=1.0)
    _put(mapping, "commitments", "shortfall_cost", [0, 1e-3, 3, 1e4], rng, share=1.0)


def must(mapping, rng):
    _put(mapping, "demand", "must_serve", [1e-6, 1e-3, 0.5], rng, share=0.3)


def lots(mapping, rng):
    _put(mapping, "processes", "min_lot", [1e-3, 1, 50, 1e4], rng, share=0.2)


def full(mapping, rng):
    for row in mapping.get("stocks", []):
        row["opening"] = rng.choice([0.001, 500.0, 5000.0])
        if "maximum" in row:
            row["maximum"] = max(row["maximum"], row["opening"])


def discounted(mapping, rng):
    mapping["discount_rate"] = rng.choice([1e-6, 0.5, 2.0, 10.0])


def ends_of_shares(mapping, rng):
    for row in (row for policy in mapping["policies"] for row in policy.get("limits", [])):
        row["max_share" if "max_share" in row else "min_free"] = rng.choice([0, 1e-6, 1e-3, 0.999, 1])


def nowhere(mapping, rng):
    """Limits of a group in which nothing is, or something beside what is not."""
    mapping["regions"] = {**mapping.get("regions", {}), "Z": "Nowhere"}
    groups = {"void": ["Z"], "mixed": ["Z", mapping["sites"][0]["region"]]}
    mapping["region_groups"] = {**(mapping.get("region_groups") or {}), **groups}
    for row in (row for policy in mapping["policies"] for row in policy.get("limits", [])):
        if row.get("over", "region") == "region" and rng.random() < 0.6:
            row["of"] = rng.choice(["void", "mixed"])


def soft(mapping, rng):
    for policy in mapping["policies"]:
        for row in [*policy.get("limits", []), *policy.get("buffers", [])]:
            if rng.random() < 0.6:
                row["soft_cost"] = rng.choice([0, 1e-3, 1e5])


def covers(mapping, rng):
    for row in (row for policy in mapping["policies"] for row in policy.get("buffers", [])):
        row["periods_of_cover"] = rng.choice([0, 0.001, 5, 50])


def factors(mapping, rng):
    for change in (change for part in mapping["scenarios"] for change in part["changes"]):
        if "factor" in change and change["change"] != "yield":
            change["factor"] = rng.choice([0, 1e-3, 1, 1e3])


WAYS = (far_money, far_units, bill, use, yields, free, alike, no_room, worthless, long_times, promised, must, lots)
WAYS += (full, discounted, ends_of_shares, nowhere, soft, covers, factors)


def stretched(seed):
    """The instance of a seed: one of the other draws, changed in one to three ways."""
    rng = random.Random(f"stretched {seed}")
    mapping = deepcopy(rng.choice([wide, wider, crossed, crossed])(seed))
    for way in rng.sample(WAYS, rng.choice([1, 1, 2, 3])):
        way(mapping, rng)
    return mapping


def stretched_cases(mapping):
    """(policy, scenario) of the questions that are put to it."""
    policies, scenarios = ([part["name"] for part in mapping[name]] for name in ("policies", "scenarios"))
    return [(None, None), *((policy, None) for policy in policies), (None, scenarios[0]), (policies[-1], scenarios[-1])]
