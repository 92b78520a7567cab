"""What the tables of a plan say, column by column: for `planner explain results` and the first page of a workbook."""

from __future__ import annotations

from collections.abc import Mapping

from planner.plan import columns
from planner.plan.choke_points import SIDES

MEANINGS: Mapping[str, str] = {
    "production": "units started and finished by site, item, recipe and period",
    "shipments": "units sent over each lane, with freight and tariff",
    "stock": "units kept at the end of each period",
    "service": "each order: delivered, late, lost",
    "allocation": "each order traced back to the sites of every stage",
    "exposure": "shares of each stage by region, operator, site and cluster; of finished units by what they touched",
    "limits": "the policy's limits, how far they are used, and what one more unit inside would save",
    "commitments": "promised minima and what was made",
    "expansions": "options that are bought",
    "choke_points": "use and shadow price of resources, lanes, limits and promises",
    "price_sides": "choke points where the cost turns: what one more unit saves, and what one less costs",
    "costs": "the components of the cost, over all planned periods, discounted",
    "relabelled": "components counted as having touched more than they have",
    "sources": "the sites that make each item of a stage whose sources are counted",
    "recourse": "what gave way after the strike",
}
STAGE = "STAGE"  # stands for the columns of allocation that bear the names of the stages
SHARED: Mapping[str, str] = {  # columns that say the same in whichever table they stand
    "site": "where it is made, kept or bought",
    "region": "of the site",
    "operator": "of the site; the site itself where it has none",
    "stage": "of the item",
    "item": "what is made, sent, kept or ordered",
    "period": "label of the period",
    "customer": "who ordered it",
    "touched": "what the units have touched of what the policy watches, with + between; only where it watches anything",
    "option": "id of the expansion option",
    "resource": "the line at the site; the site itself where the data name none",
    "shadow_price": "what one more unit would save (money a unit); 0 where nothing binds, empty where it is not known",
}
COLUMNS: Mapping[str, Mapping[str, str]] = {
    "production": {
        "recipe": "how it is made",
        "period": "in which it is started",
        "started": "units, good or not",
        "finished": "good units, at the end of the lead time: started times yield",
        "cost": "of production (money)",
    },
    "shipments": {
        "from": "site that sends; for goods that are on the way to a customer, the customer",
        "from_region": "its region",
        "to": "site or customer that receives",
        "to_region": "its region",
        "period": "in which it leaves",
        "arrives": "label of the period in which it is there",
        "quantity": "units",
        "freight": "money",
        "tariff": "duty (money)",
    },
    "stock": {"period": "at whose end it is kept", "quantity": "units", "holding_cost": "for the period (money)"},
    "service": {
        "period": "of the order; also each later one in which something of it was owed",
        "demand": "units ordered in the period",
        "delivered": "units that arrive in it, for this order and older ones",
        "late": "units owed at its end",
        "lost": "units of the order that are never served",
        "price": "money a unit",
        "lateness_cost": "for what is owed at the end of the period (money)",
        "lost_cost": "for what is lost (money)",
    },
    "allocation": {
        "product": "what is delivered",
        "period": "in which it is delivered",
        STAGE: "a column a stage: the site where its work was done, with + between where it took several; X (stock) "
        "for what stood at X at first, C (on the way) for what was sent to the customer C before",
        "quantity": "units",
    },
    "exposure": {
        "measure": "stage (where work is done) or pathway (what finished units have touched at any stage)",
        "stage": "whose work is counted; empty for pathways",
        "over": "region (also a group of regions), operator, cluster or site",
        "of": "which one",
        "period": "of start; for pathways, of delivery; horizon for the reported periods together",
        "share": "of the good units of the stage, or of the units delivered (0 to 1)",
        "blended": "of pathways, where lots of one item at one place mix (0 to 1)",
        "least": "of pathways, the least that lots kept apart could show (0 to 1)",
        "limit": "the largest share that the policy allows; empty for none",
    },
    "limits": {
        "limit": "name in the policy; buffer-1, buffer-2, ... for its buffers",
        "of": "region, group, operator, cluster or site that is limited; of a buffer, the item",
        "period": "or horizon",
        "share": "that the plan has; of a floor, what is clear; of a buffer, what is held of what it must cover",
        "max_share": "allowed",
        "min_free": "promised",
        "excess": "weighted units beyond a soft limit",
        "cost": "of the excess (money)",
        "shadow_price": "what one more weighted unit inside would save (money)",
    },
    "commitments": {
        "commitment": "id",
        "minimum": "promised, over all its periods",
        "made": "what counts towards it",
        "shortfall": "what is missing",
        "cost": "of the shortfall (money)",
    },
    "expansions": {
        "site": "where it adds capacity",
        "period": "from which it can be used",
        "share": "of it that is bought (0 to 1)",
        "capacity": "that this adds a period, in units of the resource",
        "cost": "money",
    },
    "choke_points": {
        "kind": "resource, lane, limit or must_serve (the share of an order that must be served)",
        "name": "the resource; from > to and item of a lane; the limit and what it is of; customer and item",
        "site": "of the resource, or that sends over the lane; else empty",
        "region": "of the site; of a limit, which one it is of; of must_serve, the customer's",
        "used": "in units of the resource or the lane; of a limit, its share; of must_serve, the units that are served",
        "capacity": "what can be used at most; of must_serve, the units that must be served",
        "utilisation": "used / capacity",
        "shadow_price": "what one more unit of capacity would save, or one less that must be served (money a unit)",
        "valid_from": "capacity down to which the shadow price holds; empty where it was not asked for (--ranges)",
        "valid_to": "capacity up to which it holds",
    },
    "price_sides": {
        "kind": "as in choke_points",
        "name": "as in choke_points",
        "site": "as in choke_points",
        "one_less_costs": "what one unit less would cost (money a unit); inf where no plan would be left",
    },
    "costs": {"component": "of the cost", "amount": "money, over all planned periods"},
    "relabelled": {"as": "what they are counted as having touched", "quantity": "units"},
    "sources": {
        "quantity": "good units started there in the period",
        "share": "of all that is made of the item in the period (0 to 1)",
    },
    "recourse": {
        "kind": "unserved, cancelled, surplus, below or over; `planner explain unserved` says what that is, and so on",
        "place": "site or customer",
        "quantity": "units",
        "cost": "of a broken promise (money)",
    },
}

ORDER: Mapping[str, tuple[str, ...]] = {  # of the columns; `touched` stands before the figures
    **columns.COLUMNS,
    "allocation": ("customer", "product", "period", STAGE, "quantity"),
    "price_sides": tuple(SIDES),
    "sources": ("stage", "item", "period", "site", "quantity", "share"),
    "recourse": ("kind", "place", "item", "period", "quantity", "cost"),
}
BY_CLASS = ("production", "shipments", "stock")  # tables that have `touched` where the policy watches anything


def described(table: str) -> tuple[tuple[str, str], ...]:
    """Each column of a table of a plan, with its meaning and unit.

    Raises:
        KeyError: there is no such table.
    """
    names = [*ORDER[table], *(["touched"] if table in BY_CLASS else [])]
    return tuple((name, meaning_of_column(table, name)) for name in names)


def meaning_of_column(table: str, column: str) -> str:
    """The meaning and unit of a column of a table of a plan.

    Raises:
        KeyError: it is not known.
    """
    own = COLUMNS[table]
    return own[column] if column in own else SHARED[column]
