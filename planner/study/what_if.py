"""What-if: every policy planned under every scenario, each run compared with the first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from planner.errors import UsageError
from planner.instance.by_name_or_file import find_policies, find_scenarios
from planner.instance.instance import Instance
from planner.instance.loading import instance_of
from planner.instance.policy import Policy
from planner.instance.scenario import Scenario
from planner.plan.case import name_of
from planner.plan.plan import Plan
from planner.plan.run_options import RunOptions
from planner.solve.solve_program import DEFAULT_SOLVER
from planner.study.failure import Failure, Run, run_names
from planner.study.progress import Effort
from planner.study.runs import Memory, survey
from planner.text.blocks import Block, Summary
from planner.text.cases import run_called
from planner.text.html import html_of

COLUMNS = [
    "policy",
    "scenario",
    "status",
    "cost",
    "cost_change",
    "margin_change",
    "delivered",
    "delivered_change",
    "late_change",
    "lost_change",
    "fill_rate",
]
NOT_SHOWN = ["margin_change", "delivered"]  # left out where a row has to fit a line


@dataclass(frozen=True, eq=False)
class WhatIf:
    """Many runs, each compared with the first one.

    Attributes:
        instance: what is planned, undisturbed.
        runs: the plan of each policy under each scenario, or a `Failure` that says why there is none; in the order
            given, policy by policy.
    """

    instance: Instance
    runs: tuple[Run, ...]

    def __repr__(self) -> str:
        plans = sum(isinstance(run, Plan) for run in self.runs)
        return f"<WhatIf of {self.instance.settings.name}: {len(self.runs)} runs, {plans} with a plan>"

    def _repr_html_(self) -> str:
        """The runs in a notebook: their summary."""
        return html_of(self.summary)

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row a run: cost over all planned periods, service over the reported ones, and changes against the first.

        A change is empty where the run or the first one has no plan.
        """
        return whatif_table(self.runs)

    @property
    def block(self) -> Block:
        """The table with its heading and units, without the columns that reports leave out."""
        settings = self.instance.settings
        title = (
            f"{settings.name}: changes against the first run ({settings.currency}; cost over all planned periods, "
            "service over the reported ones)"
        )
        return Block(title, self.table.drop(columns=NOT_SHOWN), shares=frozenset({"fill_rate"}))

    @property
    def summary(self) -> Summary:
        """The summary: the table, and why runs have no plan or were built anew."""
        failed = [run for run in self.runs if isinstance(run, Failure)]
        lines = [f"{run_called(run.policy, run.scenario)}: {run.message}" for run in failed]
        return Summary("What if?", (*lines, *rebuilds(self.runs)), (self.block,))

    @property
    def names(self) -> list[tuple[str | None, str | None]]:
        """The names of policy and scenario of each run; None for none."""
        return [run_names(run) for run in self.runs]

    def as_json(self, ids: Mapping[tuple[str | None, str | None], str] | None = None) -> dict[str, Any]:
        """The object that `planner whatif --json` prints.

        Args:
            ids: of the runs that are kept, by the names of policy and scenario.
        """
        return {"schema_version": 1, "runs": [whatif_json(run, (ids or {}).get(run_names(run))) for run in self.runs]}


