"""Repairs written down: what a repair asks for, done in the tables of an instance and in a policy. Pure functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from planner.errors import PlannerError
from planner.instance.instance import Instance
from planner.instance.loading import load_instance
from planner.instance.policy import Limit, Policy
from planner.instance.precedence import universe_of
from planner.instance.single_parts import checked_policy
from planner.network.provenance import watched_by
from planner.serve.view import Repair, ViewError

Row = dict[str, Any]
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
    sheet = _Sheet(instance, mapping, chosen)
    for repair in repairs:
        if repair.rule not in _WRITE:
            raise ViewError(f"There is no repair '{repair.rule[:40]}'.")
        try:
            _WRITE[repair.rule](sheet, dict(repair.labels), *repair.figures)
        except (KeyError, IndexError, ValueError, TypeError, StopIteration):
            raise ViewError(f"The repair {repair.written()[:200]} speaks of nothing that is there.") from None
        except PlannerError as error:
            raise ViewError(f"The repair {repair.written()[:200]} cannot be done: {error}") from None
    sheet.carry_used()
    found = load_instance(sheet.tables)
    return found, None if chosen is None else checked_policy(Policy.model_validate(sheet.finished()), found)


def can_be_written(repair: Repair) -> bool:
    """Whether a line of a repair can be done here."""
    return repair.rule in _WRITE


@dataclass
class _Sheet:
    """The tables of an instance and its policy while repairs are written into them.

    Attributes:
        instance: before.
        tables: the instance as a mapping.
        policy: the policy as a mapping; None for none.
        parts: pieces of the policy's limits and buffers, by what they were called before.
    """

    instance: Instance
    tables: dict[str, Any]
    policy: dict[str, Any] | None
    parts: dict[str, list[Row]] = field(default_factory=dict)

    def table(self, name: str) -> list[Row]:
        rows: list[Row] = self.tables.setdefault(name, [])
        return rows

    def labels(self, window: str) -> list[str]:
        """The periods of a window by label."""
        return [self.instance.periods.labels[at] for at in self.instance.periods.window(window)]

    def row_of(self, name: str, period: str, key: Mapping[str, tuple[Any, Any]]) -> Row | None:
        """The row of a period, of its own; None where there is none. `key` has (value, default) by column."""
        for row in self.table(name):
            alike = all(row.get(column, default) == value for column, (value, default) in key.items())
            window = self.labels(row.get("period", "*"))
            if alike and period in window:
                self.table(name).remove(row)
                self.table(name).extend({**row, "period": label} for label in window)
                return next(
                    part
                    for part in self.table(name)
                    if part.get("period") == period and {**part, "period": ""} == {**row, "period": ""}
                )
        return None

    def set(self, name: str, period: str, key: Mapping[str, tuple[Any, Any]], column: str, figure: float) -> None:
        """Write a figure of a period; into a new row where there is none."""
        row = self.row_of(name, period, key)
        if row is None:
            row = {column: value for column, (value, default) in key.items() if value != default} | {"period": period}
            self.table(name).append(row)
        row[column] = figure

    def limits_of(self, name: str) -> list[Row]:
        """The pieces of a limit: one for each region (operator, ...) and period."""
        if name not in self.parts:
            self.parts[name] = [
                {**row, "of": of, "period": window}
                for row in self.own("limits")
                if row["name"] == name
                for of in self.each(row)
                for window in ([row.get("period", "*")] if _whole(row) else self.labels(row.get("period", "*")))
            ]
        return self.parts[name]

    def each(self, row: Row) -> list[str]:
        """What a limit counts together, one by one."""
        if row["of"] != "each":
            return [row["of"]]
        if row["measure"] == "pathway":  # a floor of what nothing can touch would ask for deliveries all the same
            return watched_by(self.instance, Limit.model_validate(row))
        at = {"region": 0, "operator": 1, "cluster": 2}
        over = row.get("over", "region")
        sites = universe_of(self.instance).sites
        found = set(sites) if over == "site" else {places[at[over]] for places in sites.values()}
        return sorted(found - {""})

    def own(self, name: str) -> list[Row]:
        """A list of the policy."""
        if self.policy is None:
            raise ViewError("Without a policy it has nothing to repair.")
        rows: list[Row] = self.policy.setdefault(name, [])
        return rows

    def finished(self) -> dict[str, Any]:
        """The policy with the pieces in the place of what they were, under names of their own."""
        policy = dict(self.policy or {})
        if "limits" in policy:
            policy["limits"] = [part for row in policy["limits"] for part in self._named(row)]
        if "buffers" in policy:
            policy["buffers"] = [
                part for at, row in enumerate(policy["buffers"], 1) for part in self.parts.get(f"buffer-{at}", [row])
            ]
        return policy

    def carry_used(self) -> None:
        """What limits over the horizon counted before the first period, for each piece by its own name."""
        policy = self.policy or {}
        for row in policy.get("limits", ()):
            known = (policy["name"], row["name"])
            used = [part for part in self.tables.get("limits_used", ()) if (part["policy"], part["limit"]) == known]
            if row["name"] not in self.parts or not used:
                continue
            inside = {part["of"]: part["inside"] for part in used}
            self.tables["limits_used"] = [part for part in self.table("limits_used") if part not in used] + [
                {**used[0], "limit": piece["name"], "of": piece["of"], "inside": inside.get(piece["of"], 0.0)}
                for piece in self._named(row)
            ]

    def _named(self, row: Row) -> list[Row]:
        pieces = self.parts.get(row["name"])
        if pieces is None:
            return [row]
        return [{**piece, "name": f"{row['name'][:48]}-part-{number}"} for number, piece in enumerate(pieces, 1)]


def _whole(row: Row) -> bool:
    return bool(row.get("per", "period") == "horizon")


def _share(column: str) -> Callable[..., None]:
    def write(sheet: _Sheet, labels: Labels, _: float, share: float) -> None:
        for row in sheet.limits_of(labels["limit"]):
            if row["of"] == labels["of"] and (_whole(row) or row["period"] == labels["period"]):
                row[column] = share

    return write


def _capacity(sheet: _Sheet, labels: Labels, _: float, figure: float) -> None:
    resource, _at, site = labels["resource"].partition(" at ")
    site = site or resource
    key = {"site": (site, None), "resource": (None if resource == site else resource, None)}
    sheet.set("capacities", labels["period"], key, "capacity", figure)


def _lane(sheet: _Sheet, labels: Labels, _: float, figure: float) -> None:
    start, end = labels["lane"].split(" > ")
    key = {"from": (start, None), "to": (end, None), "item": (labels["item"], "*")}
    sheet.set("lane_capacities", labels["period"], key, "capacity", figure)


def _commitment(sheet: _Sheet, labels: Labels, _: float, figure: float) -> None:
    _one(sheet.table("commitments"), "commitment", labels["commitment"])["minimum"] = figure


def _promise(sheet: _Sheet, labels: Labels, _: float, share: float, __: float) -> None:
    key = {"customer": (labels["customer"], None), "item": (labels["item"], None)}
    row = sheet.row_of("demand", labels["period"], key)
    if row is None:
        raise KeyError(labels["customer"])
    row["must_serve"] = share


def _stock(column: str) -> Callable[..., None]:
    def write(sheet: _Sheet, labels: Labels, _: float, figure: float) -> None:
        for row in sheet.table("stocks"):
            if (row["site"], row["item"]) == (labels["site"], labels["item"]):
                row[column] = figure
                return
        sheet.table("stocks").append({"site": labels["site"], "item": labels["item"], column: figure})

    return write


def _outage(sheet: _Sheet, labels: Labels) -> None:
    item, site = labels["process"].split(" at ")
    for wide in (item, "*"):
        row = sheet.row_of("outages", labels["period"], {"site": (site, None), "item": (wide, "*")})
        if row is not None:
            sheet.table("outages").remove(row)


def _leave(sheet: _Sheet, labels: Labels) -> None:
    for item in {row.get("item", "*") for row in sheet.table("outages") if row["site"] == labels["site"]}:
        row = sheet.row_of("outages", labels["period"], {"site": (labels["site"], None), "item": (item, "*")})
        if row is not None:
            row["held"] = False


def _option(sheet: _Sheet, labels: Labels) -> None:
    sheet.own("options").append(labels["option"])  # type: ignore[arg-type]  # a list of ids


def _larger_option(sheet: _Sheet, labels: Labels, _: float, figure: float) -> None:
    _one(sheet.table("expansions"), "option", labels["option"])["capacity"] = figure


def _sources(column: str) -> Callable[..., None]:
    def write(sheet: _Sheet, labels: Labels, _: float, figure: float) -> None:
        _one(sheet.own("sources"), "stage", labels["stage"])[column] = (
            figure if column == "min_share_if_used" else int(figure)
        )

    return write


def _lot(sheet: _Sheet, labels: Labels, _: float, figure: float) -> None:
    item, site = labels["process"].removesuffix(")").split(" at ")
    site, _bracket, recipe = site.partition(" (")
    key = {"site": (site, None), "item": (item, None), "recipe": (recipe or "standard", "standard")}
    row = sheet.row_of("processes", labels["period"], key)
    if row is None:
        raise KeyError(labels["process"])
    row["min_lot"] = figure


def _cover(sheet: _Sheet, labels: Labels, _: float, figure: float) -> None:
    """One item and one period of a buffer by itself."""
    name = labels["limit"]
    row = sheet.own("buffers")[int(name.removeprefix("buffer-")) - 1]
    if name not in sheet.parts:
        items = [
            item.item
            for item in sheet.instance.items
            if (row.get("stage") is not None and item.stage == row["stage"]) or item.item in row.get("items", ())
        ]
        rest = {column: value for column, value in row.items() if column != "stage"}
        sheet.parts[name] = [
            {**rest, "items": [item], "period": label}
            for item in items
            for label in sheet.labels(row.get("period", "*"))
        ]
    for part in sheet.parts[name]:
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
    "lose": _promise,
    "lower_minimum": _stock("minimum"),
    "lower_closing": _stock("closing_minimum"),
    "raise_opening": _stock("opening"),
    "raise_maximum": _stock("maximum"),
    "end_outage": _outage,
    "let_leave": _leave,
    "allow_option": _option,
    "enlarge_option": _larger_option,
    "raise_sources": _sources("max_sources"),
    "lower_sources": _sources("min_sources"),
    "lower_least_share": _sources("min_share_if_used"),
    "lower_lot": _lot,
}
