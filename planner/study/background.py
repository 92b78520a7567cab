"""What a report says beside its runs: losses when sites are out, shadow prices checked, the audit, program sizes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
import pandas as pd

from planner.errors import PlannerError
from planner.instance.instance import Instance
from planner.instance.policy import Limit, Policy
from planner.instance.scenario import Scenario
from planner.model.program import Program
from planner.network.network import HORIZON
from planner.plan.figures import rounded
from planner.plan.plan import Plan
from planner.plan.planning import formulate, solve
from planner.plan.price_checks import with_ranges
from planner.solve.ranging import Target, price_ranges
from planner.solve.resolving import Resolver, seconds_from_now
from planner.study.audit import Audit, audit
from planner.study.losses import Losses, n_minus_one

Progress = Callable[[int, int, str], None]
SHOWN = 8
FAMILIES = {"resource": "capacity", "lane": "lane_capacity"}
PRICED = ["kind", "name", "site", "period", "capacity", "shadow_price", "valid_from", "valid_to", "verified", "reason"]


@dataclass(frozen=True)
class Size:
    """The program of a policy, and how long it takes by itself.

    Attributes:
        columns, rows, nonzeros: of the program.
        seconds: to write and to solve it; they differ from machine to machine.
        cost: of the plan, in the instance's currency.
    """

    columns: int
    rows: int
    nonzeros: int
    seconds: float
    cost: float


@dataclass(frozen=True)
class Studies:
    """What was found beside the runs; a part that was not made is empty.

    Attributes:
        audit: who depends on whom.
        losses: by policy, each site, cluster, operator and region out; the limits lifted, the options as allowed.
        region_losses: by policy and scenario (None: undisturbed), each region out with the limits in force.
        prices: by policy, the highest shadow prices (columns `PRICED`), with the range of `capacity` in which each
            holds.
        sizes: by policy with pathway limits, its program, and that of the same policy without them.
        survival: by policy, time to survive: over, of, sites, start, periods, at_least, weeks.
        failures: what could not be made, and why.
    """

    audit: Audit | None = None
    losses: Mapping[str | None, Losses] = field(default_factory=dict)
    region_losses: Mapping[tuple[str | None, str | None], Losses] = field(default_factory=dict)
    prices: Mapping[str | None, pd.DataFrame] = field(default_factory=dict)
    sizes: Mapping[str | None, tuple[Size, Size]] = field(default_factory=dict)
    survival: Mapping[str | None, pd.DataFrame] = field(default_factory=dict)
    failures: tuple[str, ...] = ()


def background(
    instance: Instance,
    plans: Mapping[str | None, Plan],
    views: Sequence[Scenario] = (),
    progress: Progress | None = None,
    *,
    time_limit: float | None = None,
) -> Studies:
    """Make every study of a report; one that fails is named and left out.

    Args:
        instance: as it is undisturbed.
        plans: the undisturbed plan of each policy; only proved ones are studied.
        views: scenarios under which the regions are put out as well.
        progress: called with (studies done, all, name of the next).
        time_limit: seconds for each study.
    """
    work = _Work(instance, {name: plan for name, plan in plans.items() if plan.status == "optimal"}, time_limit)
    steps = work.steps(views)
    failures = []
    for done, (name, step) in enumerate(steps):
        if progress:
            progress(done, len(steps), name)
        try:
            step()
        except PlannerError as error:
            failures.append(f"{name}: {error}")
    for policy in work.plans:
        if policy not in work.losses and work.alike[policy] in work.losses:
            work.losses[policy] = work.losses[work.alike[policy]]
        if policy in work.losses and not _limits(work.plans[policy].policy):
            work.region_losses[policy, None] = _of_regions(work.losses[policy])
    return Studies(
        work.audit, work.losses, work.region_losses, work.prices, work.sizes, failures=tuple(sorted(failures))
    )


class _Work:
    """The studies while they are made."""

    def __init__(self, instance: Instance, plans: Mapping[str | None, Plan], time_limit: float | None) -> None:
        self.instance, self.plans, self.time_limit = instance, plans, time_limit
        self.audit: Audit | None = None
        self.losses: dict[str | None, Losses] = {}
        self.region_losses: dict[tuple[str | None, str | None], Losses] = {}
        self.prices: dict[str | None, pd.DataFrame] = {}
        self.sizes: dict[str | None, tuple[Size, Size]] = {}
        first: dict[str, str | None] = {}
        self.alike = {name: first.setdefault(self._left(plan.policy), name) for name, plan in plans.items()}

    def steps(self, views: Sequence[Scenario]) -> list[tuple[str, Callable[[], None]]]:
        """What is to be done, by name. The sizes come first: nothing else runs beside them."""
        found: list[tuple[str, Callable[[], None]]] = []
        for name, plan in self.plans.items():
            label = name or "no policy"
            if any(limit.measure == "pathway" for limit in _limits(plan.policy)):
                found.append((f"{label}, size", partial(self._size, name)))
            if self.alike[name] == name:
                found.append((f"{label}, one out", partial(self._loss, name)))
            if _limits(plan.policy):
                found.append((f"{label}, regions out", partial(self._regions, name, None)))
            found += [(f"{label}, {view.name}, regions out", partial(self._regions, name, view)) for view in views]
            found.append((f"{label}, shadow prices", partial(self._price, name)))
        found.sort(key=lambda step: not step[0].endswith(", size"))
        return [*found, ("audit", self._audit)]

    def _left(self, policy: Policy | None) -> str:
        """What a policy still says with its limits lifted."""
        every = [row.option for row in self.instance.expansions]
        if policy is None:
            return repr((sorted(every), (), ()))
        return repr((sorted(every if policy.options is None else policy.options), policy.buffers, policy.sources))

    def _audit(self) -> None:
        self.audit = audit(self.instance)

    def _size(self, name: str | None) -> None:
        policy = self.plans[name].policy
        without = tuple(limit for limit in _limits(policy) if limit.measure != "pathway")
        bare = policy.model_copy(update={"limits": without}) if policy else None
        self.sizes[name] = (self._sized(policy), self._sized(bare))

    def _sized(self, policy: Policy | None) -> Size:
        plan = solve(self.instance, policy, time_limit=self.time_limit)
        seconds = plan.timings["build"] + plan.timings["solve"]
        return Size(plan.sizes["columns"], plan.sizes["rows"], plan.sizes["nonzeros"], seconds, plan.objective)

    def _loss(self, name: str | None) -> None:
        policy = self.plans[name].policy
        lifted = policy.model_copy(update={"limits": ()}) if policy else None
        self.losses[name] = n_minus_one(formulate(self.instance, lifted), time_limit=self.time_limit, threads=2)

    def _regions(self, name: str | None, view: Scenario | None) -> None:
        program = formulate(self.instance, self.plans[name].policy, view)
        found = n_minus_one(program, over=("region",), time_limit=self.time_limit, threads=2)
        self.region_losses[name, view.name if view else None] = found

    def _price(self, name: str | None) -> None:
        plan = self.plans[name]
        program = formulate(self.instance, plan.policy)
        self.prices[name] = checked_prices(program, plan, time_limit=self.time_limit, threads=2)


def _limits(policy: Policy | None) -> tuple[Limit, ...]:
    return policy.limits if policy else ()


def _of_regions(losses: Losses) -> Losses:
    table = losses.table[losses.table["over"] == "region"].reset_index(drop=True)
    return replace(losses, table=table)


def checked_prices(
    program: Program, plan: Plan, *, most: int = SHOWN, time_limit: float | None = None, threads: int = 1
) -> pd.DataFrame:
    """The highest shadow price of the scarcest resources, lanes and limits of a plan, each checked by re-solves.

    Of each of the `most` resources and lanes with the largest rent (shadow price times capacity) over the reported
    periods, and of each of the `most` limits with the highest price, the period with the highest price.

    Args:
        program: what was planned.
        plan: its plan, proved to be of least cost.
        most: how many resources and lanes, and how many limits.
        time_limit: seconds for each of the two.
        threads: 1, or 2 for another model beside.

    Returns:
        `PRICED`: the price as checked, the capacity (or share allowed) and the range of it in which the price holds
        (empty where it is open or was not determined), whether re-solves verified it, and what is to be known.
    """
    table = plan.choke_points.reset_index(drop=True)
    reported = {plan.instance.periods.labels[position] for position in plan.instance.report_periods}
    table = table[table["period"].isin({*reported, HORIZON}) & (table["shadow_price"] > 0)]
    scarce = table[table["kind"].isin(FAMILIES)]
    rent = (scarce["shadow_price"] * scarce["capacity"]).groupby([scarce["site"], scarce["name"]]).sum()
    largest = rent.sort_values(ascending=False, kind="stable").head(most).index
    scarce = _highest(scarce)
    scarce = scarce[pd.MultiIndex.from_frame(scarce[["site", "name"]]).isin(largest)]
    limits = _highest(table[table["kind"] == "limit"]).head(most)
    parts = [_of_capacities(program, plan, scarce, seconds_from_now(time_limit), threads)] if len(scarce) else []
    if len(limits):
        held, checks = with_ranges(limits, program, np.asarray(plan.values), time_limit=time_limit, threads=threads)
        checked = checks[["verified", "reason"]].set_axis(held.index, axis=0)
        parts.append(held.assign(verified=checked["verified"], reason=checked["reason"]))
    return pd.concat(parts, ignore_index=True)[PRICED] if parts else pd.DataFrame(columns=PRICED)


def _highest(table: pd.DataFrame) -> pd.DataFrame:
    """The row with the highest price of each name, the highest first; of equal ones the first period."""
    ordered = table.sort_values("shadow_price", ascending=False, kind="stable")
    return ordered.drop_duplicates(["kind", "site", "name"])


def _of_capacities(
    program: Program, plan: Plan, rows: pd.DataFrame, deadline: float | None, threads: int
) -> pd.DataFrame:
    """Rows of resources and lanes with their checked prices; the whole table stands in the order of the program."""
    kinds = plan.choke_points["kind"].to_numpy()
    place = {kind: np.flatnonzero(kinds == kind) for kind in FAMILIES}
    first = {kind: program.family_rows(family)[0] for kind, family in FAMILIES.items()}
    targets = [
        Target(int(first[kind] + np.searchsorted(place[kind], number)), least=0.0)
        for number, kind in zip(rows.index, rows["kind"], strict=True)
    ]
    found = price_ranges(Resolver(program, held=plan.values, deadline=deadline), targets, threads=threads)
    more = rows["capacity"].to_numpy(dtype=float) - np.array([part.figure for part in found])  # options bought
    ends = {
        "valid_from": [np.nan if part.valid_from is None else part.valid_from for part in found] + more,
        "valid_to": [np.nan if part.valid_to is None else part.valid_to for part in found] + more,
    }
    prices = [
        old if np.isnan(part.shadow_price) else part.shadow_price
        for old, part in zip(rows["shadow_price"], found, strict=True)
    ]
    return rows.assign(
        shadow_price=rounded(np.array(prices)),
        verified=[part.verified for part in found],
        reason=[part.reason for part in found],
        **{name: rounded(values) for name, values in ends.items()},
    )
