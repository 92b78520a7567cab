"""The problem of `peer_problem.py` in each library, written as its own documentation would.

All give HiGHS one thread and interior point with crossover, so that what differs is what stands around it.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
import pandas as pd
from peer_arrays import HIGHS, Bare, Peer
from peer_problem import instance_of


class Pulp(Peer):
    """PuLP: dictionaries of variables, sums over them, and its own call of HiGHS."""

    def build(self) -> None:
        import pulp

        given, times = self.given, range(self.given.periods)
        processes, routes, wishes = given.processes, given.routes, given.wishes
        problem = pulp.LpProblem("peers", pulp.LpMinimize)
        jobs, ways, wants = range(len(processes)), range(len(routes)), range(len(wishes))
        make = problem.add_variable_dict("make", (jobs, times), lowBound=0)
        ship = problem.add_variable_dict("ship", (ways, times), lowBound=0)
        keep = problem.add_variable_dict("keep", (jobs, times), lowBound=0)
        lost = problem.add_variable_dict("lost", (wants, times), lowBound=0)
        cost, holding = processes["cost"].tolist(), processes["holding"].tolist()
        freight, price = routes["freight"].tolist(), wishes["price"].tolist()
        problem.setObjective(
            pulp.lpSum(cost[j] * make[j, t] + holding[j] * keep[j, t] for j in jobs for t in times)
            + pulp.lpSum(freight[r] * ship[r, t] for r in ways for t in times)
            + pulp.lpSum(price[w] * lost[w, t] for w in wants for t in times)
        )
        leaving, coming, serving = (defaultdict(list) for _ in range(3))
        for r, (source, process, wish) in enumerate(routes[["source", "process", "wish"]].to_numpy().tolist()):
            leaving[source].append(r)
            (coming[process] if process >= 0 else serving[wish]).append(r)
        quantity = processes["quantity"].tolist()
        for j in jobs:
            for t in times:
                before = keep[j, t - 1] if t else 0
                problem += make[j, t] + before == keep[j, t] + pulp.lpSum(ship[r, t] for r in leaving[j])
                if quantity[j]:
                    problem += pulp.lpSum(ship[r, t] for r in coming[j]) == quantity[j] * make[j, t]
        demand = given.demand.tolist()
        for w in wants:
            for t in times:
                problem += pulp.lpSum(ship[r, t] for r in serving[w]) + lost[w, t] == demand[w][t]
        for site, group in processes.groupby("site").groups.items():
            for t in times:
                problem += pulp.lpSum(make[j, t] for j in group) <= self.room[site]
        among = {stage: list(group) for stage, group in processes.groupby("stage").groups.items()}
        inside = {key: list(group) for key, group in processes.groupby(["stage", "region"]).groups.items()}
        for stage, region, share in given.shares.itertuples(index=False):
            for t in times:
                total = pulp.lpSum(make[j, t] for j in among[stage])
                problem += pulp.lpSum(make[j, t] for j in inside[stage, region]) <= share * total
        self.problem, self.make = problem, make

    def solve(self) -> float:
        import pulp

        self.problem.solve(pulp.HiGHS(msg=False, **HIGHS))
        self.values = {key: variable.value() for key, variable in self.make.items()}
        return float(pulp.value(self.problem.objective))


class Pyomo(Peer):
    """Pyomo: indexed components with rules, mutable hours, and APPSI, which keeps HiGHS's model and changes it."""

    anew = False

    def build(self) -> None:
        import pyomo.environ as pyo
        from pyomo.contrib.appsi.solvers import Highs

        given = self.given
        processes, routes, wishes = given.processes, given.routes, given.wishes
        m = pyo.ConcreteModel()
        m.T, m.J, m.R, m.W = (pyo.RangeSet(0, n - 1) for n in (given.periods, len(processes), len(routes), len(wishes)))
        sites = given.capacities["site"].tolist()
        m.S = pyo.Set(initialize=sites)
        m.room = pyo.Param(m.S, initialize=self.room, mutable=True)
        m.make, m.keep = pyo.Var(m.J, m.T, bounds=(0, None)), pyo.Var(m.J, m.T, bounds=(0, None))
        m.ship = pyo.Var(m.R, m.T, bounds=(0, None))
        m.lost = pyo.Var(m.W, m.T, bounds=(0, None))
        cost, holding = processes["cost"].tolist(), processes["holding"].tolist()
        freight, price = routes["freight"].tolist(), wishes["price"].tolist()
        leaving, coming, serving = (defaultdict(list) for _ in range(3))
        for r, (source, process, wish) in enumerate(routes[["source", "process", "wish"]].to_numpy().tolist()):
            leaving[source].append(r)
            (coming[process] if process >= 0 else serving[wish]).append(r)
        quantity = processes["quantity"].tolist()
        of_site = {site: list(group) for site, group in processes.groupby("site").groups.items()}
        among = {stage: list(group) for stage, group in processes.groupby("stage").groups.items()}
        inside = {key: list(group) for key, group in processes.groupby(["stage", "region"]).groups.items()}
        limits = list(given.shares.itertuples(index=False, name=None))
        m.cost = pyo.Objective(
            expr=pyo.quicksum(cost[j] * m.make[j, t] + holding[j] * m.keep[j, t] for j in m.J for t in m.T)
            + pyo.quicksum(freight[r] * m.ship[r, t] for r in m.R for t in m.T)
            + pyo.quicksum(price[w] * m.lost[w, t] for w in m.W for t in m.T)
        )

        @m.Constraint(m.J, m.T)
        def balance(m: Any, j: int, t: int) -> Any:
            before = m.keep[j, t - 1] if t else 0
            return m.make[j, t] + before == m.keep[j, t] + pyo.quicksum(m.ship[r, t] for r in leaving[j])

        @m.Constraint(m.J, m.T)
        def parts(m: Any, j: int, t: int) -> Any:
            if not quantity[j]:
                return pyo.Constraint.Skip
            return pyo.quicksum(m.ship[r, t] for r in coming[j]) == quantity[j] * m.make[j, t]

        @m.Constraint(m.W, m.T)
        def orders(m: Any, w: int, t: int) -> Any:
            return pyo.quicksum(m.ship[r, t] for r in serving[w]) + m.lost[w, t] == float(given.demand[w, t])

        @m.Constraint(m.S, m.T)
        def hours(m: Any, s: str, t: int) -> Any:
            return pyo.quicksum(m.make[j, t] for j in of_site[s]) <= m.room[s]

        @m.Constraint(pyo.RangeSet(0, len(limits) - 1), m.T)
        def shares(m: Any, k: int, t: int) -> Any:
            stage, region, share = limits[k]
            part = pyo.quicksum(m.make[j, t] for j in inside[stage, region])
            return part <= share * pyo.quicksum(m.make[j, t] for j in among[stage])

        self.model, self.solver = m, Highs()
        self.solver.highs_options = dict(HIGHS)

    def solve(self) -> float:
        import pyomo.environ as pyo

        self.solver.solve(self.model)
        self.values = {key: variable.value for key, variable in self.model.make.items()}
        return float(pyo.value(self.model.cost))

    def capacity(self, site: str, hours: float) -> None:
        self.model.room[site] = hours
        self.solver.highs_options = {**HIGHS, "solver": "simplex"}  # from the basis that is there


