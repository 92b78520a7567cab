"""What a repair asks for, written into the tables of an instance and into a policy, as a planner would."""

from copy import deepcopy

from raw_reading import Reading


def written_down(mapping, policy, lines):
    """An instance (as a mapping) and a policy (as a mapping, or None) with every line of a repair done."""
    tables, chosen = deepcopy(mapping), deepcopy(policy)
    desk = _Desk(tables, chosen, Reading(mapping))
    for line in lines:
        _WRITE[line.rule.name](desk, line.labels, *line.figures)
    return tables, desk.finished_policy()


class _Desk:
    def __init__(self, tables, policy, data):
        self.tables, self.policy, self.data = tables, policy, data
        self.limits = None  # one a region (operator, ...) and period, where any of them is changed

    def finished_policy(self):
        """The policy with names that are unique."""
        if self.policy is not None and self.policy.get("buffers"):
            rows = [part for row in self.policy["buffers"] for part in row.get("parts", [row])]
            keep = ("stage", "items", "periods_of_cover", "period", "soft_cost")
            self.policy["buffers"] = [{key: row[key] for key in keep if row.get(key) is not None} for row in rows]
        if self.policy is not None and self.limits is not None:
            rows = [{key: value for key, value in row.items() if key != "known_as"} for row in self.limits]
            self.policy["limits"] = [{**row, "name": f"part-{number}"} for number, row in enumerate(rows)]
        return self.policy

    def table(self, name):
        return self.tables.setdefault(name, [])

    def window(self, text):
        return [self.data.labels[k] for k in self.data.window(text)]

    def by_period(self, name, **key):
        """Rows of a table that agree in a key, one a period; what is left out of the row agrees with its default."""
        rows = self.table(name)
        found = [
            row for row in rows if all(row.get(field, default) == value for field, (value, default) in key.items())
        ]
        for row in found:
            rows.remove(row)
        split = [{**row, "period": label} for row in found for label in self.window(row.get("period", "*"))]
        rows += split
        return split

    def one(self, name, period, new=None, **key):
        """The row of a period; a new one where there is none."""
        for row in self.by_period(name, **key):
            if row["period"] == period:
                return row
        row = {**(new or {field: value for field, (value, _) in key.items()}), "period": period}
        self.table(name).append(row)
        return row

    def stock(self, labels):
        for row in self.table("stocks"):
            if (row["site"], row["item"]) == (labels["site"], labels["item"]):
                return row
        self.table("stocks").append({"site": labels["site"], "item": labels["item"]})
        return self.tables["stocks"][-1]

    def split_limits(self):
        """Every limit by itself: one a period, and one for each region (operator, ...)."""
        if self.limits is not None:
            return self.limits
        self.limits = []
        groups = {"region": self.data.region, "operator": self.data.operator, "cluster": self.data.cluster}
        for row in self.policy["limits"]:
            of = groups.get(row.get("over", "region"), {site: site for site in self.data.sites})
            every = sorted({of[site] for site in self.data.sites} - {""}) if row["of"] == "each" else [row["of"]]
            whole = row.get("per", "period") == "horizon"
            for name in every:
                for window in [row.get("period", "*")] if whole else self.window(row.get("period", "*")):
                    self.limits.append({**row, "of": name, "period": window, "known_as": row["name"]})
        return self.limits


def _share(field):
    def write(desk, labels, _, share):
        for row in desk.split_limits():
            here = row.get("per", "period") == "horizon" or row["period"] == labels["period"]
            if here and (row["known_as"], row["of"]) == (labels["limit"], labels["of"]):
                row[field] = share

    return write


def _capacity(desk, labels, _, figure):
    resource, _, site = labels["resource"].partition(" at ")
    site = site or resource
    own = None if resource == site else resource
    new = {"site": site} if own is None else {"site": site, "resource": own}
    desk.one("capacities", labels["period"], new, site=(site, None), resource=(own, None))["capacity"] = figure


