"""Repairs written down: what a repair asks for, done in the tables of an instance and in a policy. Pure functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from planner.errors import PlannerError
from planner.instance.instance import Instance
from planner.instance.loading import load_instance
from planner.instance.policy import Policy
from planner.instance.single_parts import checked_policy
from planner.serve.repair_sheet import Row, Sheet, outage_key, whole
from planner.serve.view import Repair, ViewError

Labels = Mapping[str, str]


def repaired(instance: Instance, policy: Policy | None, repairs: tuple[Repair, ...]) -> tuple[Instance, Policy | None]:
    """The instance and the policy with every line of some repairs done; without its other policies and scenarios.

    Raises:
        ViewError: a repair speaks of nothing that is there.
        InstanceError: what it writes is not right.
    """
    if not repairs:
        return instance, policy
    mapping = {name: part for name, part in instance.as_mapping().items() if name not in {"policies", "scenarios"}}
    chosen = policy.model_dump(by_alias=True, exclude_defaults=True, mode="json") if policy else None
    sheet = Sheet(instance, mapping, chosen)
    for repair in repairs:
        if repair.rule not in _WRITE:
            raise ViewError(f"There is no repair '{repair.rule[:40]}'.")
        try:
            _WRITE[repair.rule](sheet, dict(repair.labels), *repair.figures)
        except (KeyError, IndexError, ValueError, TypeError, StopIteration):
            raise ViewError(f"The repair {repair.written()[:200]} speaks of nothing that is there.") from None
        except PlannerError as error:
            raise ViewError(f"The repair {repair.written()[:200]} cannot be done: {error}") from None
    found = load_instance(sheet.with_pieces_used())
    return found, None if chosen is None else checked_policy(Policy.model_validate(sheet.finished()), found)


def can_be_written(repair: Repair) -> bool:
    """Whether a line of a repair can be done here."""
    return repair.rule in _WRITE


def _share(column: str) -> Callable[..., None]:
    def write(sheet: Sheet, labels: Labels, _: float, share: float) -> None:
        for row in sheet.limits_of(labels["limit"]):
            if row["of"] == labels["of"] and (whole(row) or row["period"] == labels["period"]):
                row[column] = share

    return write


def _capacity(sheet: Sheet, labels: Labels, _: float, figure: float) -> None:
    resource, _at, site = labels["resource"].partition(" at ")
    site = site or resource
    for row in sheet.table("capacities"):
        if row.get("resource") == row["site"]:  # as if it were not written
            del row["resource"]
    key = {"site": (site, None), "resource": (None if resource == site else resource, None)}
    sheet.set("capacities", labels["period"], key, "capacity", figure)


def _lane(sheet: Sheet, labels: Labels, _: float, figure: float) -> None:
    start, end = labels["lane"].split(" > ")
    key = {"from": (start, None), "to": (end, None), "item": (labels["item"], "*")}
    sheet.set("lane_capacities", labels["period"], key, "capacity", figure)


def _commitment(sheet: Sheet, labels: Labels, _: float, figure: float) -> None:
    _one(sheet.table("commitments"), "commitment", labels["commitment"])["minimum"] = figure


def _owed(sheet: Sheet, labels: Labels, _: float, figure: float) -> None:
    rows = [row for row in sheet.table("owed") if row["customer"] == labels["customer"]]
    _one(rows, "item", labels["item"])["quantity"] = figure


def _promise(sheet: Sheet, labels: Labels, _: float, share: float, __: float) -> None:
    key = {"customer": (labels["customer"], None), "item": (labels["item"], None)}
    row = sheet.row_of("demand", labels["period"], key)
    if row is None:
        raise KeyError(labels["customer"])
    row["must_serve"] = share


def _stock(column: str) -> Callable[..., None]:
    def write(sheet: Sheet, labels: Labels, _: float, figure: float) -> None:
        for row in sheet.table("stocks"):
            if (row["site"], row["item"]) == (labels["site"], labels["item"]):
                row[column] = figure
                return
        sheet.table("stocks").append({"site": labels["site"], "item": labels["item"], column: figure})

    return write


def _process(text: str) -> tuple[str, str, str | None]:
    """Site, item and recipe of `item at site (recipe)`; None for a recipe that is not named, as it is the only one."""
    item, site = text.removesuffix(")").split(" at ")
    site, _bracket, recipe = site.partition(" (")
    return site, item, recipe or None


def _outage(sheet: Sheet, labels: Labels) -> None:
    """End the outages of a process in a period; those of the others at its site go on."""
    site, item, recipe = _process(labels["process"])
    others = [
        (row.item, row.recipe)
        for row in sheet.instance.processes
        if row.site == site and (row.item != item or recipe not in {None, row.recipe})
    ]
    for one, other in sheet.out_at(site):
        if one not in {item, "*"} or (recipe is not None and other not in {recipe, "*"}):
            continue
        while (row := sheet.row_of("outages", labels["period"], outage_key(site, one, other))) is not None:
            sheet.table("outages").remove(row)
            for made, by in others:
                if one in {made, "*"} and other in {by, "*"}:
                    sheet.put_out({**row, "item": made, "recipe": by})


def _leave(sheet: Sheet, labels: Labels) -> None:
    """Let goods leave a site in a period; what cannot start there still cannot."""
    held = {"site": (labels["site"], None), "held": (True, False)}
    while (row := sheet.row_of("outages", labels["period"], held)) is not None:
        sheet.table("outages").remove(row)
        sheet.put_out({**row, "held": False})


def _held_outage(sheet: Sheet, labels: Labels) -> None:
    """End the outages of a process in a period, and let goods leave its site."""
    _outage(sheet, labels)
    _leave(sheet, {**labels, "site": _process(labels["process"])[0]})


def _option(sheet: Sheet, labels: Labels) -> None:
    sheet.own("options").append(labels["option"])  # type: ignore[arg-type]  # a list of ids


def _larger_option(sheet: Sheet, labels: Labels, _: float, figure: float) -> None:
    _one(sheet.table("expansions"), "option", labels["option"])["capacity"] = figure


def _sources(column: str) -> Callable[..., None]:
    def write(sheet: Sheet, labels: Labels, _: float, figure: float) -> None:
        _one(sheet.own("sources"), "stage", labels["stage"])[column] = (
            figure if column == "min_share_if_used" else int(figure)
        )

    return write


def _lot(sheet: Sheet, labels: Labels, _: float, figure: float) -> None:
    site, item, recipe = _process(labels["process"])
    made = {row.recipe for row in sheet.instance.processes if (row.site, row.item) == (site, item) and row.min_lot > 0}
    [recipe] = [recipe] if recipe else made
    key = {"site": (site, None), "item": (item, None), "recipe": (recipe, "standard")}
    row = sheet.row_of("processes", labels["period"], key)
    if row is None:
        raise KeyError(labels["process"])
    row["min_lot"] = figure


def _cover(sheet: Sheet, labels: Labels, _: float, figure: float) -> None:
    """One item and one period of a buffer by itself."""
    for part in sheet.buffers_of(labels["limit"]):
        if part["items"] == [labels["item"]] and part["period"] == labels["period"]:
            part["periods_of_cover"] = figure


def _one(rows: list[Row], column: str, value: str) -> Row:
    return next(row for row in rows if row[column] == value)


_WRITE: dict[str, Callable[..., None]] = {
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