class Linopy(Peer):
    """linopy: variables over labelled dimensions, sums by groups, and the model handed to HiGHS in memory."""

    def build(self) -> None:
        import linopy
        import xarray as xr

        given = self.given
        processes, routes, wishes = given.processes, given.routes, given.wishes
        jobs, ways, wants = (pd.RangeIndex(len(t), name=n) for t, n in ((processes, "j"), (routes, "r"), (wishes, "w")))
        times = pd.RangeIndex(given.periods, name="t")
        m = linopy.Model()
        make, keep = (m.add_variables(lower=0, coords=[jobs, times], name=name) for name in ("make", "keep"))
        ship = m.add_variables(lower=0, coords=[ways, times], name="ship")
        lost = m.add_variables(lower=0, coords=[wants, times], name="lost")

        def by(column: pd.Series, name: str, index: pd.Index) -> xr.DataArray:
            return xr.DataArray(column.to_numpy(), coords=[index], name=name)

        out = (1 * ship).groupby(by(routes["source"], "j", ways)).sum()
        m.add_constraints(make + keep.shift(t=1) - keep - out == 0, name="balance")
        to = routes["process"].to_numpy()
        inner, outer = ways[to >= 0], ways[to < 0]
        came = (1 * ship.sel(r=inner)).groupby(by(routes["process"].iloc[inner], "j", inner)).sum()
        taking = jobs[processes["quantity"].to_numpy() > 0]
        quantity = by(processes["quantity"].iloc[taking], "quantity", taking)
        m.add_constraints(came - quantity * make.sel(j=taking) == 0, name="parts")
        served = (1 * ship.sel(r=outer)).groupby(by(routes["wish"].iloc[outer], "w", outer)).sum()
        m.add_constraints(served + lost == xr.DataArray(given.demand, coords=[wants, times]), name="orders")
        used = (1 * make).groupby(by(processes["site"], "site", jobs)).sum()
        room = pd.Series(self.room).rename_axis("site")
        m.add_constraints(used <= room.to_xarray(), name="hours")
        for stage, region, share in given.shares.itertuples(index=False):
            among = jobs[processes["stage"].to_numpy() == stage]
            inside = (processes["region"].iloc[among] == region).astype(float) - share
            weight = by(inside, "weight", among)
            m.add_constraints((weight * make.sel(j=among)).sum("j") <= 0, name=f"share-{stage}-{region}")
        cost, holding = by(processes["cost"], "cost", jobs), by(processes["holding"], "holding", jobs)
        freight, price = by(routes["freight"], "freight", ways), by(wishes["price"], "price", wants)
        m.add_objective((cost * make).sum() + (holding * keep).sum() + (freight * ship).sum() + (price * lost).sum())
        self.model = m

    def solve(self) -> float:
        self.model.solve(solver_name="highs", io_api="direct", progress=False, output_flag=False, **HIGHS)
        self.values = self.model.solution["make"].to_numpy()
        return float(self.model.objective.value)


