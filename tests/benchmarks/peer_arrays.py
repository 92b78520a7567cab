"""What a model of the peers' problem is, and the one in bare arrays: nothing between the tables and HiGHS."""

from __future__ import annotations

from typing import Any

import numpy as np
from peer_problem import Tables

HIGHS = {"solver": "ipm", "threads": 1}


class Peer:
    """A model of the tables in one library.

    Attributes:
        anew: whether a what-if means to build the model again.
        room: the hours of each site.
    """

    anew = True

    def __init__(self, given: Tables) -> None:
        self.given = given
        self.room = dict(zip(given.capacities["site"], given.capacities["capacity"], strict=True))
        self.build()

    def build(self) -> None:
        """Make the model of the tables, with the hours in `room`."""
        raise NotImplementedError

    def solve(self) -> float:
        """Solve it, read the answer back, and return the least cost."""
        raise NotImplementedError

    def capacity(self, site: str, hours: float) -> None:
        """Change the hours of a site; a model that cannot be changed is built anew."""
        self.room[site] = hours
        self.build()

    def restore(self, site: str, hours: float) -> None:
        """Undo a what-if."""
        self.room[site] = hours
        if not self.anew:
            self.capacity(site, hours)


class Bare(Peer):
    """Numpy arrays, handed to highspy: nothing between the tables and the solver."""

    anew = False

    def build(self) -> None:
        given, times = self.given, self.given.periods
        processes, routes = given.processes, given.routes
        jobs, wants = len(processes), len(given.wishes)
        make, ship, keep, lost = (
            first + np.arange(count * times).reshape(count, times) for first, count in self._blocks()
        )
        sites = given.capacities["site"].tolist()
        shares = given.shares
        at = processes["site"].map({site: number for number, site in enumerate(sites)}).to_numpy()
        taking = np.flatnonzero(processes["quantity"].to_numpy() > 0)
        rows: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
        lower, upper, first = [], [], 0

        def add(count: int, low: Any, high: Any, *parts: tuple[np.ndarray, np.ndarray, Any]) -> None:
            """Rows by period, each part as (row of each column, columns by period, coefficient)."""
            nonlocal first
            for row, columns, coefficient in parts:
                wide = (first + np.asarray(row)[:, None] * times + np.arange(times)).ravel()
                rows.append(
                    (wide, columns.ravel(), np.broadcast_to(np.reshape(coefficient, (-1, 1)), columns.shape).ravel())
                )
            lower.append(np.broadcast_to(low, (count, times)).ravel())
            upper.append(np.broadcast_to(high, (count, times)).ravel())
            first += count * times

        number = np.arange(jobs)
        sources = routes["source"].to_numpy()
        add(jobs, 0.0, 0.0, (number, make, 1.0), (number, keep, -1.0), (sources, ship, -1.0))
        before = (number[:, None] * times + np.arange(1, times)).ravel()  # what was kept is there a period later
        rows.append((before, keep[:, :-1].ravel(), np.ones(jobs * (times - 1))))
        place = np.full(jobs + 1, -1)
        place[taking] = np.arange(len(taking))
        to = routes["process"].to_numpy()
        quantity = processes["quantity"].to_numpy()[taking]
        add(
            len(taking),
            0.0,
            0.0,
            (place[to[to >= 0]], ship[to >= 0], 1.0),
            (np.arange(len(taking)), make[taking], -quantity),
        )
        served = routes["wish"].to_numpy()
        add(
            wants,
            given.demand,
            given.demand,
            (served[served >= 0], ship[served >= 0], 1.0),
            (np.arange(wants), lost, 1.0),
        )
        self.hours = first + np.arange(len(sites) * times).reshape(-1, times)
        self.sites = {site: number for number, site in enumerate(sites)}
        add(len(sites), -np.inf, np.array([[self.room[site]] for site in sites]), (at, make, 1.0))
        stage = processes["stage"].to_numpy()
        parts = []
        for k, row in enumerate(shares.itertuples()):
            among = np.flatnonzero(stage == row.stage)
            inside = (processes["region"].to_numpy()[among] == row.region).astype(float)
            parts.append((np.full(len(among), k), make[among], inside - row.share))
        add(len(shares), -np.inf, 0.0, *parts)
        self.hand_over(rows, np.concatenate(lower), np.concatenate(upper))

    def hand_over(
        self, rows: list[tuple[np.ndarray, np.ndarray, np.ndarray]], lower: np.ndarray, upper: np.ndarray
    ) -> None:
        """Give HiGHS the entries (row, column, coefficient) and the sides of all rows, with costs and bounds."""
        import highspy

        given, times = self.given, self.given.periods
        processes, free = given.processes, (2 * len(given.processes) + len(given.routes)) * times
        row, column, value = (np.concatenate(part) for part in zip(*rows, strict=True))
        order = np.lexsort((row, column))
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = free + given.demand.size, len(lower)
        figures = (processes["cost"], given.routes["freight"], processes["holding"], given.wishes["price"])
        lp.col_cost_ = np.concatenate([np.repeat(part.to_numpy(), times) for part in figures])
        lp.col_lower_ = np.zeros(lp.num_col_)
        lp.col_upper_ = np.concatenate([np.full(free, np.inf), given.demand.ravel()])
        lp.row_lower_, lp.row_upper_ = lower, upper
        lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        lp.a_matrix_.start_ = np.searchsorted(column[order], np.arange(lp.num_col_ + 1))
        lp.a_matrix_.index_, lp.a_matrix_.value_ = row[order], value[order]
        self.highs = highspy.Highs()
        self.highs.setOptionValue("output_flag", False)
        for name, option in HIGHS.items():
            self.highs.setOptionValue(name, option)
        self.highs.passModel(lp)

    def _blocks(self) -> list[tuple[int, int]]:
        given = self.given
        counts = [len(given.processes), len(given.routes), len(given.processes), len(given.wishes)]
        starts = np.cumsum([0, *counts[:-1]]) * given.periods
        return list(zip(starts.tolist(), counts, strict=True))

    def solve(self) -> float:
        self.highs.run()
        self.values = np.array(self.highs.getSolution().col_value)
        return float(self.highs.getInfo().objective_function_value)

    def capacity(self, site: str, hours: float) -> None:
        at = self.hours[self.sites[site]].astype(np.int32)
        self.highs.changeRowsBounds(len(at), at, np.full(len(at), -np.inf), np.full(len(at), hours))
        self.highs.setOptionValue("solver", "simplex")  # from the basis that is there
