"""A scenario carried out on the figures of each period; every change is one rule on single figures."""

import math

from .data import listed, number, text

LANES = ("from", "to", "from_region", "to_region")


class RefusedError(Exception):
    """A change that the format's description calls an error."""


def apply(data, scenario):
    """Carry out the changes of a scenario on `data` (in place), in their order."""
    for change in (scenario or {}).get("changes") or []:
        RULES[change["change"]](
            data, change, {key: listed(value) for key, value in (change.get("where") or {}).items()}
        )


def share_of_deviation(data, change):
    """{t: how much of the change's deviation holds}: 1 in its window, less and less in the periods of recovery."""
    window = data.calendar.window(change.get("period"))
    found = dict.fromkeys(window, 1.0)
    steps = int(number(change.get("recovery")))
    for k in range(1, steps + 1):
        if window[-1] + k < data.T:
            found[window[-1] + k] = 1.0 - k / (steps + 1)
    return found


def moved(change, base, share, *, below=False):
    """A figure after a change of which `share` holds.

    Raises:
        RefusedError: it would be below 0.
    """
    if change.get("factor") is not None:
        full = base * number(change["factor"])
    elif change.get("set") is not None:
        full = number(change["set"])
    else:
        full = base + number(change["add"])
    if full < 0 and not below:
        raise RefusedError("a figure below 0")
    return base + (full - base) * share


def regions_in(data, names):
    return {region for name in names for region in data.members(name)}


def site_fits(data, where, site):
    return (
        ("site" not in where or site in where["site"])
        and ("region" not in where or data.region[site] in regions_in(data, where["region"]))
        and ("operator" not in where or data.operator[site] in where["operator"])
        and ("cluster" not in where or data.cluster[site] in where["cluster"])
    )


def item_fits(data, where, item):
    return ("item" not in where or item in where["item"]) and (
        "stage" not in where or data.stage[item] in where["stage"]
    )


def start_fits(data, where, key):
    return (
        site_fits(data, where, key[0])
        and item_fits(data, where, key[1])
        and ("recipe" not in where or key[2] in where["recipe"])
        and ("resource" not in where or data.start[key]["line"][1] in where["resource"])
    )


def lane_fits(data, where, key):
    a, b, item = key[:3]
    return (
        ("from" not in where or a in where["from"])
        and ("to" not in where or b in where["to"])
        and ("from_region" not in where or data.region[a] in regions_in(data, where["from_region"]))
        and ("to_region" not in where or data.region[b] in regions_in(data, where["to_region"]))
        and ("item" not in where or item == "*" or item in where["item"])
        and ("stage" not in where or item == "*" or data.stage[item] in where["stage"])
    )


def capacity(data, change, where):
    by_process = {"stage", "item", "recipe"} & set(where)
    lines = {
        line
        for line in data.limited | {part["line"] for part in data.start.values()}
        if site_fits(data, where, line[0])
        and ("resource" not in where or line[1] in where["resource"])
        and (
            not by_process
            or any(part["line"] == line and start_fits(data, where, key) for key, part in data.start.items())
        )
    }
    scaled = change.get("factor") is not None
    if not lines or lines - (data.limited if scaled else data.rowed):
        raise RefusedError("a resource without rows")
    for t, share in share_of_deviation(data, change).items():
        for line in lines & data.rowed:
            if (*line, t) in data.room:
                data.room[(*line, t)] = moved(change, data.room[(*line, t)], share)
            else:  # where no row covers there is none, and no less
                data.room[(*line, t)] = max(0.0, moved(change, 0.0, share, below=True))
        for option, row in data.options.items():
            if scaled and data.line(row) in lines:
                data.factor[option, t] = moved(change, data.factor.get((option, t), 1.0), share)


def outage(data, change, where):
    narrow = {"stage", "item", "recipe", "resource"} & set(where)
    found = not narrow and any(site_fits(data, where, site) for site in data.sites)
    found |= any(start_fits(data, where, key) for key in data.start)  # in any period, in the window or not
    for t in data.calendar.window(change.get("period")):
        for key in list(data.start):
            if key[3] == t and start_fits(data, where, key):
                data.stopped.add(key)
        if text(change.get("pipeline"), "kept") == "held":
            for site in data.sites:
                if site_fits(data, where, site) and (
                    not narrow or any(key[0] == site and start_fits(data, where, key) for key in data.start)
                ):
                    data.held.add((site, t))
    if not found and text(change.get("pipeline"), "kept") == "kept":
        raise RefusedError("nothing stands still")
    if number(change.get("recovery")):
        _back(data, change, where)


