"""The rules of a policy: limits of stages and pathways, buffers, sources, and smallest lots."""

import math
from collections import defaultdict

from .choices import Lot, Sources
from .data import listed, number, text
from .watches import members_over, sites_in


def add_rules(flows):
    """Write the rows of the policy, and those of smallest lots, into the program."""
    used = _used_before(flows)
    for limit in flows.policy.get("limits") or []:
        rows = _stage_rows if limit["measure"] == "stage" else _pathway_rows
        rows(flows, limit, used)
    for number_of, buffer in enumerate(flows.policy.get("buffers") or []):
        _buffer(flows, buffer, number_of)
    _sources_and_lots(flows)


def _used_before(flows):
    """{limit: ({of: inside}, total)} of what a limit over the horizon has counted before the first period.

    The total is the limit's, whatever it is counted of: what has no row was nowhere inside.
    """
    found, of = {}, {text(limit["name"]): text(limit["of"]) for limit in flows.policy.get("limits") or []}
    for row in flows.data.rows("limits_used"):
        its_own = text(row["policy"]) == text(flows.policy.get("name"))
        if its_own and of.get(text(row["limit"])) in {"each", text(row["of"])}:
            inside, total = found.get(text(row["limit"]), ({}, 0.0))
            inside[text(row["of"])] = number(row["inside"])
            found[text(row["limit"])] = inside, max(total, number(row["total"]))
    return found


def _spans(flows, limit):
    """The periods of each row of a limit: each by itself, or all together."""
    window = flows.data.calendar.window(limit.get("period"))
    return [window] if text(limit.get("per"), "period") == "horizon" else [[t] for t in window]


def _soft(flows, limit, key, last):
    """The terms of the excess of a soft limit, with sign -1; none for a hard one."""
    price = number(limit.get("soft_cost"), None)
    if price is None:
        return []
    column = flows.program.column(("excess", *key), price * flows.data.discount[last], "limit_excess")
    return [(column, -1.0)]


def _stage_rows(flows, limit, used):
    data, over = flows.data, text(limit.get("over"), "region")
    items, weight = listed(limit.get("items")), text(limit.get("weight"), "units")
    names = members_over(data, over) if text(limit["of"]) == "each" else [text(limit["of"])]
    horizon = text(limit.get("per"), "period") == "horizon"
    for span in _spans(flows, limit):
        counted = []
        for (site, item, recipe, t), columns in flows.started.items():
            if t not in span or data.stage[item] != limit["stage"] or (items and item not in items):
                continue
            part = data.start[site, item, recipe, t]
            size = {"units": part["yield"], "value": part["yield"] * data.value[item], "capacity": part["use"]}[weight]
            counted += [(site, column, size) for column in columns]
        for name in names:
            inside, (counted_before, all_before) = sites_in(data, over, name), ({}, 0.0)
            if horizon:
                counted_before, all_before = used.get(limit["name"], ({}, 0.0))
            before = counted_before.get(name, 0.0)
            share = number(limit["max_share"])
            terms = [(column, size * ((site in inside) - share)) for site, column, size in counted]
            terms += _soft(flows, limit, (limit["name"], name, span[0]), span[-1])
            flows.program.row(("limit", limit["name"], name, span[0]), terms, high=share * all_before - before)


