"""The same instance with its items or money counted in other units, and tables of its plan counted back."""

from copy import deepcopy

import pandas as pd

MONEY = {
    "items": ("value", "holding_cost"),
    "processes": ("unit_cost",),
    "lanes": ("unit_cost",),
    "demand": ("price", "lost_cost", "late_cost"),
    "owed": ("price", "lost_cost", "late_cost"),
    "stocks": ("holding_cost",),
    "expansions": ("unit_cost", "fixed_cost"),
    "commitments": ("shortfall_cost",),
}
COSTS = ("unit_cost", "freight", "price")  # the changes of a scenario whose figures are money


def counted_in(instance, factor):
    """An instance in which one unit of an item is `factor[item]` units.

    Args:
        instance: an instance; where a lane is limited for all items together, all factors are one.
        factor: units of the new kind that one unit of the item is now.
    """

    def changed(rows, of, **powers):
        """Rows with each figure times the factor of their item to a power, where there is a figure."""
        made = []
        for row in rows:
            item = getattr(row, of)
            (by,) = {factor[item]} if item != "*" else set(factor.values())  # all together: of one unit
            figures = {name: getattr(row, name) for name in powers}
            update = {name: figure * by ** powers[name] for name, figure in figures.items() if figure is not None}
            made.append(row.model_copy(update=update))
        return made

    def of_each_item(rows):
        """Rows of all items as one row an item; those that name an item come after and win."""
        wide = [row for row in rows if row.item == "*"]
        named = {(row.from_, row.to, row.item) for row in rows}
        each = [row.model_copy(update={"item": item.item}) for row in wide for item in instance.items]
        return [row for row in each if (row.from_, row.to, row.item) not in named] + [
            row for row in rows if row.item != "*"
        ]

    components = [
        row.model_copy(update={"quantity": row.quantity * factor[row.component] / factor[row.item]})
        for row in instance.components
    ]
    of_items = [row for row in instance.commitments if row.item is not None]
    return instance.replace(
        items=changed(instance.items, "item", value=-1, holding_cost=-1),
        processes=changed(instance.processes, "item", unit_cost=-1, capacity_use=-1, min_lot=1),
        components=components,
        demand=changed(instance.demand, "item", quantity=1, price=-1, late_cost=-1, lost_cost=-1),
        lanes=changed(of_each_item(instance.lanes), "item", unit_cost=-1),
        lane_capacities=changed(instance.lane_capacities, "item", capacity=1),
        stocks=changed(instance.stocks, "item", opening=1, minimum=1, maximum=1, closing_minimum=1, holding_cost=-1),
        arrivals=changed(instance.arrivals, "item", quantity=1),
        commitments=[
            *(row for row in instance.commitments if row.item is None),
            *changed(of_items, "item", minimum=1, shortfall_cost=-1),
        ],
    )


def in_money(mapping, factor):
    """An instance, as a mapping, whose money is counted in another unit, of which one is `factor` of the old one's."""
    found = deepcopy(mapping)
    limits = [row for part in found.get("policies", []) for name in ("limits", "buffers") for row in part.get(name, [])]
    changes = [row for part in found.get("scenarios", []) for row in part["changes"] if row["change"] in COSTS]
    figures = [(row, name) for table, names in MONEY.items() for row in found.get(table, []) for name in names]
    figures += [(row, "soft_cost") for row in limits if row.get("weight") != "value"]
    figures += [(row, name) for row in changes for name in ("set", "add")]
    for row, name in figures:
        if row.get(name) not in (None, ""):
            row[name] *= factor
    return found


COUNTED = {
    "production": ("started", "finished"),
    "shipments": ("quantity",),
    "stock": ("quantity",),
    "service": ("demand", "delivered", "late", "lost"),
}


def counted_back(tables, factor):
    """The tables of decisions, with their quantities in the units from before, sorted by their labels."""
    found = {}
    for name, figures in COUNTED.items():
        table = tables[name].copy()
        by = table["item"].map(factor)
        for figure in figures:
            table[figure] = table[figure] / by
        labels = [column for column in table if table[column].dtype == object or str(table[column].dtype) == "str"]
        found[name] = table.sort_values(labels, ignore_index=True)[[*labels, *figures]]
    return found


def differences(ours, theirs, figures=COUNTED, tolerance=1e-6):
    """Rows of two sets of tables that differ by more than a share of the table's largest figure."""
    rows = []
    for name in figures:
        labels = [column for column in ours[name] if column not in figures[name]]
        both = (
            ours[name]
            .merge(theirs[name], on=labels, how="outer", suffixes=("", "_other"))
            .fillna({**dict.fromkeys(figures[name], 0.0), **{f"{figure}_other": 0.0 for figure in figures[name]}})
        )
        for figure in figures[name]:
            largest = max(both[figure].abs().max(), 1e-300) if len(both) else 1.0
            far = both[(both[figure] - both[f"{figure}_other"]).abs() > tolerance * largest]
            rows += [far.assign(table=name, figure=figure)] if len(far) else []
    return pd.concat(rows, ignore_index=True) if rows else pd.DataFrame()