def _back(data, change, where):
    """After an outage the capacity of the lines that stood still comes back step by step."""
    window = data.calendar.window(change.get("period"))
    lines = {part["line"] for key, part in data.start.items() if start_fits(data, where, key)}
    if lines - data.limited:
        raise RefusedError("an unlimited line that would recover")
    for t, share in share_of_deviation(data, change).items():
        for line in lines if t not in window else ():
            if (*line, t) in data.room:
                data.room[(*line, t)] *= 1.0 - share
            for option, row in data.options.items():
                if data.line(row) == line:
                    data.factor[option, t] = data.factor.get((option, t), 1.0) * (1.0 - share)


def _orders(data, change, where, field):
    for t, share in share_of_deviation(data, change).items():
        for (customer, item, when), part in data.order.items():
            if (
                when == t
                and item_fits(data, where, item)
                and ("customer" not in where or customer in where["customer"])
                and ("region" not in where or data.region[customer] in regions_in(data, where["region"]))
            ):
                part[field] = moved(change, part[field] or 0.0, share)


def demand(data, change, where):
    _orders(data, change, where, "quantity")


def price(data, change, where):
    _orders(data, change, where, "price")


def _starts(data, change, where, field, settle):
    for t, share in share_of_deviation(data, change).items():
        for key, part in data.start.items():
            if key[3] == t and start_fits(data, where, key):
                part[field] = settle(moved(change, part[field], share, below=field == "cost"))


def _lanes(data, change, where, field, settle):
    for t, share in share_of_deviation(data, change).items():
        for key, part in data.lane.items():
            if key[3] == t and lane_fits(data, where, key):
                part[field] = settle(moved(change, part[field], share, below=field == "cost"))


def unit_cost(data, change, where):
    _starts(data, change, where, "cost", float)


def yield_(data, change, where):
    _starts(data, change, where, "yield", lambda value: value)
    if any(not 0 < part["yield"] <= 1 + 1e-12 for part in data.start.values()):
        raise RefusedError("a yield out of range")


def whole_periods(value):
    return max(0, math.ceil(value - 1e-9))


def lead_time(data, change, where):
    rule = _lanes if set(where) & set(LANES) else _starts
    rule(data, change, where, "lead", whole_periods)


def freight(data, change, where):
    _lanes(data, change, where, "cost", float)


def lane_capacity(data, change, where):
    items = where.get("item")
    pairs = {key[:2] for key in data.lane}
    if change.get("set") is None and not any(
        lane_fits(data, where, key) and (not items or key[2] in items) for key in data.lane_room
    ):
        raise RefusedError("no limit to change")
    for t, share in share_of_deviation(data, change).items():
        for key in list(data.lane_room):
            if key[3] == t and lane_fits(data, where, key) and (not items or key[2] in items):
                data.lane_room[key] = moved(change, data.lane_room[key], share)
        if change.get("set") is None:
            continue
        for a, b in pairs:
            for item in items or ["*"]:
                if lane_fits(data, where, (a, b, item)) and (a, b, item, t) not in data.lane_room:
                    if share < 1.0:
                        raise RefusedError("an unlimited lane that would recover")
                    data.lane_room[a, b, item, t] = number(change["set"])


def tariff(data, change, where):
    regions = sorted(set(data.region.values()))
    first = regions_in(data, where["from_region"]) if "from_region" in where else regions
    second = regions_in(data, where["to_region"]) if "to_region" in where else regions
    for t, share in share_of_deviation(data, change).items():
        for a in first:
            for b in second:
                for item in data.items:
                    if a != b and item_fits(data, where, item):
                        key = (a, b, item, t)
                        data.duty[key] = moved(change, data.duty.get(key, 0.0), share)


def stock(data, change, where):
    for (site, item), quantity in data.opening.items():
        if site_fits(data, where, site) and item_fits(data, where, item):
            data.opening[site, item] = moved(change, quantity, 1.0)


RULES = {
    "capacity": capacity,
    "outage": outage,
    "demand": demand,
    "unit_cost": unit_cost,
    "freight": freight,
    "tariff": tariff,
    "price": price,
    "yield": yield_,
    "lead_time": lead_time,
    "lane_capacity": lane_capacity,
    "stock": stock,
}
