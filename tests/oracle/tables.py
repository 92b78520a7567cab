"""The tables of a plan put into the oracle's program: every row of it must hold, and every cost must come out."""

import math
from collections import defaultdict

from .data import text

TOLERANCE = 1e-6


class Tables:
    """The tables of a plan as values of the oracle's columns.

    Args:
        flows: the oracle's formulation of the same question.
        tables: the plan's tables by name, each a list of rows (mappings).
    """

    def __init__(self, flows, tables):
        self.flows, self.tables = flows, tables
        self.at = {label: t for t, label in enumerate(flows.data.calendar.labels)}
        of = [name for _, name in flows.watches.sites]
        self.marks = {
            (f"{over}:{name}" if of.count(name) > 1 else name): (over, name) for over, name in flows.watches.sites
        }
        self.values, self.strays = defaultdict(float), []
        self._fill()

    def touched(self, row, field="touched"):
        return frozenset(self.marks[mark] for mark in text(row.get(field)).split("+") if mark)

    def _put(self, key, value):
        if key in self.flows.program.at:
            self.values[key] += value
        elif value:
            self.strays.append((key, value))

    def _fill(self):
        data, program = self.flows.data, self.flows.program
        for row in self.tables["production"]:
            key = (row["site"], row["item"], row["recipe"], self.at[row["period"]])
            self._put(("make", *key, self.touched(row)), row["started"])
        for row in self.tables["shipments"]:
            if row["from"] in data.sites:
                key = (row["from"], row["to"], row["item"], self.at[row["period"]])
                self._put(("ship", *key, self.touched(row)), row["quantity"])
        for row in self.tables["stock"]:
            key = (row["site"], row["item"], self.at[row["period"]])
            self._put(("stock", *key, self.touched(row)), row["quantity"])
        for row in self.tables.get("relabelled", []):
            key = (row["site"], row["item"], self.at[row["period"]], self.touched(row), self.touched(row, "as"))
            self._relabel(key, row["quantity"])
        for row in self.tables["service"]:
            key = (row["customer"], row["item"], self.at[row["period"]])
            self._put(("late", *key), row["late"])
            self._put(("lost", *key), row["lost"])
        for row in self.tables["commitments"]:
            self._put(("under", row["commitment"]), row["shortfall"])
        for row in self.tables["expansions"]:
            self._put(("expand", row["option"]), row["share"])
            if ("open", row["option"]) in program.at:
                self._put(("open", row["option"]), 1.0)
        for key in program.at:
            if key[0] == "open" and not self.values[key] and self.values["expand", key[1]]:
                self._put(key, 1.0)
        self._excesses()

    def _relabel(self, key, quantity):
        """The oracle takes one step at a time, so that more at once is a way of several."""
        *place, now, more = key
        for mark in sorted(more - now):
            self._put(("relabel", *place, now, now | {mark}), quantity)
            now = now | {mark}

    def _excesses(self):
        spans = defaultdict(list)
        for key in self.flows.program.at:
            if key[0] == "excess":
                spans[key[1:-1]].append(key)
        for row in self.tables["limits"]:
            name = row["limit"]
            if name.startswith("buffer-"):
                key = ("buffer", int(name.removeprefix("buffer-")) - 1, row["of"])
            else:
                key = (name, row["of"])
            found = spans.get(key, [])
            if row["period"] != "horizon":
                found = [one for one in found if one[-1] == self.at[row["period"]]]
            if row["excess"]:
                if len(found) == 1:
                    self._put(found[0], row["excess"])
                else:
                    self.strays.append((key, row["excess"]))

    def broken(self):
        """Rows and bounds that do not hold: (name, by how much, scale)."""
        program = self.flows.program
        x = [self.values.get(key, 0.0) for key in program.keys]
        found = [(key, value, 0.0) for key, value in self.strays if abs(value) > TOLERANCE]
        for key, value, low, high in zip(program.keys, x, program.low, program.high, strict=True):
            off = max(low - value, value - high)
            if off > TOLERANCE * max(1.0, abs(value)):
                found.append((key, off, value))
        for name, terms, low, high in zip(program.names, program.rows, program.lows, program.highs, strict=True):
            parts = [size * x[k] for k, size in terms.items()]
            activity = math.fsum(parts)
            scale = max([1.0, *(abs(part) for part in parts)])
            off = max(low - activity, activity - high)
            if off > TOLERANCE * scale:
                found.append((name, off, scale))
        return found

    def costs(self):
        """Each cost component, from the values."""
        program, parts = self.flows.program, defaultdict(float)
        for key, booked in zip(program.keys, program.booked, strict=True):
            for name, size in booked.items():
                parts[name] += size * self.values.get(key, 0.0)
        return {name: value for name, value in parts.items() if name}
