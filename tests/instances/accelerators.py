"""Plans of the shipped instance in other cases, each solved once a process, and the figures that its README shows."""

from dataclasses import dataclass
from functools import cache

from shipped import shipped, undisturbed

import planner
from planner.plan.measures import pathway_summary

POLICIES = ("concentrated", "front-end-only", "diversified")
TAIWAN = "TW"
BN, MILLION = 1e9, 1e6


@dataclass(frozen=True)
class Figures:
    """What is kept of a plan: cost (with options paid for before), and the reported quarters' service."""

    cost: float
    demand: float
    lost: float
    late: float

    @property
    def lost_share(self):
        return self.lost / self.demand


def figures(plan, sunk=0.0):
    service = plan.service_summary
    return Figures(plan.objective + sunk, service["demand"], service["lost"], service["late"])


def touched_share(plan):
    """Share of the finished units that touched Taiwan at any stage."""
    rows = pathway_summary(plan.exposure)
    return next(row["share"] for row in rows if (row["over"], row["of"]) == ("region", TAIWAN))


@cache
def touching(name):
    """The same of a policy as shipped, nothing happening."""
    return touched_share(undisturbed(name))


@cache
def solved(policy, scenario=None):
    """Figures of a policy (a name, an object or None for no limits and all options), re-solved under a scenario."""
    if scenario is None and isinstance(policy, str):
        return figures(undisturbed(policy))
    return figures(planner.solve(shipped(), policy=policy, scenario=scenario))


@cache
def with_options_of(name):
    """The instance in which the undisturbed plan's options stand paid for, no more and no less, and what they cost."""
    bought = undisturbed(name).expansions
    share = dict(zip(bought["option"], bought["share"], strict=True))
    rows = [
        row.model_copy(
            update={"capacity": row.capacity * share.get(row.option, 0.0), "unit_cost": 0.0, "fixed_cost": 0.0}
        )
        for row in shipped().expansions
    ]
    return shipped().replace(expansions=rows), float(bought["cost"].sum())


@cache
def bought_anyway(name, scenario=None, lifted_from=None):
    """Figures with only the options of the undisturbed plan, which are paid for in any case.

    With `lifted_from`, a position, the policy's limits hold only before that period.
    """
    instance, sunk = with_options_of(name)
    policy = instance.policy(name)
    if lifted_from is not None:
        policy = until(policy, lifted_from)
    return figures(planner.solve(instance, policy=policy, scenario=scenario), sunk)


def loss(name, scenario):
    """What a scenario costs a policy that is re-solved, against its undisturbed plan."""
    return solved(name, scenario).cost - undisturbed(name).objective


def loss_with_options(name, scenario):
    """What it costs with only the options that were bought anyway, against the undisturbed plan."""
    return bought_anyway(name, scenario).cost - undisturbed(name).objective


def loss_without_limits(name, scenario):
    """The same with the limits lifted from the blow's first quarter on, against that without the blow."""
    start = first_quarter(scenario)
    return bought_anyway(name, scenario, start).cost - bought_anyway(name, None, start).cost


def position(period):
    return shipped().periods.index[period]


def first(part):
    """Position of the first period of a limit or change."""
    return shipped().periods.window(part.period).start


def first_quarter(scenario):
    return min(first(change) for change in shipped().scenario(scenario).changes)


def until(policy, end):
    """A policy whose limits end before a period."""
    labels = shipped().periods.labels
    kept = [(limit, first(limit), min(end, shipped().periods.window(limit.period).stop)) for limit in policy.limits]
    return policy.model_copy(
        update={
            "limits": tuple(
                limit.model_copy(update={"period": f"{labels[start]}..{labels[stop - 1]}"})
                for limit, start, stop in kept
                if start < stop
            )
        }
    )


def with_shares(policy, stages, share, where):
    """A policy with other shares of Taiwan in some stages, in the limits of which `where(first period)` holds."""

    def changed(limit):
        if limit.stage in stages and limit.of == TAIWAN and where(first(limit)):
            return limit.model_copy(update={"max_share": round(share(limit.max_share), 6)})
        return limit

    found = policy.model_copy(update={"limits": tuple(changed(limit) for limit in policy.limits)})
    assert found != policy
    return found


def reported():
    return [shipped().periods.labels[at] for at in shipped().report_periods]


def made(plan):
    """What is started at each stage by period: wafers at the wafer stage, good units at the others."""
    use = {(row.site, row.item, row.recipe): row.capacity_use for row in shipped().processes}
    table = plan.production
    keys = zip(table["site"], table["item"], table["recipe"], strict=True)
    wafers = table["started"] * [use[key] for key in keys]
    table = table.assign(amount=table["finished"].where(table["stage"] != "wafer", wafers))
    return table.pivot_table(index="stage", columns="period", values="amount", aggfunc="sum", fill_value=0.0)


def service_by(plan, column):
    return plan.service.groupby(column)[["demand", "delivered", "late", "lost"]].sum()
