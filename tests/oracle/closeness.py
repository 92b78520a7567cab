"""An earlier plan that stays, by the second formulation: a frozen zone, with or without a price, and what is re-sourced."""

from collections import defaultdict

from .data import number
from .tables import Tables

PARTS = {"make": ("production", "started", ("site", "item", "recipe"))}
PARTS["ship"] = ("shipments", "quantity", ("from", "to", "item"))
DIGITS = 1e-7  # what the nine digits of a table leave open


def planned(flows, tables):
    """{(block, labels, t): units} of the decisions of an earlier plan, goods that were handed over left out."""
    at = {label: t for t, label in enumerate(flows.data.calendar.labels)}
    found = defaultdict(float)
    for block, (table, figure, labels) in PARTS.items():
        for row in tables[table]:
            if row["period"] in at and (block == "make" or row["from"] != row["to"]):
                found[(block, *(row[name] for name in labels), at[row["period"]])] += row[figure]
    return found


def decisions(flows):
    """{(block, labels, t): columns} of what can be decided, summed over classes."""
    found = defaultdict(list)
    for column, key in enumerate(flows.program.keys):
        if key[0] in PARTS:
            found[key[:-1]].append(column)
    return found


def decided_early(flows, window):
    """The options that are decided in some periods."""
    data = flows.data
    return [
        option
        for option, row in data.options.items()
        if data.calendar.window(row["period"])[0] - int(number(row.get("lead_time"))) in window
    ]


def hold(flows, tables, window, price=None):
    """Rows of a frozen zone; with a price, units more and less than planned, beyond its nine digits, cost it.

    Returns:
        the columns of more and less, and what was planned in the zone and can no longer be decided.
    """
    program, changed = flows.program, []
    wanted, now = planned(flows, tables), decisions(flows)
    bought = {row["option"]: row["share"] for row in tables["expansions"]}
    goals = [(key, wanted.get(key, 0.0), columns) for key, columns in now.items() if key[-1] in window]
    goals += [
        (("expand", option), bought.get(option, 0.0), [flows.bought[option]]) for option in decided_early(flows, window)
    ]
    for key, units, columns in goals:
        terms = [(column, 1.0) for column in columns]
        if price is not None:
            factor = flows.data.discount[key[-1]] if key[0] in PARTS else 1.0
            more, less = (program.column((side, *key), price * factor, "steering") for side in ("more", "less"))
            changed += [more, less]
            terms += [(less, 1.0), (more, -1.0)]
        program.row(("frozen", *key), terms, units * (1 - DIGITS), units * (1 + DIGITS))
    gone = [key for key, units in wanted.items() if key[-1] in window and key not in now and units > 0]
    return changed, gone


def steering(flows, tables, others, window, price):
    """What the changes of a plan's tables from those of an earlier one, beyond its nine digits, cost in the zone."""

    def change(planned, decided):
        return max(0.0, abs(planned - decided) - DIGITS * planned)

    was, now, total = planned(flows, tables), planned(flows, others), 0.0
    possible = decisions(flows)
    for key in {*was, *now}:
        if key[-1] in window and key in possible:
            total += price * flows.data.discount[key[-1]] * change(was[key], now[key])
    bought, buys = ({row["option"]: row["share"] for row in part["expansions"]} for part in (tables, others))
    for option in decided_early(flows, window):
        total += price * change(bought.get(option, 0.0), buys.get(option, 0.0))
    return total


def limit_resourced(flows, tables, most):
    """At most so many good units are taken from the sites where an earlier plan makes them."""
    data, program = flows.data, flows.program
    at = {label: t for t, label in enumerate(data.calendar.labels)}
    was, makes = defaultdict(float), defaultdict(list)
    for row in tables["production"]:
        if row["period"] in at:
            was[row["site"], row["item"], at[row["period"]]] += row["finished"]
    for (site, item, recipe, t), columns in flows.started.items():
        makes[site, item, t] += [(column, data.start[site, item, recipe, t]["yield"]) for column in columns]
    lost = []
    for key, units in was.items():
        less = program.column(("withdrawn", *key))
        program.row(("withdrawn", *key), [*makes[key], (less, 1.0)], units * (1 - DIGITS))
        lost.append((less, 1.0))
    program.row(("resourced",), lost, high=most)


WITH_CLASS = ("make", "ship", "stock")
CHANGEABLE = (*WITH_CLASS, "late", "lost", "under", "expand", "excess")


def units_of(flows, tables):
    """{decision: units} of a plan, by its tables, as far as it is a decision here; summed over classes."""
    found = defaultdict(float)
    for key, value in Tables(flows, tables).values.items():
        if key[0] in CHANGEABLE:
            found[key[:-1] if key[0] in WITH_CLASS else key] += value
    return found


def change_between(flows, tables, others):
    """The units by which all decisions of two plans differ, in sum."""
    one, other = units_of(flows, tables), units_of(flows, others)
    return sum(abs(one.get(key, 0.0) - other.get(key, 0.0)) for key in {*one, *other})


def least_change(flows, tables, most):
    """The smallest sum of changes from an earlier plan among the plans that cost no more than `most`; None for none."""
    program, was, parts = flows.program, units_of(flows, tables), defaultdict(list)
    bill = [(column, cost) for column, cost in enumerate(program.cost) if cost]
    for column, key in enumerate(program.keys):
        if key[0] in CHANGEABLE:
            parts[key[:-1] if key[0] in WITH_CLASS else key].append((column, 1.0))
    program.row(("cost",), bill, high=most)
    sides = []
    for key, terms in parts.items():
        more, less = program.column(("more", *key)), program.column(("less", *key))
        sides += [more, less]
        program.row(("change", *key), [*terms, (more, -1.0), (less, 1.0)], was[key], was[key])
    goal = [0.0] * len(program.keys)
    for column in sides:
        goal[column] = 1.0
    found = program.solve(cost=goal)
    return found.cost if found.status == "optimal" else None
