"""The sheet on which repairs are written down: the tables of an instance and its policy, in rows and pieces."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from planner.instance.instance import Instance
from planner.instance.policy import Limit, buffer_name
from planner.instance.precedence import universe_of
from planner.network.watches import watched_by
from planner.serve.view import ViewError

Row = dict[str, Any]
Key = dict[str, tuple[Any, Any]]  # a value and its default, by column


@dataclass
class Sheet:
    """The tables of an instance and its policy while repairs are written into them.

    Attributes:
        instance: before.
        tables: the instance as a mapping.
        policy: the policy as a mapping; None for none.
        parts: pieces of the policy's limits, by what they were called before.
        buffer_parts: pieces of its buffers, by their position before.
    """

    instance: Instance
    tables: dict[str, Any]
    policy: dict[str, Any] | None
    parts: dict[str, list[Row]] = field(default_factory=dict)
    buffer_parts: dict[int, list[Row]] = field(default_factory=dict)

    def table(self, name: str) -> list[Row]:
        """The rows of a table, in which can be written."""
        rows: list[Row] = self.tables.setdefault(name, [])
        return rows

    def labels(self, window: str) -> list[str]:
        """The periods of a window by label."""
        return [self.instance.periods.labels[at] for at in self.instance.periods.window(window)]

    def row_of(self, name: str, period: str, key: Key) -> Row | None:
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

    def set(self, name: str, period: str, key: Key, column: str, figure: float) -> None:
        """Write a figure of a period; into a new row where there is none."""
        row = self.row_of(name, period, key)
        if row is None:
            row = {column: value for column, (value, default) in key.items() if value != default} | {"period": period}
            self.table(name).append(row)
        row[column] = figure

    def out_at(self, site: str) -> list[tuple[str, str]]:
        """What is out at a site in any period: items and recipes, `*` for all."""
        rows = [row for row in self.table("outages") if row["site"] == site]
        return sorted({(row.get("item", "*"), row.get("recipe", "*")) for row in rows})

    def put_out(self, row: Row) -> None:
        """Add an outage of one period, where there is none like it."""
        key = outage_key(row["site"], row.get("item", "*"), row.get("recipe", "*"))
        key["held"] = (row.get("held", False), False)
        if self.row_of("outages", row["period"], key) is None:
            self.table("outages").append(row)

    def limits_of(self, name: str) -> list[Row]:
        """The pieces of a limit: one for each region (operator, ...) and period; of a piece it alone."""
        for limit in self.own("limits"):
            if limit["name"] == name and name not in self.parts:
                self.parts[name] = [
                    {**limit, "of": of, "period": window} for of in self.each(limit) for window in self.windows(limit)
                ]
        pieces = {piece: row for limit, rows in self.parts.items() for piece, row in _names(limit, rows)}
        return self.parts.get(name) or [pieces[name]]

    def windows(self, limit: Row) -> list[str]:
        """The windows in which a limit counts: its own where it counts over all of it, else its periods."""
        window = limit.get("period", "*")
        return [window] if whole(limit) else self.labels(window)

    def each(self, row: Row) -> list[str]:
        """What a limit counts together, one by one."""
        if row["of"] != "each":
            return [row["of"]]
        if row["measure"] == "pathway":
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

    def buffers_of(self, name: str) -> list[Row]:
        """The pieces of a buffer: one for each item and period; of a piece that stands behind the buffers it alone."""
        buffers, further = self.own("buffers"), self._further()
        names = [buffer_name(number) for number in range(1, len(buffers) + len(further) + 1)]
        position = names.index(name)
        if position >= len(buffers):
            return [further[position - len(buffers)]]
        row = buffers[position]
        if position not in self.buffer_parts:
            items = [
                item.item
                for item in self.instance.items
                if (row.get("stage") is not None and item.stage == row["stage"]) or item.item in row.get("items", ())
            ]
            rest = {column: value for column, value in row.items() if column != "stage"}
            self.buffer_parts[position] = [
                {**rest, "items": [item], "period": label}
                for item in items
                for label in self.labels(row.get("period", "*"))
            ]
        return self.buffer_parts[position]

    def _further(self) -> list[Row]:
        """The pieces of buffers that stand behind all buffers, so that these keep their numbers: all but the first."""
        return [piece for rows in self.buffer_parts.values() for piece in rows[1:]]

    def finished(self) -> dict[str, Any]:
        """The policy with the pieces in the place of what they were, each under a name of its own."""
        policy = dict(self.policy or {})
        if "limits" in policy:
            policy["limits"] = [
                {**piece, "name": name}
                for row in policy["limits"]
                for name, piece in _names(row["name"], self.parts.get(row["name"], [row]))
            ]
        if "buffers" in policy:
            policy["buffers"] = [
                *(self.buffer_parts.get(at, [row])[0] for at, row in enumerate(policy["buffers"])),
                *self._further(),
            ]
        return policy

    def with_pieces_used(self) -> dict[str, Any]:
        """The tables, in which what a limit counted before the first period is told of each of its pieces."""
        name = None if self.policy is None else self.policy["name"]
        own = [row for row in self.tables.get("limits_used", ()) if row["policy"] == name]
        used = [row for row in own if row["limit"] not in self.parts]
        for limit, pieces in self.parts.items():
            before = [row for row in own if row["limit"] == limit]
            inside = {row["of"]: row["inside"] for row in before}
            used += [
                {**before[0], "limit": given, "of": piece["of"], "inside": inside.get(piece["of"], 0.0)}
                for given, piece in (_names(limit, pieces) if before else ())
            ]
        return {**self.tables, "limits_used": used} if used else self.tables


def _names(limit: str, pieces: list[Row]) -> list[tuple[str, Row]]:
    """The pieces of a limit with their names; a limit in one piece keeps its own."""
    if len(pieces) == 1:
        return [(limit, pieces[0])]
    return [(f"{limit[:48]}-part-{number}", piece) for number, piece in enumerate(pieces, 1)]


def whole(row: Row) -> bool:
    """Whether a limit counts over all of its window, and not in each of its periods."""
    return bool(row.get("per", "period") == "horizon")


def outage_key(site: str, item: str, recipe: str) -> Key:
    """The key of an outage: `*` for all items or recipes."""
    return {"site": (site, None), "item": (item, "*"), "recipe": (recipe, "*")}