class Pypsa(Peer):
    """PyPSA: goods as carriers on buses, processes and routes as links, stock as stores, hours as generators.

    Shares of regions have no component there: they are rows of its linopy model (`extra_functionality`).
    """

    def build(self) -> None:
        import pypsa

        given = self.given
        processes, routes, wishes = given.processes, given.routes, given.wishes
        n = pypsa.Network()
        n.set_snapshots(range(given.periods))
        made = "made " + processes.index.astype(str)
        parts = "parts " + processes.index.astype(str)
        wish = "wish " + wishes.index.astype(str)
        quantity = processes["quantity"].to_numpy()
        taking = quantity > 0
        n.add("Bus", [*made, *parts[taking], *wish, *("hours " + given.capacities["site"])])
        n.add(
            *("Generator", "room " + given.capacities["site"]),
            bus=("hours " + given.capacities["site"]).to_numpy(),
            p_nom=given.capacities["site"].map(self.room).to_numpy(),
        )
        first, later = processes[~taking], processes[taking]
        n.add(
            *("Link", "make " + first.index.astype(str)),
            bus0=("hours " + first["site"]).to_numpy(),
            bus1=made[~taking],
            marginal_cost=first["cost"].to_numpy(),
            p_nom=np.inf,
        )
        part = quantity[taking]
        n.add(
            *("Link", "make " + later.index.astype(str)),
            bus0=parts[taking],
            bus1=made[taking],
            bus2=("hours " + later["site"]).to_numpy(),
            efficiency=1 / part,
            efficiency2=-1 / part,
            marginal_cost=later["cost"].to_numpy() / part,
            p_nom=np.inf,
        )
        to = [
            parts[process] if process >= 0 else wish[wished]
            for process, wished in routes[["process", "wish"]].to_numpy().tolist()
        ]
        n.add(
            *("Link", "ship " + routes.index.astype(str)),
            bus0=made[routes["source"].to_numpy()],
            bus1=to,
            marginal_cost=routes["freight"].to_numpy(),
            p_nom=np.inf,
        )
        holding = processes["holding"].to_numpy()
        n.add("Store", "keep " + made, bus=made, e_nom=np.inf, marginal_cost_storage=holding)
        n.add("Load", "order " + wish, bus=wish, p_set=pd.DataFrame(given.demand.T, columns="order " + wish))
        n.add("Generator", "lost " + wish, bus=wish, p_nom=np.inf, marginal_cost=wishes["price"].to_numpy())
        self.network, self.part = n, np.where(taking, quantity, 1.0)

    def solve(self) -> float:
        status, ended = self.network.optimize(
            solver_name="highs",
            solver_options={**HIGHS, "output_flag": False},
            io_api="direct",
            progress=False,
            extra_functionality=self._shares,
            include_objective_constant=False,
        )
        if (status, ended) != ("ok", "optimal"):
            raise RuntimeError(ended)
        self.values = self.network.links_t.p0.to_numpy()
        return float(self.network.objective)

    def _shares(self, n: Any, _snapshots: Any) -> None:
        processes = self.given.processes
        made = n.model["Link-p"]
        for stage, region, share in self.given.shares.itertuples(index=False):
            among = processes.index[processes["stage"] == stage]
            inside = (processes.loc[among, "region"] == region).astype(float) - share
            weight = pd.Series(
                (inside / self.part[among]).to_numpy(), index=pd.Index("make " + among.astype(str), name="name")
            )
            n.model.add_constraints(
                (made.sel(name=weight.index) * weight.to_xarray()).sum("name") <= 0, name=f"share-{stage}-{region}"
            )

    def capacity(self, site: str, hours: float) -> None:
        """The network stays; its optimisation model is built anew by `optimize`."""
        self.network.generators.loc["room " + site, "p_nom"] = hours

    def restore(self, site: str, hours: float) -> None:
        """Undo a what-if."""
        self.capacity(site, hours)