def _lane(desk, labels, _, figure):
    start, end = labels["lane"].split(" > ")
    key = {"from": (start, None), "to": (end, None), "item": (labels["item"], "*")}
    desk.one("lane_capacities", labels["period"], **key)["capacity"] = figure


def _commitment(desk, labels, _, figure):
    for row in desk.table("commitments"):
        if row["commitment"] == labels["commitment"]:
            row["minimum"] = figure


def _promise(desk, labels, _, share, __):
    key = {"customer": (labels["customer"], None), "item": (labels["item"], None)}
    desk.one("demand", labels["period"], **key)["must_serve"] = share


def _stock(field):
    def write(desk, labels, _, figure):
        desk.stock(labels)[field] = figure

    return write


def _outage(desk, labels):
    item, site = labels["process"].split(" at ")
    for row in desk.by_period("outages", site=(site, None)):
        if row["period"] == labels["period"] and row.get("item", "*") in {item, "*"}:
            desk.tables["outages"].remove(row)


def _held_outage(desk, labels):
    _outage(desk, labels)
    _leave(desk, {"site": labels["process"].split(" at ")[1], "period": labels["period"]})


def _leave(desk, labels):
    for row in desk.by_period("outages", site=(labels["site"], None)):
        if row["period"] == labels["period"]:
            row["held"] = "no"


def _option(desk, labels):
    desk.policy["options"].append(labels["option"])


def _larger_option(desk, labels, _, figure):
    for row in desk.table("expansions"):
        if row["option"] == labels["option"]:
            row["capacity"] = figure


def _sources(field):
    def write(desk, labels, _, figure):
        for row in desk.policy["sources"]:
            if row["stage"] == labels["stage"]:
                row[field] = figure if field == "min_share_if_used" else int(figure)

    return write


def _lot(desk, labels, _, figure):
    item, site = labels["process"].removesuffix(")").split(" at ")
    site, _, recipe = site.partition(" (")
    key = {"site": (site, None), "item": (item, None)}
    if recipe:
        key["recipe"] = (recipe, "standard")
    desk.one("processes", labels["period"], **key)["min_lot"] = figure


def _cover(desk, labels, _, figure):
    """One item and one period of a buffer by itself; the rest of it keeps its place in the policy, and so its name."""
    buffers = desk.policy["buffers"]
    row = buffers[int(labels["limit"].removeprefix("buffer-")) - 1]
    whole = {**row, "items": [], "stage": None}
    items = [
        name for name, stage in desk.data.stage.items() if stage == row.get("stage") or name in row.get("items", ())
    ]
    windows = desk.window(row.get("period", "*"))
    parts = row.setdefault(
        "parts", [{**whole, "items": [item], "period": label} for item in items for label in windows]
    )
    for part in parts:
        if part["items"] == [labels["item"]] and part["period"] == labels["period"]:
            part["periods_of_cover"] = figure


def _owed(desk, labels, _, figure):
    [row] = [
        row for row in desk.table("owed") if (row["customer"], row["item"]) == (labels["customer"], labels["item"])
    ]
    row["quantity"] = figure


_WRITE = {
    "raise_cap": _share("max_share"),
    "lower_floor": _share("min_free"),
    "lower_cover": _cover,
    "raise_capacity": _capacity,
    "raise_lane": _lane,
    "lower_commitment": _commitment,
    "lower_owed": _owed,
    "lose": _promise,
    "lower_minimum": _stock("minimum"),
    "lower_closing": _stock("closing_minimum"),
    "raise_opening": _stock("opening"),
    "raise_maximum": _stock("maximum"),
    "list_stock": _stock("maximum"),
    "end_outage": _outage,
    "end_held_outage": _held_outage,
    "let_leave": _leave,
    "allow_option": _option,
    "enlarge_option": _larger_option,
    "raise_sources": _sources("max_sources"),
    "lower_sources": _sources("min_sources"),
    "lower_least_share": _sources("min_share_if_used"),
    "lower_lot": _lot,
}