def _pathway_rows(flows, limit, used):
    data, floor = flows.data, limit.get("min_free") is not None
    items, customers = listed(limit.get("items")), listed(limit.get("customers"))
    by_value = text(limit.get("weight"), "units") == "value"
    horizon = text(limit.get("per"), "period") == "horizon"

    def within(customer, item):
        return (not customers or customer in customers) and (not items or item in items)

    for span in _spans(flows, limit):
        for name, watch in flows.watches.of_limit[limit["name"]]:
            share = number(limit["min_free"] if floor else limit["max_share"])
            counted_before, total = used.get(limit["name"], ({}, 0.0)) if horizon else ({}, 0.0)
            terms, bound = [], share * total - counted_before.get(name, 0.0)
            for customer, item in flows.ordered:
                if not within(customer, item):
                    continue
                weight = data.value[item] if by_value else 1.0
                for t in span:
                    if floor:
                        bound += share * weight * data.order.get((customer, item, t), {"quantity": 0.0})["quantity"]
                    for touched in flows.classes:
                        size = float(watch not in touched) if floor else (watch in touched) - share
                        terms += [(column, weight * size) for column in flows.delivered[customer, item, t, touched]]
                        bound -= weight * size * flows.handed[customer, item, t, touched]
            soft = _soft(flows, limit, (limit["name"], name, span[0]), span[-1])
            key = ("limit", limit["name"], name, span[0])
            if floor:
                flows.program.row(key, terms + [(column, -size) for column, size in soft], bound)
            else:
                flows.program.row(key, terms + soft, high=bound)


def needs(data):
    """{(item, t): units}: what the orders of a period need of each item, through components at its best yields."""
    best = defaultdict(lambda: math.inf)  # (product, component, t): units for a good unit of the product
    for (_, item, recipe, t), part in data.start.items():
        for component, quantity in data.bill(item, recipe).items():
            best[item, component, t] = min(best[item, component, t], quantity / part["yield"])
    layer = defaultdict(float)
    for (_, item, t), part in data.order.items():
        layer[item, t] += part["quantity"]
    total = defaultdict(float)
    while layer:  # one level of components further in each round; the bill has no cycle
        deeper = defaultdict(float)
        for (item, t), units in layer.items():
            total[item, t] += units
            for (product, component, when), size in best.items():
                if (product, when) == (item, t) and units:
                    deeper[component, t] += units * size
        layer = deeper
    return total


def _buffer(flows, buffer, number_of):
    data, cover = flows.data, number(buffer["periods_of_cover"])
    needed = needs(data)
    items = listed(buffer.get("items"))
    chosen = [
        i
        for i in data.items
        if (i in items if items else True) and text(buffer.get("stage"), data.stage[i]) == data.stage[i]
    ]
    for item in chosen:
        for t in data.calendar.window(buffer.get("period")):
            least, left, ahead = 0.0, cover, t + 1
            while left > 1e-12:
                least += min(1.0, left) * needed.get((item, min(ahead, data.T - 1)), 0.0)
                left, ahead = left - 1.0, ahead + 1
            terms = [
                (column, 1.0)
                for (_, what, when), columns in flows.kept.items()
                if (what, when) == (item, t)
                for column in columns
            ]
            soft = _soft(flows, buffer, ("buffer", number_of, item, t), t)
            if least > 0:
                flows.program.row(("buffer", item, t), terms + [(column, 1.0) for column, _ in soft], least)


def _sources_and_lots(flows):
    """Choices without large numbers: a lot is nothing or large enough, and a source is unused or has its share."""
    data, program = flows.data, flows.program
    rules = {text(row["stage"]): row for row in flows.policy.get("sources") or []}
    groups = defaultdict(lambda: defaultdict(list))  # (item, t): {site: [(column, good units)]}
    for (site, item, recipe, t), columns in flows.started.items():
        part = data.start[site, item, recipe, t]
        if data.stage[item] in rules:
            groups[item, t][site] += [(column, part["yield"]) for column in columns]
        if part["lot"] > 0:
            row = program.row(("lot", site, item, recipe, t), [(column, 1.0) for column in columns])
            program.choices.append(Lot(row, part["lot"]))
    for (item, t), sites in groups.items():
        rule = rules[data.stage[item]]
        share = number(rule.get("min_share_if_used"))
        whole = [(column, -share * size) for terms in sites.values() for column, size in terms]
        used = {site: program.row(("used", site, item, t), terms) for site, terms in sites.items()}
        enough = {site: program.row(("share", site, item, t), [*terms, *whole]) for site, terms in sites.items()}
        most = int(number(rule.get("max_sources"), len(sites)))
        program.choices.append(
            Sources(tuple(used.values()), tuple(enough.values()), int(number(rule.get("min_sources"))), most)
        )