def what_if(
    source: Instance | str | Path,
    scenarios: Iterable[Scenario | str | Path] | Scenario | str | Path,
    policies: Iterable[Policy | str | Path | None] | Policy | str | Path | None = None,
    *,
    base: Scenario | str | Path | None = None,
    solver: str = DEFAULT_SOLVER,
    gap: float = 1e-6,
    effort: Effort | None = None,
    memory: Memory | None = None,
) -> WhatIf:
    """Plan every policy under every scenario, known from the first period, and hold each run against the first.

    Runs that differ from the one without a scenario in numbers alone are re-solved in its live model; the others are
    built anew and say why.

    >>> import planner
    >>> found = planner.what_if("instances/canning", ["growth", "seattle-half"])
    >>> found
    <WhatIf of canning: 3 runs, 2 with a plan>
    >>> print(found.table[["scenario", "status", "cost", "cost_change"]].to_string())
           scenario      status      cost  cost_change
    0           NaN     optimal  153.6750       0.0000
    1        growth     optimal  169.8425      16.1675
    2  seattle-half  infeasible       NaN          NaN

    Args:
        source: an instance or its path.
        scenarios: what may happen; objects, names in the instance or paths, several or one.
        policies: what is chosen; as scenarios. None stands for no limits.
        base: the one of the scenarios that the first run is in; without one, nothing happens in it.
        solver: PuLP's name of a solver; only HiGHS re-solves live.
        gap: relative gap at which integer decisions count as solved.
        effort: time, threads and progress; a run that is not begun by the end of the time limit is a failure.
        memory: a store of runs, from which known runs are taken and in which new ones are stored; None for none.

    Returns:
        the runs, as plans or failures, and their table: one row a run, money in the instance's currency, units in those
        of its items, shares from 0 to 1.

    Raises:
        InstanceError: the instance, a policy or a scenario is not right.
        UsageError: a name does not exist, two that differ have one name, or `base` is none of the scenarios.
    """
    effort = (effort or Effort()).with_deadline()
    instance = instance_of(source)
    chosen = find_policies(instance, policies)
    named = find_scenarios(instance, scenarios)
    happening: list[Scenario | None] = [None, *named]
    if base is not None:
        [first] = find_scenarios(instance, base)
        if first not in named:
            raise UsageError(f"The base {first.name} is none of the scenarios given. Give it as one of them.")
        happening = [first, *(scenario for scenario in named if scenario != first)]
    options = RunOptions(solver, effort.time_limit, gap, effort.deadline)
    runs = survey(instance, chosen, happening, effort.progress, options, effort.threads, memory=memory)
    return WhatIf(instance, tuple(runs.values()))


def whatif_table(runs: Sequence[Run]) -> pd.DataFrame:
    """One row a run: cost over all planned periods, service over the reported ones, and changes against the first.

    A change is empty where the run or the first one has no plan.
    """
    base = runs[0] if runs and isinstance(runs[0], Plan) else None
    rows: list[dict[str, Any]] = []
    for run in runs:
        if not isinstance(run, Plan):
            rows.append({"policy": run.policy, "scenario": run.scenario, "status": run.status})
            continue
        service = run.service_summary
        row: dict[str, Any] = {
            "policy": name_of(run.policy),
            "scenario": name_of(run.scenario),
            "status": run.status,
            "cost": run.objective,
            "delivered": service["delivered"],
            "fill_rate": service["fill_rate"],
        }
        if base is not None:
            first = base.service_summary
            row |= {
                "cost_change": run.objective - base.objective,
                "margin_change": run.margin - base.margin,
                **{f"{name}_change": service[name] - first[name] for name in ("delivered", "late", "lost")},
            }
        rows.append(row)
    return pd.DataFrame(rows, columns=COLUMNS)


def whatif_json(run: Run, kept: str | None = None) -> dict[str, Any]:
    """The object that `planner whatif --json` prints for a run: as of a solve, and how it was made.

    `method` is how its cost was found; `rebuilt` why it was built anew (null for a live re-solve). A run without a plan
    has neither. `kept` is the id of the run in the store; None where it is not kept.
    """
    if not isinstance(run, Plan):
        return run.as_json(kept)
    return {**run.as_json(kept), "method": run.method, "rebuilt": run.rebuilt or None}


def rebuilds(runs: Sequence[Run]) -> list[str]:
    """A sentence for each reason why runs were built anew, with the names of those runs."""
    named: dict[str, list[str]] = {}
    for run in runs:
        if isinstance(run, Plan) and run.rebuilt:
            named.setdefault(run.rebuilt, []).append(run.name)
    return [f"built anew, {reason} ({', '.join(names)})" for reason, names in named.items()]