class Planner(Peer):
    """This planner: tables checked, program written through PuLP, a unique plan with its tables and a certificate."""

    anew = False

    def build(self) -> None:
        import planner

        self.instance = planner.load_instance(instance_of(self.given))
        self.policy = self.instance.policy(self.instance.policies[0].name)
        self.base: Any = None
        self.happens: Any = None
        self.seconds: dict[str, float] = {}

    def solve(self) -> float:
        import planner
        from planner.plan.live_planning import Replanner

        if self.happens is None:
            plan = planner.solve(self.instance, self.policy)
        else:
            self.base = self.base or Replanner(self.instance, self.policy, priced=False)
            plan = self.base.plan(self.happens)
        assert plan.certificate.passed
        self.seconds = plan.timings
        self.values = plan.production
        return float(plan.objective)

    def capacity(self, site: str, hours: float) -> None:
        from planner.instance.scenario import Scenario

        change = {"change": "capacity", "where": {"site": site}, "set": hours}
        self.happens = Scenario.model_validate({"name": "what-if", "changes": [change]})

    def restore(self, site: str, hours: float) -> None:
        """Nothing is to be undone: each what-if is one of the baseline."""


PEERS: dict[str, type[Peer]] = {
    "arrays": Bare,
    "PuLP": Pulp,
    "Pyomo": Pyomo,
    "linopy": Linopy,
    "PyPSA": Pypsa,
    "planner": Planner,
}
